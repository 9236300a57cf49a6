/* The table of metrics, by the conventions of Prometheus (Metric and label naming). */

#include "tests/test.h"

#include "base/file.h"
#include "gateway/metrics/metric.h"

static bool ends(const char *name, const char *suffix)
{
    return str_ends(str_of(name), str_of(suffix));
}

TEST(names_are_ours_or_those_of_every_process)
{
    UNUSED(state);
    for (enum metric i = 0; i < METRIC_COUNT; i++) {
        const char *name = metric_row(i)->name;
        if (strncmp(name, "ita_gateway_", 12) != 0 && strncmp(name, "process_", 8) != 0)
            fail_msg("%s", name);
        if (strspn(name, "abcdefghijklmnopqrstuvwxyz_") != strlen(name))
            fail_msg("%s", name);
    }
}

TEST(names_are_different)
{
    UNUSED(state);
    for (enum metric i = 0; i < METRIC_COUNT; i++)
        for (enum metric at = 0; at < i; at++)
            assert_string_not_equal(metric_row(i)->name, metric_row(at)->name);
}

TEST(counters_and_nothing_else_end_in_total)
{
    UNUSED(state);
    for (enum metric i = 0; i < METRIC_COUNT; i++)
        if (ends(metric_row(i)->name, "_total") != (metric_row(i)->type == METRIC_COUNTER))
            fail_msg("%s", metric_row(i)->name);
}

TEST(every_metric_says_what_it_is_in_a_sentence)
{
    UNUSED(state);
    for (enum metric i = 0; i < METRIC_COUNT; i++) {
        const char *help = metric_row(i)->help;
        if (!ends(help, ".") || strchr(help, '\n') != NULL || strchr(help, '|') != NULL)
            fail_msg("%s", metric_row(i)->name);
    }
}

TEST(the_manual_tells_of_each)
{
    UNUSED(state);
    struct buf manual;
    buf_init(&manual, 64 * 1024);
    metric_append_manual(&manual);
    const char *all = buf_text(&manual);
    assert_non_null(all);
    for (enum metric i = 0; i < METRIC_COUNT; i++)
        if (strstr(all, metric_row(i)->name) == NULL)
            fail_msg("%s", metric_row(i)->name);
    buf_finish(&manual);
}

/* Unit tests run in the root of the source. */
TEST(docs_metrics_md_is_current)
{
    UNUSED(state);
    struct buf manual, file;
    struct fault fault = {""};
    buf_init(&manual, 64 * 1024);
    buf_init(&file, 64 * 1024);
    metric_append_manual(&manual);
    if (file_read("docs/metrics.md", &file, &fault) != OK)
        fail_msg("%s", fault.text);
    if (!str_is(buf_str(&manual), buf_str(&file)))
        fail_msg("`make docs` makes it anew");
    buf_finish(&manual);
    buf_finish(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_ours_or_those_of_every_process),
        cmocka_unit_test(names_are_different),
        cmocka_unit_test(counters_and_nothing_else_end_in_total),
        cmocka_unit_test(every_metric_says_what_it_is_in_a_sentence),
        cmocka_unit_test(the_manual_tells_of_each),
        cmocka_unit_test(docs_metrics_md_is_current),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
