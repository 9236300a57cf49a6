#include "tests/mock_ita/world.h"

static struct world world;
static struct answer answer;

static void plays_a_call_and_pushes_its_cdr(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900000001", &answer);
    assert_code(&answer, MOCK_OK);
    assert_member(answer.body, "/data/telX", "700000000000001");
    run_until_acknowledged(&world, 1);
    assert_int_equal(world.bad_pushes, 0);
    assert_member(world.last_push, "/remark", "demo:1");
    assert_member(world.last_push, "/callDuration", "30");
    control(&world, "GET", "/calls", &answer);
    assert_non_null(strstr(answer.body, "\"state\":\"ended\""));
    assert_non_null(strstr(answer.body, "\"pushes\":[{\"kind\":\"cdr\",\"status\":200}]"));
    world_stop(&world);
}

static void pushes_again_until_it_is_acknowledged(void **state)
{
    (void)state;
    world_start(&world, 1000);
    world.pushes_to_refuse = 3;
    place(&world, 1, "13900000017", &answer);
    run_until_acknowledged(&world, 1);
    assert_int_equal(world.pushes, 4);
    assert_int_equal(world.bad_pushes, 0);
    assert_int_equal(counter(&world, MOCK_COUNT_PUSHES), 4);
    world_stop(&world);
}

static void pushes_twice_or_never_by_magic(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900080001", &answer);
    place(&world, 2, "13900080002", &answer);
    run_until_acknowledged(&world, 2);
    while (counter(&world, MOCK_COUNT_ENDED) < 2)
        uv_run(&world.loop, UV_RUN_ONCE);
    assert_int_equal(world.pushes, 2);
    assert_member(world.last_push, "/remark", "demo:2");
    world_stop(&world);
}

static void answers_after_the_cdr_by_magic(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900080003", &answer);
    assert_code(&answer, MOCK_OK);
    assert_int_equal(world.pushes, 1);
    world_stop(&world);
}

static void fails_after_accepting_by_magic(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900080005", &answer);
    assert_int_equal(answer.status, 500);
    assert_member(answer.body, "/error_code", "APIGW.0201");
    place(&world, 2, "13900080006", &answer);
    assert_int_equal(answer.outcome, HTTP_UNKNOWN);
    assert_int_equal(counter(&world, MOCK_COUNT_ACCEPTED), 2);
    run_until_acknowledged(&world, 2);
    world_stop(&world);
}

static void stops_while_an_answer_is_held_back(void **state)
{
    (void)state;
    world_start(&world, 1000);
    start_call(&world, 1, "13900080004", &answer);
    run_until_acknowledged(&world, 1);
    assert_false(answer.is_done);
    world_stop(&world);
    assert_true(answer.is_done);
    assert_int_equal(answer.outcome, HTTP_UNKNOWN);
}

static void stops_while_an_answer_waits_for_its_push(void **state)
{
    (void)state;
    world_start(&world, 1000);
    start_call(&world, 1, "13900080003", &answer);
    while (counter(&world, MOCK_COUNT_PUSHES) == 0)
        uv_run(&world.loop, UV_RUN_ONCE);
    world_stop(&world);
    assert_true(answer.is_done);
}

static void gives_a_repeated_request_the_first_answer(void **state)
{
    (void)state;
    static struct answer second;
    world_start(&world, 1000);
    place(&world, 1, "13900000001", &answer);
    world.remark_end = " again"; /* else the very same signed request would be a replay */
    place(&world, 1, "13900000001", &second);
    assert_string_equal(second.body, answer.body);
    assert_int_equal(counter(&world, MOCK_COUNT_ACCEPTED), 1);
    assert_int_equal(counter(&world, MOCK_COUNT_REPEATED_REQUEST_IDS), 1);
    place(&world, 1, "13900000002", &second);
    assert_code(&second, MOCK_BINDING_INCONSISTENT);
    world_stop(&world);
}

