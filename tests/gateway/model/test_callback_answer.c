#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/callback_answer.h"

static struct callback_result judge(int status, const char *body)
{
    struct callback_result result;
    const struct http_fetch_result answer = {
        .outcome = HTTP_ANSWERED, .why = "", .status = status, .body = str_of(body)};
    callback_answer_judge(&answer, &result);
    return result;
}

TEST(takes_ret_code_0_only)
{
    UNUSED(state);
    static const struct {
        int status;
        const char *body;
        enum callback_failure failure;
        const char *detail;
    } cases[] = {
        {200, "{\"retCode\":\"0\",\"retMsg\":\"success\"}", CALLBACK_TAKEN, ""},
        {200, "{\"retCode\":0}", CALLBACK_TAKEN, ""},
        {200, "{\"retCode\":\"7\"}", CALLBACK_GARBAGE, "retCode 7"},
        {200, "{\"retCode\":\"\"}", CALLBACK_GARBAGE, "retCode "},
        {200, "{\"retCode\":\"00\"}", CALLBACK_GARBAGE, "retCode 00"},
        {200, "{\"retCode\":null}", CALLBACK_GARBAGE, "no member retCode"},
        {200, "{\"retMsg\":\"0\"}", CALLBACK_GARBAGE, "no member retCode"},
        {200, "[]", CALLBACK_GARBAGE, "no member retCode"},
        {200, "", CALLBACK_GARBAGE, "no JSON"},
        {200, "<html>", CALLBACK_GARBAGE, "no JSON"},
        {200, "{\"retCode\":\"0\"", CALLBACK_GARBAGE, "no JSON"},
        {200, "{\"retCode\":\"0\",\"retCode\":\"1\"}", CALLBACK_GARBAGE, "no JSON"},
        {201, "{\"retCode\":\"0\"}", CALLBACK_REFUSED, "HTTP status 201"},
        {204, "", CALLBACK_REFUSED, "HTTP status 204"},
        {302, "{\"retCode\":\"0\"}", CALLBACK_REDIRECTED, "HTTP status 302"},
        {401, "", CALLBACK_REFUSED, "HTTP status 401"},
        {500, "{\"retCode\":\"0\"}", CALLBACK_REFUSED, "HTTP status 500"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct callback_result result = judge(cases[i].status, cases[i].body);
        if (result.failure != cases[i].failure || result.status != cases[i].status ||
            strncmp(result.detail, cases[i].detail, strlen(cases[i].detail)) != 0)
            fail_msg("%d %s: %d %s", cases[i].status, cases[i].body, (int)result.failure,
                     result.detail);
    }
}

TEST(shows_little_of_what_a_receiver_answers)
{
    UNUSED(state);
    assert_string_equal(judge(200, "{\"retCode\":\"a\\u001b[31mb\"}").detail, "retCode a");
    assert_string_equal(
        judge(200, "{\"retCode\":\"0123456789012345678901234567890123456789\"}").detail,
        "retCode 01234567890123456789012345678901");
}

TEST(tells_what_did_not_leave_from_what_was_not_answered)
{
    UNUSED(state);
    struct callback_result result;
    struct http_fetch_result answer = {.outcome = HTTP_NOT_SENT, .why = "nobody there"};
    callback_answer_judge(&answer, &result);
    assert_int_equal(result.failure, CALLBACK_NO_CONNECTION);
    assert_string_equal(result.detail, "nobody there");
    answer = (struct http_fetch_result){.outcome = HTTP_UNKNOWN, .why = "no answer in time"};
    callback_answer_judge(&answer, &result);
    assert_int_equal(result.failure, CALLBACK_NO_ANSWER);
    assert_string_equal(result.detail, "no answer in time");
    answer = (struct http_fetch_result){.outcome = HTTP_NOT_SENT, .why = HTTP_REFUSED_ADDRESS};
    callback_answer_judge(&answer, &result);
    assert_int_equal(result.failure, CALLBACK_FORBIDDEN);
    assert_string_equal(result.detail, "");
}

/* --- Tokens --- */

static struct callback_result read_token(int status, const char *body, struct buf *token,
                                         int64_t *good_ms)
{
    struct callback_result result;
    const struct http_fetch_result answer = {
        .outcome = HTTP_ANSWERED, .why = "", .status = status, .body = str_of(body)};
    callback_token_read(&answer, token, good_ms, &result);
    return result;
}

TEST(reads_a_token_and_how_long_it_is_good)
{
    UNUSED(state);
    static const struct {
        const char *body;
        int64_t good_ms;
    } cases[] = {
        {"{\"access_token\":\"abc.def\",\"expires_in\":3600,\"token_type\":\"Bearer\"}", 3600000},
        {"{\"access_token\":\"abc.def\",\"expires_in\":\"60\"}", 60000},
        {"{\"access_token\":\"abc.def\"}", 600000},
        {"{\"access_token\":\"abc.def\",\"expires_in\":-1}", 0},
        {"{\"access_token\":\"abc.def\",\"expires_in\":9007199254740992}", 86400000},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf token;
        int64_t good_ms = -1;
        buf_init(&token, CALLBACK_TOKEN_MAX);
        assert_int_equal(read_token(200, cases[i].body, &token, &good_ms).failure, CALLBACK_TAKEN);
        assert_str(buf_str(&token), "abc.def");
        assert_int_equal(good_ms, cases[i].good_ms);
        buf_finish(&token);
    }
}

TEST(refuses_what_is_no_token_without_repeating_it)
{
    UNUSED(state);
    static const struct {
        int status;
        const char *body;
    } cases[] = {
        {401, "{\"access_token\":\"abc\"}"},
        {302, "{\"access_token\":\"abc\"}"},
        {200, "abc"},
        {200, "{}"},
        {200, "{\"access_token\":\"\"}"},
        {200, "{\"access_token\":\"abc def\"}"},
        {200, "{\"access_token\":\"abc\\r\\nX: y\"}"},
        {200, "{\"access_token\":7}"},
        {200, "{\"access_token\":\"abc\",\"expires_in\":\"soon\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf token;
        int64_t good_ms = -1;
        buf_init(&token, CALLBACK_TOKEN_MAX);
        struct callback_result result =
            read_token(cases[i].status, cases[i].body, &token, &good_ms);
        assert_int_equal(result.failure, CALLBACK_NO_TOKEN);
        assert_true(result.detail[0] != '\0' && strstr(result.detail, "abc") == NULL);
        assert_int_equal(token.len, 0);
        buf_finish(&token);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_ret_code_0_only),
        cmocka_unit_test(shows_little_of_what_a_receiver_answers),
        cmocka_unit_test(tells_what_did_not_leave_from_what_was_not_answered),
        cmocka_unit_test(reads_a_token_and_how_long_it_is_good),
        cmocka_unit_test(refuses_what_is_no_token_without_repeating_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
