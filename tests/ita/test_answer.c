/* What the answers of the ITA mean. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ita/answer.h"

static const int64_t NOW_MS = INT64_C(1893553445000); /* 2030-01-02T03:04:05Z */

static struct profile *profile;

static int open_profile(void **state)
{
    (void)state;
    profile = profile_default();
    return 0;
}

static int close_profile(void **state)
{
    (void)state;
    profile_release(profile);
    return 0;
}

static void read_with(struct ita_answer *answer, enum profile_action action, int http_status,
                      const char *body, struct http_header header)
{
    const struct http_fetch_result fetched = {
        .outcome = HTTP_ANSWERED,
        .why = "",
        .status = http_status,
        .body = str_of(body),
        .headers = &header,
        .header_count = header.name.len > 0 ? 1 : 0,
    };
    ita_answer_read(profile, action, &fetched, NOW_MS, answer);
}

struct expectation {
    enum profile_action action;
    int http_status;
    const char *body;
    enum ita_outcome outcome;
    const char *code, *native_code;
    enum ita_again again;
    bool is_failing;
};

static void check(const struct expectation *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct expectation *row = &rows[i];
        struct ita_answer answer;
        read_with(&answer, row->action, row->http_status, row->body, (struct http_header){0});
        if (answer.outcome != row->outcome || !str_is(answer.code, str_of(row->code)) ||
            !str_is(answer.native_code, str_of(row->native_code)) || answer.again != row->again ||
            answer.is_failing != row->is_failing)
            fail_msg("row %zu: HTTP %d %s gave outcome %d, code %.*s, native %.*s, again %d, "
                     "failing %d",
                     i, row->http_status, row->body, (int)answer.outcome, STR_ARGS(answer.code),
                     STR_ARGS(answer.native_code), (int)answer.again, answer.is_failing);
        assert_true(answer.is_answered);
        assert_true(strlen(answer.why) > 0);
        ita_answer_finish(&answer);
    }
}

#define OKAY                                                                                       \
    "{\"code\":\"0\",\"message\":\"Success\",\"data\":{\"callID\":\"c-1\",\"telX\":\"057\"}}"
#define CODED(code) "{\"code\":\"" code "\",\"message\":\"m\"}"
#define P PROFILE_ACTION_PLACE
#define R PROFILE_ACTION_RELEASE
#define G PROFILE_ACTION_RECORDING

static void judges_success(void **state)
{
    (void)state;
    static const struct expectation rows[] = {
        {P, 200, OKAY, ITA_ACCEPTED, "0", "0", ITA_AGAIN_NEVER, false},
        {P, 201, OKAY, ITA_ACCEPTED, "0", "0", ITA_AGAIN_NEVER, false},
        {P, 200, "{\"code\":0,\"data\":{\"callID\":\"c\"}}", ITA_ACCEPTED, "0", "0",
         ITA_AGAIN_NEVER, false},
        {R, 200, "{\"code\":\"0\"}", ITA_ACCEPTED, "0", "0", ITA_AGAIN_NEVER, false},
        {R, 204, "", ITA_ACCEPTED, "0", "", ITA_AGAIN_NEVER, false},
        {G, 200, "{\"code\":\"0\",\"data\":{\"url\":\"https://x/y\"}}", ITA_ACCEPTED, "0", "0",
         ITA_AGAIN_NEVER, false},
    };
    check(rows, COUNT_OF(rows));
}

