#include "base/flight_recorder.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"

enum {
    HEAD_BYTES = 32,
    VALUES_BYTES = FLIGHT_RECORDER_LINE_BYTES - HEAD_BYTES,
    FIELDS_MAX = 31, /* no line has half as many; with the one that says that something was cut */
};

/* A line; its fields one behind the other, each its name's address, its kind, and the number, or
 * the length and the text. */
struct slot {
    _Atomic uint64_t number; /* of the line, from 1; 0: none, or being written */
    int64_t wall_ms;
    const char *event;
    uint8_t level;
    bool is_cut;
    uint16_t len;
    unsigned char values[VALUES_BYTES];
};
_Static_assert(sizeof(struct slot) == FLIGHT_RECORDER_LINE_BYTES, "it is what it costs");

/* Global as the log is, whose lines it keeps: a fatal signal must find it. */
static struct {
    pthread_mutex_t lock;
    _Atomic bool is_on;
    _Atomic uint64_t written; /* lines so far */
    struct slot slots[FLIGHT_RECORDER_LINES];
} recorder = {.lock = PTHREAD_MUTEX_INITIALIZER};

void flight_recorder_start(void)
{
    atomic_store(&recorder.is_on, true);
}

bool flight_recorder_is_on(void)
{
    return atomic_load_explicit(&recorder.is_on, memory_order_relaxed);
}

/* --- Writing --- */

static void put(struct slot *slot, const void *bytes, size_t len)
{
    memcpy(slot->values + slot->len, bytes, len);
    slot->len = (uint16_t)(slot->len + len);
}

static size_t room(const struct slot *slot)
{
    return sizeof(slot->values) - slot->len;
}

static bool put_field(struct slot *slot, const struct log_field *field)
{
    uint8_t kind = (uint8_t)field->kind;
    size_t fixed = sizeof(field->name) + sizeof(kind);
    if (room(slot) < fixed + sizeof(field->i64))
        return false;
    put(slot, &field->name, sizeof(field->name));
    put(slot, &kind, sizeof(kind));
    if (field->kind == LOG_FIELD_I64) {
        put(slot, &field->i64, sizeof(field->i64));
        return true;
    }
    uint16_t len = 0;
    size_t most = room(slot) - sizeof(len);
    len = (uint16_t)(field->str.len < most ? field->str.len : most);
    put(slot, &len, sizeof(len));
    if (len > 0)
        put(slot, field->str.ptr, len);
    return len == field->str.len;
}

static void fill(struct slot *slot, const struct log_line *line)
{
    int count = 0;
    slot->wall_ms = line->wall_ms;
    slot->event = line->event;
    slot->level = (uint8_t)line->level;
    slot->is_cut = false;
    slot->len = 0;
    for (const struct log_field *field = line->fields; field->name != NULL; field++) {
        slot->is_cut = ++count == FIELDS_MAX || !put_field(slot, field);
        if (slot->is_cut)
            return;
    }
}

/* The exchange keeps what is written behind it from being seen before it. */
void flight_recorder_add(const struct log_line *line)
{
    pthread_mutex_lock(&recorder.lock);
    uint64_t number = atomic_load_explicit(&recorder.written, memory_order_relaxed) + 1;
    struct slot *slot = &recorder.slots[number % FLIGHT_RECORDER_LINES];
    atomic_exchange_explicit(&slot->number, 0, memory_order_acq_rel);
    fill(slot, line);
    atomic_store_explicit(&slot->number, number, memory_order_release);
    atomic_store_explicit(&recorder.written, number, memory_order_release);
    pthread_mutex_unlock(&recorder.lock);
}

/* --- Reading --- */

static void take(const struct slot *slot, size_t *at, void *out, size_t len)
{
    memcpy(out, slot->values + *at, len);
    *at += len;
}

static void read_fields(const struct slot *slot, struct log_field fields[static FIELDS_MAX + 1])
{
    size_t at = 0;
    for (; at < slot->len; fields++) {
        uint8_t kind;
        uint16_t len;
        take(slot, &at, &fields->name, sizeof(fields->name));
        take(slot, &at, &kind, sizeof(kind));
        fields->kind = kind;
        if (kind == LOG_FIELD_I64) {
            take(slot, &at, &fields->i64, sizeof(fields->i64));
            continue;
        }
        take(slot, &at, &len, sizeof(len));
        fields->str = str_from(slot->values + at, len);
        at += len;
    }
    if (slot->is_cut)
        *fields++ = L_I64("cut", 1);
    *fields = (struct log_field){0};
}

static void tell(const struct slot *slot, flight_recorder_each *each, void *data)
{
    char storage[FLIGHT_RECORDER_TEXT_MAX];
    struct log_field fields[FIELDS_MAX + 1];
    const struct log_line line = {slot->wall_ms, (enum log_level)slot->level, slot->event, fields};
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    read_fields(slot, fields);
    log_line_append_logfmt(&line, &text);
    each(data, buf_str(&text));
}

/* False: the line is not there, or changed while it was copied. */
static bool copy(uint64_t number, struct slot *out)
{
    struct slot *slot = &recorder.slots[number % FLIGHT_RECORDER_LINES];
    if (atomic_load_explicit(&slot->number, memory_order_acquire) != number)
        return false;
    memcpy(out, slot, sizeof(*out));
    return atomic_fetch_add_explicit(&slot->number, 0, memory_order_acq_rel) == number;
}

static bool copy_locked(uint64_t number, struct slot *out)
{
    pthread_mutex_lock(&recorder.lock);
    bool is_there = copy(number, out);
    pthread_mutex_unlock(&recorder.lock);
    return is_there;
}

static void read_with(bool (*copy_slot)(uint64_t number, struct slot *out),
                      flight_recorder_each *each, void *data)
{
    uint64_t last = atomic_load_explicit(&recorder.written, memory_order_acquire);
    uint64_t first = last > FLIGHT_RECORDER_LINES ? last - FLIGHT_RECORDER_LINES + 1 : 1;
    struct slot slot;
    for (uint64_t number = first; number <= last; number++)
        if (copy_slot(number, &slot))
            tell(&slot, each, data);
}

void flight_recorder_read(flight_recorder_each *each, void *data)
{
    read_with(copy_locked, each, data);
}

void flight_recorder_read_in_signal(flight_recorder_each *each, void *data)
{
    read_with(copy, each, data);
}
