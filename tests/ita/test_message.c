/* Requests as they go onto the wire. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "ita/message.h"
#include "ita/sign.h"

static const int64_t NOW_MS = INT64_C(1893553445000); /* 2030-01-02T03:04:05Z */

struct fixture {
    struct profile *profile;
    struct ita_account account;
    struct profile_values values;
    struct ita_message message;
    struct fault fault;
};

static void open_with(struct fixture *f, const char *profile_text)
{
    *f = (struct fixture){0};
    if (profile_parse(str_of(profile_text), &f->profile, &f->fault) != OK)
        fail_msg("%s", f->fault.text);
    f->account = (struct ita_account){
        .tenant = STR("space-1"),
        .domain = STR("ita.example.test:8443"),
        .access_key = STR("FAKEAKEXAMPLE0001"),
        .secret_key = STR("fake-secret-key-for-tests-only-0001"),
        .app_key = STR("fake-app-key-0001"),
        .profile = f->profile,
    };
    f->values.of[PROFILE_VARIABLE_CALL_SERIAL] = STR("4242");
    f->values.of[PROFILE_VARIABLE_REQUEST_ID] = STR("req-1");
    f->values.of[PROFILE_VARIABLE_TEL_A] = STR("13800000001");
    f->values.of[PROFILE_VARIABLE_TEL_B] = STR("13800000003");
    f->values.of[PROFILE_VARIABLE_TEL_X_MODE] = STR("0");
    f->values.of[PROFILE_VARIABLE_CALL_RECORDING] = STR("1");
    ita_message_init(&f->message);
}

static void close_fixture(struct fixture *f)
{
    ita_message_finish(&f->message);
    profile_release(f->profile);
}

static enum status encode(struct fixture *f, enum profile_action action)
{
    return ita_message_encode(&f->message, &f->account, action, &f->values, NOW_MS, &f->fault);
}

static void assert_body(const struct fixture *f, const char *expected)
{
    struct str body = buf_str(&f->message.body);
    if (!str_is(body, str_of(expected)))
        fail_msg("%.*s", STR_ARGS(body));
}

static struct str header(const struct fixture *f, const char *name)
{
    return http_headers_find(f->message.headers, f->message.header_count, str_of(name));
}

static void assert_str(struct str actual, const char *expected)
{
    if (!str_is(actual, str_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", STR_ARGS(actual), expected);
}

static void the_default_places_an_automatic_call(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, "{}");
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_string_equal(f.message.method, "POST");
    assert_string_equal(f.message.url.ptr, "https://ita.example.test:8443/v1/ngin/axmn");
    assert_body(&f, "{\"appKey\":\"fake-app-key-0001\",\"requestId\":\"req-1\","
                    "\"telA\":\"13800000001\",\"telB\":\"13800000003\",\"telXMode\":\"0\","
                    "\"remark\":\"space-1:4242\",\"subTime\":\"20300102T030405Z\","
                    "\"extra\":{\"callRecording\":\"1\"}}");
    close_fixture(&f);
}

static void the_default_places_a_specified_call(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, "{}");
    f.values.of[PROFILE_VARIABLE_TEL_X_MODE] = STR("1");
    f.values.of[PROFILE_VARIABLE_TEL_X] = STR("057100000002");
    f.values.of[PROFILE_VARIABLE_AREA_CODE] = STR("0571");
    f.values.of[PROFILE_VARIABLE_EXPIRATION] = STR("7200");
    f.values.of[PROFILE_VARIABLE_CALL_RECORDING] = STR("0");
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_body(&f, "{\"appKey\":\"fake-app-key-0001\",\"requestId\":\"req-1\","
                    "\"telA\":\"13800000001\",\"telB\":\"13800000003\",\"telXMode\":\"1\","
                    "\"telX\":\"057100000002\",\"areaCode\":\"0571\",\"remark\":\"space-1:4242\","
                    "\"subTime\":\"20300102T030405Z\",\"expiration\":\"7200\","
                    "\"extra\":{\"callRecording\":\"0\"}}");
    close_fixture(&f);
}

static void the_default_releases_and_asks_for_a_recording(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, "{}");
    f.values.of[PROFILE_VARIABLE_CALL_ID] = STR("c:1@x");
    assert_int_equal(encode(&f, PROFILE_ACTION_RELEASE), OK);
    assert_string_equal(f.message.method, "DELETE");
    assert_string_equal(f.message.url.ptr, "https://ita.example.test:8443/v1/ngin/axmn/c%3A1%40x");
    assert_body(&f, "");
    assert_int_equal(encode(&f, PROFILE_ACTION_RECORDING), OK);
    assert_string_equal(f.message.method, "GET");
    assert_string_equal(f.message.url.ptr,
                        "https://ita.example.test:8443/v1/ngin/axmn/record/c%3A1%40x");
    close_fixture(&f);
}

