#ifndef MOCK_ITA_CONTROL_BODY_H
#define MOCK_ITA_CONTROL_BODY_H

/* What the bodies of the control API say. A fault names the JSON path and the rule that is broken,
 * "/match/telA: must be a string"; unknown members are faults. Texts are borrowed from the JSON;
 * those that are absent have ptr NULL. Pure. */

#include "mock_ita/journal.h"
#include "mock_ita/keys.h"
#include "mock_ita/telephony/call.h"
#include "mock_ita/telephony/policy.h"

/* A whole number that is not there; no member may have this one. */
#define CONTROL_ABSENT INT64_MIN

enum control_switch { CONTROL_SWITCH_ABSENT, CONTROL_SWITCH_NO, CONTROL_SWITCH_YES };

/* POST /keys {"accessKey","secretKey","appKey"}: their own rules are those of keys.h. */
MUST_CHECK enum status control_body_new_key(const struct json *body, struct mock_key_texts *out,
                                            struct fault *fault);

/* PATCH /keys/{accessKey} {"secretKey","appKey","locked"}, each optional; access_key is not set. */
struct control_key_change {
    struct mock_key_texts texts;
    enum control_switch is_locked;
};
MUST_CHECK enum status control_body_key_change(const struct json *body,
                                               struct control_key_change *out, struct fault *fault);

/* PATCH /aicc/app-key {"appKey","appSecret"}, each optional; their rule is that of tokens.h. */
struct control_app_key {
    struct str app_key, app_secret;
};
MUST_CHECK enum status control_body_app_key(const struct json *body, struct control_app_key *out,
                                            struct fault *fault);

/* POST /x-numbers {"number"}. */
MUST_CHECK enum status control_body_x_number(const struct json *body, struct str *out,
                                             struct fault *fault);
/* PATCH /x-numbers/{number} {"blocked"}. */
MUST_CHECK enum status control_body_x_number_change(const struct json *body, bool *is_blocked,
                                                    struct fault *fault);

/* PATCH /clock {"frozen","advance":"15m"} or {"frozen","now":"2030-01-01T00:00:00Z"}. */
struct control_clock {
    enum control_switch is_frozen;
    int64_t advance_ms, now_ms; /* CONTROL_ABSENT: not asked for; at most one of them is */
};
MUST_CHECK enum status control_body_clock(const struct json *body, struct control_clock *out,
                                          struct fault *fault);

/* POST /requests/verify {"match":{"telA":...,"status":N,"since":N},"count":{"exactly":N}};
 * "atLeast" and "atMost" instead, or both of them. Without a count: at least one. */
struct control_verify {
    struct mock_match match;
    uint64_t at_least, at_most;
};
MUST_CHECK enum status control_body_verify(const struct json *body, struct control_verify *out,
                                           struct fault *fault);

/* POST /calls/{callID}/legs/{leg}/hang-up {"cause":17}: 0 when absent. Takes NULL: no body. */
MUST_CHECK enum status control_body_hang_up(const struct json *body, int *cause,
                                            struct fault *fault);

/* POST /calls/{callID}/cdr {"signature":"wrong","tries":N,"contradictory":true,
 * "unknownMembers":true}, each optional. Takes NULL: no body. */
MUST_CHECK enum status control_body_cdr(const struct json *body, struct mock_push_script *out,
                                        struct fault *fault);

/* POST /bindings/{subId}/dial {"from":"a"}. */
MUST_CHECK enum status control_body_dial(const struct json *body, enum mock_side *out,
                                         struct fault *fault);

/* PUT /policy {"callers":[...],"callees":[...],"anyone":[...],"perSecond":N,"balance":N,
 * "running":N}: the patterns of policy.h are checked by the policy; what is absent or null does not
 * limit. */
struct control_policy {
    const struct json *lists[MOCK_FORBIDDEN_LISTS]; /* arrays of strings, or NULL */
    struct mock_limits limits;
};
MUST_CHECK enum status control_body_policy(const struct json *body, struct control_policy *out,
                                           struct fault *fault);

#endif
