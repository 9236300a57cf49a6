#include "base/clock.h"
#include "mock_ita/journal.h"

static void write_time(struct json_writer *w, const char *name, int64_t wall_ms)
{
    char storage[32];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    clock_append_rfc3339(&text, wall_ms);
    json_write_str(w, name, buf_str(&text));
}

static void write_headers(struct json_writer *w, const struct mock_entry *entry)
{
    json_write_array(w, "headers");
    for (size_t i = 0; i < entry->header_count; i++) {
        json_write_object(w, NULL);
        json_write_str(w, "name", entry->headers[i].name);
        json_write_str(w, "value", entry->headers[i].value);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void write_violations(struct json_writer *w, const struct mock_entry *entry)
{
    json_write_array(w, "violations");
    for (size_t i = 0; i < entry->violation_count; i++) {
        json_write_object(w, NULL);
        json_write_str(w, "path", entry->violations[i].path);
        json_write_str(w, "rule", entry->violations[i].rule);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void write_summary(struct json_writer *w, const struct mock_entry *entry)
{
    json_write_i64(w, "number", (int64_t)entry->number);
    write_time(w, "at", entry->at_ms);
    if (entry->is_answered) {
        write_time(w, "answeredAt", entry->answered_ms);
        json_write_i64(w, "status", entry->status);
    } else {
        json_write_null(w, "answeredAt");
        json_write_null(w, "status");
    }
    for (enum mock_entry_text i = 0; i < MOCK_ENTRY_TEXTS; i++)
        json_write_str(w, mock_entry_text_name(i), entry->texts[i]);
}

void mock_entry_write_summary(struct json_writer *w, const struct mock_entry *entry)
{
    json_write_object(w, NULL);
    write_summary(w, entry);
    json_write_object_end(w);
}

void mock_entry_write(struct json_writer *w, const char *name, const struct mock_entry *entry)
{
    json_write_object(w, name);
    write_summary(w, entry);
    json_write_str(w, "target", entry->target);
    write_headers(w, entry);
    json_write_str(w, "body", entry->body);
    json_write_i64(w, "bodyLength", (int64_t)entry->body_len);
    json_write_str(w, "canonicalRequest", entry->canonical);
    json_write_str(w, "stringToSign", entry->string_to_sign);
    write_violations(w, entry);
    json_write_object_end(w);
}
