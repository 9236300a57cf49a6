#ifndef GATEWAY_LOOP_TURNS_H
#define GATEWAY_LOOP_TURNS_H

/* How long the turns of the loop take: whatever arrives during one waits for its end. From when the
 * loop wakes up until it waits again, to within 2 ms, for the loop's own clock has no more. */

#include "base/latency.h"

struct loop_turns;
struct uv_loop_s;

struct loop_turns *loop_turns_create(struct uv_loop_s *loop);
/* Frees it in the loop's close callbacks. */
void loop_turns_close(struct loop_turns *turns);
const struct latency *loop_turns_took(const struct loop_turns *turns);
/* The longest of the last ten to twenty seconds, in a loop that wakes up at least once a second. */
int64_t loop_turns_longest_us(const struct loop_turns *turns);

#endif
