#ifndef UPSTREAM_CIRCUIT_H
#define UPSTREAM_CIRCUIT_H

/* Circuit breaker: after failures in a row it holds further requests back for a while, then lets
 * one through as a probe, whose end decides. Pure: the time is passed in, from a monotonic clock.
 */

#include <stdbool.h>
#include <stdint.h>

struct circuit_rule {
    int failures_max; /* in a row; this one opens */
    int64_t open_ms;
};

struct circuit { /* zeroed: closed */
    int failures;
    int64_t open_until_ms;
    bool is_probing;
};

enum circuit_pass {
    CIRCUIT_HELD,   /* do not send */
    CIRCUIT_PASSED, /* closed */
    CIRCUIT_PROBE,  /* the one that is let through */
};

/* Asks whether a request may go; unless HELD, exactly one of the three below must follow. */
enum circuit_pass circuit_enter(struct circuit *circuit, const struct circuit_rule *rule,
                                int64_t now_ms);
void circuit_succeeded(struct circuit *circuit);
void circuit_failed(struct circuit *circuit, const struct circuit_rule *rule,
                    enum circuit_pass pass, int64_t now_ms);
/* It ended without telling anything, say, canceled. */
void circuit_left(struct circuit *circuit, enum circuit_pass pass);

/* For how long the next request is held back; 0: it may go. */
int64_t circuit_held_ms(const struct circuit *circuit, const struct circuit_rule *rule,
                        int64_t now_ms);

#endif
