#ifndef MOCK_ITA_WIRE_ROUTE_H
#define MOCK_ITA_WIRE_ROUTE_H

/* Which action of the wire profile a request asks for, told by its method and target. Pure. */

#include "profile/profile.h"

/* Where the mock keeps its recordings, whatever the profile says. */
#define MOCK_PATH_AUDIO "/recordings/"

/* Refuses a profile that some request would fit twice; the fault names the JSON path. A variable in
 * a target stands for bytes other than '/', '?' and '&'. Of paths of which it cannot be told easily
 * it is said that they overlap. */
MUST_CHECK enum status mock_routes_check(const struct profile *profile, struct fault *fault);

/* Sets the values of the variables in the target, as they stand there: percent-encoded. The path
 * and the names and order of parameters must be the profile's; where it has no parameters, others
 * may stand there: *has_others. ERR_NOT_FOUND when no action has such a method and target. */
MUST_CHECK enum status mock_route_find(const struct profile *profile, struct str method,
                                       struct str target, enum profile_action *action,
                                       struct profile_values *values, bool *has_others);

#endif
