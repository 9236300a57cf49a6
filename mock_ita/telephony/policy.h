#ifndef MOCK_ITA_TELEPHONY_POLICY_H
#define MOCK_ITA_TELEPHONY_POLICY_H

/* What the platform lets its customer do, apart from X numbers: lists of forbidden numbers, and
 * limits. Pure.
 *
 * | refused with | when |
 * |---|---|
 * | 90104029 Too Many Requests | per_second calls were accepted within this second of the clock |
 * | 90102001 Insufficient Balance | the balance, counted in calls, is used up |
 * | 90102002 Request Restriction | running_max calls run |
 * | 90106011 Caller Forbid | telA is on the callers' list |
 * | 90106012 Callee forbid | telB is on the callees' list |
 * | 90106010 Policy Forbid | telA or telB is on the policy's list |
 *
 * They are looked at in this order. Only accepted calls count. */

#include "base/fault.h"
#include "mock_ita/scenario/code.h"

enum mock_forbidden {
    MOCK_FORBIDDEN_CALLER,
    MOCK_FORBIDDEN_CALLEE,
    MOCK_FORBIDDEN_POLICY,
    MOCK_FORBIDDEN_LISTS,
};

enum {
    MOCK_FORBIDDEN_MAX = 1000, /* patterns of one list: each call is held against all of them */
    MOCK_UNLIMITED = -1,
};

struct mock_limits { /* each may be MOCK_UNLIMITED, as all are at first */
    int64_t per_second, balance, running_max;
};

struct mock_policy;

struct mock_policy *mock_policy_create(void);
void mock_policy_destroy(struct mock_policy *policy); /* takes NULL */
/* Forbids nothing, limits nothing. */
void mock_policy_reset(struct mock_policy *policy);

/* A pattern is a number in which '?' stands for one character and '*' for any, also none.
 * ERR_INVALID, ERR_EXISTS, ERR_EXHAUSTED. */
MUST_CHECK enum status mock_policy_forbid(struct mock_policy *policy, enum mock_forbidden list,
                                          struct str pattern, struct fault *fault);
/* Takes a pattern off the list. ERR_NOT_FOUND. */
MUST_CHECK enum status mock_policy_permit(struct mock_policy *policy, enum mock_forbidden list,
                                          struct str pattern, struct fault *fault);
/* The patterns of a list in no order, counted from 0; ptr NULL behind the last. */
struct str mock_policy_pattern(const struct mock_policy *policy, enum mock_forbidden list,
                               size_t index);
/* Each MOCK_UNLIMITED, or 0 and more. */
void mock_policy_set_limits(struct mock_policy *policy, const struct mock_limits *limits);
/* The balance is what is left of it. */
const struct mock_limits *mock_policy_limits(const struct mock_policy *policy);

/* MOCK_OK, or the code of the first rule that is against it. */
enum mock_code mock_policy_check_numbers(const struct mock_policy *policy, struct str tel_a,
                                         struct str tel_b);
enum mock_code mock_policy_check_call(const struct mock_policy *policy, struct str tel_a,
                                      struct str tel_b, size_t running, int64_t now_ms);
/* A call was accepted. */
void mock_policy_count_call(struct mock_policy *policy, int64_t now_ms);

#endif
