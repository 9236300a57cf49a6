/* The client against a scripted HTTP client: what is sent how often, and what comes of it. */

#include "tests/test.h"

#include "ita/client.h"
#include "tests/upstream/scripted_http.h"

/* --- A client with an account --- */

struct outcome {
    int times;
    enum ita_outcome outcome;
    char code[16], native_code[32], call_id[64], tel_x[32], url[64], why[200];
    int attempts;
};

struct fixture {
    uv_loop_t loop;
    struct http_client http;
    struct upstream_options options;
    struct ita_client *client;
    struct profile *profile;
    struct ita_account account;
};

#define OKAY                                                                                       \
    "{\"code\":\"0\",\"message\":\"Success\",\"data\":{\"callID\":\"c-1\",\"telX\":\"0571\"}}"
#define REFUSAL(code) ANSWER(200, "{\"code\":\"" code "\",\"message\":\"no\"}")
#define SIGNATURE_FAULT                                                                            \
    ANSWER(401, "{\"error_code\":\"APIGW.0301\",\"error_msg\":\"verify aksk signature fail\"}")
#define EXPIRED(server_time)                                                                       \
    ANSWER(401, "{\"error_code\":\"APIGW.0301\",\"error_msg\":\"signature expired,signature "      \
                "time:20300102T030405Z,server time:" server_time "\"}")

static int open_fixture(void **state)
{
    struct fixture *f = NEW(struct fixture);
    scripted_http_init(&f->http, &f->loop);
    PLAN(f, ANSWER(200, OKAY));
    upstream_options_init(&f->options);
    f->options.backoff_ms = 1;
    f->options.wall_ms = fake_wall_ms;
    f->options.mono_ms = fake_mono_ms;
    f->client = ita_client_create(&f->loop, &f->http, &f->options);
    f->profile = profile_default();
    f->account = (struct ita_account){
        .tenant = STR("space-1"),
        .domain = STR("ita.example.test"),
        .access_key = STR("FAKEAKEXAMPLE0001"),
        .secret_key = STR("fake-secret-key-for-tests-only-0001"),
        .app_key = STR("fake-app-key-0001"),
        .profile = f->profile,
    };
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ita_client_in_flight(f->client), 0);
    ita_client_close(f->client);
    scripted_http_finish(&f->http);
    profile_release(f->profile);
    mem_free(f);
    return 0;
}

/* Another client over the same account and script, for other options. */
static void reopen_client(struct fixture *f)
{
    ita_client_close(f->client);
    f->client = ita_client_create(&f->loop, &f->http, &f->options);
}

static void copy(char *out, size_t size, struct str text)
{
    assert_true(text.len < size);
    memcpy(out, text.len > 0 ? text.ptr : "", text.len);
    out[text.len] = '\0';
}

static void on_result(void *data, const struct ita_result *result)
{
    struct outcome *out = data;
    out->times++;
    out->outcome = result->outcome;
    out->attempts = result->attempts;
    copy(out->code, sizeof(out->code), result->code);
    copy(out->native_code, sizeof(out->native_code), result->native_code);
    copy(out->call_id, sizeof(out->call_id), result->call_id);
    copy(out->tel_x, sizeof(out->tel_x), result->tel_x);
    copy(out->url, sizeof(out->url), result->url);
    copy(out->why, sizeof(out->why), str_of(result->why));
}

static const struct ita_place PLACE = {
    .tel_a = {"13800000001", 11},
    .tel_b = {"13800000003", 11},
    .request_id = {"req-1", 5},
    .call_serial = {"4242", 4},
    .expiration_s = 7200,
    .is_recorded = true,
};

static struct ita_operation *start_place(struct fixture *f, struct outcome *out)
{
    *out = (struct outcome){0};
    struct ita_operation *op = ita_client_place(f->client, &f->account, &PLACE, on_result, out);
    assert_int_equal(out->times, 0); /* never within the starting call */
    return op;
}

static void run(struct fixture *f)
{
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(ita_client_in_flight(f->client), 0);
}

static struct outcome place(struct fixture *f)
{
    struct outcome out;
    start_place(f, &out);
    run(f);
    assert_int_equal(out.times, 1);
    return out;
}

static struct outcome release_call(struct fixture *f, const char *call_id)
{
    struct outcome out = {0};
    ita_client_release(f->client, &f->account, str_of(call_id), on_result, &out);
    run(f);
    assert_int_equal(out.times, 1);
    return out;
}

