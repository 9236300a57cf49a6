#ifndef XNUMBER_NUMBER_H
#define XNUMBER_NUMBER_H

/* Phone numbers: the only place that checks, normalises and masks them. */

#include "base/fault.h"
#include "base/str.h"

enum {
    NUMBER_DIGITS_MIN = 3,  /* short codes */
    NUMBER_DIGITS_MAX = 15, /* E.164, and the 15-digit 700 segment (ita-api.md) */
    NUMBER_TEXT_MAX = 1 + 3 + NUMBER_DIGITS_MAX, /* '+', country code of at most 3, digits */
};

struct number {
    char text[NUMBER_TEXT_MAX + 1]; /* as it was given, NUL-terminated: what goes onto the wire */
    char key[NUMBER_TEXT_MAX +
             1]; /* normalised: two numbers are one subscriber if and only if the keys are equal */
};

/* Digits with an optional leading '+'. home_country ("86") is the country whose numbers may stand
 * without a country code: +8613800000000 and 13800000000 get one key. The fault names the rule,
 * never the digits. */
MUST_CHECK enum status number_parse(struct str text, struct str home_country, struct number *out,
                                    struct fault *fault);
bool number_is_same(const struct number *a, const struct number *b);

/* For logs, errors and lists: keeps the first digits and the last two at most, "138******78". */
struct number_masked {
    char text[NUMBER_TEXT_MAX + 1];
};
struct number_masked number_mask(struct str text);

#endif
