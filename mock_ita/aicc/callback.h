#ifndef MOCK_ITA_AICC_CALLBACK_H
#define MOCK_ITA_AICC_CALLBACK_H

/* What an AICC's callbacks say of a CEC call (agent-api.md, section 10). Pure: time and randomness
 * are passed in. */

#include "base/buf.h"
#include "mock_ita/telephony/call.h"

enum { MOCK_AICC_CALLBACK_MAX = 16 * 1024, MOCK_AICC_NONCE_LEN = 32 };

struct mock_aicc_callback {
    const struct mock_call *call;
    uint64_t serial;
    enum mock_push_kind kind; /* CONNECTION, or HANG_UP: of a call that may still run */
    /* Tells another reason than the true one, or what no document knows; `signature` is the
     * caller's business. */
    const struct mock_push_script *script;
    struct str shared_key; /* empty: it is not signed */
    int64_t signed_ms;     /* its timestamp */
    struct str nonce;
};

/* Appends a JSON object. */
void mock_aicc_callback_write(const struct mock_aicc_callback *callback, struct buf *out);

#endif
