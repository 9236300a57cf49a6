/* Which profiles the mock can serve, and which action a request is for. */

#include "base/mem.h"
#include "mock_ita/wire.h"
#include "mock_ita/wire_route.h"
#include "tests/test.h"

static struct profile *parse(const char *text)
{
    struct profile *profile = NULL;
    struct fault fault;
    if (profile_parse(str_of(text), &profile, &fault) != OK)
        fail_msg("%s", fault.text);
    return profile;
}

/* NULL: it can be served. */
static void assert_check(const char *text, const char *expected)
{
    struct profile *profile = parse(text);
    struct fault fault = {0};
    enum status status = mock_wire_check(profile, &fault);
    assert_str(str_of(fault.text), expected == NULL ? "" : expected);
    assert_int_equal(status == OK, expected == NULL);
    profile_release(profile);
}

static void assert_route(const struct profile *profile, const char *method, const char *target,
                         int expected)
{
    struct profile_values values = {0};
    enum profile_action action = PROFILE_ACTIONS;
    bool has_others;
    enum status status =
        mock_route_find(profile, str_of(method), str_of(target), &action, &values, &has_others);
    assert_true(!has_others || strchr(target, '?') != NULL);
    if ((status == OK ? (int)action : -1) != expected)
        fail_msg("%s %s: %d", method, target, (int)action);
}

static void finds_the_actions_of_the_default_profile(void **state)
{
    (void)state;
    struct profile *profile = parse("{\"query\":{\"path\":\"/v1/ngin/axmn/{callID}\"}}");
    assert_route(profile, "POST", "/v1/ngin/axmn", PROFILE_ACTION_PLACE);
    assert_route(profile, "DELETE", "/v1/ngin/axmn/c%2F1", PROFILE_ACTION_RELEASE);
    assert_route(profile, "GET", "/v1/ngin/axmn/c-1", PROFILE_ACTION_QUERY);
    assert_route(profile, "HEAD", "/v1/ngin/axmn/c-1", PROFILE_ACTION_QUERY);
    assert_route(profile, "GET", "/v1/ngin/axmn/record/c-1", PROFILE_ACTION_RECORDING);
    assert_route(profile, "POST", "/v1/ngin/axb/binding", PROFILE_ACTION_BINDING);
    assert_route(profile, "DELETE", "/v1/ngin/axb/binding/s/7", PROFILE_ACTION_UNBINDING);
    assert_route(profile, "GET", "/v1/ngin/axb/record/7/s", PROFILE_ACTION_BINDING_RECORDING);
    assert_route(profile, "PUT", "/v1/ngin/axmn", -1);
    assert_route(profile, "HEAD", "/v1/ngin/axmn", -1);
    assert_route(profile, "POST", "/v1/ngin/axmn/", -1);
    assert_route(profile, "POST", "/v1/ngin/axmn?a=b", PROFILE_ACTION_PLACE);
    assert_route(profile, "DELETE", "/v1/ngin/axmn/a/b", -1);
    assert_route(profile, "DELETE", "/v1/ngin/axmn/a/b?c", -1);
    assert_route(profile, "GET", "/", -1);
    assert_route(profile, "GET", "", -1);
    profile_release(profile);
}

static void tells_actions_apart_by_their_parameters(void **state)
{
    (void)state;
    struct profile *profile =
        parse("{\"place\":{\"path\":\"/api?do=call&id={requestId}\"},"
              "\"release\":{\"method\":\"POST\",\"path\":\"/api?do=end&id={callID}\"}}");
    struct fault fault;
    assert_int_equal(mock_wire_check(profile, &fault), OK);
    assert_route(profile, "POST", "/api?do=call&id=1", PROFILE_ACTION_PLACE);
    assert_route(profile, "POST", "/api?do=end&id=1", PROFILE_ACTION_RELEASE);
    assert_route(profile, "POST", "/api?id=1&do=end", -1);
    assert_route(profile, "POST", "/api?do=end&id=1&id=2", -1);
    profile_release(profile);
}

static void refuses_actions_that_one_request_could_be_for(void **state)
{
    (void)state;
    assert_check("{}", NULL);
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn/{callID}\"}}", NULL);
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn/record/{requestId}\"}}",
                 "/query/path: a request for it could as well be one for /recording");
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn/{remark}/{callID}\"}}",
                 "/query/path: a request for it could as well be one for /recording");
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn/rec-{remark}/{callID}\"}}", NULL);
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn/{remark}x/{callID}\"}}", NULL);
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn/{remark}d/{callID}\"}}",
                 "/query/path: a request for it could as well be one for /recording");
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn/recor{remark}ord/{callID}\"}}", NULL);
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn/record/{callID}?q\"}}", NULL);
    assert_check("{\"query\":{\"path\":\"/v1/ngin/axmn?record/{callID}\"}}", NULL);
    assert_check("{\"binding\":{\"path\":\"/v1/ngin/axmn\"}}",
                 "/binding/path: a request for it could as well be one for /place");
    assert_check("{\"query\":{\"path\":\"/recordings/{callID}\"}}",
                 "/query/path: is where mock-ita keeps recordings");
    assert_check("{\"query\":{\"path\":\"/{remark}/{callID}\"}}",
                 "/query/path: is where mock-ita keeps recordings");
}

static void refuses_variables_that_cannot_be_told_apart(void **state)
{
    (void)state;
    assert_check("{\"query\":{\"path\":\"/q/{callID}{requestId}\"}}",
                 "/query/path: needs text between its variables");
    assert_check("{\"place\":{\"request\":{\"a\":\"{telA}\",\"o\":{\"b\":\"x{telB}{telX}\"}}}}",
                 "/place/request/o/b: needs text between its variables");
    assert_check("{\"place\":{\"request\":{\"a\":\"{telA}\",\"o\":{\"b\":\"x{telB}-{telX}\"}}}}",
                 NULL);
}

static void refuses_a_query_by_what_is_not_kept(void **state)
{
    (void)state;
    assert_check("{\"query\":{\"path\":\"/q/{remark}\"}}",
                 "/query: must hold {callID}, {requestId} or {callSerialNo}");
    assert_check("{\"query\":{\"path\":\"/q/{callSerialNo}\"}}", NULL);
}

static void refuses_answers_with_one_thing_where_another_is(void **state)
{
    (void)state;
    assert_check("{\"answer\":{\"message\":\"/code\"}}",
                 "/answer/message: is at or within /answer/code");
    assert_check("{\"answer\":{\"callID\":\"/code/id\"}}",
                 "/answer/callID: is at or within /answer/code");
    assert_check("{\"answer\":{\"code\":\"/data/telX/code\"}}",
                 "/answer/telX: is at or within /answer/code");
    assert_check("{\"answer\":{\"code\":\"/violations/code\"}}",
                 "/violations of mock-ita: is at or within /answer/code");
    /* Never in one answer; not a whole name. */
    assert_check("{\"answer\":{\"callID\":\"/data/id\",\"subId\":\"/data/id\"}}", NULL);
    assert_check("{\"answer\":{\"callID\":\"/codes\"}}", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_actions_of_the_default_profile),
        cmocka_unit_test(tells_actions_apart_by_their_parameters),
        cmocka_unit_test(refuses_actions_that_one_request_could_be_for),
        cmocka_unit_test(refuses_variables_that_cannot_be_told_apart),
        cmocka_unit_test(refuses_a_query_by_what_is_not_kept),
        cmocka_unit_test(refuses_answers_with_one_thing_where_another_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
