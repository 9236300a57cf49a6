#ifndef GATEWAY_TRIALS_H
#define GATEWAY_TRIALS_H

/* How many calls a trial tenant has placed today (agent-api.md, section 5: retCode 21). Only trial
 * tenants are in here. What the ITA surely did not place does not count. Pure: the clock is passed
 * in; after a restart the last calls come from the store. */

#include <stdbool.h>

#include "gateway/model/tenant.h"

struct trials;

struct trials *trials_create(void);
void trials_destroy(struct trials *trials); /* takes NULL */
/* The tenant as it was read from the store. Of one that is in here already the store knows no more
 * than this does. */
void trials_set(struct trials *trials, const struct tenant *tenant);
/* Counts a call that begins now; false when there were TRIAL_CALLS_A_DAY since the day began, in a
 * zone offset_s seconds east of UTC. A tenant that is not in here has no limit. */
bool trials_begin(struct trials *trials, int64_t tenant_id, int64_t now_ms, int32_t offset_s);
/* The call of that time was not placed. */
void trials_give_back(struct trials *trials, int64_t tenant_id, int64_t begun_ms);

#endif
