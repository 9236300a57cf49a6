#include "gateway/model/callback.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"

const char *callback_kind_text(enum callback_kind kind)
{
    return kind == CALLBACK_CONNECTION ? "connection" : "hangup";
}

const char *callback_state_text(enum callback_state state)
{
    static const char *const texts[] = {
        [CALLBACK_WAITING] = "waiting",
        [CALLBACK_DELIVERED] = "delivered",
        [CALLBACK_DEAD] = "dead",
        [CALLBACK_BEHIND] = "waiting",
    };
    return texts[state];
}

/* --- Names --- */

void callback_event_id(const struct callback_key *key, char out[static CALLBACK_EVENT_ID_SIZE])
{
    struct buf text;
    buf_init_fixed(&text, out, CALLBACK_EVENT_ID_SIZE);
    buf_append_i64(&text, key->serial);
    buf_append_byte(&text, '-');
    buf_append_i64(&text, key->number);
    (void)buf_text(&text);
}

enum status callback_event_id_read(struct str text, struct callback_key *out)
{
    struct str rest = text, serial = {0};
    int64_t serial_no, number;
    if (!str_next(&rest, '-', &serial) || !str_is_digits(serial) || !str_is_digits(rest))
        return ERR_SYNTAX;
    enum status status = str_parse_i64(serial, &serial_no);
    if (status == OK)
        status = str_parse_i64(rest, &number);
    if (status != OK)
        return status;
    out->serial = serial_no;
    out->number = number;
    return OK;
}

/* Queues of consoles are positive, those of hosts negative. */
int64_t callback_queue_of_console(int64_t tenant_id, enum callback_kind kind)
{
    return 2 * tenant_id + (int64_t)kind;
}

/* Two hosts in one queue, once in 2^63, would only wait for each other. */
int64_t callback_queue_of_host(int64_t tenant_id, const char *host, uint16_t port)
{
    uint8_t digest[SHA256_SIZE];
    char storage[320];
    struct buf text;
    int64_t queue;
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_format(&text, "%lld %s %u", (long long)tenant_id, host, (unsigned)port);
    sha256(buf_str(&text), digest);
    memcpy(&queue, digest, sizeof(queue));
    return queue | INT64_MIN;
}

/* --- The schedule --- */

enum status callback_schedule_read(struct str text, struct callback_schedule *out,
                                   struct fault *fault)
{
    struct callback_schedule schedule = {.count = 0};
    struct str rest = text, piece;
    while (str_next(&rest, ',', &piece)) {
        int64_t after_ms;
        if (clock_parse_duration(str_trim(piece), &after_ms) != OK)
            return fault_set(fault, ERR_SYNTAX, "\"%.*s\" is no length of time, like 30s or 9m",
                             STR_ARGS(str_slice(piece, 0, 40)));
        if (schedule.count == CALLBACK_TRIES_MAX)
            return fault_set(fault, ERR_TOO_BIG, "must have at most %d tries", CALLBACK_TRIES_MAX);
        bool is_first = schedule.count == 0;
        if (is_first ? after_ms != 0 : after_ms <= schedule.after_ms[schedule.count - 1])
            return fault_set(
                fault, ERR_INVALID,
                "must begin with 0s, and each time must be longer than the one before");
        schedule.after_ms[schedule.count++] = after_ms;
    }
    *out = schedule;
    return OK;
}

bool callback_schedule_next(const struct callback_schedule *schedule, int64_t tries, int64_t now_ms,
                            int64_t *next_ms)
{
    if (tries < 1 || tries >= CALLBACK_TRIES_MAX || (size_t)tries >= schedule->count)
        return false;
    *next_ms = now_ms + schedule->after_ms[tries] - schedule->after_ms[tries - 1];
    return true;
}

/* --- Failures --- */

struct callback_failure_text callback_failure_text(int64_t failure)
{
    static const struct callback_failure_text texts[] = {
#define X(name, en, zh) [name] = {en, zh},
        CALLBACK_FAILURE_MAP(X)
#undef X
    };
    bool is_known = failure >= 0 && (uint64_t)failure < COUNT_OF(texts);
    return is_known ? texts[failure] : (struct callback_failure_text){"failed", "失败"};
}

void callback_result_set(struct callback_result *result, enum callback_failure failure,
                         const char *format, ...)
{
    va_list args;
    result->failure = failure;
    va_start(args, format);
    (void)vsnprintf(result->detail, sizeof(result->detail), format, args);
    va_end(args);
}
