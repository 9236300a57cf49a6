/* The writing half of json.h: straight into a buf. */

#include "base/encoding.h"
#include "base/json.h"

void json_write_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out};
}

static void write_name(struct json_writer *w, const char *name)
{
    if (w->needs_comma)
        buf_append_byte(w->out, ',');
    w->needs_comma = true;
    if (name == NULL)
        return;
    buf_append_byte(w->out, '"');
    buf_append(w->out, str_of(name));
    buf_append(w->out, STR("\":"));
}

static void write_begin(struct json_writer *w, const char *name, char bracket)
{
    write_name(w, name);
    buf_append_byte(w->out, bracket);
    w->needs_comma = false;
}

static void write_end(struct json_writer *w, char bracket)
{
    buf_append_byte(w->out, bracket);
    w->needs_comma = true;
}

void json_write_object(struct json_writer *w, const char *name)
{
    write_begin(w, name, '{');
}

void json_write_object_end(struct json_writer *w)
{
    write_end(w, '}');
}

void json_write_array(struct json_writer *w, const char *name)
{
    write_begin(w, name, '[');
}

void json_write_array_end(struct json_writer *w)
{
    write_end(w, ']');
}

static void write_escaped_byte(struct buf *out, unsigned char byte)
{
    static const char names[] = "btn.fr"; /* of 0x08 to 0x0D; 0x0B has none */
    if (byte == '"' || byte == '\\') {
        buf_append_byte(out, '\\');
        buf_append_byte(out, (char)byte);
    } else if (byte >= 0x08 && byte <= 0x0D && byte != 0x0B) {
        buf_append_byte(out, '\\');
        buf_append_byte(out, names[byte - 0x08]);
    } else {
        buf_append(out,
                   STR("\\u00")); /* not by stdio: the log is also written in signal handlers */
        hex_append(out, str_from(&byte, 1));
    }
}

/* Appends runs that need no escape in one piece. */
static void write_quoted(struct buf *out, struct str value)
{
    bool is_utf8 = str_is_utf8(value);
    size_t run = 0;
    buf_append_byte(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.ptr[i];
        bool is_foreign = byte >= 0x80 && !is_utf8;
        if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7F && !is_foreign)
            continue;
        buf_append(out, str_slice(value, run, i - run));
        run = i + 1;
        if (is_foreign)
            buf_append(out, STR("\xEF\xBF\xBD")); /* U+FFFD */
        else
            write_escaped_byte(out, byte);
    }
    buf_append(out, str_slice(value, run, value.len - run));
    buf_append_byte(out, '"');
}

void json_write_str(struct json_writer *w, const char *name, struct str value)
{
    write_name(w, name);
    write_quoted(w->out, value);
}

void json_write_text(struct json_writer *w, const char *name, const char *value)
{
    if (value == NULL)
        json_write_null(w, name);
    else
        json_write_str(w, name, str_of(value));
}

void json_write_i64(struct json_writer *w, const char *name, int64_t value)
{
    write_name(w, name);
    buf_append_i64(w->out, value);
}

void json_write_i64_text(struct json_writer *w, const char *name, int64_t value)
{
    write_name(w, name);
    buf_append_byte(w->out, '"');
    buf_append_i64(w->out, value);
    buf_append_byte(w->out, '"');
}

void json_write_bool(struct json_writer *w, const char *name, bool value)
{
    write_name(w, name);
    buf_append(w->out, value ? STR("true") : STR("false"));
}

void json_write_null(struct json_writer *w, const char *name)
{
    write_name(w, name);
    buf_append(w->out, STR("null"));
}

void json_write_raw(struct json_writer *w, const char *name, struct str json)
{
    write_name(w, name);
    buf_append(w->out, json);
}

static void write_children(struct json_writer *w, const struct json *value)
{
    for (const struct json *child = json_first(value); child != NULL; child = json_next(child)) {
        if (json_name(child) != NULL) { /* as it was read, so that it may need escapes */
            json_write_str(w, NULL, str_of(json_name(child)));
            buf_append_byte(w->out, ':');
            w->needs_comma = false;
        }
        json_write_value(w, NULL, child);
    }
}

/* Depth is bounded by the reader. */
void json_write_value(struct json_writer *w, const char *name, const struct json *value)
{
    if (json_is_object(value)) {
        json_write_object(w, name);
        write_children(w, value);
        json_write_object_end(w);
    } else if (json_is_array(value)) {
        json_write_array(w, name);
        write_children(w, value);
        json_write_array_end(w);
    } else if (json_is_string(value)) {
        json_write_str(w, name, json_string(value));
    } else if (json_is_number(value)) {
        json_write_raw(w, name, json_number(value));
    } else if (json_is_bool(value)) {
        json_write_bool(w, name, json_bool(value));
    } else {
        json_write_null(w, name);
    }
}
