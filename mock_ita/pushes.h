#ifndef MOCK_ITA_PUSHES_H
#define MOCK_ITA_PUSHES_H

/* All that the mock pushes: CDRs of the ITA's calls, callbacks about the AICC's. Each face has a
 * pusher of its own. */

#include "mock_ita/options.h"
#include "mock_ita/pusher.h"

struct mock;
struct mock_pushes;

/* *out is set even after a fault, and is to be closed. Keeps the options, and what of the mock
 * pushers keep. */
MUST_CHECK enum status mock_pushes_start(struct uv_loop_s *loop, const struct mock *mock,
                                         struct mock_pushes **out, struct fault *fault);
/* Both have answered; the call has ended. on_pushed as mock_pusher_add() has it. */
void mock_pushes_connected(struct mock_pushes *pushes, const struct mock_call *call);
void mock_pushes_ended(struct mock_pushes *pushes, const struct mock_call *call,
                       void (*on_pushed)(void *data), void *data);
/* False: it goes nowhere. The kind must be one of the call's face. */
MUST_CHECK bool mock_pushes_by_hand(struct mock_pushes *pushes, const struct mock_call *call,
                                    enum mock_push_kind kind,
                                    const struct mock_push_script *script);
/* As those of pusher.h. */
void mock_pushes_wake(struct mock_pushes *pushes);
void mock_pushes_reset(struct mock_pushes *pushes);
void mock_pushes_close(struct mock_pushes *pushes);
void mock_pushes_destroy(struct mock_pushes *pushes); /* takes NULL, as does closing */

#endif
