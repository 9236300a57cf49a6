/* Wire profiles: what they may hold, and the text they make. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "profile/profile.h"

static struct profile *parse(const char *text)
{
    struct profile *profile = NULL;
    struct fault fault = {0};
    if (profile_parse(str_of(text), &profile, &fault) != OK)
        fail_msg("%s", fault.text);
    return profile;
}

static void assert_str(struct str actual, const char *expected)
{
    if (!str_is(actual, str_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", STR_ARGS(actual), expected);
}

static char *print(const struct profile *profile)
{
    struct buf out;
    buf_init(&out, 1024 * 1024);
    profile_print(profile, &out);
    assert_non_null(buf_text(&out));
    return out.ptr;
}

static void the_default_prints_as_its_own_text(void **state)
{
    (void)state;
    struct profile *profile = profile_default();
    char *text = print(profile);
    struct profile *again = parse(text);
    char *text_again = print(again);
    assert_string_equal(text, profile_default_text().ptr);
    assert_string_equal(text_again, text);
    mem_free(text);
    mem_free(text_again);
    profile_release(profile);
    profile_release(again);
}

static void absent_members_keep_the_default(void **state)
{
    (void)state;
    struct profile *profile =
        parse("{\"values\":{\"specified\":\"S\"},\"codes\":{\"E1\":\"90106003\"}}");
    assert_str(profile->specified, "S");
    assert_str(profile->automatic, "0");
    assert_str(profile_map_code(profile, STR("E1")), "90106003");
    assert_str(profile_map_code(profile, STR("APIGW.0301")), "90100200");
    assert_str(profile->app_key_header, "AppKey");
    profile_release(profile);
}

static void a_given_request_replaces_the_whole_default(void **state)
{
    (void)state;
    struct profile *profile =
        parse("{\"place\":{\"request\":{\"a\":\"{telA}\",\"b\":\"{telB}\",\"x\":\"{telX}\"}}}");
    assert_int_equal(profile->forms[PROFILE_ACTION_PLACE].member_count, 5); /* with both braces */
    assert_string_equal(profile->forms[PROFILE_ACTION_PLACE].method, "POST");
    profile_release(profile);
}

static void maps_codes(void **state)
{
    (void)state;
    struct profile *profile = profile_default();
    assert_str(profile_map_code(profile, STR("90106011")), "90106011");
    assert_str(profile_map_code(profile, STR("APIG.0303")), "90100200");
    assert_str(profile_map_code(profile, STR("APIC.0304")), "90104001");
    assert_null(profile_map_code(profile, STR("APIGW.0201")).ptr);
    assert_null(profile_map_code(profile, STR("")).ptr);
    assert_true(profile_is_success(profile, STR("0")));
    assert_false(profile_is_success(profile, STR("00")));
    profile_release(profile);
}

static void is_shared_by_reference_count(void **state)
{
    (void)state;
    struct profile *profile = profile_default();
    assert_ptr_equal(profile_hold(profile), profile);
    profile_release(profile);
    assert_str(profile->automatic, "0");
    profile_release(profile);
    profile_release(NULL);
}

/* --- Faults --- */

