/* The ITA's API from end to end: requests that break rules, bindings, and other profiles. */

#include "base/file.h"
#include "mock_ita/scenario/magic.h"
#include "tests/mock_ita/world.h"

#define BINDING "/v1/ngin/axb/binding"

static struct world world;
static struct answer answer;

static void order_binding(const char *request_id, const char *tel_a, const char *tel_b,
                          const char *more)
{
    char body[512], now[SDK_DATE_LEN];
    clock_format_sdk_date(mock_clock_now_ms(world.mock->clock), now);
    snprintf(body, sizeof(body),
             "{\"appKey\":\"fake-app-0001\",\"requestId\":\"%s\",\"telXMode\":\"0\","
             "\"telA\":\"%s\",\"telB\":\"%s\",\"subTime\":\"%.*s\"%s}",
             request_id, tel_a, tel_b, SDK_DATE_LEN, now, more);
    tell(&world, "POST", BINDING, str_of(body), &answer);
}

static void ask_about_binding(const char *method, const char *before,
                              const struct mock_binding *binding, const char *after)
{
    char target[TARGET_MAX];
    snprintf(target, sizeof(target), "%s%.*s%s", before, STR_ARGS(binding->sub_id), after);
    ask(&world, method, target, &answer);
}

static const struct mock_binding *binding_of(const char *request_id)
{
    return mock_bindings_of_request(world.mock->bindings, str_of(request_id));
}

/* --- Violations --- */

static void lists_violations_in_answer_and_journal(void **state)
{
    (void)state;
    world_start(&world, 1000);
    tell(&world, "POST", PLACE, STR("{\"telA\":\"12\",\"x\":1}"), &answer);
    assert_code(&answer, MOCK_INVALID_PARAMETER);
    assert_non_null(strstr(answer.body, "\"violations\":[{\"path\":\"/appKey\",\"rule\":"));
    assert_non_null(strstr(answer.body, "{\"path\":\"/telA\",\"rule\":\"must be digits, 3 or"));
    assert_non_null(strstr(answer.body, "{\"path\":\"/x\",\"rule\":\"is unknown"));
    assert_int_equal(counter(&world, MOCK_COUNT_REFUSED), 1);
    tell(&world, "POST", PLACE, STR("[]"), &answer);
    assert_code(&answer, MOCK_BAD_REQUEST);
    control(&world, "GET", "/requests", &answer);
    assert_non_null(strstr(answer.body, "/telB: must be there"));
    world_stop(&world);
}

static void tells_a_good_order_nothing_of_violations(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900000001", &answer);
    assert_code(&answer, MOCK_OK);
    assert_null(strstr(answer.body, "violations"));
    world_stop(&world);
}

static void leaves_violations_out_when_terse(void **state)
{
    (void)state;
    char word[] = "--terse";
    world_start_with(&world, 1000, word);
    tell(&world, "POST", PLACE, STR("{}"), &answer);
    assert_string_equal(answer.body,
                        "{\"code\":\"90100100\",\"message\":\"Invalid Input Parameter\"}");
    control(&world, "GET", "/requests", &answer);
    assert_non_null(strstr(answer.body, "/telB: must be there"));
    world_stop(&world);
}

static void notes_unknown_members_instead_of_refusing_them(void **state)
{
    (void)state;
    char word[] = "--unknown-members=note";
    world_start_with(&world, 1000, word);
    order_binding("b-1", "13800000001", "13900000001", ",\"colour\":\"red\"");
    assert_code(&answer, MOCK_OK);
    control(&world, "GET", "/requests", &answer);
    assert_non_null(strstr(answer.body, "{\"path\":\"/colour\",\"rule\":\"is unknown"));
    world_stop(&world);
}

/* --- Bindings --- */

static void binds_and_unbinds(void **state)
{
    (void)state;
    world_start(&world, 1);
    order_binding("b-1", "13800000001", "13900000001", "");
    assert_code(&answer, MOCK_OK);
    assert_member(answer.body, "/data/telX", "700000000000001");
    const struct mock_binding *binding = binding_of("b-1");
    assert_non_null(binding);
    assert_non_null(strstr(answer.body, "\"subId\":\"bind-"));
    order_binding("b-2", "13800000001", "13900000002", "");
    assert_code(&answer, MOCK_NUMBERS_EXHAUSTED);
    ask_about_binding("DELETE", BINDING "/", binding, "/700000000000002");
    assert_code(&answer, MOCK_BINDING_INCONSISTENT);
    ask_about_binding("DELETE", BINDING "/", binding, "/700000000000001");
    assert_code(&answer, MOCK_OK);
    assert_int_equal(binding->state, MOCK_BINDING_UNBOUND);
    ask_about_binding("DELETE", BINDING "/", binding, "/700000000000001");
    assert_code(&answer, MOCK_BINDING_NOT_EXISTS);
    order_binding("b-3", "13800000001", "13900000002", "");
    assert_code(&answer, MOCK_OK);
    world_stop(&world);
}

