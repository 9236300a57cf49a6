#ifndef MOCK_ITA_MOCK_H
#define MOCK_ITA_MOCK_H

/* The mock as a whole: the ITA's API on one server, the control API on another, calls that play on
 * a timer, and pushes. */

#include "mock_ita/journal.h"
#include "mock_ita/options.h"
#include "mock_ita/pusher.h"
#include "mock_ita/telephony/calls.h"
#include "mock_ita/verify.h"
#include "profile/profile.h"

struct uv_loop_s;

/* What route handlers work with. */
struct mock {
    const struct mock_options *options;
    struct profile *profile;
    struct mock_calls *calls;
    struct mock_journal *journal;
    struct mock_verifier *verifier;
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

/* Plays the calls on to now; CDRs of those that have ended are pushed. To be called before a call's
 * state is told or changed, and after a call was added. */
void mock_play(struct mock *mock, int64_t now_ms);
/* Pushes the CDR of an ended call as often as its script says. on_pushed (may be NULL) runs later,
 * once the first try of the first push has come to an end, or at once when there is none. */
void mock_push(struct mock *mock, const struct mock_call *call, void (*on_pushed)(void *data),
               void *data);
/* Leaves an exchange without an answer until the mock stops. */
void mock_hold(struct mock *mock, struct http_exchange *exchange);
/* Forgets calls, journal, counters and the key's lock. */
void mock_reset(struct mock *mock);

#endif
