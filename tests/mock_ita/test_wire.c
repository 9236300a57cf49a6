#include "base/mem.h"
#include "mock_ita/wire.h"
#include "tests/test.h"

#define NOW_MS INT64_C(1893553445000) /* 2030-01-02T03:04:05Z */
#define TYPE "application/json;charset=utf-8"

#define ORDER(telA, mode)                                                                          \
    "{\"appKey\":\"fake-app\",\"requestId\":\"r-1\",\"telA\":\"" telA                              \
    "\",\"telB\":\"057100000002\",\"telXMode\":\"" mode                                            \
    "\",\"remark\":\"demo:7\",\"subTime\":\"20300102T030405Z\","                                   \
    "\"extra\":{\"callRecording\":\"1\"}"
#define AUTOMATIC ORDER("13800000001", "0")
#define SPECIFIED ORDER("13800000001", "1") ",\"telX\":\"700000000000001\""

/* A deployment that is unlike the default one in everything. */
static const char other_profile[] =
    "{\"place\":{\"method\":\"PUT\",\"path\":\"/calls/{requestId}?v=2\",\"request\":{"
    "\"v\":2,\"test\":false,\"kind\":\"voice\",\"id\":\"{requestId}\","
    "\"who\":{\"x\":\"{telX}\",\"b\":\"tel:{telB}\",\"a\":\"{telA}\"},"
    "\"note\":\"{remark}/{areaCode}\",\"opt\":{\"ttl\":\"{expiration}\"}}},"
    "\"release\":{\"method\":\"POST\",\"path\":\"/calls/end\",\"request\":{\"id\":\"{callID}\"}},"
    "\"time\":{\"format\":\"seconds\"},"
    "\"binding\":{\"request\":{\"m\":\"{telXMode}\",\"a\":\"{telA}\",\"b\":\"{telB}\","
    "\"x\":\"{telX}\",\"t\":\"{subTime}\",\"r\":\"{callRecording}\"}},"
    "\"values\":{\"automatic\":null,\"specified\":\"fix\",\"recorded\":null,"
    "\"notRecorded\":\"n\"}}";

struct fixture {
    struct profile *profile;
    struct mock_wire wire;
    struct mock_wire_options options;
    enum mock_code code;
    struct buf said; /* violations, or notes when there are none */
};

static struct fixture f;

static void finish(void)
{
    mock_wire_finish(&f.wire);
    profile_release(f.profile);
    buf_finish(&f.said);
    f = (struct fixture){0};
}

/* Routes and reads; the profile is a text, NULL for the default one. */
static void read_typed(const char *profile, const char *method, const char *target,
                       const char *body, const char *type, bool notes_unknown_members)
{
    struct fault fault = {0};
    finish();
    if (profile_parse(str_of(profile == NULL ? "{}" : profile), &f.profile, &fault) != OK ||
        mock_wire_check(f.profile, &fault) != OK)
        fail_msg("%s", fault.text);
    f.options = (struct mock_wire_options){
        .rules = {.profile = f.profile, .app_key = STR("fake-app"), .now_ms = NOW_MS},
        .notes_unknown_members = notes_unknown_members,
    };
    const struct http_header headers[] = {{STR("Content-Type"), str_of(type)}};
    const struct http_request request = {.method = str_of(method),
                                         .target = str_of(target),
                                         .headers = headers,
                                         .header_count = type == NULL ? 0 : 1,
                                         .body = str_of(body)};
    assert_int_equal(mock_wire_route(f.profile, &request, &f.wire), OK);
    f.code = mock_wire_read(&f.wire, &f.options, &request);
    assert_int_equal(f.code == MOCK_OK, f.wire.violations.count == 0);
    buf_init(&f.said, 64 * 1024);
    mock_violations_append(f.code == MOCK_OK ? &f.wire.notes : &f.wire.violations, &f.said);
}

static void read_by(const char *profile, const char *method, const char *target, const char *body)
{
    read_typed(profile, method, target, body, TYPE, false);
}

