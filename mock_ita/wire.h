#ifndef MOCK_ITA_WIRE_H
#define MOCK_ITA_WIRE_H

/* The body of POST /v1/ngin/axmn, read strictly (ita-api.md, default profile). Pure. */

#include "base/fault.h"
#include "mock_ita/scenario/code.h"
#include "mock_ita/telephony/order.h"

enum {
    MOCK_REQUEST_ID_MAX = 64, /* a UUID has 36 */
    MOCK_REMARK_MAX = 256,
};

/* On MOCK_OK the caller ends *out with mock_order_finish(). `why` is for the journal: the member
 * and the rule; on MOCK_OK it names the first unknown member, or is empty: what the real platform
 * does with one is not public, so it is let pass. */
MUST_CHECK enum mock_code mock_order_decode(struct str body, struct mock_order *out,
                                            struct fault *why);
void mock_order_finish(struct mock_order *order);

#endif
