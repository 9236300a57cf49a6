#ifndef MOCK_ITA_SCENARIO_TEMPLATE_H
#define MOCK_ITA_SCENARIO_TEMPLATE_H

/* The body of an answer in a scenario: text in which {callID} and the like stand for what is known
 * once the request has come. A brace that is not followed by a name and its brace is itself. Pure.
 */

#include "base/buf.h"
#include "base/fault.h"

#define MOCK_VARIABLE_MAP(X)                                                                       \
    X(CALL_ID, "callID")                                                                           \
    X(CALL_SERIAL, "callSerialNo")                                                                 \
    X(REQUEST_ID, "requestId")                                                                     \
    X(TEL_A, "telA")                                                                               \
    X(TEL_B, "telB")                                                                               \
    X(TEL_X, "telX")                                                                               \
    X(SERVER_TIME, "serverTime")       /* YYYYMMDDTHHMMSSZ, ahead by clock_ahead_ms */             \
    X(SIGNATURE_TIME, "signatureTime") /* the request's X-Sdk-Date */

enum mock_variable {
#define X(name, text) MOCK_VARIABLE_##name,
    MOCK_VARIABLE_MAP(X)
#undef X
        MOCK_VARIABLES
};

/* {word} must be one of the variables. */
MUST_CHECK enum status mock_template_check(struct str text, struct fault *fault);
/* An empty value leaves nothing in its place. Values go in as they are, in JSON (which has
 * variables in its strings only) escaped. */
void mock_template_fill(struct str text, bool is_json,
                        const struct str values[static MOCK_VARIABLES], struct buf *out);

#endif
