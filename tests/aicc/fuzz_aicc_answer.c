/* Any bytes as an AICC's answer to anything: what is read keeps its promises. */

#include <assert.h>
#include <stdint.h>

#include "aicc/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_call(const struct aicc_call *call)
{
    assert(call->state >= 0 && call->state <= 3);
    assert(call->reason >= -1 && call->duration_s >= -1);
    assert(call->start_ms >= 0 && call->end_ms >= 0);
    assert(call->caller_present.len <= AICC_SHOWN_MAX && call->agent_present.len <= AICC_SHOWN_MAX);
}

/* The first byte chooses the interface, the second the HTTP status. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 200, 200, 204, 302, 401, 403, 404, 429, 500, 503};
    struct aicc_answer answer;
    struct aicc_call call;
    if (size < 2)
        return 0;
    enum aicc_action action = data[0] % AICC_ACTIONS;
    const struct http_fetch_result fetched = {
        .outcome = HTTP_ANSWERED,
        .why = "",
        .status = statuses[data[1] % (sizeof(statuses) / sizeof(statuses[0]))],
        .body = str_from(data + 2, size - 2)};
    aicc_answer_read(action, &fetched, 0, &answer);
    assert(strlen(answer.code) > 0 && str_is_utf8(str_of(answer.message)));
    assert(!answer.is_safe || answer.outcome == AICC_REFUSED);
    if (answer.outcome == AICC_ACCEPTED && (action == AICC_PLACE || action == AICC_PLACE_V3))
        assert(answer.serial.len > 0 && answer.serial.len <= AICC_SERIAL_MAX);
    bool has_url = answer.outcome == AICC_ACCEPTED && action == AICC_RECORDING;
    assert(has_url == (answer.url.len > 0) && answer.url.len <= AICC_URL_MAX);
    if (aicc_state_read(answer.json, &call))
        check_call(&call);
    if (aicc_record_find(answer.json, STR("1"), &call))
        check_call(&call);
    if (answer.outcome == AICC_ACCEPTED) {
        struct buf token;
        int64_t good_ms = 0;
        buf_init(&token, AICC_TOKEN_MAX);
        aicc_answer_read_token(&answer, &token, &good_ms);
        assert(!buf_is_over(&token) && (token.len > 0) == (good_ms > 0));
        buf_finish(&token);
    }
    aicc_answer_finish(&answer);
    return 0;
}
