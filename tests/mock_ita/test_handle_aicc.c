#include "mock_ita/aicc/serial.h"
#include "tests/mock_ita/world.h"

/* The AICC's interfaces over HTTP, within one process; tests/e2e/test_mock_aicc.py asks the
 * program. */

#define V1 "/apiaccess/CC-Management/v1/mobileAgent/"
#define V3 "/apiaccess/CC-Management/v3/mobileAgent/"
#define TOKEN "/apigovernance/api/oauth/tokenByAkSk"

enum { HEADERS_MAX = 3 };

static struct world world;
static struct answer answer;
static char token[64];
static const char *content_type = "application/json; charset=UTF-8"; /* NULL: none is sent */

static void post(const char *target, const char *authorization, const char *app_key,
                 const char *body)
{
    struct http_header headers[HEADERS_MAX];
    struct http_fetch_request request = {
        .method = "POST", .headers = headers, .body = str_of(body)};
    if (content_type != NULL)
        headers[request.header_count++] =
            (struct http_header){STR("Content-Type"), str_of(content_type)};
    if (authorization != NULL)
        headers[request.header_count++] =
            (struct http_header){STR("Authorization"), str_of(authorization)};
    if (app_key != NULL)
        headers[request.header_count++] = (struct http_header){STR("X-APP-Key"), str_of(app_key)};
    fetch(&world, mock_port(world.mock), target, &request, &answer);
    run_until(&world, &answer.is_done);
}

static void ask_aicc(const char *target, const char *body)
{
    post(target, token, NULL, body);
}

static void sign_in(void)
{
    const char *body = "{\"app_key\":\"fake-ak\",\"app_secret\":\"fake-sk\"}";
    struct json *json;
    post(TOKEN, NULL, NULL, body);
    assert_int_equal(answer.status, 200);
    assert_int_equal(json_parse(str_of(answer.body), &json, NULL), OK);
    struct str text = json_string(json_get(json, "AccessToken"));
    snprintf(token, sizeof(token), "Bearer %.*s", STR_ARGS(text));
    json_destroy(json);
}

static char aicc_word[] = "--aicc";

static int set_up(void **state)
{
    (void)state;
    world_start_with(&world, 1, aicc_word);
    mock_aicc_tokens_change_key(world.mock->tokens, STR("fake-ak"), STR("fake-sk"));
    mock_freeze(world.mock);
    sign_in();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_stop(&world);
    return 0;
}

static void assert_ret_code(const char *code)
{
    assert_int_equal(answer.status, 200);
    assert_member(answer.body, "/retCode", code);
}

static void place_cec(const char *called)
{
    char body[256];
    snprintf(body, sizeof(body), "{\"caller\":\"13800000001\",\"called\":\"%s\"}", called);
    ask_aicc(V1 "createCall", body);
}

static struct mock_call *last_call(void)
{
    return mock_calls_of_number(world.mock->calls, mock_calls_last(world.mock->calls));
}

/* Of an interface that takes nothing but a callSerialNo. */
static void ask_of(const char *target, const struct mock_call *call)
{
    char body[128];
    snprintf(body, sizeof(body), "{\"callSerialNo\":\"%llu\"}",
             (unsigned long long)mock_aicc_serial(call));
    ask_aicc(target, body);
}

static void ask_records(void)
{
    char body[128];
    long long now_ms = (long long)mock_clock_now_ms(world.mock->clock);
    snprintf(body, sizeof(body), "{\"startTime\":%lld,\"endTime\":%lld}", now_ms - 3600000, now_ms);
    ask_aicc(V1 "queryCallDetailRecord", body);
}

static void advance(int64_t by_ms)
{
    assert_true(mock_advance(world.mock, by_ms));
}

/* --- Tokens --- */

