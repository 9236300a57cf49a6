#ifndef GATEWAY_CALL_CEC_CALLS_H
#define GATEWAY_CALL_CEC_CALLS_H

/* The live calls that an AICC carries (type CEC). Nobody pushes a CDR of them: the AICC is asked
 * how each stands, less and less often, and at once when it says that there is news. What it tells
 * is stored, and so talking and the end come about, until then the lease holds. A call of unknown
 * outcome is not in here: nothing of ours in an AICC's records says which of them it is, and a
 * wrong one would tell its agent of another call's end. */

#include "gateway/registry.h"

struct gateway;
struct cec_calls;

struct cec_calls_options {
    int64_t first_ms, longest_ms; /* between two questions about a call */
    int64_t per_second_max;       /* questions about all calls */
};

struct cec_calls *cec_calls_create(struct gateway *gateway,
                                   const struct cec_calls_options *options);
/* A call that an AICC has accepted, with its callSerialNo in call_id. The contract by which it was
 * placed is held; NULL after a restart: the tenant's of that time serves. */
void cec_calls_add(struct cec_calls *self, const struct call_record *call,
                   struct contract *contract);
/* The AICC has news of its call: that is asked about soon. It may be none of ours. */
void cec_calls_hurry(struct cec_calls *self, int64_t tenant_id, struct str call_id);
/* Likewise, of the call with that serial of ours. */
void cec_calls_hurry_serial(struct cec_calls *self, int64_t serial);
/* The settings with which the AICC of that call is asked about it; borrowed for the moment. NULL:
 * it is none of these, or no AICC is set any more. */
struct contract *cec_calls_contract(const struct cec_calls *self, int64_t serial);
/* It has ended. It may be none of these. */
void cec_calls_forget(struct cec_calls *self, int64_t serial);
size_t cec_calls_count(const struct cec_calls *self);
/* Asks no more. What is under way ends by itself, counted by gateway_call_begins(). */
void cec_calls_stop(struct cec_calls *self); /* takes NULL */
/* When the loop has ended. */
void cec_calls_destroy(struct cec_calls *self); /* takes NULL */

#endif
