/* What is said of a signed self-test push through the public URL. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/diagnostics/judge.h"

static bool says(const struct diagnosis_step *step, const char *part)
{
    return strstr(step->text.en, part) != NULL || strstr(step->cause.en, part) != NULL ||
           strstr(step->remedy.en, part) != NULL;
}

/* Of what is no success there must be a cause and a remedy, in both languages. */
static void assert_says(const struct judge_public_url *seen, enum diagnosis_result result,
                        const char *part)
{
    struct diagnosis_step *step = NEW(struct diagnosis_step);
    bool is_ok = result == DIAGNOSIS_OK;
    judge_public_url(step, seen);
    if (step->result != result || !says(step, part))
        fail_msg("%s: %s %s %s", diagnosis_result_text(step->result), step->text.en, step->cause.en,
                 step->remedy.en);
    assert_true(step->text.zh[0] != '\0');
    assert_true(is_ok == (step->cause.en[0] == '\0') && is_ok == (step->cause.zh[0] == '\0'));
    assert_true(is_ok == (step->remedy.en[0] == '\0') && is_ok == (step->remedy.zh[0] == '\0'));
    mem_free(step);
}

static struct judge_public_url answered(int status)
{
    return (struct judge_public_url){
        .url = "https://gw.example.com/x", .outcome = HTTP_ANSWERED, .status = status};
}

TEST(only_a_proof_is_a_success)
{
    UNUSED(state);
    struct judge_public_url seen = answered(200);
    assert_says(&seen, DIAGNOSIS_WARNING, "HTTP 200, and nothing proves");
    assert_says(&seen, DIAGNOSIS_WARNING, "counts as delivered, and is lost");
    seen.is_proven = true;
    assert_says(&seen, DIAGNOSIS_OK, "https://gw.example.com/x and was verified");
}

TEST(each_reason_of_a_refusal_names_what_to_look_at)
{
    static const struct {
        enum ita_verify_result reason;
        const char *part;
    } rows[] = {
        {ITA_VERIFY_HOST, "proxy_set_header Host $http_host;"},
        {ITA_VERIFY_AUTHORIZATION, "pass Authorization on unchanged"},
        {ITA_VERIFY_ABSENT_HEADER, "pass Host, Content-Type and X-Sdk-Date on unchanged"},
        {ITA_VERIFY_SIGNATURE, "no prefix taken away"},
        {ITA_VERIFY_BODY_HASH, "pass path, body and these headers on"},
        {ITA_VERIFY_UNKNOWN_KEY, "pass path, body and these headers on"},
    };
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct push_note note = {.count = 1, .last = rows[i].reason};
        struct judge_public_url seen = answered(401);
        seen.is_ours = true;
        seen.refused = &note;
        assert_says(&seen, DIAGNOSIS_FAILED, rows[i].part);
        assert_says(&seen, DIAGNOSIS_FAILED, ita_verify_text(rows[i].reason));
        fault_set(&note.detail, ERR_INVALID, "a detail");
        assert_says(&seen, DIAGNOSIS_FAILED, ": a detail.");
    }
}

TEST(a_refusal_that_nobody_here_noted_may_be_another_gateways)
{
    UNUSED(state);
    struct judge_public_url seen = answered(401);
    assert_says(&seen, DIAGNOSIS_WARNING, "HTTP 401, and nothing proves");
    seen.is_ours = true;
    assert_says(&seen, DIAGNOSIS_FAILED, "another gateway");
}

TEST(an_answer_of_somebody_else_says_who_that_may_be)
{
    static const struct {
        int status;
        const char *part;
    } rows[] = {
        {204, "Another server answers"},    {301, "follow no redirect"},
        {404, "does not know the path"},    {405, "does not take POST"},
        {500, "Look into the proxy's log"}, {503, "Look into the proxy's log"},
        {400, "Try the URL from outside"},  {413, "Try the URL from outside"},
    };
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct judge_public_url seen = answered(rows[i].status);
        assert_says(&seen, DIAGNOSIS_WARNING, rows[i].part);
        seen.is_ours = true;
        assert_says(&seen, DIAGNOSIS_WARNING, rows[i].part);
    }
}

TEST(without_an_answer_it_is_a_warning_since_the_ita_comes_another_way)
{
    UNUSED(state);
    struct judge_public_url seen = {
        .url = "https://gw.example.com/x", .outcome = HTTP_NOT_SENT, .why = "no route"};
    assert_says(&seen, DIAGNOSIS_WARNING, "was not reached from here: no route.");
    seen.outcome = HTTP_UNKNOWN;
    assert_says(&seen, DIAGNOSIS_WARNING, "gave no answer to a signed self-test: no route.");
    assert_says(&seen, DIAGNOSIS_WARNING, "The ITA may reach it all the same");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_proof_is_a_success),
        cmocka_unit_test(each_reason_of_a_refusal_names_what_to_look_at),
        cmocka_unit_test(a_refusal_that_nobody_here_noted_may_be_another_gateways),
        cmocka_unit_test(an_answer_of_somebody_else_says_who_that_may_be),
        cmocka_unit_test(without_an_answer_it_is_a_warning_since_the_ita_comes_another_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
