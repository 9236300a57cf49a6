#include "gateway/cli/event_lines.h"

/* An event holds one call or X number: a few hundred bytes. */
enum { LINE_MAX_BYTES = 64 * 1024, NAME_MAX_BYTES = 64 };

void event_lines_init(struct event_lines *self,
                      void (*on_event)(void *data, struct str name, struct str text), void *data)
{
    *self = (struct event_lines){.on_event = on_event, .data = data};
    buf_init(&self->line, LINE_MAX_BYTES);
    buf_init(&self->name, NAME_MAX_BYTES);
    buf_init(&self->text, LINE_MAX_BYTES);
}

void event_lines_finish(struct event_lines *self)
{
    buf_finish(&self->line);
    buf_finish(&self->name);
    buf_finish(&self->text);
}

/* "name: value" into the field; the space is optional. */
static void set_field(struct buf *field, struct str value)
{
    buf_clear(field);
    buf_append(field, str_starts(value, STR(" ")) ? str_slice(value, 1, value.len) : value);
}

static void end_event(struct event_lines *self)
{
    if (self->name.len > 0 && self->text.len > 0 && !buf_is_over(&self->text))
        self->on_event(self->data, buf_str(&self->name), buf_str(&self->text));
    buf_clear(&self->name);
    buf_clear(&self->text);
}

static void end_line(struct event_lines *self)
{
    struct str line = buf_str(&self->line);
    size_t colon = str_find(line, ':');
    struct str field = str_slice(line, 0, colon), value = str_slice(line, colon + 1, line.len);
    if (line.len == 0)
        end_event(self);
    else if (buf_is_over(&self->line))
        buf_clear(&self->name);
    else if (str_is(field, STR("event")))
        set_field(&self->name, value);
    else if (str_is(field, STR("data")))
        set_field(&self->text, value);
    buf_clear(&self->line);
}

void event_lines_read(struct event_lines *self, struct str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == '\n')
            end_line(self);
        else
            buf_append_byte(&self->line, bytes.ptr[i]);
    }
}