static void refuses_with_the_code_of_the_magic_number(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900096012", &answer);
    assert_code(&answer, MOCK_CALLEE_FORBID);
    place(&world, 2, "12", &answer);
    assert_code(&answer, MOCK_INVALID_PARAMETER);
    assert_int_equal(counter(&world, MOCK_COUNT_REFUSED), 2);
    control(&world, "GET", "/requests", &answer);
    assert_non_null(strstr(answer.body, "\"reason\":\"by magic number\""));
    assert_non_null(strstr(answer.body, "\"reason\":\"/telB: must be digits"));
    world_stop(&world);
}

static void refuses_a_wrong_signature(void **state)
{
    (void)state;
    world_start(&world, 1000);
    send_signed(&world, "GET", PLACE "/x", STR(""), "another-secret", &answer);
    run_until(&world, &answer.is_done);
    assert_int_equal(answer.status, 401);
    assert_member(answer.body, "/error_code", "APIGW.0301");
    assert_non_null(strstr(answer.body, "canonicalRequest:GET|/v1/ngin/axmn/x/|"));
    assert_non_null(strstr(answer.body, "\"check\":\"signature_wrong\""));
    assert_non_null(strstr(answer.body, "appkey:***"));
    assert_int_equal(counter(&world, MOCK_COUNT_BAD_SIGNATURES), 1);
    assert_int_equal(counter(&world, MOCK_COUNT_ACCEPTED), 0);
    world_stop(&world);
}

/* Asks for prefix and the ID of a call. */
static void ask_about(struct world *of, const char *method, const char *prefix,
                      const struct mock_call *call, struct answer *out)
{
    char target[TARGET_MAX];
    snprintf(target, sizeof(target), "%s%.*s", prefix, STR_ARGS(call->call_id));
    ask(of, method, target, out);
}

static void releases_a_call(void **state)
{
    (void)state;
    world_start(&world, 1);
    place(&world, 1, "13900000001", &answer);
    struct mock_call *call = mock_calls_of_request(world.mock->calls, STR("r-1"));
    ask_about(&world, "GET", PLACE "/", call, &answer);
    assert_member(answer.body, "/data/state", "ringing_a");
    ask_about(&world, "DELETE", PLACE "/", call, &answer);
    assert_code(&answer, MOCK_OK);
    assert_int_equal(call->release_cause, 31);
    run_until_acknowledged(&world, 1);
    assert_member(world.last_push, "/releaseCause", "31");
    ask_about(&world, "DELETE", PLACE "/", call, &answer);
    assert_code(&answer, MOCK_BINDING_NOT_EXISTS);
    ask_about(&world, "GET", PLACE "/record/", call, &answer);
    assert_code(&answer, MOCK_NOT_FOUND);
    world_stop(&world);
}

static void tells_where_the_recording_of_a_call_is(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900000001", &answer);
    run_until_acknowledged(&world, 1);
    struct mock_call *call = mock_calls_of_request(world.mock->calls, STR("r-1"));
    ask_about(&world, "GET", PLACE "/", call, &answer);
    assert_member(answer.body, "/data/state", "ended");
    assert_member(answer.body, "/data/releaseCause", "16");
    ask_about(&world, "GET", PLACE "/record/", call, &answer);
    assert_code(&answer, MOCK_OK);
    assert_non_null(strstr(answer.body, "/recordings/mock-"));
    world_stop(&world);
}

static void knows_no_other_call_and_no_other_path(void **state)
{
    (void)state;
    world_start(&world, 1000);
    ask(&world, "DELETE", PLACE "/no-such-call", &answer);
    assert_code(&answer, MOCK_NOT_FOUND);
    ask(&world, "GET", PLACE "/no-such-call", &answer);
    assert_code(&answer, MOCK_NOT_FOUND);
    ask(&world, "GET", PLACE "/record/no-such-call", &answer);
    assert_code(&answer, MOCK_NOT_FOUND);
    ask(&world, "GET", "/recordings/no-such-call", &answer);
    assert_int_equal(answer.status, 404);
    ask(&world, "GET", "/v1/other", &answer);
    assert_int_equal(answer.status, 404);
    world_stop(&world);
}

