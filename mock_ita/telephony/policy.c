#include "mock_ita/telephony/policy.h"

#include <assert.h>

#include "base/mem.h"
#include "mock_ita/scenario/pattern.h"
#include "mock_ita/telephony/order.h"

enum { CAP_FIRST = 16, SECOND_MS = 1000 };

struct forbidden {
    char **patterns;
    size_t count, cap;
};

struct mock_policy {
    struct forbidden lists[MOCK_FORBIDDEN_LISTS];
    struct mock_limits limits;
    int64_t second, calls_in_second; /* of the clock, since 1970 */
};

struct mock_policy *mock_policy_create(void)
{
    struct mock_policy *policy = NEW(struct mock_policy);
    mock_policy_reset(policy);
    return policy;
}

void mock_policy_reset(struct mock_policy *policy)
{
    for (size_t list = 0; list < MOCK_FORBIDDEN_LISTS; list++) {
        for (size_t i = 0; i < policy->lists[list].count; i++)
            mem_free(policy->lists[list].patterns[i]);
        mem_free(policy->lists[list].patterns);
    }
    *policy = (struct mock_policy){.limits = {MOCK_UNLIMITED, MOCK_UNLIMITED, MOCK_UNLIMITED}};
}

void mock_policy_destroy(struct mock_policy *policy)
{
    if (policy == NULL)
        return;
    mock_policy_reset(policy);
    mem_free(policy);
}

/* --- Forbidden numbers --- */

static bool is_pattern(struct str pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        bool is_good = (c >= '0' && c <= '9') || c == '?' || c == '*' || (c == '+' && i == 0);
        if (!is_good)
            return false;
    }
    return pattern.len > 0 && pattern.len <= MOCK_NUMBER_MAX;
}

/* The index of the pattern, or list->count. */
static size_t find(const struct forbidden *list, struct str pattern)
{
    size_t i = 0;
    while (i < list->count && !str_is(str_of(list->patterns[i]), pattern))
        i++;
    return i;
}

enum status mock_policy_forbid(struct mock_policy *policy, enum mock_forbidden which,
                               struct str pattern, struct fault *fault)
{
    struct forbidden *list = &policy->lists[which];
    if (!is_pattern(pattern))
        return fault_set(fault, ERR_INVALID,
                         "pattern: must be 1 to %d digits, '?' and '*', with an optional '+'",
                         MOCK_NUMBER_MAX);
    if (find(list, pattern) < list->count)
        return fault_set(fault, ERR_EXISTS, "pattern: is on the list already");
    if (list->count == MOCK_FORBIDDEN_MAX)
        return fault_set(fault, ERR_EXHAUSTED, "pattern: there are %d on the list already",
                         MOCK_FORBIDDEN_MAX);
    if (list->count == list->cap) {
        list->cap = list->cap == 0 ? CAP_FIRST : list->cap * 2;
        list->patterns = mem_resize(list->patterns, list->cap * sizeof(char *));
    }
    list->patterns[list->count++] = str_copy(pattern);
    return OK;
}

enum status mock_policy_permit(struct mock_policy *policy, enum mock_forbidden which,
                               struct str pattern, struct fault *fault)
{
    struct forbidden *list = &policy->lists[which];
    size_t index = find(list, pattern);
    if (index == list->count)
        return fault_set(fault, ERR_NOT_FOUND, "pattern: is not on the list");
    mem_free(list->patterns[index]);
    list->patterns[index] = list->patterns[--list->count];
    return OK;
}

struct str mock_policy_pattern(const struct mock_policy *policy, enum mock_forbidden which,
                               size_t index)
{
    const struct forbidden *list = &policy->lists[which];
    return index < list->count ? str_of(list->patterns[index]) : (struct str){0};
}

static bool is_forbidden(const struct mock_policy *policy, enum mock_forbidden which,
                         struct str number)
{
    const struct forbidden *list = &policy->lists[which];
    for (size_t i = 0; i < list->count; i++)
        if (mock_pattern_fits(str_of(list->patterns[i]), number))
            return true;
    return false;
}

enum mock_code mock_policy_check_numbers(const struct mock_policy *policy, struct str tel_a,
                                         struct str tel_b)
{
    if (is_forbidden(policy, MOCK_FORBIDDEN_CALLER, tel_a))
        return MOCK_CALLER_FORBID;
    if (is_forbidden(policy, MOCK_FORBIDDEN_CALLEE, tel_b))
        return MOCK_CALLEE_FORBID;
    if (is_forbidden(policy, MOCK_FORBIDDEN_POLICY, tel_a) ||
        is_forbidden(policy, MOCK_FORBIDDEN_POLICY, tel_b))
        return MOCK_POLICY_FORBID;
    return MOCK_OK;
}

/* --- Limits --- */

void mock_policy_set_limits(struct mock_policy *policy, const struct mock_limits *limits)
{
    assert(limits->per_second >= MOCK_UNLIMITED && limits->balance >= MOCK_UNLIMITED &&
           limits->running_max >= MOCK_UNLIMITED);
    policy->limits = *limits;
}

const struct mock_limits *mock_policy_limits(const struct mock_policy *policy)
{
    return &policy->limits;
}

static bool is_reached(int64_t limit, int64_t count)
{
    return limit != MOCK_UNLIMITED && count >= limit;
}

enum mock_code mock_policy_check_call(const struct mock_policy *policy, struct str tel_a,
                                      struct str tel_b, size_t running, int64_t now_ms)
{
    const struct mock_limits *limits = &policy->limits;
    bool is_same_second = now_ms / SECOND_MS == policy->second;
    if (is_reached(limits->per_second, is_same_second ? policy->calls_in_second : 0))
        return MOCK_TOO_MANY_REQUESTS;
    if (limits->balance == 0)
        return MOCK_INSUFFICIENT_BALANCE;
    if (is_reached(limits->running_max, (int64_t)running))
        return MOCK_REQUEST_RESTRICTION;
    return mock_policy_check_numbers(policy, tel_a, tel_b);
}

void mock_policy_count_call(struct mock_policy *policy, int64_t now_ms)
{
    if (now_ms / SECOND_MS != policy->second) {
        policy->second = now_ms / SECOND_MS;
        policy->calls_in_second = 0;
    }
    policy->calls_in_second++;
    if (policy->limits.balance > 0)
        policy->limits.balance--;
}