static void judges_what_leaves_the_outcome_open(void **state)
{
    (void)state;
    static const struct expectation rows[] = {
        {P, 200, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, false},
        {P, 200, "<html>", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, false},
        {P, 200, "[]", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, false},
        {P, 200, "{\"code\":null}", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, false},
        {P, 204, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, false},
        {P, 200, "{\"code\":\"0\"}", ITA_UNKNOWN, "90104008", "0", ITA_AGAIN_NEVER, false},
        {P, 200, "{\"code\":\"0\",\"data\":{\"callID\":\"\"}}", ITA_UNKNOWN, "90104008", "0",
         ITA_AGAIN_NEVER, false},
        {P, 200, "{\"code\":\"0\",\"data\":{\"callID\":\"a\\nb\"}}", ITA_UNKNOWN, "90104008", "0",
         ITA_AGAIN_NEVER, false},
        {P, 500, OKAY, ITA_UNKNOWN, "90104008", "0", ITA_AGAIN_NEVER, true},
        {P, 400, OKAY, ITA_UNKNOWN, "90104008", "0", ITA_AGAIN_NEVER, false},
        {P, 500, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, true},
        {P, 502, "<html>", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, true},
        {P, 504, CODED("APIGW.0201"), ITA_UNKNOWN, "90104008", "APIGW.0201", ITA_AGAIN_NEVER, true},
        {R, 500, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_SAFE, true},
        {R, 200, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_SAFE, false},
        {G, 200, "{\"code\":\"0\"}", ITA_UNKNOWN, "90104008", "0", ITA_AGAIN_SAFE, false},
        {G, 200, "{\"code\":\"0\",\"data\":{\"url\":\"file:///etc/x\"}}", ITA_UNKNOWN, "90104008",
         "0", ITA_AGAIN_SAFE, false},
        {G, 504, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_SAFE, true},
        {P, 503, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, true},
        {P, 503, "upstream connect error or disconnect/reset before headers", ITA_UNKNOWN,
         "90104008", "", ITA_AGAIN_NEVER, true},
        {P, 503, CODED("E77"), ITA_UNKNOWN, "90104008", "E77", ITA_AGAIN_NEVER, true},
        /* In its own words it failed; how far it came, nobody knows. */
        {P, 200, CODED("90104008"), ITA_UNKNOWN, "90104008", "90104008", ITA_AGAIN_NEVER, false},
        {P, 504, CODED("90104008"), ITA_UNKNOWN, "90104008", "90104008", ITA_AGAIN_NEVER, true},
        {P, 200, CODED("90100600"), ITA_UNKNOWN, "90100600", "90100600", ITA_AGAIN_NEVER, false},
        {P, 500, CODED("90100600"), ITA_UNKNOWN, "90100600", "90100600", ITA_AGAIN_NEVER, true},
        {P, 500, CODED("90106006"), ITA_UNKNOWN, "90106006", "90106006", ITA_AGAIN_NEVER, true},
        {P, 303, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, true},
        {P, 408, "", ITA_UNKNOWN, "90104008", "", ITA_AGAIN_NEVER, true},
    };
    check(rows, COUNT_OF(rows));
}

static void judges_refusals(void **state)
{
    (void)state;
    static const struct expectation rows[] = {
        {P, 200, CODED("90106003"), ITA_REFUSED, "90106003", "90106003", ITA_AGAIN_NEVER, false},
        {P, 400, CODED("90100100"), ITA_REFUSED, "90100100", "90100100", ITA_AGAIN_NEVER, false},
        {P, 500, CODED("90106003"), ITA_REFUSED, "90106003", "90106003", ITA_AGAIN_NEVER, false},
        {P, 200, "{\"code\":90106012}", ITA_REFUSED, "90106012", "90106012", ITA_AGAIN_NEVER,
         false},
        {P, 200, CODED("E77"), ITA_REFUSED, "90106006", "E77", ITA_AGAIN_NEVER, false},
        {P, 200, CODED("90106006"), ITA_REFUSED, "90106006", "90106006", ITA_AGAIN_NEVER, false},
        {R, 200, CODED("90104008"), ITA_REFUSED, "90104008", "90104008", ITA_AGAIN_NEVER, false},
        {P, 400, CODED("APIGW.0201"), ITA_REFUSED, "90106006", "APIGW.0201", ITA_AGAIN_NEVER,
         false},
        {P, 401, "{\"error_code\":\"APIGW.0301\",\"error_msg\":\"verify aksk signature fail\"}",
         ITA_REFUSED, "90100200", "APIGW.0301", ITA_AGAIN_NEVER, false},
        {P, 401, "", ITA_REFUSED, "90100200", "", ITA_AGAIN_NEVER, false},
        {P, 403, "", ITA_REFUSED, "90104001", "", ITA_AGAIN_NEVER, false},
        {P, 404, "<html>", ITA_REFUSED, "90100400", "", ITA_AGAIN_NEVER, false},
        {P, 400, "", ITA_REFUSED, "90100300", "", ITA_AGAIN_NEVER, false},
        {P, 413, "", ITA_REFUSED, "90100300", "", ITA_AGAIN_NEVER, false},
        {P, 429, "", ITA_REFUSED, "90104029", "", ITA_AGAIN_NEVER, false},
        {P, 503, CODED("90104004"), ITA_REFUSED, "90104004", "90104004", ITA_AGAIN_NEVER, true},
        {P, 302, "", ITA_REFUSED, "90104004", "", ITA_AGAIN_NEVER, false},
        {P, 307, OKAY, ITA_REFUSED, "90104004", "0", ITA_AGAIN_NEVER, false},
        {R, 200, CODED("90106002"), ITA_REFUSED, "90106002", "90106002", ITA_AGAIN_NEVER, false},
    };
    check(rows, COUNT_OF(rows));
}

