#include "gateway/model/call.h"

enum { SEQUENCE_BITS = 8, NODE_BITS = 4, TIME_SHIFT = SEQUENCE_BITS + NODE_BITS };

static const int64_t EPOCH_MS = 1704067200000;          /* 2024-01-01T00:00:00Z */
static const int64_t TIME_MAX = (INT64_C(1) << 41) - 1; /* milliseconds; ends in 2093 */
static const int64_t SEQUENCE_MAX = (1 << SEQUENCE_BITS) - 1;

static int64_t compose(int64_t time, int node, int64_t sequence)
{
    return time << TIME_SHIFT | (int64_t)node << SEQUENCE_BITS | sequence;
}

int64_t call_serial_at(int64_t wall_ms)
{
    if (wall_ms <= EPOCH_MS)
        return 0;
    return compose(wall_ms - EPOCH_MS > TIME_MAX ? TIME_MAX : wall_ms - EPOCH_MS, 0, 0);
}

int64_t call_serial_ms(int64_t serial)
{
    return (serial >> TIME_SHIFT) + EPOCH_MS;
}

int64_t call_serial_next(struct call_serial *self, int64_t now_ms)
{
    int64_t serial = call_serial_at(now_ms) | compose(0, self->node, 0);
    if (serial <= self->last) {
        int64_t time = self->last >> TIME_SHIFT;
        int64_t sequence = self->last & SEQUENCE_MAX;
        serial = sequence < SEQUENCE_MAX ? compose(time, self->node, sequence + 1) : 0;
        /* The sequence is used up, or a stored serial of a higher node stands in that millisecond.
         */
        if (serial <= self->last)
            serial = compose(time + 1, self->node, 0);
    }
    self->last = serial;
    return serial;
}

/* The bits of the serial, mixed: odd factors spread each of them upwards, the shift brings the
 * high ones down between. */
bool call_serial_is_mark(int64_t serial)
{
    enum { MARK_BITS = 10 };
    static const uint64_t FACTOR = 0x9e3779b97f4a7c15; /* 2^64 by the golden ratio */
    uint64_t mixed = (uint64_t)serial * FACTOR;
    mixed = (mixed ^ mixed >> 32) * FACTOR;
    return mixed >> (64 - MARK_BITS) == 0;
}

struct str call_shown_to_called(const struct call_record *call)
{
    bool is_x = call->called_display.len == 0 && call->type == CALL_TYPE_ITA;
    return is_x ? call->tel_x : call->called_display;
}