static void assert_outcome(const struct outcome *out, enum ita_outcome outcome, const char *code)
{
    assert_string_equal(out->code, code);
    assert_int_equal(out->outcome, outcome);
}

/* --- Placing --- */

static void places_a_call(void **state)
{
    struct fixture *f = *state;
    struct outcome out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_string_equal(out.call_id, "c-1");
    assert_string_equal(out.tel_x, "0571");
    assert_int_equal(out.attempts, 1);
    assert_int_equal(f->http.fetch_count, 1);
    assert_string_equal(f->http.fetches[0].url, "https://ita.example.test/v1/ngin/axmn");
    assert_string_equal(f->http.fetches[0].date, "20300102T030405Z");
    assert_int_equal(f->http.fetches[0].answer_max, ITA_ANSWER_MAX);
    assert_string_equal(f->http.fetches[0].body,
                        "{\"appKey\":\"fake-app-key-0001\",\"requestId\":\"req-1\","
                        "\"telA\":\"13800000001\",\"telB\":\"13800000003\",\"telXMode\":\"0\","
                        "\"remark\":\"space-1:4242\",\"subTime\":\"20300102T030405Z\","
                        "\"expiration\":\"7200\",\"extra\":{\"callRecording\":\"1\"}}");
}

static void sends_the_specified_x_number(void **state)
{
    struct fixture *f = *state;
    struct outcome out = {0};
    struct ita_place specified = PLACE;
    specified.tel_x = STR("057100000002");
    specified.area_code = STR("0571");
    specified.is_recorded = false;
    specified.expiration_s = 0;
    ita_client_place(f->client, &f->account, &specified, on_result, &out);
    run(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_string_equal(f->http.fetches[0].body,
                        "{\"appKey\":\"fake-app-key-0001\",\"requestId\":\"req-1\","
                        "\"telA\":\"13800000001\",\"telB\":\"13800000003\",\"telXMode\":\"1\","
                        "\"telX\":\"057100000002\",\"areaCode\":\"0571\","
                        "\"remark\":\"space-1:4242\",\"subTime\":\"20300102T030405Z\","
                        "\"extra\":{\"callRecording\":\"0\"}}");
}

static void passes_on_a_refusal_without_another_try(void **state)
{
    struct fixture *f = *state;
    PLAN(f, REFUSAL("90106003"));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90106003");
    assert_string_equal(out.native_code, "90106003");
    assert_int_equal(f->http.fetch_count, 1);
}

static void tries_again_what_was_not_sent(void **state)
{
    struct fixture *f = *state;
    PLAN(f, NOT_SENT, NOT_SENT, ANSWER(200, OKAY));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_int_equal(out.attempts, 3);
    assert_int_equal(f->http.fetch_count, 3);
    assert_string_equal(f->http.fetches[0].body, f->http.fetches[2].body);
}

static void signs_each_try_anew_with_the_same_request_id(void **state)
{
    struct fixture *f = *state;
    struct plan slow = NOT_SENT;
    slow.takes_ms = 2000;
    PLAN(f, slow, ANSWER(200, OKAY));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_string_equal(f->http.fetches[0].date, "20300102T030405Z");
    assert_string_equal(f->http.fetches[1].date, "20300102T030407Z");
    assert_string_not_equal(f->http.fetches[0].authorization, f->http.fetches[1].authorization);
    assert_non_null(strstr(f->http.fetches[1].body, "\"requestId\":\"req-1\""));
}

static void gives_up_after_the_last_attempt(void **state)
{
    struct fixture *f = *state;
    PLAN(f, NOT_SENT);
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90104004");
    assert_int_equal(f->http.fetch_count, 3);
    assert_string_equal(out.why, "the ITA was not reached: scripted");
}

static void gives_up_when_no_time_is_left(void **state)
{
    struct fixture *f = *state;
    struct plan slow = NOT_SENT;
    slow.takes_ms = 6000;
    PLAN(f, slow);
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90104004");
    assert_int_equal(f->http.fetch_count, 2);
    assert_int_equal(f->http.fetches[0].timeout_ms, 10000);
    assert_int_equal(f->http.fetches[1].timeout_ms, 4000);
}

static void never_places_twice_after_a_doubt(void **state)
{
    struct fixture *f = *state;
    static const struct plan doubts[] = {
        {.outcome = HTTP_UNKNOWN},
        {.outcome = HTTP_ANSWERED, .status = 200, .body = "<html>"},
        {.outcome = HTTP_ANSWERED, .status = 200, .body = "{\"code\":\"0\"}"},
        {.outcome = HTTP_ANSWERED, .status = 500, .body = ""},
        {.outcome = HTTP_ANSWERED, .status = 502, .body = ""},
        {.outcome = HTTP_ANSWERED, .status = 504, .body = ""},
        {.outcome = HTTP_ANSWERED,
         .status = 504,
         .body = "",
         .header = {{"Retry-After", 11}, {"0", 1}}},
    };
    for (size_t i = 0; i < COUNT_OF(doubts); i++) {
        reopen_client(f); /* with a closed circuit */
        size_t before = f->http.fetch_count;
        for (size_t k = 0; k < PLANS_MAX; k++)
            f->http.requests.plans[k] = doubts[i];
        f->http.requests.count = PLANS_MAX;
        struct outcome out = place(f);
        assert_outcome(&out, ITA_UNKNOWN, "90104008");
        assert_int_equal(f->http.fetch_count - before, 1);
    }
}

static void a_doubt_after_a_safe_retry_is_a_doubt(void **state)
{
    struct fixture *f = *state;
    PLAN(f, NOT_SENT, UNKNOWN, ANSWER(200, OKAY));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_UNKNOWN, "90104008");
    assert_int_equal(f->http.fetch_count, 2);
}

