#ifndef MOCK_ITA_MOCK_H
#define MOCK_ITA_MOCK_H

/* The mock as a whole: the ITA's API and the AICC's on one server, the control API on another,
 * calls that play on a timer, and pushes. */

#include "mock_ita/aicc/tokens.h"
#include "mock_ita/clock.h"
#include "mock_ita/delivery.h"
#include "mock_ita/journal.h"
#include "mock_ita/keys.h"
#include "mock_ita/options.h"
#include "mock_ita/pushes.h"
#include "mock_ita/scenario/chooser.h"
#include "mock_ita/telephony/calls.h"
#include "mock_ita/verify.h"
#include "profile/profile.h"

struct control_events;
struct uv_loop_s;

/* What route handlers work with. */
struct mock {
    const struct mock_options *options;
    struct profile *profile;
    struct mock_clock *clock;
    struct mock_xpool *pool;
    struct mock_policy *policy;
    struct mock_bindings *bindings;
    struct mock_calls *calls;
    struct mock_journal *journal;
    struct mock_keys *keys;
    struct control_events *events;
    struct mock_verifier *verifier;
    struct mock_chooser *chooser;
    struct mock_deliveries *deliveries;
    struct mock_pushes *pushes;
    struct mock_aicc_tokens *tokens; /* NULL: the mock plays no AICC */
    uint32_t run;                    /* told apart in the IDs that it gives out */
};

/* Starts serving and writes the files that the options ask for. Keeps options until
 * mock_destroy(). *out is set even after a fault: the caller then goes on with mock_stop(). */
MUST_CHECK enum status mock_start(struct uv_loop_s *loop, const struct mock_options *options,
                                  struct mock **out, struct fault *fault);
uint16_t mock_port(const struct mock *mock);
uint16_t mock_control_port(const struct mock *mock);
/* Closes everything; the loop then ends by itself. A second time does nothing. */
void mock_stop(struct mock *mock);
/* After the loop has ended. Takes NULL. */
void mock_destroy(struct mock *mock);

/* --- For the handlers --- */

/* Plays calls and bindings on to now, which is the time of mock->clock; CDRs of calls that have
 * ended are pushed. To be called before a state is told or changed, and after a call or binding was
 * added. */
void mock_play(struct mock *mock, int64_t now_ms);
/* A call has ended otherwise than by mock_play(): its CDR, or hang-up callback, is pushed as its
 * script says. on_pushed
 * (may be NULL) runs later, once the first try of the first push has come to an end, or at once
 * when there is none. */
void mock_push(struct mock *mock, struct mock_call *call, void (*on_pushed)(void *data),
               void *data);
/* Stop the clock; let it run on from where it stands; move it on and play what has become due.
 * False, and nothing has changed: by_ms is below 0 or leads too far (clock.h). */
void mock_freeze(struct mock *mock);
void mock_resume(struct mock *mock);
MUST_CHECK bool mock_advance(struct mock *mock, int64_t by_ms);
/* Plays another scenario from its beginning; NULL: none. The server listens or not as it says;
 * ERR_IO: it could not listen again, and the scenario is played all the same. Keeps a reference. */
MUST_CHECK enum status mock_load_scenario(struct mock *mock, struct mock_scenario *scenario,
                                          struct fault *fault);
/* As at the start: forgets calls, bindings, pushes, journal, counters, forbidden numbers, limits,
 * blocks and locks; X numbers, keys, clock and scenario are those of the start. */
void mock_reset(struct mock *mock);

#endif