static void lists_calls_in_pieces_and_forgets_on_reset(void **state)
{
    (void)state;
    world_start(&world, 1000);
    place(&world, 1, "13900010018", &answer);
    place(&world, 2, "13900020018", &answer);
    place(&world, 3, "13900030018", &answer);
    control(&world, "GET", "/calls?limit=2", &answer);
    assert_non_null(strstr(answer.body, "\"requestId\":\"r-2\""));
    assert_non_null(strstr(answer.body, "],\"next\":3}"));
    control(&world, "GET", "/calls?first=3&limit=2", &answer);
    assert_null(strstr(answer.body, "\"requestId\":\"r-2\""));
    assert_non_null(strstr(answer.body, "\"requestId\":\"r-3\""));
    assert_null(strstr(answer.body, "next"));
    control(&world, "GET", "/calls?first=x", &answer);
    assert_int_equal(answer.status, 400);
    control(&world, "POST", "/reset", &answer);
    assert_int_equal(answer.status, 200);
    control(&world, "GET", "/calls", &answer);
    assert_string_equal(answer.body, "{\"calls\":[]}");
    control(&world, "GET", "/counters", &answer);
    assert_non_null(strstr(answer.body, "\"accepted\":0,"));
    world_stop(&world);
}

static void plays_what_is_due_when_the_clock_is_moved(void **state)
{
    (void)state;
    world_start(&world, 1);
    mock_freeze(world.mock);
    place(&world, 1, "13900000001", &answer);
    place(&world, 2, "13900000017", &answer);
    struct mock_call *well = mock_calls_of_number(world.mock->calls, 1);
    struct mock_call *busy = mock_calls_of_number(world.mock->calls, 2);
    assert_true(mock_advance(world.mock, 2000));
    assert_int_equal(well->state, MOCK_CALL_RINGING_B);
    assert_false(mock_advance(world.mock, -1));
    assert_true(mock_advance(world.mock, 3600 * 1000));
    assert_int_equal(well->state, MOCK_CALL_ENDED);
    assert_true(busy->ended_ms < well->ended_ms);
    assert_true(well->ended_ms == well->accepted_ms + 37000);
    run_until_acknowledged(&world, 2);
    assert_int_equal(world.bad_pushes, 0);
    mock_resume(world.mock);
    world_stop(&world);
}

static const struct mock_binding *bind_pair(struct world *of, int64_t expiration_s)
{
    const struct mock_binding *binding;
    struct mock_binding_order order = {.tel_a = STR("13800000008"),
                                       .tel_b = STR("13900000008"),
                                       .expiration_s = expiration_s,
                                       .is_recorded = true};
    int64_t now_ms = mock_clock_now_ms(of->mock->clock);
    assert_int_equal(mock_bindings_bind(of->mock->bindings, &order, now_ms, &binding), MOCK_OK);
    mock_play(of->mock, now_ms);
    return binding;
}

static void lets_bindings_expire_by_its_clock(void **state)
{
    (void)state;
    world_start(&world, 1);
    mock_freeze(world.mock);
    const struct mock_binding *binding = bind_pair(&world, 60);
    assert_true(mock_advance(world.mock, 59999));
    assert_int_equal(binding->state, MOCK_BINDING_BOUND);
    assert_true(mock_advance(world.mock, 1));
    assert_int_equal(binding->state, MOCK_BINDING_EXPIRED);
    /* And by itself, when the clock runs. */
    binding = bind_pair(&world, 1);
    mock_resume(world.mock);
    while (binding->state == MOCK_BINDING_BOUND)
        uv_run(&world.loop, UV_RUN_ONCE);
    world_stop(&world);
}