/* It is not signed: a proxy may write another span into it. */
static void traceparent_is_sent_when_the_profile_says_so(void **state)
{
    (void)state;
    static const struct str parent = {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                      55};
    struct fixture f;
    open_with(&f, "{}");
    f.values.of[PROFILE_VARIABLE_TRACEPARENT] = parent;
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_null(header(&f, "traceparent").ptr);
    close_fixture(&f);

    open_with(&f, "{\"headers\":{\"traceparent\":true}}");
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_null(header(&f, "traceparent").ptr);
    f.values.of[PROFILE_VARIABLE_TRACEPARENT] = parent;
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_str(header(&f, "traceparent"), parent.ptr);
    assert_null(strstr(buf_text(&f.message.authorization), "traceparent"));
    close_fixture(&f);
}

static void a_custom_profile_changes_everything(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, "{\"place\":{\"method\":\"PUT\",\"path\":\"/call/{requestId}?v=2\",\"request\":{"
                  "\"v\":2,\"test\":false,\"who\":{\"x\":\"{telX}\",\"b\":\"tel:{telB}\","
                  "\"a\":\"{telA}\"},\"note\":\"{remark}/{areaCode}\",\"at\":\"{subTime}\","
                  "\"none\":{\"area\":\"{areaCode}\"}}},"
                  "\"remark\":\"{tenant}\","
                  "\"time\":{\"format\":\"YYYYMMDDHHmmss\",\"zone\":\"+08:00\"},"
                  "\"headers\":{\"appKey\":null,\"contentType\":\"application/json\","
                  "\"signed\":[\"host\",\"x-sdk-date\"]}}");
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_string_equal(f.message.method, "PUT");
    assert_string_equal(f.message.url.ptr, "https://ita.example.test:8443/call/req-1?v=2");
    assert_body(&f, "{\"v\":2,\"test\":false,\"who\":{\"b\":\"tel:13800000003\","
                    "\"a\":\"13800000001\"},\"note\":\"space-1/\",\"at\":\"20300102110405\","
                    "\"none\":{}}");
    assert_null(header(&f, "AppKey").ptr);
    assert_str(header(&f, "Content-Type"), "application/json");
    close_fixture(&f);
}

static void writes_times_in_each_format(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *time;
    } cases[] = {
        {"{\"time\":{\"zone\":\"Asia/Shanghai\"},", "20300102T110405Z"},
        {"{\"time\":{\"format\":\"seconds\",\"zone\":\"+08:00\"},", "1893553445"},
        {"{\"time\":{\"format\":\"milliseconds\"},", "1893553445000"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture f;
        char text[512], body[128];
        struct buf profile, expected;
        buf_init_fixed(&profile, text, sizeof(text));
        buf_init_fixed(&expected, body, sizeof(body));
        buf_format(&profile,
                   "%s\"place\":{\"path\":\"/{telA}/{telB}/{telX}\","
                   "\"request\":{\"t\":\"{subTime}\"}}}",
                   cases[i].profile);
        buf_format(&expected, "{\"t\":\"%s\"}", cases[i].time);
        open_with(&f, buf_text(&profile));
        f.values.of[PROFILE_VARIABLE_TEL_X] = STR("057100000002");
        assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
        assert_body(&f, buf_text(&expected));
        close_fixture(&f);
    }
}

/* Signs anew what the message says it is, and compares. */
static void assert_signature(const struct fixture *f, const char *host, const char *target,
                             bool is_empty_hash)
{
    struct http_header headers[] = {
        {STR("appkey"), STR("fake-app-key-0001")},
        {STR("content-type"), STR("application/json;charset=utf-8")},
        {STR("host"), str_of(host)},
        {STR("x-sdk-date"), STR("20300102T030405Z")},
    };
    const struct ita_request request = {
        .method = str_of(f->message.method),
        .target = str_of(target),
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .body = is_empty_hash ? STR("") : buf_str(&f->message.body),
    };
    struct buf expected;
    buf_init(&expected, ITA_AUTHORIZATION_MAX);
    assert_int_equal(
        ita_sign(&request, f->account.access_key, f->account.secret_key, &expected, NULL), OK);
    assert_str(header(f, "Authorization"), buf_text(&expected));
    assert_true(str_starts(header(f, "Authorization"),
                           STR("SDK-HMAC-SHA256 Access=FAKEAKEXAMPLE0001, "
                               "SignedHeaders=appkey;content-type;host;x-sdk-date, Signature=")));
    buf_finish(&expected);
}

static void signs_what_is_sent(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, "{}");
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_int_equal(f.message.header_count, 4);
    assert_str(header(&f, "AppKey"), "fake-app-key-0001");
    assert_str(header(&f, "X-Sdk-Date"), "20300102T030405Z");
    assert_str(header(&f, "Content-Type"), "application/json;charset=utf-8");
    assert_signature(&f, "ita.example.test:8443", "/v1/ngin/axmn", false);
    f.values.of[PROFILE_VARIABLE_CALL_ID] = STR("c-1");
    assert_int_equal(encode(&f, PROFILE_ACTION_RELEASE), OK);
    assert_int_equal(f.message.header_count, 4);
    assert_signature(&f, "ita.example.test:8443", "/v1/ngin/axmn/c-1", false);
    close_fixture(&f);
}

