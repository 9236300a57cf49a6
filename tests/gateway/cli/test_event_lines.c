/* A stream of events, cut anywhere. */

#include "tests/test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "gateway/cli/event_lines.h"

static void note(void *data, struct str name, struct str text)
{
    buf_format(data, "[%.*s|%.*s]", STR_ARGS(name), STR_ARGS(text));
}

/* Fed in pieces of that size. */
static void assert_events(struct str stream, size_t piece, const char *expected)
{
    struct event_lines events;
    struct buf noted;
    buf_init(&noted, 4096);
    event_lines_init(&events, note, &noted);
    for (size_t at = 0; at < stream.len; at += piece)
        event_lines_read(&events, str_slice(stream, at, piece));
    assert_string_equal(buf_text(&noted), expected);
    event_lines_finish(&events);
    buf_finish(&noted);
}

TEST(events_come_out_however_the_bytes_are_cut)
{
    UNUSED(state);
    struct str stream = STR("retry: 2000\nevent: hello\ndata: {}\n\n: comment\n\n"
                            "event: call\ndata:{\"a\":1}\n\n");
    for (size_t piece = 1; piece < 80; piece++)
        assert_events(stream, piece, "[hello|{}][call|{\"a\":1}]");
}

TEST(what_has_no_name_or_no_data_is_no_event)
{
    UNUSED(state);
    assert_events(STR("data: x\n\nevent: y\n\nevent: z\ndata: 1"), 100, "");
}

TEST(an_event_that_is_too_long_is_left_out)
{
    UNUSED(state);
    enum { LONG = 80 * 1024 };
    struct buf stream;
    buf_init(&stream, (size_t)2 * LONG);
    buf_append(&stream, STR("event: call\ndata: "));
    for (int i = 0; i < LONG; i++)
        buf_append_byte(&stream, 'x');
    buf_append(&stream, STR("\n\nevent: hello\ndata: {}\n\n"));
    assert_events(buf_str(&stream), 1000, "[hello|{}]");
    buf_finish(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_out_however_the_bytes_are_cut),
        cmocka_unit_test(what_has_no_name_or_no_data_is_no_event),
        cmocka_unit_test(an_event_that_is_too_long_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
