#ifndef MOCK_ITA_TELEPHONY_CDR_H
#define MOCK_ITA_TELEPHONY_CDR_H

/* The call detail record of an ended call, as the ITA pushes it (agent-api.md, section 9). Pure. */

#include "base/buf.h"
#include "mock_ita/telephony/calls.h"

enum { MOCK_CDR_MAX = 8 * 1024 }; /* a remark of 256 bytes, each escaped to six, and the rest */

/* push says whether it tells another end than the true one, and something that no document knows. A
 * call that still runs is told as it stands, with an empty finishTime. */
void mock_cdr_write(const struct mock_call *call, struct str app_key,
                    const struct mock_push_script *push, struct buf *out);

#endif