static void waits_as_retry_after_asks(void **state)
{
    struct fixture *f = *state;
    struct plan busy = ANSWER(503, ""), throttled = ANSWER(429, "");
    busy.header = throttled.header = (struct http_header){STR("Retry-After"), STR("0")};
    PLAN(f, busy, throttled, ANSWER(200, OKAY));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_int_equal(f->http.fetch_count, 3);
}

static void does_not_wait_past_its_deadline(void **state)
{
    struct fixture *f = *state;
    struct plan busy = ANSWER(503, "");
    busy.header = (struct http_header){STR("Retry-After"), STR("10")};
    PLAN(f, busy);
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90104004");
    assert_int_equal(f->http.fetch_count, 1);
}

static void does_not_retry_503_without_retry_after(void **state)
{
    struct fixture *f = *state;
    PLAN(f, ANSWER(503, ""));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_UNKNOWN, "90104008");
    assert_int_equal(f->http.fetch_count, 1);
}

static void does_not_follow_redirects(void **state)
{
    struct fixture *f = *state;
    PLAN(f, ANSWER(302, ""));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90104004");
    assert_int_equal(f->http.fetch_count, 1);
}

static void refuses_without_sending_what_cannot_be_encoded(void **state)
{
    struct fixture *f = *state;
    struct outcome out = release_call(f, "a/b");
    assert_outcome(&out, ITA_REFUSED, "90100300");
    assert_string_equal(out.why, "callID: holds bytes that cannot stand in a path");
    out = release_call(f, "");
    assert_outcome(&out, ITA_REFUSED, "90100300");
    f->account.domain = STR("evil/host");
    out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90100300");
    assert_int_equal(f->http.fetch_count, 0);
}

/* --- Signatures --- */

static void does_not_retry_a_signature_refusal(void **state)
{
    struct fixture *f = *state;
    PLAN(f, SIGNATURE_FAULT);
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90100200");
    assert_string_equal(out.native_code, "APIGW.0301");
    assert_int_equal(f->http.fetch_count, 1);
}

static void corrects_its_clock_once_and_keeps_the_offset(void **state)
{
    struct fixture *f = *state;
    PLAN(f, EXPIRED("20300102T033405Z"), ANSWER(200, OKAY));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_int_equal(f->http.fetch_count, 2);
    assert_string_equal(f->http.fetches[1].date, "20300102T033405Z");
    assert_non_null(strstr(f->http.fetches[1].body, "\"subTime\":\"20300102T033405Z\""));
    wall_now_ms += 1000;
    out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_string_equal(f->http.fetches[2].date, "20300102T033406Z");
    f->account.domain = STR("other.example.test"); /* has a clock of its own */
    out = place(f);
    assert_string_equal(f->http.fetches[3].date, "20300102T030406Z");
}

