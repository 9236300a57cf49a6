/* What the ITA's answer, or its absence, is said to come from. */

#include "tests/test.h"

#include <stdio.h>

#include "base/mem.h"
#include "gateway/diagnostics/judge.h"

/* One answer, and what each of the three steps must make of it: result and a part of its English
 * words; NULL: the step is not asked. */
struct row {
    const char *name;
    int status;
    const char *code, *message;
    enum ita_outcome meaning;
    enum diagnosis_result answer;
    enum diagnosis_result credentials;
    const char *part; /* of the words of the credentials, or else of the answer */
    enum ita_key_verdict key;
};

static const struct row rows[] = {
    {"accepted", 200, "0", "Success", ITA_ACCEPTED, DIAGNOSIS_OK, DIAGNOSIS_OK, "accepted",
     ITA_KEY_GOOD},
    {"no such call", 200, "90100400", "Not found", ITA_REFUSED, DIAGNOSIS_OK, DIAGNOSIS_OK,
     "accepted", ITA_KEY_GOOD},
    {"auth failed of its own", 200, "90100200", "Auth Failed", ITA_REFUSED, DIAGNOSIS_OK,
     DIAGNOSIS_FAILED, "does not say which", ITA_KEY_REFUSED},
    {"wrong signature", 401, "APIGW.0301", "Incorrect: verify aksk signature fail", ITA_REFUSED,
     DIAGNOSIS_OK, DIAGNOSIS_FAILED, "refuses the signature", ITA_KEY_REFUSED},
    {"wrong signature of an app", 401, "APIG.0303", "verify signature fail, canonicalRequest:GET|/",
     ITA_REFUSED, DIAGNOSIS_OK, DIAGNOSIS_FAILED, "refuses the signature", ITA_KEY_REFUSED},
    {"unknown AccessKey", 401, "APIGW.0301", "Get secretKey failed", ITA_REFUSED, DIAGNOSIS_OK,
     DIAGNOSIS_FAILED, "refuses the AccessKey:", ITA_KEY_REFUSED},
    {"AccessKey not there", 401, "APIC.0301", "ak xyz not exist", ITA_REFUSED, DIAGNOSIS_OK,
     DIAGNOSIS_FAILED, "refuses the AccessKey:", ITA_KEY_REFUSED},
    {"locked", 401, "APIGW.0301", "AK access failed to reach the limit,forbidden", ITA_REFUSED,
     DIAGNOSIS_OK, DIAGNOSIS_FAILED, "which is locked", ITA_KEY_REFUSED},
    {"wrong AppKey", 401, "APIGW.0303", "app not found, appkey ***", ITA_REFUSED, DIAGNOSIS_OK,
     DIAGNOSIS_FAILED, "refuses the AppKey", ITA_KEY_REFUSED},
    {"expired again", 401, "APIGW.0301", "signature expired, signature time:..", ITA_REFUSED,
     DIAGNOSIS_OK, DIAGNOSIS_FAILED, "refuses the time", ITA_KEY_REFUSED},
    {"not allowed", 403, "APIGW.0302", "", ITA_REFUSED, DIAGNOSIS_OK, DIAGNOSIS_FAILED, "authorise",
     ITA_KEY_UNTOLD},
    {"app not allowed", 403, "APIGW.0304", "", ITA_REFUSED, DIAGNOSIS_OK, DIAGNOSIS_FAILED,
     "authorise", ITA_KEY_UNTOLD},
    {"token wanted", 401, "APIGW.0307", "", ITA_REFUSED, DIAGNOSIS_OK, DIAGNOSIS_FAILED,
     "does not say which", ITA_KEY_REFUSED},
    {"401 of somebody", 401, "", "", ITA_REFUSED, DIAGNOSIS_OK, DIAGNOSIS_FAILED,
     "does not say which", ITA_KEY_REFUSED},
    {"too many", 429, "APIGW.0308", "", ITA_REFUSED, DIAGNOSIS_WARNING, DIAGNOSIS_SKIPPED,
     "wants fewer requests", ITA_KEY_UNTOLD},
    {"no such API", 404, "APIGW.0101", "", ITA_REFUSED, DIAGNOSIS_FAILED, DIAGNOSIS_SKIPPED,
     "no such API", ITA_KEY_UNTOLD},
    {"a web page", 404, "", "", ITA_REFUSED, DIAGNOSIS_FAILED, DIAGNOSIS_SKIPPED, "no such API",
     ITA_KEY_UNTOLD},
    {"some web server", 200, "", "", ITA_UNKNOWN, DIAGNOSIS_FAILED, DIAGNOSIS_SKIPPED,
     "no such API", ITA_KEY_UNTOLD},
    {"a redirect", 302, "", "", ITA_REFUSED, DIAGNOSIS_FAILED, DIAGNOSIS_SKIPPED, "redirect",
     ITA_KEY_UNTOLD},
    {"a proxy's fault", 502, "APIGW.0201", "", ITA_UNKNOWN, DIAGNOSIS_FAILED, DIAGNOSIS_SKIPPED,
     "HTTP 502", ITA_KEY_UNTOLD},
};

static struct judge_request request_of(const struct row *row)
{
    struct judge_request request = {.operation = "recording of a call that cannot exist",
                                    .outcome = HTTP_ANSWERED,
                                    .status = row->status,
                                    .meaning = row->meaning};
    (void)snprintf(request.native_code, sizeof(request.native_code), "%s", row->code);
    (void)snprintf(request.native_message, sizeof(request.native_message), "%s", row->message);
    return request;
}

static bool says(const struct diagnosis_step *step, const char *part)
{
    return strstr(step->text.en, part) != NULL || strstr(step->cause.en, part) != NULL ||
           strstr(step->remedy.en, part) != NULL;
}

