#ifndef MOCK_ITA_AICC_ANSWER_H
#define MOCK_ITA_AICC_ANSWER_H

/* The bodies that an AICC answers with (agent-api.md, sections 1 to 8). Each appends a JSON object.
 * Pure. */

#include "base/json.h"
#include "mock_ita/telephony/call.h"

enum { MOCK_AICC_ANSWER_MAX = 1024 * 1024 }; /* 100 records, each with callData, escaped */

/* {"errorCode","exceptionInfo"}: everything but a business result. */
void mock_aicc_write_error(int status, struct str why, struct buf *out);
/* A business result without `result`. The retCode, digits, is a string, but a number in
 * getRecordingAddress (section 8). */
void mock_aicc_write_code(const char *code, bool is_number, const char *message, struct buf *out);

struct mock_aicc_token_answer {
    struct str token, app_key;
    int64_t now_s, good_s;
};
void mock_aicc_write_token(const struct mock_aicc_token_answer *answer, struct buf *out);
/* V1 has a JSON number there, V3 a string. */
void mock_aicc_write_placed(uint64_t serial, bool is_number, struct buf *out);
void mock_aicc_write_url(struct str url, struct buf *out);
/* The call as it stood at that time of its own clock. */
void mock_aicc_write_state(const struct mock_call *call, int64_t at_ms, struct buf *out);

/* One of the callInfo[] of queryCallDetailRecord; the call has ended. */
void mock_aicc_write_record(struct json_writer *w, const struct mock_call *call, uint64_t serial);

#endif