static void place(const char *body)
{
    read_by(NULL, "POST", "/v1/ngin/axmn", body);
}

static void assert_good(void)
{
    if (f.code != MOCK_OK)
        fail_msg("refused: %.*s", STR_ARGS(buf_str(&f.said)));
}

/* Exactly this is wrong. */
static void assert_bad(enum mock_code code, const char *said)
{
    assert_str(buf_str(&f.said), said);
    assert_int_equal(f.code, code);
}

/* One violation, of that member, whose rule holds these words. */
static void assert_violation(const char *path, const char *words)
{
    assert_int_equal(f.code, MOCK_INVALID_PARAMETER);
    if (f.wire.violations.count != 1)
        fail_msg("not one violation: %.*s", STR_ARGS(buf_str(&f.said)));
    assert_string_equal(f.wire.violations.items[0].path, path);
    if (strstr(f.wire.violations.items[0].rule, words) == NULL)
        fail_msg("\"%s\" does not hold \"%s\"", f.wire.violations.items[0].rule, words);
}

static struct mock_order order(void)
{
    return mock_wire_order(&f.wire, f.profile, STR("FAKEAK"));
}

/* --- The default profile --- */

static void reads_every_member_of_an_order(void **state)
{
    (void)state;
    place(SPECIFIED ",\"areaCode\":\"0571\",\"expiration\":\"3600\"}");
    assert_good();
    assert_int_equal(f.wire.action, PROFILE_ACTION_PLACE);
    assert_str(order().access_key, "FAKEAK");
    assert_str(order().request_id, "r-1");
    assert_str(order().tel_a, "13800000001");
    assert_str(order().tel_b, "057100000002");
    assert_str(order().tel_x, "700000000000001");
    assert_str(order().remark, "demo:7");
    assert_true(order().is_recorded);
    place(AUTOMATIC "}");
    assert_good();
    assert_int_equal(order().tel_x.len, 0);
    finish();
}

static void reads_a_binding(void **state)
{
    (void)state;
    read_by(NULL, "POST", "/v1/ngin/axb/binding",
            AUTOMATIC ",\"transId\":\"t-9\",\"expiration\":\"3600\"}");
    assert_good();
    assert_int_equal(f.wire.action, PROFILE_ACTION_BINDING);
    struct mock_binding_order binding = mock_wire_binding_order(&f.wire, f.profile, STR("FAKEAK"));
    assert_int_equal(binding.expiration_s, 3600);
    assert_str(binding.tel_b, "057100000002");
    assert_true(binding.is_recorded);
    read_by(NULL, "POST", "/v1/ngin/axb/binding",
            "{\"appKey\":\"fake-app\",\"requestId\":\"r-1\",\"telA\":\"13800000001\","
            "\"telB\":\"057100000002\",\"telXMode\":\"0\",\"subTime\":\"20300102T030405Z\"}");
    assert_good();
    binding = mock_wire_binding_order(&f.wire, f.profile, STR("FAKEAK"));
    assert_int_equal(binding.expiration_s, 0);
    assert_false(binding.is_recorded);
    finish();
}

static void decodes_what_stands_in_the_target(void **state)
{
    (void)state;
    read_by(NULL, "DELETE", "/v1/ngin/axmn/mock%2D%E4%B8%AD%3a1", NULL);
    assert_good();
    assert_int_equal(f.wire.action, PROFILE_ACTION_RELEASE);
    assert_str(f.wire.values.of[PROFILE_VARIABLE_CALL_ID], "mock-\xE4\xB8\xAD:1");
    read_by(NULL, "DELETE", "/v1/ngin/axb/binding/s-1/700000000000001", NULL);
    assert_good();
    assert_str(f.wire.values.of[PROFILE_VARIABLE_SUB_ID], "s-1");
    assert_str(f.wire.values.of[PROFILE_VARIABLE_TEL_X], "700000000000001");
    read_by(NULL, "DELETE", "/v1/ngin/axmn/", NULL);
    assert_violation("{callID}", "must be text, 1 to 128 bytes");
    read_by(NULL, "DELETE", "/v1/ngin/axmn/%zz", NULL);
    assert_violation("{callID}", "must be percent-encoded");
    read_by(NULL, "DELETE", "/v1/ngin/axb/binding/s-1/x", NULL);
    assert_violation("{telX}", "must be digits, 3 or more");
    finish();
}

