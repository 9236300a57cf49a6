#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/flight_recorder.h"

enum {
    LINE_MAX_BYTES = 4096,   /* below PIPE_BUF, so that lines of several writers do not mix */
    BUFFER_BYTES = 64 * 1024 /* what a pipe takes in one write */
};

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

enum log_level log_level(void)
{
    return (enum log_level)atomic_load_explicit(&log_state.level, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
    return level >= log_level() || flight_recorder_is_on();
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

static void format(const struct log_line *line, struct buf *out)
{
    if (log_state.is_logfmt)
        log_line_append_logfmt(line, out);
    else
        log_line_append_json(line, out);
}

static void print(const struct log_line *line)
{
    char storage[LINE_MAX_BYTES];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage) - 1);
    format(line, &text);
    if (buf_is_over(&text)) { /* a field too long for a line: keep the event, say what is missing */
        static const struct log_field cut[] = {{"cut", LOG_FIELD_I64, {0}, 1}, {0}};
        struct log_line shorter = *line;
        shorter.fields = cut;
        buf_clear(&text);
        format(&shorter, &text);
    }
    storage[text.len++] = '\n';

    pthread_mutex_lock(&log_state.lock);
    if (log_state.pending_len + text.len > sizeof(log_state.pending))
        flush_locked();
    memcpy(log_state.pending + log_state.pending_len, storage, text.len);
    log_state.pending_len += text.len;
    if (!log_state.is_buffered || line->level >= LOG_WARN)
        flush_locked();
    pthread_mutex_unlock(&log_state.lock);
}

static void keep(const struct log_line *line)
{
    if (flight_recorder_is_on())
        flight_recorder_add(line);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    const struct log_line line = {clock_wall_ms(), level, event, fields};
    keep(&line);
    if (level >= log_level())
        print(&line);
}

void log_set_level(enum log_level level, const char *who)
{
    enum log_level before = (enum log_level)atomic_exchange(&log_state.level, (int)level);
    const struct log_field fields[] = {L_TEXT("from", log_level_texts[before]),
                                       L_TEXT("to", log_level_texts[level]),
                                       L_TEXT("who", who),
                                       {0}};
    const struct log_line line = {clock_wall_ms(), LOG_WARN, "log level changed", fields};
    keep(&line);
    print(&line);
}
