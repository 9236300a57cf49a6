#include "tests/test.h"

#include <stdio.h>

#include "base/mem.h"
#include "mock_ita/scenario/chooser.h"

/* What the scenario says to an order from 13800000001 to 13800000002; the caller ends it. */
static struct mock_choice choice_of(const char *text)
{
    struct mock_scenario *scenario = NULL;
    struct fault fault = {0};
    if (mock_scenario_parse(str_of(text), &scenario, &fault) != OK)
        fail_msg("%s\n%s", fault.text, text);
    struct mock_chooser *chooser = mock_chooser_create(scenario);
    mock_scenario_release(scenario);
    const struct mock_question question = {STR("place"), STR("13800000001"), STR("13800000002"),
                                           STR("")};
    struct mock_choice choice = mock_chooser_choose(chooser, &question);
    mock_chooser_destroy(chooser);
    return choice;
}

/* A scenario of one rule with these members. */
static struct mock_choice choice_of_rule(const char *members)
{
    char text[4096];
    snprintf(text, sizeof(text), "{\"rules\":[{%s}]}", members);
    return choice_of(text);
}

static void assert_refused(const char *text, const char *why)
{
    struct mock_scenario *scenario = NULL;
    struct fault fault = {0};
    if (mock_scenario_parse(str_of(text), &scenario, &fault) == OK)
        fail_msg("accepted: %s", text);
    assert_null(scenario);
    if (strstr(fault.text, why) != fault.text)
        fail_msg("got      %s\nexpected %s\nfor      %s", fault.text, why, text);
}

TEST(an_empty_scenario_leaves_everything_to_its_course)
{
    UNUSED(state);
    struct mock_choice choice = choice_of("{}");
    assert_true(choice.rule.len == 0 && choice.scenario == NULL);
    assert_int_equal(choice.script.call.release_cause, 16);
    assert_int_equal(choice.script.call.push_count, 1);
    mock_choice_finish(&choice);
}

TEST(an_empty_rule_is_the_ordinary_course)
{
    UNUSED(state);
    struct mock_choice choice = choice_of("{\"rules\":[{}]}");
    struct mock_script ordinary = mock_script_ordinary();
    assert_str(choice.rule, "/rules/0");
    assert_memory_equal(&choice.script, &ordinary, sizeof(ordinary));
    mock_choice_finish(&choice);
}

TEST(reads_a_refusal)
{
    UNUSED(state);
    struct mock_choice choice = choice_of_rule("\"answer\":{\"code\":\"90106003\"}");
    assert_int_equal(choice.script.answer.refusal, MOCK_NUMBERS_EXHAUSTED);
    mock_choice_finish(&choice);
}

TEST(reads_an_answer)
{
    UNUSED(state);
    struct mock_choice choice = choice_of_rule(
        "\"answer\":{\"status\":503,\"delay\":\"2s\",\"clockAhead\":\"-30m\",\"body\":\"{telX}\","
        "\"headers\":{\"Retry-After\":\"30\",\"content-type\":\"text/html\",\"X-A\":\"\"}}");
    const struct mock_answer *answer = &choice.script.answer;
    assert_int_equal(answer->status, 503);
    assert_int_equal(answer->delay_ms, 2000);
    assert_int_equal(answer->clock_ahead_ms, -1800000);
    assert_true(answer->has_body);
    assert_str(answer->body, "{telX}");
    assert_str(answer->content_type, "text/html");
    assert_int_equal(answer->header_count, 2);
    assert_str(answer->headers[0].name, "Retry-After");
    assert_str(answer->headers[0].value, "30");
    assert_str(answer->headers[1].value, "");
    assert_false(answer->is_undone);
    mock_choice_finish(&choice);
}

