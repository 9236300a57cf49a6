#ifndef MOCK_ITA_TELEPHONY_XPOOL_H
#define MOCK_ITA_TELEPHONY_XPOOL_H

/* The X numbers of the mock, and which user numbers stand on them. A user number may stand at most
 * once on one X at a time, as A or as B, or calls cross (ita-api.md, X numbers). Numbers are
 * compared as they were sent. Pure. */

#include "mock_ita/scenario/code.h"
#include "mock_ita/telephony/order.h"

struct mock_xpool;
struct mock_binding;

/* Copies the numbers; a number given twice counts once. */
struct mock_xpool *mock_xpool_create(char *const *numbers, size_t count);
/* Every binding must have been released. Takes NULL. */
void mock_xpool_destroy(struct mock_xpool *pool);

/* Puts A and B onto tel_x, or, when tel_x is empty, onto the least recently used X on which neither
 * of them stands. User numbers are at most MOCK_NUMBER_MAX bytes. On MOCK_OK *out is to be released
 * by the caller. */
MUST_CHECK enum mock_code mock_xpool_bind(struct mock_xpool *pool, struct str tel_x,
                                          struct str tel_a, struct str tel_b,
                                          struct mock_binding **out);
struct str mock_binding_tel_x(const struct mock_binding *binding); /* lives as long as the pool */
void mock_xpool_release(struct mock_xpool *pool, struct mock_binding *binding); /* takes NULL */

#endif