static void hands_out_what_a_success_holds(void **state)
{
    (void)state;
    struct ita_answer answer;
    read_with(&answer, P, 200, OKAY, (struct http_header){0});
    assert_true(str_is(answer.call_id, STR("c-1")));
    assert_true(str_is(answer.tel_x, STR("057")));
    assert_string_equal(answer.native_message, "Success");
    ita_answer_finish(&answer);
    read_with(&answer, G, 200, "{\"code\":\"0\",\"data\":{\"url\":\"https://x/y?z=1\"}}",
              (struct http_header){0});
    assert_true(str_is(answer.url, STR("https://x/y?z=1")));
    ita_answer_finish(&answer);
}

static void drops_an_over_long_call_id(void **state)
{
    (void)state;
    for (size_t len = ITA_CALL_ID_MAX; len <= ITA_CALL_ID_MAX + 1; len++) {
        char id[ITA_CALL_ID_MAX + 2] = {0}, body[512];
        struct buf buf;
        struct ita_answer answer;
        memset(id, 'x', len);
        buf_init_fixed(&buf, body, sizeof(body));
        buf_format(&buf, "{\"code\":\"0\",\"data\":{\"callID\":\"%s\"}}", id);
        read_with(&answer, P, 200, buf_text(&buf), (struct http_header){0});
        assert_int_equal(answer.outcome, len > ITA_CALL_ID_MAX ? ITA_UNKNOWN : ITA_ACCEPTED);
        ita_answer_finish(&answer);
    }
}

static void hears_retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int64_t wait_ms;
    } rows[] = {
        {"0", 0},
        {"2", 2000},
        {"99999999999", INT64_MAX},
        {"Wed, 02 Jan 2030 03:04:08 GMT", 3000},
        {"Wed, 02 Jan 2030 03:04:00 GMT", 0},
        {"soon", -1},
        {"-1", -1},
        {"", -1},
    };
    static const int statuses[] = {429, 503};
    for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
        struct ita_answer answer;
        int64_t wait_ms = rows[i / 2].wait_ms;
        read_with(&answer, P, statuses[i % 2], "",
                  (struct http_header){STR("retry-after"), str_of(rows[i / 2].value)});
        assert_int_equal(answer.wait_ms, wait_ms);
        assert_int_equal(answer.again, wait_ms < 0 ? ITA_AGAIN_NEVER : ITA_AGAIN_SAFE);
        bool is_open = statuses[i % 2] == 503 && wait_ms < 0;
        assert_int_equal(answer.outcome, is_open ? ITA_UNKNOWN : ITA_REFUSED);
        ita_answer_finish(&answer);
    }
    struct ita_answer answer;
    read_with(&answer, P, 500, "", (struct http_header){STR("Retry-After"), STR("1")});
    assert_int_equal(answer.again, ITA_AGAIN_NEVER);
    ita_answer_finish(&answer);
}

static void learns_the_time_when_a_signature_is_expired(void **state)
{
    (void)state;
    struct ita_answer answer;
    struct http_header date = {STR("Date"), STR("Wed, 02 Jan 2030 03:24:05 GMT")};
    read_with(&answer, P, 401,
              "{\"error_code\":\"APIGW.0301\",\"error_msg\":\"Incorrect IAM authentication "
              "information: Signature expired, signature time:20300102T030405Z, "
              "server time: 20300102T033405Z\"}",
              date);
    assert_int_equal(answer.again, ITA_AGAIN_RESIGN);
    assert_int_equal(answer.server_ms, NOW_MS + 30 * 60 * 1000);
    ita_answer_finish(&answer);

    read_with(&answer, P, 401, "{\"error_code\":\"APIG.0303\",\"error_msg\":\"signature expired\"}",
              date);
    assert_int_equal(answer.again, ITA_AGAIN_RESIGN);
    assert_int_equal(answer.server_ms, NOW_MS + 20 * 60 * 1000);
    ita_answer_finish(&answer);
}

