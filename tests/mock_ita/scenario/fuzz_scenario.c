/* Whatever stands in a scenario: it is refused with a reason, or everything that it can choose is
 * within its bounds. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "mock_ita/scenario/chooser.h"
#include "mock_ita/scenario/spread.h"
#include "mock_ita/scenario/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUESTS = 8, FILLED_MAX = 1024 * 1024 };

static void check_duration(int64_t ms)
{
    assert(ms >= 0 && ms <= MOCK_SPREAD_MAX_MS);
}

static void check_answer(const struct mock_answer *answer)
{
    const struct str values[MOCK_VARIABLES] = {[MOCK_VARIABLE_CALL_ID] = STR("mock-1")};
    struct buf filled;
    check_duration(answer->delay_ms);
    assert(answer->status == 0 || (answer->status >= 200 && answer->status <= 599));
    assert(answer->fault != MOCK_FAULT_DRIP || answer->drip_ms > 0);
    for (size_t i = 0; i < answer->header_count; i++)
        assert(answer->headers[i].name.len > 0 &&
               memchr(answer->headers[i].value.ptr, '\n', answer->headers[i].value.len) == NULL);
    buf_init(&filled, FILLED_MAX);
    mock_template_fill(answer->body, answer->is_json_body, values, &filled);
    buf_finish(&filled);
}

static void check_call(const struct mock_call_script *call)
{
    check_duration(call->a_rings_ms);
    check_duration(call->b_rings_ms);
    check_duration(call->talk_ms);
    assert(call->release_cause >= 0 && call->release_cause <= 127);
    assert(call->a_answers || !call->b_answers);
    assert(call->push_count >= 0 && call->push_count <= MOCK_PUSHES_MAX);
    assert(call->push_wait_count <= MOCK_PUSH_WAITS_MAX);
    for (int i = 0; i < call->push_count; i++) {
        check_duration(call->pushes[i].delay_ms);
        assert(call->pushes[i].signature <= MOCK_PUSH_UNSIGNED);
    }
}

static void play(struct mock_scenario *scenario)
{
    const struct mock_question questions[] = {
        {STR("place"), STR("13800000001"), STR("13800000017"), STR("")},
        {STR("query"), STR("13800000001"), STR("057100000002"), STR("700000000000001")},
    };
    struct mock_chooser *chooser = mock_chooser_create(scenario);
    struct str rule;
    struct buf told;
    struct json_writer w;
    for (int i = 0; i < REQUESTS; i++) {
        struct mock_choice choice = mock_chooser_choose(chooser, &questions[i % 2]);
        check_answer(&choice.script.answer);
        check_call(&choice.script.call);
        mock_choice_finish(&choice);
        assert(mock_chooser_connection(chooser, &rule) <= MOCK_CONNECTION_STALLED);
    }
    buf_init(&told, FILLED_MAX);
    json_write_init(&w, &told);
    mock_chooser_write(chooser, &w, NULL);
    assert(!buf_is_over(&told));
    buf_finish(&told);
    mock_chooser_destroy(chooser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mock_scenario *scenario = NULL;
    struct fault fault = {0};
    if (mock_scenario_parse(str_from(data, size), &scenario, &fault) != OK) {
        assert(scenario == NULL && fault.text[0] != '\0');
        return 0;
    }
    assert(str_is(mock_scenario_text(scenario), str_from(data, size)));
    play(scenario);
    mock_scenario_release(scenario);
    return 0;
}
