/* The header traceparent: vectors from W3C's recommendation Trace Context, Level 1. */

#include "tests/test.h"

#include "gateway/model/trace.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"
#define ZEROS_16 "0000000000000000"

/* flags: -1: refused */
struct vector {
    const char *header;
    int flags;
};

static void check(const struct vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct trace trace = {{0}, 0xEE};
        bool is_good = trace_read(str_of(vectors[i].header), &trace) == OK;
        if (is_good != (vectors[i].flags >= 0))
            fail_msg("`%s` is %s", vectors[i].header, is_good ? "taken" : "refused");
        if (!is_good)
            continue;
        assert_string_equal(trace_id_text(&trace).text, TRACE);
        assert_int_equal(trace.flags, vectors[i].flags);
    }
}
#define CHECK(vectors) check(vectors, sizeof(vectors) / sizeof((vectors)[0]))

TEST(reads_version_00)
{
    static const struct vector vectors[] = {
        {"00-" TRACE "-" SPAN "-01", 1},
        {"00-" TRACE "-" SPAN "-00", 0},
    };
    UNUSED(state);
    CHECK(vectors);
}

TEST(flags_that_version_00_does_not_know_are_not_passed_on)
{
    static const struct vector vectors[] = {
        {"00-" TRACE "-" SPAN "-ff", 1},
        {"00-" TRACE "-" SPAN "-02", 0},
        {"00-" TRACE "-" SPAN "-09", 1},
    };
    UNUSED(state);
    CHECK(vectors);
}

TEST(of_versions_to_come_reads_what_it_knows)
{
    static const struct vector vectors[] = {
        {"01-" TRACE "-" SPAN "-01", 1},
        {"cc-" TRACE "-" SPAN "-01-what-the-future-will-be-like", 1},
        {"fe-" TRACE "-" SPAN "-01-", 1},
        {"cc-" TRACE "-" SPAN "-01.what", -1},
        {"cc-" TRACE "-" SPAN "-011", -1},
        {"ff-" TRACE "-" SPAN "-01", -1},
    };
    UNUSED(state);
    CHECK(vectors);
}

TEST(refuses_other_lengths_of_version_00)
{
    static const struct vector vectors[] = {
        {"", -1},
        {"0", -1},
        {"00", -1},
        {"00-", -1},
        {"00-" TRACE "-" SPAN, -1},
        {"00-" TRACE "-" SPAN "-", -1},
        {"00-" TRACE "-" SPAN "-1", -1},
        {"00-" TRACE "-" SPAN "-011", -1},
        {"00-" TRACE "-" SPAN "-01-", -1},
        {"00-" TRACE "-" SPAN "-01-extra", -1},
        {"0-" TRACE "-" SPAN "-01", -1},
        {"000-" TRACE "-" SPAN "-01", -1},
    };
    UNUSED(state);
    CHECK(vectors);
}

TEST(refuses_ids_of_zeros)
{
    static const struct vector vectors[] = {
        {"00-" ZEROS_16 ZEROS_16 "-" SPAN "-01", -1},
        {"00-" TRACE "-" ZEROS_16 "-01", -1},
        {"cc-" ZEROS_16 ZEROS_16 "-" SPAN "-01", -1},
    };
    UNUSED(state);
    CHECK(vectors);
}

TEST(refuses_what_is_no_lower_case_hexadecimal)
{
    static const struct vector vectors[] = {
        {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", -1},
        {"00-4bf92f3577b34da6a3ce929d0e0e473G-" SPAN "-01", -1},
        {"00-" TRACE "-00F067AA0BA902B7-01", -1},
        {"00-" TRACE "-00f067aa0ba902b.-01", -1},
        {"00-" TRACE "-" SPAN "-0A", -1},
        {"00-" TRACE "-" SPAN "-x1", -1},
        {"0A-" TRACE "-" SPAN "-01", -1},
        {".0-" TRACE "-" SPAN "-01", -1},
    };
    UNUSED(state);
    CHECK(vectors);
}

TEST(refuses_other_separators)
{
    static const struct vector vectors[] = {
        {"00_" TRACE "-" SPAN "-01", -1},  {"00-" TRACE "_" SPAN "-01", -1},
        {"00-" TRACE "-" SPAN "_01", -1},  {" 00-" TRACE "-" SPAN "-01", -1},
        {"00-" TRACE "-" SPAN "-01 ", -1}, {"00-" TRACE "-" SPAN "-01, x", -1},
    };
    UNUSED(state);
    CHECK(vectors);
}

TEST(a_refused_header_leaves_the_trace_as_it_was)
{
    UNUSED(state);
    struct trace trace = {{1, 2, 3}, 1};
    assert_status(trace_read(STR("00-" TRACE "-" ZEROS_16 "-00"), &trace), ERR_INVALID);
    assert_int_equal(trace.id[0], 1);
    assert_int_equal(trace.flags, 1);
}

TEST(a_new_trace_is_sampled_and_has_the_random_bytes)
{
    UNUSED(state);
    static const uint8_t random[TRACE_ID_SIZE] = {0xAB, 1, 2,  3,  4,  5,  6,  7,
                                                  8,    9, 10, 11, 12, 13, 14, 0xFF};
    static const uint8_t span_id[SPAN_ID_SIZE] = {0, 0xF0, 0x67, 0xAA, 0x0B, 0xA9, 0x02, 0xB7};
    struct trace trace;
    trace_begin(&trace, random);
    assert_true(trace_is_given(&trace));
    assert_string_equal(trace_id_text(&trace).text, "ab0102030405060708090a0b0c0d0eff");
    assert_string_equal(trace_parent(&trace, span_id).text,
                        "00-ab0102030405060708090a0b0c0d0eff-" SPAN "-01");
}

TEST(what_is_sent_has_our_span_and_the_sender_s_sampling)
{
    UNUSED(state);
    static const uint8_t span_id[SPAN_ID_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct trace trace;
    assert_status(trace_read(STR("cc-" TRACE "-" SPAN "-fe-more"), &trace), OK);
    assert_string_equal(trace_parent(&trace, span_id).text, "00-" TRACE "-0102030405060708-00");
}

TEST(no_trace_has_no_text)
{
    UNUSED(state);
    static const uint8_t span_id[SPAN_ID_SIZE] = {1};
    struct trace none = {{0}, 0};
    assert_false(trace_is_given(&none));
    assert_string_equal(trace_id_text(&none).text, "");
    assert_string_equal(trace_parent(&none, span_id).text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_version_00),
        cmocka_unit_test(flags_that_version_00_does_not_know_are_not_passed_on),
        cmocka_unit_test(of_versions_to_come_reads_what_it_knows),
        cmocka_unit_test(refuses_other_lengths_of_version_00),
        cmocka_unit_test(refuses_ids_of_zeros),
        cmocka_unit_test(refuses_what_is_no_lower_case_hexadecimal),
        cmocka_unit_test(refuses_other_separators),
        cmocka_unit_test(a_refused_header_leaves_the_trace_as_it_was),
        cmocka_unit_test(a_new_trace_is_sampled_and_has_the_random_bytes),
        cmocka_unit_test(what_is_sent_has_our_span_and_the_sender_s_sampling),
        cmocka_unit_test(no_trace_has_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