static void lets_nobody_in_without_a_good_token(void **state)
{
    (void)state;
    static const struct {
        const char *authorization, *app_key, *check;
    } cases[] = {
        {NULL, NULL, "token_missing"},
        {"Basic abc", NULL, "token_missing"},
        {"Bearer abc", NULL, "token_unknown"},
        {token, "another-ak", "app_key_wrong"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        post(V1 "createCall", cases[i].authorization, cases[i].app_key, "{}");
        assert_int_equal(answer.status, 401);
        assert_member(answer.body, "/exceptionInfo", cases[i].check);
    }
    post(V1 "createCall", token, "fake-ak", "{}");
    assert_ret_code("5");
    assert_int_equal(mock_calls_last(world.mock->calls), 0);
}

static void a_token_ends_by_the_clock_of_the_mock(void **state)
{
    (void)state;
    advance(600 * 1000 - 1);
    place_cec("13900000001");
    assert_ret_code("0");
    advance(1);
    place_cec("13900000002");
    assert_int_equal(answer.status, 401);
    assert_member(answer.body, "/exceptionInfo", "token_expired");
}

static void refuses_another_key_or_secret(void **state)
{
    (void)state;
    post(TOKEN, NULL, NULL, "{\"app_key\":\"fake-ak\",\"app_secret\":\"x\"}");
    assert_int_equal(answer.status, 401);
    post(TOKEN, NULL, NULL, "{\"app_key\":\"x\",\"app_secret\":\"fake-sk\"}");
    assert_int_equal(answer.status, 401);
    post(TOKEN, NULL, NULL, "{\"app_key\":\"fake-ak\"}");
    assert_int_equal(answer.status, 400);
    post(TOKEN, NULL, NULL, "[]");
    assert_int_equal(answer.status, 400);
}

static void forgets_tokens_and_keys_with_a_reset(void **state)
{
    (void)state;
    mock_reset(world.mock);
    mock_freeze(world.mock);
    place_cec("13900000001");
    assert_int_equal(answer.status, 401);
    post(TOKEN, NULL, NULL, "{\"app_key\":\"fake-ak\",\"app_secret\":\"fake-sk\"}");
    assert_int_equal(answer.status, 401); /* those of the options count again */
}

/* --- Calls --- */

static void plays_a_call_without_an_x_number(void **state)
{
    (void)state;
    place_cec("13900000001");
    assert_ret_code("0");
    struct mock_call *call = last_call();
    assert_int_equal(call->tel_x.len, 0);
    ask_of(V1 "queryCallState", call);
    assert_member(answer.body, "/result/state", "1");
    advance(7000);
    ask_of(V1 "queryCallState", call);
    assert_member(answer.body, "/result/state", "2");
    ask_records();
    assert_ret_code("1");
    advance(30000);
    ask_of(V1 "queryCallState", call);
    assert_member(answer.body, "/result/state", "3");
    assert_member(answer.body, "/result/reasonCode", "0");
    ask_records();
    assert_ret_code("0");
}

static void refuses_the_same_call_while_it_runs(void **state)
{
    (void)state;
    place_cec("13900000001");
    assert_ret_code("0");
    place_cec("13900000001");
    assert_ret_code("1");
    ask_aicc(V3 "createCall", "{\"softPhone\":\"13800000001\",\"called\":\"13900000001\"}");
    assert_ret_code("1");
    place_cec("13900000002");
    assert_ret_code("0");
    ask_of(V1 "releaseCall", mock_calls_of_number(world.mock->calls, 1));
    assert_ret_code("0");
    place_cec("13900000001");
    assert_ret_code("0");
}

static void obeys_the_rules_of_the_platform(void **state)
{
    (void)state;
    struct fault fault;
    assert_int_equal(
        mock_policy_forbid(world.mock->policy, MOCK_FORBIDDEN_CALLEE, STR("139*"), &fault), OK);
    place_cec("13900000001");
    assert_ret_code("90106012");
    assert_member(answer.body, "/retMsg", "Callee forbid");
}

static void knows_calls_of_its_own_only(void **state)
{
    (void)state;
    place(&world, 1, "13900000001", &answer); /* at the ITA */
    struct mock_call *call = last_call();
    ask_of(V1 "queryCallState", call);
    assert_ret_code("3");
    ask_of(V1 "releaseCall", call);
    assert_ret_code("3");
    ask_aicc(V1 "queryCallState", "{\"callSerialNo\":\"12\"}");
    assert_ret_code("3");
    advance(60000);
    ask_records();
    assert_ret_code("1");
}

static void keeps_its_calls_from_the_ita(void **state)
{
    (void)state;
    static const char *const methods[] = {"GET", "DELETE"};
    char target[TARGET_MAX];
    place_cec("13900000001");
    snprintf(target, sizeof(target), PLACE "/%.*s", STR_ARGS(last_call()->call_id));
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        ask(&world, methods[i], target, &answer);
        assert_code(&answer, MOCK_NOT_FOUND);
    }
    assert_int_equal(last_call()->state, MOCK_CALL_RINGING_A);
}

