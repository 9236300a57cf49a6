/* Bodies of any bytes for the AICC's interfaces. Input: the number of the interface, then the body.
 * What is taken can be carried out, told and called back. */

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "mock_ita/aicc/answer.h"
#include "mock_ita/aicc/callback.h"
#include "mock_ita/aicc/request.h"
#include "mock_ita/aicc/serial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const struct buf *text)
{
    struct json *json = NULL;
    if (buf_is_over(text) || json_parse(buf_str(text), &json, NULL) != OK)
        abort();
    json_destroy(json);
}

static void check_call(const struct mock_aicc_request *request)
{
    const struct mock_cec cec = {request->call_data, request->caller_present,
                                 request->agent_present, request->work_no, request->callback_url};
    struct mock_call call = {.tel_a = request->caller,
                             .tel_b = request->called,
                             .cec = &cec,
                             .accepted_ms = 1,
                             .script = mock_call_script_of(MOCK_OUTCOME_ANSWERED)};
    const struct mock_push_script script = {.has_unknown_members = true};
    const struct mock_aicc_callback callback = {.call = &call,
                                                .serial = mock_aicc_serial(&call),
                                                .kind = MOCK_PUSH_HANG_UP,
                                                .script = &script,
                                                .shared_key = STR("fake-key"),
                                                .nonce = STR("n")};
    struct buf out;
    assert(request->caller.len >= 3 && request->caller.len <= MOCK_NUMBER_MAX);
    assert(request->called.len >= 3 && request->called.len <= MOCK_NUMBER_MAX);
    assert(!str_is(request->caller, request->called));
    mock_call_begin(&call, 1);
    while (mock_call_next(&call)) {
        buf_init(&out, MOCK_AICC_ANSWER_MAX);
        mock_aicc_write_state(&call, INT64_MAX, &out);
        check_json(&out);
        buf_finish(&out);
    }
    buf_init(&out, MOCK_AICC_CALLBACK_MAX);
    mock_aicc_callback_write(&callback, &out);
    check_json(&out);
    buf_finish(&out);
}

static void check_records(const struct mock_aicc_request *request)
{
    assert(request->start_ms <= request->end_ms);
    assert(request->offset >= 0 && request->limit >= 1 && request->limit <= MOCK_AICC_RECORDS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mock_aicc_request request;
    struct json *body = NULL;
    struct fault fault;
    if (size == 0 || data[0] < '0' || data[0] >= '0' + MOCK_AICC_INTERFACES)
        return 0;
    enum mock_aicc_interface which = (enum mock_aicc_interface)(data[0] - '0');
    if (json_parse(str_from(data + 1, size - 1), &body, NULL) != OK)
        return 0;
    if (mock_aicc_request_read(which, body, &request, &fault) == NULL) {
        (void)mock_aicc_serial_call(1, request.serial);
        if (which == MOCK_AICC_CREATE_CALL_V1 || which == MOCK_AICC_CREATE_CALL_V3)
            check_call(&request);
        else if (which == MOCK_AICC_RECORDS)
            check_records(&request);
    } else {
        assert(fault.text[0] != '\0');
    }
    json_destroy(body);
    return 0;
}
