#ifndef MOCK_ITA_PUSHER_H
#define MOCK_ITA_PUSHER_H

/* Pushes what is to be told of calls, CDRs or an AICC's callbacks, as the script of their call
 * says: each try is written anew, and there are more until 200 or until the tries are used up.
 * Waits by the mock's clock. Looks a call up by its number for each try, so that it may be
 * forgotten meanwhile; its push then ends unseen. What is sent and where to, a writer knows
 * (cdr_push.h, callback_push.h). */

#include "base/fault.h"
#include "mock_ita/clock.h"
#include "mock_ita/journal.h"
#include "mock_ita/telephony/calls.h"

struct uv_loop_s;
struct tls_trust;
struct mock_pusher;

enum { MOCK_PUSH_HEADERS_MAX = 4 };

/* What is sent; borrowed from its writer until the next one. */
struct mock_push_request {
    const char *url;
    struct http_header headers[MOCK_PUSH_HEADERS_MAX];
    size_t header_count;
    struct str body;
};

struct mock_push_writer {
    /* NULL: such a thing goes nowhere. */
    const char *(*url)(void *data, const struct mock_call *call, enum mock_push_kind kind);
    /* For a try that is made now. False: nobody could sign it any more. */
    bool (*write)(void *data, const struct mock_call *call, enum mock_push_kind kind,
                  const struct mock_push_script *script, struct mock_push_request *out);
    void *data;
};

struct mock_pusher_options {
    struct mock_push_writer writer;
    struct tls_trust *trust; /* NULL: the system's */
    int64_t retries;         /* of a push whose script does not say how often it is tried */
    int64_t speed, timeout_ms;
    const struct mock_clock *clock; /* kept, as are calls and journal, until the loop has ended */
    struct mock_calls *calls;
    struct mock_journal *journal; /* its counters */
};

/* Keeps a reference to trust. */
struct mock_pusher *mock_pusher_create(struct uv_loop_s *loop,
                                       const struct mock_pusher_options *options);
/* Every push of that kind that the script of this call asks for. on_first_try runs once the first
 * try of the first of them has come to an end, whatever end, from the loop or from
 * mock_pusher_reset() or mock_pusher_close(); may be NULL. Without a push it runs at once. */
void mock_pusher_add(struct mock_pusher *pusher, const struct mock_call *call,
                     enum mock_push_kind kind, void (*on_first_try)(void *data), void *data);
/* One push more. False: it goes nowhere. */
MUST_CHECK bool mock_pusher_add_by_hand(struct mock_pusher *pusher, const struct mock_call *call,
                                        enum mock_push_kind kind,
                                        const struct mock_push_script *script);
/* The clock was stopped, set going or moved on. */
void mock_pusher_wake(struct mock_pusher *pusher);
/* Pushes that wait or are under way. */
size_t mock_pusher_pending(const struct mock_pusher *pusher);
/* Ends every push: those that wait at once, those under way from the loop. */
void mock_pusher_reset(struct mock_pusher *pusher);
/* Ends every push. Memory goes with mock_pusher_destroy() when the loop has ended. */
void mock_pusher_close(struct mock_pusher *pusher);
void mock_pusher_destroy(struct mock_pusher *pusher); /* takes NULL */

/* How long to wait after the try with this number, counted from 1, when no script says. */
int64_t mock_pusher_delay_ms(int tries, int64_t speed);

#endif
