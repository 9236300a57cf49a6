/* The client against a scripted HTTP client: tokens, what is sent how often, and what comes of it.
 * This file stands in for net/http_client.c. */

#include "tests/test.h"

#include <uv.h>

#include "aicc/client.h"
#include "base/mem.h"

/* --- The scripted HTTP client --- */

enum { FETCHES_MAX = 64, PLANS_MAX = 16 };

/* How one fetch ends. */
struct plan {
    enum http_outcome outcome;
    int status;
    const char *body;
    struct http_header header;
    bool is_held; /* until it is canceled */
};

struct http_fetch {
    struct http_client *client;
    struct plan plan;
    bool is_canceled;
    uv_timer_t timer;
    http_on_fetched *on_fetched;
    void *data;
};

struct http_client {
    uv_loop_t *loop;
    struct plan plans[PLANS_MAX]; /* of requests but for tokens; the last one repeats */
    size_t plan_count;
    struct plan token_plans[PLANS_MAX]; /* likewise */
    size_t token_plan_count;
    struct http_fetch fetches[FETCHES_MAX];
    size_t fetch_count, requests, tokens;
    char *authorization; /* of the last request */
};

static int64_t mono_now_ms;

static int64_t fake_mono_ms(void)
{
    return mono_now_ms;
}

static void on_fetch_timer(uv_timer_t *timer)
{
    struct http_fetch *fetch = CONTAINER_OF(timer, struct http_fetch, timer);
    struct http_fetch_result result = {
        .outcome = fetch->plan.outcome,
        .why = fetch->plan.outcome == HTTP_ANSWERED ? "" : "scripted",
        .status = fetch->plan.status,
        .body = str_of(fetch->plan.body),
        .headers = &fetch->plan.header,
        .header_count = fetch->plan.header.name.len > 0,
    };
    if (fetch->is_canceled)
        result = (struct http_fetch_result){.outcome = HTTP_UNKNOWN, .why = "canceled"};
    uv_close((uv_handle_t *)&fetch->timer, NULL);
    fetch->on_fetched(fetch->data, &result);
}

struct http_fetch *http_client_fetch(struct http_client *client,
                                     const struct http_fetch_request *request,
                                     http_on_fetched *on_fetched, void *data)
{
    assert_true(client->fetch_count < FETCHES_MAX);
    struct http_fetch *fetch = &client->fetches[client->fetch_count++];
    bool is_token = str_ends(str_of(request->url), STR("/tokenByAkSk"));
    size_t *at = is_token ? &client->tokens : &client->requests;
    size_t count = is_token ? client->token_plan_count : client->plan_count;
    fetch->client = client;
    fetch->plan = (is_token ? client->token_plans : client->plans)[*at < count ? *at : count - 1];
    ++*at;
    fetch->on_fetched = on_fetched;
    fetch->data = data;
    assert_true(request->timeout_ms > 0 && request->connect_timeout_ms <= request->timeout_ms);
    if (!is_token) {
        mem_free(client->authorization);
        client->authorization = str_copy(
            http_headers_find(request->headers, request->header_count, STR("Authorization")));
    }
    uv_timer_init(client->loop, &fetch->timer);
    if (!fetch->plan.is_held)
        uv_timer_start(&fetch->timer, on_fetch_timer, 0, 0);
    return fetch;
}

void http_fetch_cancel(struct http_fetch *fetch)
{
    fetch->is_canceled = true;
    uv_timer_start(&fetch->timer, on_fetch_timer, 0, 0);
}

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
    struct aicc_client_options options;
    struct aicc_client *client;
    struct aicc_account account;
};

#define ANSWER(http_status, text)                                                                  \
    ((struct plan){.outcome = HTTP_ANSWERED, .status = (http_status), .body = (text)})
#define PLACED ANSWER(200, "{\"retCode\":\"0\",\"result\":{\"callSerialNo\":7}}")
#define TOKEN(text) ANSWER(200, "{\"AccessToken\":\"" text "\",\"Expires\":\"600\"}")
#define DENIED ANSWER(401, "{\"errorCode\":\"401\"}")
#define NOT_SENT ((struct plan){.outcome = HTTP_NOT_SENT})
#define UNKNOWN ((struct plan){.outcome = HTTP_UNKNOWN})

static void set_plans(struct plan *out, size_t *out_count, const struct plan *plans, size_t count)
{
    memcpy(out, plans, count * sizeof(*plans));
    *out_count = count;
}
#define PLANS_OF(...)                                                                              \
    (const struct plan[]){__VA_ARGS__},                                                            \
        sizeof((const struct plan[]){__VA_ARGS__}) / sizeof(struct plan)
