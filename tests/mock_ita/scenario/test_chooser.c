#include "tests/test.h"

#include <stdio.h>

#include "base/mem.h"
#include "mock_ita/scenario/chooser.h"

static struct mock_chooser *chooser_of(const char *text)
{
    struct mock_scenario *scenario = NULL;
    struct fault fault = {0};
    if (mock_scenario_parse(str_of(text), &scenario, &fault) != OK)
        fail_msg("%s\n%s", fault.text, text);
    struct mock_chooser *chooser = mock_chooser_create(scenario);
    mock_scenario_release(scenario);
    return chooser;
}

/* The name of the rule that was chosen: a literal's or the chooser's. */
static struct str ask(struct mock_chooser *chooser, const char *action, const char *tel_a,
                      const char *tel_b)
{
    const struct mock_question question = {str_of(action), str_of(tel_a), str_of(tel_b), STR("")};
    struct mock_choice choice = mock_chooser_choose(chooser, &question);
    struct str rule = choice.rule;
    mock_choice_finish(&choice);
    return rule;
}

static struct str place(struct mock_chooser *chooser, const char *tel_b)
{
    return ask(chooser, "place", "13800000001", tel_b);
}

/* The rule is asked so often: '1' where it was chosen. */
static void assert_chosen(const char *match, const char *expected)
{
    char text[256], chosen[64] = "";
    snprintf(text, sizeof(text), "{\"rules\":[{\"match\":{%s}}]}", match);
    struct mock_chooser *chooser = chooser_of(text);
    for (size_t i = 0; expected[i] != '\0'; i++)
        chosen[i] = place(chooser, "13800000002").len > 0 ? '1' : '0';
    mock_chooser_destroy(chooser);
    if (strcmp(chosen, expected) != 0)
        fail_msg("%s\ngot      %s\nexpected %s", match, chosen, expected);
}

TEST(the_first_rule_that_fits_wins)
{
    UNUSED(state);
    struct mock_chooser *chooser =
        chooser_of("{\"rules\":[{\"name\":\"one\",\"match\":{\"telB\":\"*0002\"}},"
                   "{\"name\":\"two\",\"match\":{\"telA\":\"13800000001\",\"telB\":\"138*\"}},"
                   "{\"name\":\"query\",\"match\":{\"action\":\"query\"}},"
                   "{\"name\":\"rest\",\"match\":{\"action\":\"any\",\"telX\":\"\?*\"}}]}");
    assert_str(place(chooser, "13800000002"), "one");
    assert_str(place(chooser, "13800000003"), "two");
    assert_str(place(chooser, "13900000003"), "");
    assert_str(ask(chooser, "query", "", ""), "query");
    assert_str(ask(chooser, "release", "", ""), "");
    const struct mock_question question = {STR("release"), STR(""), STR(""), STR("057100000099")};
    struct mock_choice choice = mock_chooser_choose(chooser, &question);
    assert_str(choice.rule, "rest");
    mock_choice_finish(&choice);
    mock_chooser_destroy(chooser);
}

TEST(a_rule_without_match_is_about_every_order)
{
    UNUSED(state);
    struct mock_chooser *chooser = chooser_of("{\"rules\":[{}]}");
    assert_str(place(chooser, ""), "/rules/0");
    assert_str(ask(chooser, "query", "", ""), "");
    mock_chooser_destroy(chooser);
}

TEST(chooses_by_count)
{
    UNUSED(state);
    assert_chosen("", "1111");
    assert_chosen("\"nth\":3", "0010000");
    assert_chosen("\"from\":3", "0011111");
    assert_chosen("\"every\":3", "001001001");
    assert_chosen("\"from\":2,\"every\":3", "0100100100");
    assert_chosen("\"times\":2", "1100000");
    assert_chosen("\"from\":3,\"times\":2", "0011000");
    assert_chosen("\"every\":2,\"times\":2", "01010000");
    assert_chosen("\"probability\":0", "0000");
    assert_chosen("\"probability\":1,\"times\":1", "1000");
}

TEST(counts_only_what_its_patterns_fit)
{
    UNUSED(state);
    struct mock_chooser *chooser =
        chooser_of("{\"rules\":[{\"match\":{\"telB\":\"*2\",\"nth\":2}}]}");
    assert_str(place(chooser, "13800000002"), "");
    assert_str(place(chooser, "13800000003"), "");
    assert_str(ask(chooser, "query", "", "13800000002"), "");
    assert_str(place(chooser, "13800000002"), "/rules/0");
    mock_chooser_destroy(chooser);
}

TEST(counts_whether_or_not_another_rule_won)
{
    UNUSED(state);
    struct mock_chooser *chooser = chooser_of("{\"rules\":[{\"name\":\"a\",\"match\":{\"nth\":2}},"
                                              "{\"name\":\"b\",\"match\":{\"nth\":3}},"
                                              "{\"name\":\"c\",\"match\":{\"times\":2}}]}");
    static const char *const expected[] = {"c", "a", "b", "c", ""};
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_str(place(chooser, "13800000002"), expected[i]);
    mock_chooser_destroy(chooser);
}