static void notes_the_recording_of_a_dialled_call(void **state)
{
    (void)state;
    world_start(&world, 1000);
    const struct mock_binding *binding = bind_pair(&world, 0);
    struct mock_call_script script = {.b_answers = true, .talk_ms = 1000, .push_count = 1};
    struct mock_call *call;
    int64_t now_ms = mock_clock_now_ms(world.mock->clock);
    assert_int_equal(
        mock_calls_dial(world.mock->calls, binding, MOCK_SIDE_B, &script, now_ms, &call), MOCK_OK);
    mock_play(world.mock, now_ms);
    run_until_acknowledged(&world, 1);
    assert_int_equal(binding->recorded_call, call->number);
    assert_member(world.last_push, "/telA", "13900000008");
    script.b_answers = false;
    assert_int_equal(
        mock_calls_dial(world.mock->calls, binding, MOCK_SIDE_A, &script, now_ms, &call), MOCK_OK);
    mock_play(world.mock, now_ms);
    run_until_acknowledged(&world, 2);
    assert_int_not_equal(binding->recorded_call, call->number);
    world_stop(&world);
}

static void is_as_at_the_start_after_a_reset(void **state)
{
    (void)state;
    struct fault fault;
    world_start(&world, 1);
    mock_freeze(world.mock);
    place(&world, 1, "13900000001", &answer);
    bind_pair(&world, 0);
    assert_true(mock_advance(world.mock, 3600 * 1000));
    assert_int_equal(mock_xpool_remove(world.mock->pool, STR("700000000000001"), &fault), OK);
    assert_int_equal(
        mock_policy_forbid(world.mock->policy, MOCK_FORBIDDEN_CALLER, STR("*"), &fault), OK);
    mock_reset(world.mock);
    assert_int_equal(mock_bindings_bound(world.mock->bindings), 0);
    assert_false(world.mock->clock->is_frozen);
    assert_true(mock_clock_now_ms(world.mock->clock) < clock_wall_ms() + 60 * 1000);
    place(&world, 1, "13900000001", &answer);
    assert_code(&answer, MOCK_OK);
    assert_member(answer.body, "/data/telX", "700000000000001");
    bind_pair(&world, 0);
    world_stop(&world);
}

static void gives_up_cleanly_when_an_address_is_taken(void **state)
{
    (void)state;
    static struct mock_options options;
    struct mock *second;
    struct fault fault;
    char address[64];
    world_start(&world, 1000);
    snprintf(address, sizeof(address), "--control=127.0.0.1:%u", mock_control_port(world.mock));
    char listen[] = "--listen=127.0.0.1:0";
    char *argv[] = {listen, address};
    assert_int_equal(mock_options_read(&options, 2, argv, &fault), OK);
    assert_int_not_equal(mock_start(&world.loop, &options, &second, &fault), OK);
    mock_stop(second);
    world_stop(&world);
    mock_destroy(second);
    mock_options_finish(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_a_call_and_pushes_its_cdr),
        cmocka_unit_test(pushes_again_until_it_is_acknowledged),
        cmocka_unit_test(pushes_twice_or_never_by_magic),
        cmocka_unit_test(answers_after_the_cdr_by_magic),
        cmocka_unit_test(fails_after_accepting_by_magic),
        cmocka_unit_test(stops_while_an_answer_is_held_back),
        cmocka_unit_test(stops_while_an_answer_waits_for_its_push),
        cmocka_unit_test(gives_a_repeated_request_the_first_answer),
        cmocka_unit_test(refuses_with_the_code_of_the_magic_number),
        cmocka_unit_test(refuses_a_wrong_signature),
        cmocka_unit_test(releases_a_call),
        cmocka_unit_test(tells_where_the_recording_of_a_call_is),
        cmocka_unit_test(knows_no_other_call_and_no_other_path),
        cmocka_unit_test(lists_calls_in_pieces_and_forgets_on_reset),
        cmocka_unit_test(plays_what_is_due_when_the_clock_is_moved),
        cmocka_unit_test(lets_bindings_expire_by_its_clock),
        cmocka_unit_test(notes_the_recording_of_a_dialled_call),
        cmocka_unit_test(is_as_at_the_start_after_a_reset),
        cmocka_unit_test(gives_up_cleanly_when_an_address_is_taken),
    };
    log_init(LOG_ERROR, LOG_FORMAT_JSON, false);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