static void does_not_correct_its_clock_twice(void **state)
{
    struct fixture *f = *state;
    PLAN(f, EXPIRED("20300102T033405Z"), EXPIRED("20300102T040000Z"));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90100200");
    assert_int_equal(f->http.fetch_count, 2);
}

static void does_not_retry_expired_when_the_clocks_agree(void **state)
{
    struct fixture *f = *state;
    PLAN(f, EXPIRED("20300102T030405Z"));
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90100200");
    assert_int_equal(f->http.fetch_count, 1);
}

static void holds_an_access_key_back_before_the_ita_locks_it(void **state)
{
    struct fixture *f = *state;
    PLAN(f, SIGNATURE_FAULT);
    for (int i = 0; i < 10; i++) {
        struct outcome out = place(f);
        assert_outcome(&out, ITA_REFUSED, "90100200");
    }
    assert_int_equal(f->http.fetch_count, 4);
    mono_now_ms += 5 * 60 * 1000;
    for (int i = 0; i < 3; i++)
        place(f); /* one goes out */
    assert_int_equal(f->http.fetch_count, 5);
    f->account.secret_key = STR("fake-secret-key-for-tests-only-0002");
    struct plan good = ANSWER(200, OKAY);
    for (size_t i = 0; i < PLANS_MAX; i++)
        f->http.requests.plans[i] = good;
    struct outcome out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
}

static void who_asks_apart_from_it_counts_as_well(void **state)
{
    struct fixture *f = *state;
    int64_t held_ms;
    PLAN(f, SIGNATURE_FAULT);
    for (int i = 0; i < 3; i++)
        place(f);
    enum circuit_pass pass = ita_client_enter_key(f->client, &f->account, &held_ms);
    assert_int_equal(pass, CIRCUIT_PASSED);
    ita_client_leave_key(f->client, &f->account, pass, ITA_KEY_REFUSED);
    place(f);
    assert_int_equal(f->http.fetch_count, 3);
    assert_int_equal(ita_client_enter_key(f->client, &f->account, &held_ms), CIRCUIT_HELD);
    assert_int_equal(held_ms, 5 * 60 * 1000);
    mono_now_ms += held_ms;
    pass = ita_client_enter_key(f->client, &f->account, &held_ms);
    assert_int_equal(pass, CIRCUIT_PROBE);
    ita_client_leave_key(f->client, &f->account, pass, ITA_KEY_UNTOLD);
    pass = ita_client_enter_key(f->client, &f->account, &held_ms);
    assert_int_equal(pass, CIRCUIT_PROBE);
    ita_client_leave_key(f->client, &f->account, pass, ITA_KEY_GOOD);
    place(f);
    assert_int_equal(f->http.fetch_count, 4);
}

static void count_open(void *data, const struct upstream_domain *domain)
{
    int *open = data;
    assert_string_equal(domain->name, "ita.example.test");
    *open += domain->is_open;
}

static void tells_which_domains_fail(void **state)
{
    struct fixture *f = *state;
    int open = 0;
    PLAN(f, NOT_SENT);
    ita_client_each_domain(f->client, count_open, &open);
    for (int i = 0; i < 5; i++)
        place(f);
    ita_client_each_domain(f->client, count_open, &open);
    assert_int_equal(open, 1);
}

static void counts_operations_by_outcome_and_the_unsent_apart(void **state)
{
    struct fixture *f = *state;
    f->options.attempts_max = 1;
    reopen_client(f);
    PLAN(f, ANSWER(200, OKAY), REFUSAL("90106003"), UNKNOWN);
    for (int i = 0; i < 7; i++)
        place(f);
    place(f); /* the circuit is open */
    const struct upstream_tally *places = ita_client_tally(f->client, PROFILE_ACTION_PLACE);
    assert_int_equal(latency_count(&places->outcomes[ITA_ACCEPTED]), 1);
    assert_int_equal(latency_count(&places->outcomes[ITA_REFUSED]), 1);
    assert_int_equal(latency_count(&places->outcomes[ITA_UNKNOWN]), 5);
    assert_int_equal(places->unsent, 1);
    assert_int_equal(
        latency_count(&ita_client_tally(f->client, PROFILE_ACTION_RELEASE)->outcomes[ITA_ACCEPTED]),
        0);
}

