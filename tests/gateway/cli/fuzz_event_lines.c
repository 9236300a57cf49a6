/* A stream of server-sent events, cut where the network cuts it: the events are those of the whole
 * text, and hold no end of a line. The first byte says how long the pieces are. */

#include <stdlib.h>

#include "gateway/cli/event_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_true)
{
    if (!is_true)
        abort();
}

static void note_event(void *data, struct str name, struct str text)
{
    struct buf *events = data;
    expect(name.len > 0 && text.len > 0);
    expect(str_find(name, '\n') == name.len && str_find(text, '\n') == text.len);
    buf_append(events, name);
    buf_append_byte(events, '\n');
    buf_append(events, text);
    buf_append_byte(events, '\n');
}

static void read_in_pieces(struct str stream, size_t piece, struct buf *events)
{
    struct event_lines lines;
    event_lines_init(&lines, note_event, events);
    for (size_t at = 0; at < stream.len; at += piece)
        event_lines_read(&lines, str_slice(stream, at, piece));
    event_lines_finish(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct str stream = str_from(data + 1, size - 1);
    struct buf whole, cut;
    buf_init(&whole, 1 << 24);
    buf_init(&cut, 1 << 24);
    read_in_pieces(stream, stream.len + 1, &whole);
    read_in_pieces(stream, (size_t)data[0] + 1, &cut);
    expect(str_is(buf_str(&cut), buf_str(&whole)));
    buf_finish(&cut);
    buf_finish(&whole);
    return 0;
}
