#ifndef MOCK_ITA_SCENARIO_SCENARIO_H
#define MOCK_ITA_SCENARIO_SCENARIO_H

/* A scenario: rules that say what the mock does with which request and connection, parsed from JSON
 * (README.md, "Scenarios"). Immutable, shared by reference count within one thread; what changes
 * while it plays is the chooser's (chooser.h). Pure. */

#include "base/buf.h"
#include "base/fault.h"
#include "mock_ita/scenario/script.h"

enum {
    MOCK_SCENARIO_TEXT_MAX = 256 * 1024, /* a thousand times a usual one: bounds what is kept */
    MOCK_SCENARIO_RULES_MAX = 256,       /* of requests, and of connections: each request is held
                                            against all of them */
};

struct mock_scenario;

/* The fault names the JSON path of the fault and the rule that it breaks:
 * "/rules/2/answer/delay: must be ...". On OK the caller owns a reference to *out. */
MUST_CHECK enum status mock_scenario_parse(struct str text, struct mock_scenario **out,
                                           struct fault *fault);
/* The same from a file, whose path stands before the fault. Blocking. */
MUST_CHECK enum status mock_scenario_read(const char *path, struct mock_scenario **out,
                                          struct fault *fault);
struct mock_scenario *mock_scenario_hold(struct mock_scenario *scenario); /* takes NULL */
void mock_scenario_release(struct mock_scenario *scenario);               /* takes NULL */

struct str mock_scenario_text(const struct mock_scenario *scenario); /* as it was parsed */
/* Whether it says anything about them. */
bool mock_scenario_has_connections(const struct mock_scenario *scenario);
/* False: connections are refused by the kernel for as long as the scenario is loaded. */
bool mock_scenario_is_listening(const struct mock_scenario *scenario);

#endif
