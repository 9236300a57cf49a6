/* The client against a scripted HTTP client: tokens, what is sent how often, and what comes of it.
 */

#include "tests/test.h"

#include "aicc/client.h"
#include "tests/upstream/scripted_http.h"

/* --- A client with an account --- */

struct outcome {
    int times;
    enum aicc_outcome outcome;
    char code[16], serial[64];
    int attempts;
};

struct fixture {
    uv_loop_t loop;
    struct http_client http;
    struct upstream_options options;
    struct aicc_client *client;
    struct aicc_account account;
};

#define PLACED ANSWER(200, "{\"retCode\":\"0\",\"result\":{\"callSerialNo\":7}}")
#define TOKEN(text) ANSWER(200, "{\"AccessToken\":\"" text "\",\"Expires\":\"600\"}")
#define DENIED ANSWER(401, "{\"errorCode\":\"401\"}")
#define PLAN_TOKENS(f, ...) SCRIPT(&(f)->http.tokens, __VA_ARGS__)

static int open_fixture(void **state)
{
    struct fixture *f = NEW(struct fixture);
    scripted_http_init(&f->http, &f->loop);
    PLAN(f, PLACED);
    PLAN_TOKENS(f, TOKEN("t1"), TOKEN("t2"), TOKEN("t3"));
    upstream_options_init(&f->options);
    f->options.backoff_ms = 1;
    f->options.mono_ms = fake_mono_ms;
    f->client = aicc_client_create(&f->loop, &f->http, &f->options);
    f->account = (struct aicc_account){.tenant = STR("space-1"),
                                       .domain = STR("aicc.example.test"),
                                       .app_key = STR("ak_fake"),
                                       .app_secret = STR("fake-secret-for-tests-only-0001")};
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(aicc_client_in_flight(f->client), 0);
    aicc_client_close(f->client);
    scripted_http_finish(&f->http);
    mem_free(f);
    return 0;
}

static const char *last_authorization(const struct fixture *f)
{
    return f->http.fetches[f->http.fetch_count - 1].authorization;
}

static void on_result(void *data, const struct aicc_result *result)
{
    struct outcome *outcome = data;
    outcome->times++;
    outcome->outcome = result->outcome;
    snprintf(outcome->code, sizeof(outcome->code), "%s", result->code);
    snprintf(outcome->serial, sizeof(outcome->serial), "%.*s", STR_ARGS(result->serial));
    outcome->attempts = result->attempts;
}

static struct aicc_operation *begin(struct fixture *f, struct outcome *outcome)
{
    const struct aicc_place place = {
        .caller = STR("13800000001"), .called = STR("057100000002"), .agent_work_no = -1};
    *outcome = (struct outcome){0};
    return aicc_client_place(f->client, &f->account, &place, on_result, outcome);
}

static struct outcome place(struct fixture *f)
{
    struct outcome outcome;
    begin(f, &outcome);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(outcome.times, 1);
    return outcome;
}

TEST(places_a_call_with_a_token_that_is_kept)
{
    struct fixture *f = *state;
    struct outcome outcome = place(f);
    assert_int_equal(outcome.outcome, AICC_ACCEPTED);
    assert_string_equal(outcome.serial, "7");
    assert_string_equal(last_authorization(f), "Bearer t1");
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
    assert_int_equal(f->http.tokens.used, 1);
}

TEST(one_token_is_fetched_for_many_that_wait)
{
    struct fixture *f = *state;
    struct outcome outcomes[10];
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        begin(f, &outcomes[i]);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        assert_int_equal(outcomes[i].outcome, AICC_ACCEPTED);
    assert_int_equal(f->http.tokens.used, 1);
    assert_int_equal(f->http.requests.used, COUNT_OF(outcomes));
}

TEST(a_token_is_fetched_anew_before_it_ends)
{
    struct fixture *f = *state;
    place(f);
    mono_now_ms += 569 * 1000;
    place(f);
    assert_int_equal(f->http.tokens.used, 1);
    mono_now_ms += 2 * 1000;
    place(f);
    assert_int_equal(f->http.tokens.used, 2);
    assert_string_equal(last_authorization(f), "Bearer t2");
}

TEST(another_secret_has_another_token)
{
    struct fixture *f = *state;
    place(f);
    f->account.app_secret = STR("fake-secret-for-tests-only-0002");
    place(f);
    assert_string_equal(last_authorization(f), "Bearer t2");
}

TEST(a_token_that_is_denied_is_fetched_anew_once)
{
    struct fixture *f = *state;
    PLAN(f, DENIED, PLACED);
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
    assert_string_equal(last_authorization(f), "Bearer t2");
    f->http.requests.used = 0;
    PLAN(f, DENIED, DENIED, PLACED);
    struct outcome outcome = place(f);
    assert_int_equal(outcome.outcome, AICC_REFUSED);
    assert_string_equal(outcome.code, "90100200");
    assert_int_equal(f->http.requests.used, 2);
}