static void another_answer_ends_the_row_of_refusals(void **state)
{
    struct fixture *f = *state;
    PLAN(f, SIGNATURE_FAULT, SIGNATURE_FAULT, SIGNATURE_FAULT, REFUSAL("90106011"), SIGNATURE_FAULT,
         SIGNATURE_FAULT, SIGNATURE_FAULT, ANSWER(200, OKAY));
    for (int i = 0; i < 8; i++)
        place(f);
    assert_int_equal(f->http.fetch_count, 8);
}

/* --- Release, recording, query --- */

static void releases_a_call(void **state)
{
    struct fixture *f = *state;
    PLAN(f, ANSWER(200, "{\"code\":\"0\"}"));
    struct outcome out = release_call(f, "c-1");
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_string_equal(f->http.fetches[0].url, "https://ita.example.test/v1/ngin/axmn/c-1");
    assert_string_equal(f->http.fetches[0].body, "");
}

static void retries_a_release_after_a_doubt(void **state)
{
    struct fixture *f = *state;
    PLAN(f, UNKNOWN, ANSWER(502, ""), ANSWER(200, "{\"code\":\"0\"}"));
    struct outcome out = release_call(f, "c-1");
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_int_equal(f->http.fetch_count, 3);
}

static void takes_a_call_that_an_earlier_release_ended_for_released(void **state)
{
    struct fixture *f = *state;
    PLAN(f, UNKNOWN, REFUSAL("90106002"), REFUSAL("90106002"));
    struct outcome out = release_call(f, "c-1");
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_int_equal(f->http.fetch_count, 2);
    out = release_call(f, "c-1");
    assert_outcome(&out, ITA_REFUSED, "90106002");
}

static void another_refusal_after_a_doubt_leaves_a_release_open(void **state)
{
    struct fixture *f = *state;
    PLAN(f, UNKNOWN, NOT_SENT);
    struct outcome out = release_call(f, "c-1");
    assert_outcome(&out, ITA_UNKNOWN, "90104008");
    assert_int_equal(f->http.fetch_count, 3);
}