TEST(a_json_body_goes_out_compact)
{
    UNUSED(state);
    struct mock_choice choice =
        choice_of_rule("\"answer\":{\"jsonBody\":{ \"code\" : \"0\", \"data\" : { } }}");
    assert_str(choice.script.answer.body, "{\"code\":\"0\",\"data\":{}}");
    mock_choice_finish(&choice);
    choice = choice_of_rule("\"answer\":{\"body\":\"\"}");
    assert_true(choice.script.answer.has_body);
    assert_int_equal(choice.script.answer.body.len, 0);
    mock_choice_finish(&choice);
}

TEST(what_the_client_did_wrong_is_not_carried_out)
{
    UNUSED(state);
    static const struct {
        const char *answer;
        bool is_undone;
    } rows[] = {
        {"{\"status\":200}", false},
        {"{\"status\":299}", false},
        {"{\"status\":300}", true},
        {"{\"status\":499}", true},
        {"{\"status\":500}", false},
        {"{\"status\":429,\"carriedOut\":true}", false},
        {"{\"carriedOut\":false,\"status\":503}", true},
        {"{\"carriedOut\":false}", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char rule[200];
        snprintf(rule, sizeof(rule), "\"answer\":%s", rows[i].answer);
        struct mock_choice choice = choice_of_rule(rule);
        if (choice.script.answer.is_undone != rows[i].is_undone)
            fail_msg("%s", rows[i].answer);
        mock_choice_finish(&choice);
    }
}

TEST(reads_every_fault)
{
    UNUSED(state);
    for (enum mock_fault fault = MOCK_FAULT_NONE; fault <= MOCK_FAULT_ENDLESS; fault++) {
        char rule[100];
        snprintf(rule, sizeof(rule), "\"fault\":\"%s\"", mock_fault_text(fault));
        struct mock_choice choice = choice_of_rule(rule);
        assert_int_equal(choice.script.answer.fault, fault);
        assert_int_equal(choice.script.answer.drip_ms, fault == MOCK_FAULT_DRIP ? 200 : 0);
        mock_choice_finish(&choice);
    }
    struct mock_choice choice = choice_of_rule("\"fault\":{\"interval\":\"1s\",\"type\":\"drip\"}");
    assert_int_equal(choice.script.answer.fault, MOCK_FAULT_DRIP);
    assert_int_equal(choice.script.answer.drip_ms, 1000);
    mock_choice_finish(&choice);
}

TEST(reads_every_outcome_of_a_call)
{
    UNUSED(state);
    static const struct {
        const char *outcome;
        int cause;
        bool a_answers, b_answers;
    } rows[] = {
        {"answered", 16, true, true},    {"a-no-answer", 18, false, false},
        {"b-busy", 17, true, false},     {"b-no-answer", 19, true, false},
        {"b-rejected", 21, true, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char rule[100];
        snprintf(rule, sizeof(rule), "\"call\":{\"outcome\":\"%s\"}", rows[i].outcome);
        struct mock_choice choice = choice_of_rule(rule);
        const struct mock_call_script *call = &choice.script.call;
        assert_int_equal(call->release_cause, rows[i].cause);
        assert_true(call->a_answers == rows[i].a_answers && call->b_answers == rows[i].b_answers);
        assert_true(call->a_rings_ms > 0 && (call->b_rings_ms > 0) == call->a_answers);
        assert_int_equal(call->push_count, 1);
        mock_choice_finish(&choice);
    }
}

TEST(reads_the_course_of_a_call)
{
    UNUSED(state);
    /* The outcome stands last, and is no less the base of the rest. */
    struct mock_choice choice = choice_of_rule(
        "\"cdr\":{\"pushes\":[]},"
        "\"call\":{\"aRings\":\"1s\",\"bRings\":\"3s\",\"talks\":\"90s\",\"hangsUp\":\"A\","
        "\"releaseCause\":127,\"outcome\":\"answered\"}");
    const struct mock_call_script *call = &choice.script.call;
    assert_int_equal(call->a_rings_ms, 1000);
    assert_int_equal(call->b_rings_ms, 3000);
    assert_int_equal(call->talk_ms, 90000);
    assert_true(call->a_hangs_up);
    assert_int_equal(call->release_cause, 127);
    assert_int_equal(call->push_count, 0);
    mock_choice_finish(&choice);
}

TEST(reads_the_pushes_of_a_cdr)
{
    UNUSED(state);
    struct mock_choice choice = choice_of_rule(
        "\"cdr\":{\"tries\":7,\"waits\":[\"1s\",\"1h\"],\"beforeAnswer\":true,\"pushes\":["
        "{\"delay\":\"5s\",\"overtakenBy\":2,\"unknownMembers\":true},"
        "{\"signature\":\"wrong\",\"contradictory\":true},"
        "{\"signature\":\"expired\"},{\"signature\":\"none\"}]}");
    const struct mock_call_script *call = &choice.script.call;
    assert_true(choice.script.answer.is_after_cdr);
    assert_int_equal(call->push_count, 4);
    assert_int_equal(call->push_wait_count, 2);
    assert_int_equal(call->push_waits_ms[1], 3600000);
    assert_int_equal(call->pushes[0].delay_ms, 5000);
    assert_int_equal(call->pushes[0].overtakers, 2);
    assert_true(call->pushes[0].has_unknown_members);
    assert_int_equal(call->pushes[0].signature, MOCK_PUSH_SIGNED);
    assert_true(call->pushes[1].is_contradictory);
    assert_int_equal(call->pushes[1].signature, MOCK_PUSH_WRONG);
    assert_int_equal(call->pushes[2].signature, MOCK_PUSH_EXPIRED);
    assert_int_equal(call->pushes[3].signature, MOCK_PUSH_UNSIGNED);
    for (int i = 0; i < MOCK_PUSHES_MAX; i++)
        assert_int_equal(call->pushes[i].tries, 7);
    mock_choice_finish(&choice);
}

TEST(reads_callbacks_and_lags_of_a_cec_call)
{
    UNUSED(state);
    struct fault fault;
    struct mock_scenario *scenario;
    const char *text = "{\"rules\":[{\"match\":{\"action\":\"createCall\"},"
                       "\"lag\":{\"state\":\"5s\",\"record\":\"1h\"},\"callbacks\":{\"tries\":3,"
                       "\"connection\":[{\"delay\":\"2s\"},{\"signature\":\"wrong\"}],"
                       "\"hangUp\":[{},{\"contradictory\":true}],\"beforeAnswer\":true}}]}";
    assert_status(mock_scenario_parse(str_of(text), &scenario, &fault), OK);
    struct mock_chooser *chooser = mock_chooser_create(scenario);
    const struct mock_question question = {.action = STR("createCall")};
    struct mock_choice choice = mock_chooser_choose(chooser, &question);
    const struct mock_call_script *call = &choice.script.call;
    assert_true(choice.script.answer.is_after_cdr);
    assert_int_equal(call->state_lag_ms, 5000);
    assert_int_equal(call->record_lag_ms, 3600000);
    assert_int_equal(call->connection_count, 2);
    assert_int_equal(call->connections[0].delay_ms, 2000);
    assert_int_equal(call->connections[1].signature, MOCK_PUSH_WRONG);
    assert_int_equal(call->connections[1].tries, 3);
    assert_int_equal(call->push_count, 2);
    assert_true(call->pushes[1].is_contradictory);
    assert_int_equal(call->pushes[0].tries, 3);
    mock_choice_finish(&choice);
    mock_chooser_destroy(chooser);
    mock_scenario_release(scenario);
}

TEST(a_choice_outlives_the_chooser)
{
    UNUSED(state);
    struct mock_choice choice =
        choice_of_rule("\"name\":\"n\",\"answer\":{\"body\":\"text\",\"headers\":{\"A\":\"b\"}}");
    assert_str(choice.rule, "n");
    assert_str(choice.script.answer.body, "text");
    assert_str(choice.script.answer.headers[0].value, "b");
    mock_choice_finish(&choice);
}

TEST(refuses_with_the_path_and_the_rule)
{
    UNUSED(state);
    static const char *const rows[][2] = {
        {"", "JSON: "},
        {"{\"rules\":[}", "JSON: "},
        {"[]", "/: must be an object"},
        {"{\"rule\":[]}", "/rule: unknown member"},
        {"{\"a/b~c\":1}", "/a~1b~0c: unknown member"},
        {"{\"\\u0001\\u0451\":1}", "/???: unknown member"},
        {"{\"name\":7}", "/name: must be a string"},
        {"{\"name\":\"\"}", "/name: must have 1 to 64 bytes"},
        {"{\"seed\":-1}", "/seed: must be a whole number from 0 to 9007199254740992"},
        {"{\"seed\":1.5}", "/seed: must be a whole number"},
        {"{\"seed\":\"1\"}", "/seed: must be a whole number"},
        {"{\"listening\":0}", "/listening: must be true or false"},
        {"{\"magicNumbers\":null}", "/magicNumbers: must be true or false"},
        {"{\"rules\":{}}", "/rules: must be an array"},
        {"{\"rules\":[{},7]}", "/rules/1: must be an object"},
        {"{\"rules\":[{\"name\":\"a\"},{},{\"name\":\"a\"}]}",
         "/rules/2/name: another one has this name"},
        {"{\"rules\":[{\"name\":\"/rules/1\"},{}]}", "/rules/1: another one has this name"},
        {"{\"rules\":[{\"name\":\"a\\n\"}]}", "/rules/0/name: must not hold control characters"},
        {"{\"connections\":[{\"fault\":\"drip\"}]}",
         "/connections/0/fault: must be one of serve, close, close-after-handshake, reset, stall"},
        {"{\"connections\":[{\"action\":\"place\"}]}", "/connections/0/action: unknown member"},
        {"{\"connections\":[{\"name\":\"a\"},{\"name\":\"a\"}]}",
         "/connections/1/name: another one has this name"},
        {"{\"connections\":[{\"nth\":1,\"every\":2}]}",
         "/connections/0/nth: excludes from, every and times"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_refused(rows[i][0], rows[i][1]);
}

TEST(refuses_a_rule_with_the_path_and_the_rule)
{
    UNUSED(state);
    static const char *const rows[][2] = {
        {"\"matches\":{}", "/matches: unknown member"},
        {"\"match\":[]", "/match: must be an object"},
        {"\"match\":{\"action\":\"call\"}", "/match/action: must be one of place, release, "},
        {"\"match\":{\"telB\":\"\"}", "/match/telB: must be a string of 1 to 32 digits"},
        {"\"match\":{\"telB\":13800000001}", "/match/telB: must be a string of 1 to 32 digits"},
        {"\"match\":{\"telA\":\"138[0-9]\"}", "/match/telA: must be a string of 1 to 32 digits"},
        {"\"match\":{\"telX\":\"000000000000000000000000000000000\"}", "/match/telX: must be a "},
        {"\"match\":{\"nth\":0}", "/match/nth: must be a whole number from 1 to "},
        {"\"match\":{\"nth\":2,\"from\":2}", "/match/nth: excludes from, every and times"},
        {"\"match\":{\"nth\":2,\"times\":2}", "/match/nth: excludes from, every and times"},
        {"\"match\":{\"probability\":1.1}", "/match/probability: must be a number from 0 to 1"},
        {"\"match\":{\"probability\":\"0.1\"}", "/match/probability: must be a number from 0 to 1"},
        {"\"answer\":{\"code\":90106003}", "/answer/code: must be one of the 21 codes"},
        {"\"answer\":{\"code\":\"0\"}", "/answer/code: must be one of the 21 codes"},
        {"\"answer\":{\"code\":\"90999999\"}", "/answer/code: must be one of the 21 codes"},
        {"\"answer\":{\"code\":\"90106003\",\"body\":\"\"}", "/answer/code: excludes body"},
        {"\"answer\":{\"code\":\"90106003\",\"carriedOut\":true}",
         "/answer/code: excludes carriedOut"},
        {"\"answer\":{\"status\":199}", "/answer/status: must be a whole number from 200 to 599"},
        {"\"answer\":{\"status\":600}", "/answer/status: must be a whole number from 200 to 599"},
        {"\"answer\":{\"delay\":200}", "/answer/delay: must be a duration as "},
        {"\"answer\":{\"delay\":\"-1s\"}", "/answer/delay: must be from 0ms to 86400000ms"},
        {"\"answer\":{\"delay\":\"25h\"}", "/answer/delay: must be from 0ms to 86400000ms"},
        {"\"answer\":{\"delay\":{}}", "/answer/delay: must have either uniform or logNormal"},
        {"\"answer\":{\"delay\":{\"gauss\":1}}", "/answer/delay/gauss: unknown member"},
        {"\"answer\":{\"delay\":{\"uniform\":[\"1s\",\"1s\"],\"logNormal\":"
         "{\"median\":\"1s\",\"sigma\":1}}}",
         "/answer/delay: must have either uniform or logNormal"},
        {"\"answer\":{\"delay\":{\"uniform\":\"1s\"}}", "/answer/delay/uniform: must be an array"},
        {"\"answer\":{\"delay\":{\"uniform\":[]}}", "/answer/delay/uniform: must be two durations"},
        {"\"answer\":{\"delay\":{\"uniform\":[\"0s\"]}}",
         "/answer/delay/uniform: must be two durations"},
        {"\"answer\":{\"delay\":{\"uniform\":[\"2s\",\"1s\"]}}",
         "/answer/delay/uniform: must be two durations"},
        {"\"answer\":{\"delay\":{\"uniform\":[\"1s\",2]}}",
         "/answer/delay/uniform/1: must be a duration as "},
        {"\"answer\":{\"delay\":{\"uniform\":[\"1s\",\"2s\",\"3s\"]}}",
         "/answer/delay/uniform: must have at most 2 elements"},
        {"\"answer\":{\"delay\":{\"logNormal\":{\"median\":\"1s\"}}}",
         "/answer/delay/logNormal: must have median and sigma"},
        {"\"answer\":{\"delay\":{\"logNormal\":{\"sigma\":1}}}",
         "/answer/delay/logNormal: must have median and sigma"},
        {"\"answer\":{\"delay\":{\"logNormal\":{\"median\":\"0s\",\"sigma\":1}}}",
         "/answer/delay/logNormal/median: must be from 1ms to "},
        {"\"answer\":{\"delay\":{\"logNormal\":{\"median\":\"1s\",\"sigma\":4}}}",
         "/answer/delay/logNormal/sigma: must be a number from 0 to 3"},
        {"\"answer\":{\"headers\":[]}", "/answer/headers: must be an object"},
        {"\"answer\":{\"headers\":{\"A b\":\"c\"}}", "/answer/headers/A b: is no header's name"},
        {"\"answer\":{\"headers\":{\"\":\"c\"}}", "/answer/headers/: is no header's name"},
        {"\"answer\":{\"headers\":{\"A\":1}}", "/answer/headers/A: must be a string of"},
        {"\"answer\":{\"headers\":{\"A\":\"b\\r\\nC: d\"}}",
         "/answer/headers/A: must be a string of"},
        {"\"answer\":{\"headers\":{\"content-length\":\"1\"}}",
         "/answer/headers/content-length: is written by the server"},
        {"\"answer\":{\"body\":{}}", "/answer/body: must be a string"},
        {"\"answer\":{\"body\":\"{callId}\"}", "/answer/body: unknown variable {callId}"},
        {"\"answer\":{\"jsonBody\":{\"a\":\"{x}\"}}", "/answer/jsonBody: unknown variable {x}"},
        {"\"answer\":{\"body\":\"\",\"jsonBody\":1}",
         "/answer/jsonBody: body and jsonBody exclude each other"},
        {"\"answer\":{\"jsonBody\":1,\"body\":\"\"}",
         "/answer/body: body and jsonBody exclude each other"},
        {"\"answer\":{\"carriedOut\":\"no\"}", "/answer/carriedOut: must be true or false"},
        {"\"answer\":{\"clockAhead\":\"1000h\"}", "/answer/clockAhead: must be from -86400000ms"},
        {"\"fault\":\"slow\"", "/fault: must be one of none, close, reset, stall, cut-head"},
        {"\"fault\":null", "/fault: must be one of none, close, reset, stall, cut-head"},
        {"\"fault\":{\"type\":\"reset\",\"interval\":\"1s\"}", "/fault/interval: needs the type "},
        {"\"fault\":{\"type\":\"drip\",\"interval\":\"0s\"}", "/fault/interval: must be from 1ms"},
        {"\"call\":{\"outcome\":\"busy\"}", "/call/outcome: must be one of answered, a-no-answer"},
        {"\"call\":{\"talks\":\"1s\",\"outcome\":\"b-busy\"}", "/call/talks: has no effect: "},
        {"\"call\":{\"hangsUp\":\"A\",\"outcome\":\"b-busy\"}", "/call/hangsUp: has no effect: "},
        {"\"call\":{\"bRings\":\"1s\",\"outcome\":\"a-no-answer\"}", "/call/bRings: has no effect"},
        {"\"call\":{\"hangsUp\":\"C\"}", "/call/hangsUp: must be one of A, B"},
        {"\"call\":{\"releaseCause\":128}",
         "/call/releaseCause: must be a whole number from 1 to "},
        {"\"call\":{\"releaseCause\":0}", "/call/releaseCause: must be a whole number from 1"},
        {"\"call\":{\"releaseCause\":\"16\"}", "/call/releaseCause: must be a whole number"},
        {"\"call\":{},\"match\":{\"action\":\"query\"}", "/call: needs the action place"},
        {"\"cdr\":{},\"match\":{\"action\":\"any\"}", "/cdr: needs the action place"},
        {"\"cdr\":{},\"match\":{\"action\":\"createCall\"}", "/cdr: needs the action place"},
        {"\"callbacks\":{}", "/callbacks: needs the action createCall"},
        {"\"lag\":{}", "/lag: needs the action createCall"},
        {"\"lag\":{\"state\":\"25h\"},\"match\":{\"action\":\"createCall\"}",
         "/lag/state: must be from"},
        {"\"callbacks\":{\"pushes\":[]},\"match\":{\"action\":\"createCall\"}",
         "/callbacks/pushes: unknown member"},
        {"\"callbacks\":{\"connection\":[{},{},{}]},\"match\":{\"action\":\"createCall\"}",
         "/callbacks/connection: must have at most 2 elements"},
        {"\"callbacks\":{\"connection\":[{\"overtakenBy\":1}]},"
         "\"match\":{\"action\":\"createCall\"}",
         "/callbacks/connection/0/overtakenBy: unknown member"},
        {"\"call\":{},\"answer\":{\"code\":\"90106003\"}", "/call: there is no call"},
        {"\"cdr\":{},\"answer\":{\"status\":401}", "/cdr: there is no call"},
        {"\"cdr\":{\"lost\":true}", "/cdr/lost: unknown member"},
        {"\"cdr\":{\"pushes\":[{},{},{},{},{}]}", "/cdr/pushes: must have at most 4 elements"},
        {"\"cdr\":{\"pushes\":[{\"contradictory\":true}]}",
         "/cdr/pushes/0/contradictory: there is no push before it"},
        {"\"cdr\":{\"pushes\":[{},{\"signature\":\"bad\"}]}",
         "/cdr/pushes/1/signature: must be one of good, wrong, expired, none"},
        {"\"cdr\":{\"pushes\":[{\"overtakenBy\":101}]}",
         "/cdr/pushes/0/overtakenBy: must be a whole number from 0 to 100"},
        {"\"cdr\":{\"tries\":0}", "/cdr/tries: must be a whole number from 1 to 100"},
        {"\"cdr\":{\"waits\":[\"1s\",\"1s\",\"1s\",\"1s\",\"1s\",\"1s\",\"1s\",\"1s\",\"1s\"]}",
         "/cdr/waits: must have at most 8 elements"},
        {"\"cdr\":{\"waits\":[5]}", "/cdr/waits/0: must be a duration as "},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[1024], why[256];
        snprintf(text, sizeof(text), "{\"rules\":[{},{%s}]}", rows[i][0]);
        snprintf(why, sizeof(why), "/rules/1%s", rows[i][1]);
        assert_refused(text, why);
    }
}

/* `count` times the piece, between the other two. */
static char *repeated(const char *before, const char *piece, size_t count, const char *after)
{
    struct buf text;
    buf_init(&text, 1024 * 1024);
    buf_append(&text, str_of(before));
    for (size_t i = 0; i < count; i++)
        buf_format(&text, "%s%s", i == 0 ? "" : ",", piece);
    buf_append(&text, str_of(after));
    char *copy = str_copy(buf_str(&text));
    buf_finish(&text);
    return copy;
}

TEST(sizes_are_bounded)
{
    UNUSED(state);
    char *text = repeated("{\"rules\":[", "{}", MOCK_SCENARIO_RULES_MAX, "]}");
    struct mock_choice choice = choice_of(text);
    assert_str(choice.rule, "/rules/0");
    mock_choice_finish(&choice);
    mem_free(text);
    text = repeated("{\"rules\":[", "{}", MOCK_SCENARIO_RULES_MAX + 1, "]}");
    assert_refused(text, "/rules: must have at most 256 elements");
    mem_free(text);
    text = repeated("{\"connections\":[", "{}", MOCK_SCENARIO_RULES_MAX + 1, "]}");
    assert_refused(text, "/connections: must have at most 256 elements");
    mem_free(text);
    text = repeated("[", "1", MOCK_SCENARIO_TEXT_MAX / 2, "]");
    assert_refused(text, "must have at most 262144 bytes");
    mem_free(text);
}

TEST(a_rule_has_a_bounded_number_of_headers)
{
    UNUSED(state);
    struct buf text;
    buf_init(&text, 64 * 1024);
    buf_append(&text, STR("{\"rules\":[{\"answer\":{\"headers\":{\"Content-Type\":\"a/b\""));
    for (int i = 0; i < 17; i++)
        buf_format(&text, ",\"X-%d\":\"\"", i);
    buf_append(&text, STR("}}}]}"));
    assert_refused(buf_text(&text), "/rules/0/answer/headers/X-16: there are more than 16 headers");
    buf_finish(&text);
}

TEST(a_file_s_fault_begins_with_its_path)
{
    UNUSED(state);
    struct mock_scenario *scenario = NULL;
    struct fault fault = {0};
    assert_status(mock_scenario_read("/does/not/exist.json", &scenario, &fault), ERR_NOT_FOUND);
    assert_fault(fault, "/does/not/exist.json: ");
    assert_status(mock_scenario_read("Makefile", &scenario, &fault), ERR_SYNTAX);
    assert_fault(fault, "Makefile: JSON: line 1, column 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_scenario_leaves_everything_to_its_course),
        cmocka_unit_test(an_empty_rule_is_the_ordinary_course),
        cmocka_unit_test(reads_a_refusal),
        cmocka_unit_test(reads_an_answer),
        cmocka_unit_test(a_json_body_goes_out_compact),
        cmocka_unit_test(what_the_client_did_wrong_is_not_carried_out),
        cmocka_unit_test(reads_every_fault),
        cmocka_unit_test(reads_every_outcome_of_a_call),
        cmocka_unit_test(reads_the_course_of_a_call),
        cmocka_unit_test(reads_the_pushes_of_a_cdr),
        cmocka_unit_test(reads_callbacks_and_lags_of_a_cec_call),
        cmocka_unit_test(a_choice_outlives_the_chooser),
        cmocka_unit_test(refuses_with_the_path_and_the_rule),
        cmocka_unit_test(refuses_a_rule_with_the_path_and_the_rule),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(a_rule_has_a_bounded_number_of_headers),
        cmocka_unit_test(a_file_s_fault_begins_with_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