static void lists_all_that_is_wrong(void **state)
{
    (void)state;
    place(
        "{\"appKey\":\"other\",\"requestId\":7,\"telB\":\"12\",\"telXMode\":\"2\",\"remark\":\"\","
        "\"subTime\":\"20300102T031906Z\",\"extra\":{\"callRecording\":true,\"more\":1},"
        "\"tel\\u4e2dC\":null}");
    assert_bad(
        MOCK_INVALID_PARAMETER,
        "/appKey: must be the AppKey that was agreed on; "
        "/requestId: must be a string and must be text, 1 to 64 bytes; "
        "/telA: must be there and must be digits, 3 or more, with an optional '+', 1 to 24 bytes; "
        "/telB: must be digits, 3 or more, with an optional '+', 1 to 24 bytes; "
        "/telXMode: must be \"0\" or \"1\"; "
        "/remark: must be text, 1 to 256 bytes; "
        "/subTime: must be a time, YYYYMMDDTHHMMSSZ, at most 15 minutes off the clock, which shows "
        "2030-01-02T03:04:05.000Z; "
        "/extra/callRecording: must be a string and must be \"0\" or \"1\"; "
        "/extra/more: is unknown to the wire profile; "
        "/tel???C: is unknown to the wire profile");
    place("{}");
    assert_int_equal(f.wire.violations.count, 8); /* all that are always there */
    finish();
}

static void says_that_there_is_more_than_it_lists(void **state)
{
    (void)state;
    char storage[4096];
    struct buf body;
    buf_init_fixed(&body, storage, sizeof(storage));
    buf_append(&body, STR(AUTOMATIC));
    for (int i = 0; i < 100; i++)
        buf_format(&body, ",\"u%d\":0", i);
    buf_append(&body, STR("}"));
    place(buf_text(&body));
    assert_int_equal(f.wire.violations.count, MOCK_VIOLATIONS_MAX);
    assert_string_equal(f.wire.violations.items[MOCK_VIOLATIONS_MAX - 1].rule, "and more");
    finish();
}

static void refuses_what_is_no_object(void **state)
{
    (void)state;
    place("");
    assert_bad(MOCK_BAD_REQUEST, "request: JSON: empty");
    place("[]");
    assert_bad(MOCK_BAD_REQUEST, "request: must be a JSON object");
    place(AUTOMATIC "}x");
    assert_int_equal(f.code, MOCK_BAD_REQUEST);
    place(AUTOMATIC ",\"telA\":\"13800000009\"}");
    assert_bad(MOCK_BAD_REQUEST, "request: JSON: member telA stands twice");
    finish();
}

