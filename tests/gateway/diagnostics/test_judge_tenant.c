/* What is said of X numbers, CDR pushes and callbacks. */

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

#define STEP_TEST(name) cmocka_unit_test_setup_teardown(name, open_step, close_step)

TEST(x_numbers_must_leave_one_to_call_with)
{
    static const struct {
        struct judge_x_numbers numbers;
        enum diagnosis_result result;
        const char *part;
    } rows[] = {
        {{.count = 3, .is_live = true, .free = 3}, DIAGNOSIS_OK, "3 free"},
        {{.count = 3, .locked = 2, .is_live = true, .free = 1}, DIAGNOSIS_OK, "locked: 2"},
        {{.count = 2, .is_live = true, .resting = 1, .claimed = 1}, DIAGNOSIS_WARNING, "90106003"},
        {{.count = 2, .is_live = true, .free = 1, .blocked = 1}, DIAGNOSIS_WARNING, "1 blocked"},
        {{.count = 2, .is_live = true, .free = 1, .blocked = 1},
         DIAGNOSIS_WARNING,
         "tell its code"},
        {{.count = 2, .is_live = true, .blocked = 2}, DIAGNOSIS_FAILED, "The carrier refuses"},
        {{.count = 2, .locked = 1, .is_live = true, .blocked = 1}, DIAGNOSIS_FAILED, "The carrier"},
        {{.count = 2, .locked = 2}, DIAGNOSIS_FAILED, "Unlock or add"},
        {{.count = 0}, DIAGNOSIS_FAILED, "Automatic"},
        {{.count = 2, .locked = 1}, DIAGNOSIS_OK, "X numbers: 2, locked: 1."},
    };
    struct diagnosis_step *step = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        *step = (struct diagnosis_step){0};
        judge_x_numbers(step, X_MODE_SPECIFIED, &rows[i].numbers);
        assert_says(step, rows[i].result, rows[i].part);
    }
    judge_x_numbers(step, X_MODE_AUTOMATIC, &rows[0].numbers);
    assert_int_equal(step->result, DIAGNOSIS_SKIPPED);
}

TEST(each_reason_of_a_refused_push_has_its_remedy)
{
    static const struct {
        enum ita_verify_result result;
        const char *part;
    } rows[] = {
        {ITA_VERIFY_SIGNATURE, "another SecretKey"},
        {ITA_VERIFY_UNKNOWN_KEY, "an AccessKey that no tenant has"},
        {ITA_VERIFY_AUTHORIZATION, "not signed"},
        {ITA_VERIFY_EXPIRED, "timedatectl"},
        {ITA_VERIFY_HOST, "public-host"},
        {ITA_VERIFY_BODY_HASH, "ita-gateway verify"},
    };
    struct diagnosis_step *step = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct push_note note = {.count = 2, .last_ms = 2000, .last = rows[i].result};
        const struct push_note none = {0};
        *step = (struct diagnosis_step){0};
        judge_pushes(
            step, &(struct judge_pushes){.received_ms = 1000, .refused = &note, .unknown = &none});
        assert_says(step, DIAGNOSIS_WARNING, rows[i].part);
        assert_true(says(step, ita_verify_text(rows[i].result)));
    }
}

TEST(a_push_that_came_since_makes_the_refused_one_old)
{
    const struct push_note note = {.count = 1, .last_ms = 1000, .last = ITA_VERIFY_SIGNATURE};
    struct diagnosis_step *step = *state;
    judge_pushes(step,
                 &(struct judge_pushes){.received_ms = 2000, .refused = &note, .unknown = &note});
    assert_says(step, DIAGNOSIS_OK, "1970-01-01T00:00:02");
}

TEST(without_a_push_the_url_to_register_is_told)
{
    struct diagnosis_step *step = *state;
    judge_pushes(step, &(struct judge_pushes){.public_host = "gw.example.com"});
    assert_says(step, DIAGNOSIS_WARNING, "Register https://gw.example.com/apiaccess/rest/");
}

TEST(a_push_to_another_path_is_told_with_the_right_one)
{
    const struct push_note note = {
        .count = 2, .last_ms = 2000, .is_astray = true, .detail = {"POST /wrong/path: 404"}};
    struct diagnosis_step *step = *state;
    judge_pushes(step, &(struct judge_pushes){
                           .received_ms = 1000, .refused = &note, .public_host = "gw.example.com"});
    assert_says(step, DIAGNOSIS_WARNING, "no path of this gateway: POST /wrong/path: 404.");
    assert_true(says(step, "Register https://gw.example.com/apiaccess/rest/"));
    *step = (struct diagnosis_step){0};
    judge_unknown_pushes(step, &note, NULL);
    assert_says(step, DIAGNOSIS_WARNING, "POST /wrong/path: 404");
}

TEST(pushes_of_nobody_count_only_where_none_came)
{
    const struct push_note note = {.count = 3, .last_ms = 5000, .last = ITA_VERIFY_UNKNOWN_KEY};
    const struct push_note none = {0};
    struct diagnosis_step *step = *state;
    judge_pushes(step, &(struct judge_pushes){.refused = &none, .unknown = &note});
    assert_says(step, DIAGNOSIS_WARNING, "3 of no tenant's AccessKey");
    *step = (struct diagnosis_step){0};
    judge_pushes(step,
                 &(struct judge_pushes){.received_ms = 1000, .refused = &none, .unknown = &note});
    assert_int_equal(step->result, DIAGNOSIS_OK);
    *step = (struct diagnosis_step){0};
    judge_unknown_pushes(step, &none, NULL);
    assert_says(step, DIAGNOSIS_OK, "None");
    judge_unknown_pushes(step, &note, NULL);
    assert_says(step, DIAGNOSIS_WARNING, "Refused since the start: 3");
}

TEST(callbacks_are_judged_by_their_worst)
{
    struct judge_callback callbacks[] = {
        {.field = "hangupCallbackUrl", .host = "a.example.com", .state = JUDGE_CALLBACK_FINE},
        {.field = "connectionCallbackUrl", .host = "b.example.com", .state = JUDGE_CALLBACK_FINE},
    };
    struct diagnosis_step *step = *state;
    judge_callbacks(step, callbacks, 2);
    assert_says(step, DIAGNOSIS_OK,
                "hangupCallbackUrl: a.example.com may be called; connectionCallbackUrl:");
    callbacks[1].state = JUDGE_CALLBACK_UNTRUSTED;
    judge_callbacks(step, callbacks, 2);
    assert_says(step, DIAGNOSIS_FAILED, "under Trustlist");
    callbacks[1].state = JUDGE_CALLBACK_UNRESOLVED;
    judge_callbacks(step, callbacks, 2);
    assert_says(step, DIAGNOSIS_FAILED, "b.example.com does not resolve");
    callbacks[1].state = JUDGE_CALLBACK_FORBIDDEN;
    judge_callbacks(step, callbacks, 2);
    assert_says(step, DIAGNOSIS_FAILED, "loopback or link-local");
    judge_callbacks(step, callbacks, 0);
    assert_int_equal(step->result, DIAGNOSIS_SKIPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP_TEST(x_numbers_must_leave_one_to_call_with),
        STEP_TEST(each_reason_of_a_refused_push_has_its_remedy),
        STEP_TEST(a_push_that_came_since_makes_the_refused_one_old),
        STEP_TEST(without_a_push_the_url_to_register_is_told),
        STEP_TEST(a_push_to_another_path_is_told_with_the_right_one),
        STEP_TEST(pushes_of_nobody_count_only_where_none_came),
        STEP_TEST(callbacks_are_judged_by_their_worst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