static void ends_a_binding_when_it_expires(void **state)
{
    (void)state;
    world_start(&world, 1);
    order_binding("b-1", "13800000001", "13900000001", ",\"expiration\":\"60\"");
    assert_code(&answer, MOCK_OK);
    assert_true(mock_advance(world.mock, 60 * 1000));
    assert_int_equal(binding_of("b-1")->state, MOCK_BINDING_EXPIRED);
    world_stop(&world);
}

static void gives_a_repeated_binding_the_first_answer(void **state)
{
    (void)state;
    static struct answer first;
    world_start(&world, 1);
    order_binding("b-1", "13800000001", "13900000001", "");
    first = answer;
    order_binding("b-1", "13800000001", "13900000001", ",\"areaCode\":\"1\""); /* no replay */
    assert_string_equal(answer.body, first.body);
    assert_int_equal(mock_bindings_bound(world.mock->bindings), 1);
    order_binding("b-1", "13800000001", "13900000002", "");
    assert_code(&answer, MOCK_BINDING_INCONSISTENT);
    world_stop(&world);
}

static void gives_the_recording_of_a_call_through_a_binding(void **state)
{
    (void)state;
    const struct mock_script script = mock_magic_script(STR("13900000001"));
    struct mock_call *call;
    world_start(&world, 1000);
    order_binding("b-1", "13800000001", "13900000001", ",\"extra\":{\"callRecording\":\"1\"}");
    const struct mock_binding *binding = binding_of("b-1");
    ask_about_binding("GET", "/v1/ngin/axb/record/700000000000001/", binding, "");
    assert_code(&answer, MOCK_NOT_FOUND);
    int64_t now_ms = mock_clock_now_ms(world.mock->clock);
    assert_int_equal(
        mock_calls_dial(world.mock->calls, binding, MOCK_SIDE_A, &script.call, now_ms, &call),
        MOCK_OK);
    mock_play(world.mock, now_ms);
    run_until_acknowledged(&world, 1);
    ask_about_binding("GET", "/v1/ngin/axb/record/700000000000001/", binding, "");
    assert_code(&answer, MOCK_OK);
    assert_non_null(strstr(answer.body, "/recordings/mock-"));
    ask_about_binding("GET", "/v1/ngin/axb/record/700000000000002/", binding, "");
    assert_code(&answer, MOCK_BINDING_INCONSISTENT);
    ask(&world, "GET", "/v1/ngin/axb/record/700000000000001/none", &answer);
    assert_code(&answer, MOCK_BINDING_NOT_EXISTS);
    world_stop(&world);
}

/* --- Profiles --- */

/* A file with that text, as an option. */
static char *profile_word(const char *text)
{
    static char word[64];
    struct fault fault;
    snprintf(word, sizeof(word), "--profile=/tmp/test_handle_api.%d", (int)getpid());
    if (file_write(word + strlen("--profile="), str_of(text), 0600, &fault) != OK)
        fail_msg("%s", fault.text);
    return word;
}

static void speaks_by_a_profile_of_its_own(void **state)
{
    (void)state;
    char *word = profile_word(
        "{\"place\":{\"method\":\"PUT\",\"path\":\"/call\",\"request\":{\"from\":\"{telA}\","
        "\"to\":\"{telB}\",\"via\":\"{telX}\"}},"
        "\"release\":{\"method\":\"PATCH\",\"path\":\"/call?id={callID}\"},"
        "\"headers\":{\"appKey\":\"X-App\",\"signed\":[\"host\",\"x-sdk-date\"]},"
        "\"answer\":{\"code\":\"/st\",\"message\":\"/say\",\"callID\":\"/id\",\"telX\":\"/x\","
        "\"success\":[\"OK\"]},\"codes\":{\"E7\":\"90100400\"}}");
    world_start_with(&world, 1000, word);
    remove(word + strlen("--profile="));
    ask(&world, "POST", PLACE, &answer);
    assert_int_equal(answer.status, 404);
    ask(&world, "GET", PLACE "/c-1", &answer); /* a file offers a query only where it says so */
    assert_int_equal(answer.status, 404);
    /* The rig sends AppKey, which is not this profile's header. */
    ask(&world, "PATCH", "/call?id=c-1", &answer);
    assert_int_equal(answer.status, 401);
    assert_non_null(strstr(answer.body, "the X-App header is not"));
    world_stop(&world);
}

