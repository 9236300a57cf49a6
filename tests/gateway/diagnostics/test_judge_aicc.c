/* What is said of an AICC's token, and of its callbacks. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/diagnostics/judge.h"

static bool says(const struct diagnosis_step *step, const char *part)
{
    return strstr(step->text.en, part) != NULL || strstr(step->cause.en, part) != NULL ||
           strstr(step->remedy.en, part) != NULL;
}

static void assert_says(const struct diagnosis_step *step, enum diagnosis_result result,
                        const char *part)
{
    if (step->result != result || !says(step, part))
        fail_msg("%s: %s %s %s", diagnosis_result_text(step->result), step->text.en, step->cause.en,
                 step->remedy.en);
    assert_true(step->text.zh[0] != '\0');
    assert_true(result != DIAGNOSIS_FAILED || step->remedy.zh[0] != '\0');
}

static int open_step(void **state)
{
    *state = NEW(struct diagnosis_step);
    return 0;
}

static int close_step(void **state)
{
    mem_free(*state);
    return 0;
}

TEST(a_token_or_its_refusal_is_told_by_status_and_words)
{
    static const struct {
        struct judge_token token;
        enum diagnosis_result result;
        const char *part;
    } rows[] = {
        {{.status = 200, .is_granted = true, .good_s = 600}, DIAGNOSIS_OK, "good for 600 s"},
        {{.status = 401, .words = "app_key or app_secret is wrong"},
         DIAGNOSIS_FAILED,
         "refuses the app key or its secret: HTTP 401 app_key or"},
        {{.status = 401}, DIAGNOSIS_FAILED, "does not say which"},
        {{.status = 401, .words = "unknown AppKey"}, DIAGNOSIS_FAILED, "refuses the app key: HTTP"},
        {{.status = 400, .words = "wrong app secret"},
         DIAGNOSIS_FAILED,
         "refuses the secret of the app key"},
        {{.status = 403}, DIAGNOSIS_FAILED, "HTTP 403"},
        {{.status = 429, .wait_ms = -1}, DIAGNOSIS_WARNING, "wants fewer"},
        {{.status = 503, .wait_ms = 1000}, DIAGNOSIS_WARNING, "wants fewer"},
        {{.status = 503, .wait_ms = -1}, DIAGNOSIS_FAILED, "answers with HTTP 503"},
        {{.status = 200}, DIAGNOSIS_FAILED, "gives no token: HTTP 200"},
        {{.status = 302}, DIAGNOSIS_FAILED, "sign-in page"},
        {{.status = 404}, DIAGNOSIS_FAILED, "AICC Domain Name"},
        {{.outcome = HTTP_UNKNOWN, .why = "reset"}, DIAGNOSIS_FAILED, "for a token: reset"},
        {{.outcome = HTTP_NOT_SENT, .why = "none"}, DIAGNOSIS_FAILED, "for a token: none"},
        {{.is_held = true, .held_ms = 1500}, DIAGNOSIS_FAILED, "for 2 more seconds"},
    };
    struct diagnosis_step *step = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        *step = (struct diagnosis_step){0};
        struct judge_token token = rows[i].token;
        if (!token.is_held && token.status != 0)
            token.outcome = HTTP_ANSWERED;
        judge_token(step, &token);
        assert_says(step, rows[i].result, rows[i].part);
    }
}

TEST(callbacks_that_came_and_those_that_were_refused)
{
    static const struct {
        struct aicc_note note, unknown;
        enum diagnosis_result result;
        const char *part;
    } rows[] = {
        {{0}, {0}, DIAGNOSIS_SKIPPED, "optional"},
        {{.taken_ms = 1000}, {0}, DIAGNOSIS_OK, "The last came at 1970"},
        {{.taken_ms = 2000, .refused = 1, .refused_ms = 1000, .why = AICC_REFUSAL_FORGED},
         {0},
         DIAGNOSIS_OK,
         "The last came"},
        {{.taken_ms = 1000, .refused = 3, .refused_ms = 2000, .why = AICC_REFUSAL_FORGED},
         {0},
         DIAGNOSIS_WARNING,
         "The last came at 1970-01-01T00:00:01.000Z. Refused since the start: 3"},
        {{.refused = 1, .refused_ms = 1, .why = AICC_REFUSAL_UNSIGNED},
         {0},
         DIAGNOSIS_WARNING,
         "not signed"},
        {{.refused = 1, .refused_ms = 1, .why = AICC_REFUSAL_NO_SERIAL},
         {0},
         DIAGNOSIS_WARNING,
         "no callSerialNo"},
        {{0},
         {.refused = 2, .refused_ms = 1, .why = AICC_REFUSAL_TENANT},
         DIAGNOSIS_WARNING,
         "names no tenant"},
        {{.taken_ms = 1},
         {.refused = 2, .refused_ms = 5, .why = AICC_REFUSAL_TENANT},
         DIAGNOSIS_OK,
         "The last came"},
    };
    struct diagnosis_step *step = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        *step = (struct diagnosis_step){0};
        judge_aicc_callbacks(step, &rows[i].note, &rows[i].unknown);
        assert_says(step, rows[i].result, rows[i].part);
    }
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, open_step, close_step)
    const struct CMUnitTest tests[] = {
        ROW(a_token_or_its_refusal_is_told_by_status_and_words),
        ROW(callbacks_that_came_and_those_that_were_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
