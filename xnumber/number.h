#ifndef XNUMBER_NUMBER_H
#define XNUMBER_NUMBER_H

/* Phone numbers: the only place that checks, normalises and masks them. */

#include "base/fault.h"
#include "base/str.h"

enum {
    NUMBER_DIGITS_MIN = 3,  /* short codes */
    NUMBER_DIGITS_MAX = 15, /* E.164, and the 15-digit 700 segment (ita-api.md) */
    NUMBER_COUNTRY_MAX = 3, /* digits of a country code, E.164 */
    NUMBER_TEXT_MAX = 2 + NUMBER_COUNTRY_MAX + NUMBER_DIGITS_MAX, /* "00", country code, digits */
};

struct number {
    char text[NUMBER_TEXT_MAX + 1]; /* as it was given, NUL-terminated: what goes onto the wire */
    char key[NUMBER_TEXT_MAX + 1];  /* normalised: numbers with equal keys are one subscriber */
};

/* Takes 3 to 15 digits, or a leading '+' or 00, a country code and such digits; nothing else, no
 * spaces, no dashes. home_country is the country whose numbers may stand without a country code, in
 * digits ("86"), or empty. Of a home country whose numbering plan is known (number.c) all ways to
 * write a number give one key: +8613800000001, 008613800000001, 8613800000001 and 13800000001;
 * +8657100000002 and 057100000002. Where a plan leaves in doubt whether two texts mean one
 * subscriber, they keep two keys. The fault names the rule, never the digits. */
MUST_CHECK enum status number_parse(struct str text, struct str home_country, struct number *out,
                                    struct fault *fault);
bool number_is_same(const struct number *a, const struct number *b);

/* For logs, errors and lists, of any text, number or not: keeps at most the first three and the
 * last two characters and less than half of a short text, "138******78". */
struct number_masked {
    char text[NUMBER_TEXT_MAX + 1];
};
struct number_masked number_mask(struct str text);
/* For what is kept when the number itself must not be: the first three digits, behind '+' or 00 the
 * first four, and never more than a third of them, then '*' for each other character. Nothing that
 * is left of two subscribers of an area tells them apart. What was anonymised before stays as it
 * is. */
struct number_masked number_anonymise(struct str text);

#endif
