#include "gateway/clock_belief.h"

enum {
    SET_MS = 60 * 60 * 1000,        /* what a time service corrects is less */
    BELIEVED_MS = 24 * 3600 * 1000, /* after so long */
};

static bool is_near(int64_t one_ms, int64_t other_ms)
{
    return one_ms - other_ms <= SET_MS && other_ms - one_ms <= SET_MS;
}

void clock_belief_init(struct clock_belief *belief, int64_t wall_ms, int64_t mono_ms)
{
    *belief = (struct clock_belief){.offset_ms = wall_ms - mono_ms};
}

/* A day after another offset was first seen, unless it has changed again. */
static bool has_stayed(struct clock_belief *belief, int64_t offset_ms, int64_t mono_ms)
{
    if (belief->is_doubted && is_near(offset_ms, belief->doubted_ms))
        return mono_ms - belief->since_ms >= BELIEVED_MS;
    belief->doubted_ms = offset_ms;
    belief->since_ms = mono_ms;
    return false;
}

int64_t clock_belief_ms(struct clock_belief *belief, int64_t wall_ms, int64_t mono_ms)
{
    int64_t offset_ms = wall_ms - mono_ms;
    belief->is_doubted =
        !is_near(offset_ms, belief->offset_ms) && !has_stayed(belief, offset_ms, mono_ms);
    if (!belief->is_doubted)
        belief->offset_ms = offset_ms;
    return mono_ms + belief->offset_ms;
}
