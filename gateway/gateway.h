#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

/* What the daemon's parts share: route handlers and operations are handed one struct gateway. */

#include "base/digest.h"
#include "gateway/aicc_notes.h"
#include "gateway/call_events.h"
#include "gateway/config.h"
#include "gateway/counts.h"
#include "gateway/live_calls.h"
#include "gateway/model/trace.h"
#include "gateway/push_notes.h"
#include "gateway/refusal_log.h"
#include "gateway/registry.h"
#include "gateway/statistics.h"
#include "gateway/store/store.h"
#include "gateway/token.h"
#include "gateway/trials.h"
#include "ita/verify.h"
#include "net/http_server.h"

struct loop_turns;
struct uv_loop_s;

/* What route handlers and operations work with. Read by them; only
 * gateway/daemon/ sets it up. */
struct gateway {
    const struct config *config;
    struct uv_loop_s *loop;
    uint8_t master_key[SEAL_KEY_SIZE];
    struct store *store;
    struct registry *registry;
    struct live_calls *live;
    struct call_events *events;
    struct statistics *statistics;
    struct trials *trials;
    struct http_client *http;
    struct ita_client *ita;
    struct aicc_client *aicc;
    struct cec_calls *cec; /* those that are live */
    struct callback_sender *callbacks;
    struct callback_trimmer *callback_trimmer;
    struct retention *retention; /* NULL: everything is kept */
    int64_t x_held_until_ms;     /* after a restore; 0: not */
    struct ita_verifier *verifier;
    struct push_notes *push_notes;
    struct aicc_notes *aicc_notes;
    struct failures *sign_in_failures; /* of tokenByAkSk, per app key and source */
    struct refusal_log *refusals;      /* of agents' systems, ITAs and AICCs */
    struct token_signer *tokens;
    struct token_signer *recording_links;
    struct recordings *recordings;
    struct release_call *releases; /* those that the ITA is asked for, by serial */
    struct call_serial serial;
    struct http_server *server;
    const struct http_route *agent_routes; /* of server */
    struct http_tally *agent_tallies;      /* of each */
    size_t agent_route_count;
    struct loop_turns *turns;
    struct counts counts;
    bool is_draining;        /* /readyz says so; new requests are still served */
    char request_prefix[17]; /* of request ids: random per start, hexadecimal */
    uint64_t request_count;
    size_t calls_being_placed;
    void (*on_none_being_placed)(struct gateway *gateway); /* set when the daemon closes */
    int64_t started_wall_ms, started_mono_ms;
};

/* The wall time of the start plus what has passed since: rests, guards and leases must not jump
 * when the clock is set. */
int64_t gateway_steady_ms(const struct gateway *gateway);

/* Around each operation that talks to the ITA: the parts below it are closed only when all have
 * ended. */
void gateway_call_begins(struct gateway *gateway);
void gateway_call_ended(struct gateway *gateway);

enum { REQUEST_ID_LEN = 32 };
/* What a request of the agent API is known by, in logs and in its answer. */
struct request_identity {
    /* Fresh, unique over restarts and nodes; also towards the ITA. */
    char id[REQUEST_ID_LEN + 1];
    struct trace trace; /* that it came with, else a new one */
    struct trace_id_text trace_id;
};
void gateway_identify(struct gateway *gateway, const struct http_request *request,
                      struct request_identity *out);
/* For a request of ours that belongs to a trace: as a span of its own. */
struct traceparent gateway_traceparent(const struct trace *trace);

#endif
