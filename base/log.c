#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

enum {
    LINE_MAX_BYTES = 4096,   /* below PIPE_BUF, so that lines of several writers do not mix */
    BUFFER_BYTES = 64 * 1024 /* what a pipe takes in one write */
};

const char *const log_level_texts[LOG_LEVELS] = {"debug", "info", "warn", "error"};

/* The one piece of global state: a log has no owner, and every part writes to it. */
static struct {
    pthread_mutex_t lock;
    _Atomic int level;
    bool is_logfmt;
    bool is_buffered;
    char pending[BUFFER_BYTES];
    size_t pending_len;
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_INFO};

void log_init(enum log_level level, enum log_format format, bool is_buffered)
{
    pthread_mutex_lock(&log_state.lock);
    log_state.level = (int)level;
    log_state.is_logfmt =
        format == LOG_FORMAT_LOGFMT || (format == LOG_FORMAT_AUTO && isatty(STDERR_FILENO) == 1);
    log_state.is_buffered = is_buffered;
    pthread_mutex_unlock(&log_state.lock);
}

bool log_is_on(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&log_state.level, memory_order_relaxed);
}

enum log_level log_level(void)
{
    return (enum log_level)atomic_load_explicit(&log_state.level, memory_order_relaxed);
}

void log_set_level(enum log_level level, const char *who)
{
    enum log_level before = (enum log_level)atomic_exchange(&log_state.level, (int)level);
    const struct log_field fields[] = {L_TEXT("from", log_level_texts[before]),
                                       L_TEXT("to", log_level_texts[level]),
                                       L_TEXT("who", who),
                                       {0}};
    log_write(LOG_WARN, "log level changed", fields);
}

/* A log that can't be written is no reason to stop calls: errors end the attempt. */
static void write_out(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(STDERR_FILENO, bytes, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return;
        bytes += wrote;
        len -= (size_t)wrote;
    }
}

static void flush_locked(void)
{
    write_out(log_state.pending, log_state.pending_len);
    log_state.pending_len = 0;
}

void log_flush(void)
{
    pthread_mutex_lock(&log_state.lock);
    flush_locked();
    pthread_mutex_unlock(&log_state.lock);
}

static void format_json(struct buf *line, enum log_level level, const char *event,
                        const struct log_field *fields)
{
    struct json_writer w;
    json_write_init(&w, line);
    buf_append(line, STR("{\"time\":\""));
    clock_append_rfc3339(line, clock_wall_ms());
    buf_append_byte(line, '"');
    w.needs_comma = true;
    json_write_text(&w, "level", log_level_texts[level]);
    json_write_text(&w, "event", event);
    for (; fields->name != NULL; fields++) {
        if (fields->kind == LOG_FIELD_I64)
            json_write_i64(&w, fields->name, fields->i64);
        else
            json_write_str(&w, fields->name, fields->str);
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

static void format_logfmt(struct buf *line, enum log_level level, const char *event,
                          const struct log_field *fields)
{
    struct json_writer w;
    clock_append_rfc3339(line, clock_wall_ms());
    buf_format(line, " %-5s %s", log_level_texts[level], event);
    for (; fields->name != NULL; fields++) {
        buf_format(line, " %s=", fields->name);
        json_write_init(&w, line);
        if (fields->kind == LOG_FIELD_I64)
            buf_append_i64(line, fields->i64);
        else if (needs_quotes(fields->str))
            json_write_str(&w, NULL, fields->str);
        else
            buf_append(line, fields->str);
    }
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    char storage[LINE_MAX_BYTES];
    struct buf line;
    buf_init_fixed(&line, storage, sizeof(storage) - 1);
    if (log_state.is_logfmt)
        format_logfmt(&line, level, event, fields);
    else
        format_json(&line, level, event, fields);
    if (buf_is_over(&line)) { /* a field too long for a line: keep the event, say what is missing */
        static const struct log_field cut[] = {{"cut", LOG_FIELD_I64, {0}, 1}, {0}};
        buf_clear(&line);
        if (log_state.is_logfmt)
            format_logfmt(&line, level, event, cut);
        else
            format_json(&line, level, event, cut);
    }
    storage[line.len++] = '\n';

    pthread_mutex_lock(&log_state.lock);
    if (log_state.pending_len + line.len > sizeof(log_state.pending))
        flush_locked();
    memcpy(log_state.pending + log_state.pending_len, storage, line.len);
    log_state.pending_len += line.len;
    if (!log_state.is_buffered || level >= LOG_WARN)
        flush_locked();
    pthread_mutex_unlock(&log_state.lock);
}
