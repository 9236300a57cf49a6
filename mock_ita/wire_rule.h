#ifndef MOCK_ITA_WIRE_RULE_H
#define MOCK_ITA_WIRE_RULE_H

/* What the value of each variable of the wire profile may be (ita-api.md). As strict as can be told
 * from outside: whatever the mock takes, every ITA should take. Pure. */

#include "profile/profile.h"

enum {
    MOCK_SUB_TIME_OFF_MAX_MS = 15 * 60 * 1000, /* either way, as for signatures (signing.md, 5) */
};

struct mock_rules {
    const struct profile *profile;
    struct str app_key; /* of the customer who signed */
    int64_t now_ms;
};

bool mock_rule_holds(const struct mock_rules *rules, enum profile_variable variable,
                     struct str value);
/* Appends what it must be, as "digits, 1 to 8". */
void mock_rule_append(const struct mock_rules *rules, enum profile_variable variable,
                      struct buf *out);
/* Whether a request for this action may leave the variable out. */
bool mock_rule_is_optional(const struct profile *profile, enum profile_action action,
                           enum profile_variable variable);

#endif
