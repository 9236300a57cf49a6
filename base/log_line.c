#include "base/log_line.h"

#include "base/clock.h"
#include "base/json.h"

const char *const log_level_texts[LOG_LEVELS] = {"debug", "info", "warn", "error"};

void log_line_append_json(const struct log_line *line, struct buf *out)
{
    struct json_writer w;
    json_write_init(&w, out);
    buf_append(out, STR("{\"time\":\""));
    clock_append_rfc3339(out, line->wall_ms);
    buf_append_byte(out, '"');
    w.needs_comma = true;
    json_write_text(&w, "level", log_level_texts[line->level]);
    json_write_text(&w, "event", line->event);
    for (const struct log_field *field = line->fields; field->name != NULL; field++) {
        if (field->kind == LOG_FIELD_I64)
            json_write_i64(&w, field->name, field->i64);
        else
            json_write_str(&w, field->name, field->str);
    }
    json_write_object_end(&w);
}

static bool needs_quotes(struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] <= ' ' || value.ptr[i] == '"' || value.ptr[i] == '=' ||
            value.ptr[i] == '\\' || value.ptr[i] == 0x7F)
            return true;
    return value.len == 0 || !str_is_utf8(value);
}

void log_line_append_logfmt(const struct log_line *line, struct buf *out)
{
    struct json_writer w;
    struct str level = str_of(log_level_texts[line->level]);
    clock_append_rfc3339(out, line->wall_ms);
    buf_append_byte(out, ' ');
    buf_append(out, level);
    buf_append(out, str_slice(STR("     "), 0, 5 - level.len)); /* "debug", "error" */
    buf_append_byte(out, ' ');
    buf_append(out, str_of(line->event));
    for (const struct log_field *field = line->fields; field->name != NULL; field++) {
        buf_append_byte(out, ' ');
        buf_append(out, str_of(field->name));
        buf_append_byte(out, '=');
        json_write_init(&w, out);
        if (field->kind == LOG_FIELD_I64)
            buf_append_i64(out, field->i64);
        else if (needs_quotes(field->str))
            json_write_str(&w, NULL, field->str);
        else
            buf_append(out, field->str);
    }
}