static void does_not_sign_again_without_a_time_or_another_refusal(void **state)
{
    (void)state;
    struct ita_answer answer;
    struct http_header date = {STR("Date"), STR("Wed, 02 Jan 2030 03:24:05 GMT")};
    read_with(&answer, P, 401, "{\"error_code\":\"APIG.0303\",\"error_msg\":\"signature expired\"}",
              (struct http_header){0});
    assert_int_equal(answer.again, ITA_AGAIN_NEVER);
    ita_answer_finish(&answer);
    read_with(&answer, P, 401,
              "{\"error_code\":\"APIG.0303\",\"error_msg\":\"verify signature fail\"}", date);
    assert_int_equal(answer.again, ITA_AGAIN_NEVER);
    ita_answer_finish(&answer);
    read_with(&answer, P, 200, "{\"code\":\"90106006\",\"message\":\"signature expired\"}", date);
    assert_int_equal(answer.again, ITA_AGAIN_NEVER);
    ita_answer_finish(&answer);
}

static void masks_numbers_and_keys_in_messages(void **state)
{
    (void)state;
    struct ita_answer answer;
    read_with(&answer, P, 200,
              "{\"code\":\"90106012\",\"message\":\"callee 13800000003\\nof FAKEAK 123456\"}",
              (struct http_header){0});
    ita_answer_hide(&answer, STR("FAKEAK"));
    ita_answer_hide(&answer, STR(""));
    assert_string_equal(answer.native_message, "callee 138******** of ****** 123456");
    ita_answer_finish(&answer);
}

static void cuts_long_messages_between_characters(void **state)
{
    (void)state;
    char body[1024];
    struct buf buf;
    struct ita_answer answer;
    buf_init_fixed(&buf, body, sizeof(body));
    buf_append(&buf, STR("{\"code\":\"90106012\",\"message\":\"x"));
    for (int i = 0; i < 200; i++)
        buf_append(&buf, STR("\xe5\x8f\xb7"));
    buf_append(&buf, STR("\"}"));
    read_with(&answer, P, 200, buf_text(&buf), (struct http_header){0});
    assert_int_equal(strlen(answer.native_message), 199);
    assert_true(str_is_utf8(str_of(answer.native_message)));
    ita_answer_finish(&answer);
}

static void judges_fetches_without_an_answer(void **state)
{
    (void)state;
    struct ita_answer answer;
    struct http_fetch_result fetched = {.outcome = HTTP_NOT_SENT, .why = "connection refused"};
    ita_answer_read(profile, P, &fetched, NOW_MS, &answer);
    assert_int_equal(answer.outcome, ITA_REFUSED);
    assert_true(str_is(answer.code, STR("90104004")));
    assert_int_equal(answer.again, ITA_AGAIN_SAFE);
    assert_string_equal(answer.why, "the ITA was not reached: connection refused");
    assert_false(answer.is_answered);

    fetched = (struct http_fetch_result){.outcome = HTTP_UNKNOWN, .why = "timed out"};
    ita_answer_read(profile, P, &fetched, NOW_MS, &answer);
    assert_int_equal(answer.outcome, ITA_UNKNOWN);
    assert_true(str_is(answer.code, STR("90104008")));
    assert_int_equal(answer.again, ITA_AGAIN_NEVER);
    assert_string_equal(answer.why, "no answer from the ITA: timed out");
    ita_answer_read(profile, R, &fetched, NOW_MS, &answer);
    assert_int_equal(answer.again, ITA_AGAIN_SAFE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_success),
        cmocka_unit_test(judges_what_leaves_the_outcome_open),
        cmocka_unit_test(judges_refusals),
        cmocka_unit_test(hands_out_what_a_success_holds),
        cmocka_unit_test(drops_an_over_long_call_id),
        cmocka_unit_test(hears_retry_after),
        cmocka_unit_test(learns_the_time_when_a_signature_is_expired),
        cmocka_unit_test(does_not_sign_again_without_a_time_or_another_refusal),
        cmocka_unit_test(masks_numbers_and_keys_in_messages),
        cmocka_unit_test(cuts_long_messages_between_characters),
        cmocka_unit_test(judges_fetches_without_an_answer),
    };
    return cmocka_run_group_tests(tests, open_profile, close_profile);
}
