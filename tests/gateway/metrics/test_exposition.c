#include "tests/test.h"

#include "base/mem.h"
#include "gateway/metrics/exposition.h"

static char storage[8192];
static struct buf text;
static struct exposition exposition;

static int setup(void **state)
{
    UNUSED(state);
    buf_init_fixed(&text, storage, sizeof(storage));
    exposition_init(&exposition, &text);
    return 0;
}

#define EXPOSITION_TEST(name) cmocka_unit_test_setup(name, setup)

TEST(a_family_begins_with_help_and_type)
{
    UNUSED(state);
    exposition_family(&exposition, "a_total", METRIC_COUNTER, "What it is.");
    exposition_u64(&exposition, NULL, 0, 7);
    assert_str(buf_str(&text), "# HELP a_total What it is.\n# TYPE a_total counter\na_total 7\n");
}

TEST(help_escapes_backslash_and_line_feed_only)
{
    UNUSED(state);
    exposition_family(&exposition, "a", METRIC_GAUGE, "a \"b\" \\ c\nd");
    assert_str(buf_str(&text), "# HELP a a \"b\" \\\\ c\\nd\n# TYPE a gauge\n");
}

TEST(values_of_labels_escape_quotes_as_well)
{
    UNUSED(state);
    const struct metric_label labels[] = {
        {"x", STR("a\"b\\c\nd")}, {"y", STR("")}, {"z", STR("中")}};
    exposition_family(&exposition, "a", METRIC_GAUGE, "h");
    buf_clear(&text);
    exposition_u64(&exposition, labels, COUNT_OF(labels), 1);
    assert_str(buf_str(&text), "a{x=\"a\\\"b\\\\c\\nd\",y=\"\",z=\"中\"} 1\n");
}

static void assert_number(void (*write)(struct exposition *, const struct metric_label *, size_t,
                                        int64_t),
                          int64_t value, const char *expected)
{
    buf_clear(&text);
    exposition.name = "a";
    write(&exposition, NULL, 0, value);
    assert_str(buf_str(&text), expected);
}

TEST(numbers_are_written_without_rounding)
{
    UNUSED(state);
    assert_number(exposition_milli, 0, "a 0\n");
    assert_number(exposition_milli, 1, "a 0.001\n");
    assert_number(exposition_milli, 1500, "a 1.5\n");
    assert_number(exposition_milli, INT64_C(1795391826327), "a 1795391826.327\n");
    assert_number(exposition_milli, -20, "a -0.02\n");
    assert_number(exposition_micro, 100, "a 0.0001\n");
    assert_number(exposition_micro, 10000000, "a 10\n");
    assert_number(exposition_micro, INT64_MIN, "a -9223372036854.775808\n");
    buf_clear(&text);
    exposition_u64(&exposition, NULL, 0, UINT64_MAX);
    assert_str(buf_str(&text), "a 18446744073709551615\n");
}

TEST(a_histogram_adds_up_to_its_count)
{
    UNUSED(state);
    const struct metric_label labels[] = {{"code", STR("2xx")}};
    const uint64_t counts[] = {1, 0, 2};
    const int64_t bounds[] = {1000, 2000000};
    exposition_family(&exposition, "a_seconds", METRIC_HISTOGRAM, "h");
    buf_clear(&text);
    exposition_histogram(&exposition, labels, COUNT_OF(labels),
                         &(struct exposition_histogram){counts, bounds, 2, 7000001});
    assert_str(buf_str(&text), "a_seconds_bucket{code=\"2xx\",le=\"0.001\"} 1\n"
                               "a_seconds_bucket{code=\"2xx\",le=\"2\"} 1\n"
                               "a_seconds_bucket{code=\"2xx\",le=\"+Inf\"} 3\n"
                               "a_seconds_sum{code=\"2xx\"} 7.000001\n"
                               "a_seconds_count{code=\"2xx\"} 3\n");
}

TEST(a_histogram_needs_no_labels)
{
    UNUSED(state);
    const uint64_t counts[] = {0, 0};
    const int64_t bounds[] = {64000000};
    exposition_family(&exposition, "a", METRIC_HISTOGRAM, "h");
    buf_clear(&text);
    exposition_histogram(&exposition, NULL, 0,
                         &(struct exposition_histogram){counts, bounds, 1, 0});
    assert_str(buf_str(&text), "a_bucket{le=\"64\"} 0\na_bucket{le=\"+Inf\"} 0\na_sum 0\n"
                               "a_count 0\n");
}

TEST(a_latency_is_in_seconds)
{
    UNUSED(state);
    struct latency latency = {0};
    latency_add(&latency, 1500);
    latency_add(&latency, 30000000);
    exposition_family(&exposition, "a", METRIC_HISTOGRAM, "h");
    exposition_latency(&exposition, NULL, 0, &latency);
    *buf_reserve(&text, 1) = '\0';
    assert_non_null(strstr(text.ptr, "a_bucket{le=\"0.0001\"} 0\n"));
    assert_non_null(strstr(text.ptr, "a_bucket{le=\"0.002\"} 1\n"));
    assert_non_null(strstr(text.ptr, "a_bucket{le=\"10\"} 1\n"));
    assert_non_null(strstr(text.ptr, "a_bucket{le=\"+Inf\"} 2\na_sum 30.0015\na_count 2\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXPOSITION_TEST(a_family_begins_with_help_and_type),
        EXPOSITION_TEST(help_escapes_backslash_and_line_feed_only),
        EXPOSITION_TEST(values_of_labels_escape_quotes_as_well),
        EXPOSITION_TEST(numbers_are_written_without_rounding),
        EXPOSITION_TEST(a_histogram_adds_up_to_its_count),
        EXPOSITION_TEST(a_histogram_needs_no_labels),
        EXPOSITION_TEST(a_latency_is_in_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
