#ifndef BASE_LOG_H
#define BASE_LOG_H

/* One line per event on standard error: JSON, or logfmt on a terminal. Never a secret, token,
 * signature or full phone number: numbers are masked by the caller with number_mask(). */

#include "base/fault.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum { LOG_LEVELS = LOG_ERROR + 1 };
enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_JSON, LOG_FORMAT_LOGFMT };

struct log_field {
    const char *name; /* NULL ends the list */
    enum { LOG_FIELD_STR, LOG_FIELD_I64 } kind;
    struct str str;
    int64_t i64;
};

#define L_STR(name, value) ((struct log_field){name, LOG_FIELD_STR, value, 0})
#define L_TEXT(name, value) ((struct log_field){name, LOG_FIELD_STR, str_of(value), 0})
#define L_I64(name, value) ((struct log_field){name, LOG_FIELD_I64, {0}, (int64_t)(value)})
#define L_STATUS(value) L_TEXT("status", status_text(value))

/* LOG(LOG_INFO, "call accepted", L_STR("tenant", tenant), L_I64("callSerialNo", serial)); the event
 * is a fixed phrase that an operator can search for; what varies goes into fields. At least one
 * field. Event and names are literals: they are kept by their address (base/flight_recorder.h). */
#define LOG(level, event, ...)                                                                     \
    do {                                                                                           \
        if (log_is_on(level))                                                                      \
            log_write(level, event, (const struct log_field[]){__VA_ARGS__, {0}});                 \
    } while (0)

/* "debug", "info", "warn", "error", in this order. */
extern const char *const log_level_texts[LOG_LEVELS];

/* Once, before the first thread starts. Buffered: lines are kept until log_flush(), a warning, or a
 * full buffer. */
void log_init(enum log_level level, enum log_format format, bool is_buffered);
/* Whether a line of that level is written or kept by the flight recorder. */
bool log_is_on(enum log_level level);
/* From now on; from any thread. A line says so, and who wanted it, whatever the levels are. */
void log_set_level(enum log_level level, const char *who);
enum log_level log_level(void);
void log_write(enum log_level level, const char *event, const struct log_field *fields);
/* From any thread. Lines that nobody reads are kept while there is room (base/log_out.h). */
void log_flush(void);
/* The last of it: waits a second at most for whoever reads. */
void log_finish(void);
/* Since the start, because they could not be written, or nobody read them. From any thread. */
uint64_t log_lines_lost(void);

#endif
