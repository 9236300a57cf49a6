#ifndef GATEWAY_CALL_END_CALL_H
#define GATEWAY_CALL_END_CALL_H

#include <stdbool.h>
#include <stdint.h>

struct gateway;

/* The end of a call that the ITA may have placed. */
struct call_end {
    int64_t tenant_id, serial;
    int64_t at_ms;    /* wall time at which it was learnt */
    bool is_answered; /* by the customer */
    int64_t cause;    /* Q.850; -1: not known */
};
/* It is on disk: its users rest on X from now on, and it is counted and told, but not counted again
 * when its lease had ended it before. */
void end_call(struct gateway *gateway, const struct call_end *end);

#endif
