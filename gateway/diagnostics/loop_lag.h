#ifndef GATEWAY_DIAGNOSTICS_LOOP_LAG_H
#define GATEWAY_DIAGNOSTICS_LOOP_LAG_H

/* How late the loop comes to what is due: for a fifth of a second a timer is watched. */

#include <stdint.h>

struct uv_loop_s;

/* Runs once, from the loop. */
typedef void loop_lag_on_measured(void *data, int64_t worst_ms);
void loop_lag_measure(struct uv_loop_s *loop, loop_lag_on_measured *on_measured, void *data);

#endif