#define PLAN(f, ...) set_plans((f)->http.plans, &(f)->http.plan_count, PLANS_OF(__VA_ARGS__))
#define PLAN_TOKENS(f, ...)                                                                        \
    set_plans((f)->http.token_plans, &(f)->http.token_plan_count, PLANS_OF(__VA_ARGS__))

static int open_fixture(void **state)
{
    struct fixture *f = NEW(struct fixture);
    mono_now_ms = 1000;
    assert_int_equal(uv_loop_init(&f->loop), 0);
    f->http.loop = &f->loop;
    PLAN(f, PLACED);
    PLAN_TOKENS(f, TOKEN("t1"), TOKEN("t2"), TOKEN("t3"));
    aicc_client_options_init(&f->options);
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
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    mem_free(f->http.authorization);
    mem_free(f);
    return 0;
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
    assert_string_equal(f->http.authorization, "Bearer t1");
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
    assert_int_equal(f->http.tokens, 1);
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
    assert_int_equal(f->http.tokens, 1);
    assert_int_equal(f->http.requests, COUNT_OF(outcomes));
}

TEST(a_token_is_fetched_anew_before_it_ends)
{
    struct fixture *f = *state;
    place(f);
    mono_now_ms += 569 * 1000;
    place(f);
    assert_int_equal(f->http.tokens, 1);
    mono_now_ms += 2 * 1000;
    place(f);
    assert_int_equal(f->http.tokens, 2);
    assert_string_equal(f->http.authorization, "Bearer t2");
}

TEST(another_secret_has_another_token)
{
    struct fixture *f = *state;
    place(f);
    f->account.app_secret = STR("fake-secret-for-tests-only-0002");
    place(f);
    assert_string_equal(f->http.authorization, "Bearer t2");
}

TEST(a_token_that_is_denied_is_fetched_anew_once)
{
    struct fixture *f = *state;
    PLAN(f, DENIED, PLACED);
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
    assert_string_equal(f->http.authorization, "Bearer t2");
    f->http.requests = 0;
    PLAN(f, DENIED, DENIED, PLACED);
    struct outcome outcome = place(f);
    assert_int_equal(outcome.outcome, AICC_REFUSED);
    assert_string_equal(outcome.code, "90100200");
    assert_int_equal(f->http.requests, 2);
}

TEST(an_unknown_outcome_is_never_sent_again)
{
    struct fixture *f = *state;
    PLAN(f, UNKNOWN, PLACED);
    assert_int_equal(place(f).outcome, AICC_UNKNOWN);
    assert_int_equal(f->http.requests, 1);
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
    assert_int_equal(f->http.requests, 0);
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
}

TEST(an_app_key_that_is_refused_in_a_row_is_held_back)
{
    struct fixture *f = *state;
    PLAN_TOKENS(f, DENIED, DENIED, DENIED, DENIED, TOKEN("t5"));
    for (int i = 0; i < 6; i++)
        assert_string_equal(place(f).code, "90100200");
    assert_int_equal(f->http.tokens, 4);
    mono_now_ms += 60 * 1000;
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
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
    struct upstream_circuits circuits;
    aicc_client_circuits(f->client, &circuits);
    assert_int_equal(circuits.open, 1);
    assert_int_equal(circuits.closed, 0);
    mono_now_ms += f->options.circuit_open_ms;
    assert_int_equal(place(f).outcome, AICC_ACCEPTED);
    aicc_client_circuits(f->client, &circuits);
    assert_int_equal(circuits.open, 0);
    assert_int_equal(circuits.closed, 1);
    const struct upstream_tally *places = aicc_client_tally(f->client, AICC_PLACE);
    assert_int_equal(latency_count(&places->outcomes[AICC_UNKNOWN]), f->options.circuit_failures);
    assert_int_equal(latency_count(&places->outcomes[AICC_ACCEPTED]), 1);
    assert_int_equal(places->unsent, 1);
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
    TURN_UNTIL(f, f->http.requests == 1);
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
    TURN_UNTIL(f, f->http.tokens == 1);
    aicc_client_stop(f->client);
    TURN_UNTIL(f, waiting.times == 1);
    assert_int_equal(waiting.outcome, AICC_REFUSED);
    begin(f, &later);
    TURN_UNTIL(f, later.times == 1);
    assert_int_equal(later.outcome, AICC_REFUSED);
    aicc_client_close(f->client);
    http_fetch_cancel(&f->http.fetches[0]); /* as http_client_close() does */
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->http.requests, 0);
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
        ROW(an_aicc_that_fails_in_a_row_is_left_alone_for_a_while),
        ROW(limits_of_the_tenant_hold_for_calls_and_not_for_questions),
        ROW(who_is_canceled_says_whether_it_was_sent),
        ROW(a_client_that_is_closed_leaves_a_token_to_its_fetch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