static void ends_a_call_on_demand_as_often_as_asked(void **state)
{
    (void)state;
    place_cec("13900000001");
    struct mock_call *call = last_call();
    ask_of(V1 "releaseCall", call);
    assert_ret_code("0");
    assert_member(answer.body, "/retMsg", "success");
    assert_int_equal(call->state, MOCK_CALL_ENDED);
    ask_of(V1 "releaseCall", call);
    assert_ret_code("0");
    assert_member(answer.body, "/retMsg", "the call had ended before");
}

static void a_recording_has_an_address_for_five_minutes(void **state)
{
    (void)state;
    const struct http_header range = {STR("Range"), STR("bytes=0-9")};
    struct http_fetch_request request = {.method = "GET", .headers = &range, .header_count = 1};
    char target[TARGET_MAX];
    place_cec("13900000001");
    ask_of(V1 "getRecordingAddress", last_call());
    assert_non_null(strstr(answer.body, "\"retCode\":5,"));
    advance(37000);
    ask_of(V1 "getRecordingAddress", last_call());
    assert_non_null(strstr(answer.body, "\"retCode\":0,"));
    const char *path = strstr(answer.body, "/recordings/");
    snprintf(target, sizeof(target), "%.*s", (int)(strchr(path, '"') - path), path);
    fetch(&world, mock_port(world.mock), target, &request, &answer);
    run_until(&world, &answer.is_done);
    assert_int_equal(answer.status, 206);
    advance(5 * 60 * 1000);
    fetch(&world, mock_port(world.mock), target, &request, &answer);
    run_until(&world, &answer.is_done);
    assert_int_equal(answer.status, 404);
}

static void what_is_not_there_is_404_and_another_method_405(void **state)
{
    (void)state;
    struct http_fetch_request request = {.method = "GET"};
    ask_aicc(V1 "queryPhone", "{}");
    assert_int_equal(answer.status, 404);
    assert_member(answer.body, "/errorCode", "404");
    ask_aicc("/apiaccess/cc-management/v1/mobileAgent/createCall", "{}");
    assert_int_equal(answer.status, 404);
    fetch(&world, mock_port(world.mock), V1 "createCall", &request, &answer);
    run_until(&world, &answer.is_done);
    assert_int_equal(answer.status, 405);
}

static void bodies_that_are_no_object_are_400(void **state)
{
    (void)state;
    static const char *const bodies[] = {"", "{", "[]", "1", "{\"caller\":1,\"caller\":2}"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        ask_aicc(V1 "createCall", bodies[i]);
        assert_int_equal(answer.status, 400);
        assert_member(answer.body, "/errorCode", "400");
    }
}

static void what_does_not_say_that_it_is_json_is_415(void **state)
{
    (void)state;
    static const char *const types[] = {NULL, "text/plain", "application/jsonx"};
    const char *usual = content_type;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        content_type = types[i];
        place_cec("13900000001");
        assert_int_equal(answer.status, 415);
    }
    content_type = "Application/JSON";
    place_cec("13900000001");
    assert_ret_code("0");
    content_type = usual;
}

/* --- Without --aicc --- */

static void is_not_there_unless_asked_for(void **state)
{
    (void)state;
    world_start(&world, 1);
    post(TOKEN, NULL, NULL, "{}");
    assert_int_equal(answer.status, 404);
    assert_member(answer.body, "/error_code", "APIGW.0101");
    world_stop(&world);
}

int main(void)
{
    log_init(LOG_ERROR, LOG_FORMAT_LOGFMT, false);
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(lets_nobody_in_without_a_good_token),
        WITH_WORLD(a_token_ends_by_the_clock_of_the_mock),
        WITH_WORLD(refuses_another_key_or_secret),
        WITH_WORLD(forgets_tokens_and_keys_with_a_reset),
        WITH_WORLD(plays_a_call_without_an_x_number),
        WITH_WORLD(refuses_the_same_call_while_it_runs),
        WITH_WORLD(obeys_the_rules_of_the_platform),
        WITH_WORLD(knows_calls_of_its_own_only),
        WITH_WORLD(keeps_its_calls_from_the_ita),
        WITH_WORLD(ends_a_call_on_demand_as_often_as_asked),
        WITH_WORLD(a_recording_has_an_address_for_five_minutes),
        WITH_WORLD(what_is_not_there_is_404_and_another_method_405),
        WITH_WORLD(bodies_that_are_no_object_are_400),
        WITH_WORLD(what_does_not_say_that_it_is_json_is_415),
        cmocka_unit_test(is_not_there_unless_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