/* Which of the first 64 orders the rule "flaky" takes, as bits. */
static uint64_t flaky_bits(const char *before, int64_t seed, struct mock_chooser **reused)
{
    char text[512];
    uint64_t bits = 0;
    snprintf(text, sizeof(text),
             "{\"seed\":%d,\"rules\":[%s{\"name\":\"flaky\",\"match\":{\"probability\":0.25}}]}",
             (int)seed, before);
    struct mock_chooser *chooser = *reused != NULL ? *reused : chooser_of(text);
    for (int i = 0; i < 64; i++)
        bits = bits << 1 | (str_is(place(chooser, "13800000002"), STR("flaky")) ? 1 : 0);
    *reused = chooser;
    return bits;
}

static uint64_t flaky(const char *before, int64_t seed)
{
    struct mock_chooser *chooser = NULL;
    uint64_t bits = flaky_bits(before, seed, &chooser);
    mock_chooser_destroy(chooser);
    return bits;
}

TEST(the_same_seed_gives_the_same_run)
{
    UNUSED(state);
    uint64_t bits = flaky("", 1);
    assert_in_range(__builtin_popcountll(bits), 6, 28);
    assert_true(flaky("", 1) == bits);
    assert_true(flaky("", 2) != bits);
}

TEST(other_rules_do_not_change_what_a_rule_draws)
{
    UNUSED(state);
    uint64_t bits = flaky("", 1);
    assert_true(flaky("{\"name\":\"x\",\"match\":{\"telB\":\"1\"}},", 1) == bits);
    assert_true(flaky("{\"name\":\"x\",\"match\":{\"probability\":0}},", 1) == bits);
    /* Those that the other rule takes are lost, no more. */
    uint64_t less = flaky("{\"name\":\"x\",\"match\":{\"every\":2}},", 1);
    assert_true(less == (bits & 0xAAAAAAAAAAAAAAAAu));
}

TEST(rules_of_different_names_draw_differently)
{
    UNUSED(state);
    struct mock_chooser *chooser =
        chooser_of("{\"rules\":[{\"name\":\"a\",\"match\":{\"probability\":0.5}},"
                   "{\"name\":\"b\",\"match\":{\"probability\":0.5}}]}");
    int taken = 0;
    for (int i = 0; i < 64; i++)
        taken += place(chooser, "13800000002").len > 0 ? 1 : 0;
    assert_in_range(taken, 36, 60); /* three in four; of the same draws it were one in two */
    mock_chooser_destroy(chooser);
}

TEST(loading_it_again_begins_anew)
{
    UNUSED(state);
    struct mock_chooser *chooser = NULL;
    uint64_t first = flaky_bits("", 1, &chooser), second = flaky_bits("", 1, &chooser);
    assert_true(first != second);
    mock_chooser_load(chooser, mock_chooser_scenario(chooser));
    assert_true(flaky_bits("", 1, &chooser) == first);
    mock_chooser_load(chooser, NULL);
    assert_null(mock_chooser_scenario(chooser));
    assert_str(place(chooser, "13800000002"), "");
    mock_chooser_destroy(chooser);
}

TEST(durations_are_drawn_for_each_request)
{
    UNUSED(state);
    struct mock_chooser *chooser =
        chooser_of("{\"rules\":[{\"answer\":{\"delay\":{\"uniform\":[\"0s\",\"10s\"]}},"
                   "\"call\":{\"aRings\":{\"uniform\":[\"0s\",\"10s\"]},"
                   "\"bRings\":{\"uniform\":[\"0s\",\"10s\"]},"
                   "\"talks\":{\"logNormal\":{\"median\":\"5s\",\"sigma\":1}}},"
                   "\"cdr\":{\"pushes\":[{\"delay\":{\"uniform\":[\"0s\",\"10s\"]}},{}]}}]}");
    const struct mock_question question = {STR("place"), STR(""), STR(""), STR("")};
    struct mock_choice a = mock_chooser_choose(chooser, &question),
                       b = mock_chooser_choose(chooser, &question);
    assert_int_not_equal(a.script.answer.delay_ms, b.script.answer.delay_ms);
    assert_int_not_equal(a.script.answer.delay_ms, a.script.call.a_rings_ms);
    assert_int_not_equal(a.script.call.a_rings_ms, b.script.call.a_rings_ms);
    assert_int_not_equal(a.script.call.b_rings_ms, b.script.call.b_rings_ms);
    assert_int_not_equal(a.script.call.talk_ms, b.script.call.talk_ms);
    assert_int_not_equal(a.script.call.pushes[0].delay_ms, b.script.call.pushes[0].delay_ms);
    assert_int_equal(a.script.call.pushes[1].delay_ms, 0);
    mock_choice_finish(&a);
    mock_choice_finish(&b);
    mock_chooser_destroy(chooser);
}