static void assert_words(const struct diagnosis_step *step)
{
    assert_true(step->text.en[0] != '\0' && step->text.zh[0] != '\0');
    assert_true((step->cause.en[0] == '\0') == (step->cause.zh[0] == '\0'));
    assert_true((step->remedy.en[0] == '\0') == (step->remedy.zh[0] == '\0'));
    assert_true(step->result != DIAGNOSIS_FAILED || step->remedy.en[0] != '\0');
}

TEST(each_answer_is_blamed_on_the_right_thing)
{
    UNUSED(state);
    struct diagnosis_step *answer = NEW(struct diagnosis_step), *keys = NEW(struct diagnosis_step);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct judge_request request = request_of(&rows[i]);
        *answer = *keys = (struct diagnosis_step){0};
        judge_answer(answer, &request);
        if (answer->result != rows[i].answer)
            fail_msg("%s: the answer is %s", rows[i].name, diagnosis_result_text(answer->result));
        assert_words(answer);
        assert_int_equal(judge_key(&request), rows[i].key);
        const struct diagnosis_step *last = answer;
        if (answer->result != DIAGNOSIS_FAILED) {
            judge_credentials(keys, &request);
            if (keys->result != rows[i].credentials)
                fail_msg("%s: the credentials are %s", rows[i].name,
                         diagnosis_result_text(keys->result));
            assert_words(keys);
            last = keys;
        }
        if (!says(last, rows[i].part))
            fail_msg("%s: `%s` is not in `%s %s %s`", rows[i].name, rows[i].part, last->text.en,
                     last->cause.en, last->remedy.en);
    }
    mem_free(answer);
    mem_free(keys);
}

TEST(the_canonical_request_is_not_shown)
{
    UNUSED(state);
    struct judge_request request = request_of(&rows[4]);
    struct diagnosis_step *step = NEW(struct diagnosis_step);
    judge_credentials(step, &request);
    assert_null(strstr(step->text.en, "canonicalRequest"));
    mem_free(step);
}

TEST(no_answer_is_a_fault_of_the_way)
{
    UNUSED(state);
    struct judge_request request = {.operation = "x", .outcome = HTTP_UNKNOWN, .why = "closed"};
    struct diagnosis_step *step = NEW(struct diagnosis_step);
    judge_answer(step, &request);
    assert_int_equal(step->result, DIAGNOSIS_FAILED);
    assert_true(says(step, "closed"));
    assert_int_equal(judge_key(&request), ITA_KEY_UNTOLD);
    mem_free(step);
}

TEST(a_key_that_is_held_back_says_for_how_long)
{
    UNUSED(state);
    struct judge_request request = {.operation = "x", .is_held = true, .held_ms = 61001};
    struct diagnosis_step *step = NEW(struct diagnosis_step);
    judge_answer(step, &request);
    assert_int_equal(step->result, DIAGNOSIS_SKIPPED);
    judge_credentials(step, &request);
    assert_int_equal(step->result, DIAGNOSIS_FAILED);
    assert_true(says(step, "for 62 more seconds"));
    mem_free(step);
}

TEST(an_ita_that_can_be_asked_nothing_is_skipped)
{
    UNUSED(state);
    struct judge_request request = {.operation = NULL};
    struct diagnosis_step *step = NEW(struct diagnosis_step);
    judge_answer(step, &request);
    assert_int_equal(step->result, DIAGNOSIS_SKIPPED);
    mem_free(step);
}

TEST(clocks_may_differ_a_little)
{
    UNUSED(state);
    static const struct {
        int64_t ahead_ms, error_ms;
        enum diagnosis_result result;
        const char *part;
    } clocks[] = {
        {0, 1000, DIAGNOSIS_OK, "agree"},
        {-1900, 1000, DIAGNOSIS_OK, "agree"},
        {2100, 1000, DIAGNOSIS_OK, "2 s ahead"},
        {-30000, 1000, DIAGNOSIS_OK, "30 s behind"},
        {60500, 1000, DIAGNOSIS_OK, "60 s ahead"},
        {62000, 1000, DIAGNOSIS_WARNING, "timedatectl"},
        {-62000, 1000, DIAGNOSIS_WARNING, "62 s behind"},
        {899000, 1000, DIAGNOSIS_WARNING, "899 s"},
        {901000, 1000, DIAGNOSIS_FAILED, "CDR pushes"},
        {-3600000, 1000, DIAGNOSIS_FAILED, "3600 s behind"},
    };
    struct diagnosis_step *step = NEW(struct diagnosis_step);
    for (size_t i = 0; i < COUNT_OF(clocks); i++) {
        const struct judge_request request = {.has_clock = true,
                                              .clock_ahead_ms = clocks[i].ahead_ms,
                                              .clock_error_ms = clocks[i].error_ms};
        *step = (struct diagnosis_step){0};
        judge_clock(step, &request);
        assert_int_equal(step->result, clocks[i].result);
        assert_true(says(step, clocks[i].part));
    }
    judge_clock(step, &(struct judge_request){.has_clock = false});
    assert_int_equal(step->result, DIAGNOSIS_SKIPPED);
    mem_free(step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_is_blamed_on_the_right_thing),
        cmocka_unit_test(the_canonical_request_is_not_shown),
        cmocka_unit_test(no_answer_is_a_fault_of_the_way),
        cmocka_unit_test(a_key_that_is_held_back_says_for_how_long),
        cmocka_unit_test(an_ita_that_can_be_asked_nothing_is_skipped),
        cmocka_unit_test(clocks_may_differ_a_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
