#ifndef MOCK_ITA_AICC_REQUEST_H
#define MOCK_ITA_AICC_REQUEST_H

/* What the bodies of an AICC's interfaces say, checked as its reference does (agent-api.md,
 * sections 2 to 8). Pure. */

#include "base/fault.h"
#include "base/json.h"
#include "mock_ita/aicc/interface.h"

enum {
    MOCK_AICC_TEXTS = 8, /* members of one body that may be numbers */
    MOCK_AICC_URL_MAX = 1024,
    MOCK_AICC_RECORDS_MAX = 100, /* of one answer */
};

/* Borrowed from the JSON and from itself: not to be moved. What is absent is empty. */
struct mock_aicc_request {
    struct str app_key, app_secret;                                       /* tokenByAkSk */
    struct str caller, called, soft_phone, caller_present, agent_present; /* createCall */
    struct str work_no, call_data, callback_url;                          /* the URL decoded */
    struct str serial;                                                    /* of one call */
    struct str start_text, end_text, offset_text, limit_text, task_type;  /* records ... */
    int64_t start_ms, end_ms, offset, limit;                              /* ... read */
    char numbers[MOCK_AICC_TEXTS][JSON_TEXT_NUMBER_SIZE];
    char url[MOCK_AICC_URL_MAX];
};

/* NULL, or the retCode of a body that breaks a rule, which the fault tells with the member's name;
 * of tokenByAkSk, which has none, "". V3: the agent's phone is `caller`, else `softPhone`. */
const char *mock_aicc_request_read(enum mock_aicc_interface which, const struct json *body,
                                   struct mock_aicc_request *out, struct fault *fault);

#endif
