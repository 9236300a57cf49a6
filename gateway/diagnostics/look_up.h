#ifndef GATEWAY_DIAGNOSTICS_LOOK_UP_H
#define GATEWAY_DIAGNOSTICS_LOOK_UP_H

/* Looks up the hosts of a tenant's callback URLs, off the loop. */

#include "gateway/diagnostics/judge.h"

struct uv_loop_s;
struct look_up;

/* The callbacks are borrowed for the call. */
typedef void look_up_on_done(void *data, const struct judge_callback *callbacks, size_t count);

/* Copies what it needs. on_done runs once, from the loop. NULL when there is no URL to look up:
 * then on_done will not run. */
struct look_up *look_up_start(struct uv_loop_s *loop, const struct bidirectional_call *settings,
                              const struct callback_trust *trust, look_up_on_done *on_done,
                              void *data);
/* on_done will not run: a name server that does not answer is waited for by a thread, and by the
 * loop's end, but by nobody else. Takes NULL. */
void look_up_forget(struct look_up *look_up);

#endif
