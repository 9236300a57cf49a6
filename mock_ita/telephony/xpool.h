#ifndef MOCK_ITA_TELEPHONY_XPOOL_H
#define MOCK_ITA_TELEPHONY_XPOOL_H

/* The X numbers of the mock, and which user numbers stand on them. A user number may stand at most
 * once on one X at a time, as A or as B, or calls cross (ita-api.md, X numbers). Numbers are
 * compared as they were sent. Pure.
 *
 * A blocked X number is one that the carrier has taken out of service: whoever asks for it is told
 * 90106004, as of a number that the customer never had, and Automatic passes it over. */

#include "base/fault.h"
#include "mock_ita/scenario/code.h"
#include "mock_ita/telephony/order.h"

/* Automatic looks at one X after the other until both users are free there: 1 ms at most. */
enum { MOCK_X_NUMBERS_MAX = 10000 };

/* Everybody may read; xpool.c alone writes. */
struct mock_xnumber {
    struct str text;
    bool is_blocked;
    size_t claims; /* calls and bindings that stand on it now */
    uint64_t uses; /* claims there ever were */
};

struct mock_xpool;
struct mock_claim; /* A and B stand on one X, for a call, a binding and the calls through it */

/* Keeps the numbers until mock_xpool_destroy(), for mock_xpool_reset(); one given twice counts
 * once. */
struct mock_xpool *mock_xpool_create(char *const *numbers, size_t count);
/* Every claim must have been released. Takes NULL. */
void mock_xpool_destroy(struct mock_xpool *pool);
/* The numbers are again those of the start, none blocked. Every claim must have been released. */
void mock_xpool_reset(struct mock_xpool *pool);

/* --- The numbers --- */

/* ERR_INVALID: not 3 to MOCK_NUMBER_MAX digits; ERR_EXISTS; ERR_EXHAUSTED. */
MUST_CHECK enum status mock_xpool_add(struct mock_xpool *pool, struct str number,
                                      struct fault *fault);
/* ERR_NOT_FOUND. Who stands on it stays until the claim ends. */
MUST_CHECK enum status mock_xpool_remove(struct mock_xpool *pool, struct str number,
                                         struct fault *fault);
/* ERR_NOT_FOUND. Calls and bindings on it go on. */
MUST_CHECK enum status mock_xpool_set_blocked(struct mock_xpool *pool, struct str number,
                                              bool is_blocked, struct fault *fault);
/* In the order in which they were added; NULL when there is none. A number is good until it is
 * removed. */
const struct mock_xnumber *mock_xpool_find(const struct mock_xpool *pool, struct str number);
const struct mock_xnumber *mock_xpool_first(const struct mock_xpool *pool);
const struct mock_xnumber *mock_xpool_next(const struct mock_xpool *pool,
                                           const struct mock_xnumber *number);

/* --- Who stands on them --- */

/* Puts A and B onto tel_x, or, when tel_x is empty, onto the least recently used X on which neither
 * of them stands. 90106004 when there is no such X or it is blocked, 90106001 when one of them
 * stands on it, 90106003 when Automatic finds none. On MOCK_OK *out is to be released by the
 * caller. */
MUST_CHECK enum mock_code mock_xpool_claim(struct mock_xpool *pool, struct str tel_x,
                                           struct str tel_a, struct str tel_b,
                                           struct mock_claim **out);
struct mock_claim *mock_claim_hold(struct mock_claim *claim);
struct str mock_claim_tel_x(const struct mock_claim *claim); /* good as long as the claim */
/* The users leave the X with the last of those who hold the claim. Takes NULL. */
void mock_claim_release(struct mock_claim *claim);

#endif