static void refuses_single_members(void **state)
{
    (void)state;
    static const struct {
        const char *member, *path, *words;
    } cases[] = {
        {"\"telX\":\"700000000000001\"", "/telX", "must not be there"},
        {"\"areaCode\":\"x\"", "/areaCode", "must be digits"},
        {"\"areaCode\":\"\"", "/areaCode", "must be digits"},
        {"\"areaCode\":571", "/areaCode", "must be a string"},
        {"\"areaCode\":null", "/areaCode", "must be a string"},
        {"\"expiration\":\"-1\"", "/expiration", "seconds"},
        {"\"expiration\":\"316224001\"", "/expiration", "316224000 at most"},
        {"\"expiration\":\"99999999999999999999999\"", "/expiration", "316224000 at most"},
        {"\"callData\":\"x\"", "/callData", "unknown"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char storage[1024];
        struct buf body;
        buf_init_fixed(&body, storage, sizeof(storage));
        buf_format(&body, AUTOMATIC ",%s}", cases[i].member);
        place(buf_text(&body));
        assert_violation(cases[i].path, cases[i].words);
    }
    finish();
}

static void refuses_numbers_that_nobody_can_dial(void **state)
{
    (void)state;
    place(ORDER("", "0") "}");
    assert_violation("/telA", "3 or more");
    place(ORDER("+12", "0") "}");
    assert_violation("/telA", "3 or more");
    place(ORDER("138x0000001", "0") "}");
    assert_violation("/telA", "3 or more");
    place(ORDER("1234567890123456789012345", "0") "}");
    assert_violation("/telA", "1 to 24 bytes");
    place(ORDER("+8613800000001", "0") "}");
    assert_good();
    place(ORDER("057100000002", "0") "}");
    assert_violation("/telB", "must not be {telA}");
    finish();
}

static void holds_the_mode_against_tel_x(void **state)
{
    (void)state;
    place(ORDER("13800000001", "1") "}");
    assert_violation("/telX", "must be there when {telXMode} is Specified");
    place(AUTOMATIC ",\"telX\":\"700000000000001\"}");
    assert_violation("/telX", "must not be there when {telXMode} is Automatic");
    place(ORDER("13800000001", "1") ",\"telX\":\"x\"}");
    assert_violation("/telX", "3 or more"); /* it is there, whatever it is */
    place(ORDER("13800000001", "2") "}");
    assert_violation("/telXMode", "\"0\" or \"1\"");
    finish();
}

static void refuses_times_off_the_clock(void **state)
{
    (void)state;
    static const struct {
        const char *time;
        bool is_good;
    } cases[] = {
        {"20300102T024905Z", true},  {"20300102T024904Z", false}, {"20300102T031905Z", true},
        {"20300102T031906Z", false}, {"20300230T030405Z", false}, {"2030-01-02", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char storage[512];
        struct buf body;
        buf_init_fixed(&body, storage, sizeof(storage));
        buf_format(&body,
                   "{\"appKey\":\"fake-app\",\"requestId\":\"r-1\",\"telA\":\"13800000001\","
                   "\"telB\":\"057100000002\",\"telXMode\":\"0\",\"remark\":\"demo:7\","
                   "\"subTime\":\"%s\",\"extra\":{\"callRecording\":\"0\"}}",
                   cases[i].time);
        place(buf_text(&body));
        if (cases[i].is_good)
            assert_good();
        else
            assert_violation("/subTime", "at most 15 minutes off the clock");
    }
    finish();
}

static void reads_the_other_forms_of_time(void **state)
{
    (void)state;
    static const struct {
        const char *time, *good, *bad;
    } cases[] = {
        {"{\"format\":\"YYYYMMDDTHHMMSSZ\",\"zone\":\"+08:00\"}", "20300102T110405Z",
         "20300102T030405Z"},
        {"{\"format\":\"YYYYMMDDHHmmss\",\"zone\":\"+08:00\"}", "20300102110405", "20300102030405"},
        {"{\"format\":\"seconds\"}", "1893553445", "1893553445000"},
        {"{\"format\":\"seconds\"}", "1893553445", "18935534450000000000"},
        {"{\"format\":\"milliseconds\"}", "1893553445000", "1893553445"},
        {"{\"format\":\"milliseconds\"}", "1893553445000", "99999999999999999999"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char profile_storage[512], storage[512];
        struct buf profile, target;
        buf_init_fixed(&profile, profile_storage, sizeof(profile_storage));
        buf_init_fixed(&target, storage, sizeof(storage));
        buf_format(&profile, "{\"time\":%s,\"release\":{\"path\":\"/r/{callID}/{subTime}\"}}",
                   cases[i].time);
        buf_format(&target, "/r/c/%s", cases[i].good);
        read_by(buf_text(&profile), "DELETE", buf_text(&target), NULL);
        assert_good();
        buf_clear(&target);
        buf_format(&target, "/r/c/%s", cases[i].bad);
        read_by(buf_text(&profile), "DELETE", buf_text(&target), NULL);
        assert_violation("{subTime}", "a time");
    }
    finish();
}

static void refuses_another_content_type(void **state)
{
    (void)state;
    static const char *const bad[] = {NULL, "", "application/json;charset=gbk", TYPE ";x",
                                      "text/plain"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        read_typed(NULL, "POST", "/v1/ngin/axmn", AUTOMATIC "}", bad[i], false);
        assert_violation("Content-Type", "must be " TYPE);
    }
    read_typed(NULL, "POST", "/v1/ngin/axmn", AUTOMATIC "}", "Application/JSON; charset=UTF-8",
               false);
    assert_good();
    read_typed(NULL, "POST", "/v1/ngin/axmn", AUTOMATIC "}", "application/json", false);
    assert_good();
    read_typed(NULL, "DELETE", "/v1/ngin/axmn/c-1", NULL, NULL, false);
    assert_good();
    finish();
}

static void refuses_a_body_where_there_is_none(void **state)
{
    (void)state;
    read_by(NULL, "DELETE", "/v1/ngin/axmn/c-1", "{}");
    assert_bad(MOCK_INVALID_PARAMETER, "request: must have no body");
    finish();
}

static void refuses_parameters_where_there_are_none(void **state)
{
    (void)state;
    read_by(NULL, "DELETE", "/v1/ngin/axmn/c-1?force=1", NULL);
    assert_violation("?force=1", "is unknown to the wire profile");
    read_typed(NULL, "DELETE", "/v1/ngin/axmn/c-1?force=1", NULL, NULL, true);
    assert_good();
    finish();
}

static void notes_unknown_members_when_told_to(void **state)
{
    (void)state;
    read_typed(NULL, "POST", "/v1/ngin/axmn", AUTOMATIC ",\"callData\":1}", TYPE, true);
    assert_good();
    assert_str(buf_str(&f.said), "/callData: is unknown to the wire profile");
    finish();
}

/* --- Another profile --- */

#define OTHER(id, b, note)                                                                         \
    "{\"v\":2,\"test\":false,\"kind\":\"voice\",\"id\":\"" id "\","                                \
    "\"who\":{\"b\":\"" b "\",\"a\":\"13800000001\"},\"note\":\"" note "\""

static void reads_by_another_profile(void **state)
{
    (void)state;
    read_by(other_profile, "PUT", "/calls/r-1?v=2",
            OTHER("r-1", "tel:13800000002", "demo/7/0571") ",\"opt\":{}}");
    assert_good();
    assert_str(order().request_id, "r-1");
    assert_str(order().tel_b, "13800000002");
    assert_str(f.wire.values.of[PROFILE_VARIABLE_AREA_CODE], "0571");
    assert_str(order().remark, "demo/7");
    assert_false(order().is_recorded); /* no word for it in the request */
    read_by(other_profile, "PUT", "/calls/r-1?v=2",
            OTHER("r-1", "tel:13800000002", "demo:7/") "}"); /* no area code, nothing in opt */
    assert_good();
    assert_null(f.wire.values.of[PROFILE_VARIABLE_AREA_CODE].ptr);
    read_by(other_profile, "POST", "/calls/end", "{\"id\":\"c-1\"}");
    assert_good();
    assert_int_equal(f.wire.action, PROFILE_ACTION_RELEASE);
    assert_str(f.wire.values.of[PROFILE_VARIABLE_CALL_ID], "c-1");
    finish();
}

static void refuses_what_another_profile_cannot_have_made(void **state)
{
    (void)state;
    read_by(other_profile, "PUT", "/calls/r-1?v=2", OTHER("r-2", "tel:13800000002", "demo:7/") "}");
    assert_violation("/id", "must hold the same {requestId} as elsewhere");
    read_by(other_profile, "PUT", "/calls/r-1?v=2", OTHER("r-1", "13800000002", "demo:7/") "}");
    assert_violation("/who/b", "must read tel:{telB}; {telB}: digits");
    read_by(other_profile, "PUT", "/calls/r-1?v=2", OTHER("r-1", "tel:13800000002", "demo") "}");
    assert_violation("/note", "must read {remark}/{areaCode}; {remark}: text");
    read_by(other_profile, "PUT", "/calls/r-1?v=2",
            OTHER("r-1", "tel:13800000002", "demo/") ",\"opt\":[]}");
    assert_violation("/opt", "must be an object");
    read_by(other_profile, "PUT", "/calls/r-1?v=2",
            "{\"v\":\"2\",\"test\":true,\"kind\":\"video\",\"id\":\"r-1\",\"note\":\"n/\"}");
    assert_bad(MOCK_INVALID_PARAMETER,
               "/v: must be 2; /test: must be false; /kind: must read voice; "
               "/who/b: must be there and must read tel:{telB}; {telB}: digits, 3 or more, with an "
               "optional '+', 1 to 24 bytes; "
               "/who/a: must be there and must be digits, 3 or more, with an optional '+', 1 to 24 "
               "bytes");
    finish();
}

#define BIND "{\"a\":\"13800000001\",\"b\":\"13800000002\",\"t\":\"1893553445\""

static void knows_values_that_are_left_out(void **state)
{
    (void)state;
    static const char target[] = "/v1/ngin/axb/binding";
    read_by(other_profile, "POST", target, BIND "}"); /* Automatic, recorded */
    assert_good();
    assert_true(order().is_recorded);
    read_by(other_profile, "POST", target, BIND ",\"m\":\"fix\",\"x\":\"700\",\"r\":\"n\"}");
    assert_good();
    assert_false(order().is_recorded);
    read_by(other_profile, "POST", target, BIND ",\"m\":\"fix\"}");
    assert_violation("/x", "must be there when {telXMode} is Specified");
    read_by(other_profile, "POST", target, BIND ",\"x\":\"700\"}");
    assert_violation("/m", "must be there beside {telX}");
    read_by(other_profile, "POST", target, BIND ",\"m\":\"\"}");
    assert_violation("/m", "must be \"fix\"");
    finish();
}

static void takes_the_serial_for_a_request_id_that_is_not_sent(void **state)
{
    (void)state;
    read_by("{\"place\":{\"request\":{\"s\":\"{callSerialNo}\",\"a\":\"{telA}\",\"b\":\"{telB}\","
            "\"x\":\"{telX}\"}}}",
            "POST", "/v1/ngin/axmn",
            "{\"s\":\"42\",\"a\":\"13800000001\",\"b\":\"13800000002\",\"x\":\"700\"}");
    assert_good();
    assert_str(order().request_id, "42");
    assert_str(order().tel_x, "700");
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_member_of_an_order),
        cmocka_unit_test(reads_a_binding),
        cmocka_unit_test(decodes_what_stands_in_the_target),
        cmocka_unit_test(lists_all_that_is_wrong),
        cmocka_unit_test(says_that_there_is_more_than_it_lists),
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(refuses_single_members),
        cmocka_unit_test(refuses_numbers_that_nobody_can_dial),
        cmocka_unit_test(holds_the_mode_against_tel_x),
        cmocka_unit_test(refuses_times_off_the_clock),
        cmocka_unit_test(reads_the_other_forms_of_time),
        cmocka_unit_test(refuses_another_content_type),
        cmocka_unit_test(refuses_a_body_where_there_is_none),
        cmocka_unit_test(refuses_parameters_where_there_are_none),
        cmocka_unit_test(notes_unknown_members_when_told_to),
        cmocka_unit_test(reads_by_another_profile),
        cmocka_unit_test(refuses_what_another_profile_cannot_have_made),
        cmocka_unit_test(knows_values_that_are_left_out),
        cmocka_unit_test(takes_the_serial_for_a_request_id_that_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