static void signs_an_empty_body_where_the_ita_wants_that(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, "{\"bodyHash\":\"empty\"}");
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_true(f.message.body.len > 0);
    assert_signature(&f, "ita.example.test:8443", "/v1/ngin/axmn", true);
    close_fixture(&f);
}

static void leaves_a_default_port_out_of_url_and_host(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, "{}");
    f.account.domain = STR("ita.example.test:443");
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    assert_string_equal(f.message.url.ptr, "https://ita.example.test/v1/ngin/axmn");
    assert_signature(&f, "ita.example.test", "/v1/ngin/axmn", false);
    close_fixture(&f);
}

static void refuses_call_ids_on_which_signers_differ(void **state)
{
    (void)state;
    static const char *const call_ids[] = {"",    ".",   "..",  "a/b", "a\\b", "a?b",     "a#b",
                                           "a%b", "a;b", "a+b", "a b", "a\nb", "\xc3\xa9"};
    struct fixture f;
    open_with(&f, "{}");
    for (size_t i = 0; i < COUNT_OF(call_ids); i++) {
        f.values.of[PROFILE_VARIABLE_CALL_ID] = str_of(call_ids[i]);
        assert_int_equal(encode(&f, PROFILE_ACTION_RELEASE), ERR_INVALID);
        assert_string_equal(f.fault.text, "callID: holds bytes that cannot stand in a path");
    }
    close_fixture(&f);
}

static void refuses_an_account_that_cannot_be_sent(void **state)
{
    (void)state;
    struct fixture f;
    static const char *const domains[] = {"", "a/b", "user@host", "a b", "a?b", "a\r\nb"};
    open_with(&f, "{}");
    for (size_t i = 0; i < COUNT_OF(domains); i++) {
        f.account.domain = str_of(domains[i]);
        assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), ERR_INVALID);
    }
    f.account.domain = STR("ita.example.test");
    f.account.app_key = STR("fake\r\nX-Evil: 1");
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), ERR_INVALID);
    assert_string_equal(f.fault.text, "AppKey: must be printable ASCII");
    f.account.app_key = STR("fake");
    f.account.access_key = STR("with,comma");
    assert_int_not_equal(encode(&f, PROFILE_ACTION_PLACE), OK);
    close_fixture(&f);
}

static void refuses_an_action_that_the_profile_lacks(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, "{}");
    assert_int_equal(encode(&f, PROFILE_ACTION_QUERY), ERR_NOT_FOUND);
    close_fixture(&f);
    open_with(&f, "{\"query\":{\"path\":\"/v1/ngin/axmn?requestId={requestId}\"}}");
    assert_int_equal(encode(&f, PROFILE_ACTION_QUERY), OK);
    assert_string_equal(f.message.url.ptr,
                        "https://ita.example.test:8443/v1/ngin/axmn?requestId=req-1");
    close_fixture(&f);
}

static void refuses_values_that_are_too_long(void **state)
{
    (void)state;
    static char large[5000];
    struct fixture f;
    memset(large, 'x', sizeof(large));
    open_with(&f, "{}");
    f.values.of[PROFILE_VARIABLE_AREA_CODE] = str_from(large, sizeof(large));
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), ERR_TOO_BIG);
    assert_string_equal(f.fault.text, "areaCode: over 1024 bytes");
    f.values.of[PROFILE_VARIABLE_CALL_ID] = str_from(large, sizeof(large));
    assert_int_equal(encode(&f, PROFILE_ACTION_RELEASE), ERR_TOO_BIG);
    f.account.tenant = str_from(large, sizeof(large));
    assert_int_equal(encode(&f, PROFILE_ACTION_PLACE), ERR_TOO_BIG);
    assert_string_equal(f.fault.text, "remark: over 256 bytes");
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_places_an_automatic_call),
        cmocka_unit_test(the_default_places_a_specified_call),
        cmocka_unit_test(the_default_releases_and_asks_for_a_recording),
        cmocka_unit_test(traceparent_is_sent_when_the_profile_says_so),
        cmocka_unit_test(a_custom_profile_changes_everything),
        cmocka_unit_test(writes_times_in_each_format),
        cmocka_unit_test(signs_what_is_sent),
        cmocka_unit_test(signs_an_empty_body_where_the_ita_wants_that),
        cmocka_unit_test(leaves_a_default_port_out_of_url_and_host),
        cmocka_unit_test(refuses_call_ids_on_which_signers_differ),
        cmocka_unit_test(refuses_an_account_that_cannot_be_sent),
        cmocka_unit_test(refuses_an_action_that_the_profile_lacks),
        cmocka_unit_test(refuses_values_that_are_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