TEST(an_unknown_outcome_is_never_sent_again)
{
    struct fixture *f = *state;
    PLAN(f, UNKNOWN, PLACED);
    assert_int_equal(place(f).outcome, AICC_UNKNOWN);
    assert_int_equal(f->http.requests.used, 1);
}

TEST(what_was_not_sent_is_sent_again_but_not_for_ever)
{
    struct fixture *f = *state;
    PLAN(f, NOT_SENT, PLACED);
    struct outcome outcome = place(f);
    assert_int_equal(outcome.outcome, AICC_ACCEPTED);
    assert_int_equal(outcome.attempts, 2);
    PLAN(f, NOT_SENT);
    outcome = place(f);
    assert_int_equal(outcome.outcome, AICC_REFUSED);
    assert_string_equal(outcome.code, "90104004");
    assert_int_equal(outcome.attempts, f->options.attempts_max);
}

TEST(without_a_token_nothing_is_sent)
{
    struct fixture *f = *state;
    PLAN_TOKENS(f, UNKNOWN, ANSWER(500, ""), ANSWER(200, "{}"), DENIED, TOKEN("t5"));
    static const char *const codes[] = {"90104004", "90104004", "90104004", "90100200"};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        struct outcome outcome = place(f);
        assert_int_equal(outcome.outcome, AICC_REFUSED);
        assert_string_equal(outcome.code, codes[i]);
        assert_int_equal(outcome.attempts, 0);
    }
    assert_int_equal(f->http.requests.used, 0);
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
}

TEST(an_app_key_that_is_refused_in_a_row_is_held_back)
{
    struct fixture *f = *state;
    PLAN_TOKENS(f, DENIED, DENIED, DENIED, DENIED, TOKEN("t5"));
    for (int i = 0; i < 6; i++)
        assert_string_equal(place(f).code, "90100200");
    assert_int_equal(f->http.tokens.used, 4);
    mono_now_ms += 60 * 1000;
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
}

TEST(who_asks_apart_from_it_counts_as_well)
{
    struct fixture *f = *state;
    struct aicc_answer answer = {.is_answered = true};
    int64_t held_ms;
    aicc_answer_refuse(&answer, "90100200", "");
    for (int i = 0; i < 4; i++) {
        enum circuit_pass pass = aicc_client_enter_app_key(f->client, &f->account, &held_ms);
        assert_int_equal(pass, CIRCUIT_PASSED);
        aicc_client_leave_app_key(f->client, &f->account, pass, &answer);
    }
    assert_int_equal(aicc_client_enter_app_key(f->client, &f->account, &held_ms), CIRCUIT_HELD);
    assert_int_equal(held_ms, 60 * 1000);
    assert_string_equal(place(f).code, "90100200");
    assert_int_equal(f->http.tokens.used, 0);
    f->account.app_secret = STR("fake-secret-for-tests-only-0002");
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
}

static void count_open(void *data, const struct upstream_domain *domain)
{
    int *open = data;
    assert_string_equal(domain->name, "aicc.example.test");
    *open += domain->is_open;
}

TEST(an_aicc_that_fails_in_a_row_is_left_alone_for_a_while)
{
    struct fixture *f = *state;
    PLAN(f, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, PLACED);
    for (int i = 0; i < f->options.circuit_failures; i++)
        assert_int_equal(place(f).outcome, AICC_UNKNOWN);
    struct outcome outcome = place(f);
    assert_string_equal(outcome.code, "90104004");
    assert_int_equal(outcome.attempts, 0);
    int open = 0;
    aicc_client_each_domain(f->client, count_open, &open);
    assert_int_equal(open, 1);
    mono_now_ms += f->options.circuit_open_ms;
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
    open = 0;
    aicc_client_each_domain(f->client, count_open, &open);
    assert_int_equal(open, 0);
    const struct upstream_tally *places = aicc_client_tally(f->client, AICC_PLACE);
    assert_int_equal(latency_count(&places->outcomes[AICC_UNKNOWN]), f->options.circuit_failures);
    assert_int_equal(latency_count(&places->outcomes[AICC_ACCEPTED]), 1);
    assert_int_equal(places->unsent, 1);
}

static struct outcome release(struct fixture *f)
{
    struct outcome outcome = {0};
    aicc_client_release(f->client, &f->account, STR("7"), on_result, &outcome);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(outcome.times, 1);
    return outcome;
}

#define RELEASED ANSWER(200, "{\"retCode\":\"0\",\"retMsg\":\"success\"}")
#define REFUSED ANSWER(200, "{\"retCode\":\"90106006\",\"retMsg\":\"no\"}")

TEST(a_release_is_asked_for_again_after_a_doubt)
{
    struct fixture *f = *state;
    PLAN(f, UNKNOWN, RELEASED);
    assert_int_equal(release(f).outcome, AICC_ACCEPTED);
    assert_int_equal(f->http.requests.used, 2);
    assert_string_equal(f->http.fetches[2].body, "{\"callSerialNo\":\"7\"}");
}