TEST(magic_numbers_stand_behind_the_rules)
{
    UNUSED(state);
    const struct mock_question busy = {STR("place"), STR(""), STR("13800000017"), STR("")};
    struct mock_chooser *chooser =
        chooser_of("{\"rules\":[{\"name\":\"one\",\"match\":{\"nth\":1}}]}");
    assert_str(place(chooser, "13800000017"), "one");
    struct mock_choice choice = mock_chooser_choose(chooser, &busy);
    assert_str(choice.rule, "magic number");
    assert_int_equal(choice.script.call.release_cause, 17);
    assert_null(choice.scenario);
    mock_choice_finish(&choice);
    assert_str(ask(chooser, "query", "", "13800000017"), "");
    mock_chooser_destroy(chooser);

    chooser = chooser_of("{\"magicNumbers\":false}");
    assert_str(place(chooser, "13800000017"), "");
    assert_int_equal(mock_chooser_dialled(chooser, STR("13800000017")).call.release_cause, 16);
    mock_chooser_destroy(chooser);

    chooser = mock_chooser_create(NULL);
    assert_str(place(chooser, "13800000017"), "magic number");
    assert_int_equal(mock_chooser_dialled(chooser, STR("13800000017")).call.release_cause, 17);
    mock_chooser_destroy(chooser);
}

TEST(connections_are_chosen_by_count)
{
    UNUSED(state);
    struct mock_chooser *chooser =
        chooser_of("{\"connections\":[{\"name\":\"second\",\"nth\":2,\"fault\":\"reset\"},"
                   "{\"from\":2,\"fault\":\"stall\",\"times\":2}]}");
    static const enum mock_connection expected[] = {
        MOCK_CONNECTION_SERVED, MOCK_CONNECTION_RESET, MOCK_CONNECTION_STALLED,
        MOCK_CONNECTION_STALLED, MOCK_CONNECTION_SERVED};
    struct str rule;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(mock_chooser_connection(chooser, &rule), expected[i]);
        assert_str(rule, i == 1 ? "second" : i == 2 || i == 3 ? "/connections/1" : "");
    }
    mock_chooser_destroy(chooser);
    chooser = mock_chooser_create(NULL);
    assert_int_equal(mock_chooser_connection(chooser, &rule), MOCK_CONNECTION_SERVED);
    mock_chooser_destroy(chooser);
}

TEST(tells_how_often_each_rule_was_met_and_chosen)
{
    UNUSED(state);
    struct mock_chooser *chooser =
        chooser_of("{\"name\":\"s\",\"description\":\"d\",\"seed\":7,\"listening\":false,"
                   "\"rules\":[{\"name\":\"a\",\"description\":\"why\",\"match\":{\"nth\":2}},"
                   "{\"match\":{\"telB\":\"1\"}}],\"connections\":[{\"fault\":\"close\"}]}");
    struct buf out;
    struct json_writer w;
    struct str rule;
    place(chooser, "13800000002");
    place(chooser, "13800000002");
    mock_chooser_connection(chooser, &rule);
    buf_init(&out, 4096);
    json_write_init(&w, &out);
    mock_chooser_write(chooser, &w, NULL);
    assert_str(buf_str(&out),
               "{\"name\":\"s\",\"description\":\"d\",\"seed\":7,\"listening\":false,"
               "\"magicNumbers\":true,\"rules\":["
               "{\"name\":\"a\",\"description\":\"why\",\"met\":2,\"chosen\":1},"
               "{\"name\":\"/rules/1\",\"met\":0,\"chosen\":0}],"
               "\"connections\":[{\"name\":\"/connections/0\",\"met\":1,\"chosen\":1}]}");
    assert_false(mock_scenario_is_listening(mock_chooser_scenario(chooser)));
    mock_chooser_load(chooser, NULL);
    buf_clear(&out);
    json_write_init(&w, &out);
    mock_chooser_write(chooser, &w, NULL);
    assert_str(buf_str(&out), "null");
    buf_finish(&out);
    mock_chooser_destroy(chooser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_rule_that_fits_wins),
        cmocka_unit_test(a_rule_without_match_is_about_every_order),
        cmocka_unit_test(chooses_by_count),
        cmocka_unit_test(counts_only_what_its_patterns_fit),
        cmocka_unit_test(counts_whether_or_not_another_rule_won),
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        cmocka_unit_test(other_rules_do_not_change_what_a_rule_draws),
        cmocka_unit_test(rules_of_different_names_draw_differently),
        cmocka_unit_test(loading_it_again_begins_anew),
        cmocka_unit_test(durations_are_drawn_for_each_request),
        cmocka_unit_test(magic_numbers_stand_behind_the_rules),
        cmocka_unit_test(connections_are_chosen_by_count),
        cmocka_unit_test(tells_how_often_each_rule_was_met_and_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