static void answers_by_a_profile_of_its_own(void **state)
{
    (void)state;
    char *word = profile_word(
        "{\"place\":{\"method\":\"PUT\",\"path\":\"/call\",\"request\":{\"from\":\"{telA}\","
        "\"to\":\"{telB}\",\"via\":\"{telX}\"}},"
        "\"release\":{\"method\":\"PATCH\",\"path\":\"/call?id={callID}\"},"
        "\"headers\":{\"appKey\":\"appkey\",\"signed\":[\"host\",\"x-sdk-date\"]},"
        "\"answer\":{\"code\":\"/st\",\"message\":\"/say\",\"callID\":\"/id\",\"telX\":\"/x\","
        "\"success\":[\"OK\"]},\"codes\":{\"E7\":\"90100400\"}}");
    world_start_with(&world, 1000, word);
    remove(word + strlen("--profile="));
    tell(&world, "PUT", "/call", STR("{\"from\":\"13800000001\",\"to\":\"13900000001\"}"), &answer);
    assert_member(answer.body, "/st", "OK");
    assert_member(answer.body, "/x", "700000000000001");
    run_until_acknowledged(&world, 1);
    tell(&world, "PUT", "/call", STR("{\"to\":\"13900000001\",\"from\":\"13800000001\"}"), &answer);
    assert_member(answer.body, "/st", "OK"); /* nothing tells orders apart: a second call */
    assert_int_equal(counter(&world, MOCK_COUNT_ACCEPTED), 2);
    ask(&world, "PATCH", "/call?id=c-1", &answer);
    assert_string_equal(answer.body, "{\"st\":\"E7\",\"say\":\"Not found\"}");
    world_stop(&world);
}

static void refuses_to_start_with_a_bad_profile(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"{", "JSON"},
        {"{\"place\":{\"path\":\"x\"}}", ": /place/path: must begin with '/'"},
        {"{\"binding\":{\"path\":\"/v1/ngin/axmn\"}}",
         ": /binding/path: a request for it could as well be one for /place"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static struct mock_options options;
        struct mock *mock;
        struct fault fault = {0};
        uv_loop_t loop;
        char listen[] = "--listen=127.0.0.1:0", *argv[] = {listen, profile_word(cases[i].text)};
        assert_int_equal(uv_loop_init(&loop), 0);
        assert_int_equal(mock_options_read(&options, 2, argv, &fault), OK);
        assert_int_not_equal(mock_start(&loop, &options, &mock, &fault), OK);
        if (strstr(fault.text, cases[i].fault) == NULL ||
            strncmp(fault.text, argv[1] + strlen("--profile="), 8) != 0)
            fail_msg("%s", fault.text);
        remove(argv[1] + strlen("--profile="));
        mock_stop(mock);
        uv_run(&loop, UV_RUN_DEFAULT);
        mock_destroy(mock);
        mock_options_finish(&options);
        assert_int_equal(uv_loop_close(&loop), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_violations_in_answer_and_journal),
        cmocka_unit_test(tells_a_good_order_nothing_of_violations),
        cmocka_unit_test(leaves_violations_out_when_terse),
        cmocka_unit_test(notes_unknown_members_instead_of_refusing_them),
        cmocka_unit_test(binds_and_unbinds),
        cmocka_unit_test(ends_a_binding_when_it_expires),
        cmocka_unit_test(gives_a_repeated_binding_the_first_answer),
        cmocka_unit_test(gives_the_recording_of_a_call_through_a_binding),
        cmocka_unit_test(speaks_by_a_profile_of_its_own),
        cmocka_unit_test(answers_by_a_profile_of_its_own),
        cmocka_unit_test(refuses_to_start_with_a_bad_profile),
    };
    log_init(LOG_ERROR, LOG_FORMAT_JSON, false);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