TEST(a_refusal_after_a_doubt_leaves_a_release_open)
{
    struct fixture *f = *state;
    PLAN(f, UNKNOWN, REFUSED);
    struct outcome outcome = release(f);
    assert_int_equal(outcome.outcome, AICC_UNKNOWN);
    assert_string_equal(outcome.code, "90104008");
    f->http.requests.used = 0;
    PLAN(f, REFUSED);
    outcome = release(f);
    assert_int_equal(outcome.outcome, AICC_REFUSED);
    assert_string_equal(outcome.code, "90106006");
}

TEST(without_another_token_a_release_in_doubt_stays_open)
{
    struct fixture *f = *state;
    PLAN_TOKENS(f, TOKEN("t1"), DENIED);
    PLAN(f, UNKNOWN, DENIED);
    assert_int_equal(release(f).outcome, AICC_UNKNOWN);
}

TEST(failures_to_find_recordings_do_not_hold_calls_back)
{
    struct fixture *f = *state;
    PLAN(f, ANSWER(500, ""));
    for (int i = 0; i < 2 * f->options.circuit_failures; i++) {
        struct outcome outcome = {0};
        aicc_client_recording(f->client, &f->account, STR("7"), on_result, &outcome);
        uv_run(&f->loop, UV_RUN_DEFAULT);
        assert_int_equal(outcome.outcome, AICC_UNKNOWN);
    }
    PLAN(f, PLACED);
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
}

TEST(limits_of_the_tenant_hold_for_calls_and_not_for_questions)
{
    struct fixture *f = *state;
    struct outcome first, second, question;
    f->account.in_flight_max = 1;
    begin(f, &first);
    begin(f, &second);
    aicc_client_state(f->client, &f->account, STR("7"), on_result, &question);
    question = (struct outcome){0};
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(first.outcome, AICC_ACCEPTED);
    assert_string_equal(second.code, "90104029");
    assert_int_equal(question.outcome, AICC_ACCEPTED);
    f->account.per_second_max = 1;
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
    assert_string_equal(place(f).code, "90104029");
}

/* The loop turns until the condition holds. */
#define TURN_UNTIL(f, condition)                                                                   \
    while (!(condition))                                                                           \
    uv_run(&(f)->loop, UV_RUN_ONCE)

TEST(who_is_canceled_says_whether_it_was_sent)
{
    struct fixture *f = *state;
    struct outcome outcome;
    aicc_operation_cancel(begin(f, &outcome));
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(outcome.outcome, AICC_REFUSED);

    PLAN(f, (struct plan){.is_held = true});
    struct aicc_operation *operation = begin(f, &outcome);
    TURN_UNTIL(f, f->http.requests.used == 1);
    aicc_operation_cancel(operation);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(outcome.outcome, AICC_UNKNOWN);
    assert_int_equal(outcome.times, 1);
}

TEST(a_client_that_is_closed_leaves_a_token_to_its_fetch)
{
    struct fixture *f = *state;
    struct outcome waiting, later;
    PLAN_TOKENS(f, (struct plan){.is_held = true});
    begin(f, &waiting);
    TURN_UNTIL(f, f->http.tokens.used == 1);
    aicc_client_stop(f->client);
    TURN_UNTIL(f, waiting.times == 1);
    assert_int_equal(waiting.outcome, AICC_REFUSED);
    begin(f, &later);
    TURN_UNTIL(f, later.times == 1);
    assert_int_equal(later.outcome, AICC_REFUSED);
    aicc_client_close(f->client);
    http_fetch_cancel(&f->http.fetches[0]); /* as http_client_close() does */
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->http.requests.used, 0);
    f->client = aicc_client_create(&f->loop, &f->http, &f->options);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        ROW(places_a_call_with_a_token_that_is_kept),
        ROW(one_token_is_fetched_for_many_that_wait),
        ROW(a_token_is_fetched_anew_before_it_ends),
        ROW(another_secret_has_another_token),
        ROW(a_token_that_is_denied_is_fetched_anew_once),
        ROW(an_unknown_outcome_is_never_sent_again),
        ROW(what_was_not_sent_is_sent_again_but_not_for_ever),
        ROW(without_a_token_nothing_is_sent),
        ROW(an_app_key_that_is_refused_in_a_row_is_held_back),
        ROW(who_asks_apart_from_it_counts_as_well),
        ROW(an_aicc_that_fails_in_a_row_is_left_alone_for_a_while),
        ROW(a_release_is_asked_for_again_after_a_doubt),
        ROW(a_refusal_after_a_doubt_leaves_a_release_open),
        ROW(without_another_token_a_release_in_doubt_stays_open),
        ROW(failures_to_find_recordings_do_not_hold_calls_back),
        ROW(limits_of_the_tenant_hold_for_calls_and_not_for_questions),
        ROW(who_is_canceled_says_whether_it_was_sent),
        ROW(a_client_that_is_closed_leaves_a_token_to_its_fetch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
