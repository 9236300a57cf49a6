#include "base/log.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/flight_recorder.h"
#include "base/log_out.h"

enum {
    LINE_MAX_BYTES = PIPE_BUF, /* so that lines of several writers do not mix */
    END_WAIT_MS = 1000,        /* a reader that is alive has read by then */
};

/* The one piece of global state: a log has no owner, and every part writes to it. */
static struct {
    pthread_mutex_t lock;
    _Atomic int level;
    bool is_logfmt;
    bool is_buffered;
    struct log_out out;
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

static void format(const struct log_line *line, struct buf *out)
{
    if (log_state.is_logfmt)
        log_line_append_logfmt(line, out);
    else
        log_line_append_json(line, out);
}

/* Into that storage, with its newline. */
static struct str make_text(const struct log_line *line, char storage[LINE_MAX_BYTES])
{
    struct buf text;
    buf_init_fixed(&text, storage, LINE_MAX_BYTES - 1);
    format(line, &text);
    if (buf_is_over(&text)) { /* a field too long for a line: keep the event, say what is missing */
        static const struct log_field cut[] = {{"cut", LOG_FIELD_I64, {0}, 1}, {0}};
        struct log_line shorter = *line;
        shorter.fields = cut;
        buf_clear(&text);
        format(&shorter, &text);
    }
    storage[text.len] = '\n';
    return str_from(storage, text.len + 1);
}

/* What was lost is said as soon as there is somebody to be told. */
static void flush_locked(int64_t wait_ms)
{
    struct log_out *out = &log_state.out;
    if (!log_out_flush(out, wait_ms) || out->lost == out->lost_told)
        return;
    char storage[LINE_MAX_BYTES];
    const struct log_field fields[] = {L_I64("lines", out->lost - out->lost_told), {0}};
    const struct log_line line = {clock_wall_ms(), LOG_WARN, "log lines lost", fields};
    out->lost_told = out->lost;
    log_out_add(out, make_text(&line, storage));
    (void)log_out_flush(out, wait_ms);
}

static void flush(int64_t wait_ms)
{
    pthread_mutex_lock(&log_state.lock);
    flush_locked(wait_ms);
    pthread_mutex_unlock(&log_state.lock);
}

void log_flush(void)
{
    flush(0);
}

void log_finish(void)
{
    flush(END_WAIT_MS);
}

uint64_t log_lines_lost(void)
{
    pthread_mutex_lock(&log_state.lock);
    uint64_t lost = log_state.out.lost;
    pthread_mutex_unlock(&log_state.lock);
    return lost;
}

static void print(const struct log_line *line)
{
    char storage[LINE_MAX_BYTES];
    struct str text = make_text(line, storage);
    pthread_mutex_lock(&log_state.lock);
    log_out_add(&log_state.out, text);
    if (!log_state.is_buffered || line->level >= LOG_WARN)
        flush_locked(0);
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