static void asks_for_a_recording(void **state)
{
    struct fixture *f = *state;
    struct outcome out = {0};
    PLAN(f, UNKNOWN, ANSWER(200, "{\"code\":\"0\",\"data\":{\"url\":\"https://r.test/1\"}}"));
    ita_client_recording(f->client, &f->account, STR("c-1"), on_result, &out);
    run(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_string_equal(out.url, "https://r.test/1");
    assert_string_equal(f->http.fetches[1].url, "https://ita.example.test/v1/ngin/axmn/record/c-1");
}

static void queries_only_where_the_profile_says_how(void **state)
{
    struct fixture *f = *state;
    struct outcome out = {0};
    struct ita_query query = {.request_id = STR("req-1")};
    ita_client_query(f->client, &f->account, &query, on_result, &out);
    run(f);
    assert_outcome(&out, ITA_REFUSED, "90100300");
    assert_int_equal(f->http.fetch_count, 0);

    struct profile *with_query = NULL;
    assert_int_equal(
        profile_parse(STR("{\"query\":{\"path\":\"/q/{requestId}\"}}"), &with_query, NULL), OK);
    f->account.profile = with_query;
    ita_client_query(f->client, &f->account, &query, on_result, &out);
    run(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    assert_string_equal(out.call_id, "c-1");
    assert_string_equal(f->http.fetches[0].url, "https://ita.example.test/q/req-1");
    profile_release(with_query);
}

/* --- Limits and circuit --- */

static void limits_a_tenants_requests_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct outcome out[3];
    f->account.in_flight_max = 2;
    for (int i = 0; i < 3; i++)
        start_place(f, &out[i]);
    run(f);
    assert_outcome(&out[0], ITA_ACCEPTED, "0");
    assert_outcome(&out[1], ITA_ACCEPTED, "0");
    assert_outcome(&out[2], ITA_REFUSED, "90104029");
    assert_int_equal(out[2].attempts, 0);
    assert_int_equal(f->http.fetch_count, 2);
    out[0] = place(f); /* the places are free again */
    assert_outcome(&out[0], ITA_ACCEPTED, "0");
}

static void listening_and_hanging_up_take_no_call_its_place(void **state)
{
    struct fixture *f = *state;
    struct outcome listened[2] = {{0}, {0}}, ended[2] = {{0}, {0}}, placed = {0}, refused = {0};
    f->account.in_flight_max = 2;
    PLAN(f, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, ANSWER(200, OKAY));
    f->options.attempts_max = 1;
    reopen_client(f);
    for (int i = 0; i < 2; i++)
        ita_client_recording(f->client, &f->account, STR("c-1"), on_result, &listened[i]);
    ita_client_recording(f->client, &f->account, STR("c-1"), on_result, &refused);
    for (int i = 0; i < 2; i++)
        ita_client_release(f->client, &f->account, STR("c-1"), on_result, &ended[i]);
    start_place(f, &placed);
    run(f);
    assert_outcome(&refused, ITA_REFUSED, "90104029");
    assert_outcome(&placed, ITA_ACCEPTED, "0");
    assert_int_equal(f->http.fetch_count, 5);
}

static void limits_a_tenants_calls_per_second(void **state)
{
    struct fixture *f = *state;
    f->account.per_second_max = 2;
    place(f);
    place(f);
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90104029");
    out = release_call(f, "c-1"); /* is no call */
    assert_outcome(&out, ITA_ACCEPTED, "0");
    f->account.tenant = STR("space-2");
    out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
    f->account.tenant = STR("space-1");
    mono_now_ms += 500;
    out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
}

static void opens_the_circuit_of_a_failing_domain(void **state)
{
    struct fixture *f = *state;
    f->options.attempts_max = 1;
    reopen_client(f);
    PLAN(f, UNKNOWN, NOT_SENT, ANSWER(503, ""), UNKNOWN, UNKNOWN, UNKNOWN, ANSWER(200, OKAY));
    for (int i = 0; i < 5; i++)
        place(f);
    struct outcome out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90104004");
    assert_int_equal(out.attempts, 0);
    assert_int_equal(f->http.fetch_count, 5);

    mono_now_ms += f->options.circuit_open_ms;
    out = place(f); /* the probe fails */
    assert_outcome(&out, ITA_UNKNOWN, "90104008");
    out = place(f);
    assert_outcome(&out, ITA_REFUSED, "90104004");
    assert_int_equal(f->http.fetch_count, 6);

    mono_now_ms += f->options.circuit_open_ms;
    struct outcome both[2];
    start_place(f, &both[0]);
    start_place(f, &both[1]);
    run(f);
    assert_outcome(&both[0], ITA_ACCEPTED, "0");
    assert_outcome(&both[1], ITA_REFUSED, "90104004");
    out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
}

static void refusals_do_not_open_the_circuit(void **state)
{
    struct fixture *f = *state;
    PLAN(f, REFUSAL("90106003"));
    for (int i = 0; i < 10; i++)
        place(f);
    assert_int_equal(f->http.fetch_count, 10);
}

/* Where recordings are kept may be down while calls are placed. */
static void failures_to_find_recordings_do_not_open_the_circuit(void **state)
{
    struct fixture *f = *state;
    struct outcome out = {0};
    f->options.attempts_max = 1;
    reopen_client(f);
    PLAN(f, ANSWER(500, ""), UNKNOWN, NOT_SENT, ANSWER(503, ""), UNKNOWN, UNKNOWN,
         ANSWER(200, OKAY));
    for (int i = 0; i < 6; i++) {
        ita_client_recording(f->client, &f->account, STR("c-1"), on_result, &out);
        run(f);
    }
    out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
}

static void a_canceled_probe_lets_the_next_one_try(void **state)
{
    struct fixture *f = *state;
    struct plan held = ANSWER(200, OKAY);
    struct outcome out;
    held.is_held = true;
    f->options.attempts_max = 1;
    f->options.circuit_failures = 1;
    reopen_client(f);
    PLAN(f, NOT_SENT, held, ANSWER(200, OKAY));
    place(f);
    mono_now_ms += f->options.circuit_open_ms;
    struct ita_operation *op = start_place(f, &out);
    while (f->http.fetch_count < 2)
        uv_run(&f->loop, UV_RUN_ONCE);
    ita_operation_cancel(op);
    run(f);
    out = place(f);
    assert_outcome(&out, ITA_ACCEPTED, "0");
}

/* --- Canceling --- */

static void canceled_before_it_was_sent_is_refused(void **state)
{
    struct fixture *f = *state;
    struct outcome out;
    struct ita_operation *op = start_place(f, &out);
    ita_operation_cancel(op);
    ita_operation_cancel(op);
    assert_int_equal(out.times, 0);
    run(f);
    assert_int_equal(out.times, 1);
    assert_outcome(&out, ITA_REFUSED, "90104004");
    assert_string_equal(out.why, "canceled");
    assert_int_equal(f->http.fetch_count, 0);
}

static void canceled_under_way_is_unknown_and_not_retried(void **state)
{
    struct fixture *f = *state;
    struct plan held = ANSWER(200, OKAY);
    struct outcome out;
    held.is_held = true;
    PLAN(f, held);
    struct ita_operation *op = start_place(f, &out);
    while (f->http.fetch_count < 1)
        uv_run(&f->loop, UV_RUN_ONCE);
    ita_operation_cancel(op);
    assert_int_equal(out.times, 0);
    run(f);
    assert_int_equal(out.times, 1);
    assert_outcome(&out, ITA_UNKNOWN, "90104008");
    assert_int_equal(f->http.fetch_count, 1);
}

static void canceled_while_it_waits_is_refused(void **state)
{
    struct fixture *f = *state;
    struct outcome out;
    struct plan busy = ANSWER(503, "");
    busy.header = (struct http_header){STR("Retry-After"), STR("9")};
    PLAN(f, busy);
    struct ita_operation *op = start_place(f, &out);
    while (f->http.fetch_count < 1 || uv_is_active((uv_handle_t *)&f->http.fetches[0].timer))
        uv_run(&f->loop, UV_RUN_ONCE);
    assert_int_equal(out.times, 0);
    ita_operation_cancel(op);
    run(f);
    assert_outcome(&out, ITA_REFUSED, "90104004");
    assert_int_equal(out.attempts, 1);
}

static void close_client(void *data, const struct ita_result *result)
{
    struct fixture *f = data;
    (void)result;
    ita_client_close(f->client);
    f->client = ita_client_create(&f->loop, &f->http, &f->options);
}

static void may_be_closed_in_the_last_result(void **state)
{
    struct fixture *f = *state;
    ita_client_place(f->client, &f->account, &PLACE, close_client, f);
    run(f);
    assert_int_equal(f->http.fetch_count, 1);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(places_a_call),
        ROW(sends_the_specified_x_number),
        ROW(passes_on_a_refusal_without_another_try),
        ROW(tries_again_what_was_not_sent),
        ROW(signs_each_try_anew_with_the_same_request_id),
        ROW(gives_up_after_the_last_attempt),
        ROW(gives_up_when_no_time_is_left),
        ROW(never_places_twice_after_a_doubt),
        ROW(a_doubt_after_a_safe_retry_is_a_doubt),
        ROW(waits_as_retry_after_asks),
        ROW(does_not_wait_past_its_deadline),
        ROW(does_not_retry_503_without_retry_after),
        ROW(does_not_follow_redirects),
        ROW(refuses_without_sending_what_cannot_be_encoded),
        ROW(does_not_retry_a_signature_refusal),
        ROW(corrects_its_clock_once_and_keeps_the_offset),
        ROW(does_not_correct_its_clock_twice),
        ROW(does_not_retry_expired_when_the_clocks_agree),
        ROW(holds_an_access_key_back_before_the_ita_locks_it),
        ROW(who_asks_apart_from_it_counts_as_well),
        ROW(tells_which_domains_fail),
        ROW(counts_operations_by_outcome_and_the_unsent_apart),
        ROW(another_answer_ends_the_row_of_refusals),
        ROW(releases_a_call),
        ROW(retries_a_release_after_a_doubt),
        ROW(takes_a_call_that_an_earlier_release_ended_for_released),
        ROW(another_refusal_after_a_doubt_leaves_a_release_open),
        ROW(asks_for_a_recording),
        ROW(queries_only_where_the_profile_says_how),
        ROW(limits_a_tenants_requests_at_a_time),
        ROW(listening_and_hanging_up_take_no_call_its_place),
        ROW(limits_a_tenants_calls_per_second),
        ROW(opens_the_circuit_of_a_failing_domain),
        ROW(refusals_do_not_open_the_circuit),
        ROW(failures_to_find_recordings_do_not_open_the_circuit),
        ROW(a_canceled_probe_lets_the_next_one_try),
        ROW(canceled_before_it_was_sent_is_refused),
        ROW(canceled_under_way_is_unknown_and_not_retried),
        ROW(canceled_while_it_waits_is_refused),
        ROW(may_be_closed_in_the_last_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
