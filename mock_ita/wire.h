#ifndef MOCK_ITA_WIRE_H
#define MOCK_ITA_WIRE_H

/* Requests, read by the wire profile (docs/wire-profile.md): the reverse of what the gateway
 * writes. A request must be one that the profile's templates can have made, each variable with a
 * value as ita-api.md allows it; all that is wrong with it is listed. Pure. */

#include "base/fault.h"
#include "mock_ita/scenario/code.h"
#include "mock_ita/telephony/order.h"
#include "mock_ita/violation.h"
#include "mock_ita/wire_rule.h"
#include "net/http_server.h"

/* One request. Zero before mock_wire_route(). */
struct mock_wire {
    enum profile_action action;
    struct profile_values values;       /* borrowed from below; ptr NULL: the request has none */
    char *of_target[PROFILE_VARIABLES]; /* values that stood in the target, decoded */
    bool has_other_parameters;          /* than the profile, which has none for this action */
    struct json *json;
    struct mock_violations violations;
    struct mock_violations notes; /* let pass */
};

/* What the mock cannot serve though the gateway could use it: two actions that one request would
 * fit, a query by nothing that it keeps, variables that cannot be told apart. The fault names the
 * JSON path. */
MUST_CHECK enum status mock_wire_check(const struct profile *profile, struct fault *fault);

/* Finds the action that the request is for; ERR_NOT_FOUND when there is none. */
MUST_CHECK enum status mock_wire_route(const struct profile *profile,
                                       const struct http_request *request, struct mock_wire *out);

struct mock_wire_options {
    struct mock_rules rules;
    bool notes_unknown_members; /* and parameters; instead of refusing them: what a real ITA does is
                                   not public */
};

/* After mock_wire_route(). MOCK_OK, MOCK_BAD_REQUEST for what is no JSON object,
 * MOCK_INVALID_PARAMETER for one that breaks rules; `violations` tells which. */
MUST_CHECK enum mock_code mock_wire_read(struct mock_wire *wire,
                                         const struct mock_wire_options *options,
                                         const struct http_request *request);
void mock_wire_finish(struct mock_wire *wire);

/* What a good request for PLACE or BINDING orders, borrowed from it. */
struct mock_order mock_wire_order(const struct mock_wire *wire, const struct profile *profile,
                                  struct str access_key);
struct mock_binding_order mock_wire_binding_order(const struct mock_wire *wire,
                                                  const struct profile *profile,
                                                  struct str access_key);

#endif