static void names_path_and_rule_of_a_fault(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"[]", "/: must be an object"},
        {"{\"plac\":{}}", "/plac: unknown member"},
        {"{\"place\":{\"url\":\"/x\"}}", "/place/url: unknown member"},
        {"{\"a\\nb\":1}", "/a?b: unknown member"},
        {"{\"place\":\"/x\"}", "/place: must be an object"},
        {"{\"place\":{\"method\":\"post\"}}",
         "/place/method: must be one of GET|POST|PUT|PATCH|DELETE"},
        {"{\"place\":{\"method\":\"GET\"}}", "/place/request: must be null for GET"},
        {"{\"place\":{\"path\":null}}", "/place/path: must be given"},
        {"{\"place\":{\"path\":\"v1\"}}", "/place/path: must begin with '/'"},
        {"{\"place\":{\"path\":\"/v1//a\"}}", "/place/path: must not hold empty or dot segments"},
        {"{\"place\":{\"path\":\"/v1/../a\"}}", "/place/path: must not hold empty or dot segments"},
        {"{\"place\":{\"path\":\"/v1%2Fa\"}}",
         "/place/path: may hold A-Z a-z 0-9 - _ . ~ / ? = & and variables"},
        {"{\"place\":{\"path\":\"/v 1\"}}",
         "/place/path: may hold A-Z a-z 0-9 - _ . ~ / ? = & and variables"},
        {"{\"place\":{\"request\":[]}}", "/place/request: must be an object or null"},
        {"{\"place\":{\"request\":{\"a\":\"{telA}\",\"b\":\"{telB}\"}}}",
         "/place: must hold {telA}, {telB} and {telX}"},
        {"{\"place\":{\"request\":null}}", "/place: must hold {telA}, {telB} and {telX}"},
        {"{\"place\":{\"request\":{\"a\":{\"b\":\"{telC}\"}}}}",
         "/place/request/a/b: {telC} is not a variable"},
        {"{\"place\":{\"request\":{\"a\":\"{telA\"}}}", "/place/request/a: '{' without '}'"},
        {"{\"place\":{\"request\":{\"a\":\"telA}\"}}}", "/place/request/a: '}' without '{'"},
        {"{\"place\":{\"request\":{\"a\":\"{callID}\"}}}",
         "/place/request/a: {callID} has no value here"},
        {"{\"place\":{\"request\":{\"a\":[1]}}}",
         "/place/request/a: must be a string, number, boolean or object"},
        {"{\"place\":{\"request\":{\"a\":null}}}",
         "/place/request/a: must be a string, number, boolean or object"},
        {"{\"place\":{\"request\":{\"\\\"\":1}}}",
         "/place/request/\": name must be printable ASCII without quotes"},
        {"{\"place\":{\"request\":{\"\":1}}}",
         "/place/request/: name must be printable ASCII without quotes"},
        {"{\"release\":{\"path\":\"/v1/x\"}}", "/release: must hold {callID}"},
        {"{\"release\":{\"path\":\"/v1/{telA}\"}}", "/release/path: {telA} has no value here"},
        {"{\"recording\":{\"path\":\"/r\"}}", "/recording: must hold {callID}"},
        {"{\"values\":{\"automatic\":0}}", "/values/automatic: must be a string that is not empty"},
        {"{\"remark\":\"\"}", "/remark: must be a string that is not empty"},
        {"{\"remark\":\"{telA}\"}", "/remark: {telA} has no value here"},
        {"{\"remark\":\"{tenant}{callSerialNo}\"}", "/remark: needs text between its variables"},
        {"{\"remark\":\"{tenant}-{tenant}\"}", "/remark: may hold each variable once"},
        {"{\"time\":{\"format\":\"YYYY\"}}",
         "/time/format: must be one of YYYYMMDDTHHMMSSZ|YYYYMMDDHHmmss|seconds|milliseconds"},
        {"{\"time\":{\"zone\":\"Europe/Berlin\"}}",
         "/time/zone: must be UTC, Asia/Shanghai or an offset like +08:00"},
        {"{\"headers\":{\"appKey\":\"App Key\"}}",
         "/headers/appKey: must be a header name of letters, digits and '-'"},
        {"{\"headers\":{\"appKey\":\"host\"}}",
         "/headers/appKey: is a header with another meaning"},
        {"{\"headers\":{\"appKey\":\"x-sdk-content-sha256\"}}",
         "/headers/appKey: is a header with another meaning"},
        {"{\"headers\":{\"appKey\":null}}",
         "/headers/signed/0: must be a header that is sent, once"},
        {"{\"headers\":{\"appKey\":\"X-Other\"}}",
         "/headers/signed/0: must be a header that is sent, once"},
        {"{\"headers\":{\"traceparent\":\"yes\"}}", "/headers/traceparent: must be true or false"},
        {"{\"headers\":{\"appKey\":\"Traceparent\"}}",
         "/headers/appKey: is a header with another meaning"},
        {"{\"headers\":{\"contentType\":\"a\\r\\nb\"}}",
         "/headers/contentType: must be printable ASCII"},
        {"{\"headers\":{\"signed\":[\"host\",\"host\"]}}",
         "/headers/signed/1: must be a header that is sent, once"},
        {"{\"headers\":{\"signed\":[\"host\",\"authorization\"]}}",
         "/headers/signed/1: must be a header that is sent, once"},
        {"{\"headers\":{\"signed\":[\"host\"]}}", "/headers/signed: must hold host and x-sdk-date"},
        {"{\"headers\":{\"signed\":[\"x-sdk-date\"]}}",
         "/headers/signed: must hold host and x-sdk-date"},
        {"{\"headers\":{\"signed\":\"host\"}}",
         "/headers/signed: must be an array of header names"},
        {"{\"bodyHash\":\"none\"}", "/bodyHash: must be one of real|empty"},
        {"{\"answer\":{\"code\":\"code\"}}",
         "/answer/code: must be a path like /data/callID, or an array of such"},
        {"{\"answer\":{\"code\":\"/a//b\"}}",
         "/answer/code: must be a path like /data/callID, or an array of such"},
        {"{\"answer\":{\"code\":\"/\"}}",
         "/answer/code: must be a path like /data/callID, or an array of such"},
        {"{\"answer\":{\"url\":[\"/a\",1]}}",
         "/answer/url: must be a path like /data/callID, or an array of such"},
        {"{\"answer\":{\"telX\":[]}}", "/answer/telX: must hold a path"},
        {"{\"answer\":{\"telX\":[\"/a\",\"/b\",\"/c\",\"/d\",\"/e\"]}}",
         "/answer/telX: holds too many paths"},
        {"{\"answer\":{\"success\":[]}}", "/answer/success: must be an array of codes"},
        {"{\"answer\":{\"success\":[0]}}",
         "/answer/success: must hold strings that are none of the 21 ITA codes"},
        {"{\"answer\":{\"success\":[\"90106003\"]}}",
         "/answer/success: must hold strings that are none of the 21 ITA codes"},
        {"{\"codes\":{\"E1\":\"1\"}}", "/codes/E1: must be one of the 21 ITA codes"},
        {"{\"codes\":{\"E1\":90106003}}", "/codes/E1: must be one of the 21 ITA codes"},
        {"{\"remark\":\"a\",\"remark\":\"b\"}", "JSON: member remark stands twice"},
        {"", "JSON: empty"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct profile *profile = NULL;
        struct fault fault = {0};
        if (profile_parse(str_of(cases[i].text), &profile, &fault) == OK)
            fail_msg("accepted: %s", cases[i].text);
        assert_string_equal(fault.text, cases[i].fault);
        assert_null(profile);
    }
}

