#ifndef GATEWAY_HEALTH_H
#define GATEWAY_HEALTH_H

/* What load balancers ask on either listener: whether the daemon is alive, and whether it is ready
 * for calls. Both look at a few numbers in memory: whoever asks for them all the time costs no more
 * than with a path that there is not. They tell no more than which part is not ready and since
 * when: strangers may ask on the listener of agents' systems. */

#include "gateway/gateway.h"

enum health_check {
    HEALTH_SERVING,  /* not about to stop */
    HEALTH_DATABASE, /* can be written */
    HEALTH_LOOP,     /* turns soon enough for agents not to wait */
    HEALTH_CHECKS,
};
const char *health_check_text(enum health_check check);

/* What is judged. */
struct health_facts {
    bool is_draining, is_write_failing;
    int64_t writing_us; /* for how long the present transaction has run; 0: there is none */
    int64_t longest_turn_us;
};

enum { HEALTH_REASON_SIZE = 64 };
struct health {
    bool is_ready;
    char reasons[HEALTH_CHECKS][HEALTH_REASON_SIZE]; /* empty: it is fine */
};
void health_judge(const struct health_facts *facts, struct health *out);
void health_look(const struct gateway *gateway, struct health *out);

/* GET /healthz: 200 whenever the loop turns. */
void health_answer_alive(struct http_exchange *exchange);
/* GET /readyz: 200 or 503, a line for each check. */
void health_answer_ready(const struct gateway *gateway, struct http_exchange *exchange);

#endif
