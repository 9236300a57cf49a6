/* What is said of the database: its room, and of writes that wait for the disk. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/diagnostics/judge_storage.h"

#define MIB (INT64_C(1024) * 1024)

TEST(the_database_is_judged_by_its_worst_side)
{
    UNUSED(state);
    static const struct {
        int64_t free_mib, log_mib, unsynced_ms;
        enum diagnosis_result result;
        const char *part;
    } rows[] = {
        {5000, 1, 0, DIAGNOSIS_OK, "not on disk yet: 0 ms."},
        {5000, 1, 999, DIAGNOSIS_OK, "999 ms."},
        {5000, 1, 1000, DIAGNOSIS_WARNING, "The disk is slow or stuck"},
        {5000, 1, 5000, DIAGNOSIS_FAILED, "iostat"},
        {500, 1, 0, DIAGNOSIS_WARNING, "nearly full"},
        {5000, 300, 0, DIAGNOSIS_WARNING, "keeps the log"},
        {5, 1, 0, DIAGNOSIS_FAILED, "nearly full"},
        {5, 1, 2000, DIAGNOSIS_FAILED, "The disk is slow or stuck"},
    };
    struct gateway *gateway = NEW(struct gateway);
    struct diagnosis_step *step = NEW(struct diagnosis_step);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct gateway_facts facts = {
            .gateway = gateway,
            .store = {.free_bytes = rows[i].free_mib * MIB, .log_bytes = rows[i].log_mib * MIB},
            .unsynced_ms = rows[i].unsynced_ms};
        *step = (struct diagnosis_step){0};
        judge_database(&facts, step);
        if (step->result != rows[i].result || (strstr(step->text.en, rows[i].part) == NULL &&
                                               strstr(step->cause.en, rows[i].part) == NULL &&
                                               strstr(step->remedy.en, rows[i].part) == NULL))
            fail_msg("row %zu: %s %s %s", i, diagnosis_result_text(step->result), step->text.en,
                     step->cause.en);
    }
    mem_free(step);
    mem_free(gateway);
}

TEST(outside_the_daemon_nothing_is_said_of_writes)
{
    UNUSED(state);
    const struct gateway_facts facts = {.store = {.free_bytes = 5000 * MIB}, .unsynced_ms = 9999};
    struct diagnosis_step *step = NEW(struct diagnosis_step);
    judge_database(&facts, step);
    assert_int_equal(step->result, DIAGNOSIS_OK);
    assert_null(strstr(step->text.en, "not on disk"));
    mem_free(step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_database_is_judged_by_its_worst_side),
        cmocka_unit_test(outside_the_daemon_nothing_is_said_of_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