static void refuses_a_profile_that_is_too_big(void **state)
{
    (void)state;
    static char text[PROFILE_TEXT_MAX + 1];
    struct profile *profile = NULL;
    struct fault fault = {0};
    memset(text, ' ', sizeof(text));
    memcpy(text, "{}", 2);
    assert_int_equal(profile_parse(str_from(text, sizeof(text)), &profile, &fault), ERR_TOO_BIG);
    assert_int_equal(profile_parse(str_from(text, sizeof(text) - 1), &profile, &fault), OK);
    profile_release(profile);
}

/* --- remark --- */

static void reads(const char *template, const char *remark, const char *tenant, const char *serial)
{
    char text[256];
    struct buf buf;
    struct str found_tenant, found_serial;
    buf_init_fixed(&buf, text, sizeof(text));
    buf_format(&buf, "{\"remark\":\"%s\"}", template);
    struct profile *profile = parse(buf_text(&buf));
    enum status status = profile_read_remark(profile, str_of(remark), &found_tenant, &found_serial);
    if (tenant == NULL) {
        assert_int_equal(status, ERR_INVALID);
    } else {
        assert_int_equal(status, OK);
        assert_str(found_tenant, tenant);
        assert_str(found_serial, serial);
    }
    profile_release(profile);
}

static void reads_a_remark_by_its_template(void **state)
{
    (void)state;
    reads("{tenant}:{callSerialNo}", "space-1:123456", "space-1", "123456");
    reads("{tenant}", "space_1.x", "space_1.x", "");
    reads("{callSerialNo}", "42", "", "42");
    reads("gw-{callSerialNo}-{tenant}.", "gw-42-space-1.", "space-1", "42");
    reads("{tenant}-{callSerialNo}", "a-b-7", "a-b", "7");
    reads("fixed", "fixed", "", "");
}

static void reads_no_remark_that_the_template_cannot_have_made(void **state)
{
    (void)state;
    reads("{tenant}:{callSerialNo}", "", NULL, NULL);
    reads("{tenant}:{callSerialNo}", "space", NULL, NULL);
    reads("{tenant}:{callSerialNo}", ":1", NULL, NULL);
    reads("{tenant}:{callSerialNo}", "space:", NULL, NULL);
    reads("{tenant}:{callSerialNo}", "space:1x", NULL, NULL);
    reads("{tenant}:{callSerialNo}", "sp ace:1", NULL, NULL);
    reads("{tenant}:{callSerialNo}", "a:b:1", NULL, NULL);
    reads("fixed", "fixed!", NULL, NULL);
    reads("fixed", "fixe", NULL, NULL);
}

static void reads_no_remark_that_fits_in_two_ways(void **state)
{
    (void)state;
    reads("{tenant}1{callSerialNo}", "a1213", NULL, NULL); /* a, 213 or a12, 3 */
    reads("{tenant}1{callSerialNo}", "a123", "a", "23");
}

static void reads_long_remarks_in_no_time(void **state)
{
    (void)state;
    char remark[300];
    memset(remark, '1', sizeof(remark) - 1);
    remark[sizeof(remark) - 1] = '\0';
    reads("{tenant}1{callSerialNo}", remark, NULL, NULL);
    remark[256] = '\0';
    reads("{tenant}1{callSerialNo}", remark, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_prints_as_its_own_text),
        cmocka_unit_test(absent_members_keep_the_default),
        cmocka_unit_test(a_given_request_replaces_the_whole_default),
        cmocka_unit_test(maps_codes),
        cmocka_unit_test(is_shared_by_reference_count),
        cmocka_unit_test(names_path_and_rule_of_a_fault),
        cmocka_unit_test(refuses_a_profile_that_is_too_big),
        cmocka_unit_test(reads_a_remark_by_its_template),
        cmocka_unit_test(reads_no_remark_that_the_template_cannot_have_made),
        cmocka_unit_test(reads_no_remark_that_fits_in_two_ways),
        cmocka_unit_test(reads_long_remarks_in_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
