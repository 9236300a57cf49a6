#ifndef ITA_DIFFERENCE_H
#define ITA_DIFFERENCE_H

/* Where two signers part: the first difference between what we computed for a request and what its
 * sender did, and what it comes from. Pure. */

#include "ita/mistake.h"

struct ita_difference {
    bool is_same;
    const char *part;        /* which line it is, in words */
    size_t line, column;     /* from 1; the column in bytes */
    struct str ours, theirs; /* the two lines, borrowed; ptr NULL: there is none */
    const char *cause;       /* in words; always something */
};

/* ours, theirs: canonical requests, without a line end behind the last line. */
void ita_difference_of_canonical(const struct ita_request *request, struct str ours,
                                 struct str theirs, struct ita_difference *out);
/* Strings to sign; canonical: our request behind ours, in which known mistakes are tried. */
void ita_difference_of_string_to_sign(const struct ita_request *request, struct str canonical,
                                      struct str ours, struct str theirs,
                                      struct ita_difference *out);
/* Two signatures of the same string to sign: what the key or the MAC's form says of theirs. secret:
 * not empty. */
void ita_difference_of_signature(struct str secret, struct str canonical, struct str string_to_sign,
                                 struct str signature_hex, struct ita_difference *out);

#endif
