#ifndef AICC_SESSION_H
#define AICC_SESSION_H

/* The access token of an app key: fetched once for all that wait for it, kept until shortly before
 * it ends or the AICC does not take it any more. Within aicc/ only. */

#include "aicc/answer.h"
#include "upstream/client.h"

struct aicc_sessions;

/* Keeps the HTTP client and the options. */
struct aicc_sessions *aicc_sessions_create(struct http_client *http,
                                           const struct upstream_options *options);
/* Nobody waits any more; every session was released. A token that is being fetched may come after
 * this, until the HTTP client is closed. */
void aicc_sessions_close(struct aicc_sessions *sessions);

/* Of an app key with its secret at an AICC: what is new of these begins afresh. */
struct aicc_session {
    struct ledger_entry entry;
    char *token;            /* NULL: none */
    int64_t good_until_ms;  /* monotonic */
    struct circuit circuit; /* fed by refused app keys and secrets */
    enum circuit_pass pass;
    struct http_fetch *fetch; /* NULL: none is under way */
    struct aicc_sessions *sessions;
    struct list waiting;
};

/* Embedded by whoever waits. */
struct aicc_session_wait {
    /* From the loop. The answer to the request for a token, which was accepted or says why there is
     * none. */
    void (*on_token)(struct aicc_session_wait *wait, const struct aicc_answer *answer);
    struct list link; /* private; whoever does not wait any more removes it */
};

/* Until aicc_session_release(). */
struct aicc_session *aicc_session_hold(struct aicc_sessions *sessions,
                                       const struct aicc_account *account);
void aicc_session_release(struct aicc_session *session);
/* One that is good now, borrowed for the moment; else NULL. */
const char *aicc_session_token(const struct aicc_session *session);
/* The AICC did not take this one: it is not given out again. */
void aicc_session_reject(struct aicc_session *session, struct str token);
/* Whether the app key may be used now to ask for a token; unless HELD, for *held_ms more, _leave()
 * must follow with the answer. */
enum circuit_pass aicc_session_enter(struct aicc_session *session, int64_t *held_ms);
void aicc_session_leave(struct aicc_session *session, enum circuit_pass pass,
                        const struct aicc_answer *answer);
/* Fetches one, unless that is under way. False: held back, after refusals in a row. */
bool aicc_session_await(struct aicc_session *session, const struct aicc_account *account,
                        struct aicc_session_wait *wait);

#endif
