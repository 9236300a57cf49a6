#include "base/mem.h"
#include "mock_ita/scenario/rule.h"

/* The members "call" and "cdr" of a rule. */

enum {
    CAUSE_MIN = 1,   /* 0 is none: in call.h the usual one of the event */
    CAUSE_MAX = 127, /* seven bits (Q.850, 2.2.5) */
    TRIES_MAX = 100,
    OVERTAKERS_MAX = 100,
};

/* --- How the call goes --- */

static const char *const outcomes[] = {
#define X(name, text) text,
    MOCK_OUTCOME_MAP(X)
#undef X
        NULL};

void mock_rule_set_outcome(struct mock_rule *rule, enum mock_outcome outcome)
{
    struct mock_call_script usual = mock_call_script_of(outcome), *call = &rule->script.call;
    call->a_answers = usual.a_answers;
    call->b_answers = usual.b_answers;
    call->release_cause = usual.release_cause;
    rule->a_rings = mock_spread_fixed(usual.a_rings_ms);
    rule->b_rings = mock_spread_fixed(usual.b_rings_ms);
    rule->talk = mock_spread_fixed(usual.talk_ms);
}

static enum status read_outcome(const struct mock_value *value, void *rule)
{
    enum mock_outcome outcome;
    enum status status = mock_value_choice(value, outcomes, &outcome);
    if (status == OK)
        mock_rule_set_outcome(rule, outcome);
    return status;
}

/* Read before all others, which change what it says. */
static enum status read_nothing(const struct mock_value *value, void *rule)
{
    (void)value, (void)rule;
    return OK;
}

static enum status read_hangs_up(const struct mock_value *value, void *rule)
{
    static const char *const sides[] = {"A", "B", NULL};
    unsigned side = 0;
    enum status status = mock_value_choice(value, sides, &side);
    ((struct mock_rule *)rule)->script.call.a_hangs_up = side == 0;
    return status;
}

static enum status read_release_cause(const struct mock_value *value, void *rule)
{
    int64_t cause = 0;
    enum status status = mock_value_whole(value, CAUSE_MIN, CAUSE_MAX, &cause);
    ((struct mock_rule *)rule)->script.call.release_cause = (int)cause;
    return status;
}

/* What does not come to pass must not be given. */
static enum status check_call(const struct mock_value *value, const struct mock_call_script *call)
{
    const struct {
        const char *name, *rule;
        bool comes;
    } members[] = {
        {"bRings", "A does not answer", call->a_answers},
        {"talks", "they do not talk", call->b_answers},
        {"hangsUp", "they do not talk", call->b_answers},
    };
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        struct mock_value member = mock_value_member(value, members[i].name);
        if (member.json != NULL && !members[i].comes)
            return mock_value_refuse(&member, "has no effect: %s", members[i].rule);
    }
    return OK;
}

enum status mock_rule_read_call(const struct mock_value *value, void *rule)
{
    static const struct mock_member members[] = {
        {"outcome", MOCK_MEMBER_OWN, .read = read_nothing},
        {"aRings", MOCK_MEMBER_OWN, offsetof(struct mock_rule, a_rings), .read = mock_spread_read},
        {"bRings", MOCK_MEMBER_OWN, offsetof(struct mock_rule, b_rings), .read = mock_spread_read},
        {"talks", MOCK_MEMBER_OWN, offsetof(struct mock_rule, talk), .read = mock_spread_read},
        {"hangsUp", MOCK_MEMBER_OWN, .read = read_hangs_up},
        {"releaseCause", MOCK_MEMBER_OWN, .read = read_release_cause},
    };
    struct mock_value outcome = mock_value_member(value, "outcome");
    enum status status = outcome.json == NULL ? OK : read_outcome(&outcome, rule);
    if (status == OK)
        status = mock_value_read(value, members, COUNT_OF(members), rule);
    if (status == OK)
        status = check_call(value, &((struct mock_rule *)rule)->script.call);
    return status;
}

/* --- What is pushed of it --- */

static const char *const signatures[] = {
    [MOCK_PUSH_SIGNED] = "good",
    [MOCK_PUSH_WRONG] = "wrong",
    [MOCK_PUSH_EXPIRED] = "expired",
    [MOCK_PUSH_UNSIGNED] = "none",
    NULL,
};

/* Pushes as they are written: of a call's end, or of its connection. */
struct written_pushes {
    struct mock_push_script *scripts;
    struct mock_spread *delays;
    int *count;
};

struct written_push {
    struct mock_spread delay;
    int64_t overtakers;
    enum mock_push_signature signature;
    bool is_contradictory, has_unknown_members;
};

static enum status add_push(const struct mock_value *value, const struct written_push *written,
                            struct written_pushes *pushes)
{
    int place = *pushes->count;
    if (written->is_contradictory && place == 0) {
        struct mock_value member = mock_value_member(value, "contradictory");
        return mock_value_refuse(&member, "there is no push before it to contradict");
    }
    pushes->delays[place] = written->delay;
    pushes->scripts[place] = (struct mock_push_script){
        .overtakers = (uint8_t)written->overtakers,
        .signature = (uint8_t)written->signature,
        .is_contradictory = written->is_contradictory,
        .has_unknown_members = written->has_unknown_members,
    };
    ++*pushes->count;
    return OK;
}

#define AT(field) .offset = offsetof(struct written_push, field)

static enum status read_push(const struct mock_value *value, void *pushes)
{
    static const struct mock_member members[] = {
        {"delay", MOCK_MEMBER_OWN, AT(delay), .read = mock_spread_read},
        {"overtakenBy", MOCK_MEMBER_WHOLE, AT(overtakers), .max = OVERTAKERS_MAX},
        {"signature", MOCK_MEMBER_CHOICE, AT(signature), .choices = signatures},
        {"contradictory", MOCK_MEMBER_SWITCH, AT(is_contradictory)},
        {"unknownMembers", MOCK_MEMBER_SWITCH, AT(has_unknown_members)},
    };
    struct written_push written = {0};
    enum status status = mock_value_read(value, members, COUNT_OF(members), &written);
    return status == OK ? add_push(value, &written, pushes) : status;
}

/* It tells of no end: nothing in it could be contradicted, and whom it lets pass is `delay`. */
static enum status read_connection(const struct mock_value *value, void *pushes)
{
    static const struct mock_member members[] = {
        {"delay", MOCK_MEMBER_OWN, AT(delay), .read = mock_spread_read},
        {"signature", MOCK_MEMBER_CHOICE, AT(signature), .choices = signatures},
        {"unknownMembers", MOCK_MEMBER_SWITCH, AT(has_unknown_members)},
    };
    struct written_push written = {0};
    enum status status = mock_value_read(value, members, COUNT_OF(members), &written);
    return status == OK ? add_push(value, &written, pushes) : status;
}

#undef AT

/* What "cdr" and "callbacks" read into. */
struct written_telling {
    struct mock_rule *rule;
    int64_t tries;
};

static enum status read_pushes(const struct mock_value *value, void *telling)
{
    struct mock_rule *rule = ((struct written_telling *)telling)->rule;
    struct mock_call_script *call = &rule->script.call;
    struct written_pushes pushes = {call->pushes, rule->push_delays, &call->push_count};
    call->push_count = 0;
    return mock_value_read_items(value, MOCK_PUSHES_MAX, read_push, &pushes);
}

static enum status read_connections(const struct mock_value *value, void *telling)
{
    struct mock_rule *rule = ((struct written_telling *)telling)->rule;
    struct mock_call_script *call = &rule->script.call;
    struct written_pushes pushes = {call->connections, rule->connection_delays,
                                    &call->connection_count};
    call->connection_count = 0;
    return mock_value_read_items(value, MOCK_CONNECTION_PUSHES_MAX, read_connection, &pushes);
}

static enum status read_before_answer(const struct mock_value *value, void *telling)
{
    struct mock_rule *rule = ((struct written_telling *)telling)->rule;
    return mock_value_switch(value, &rule->script.answer.is_after_cdr);
}

static enum status read_wait(const struct mock_value *item, void *data)
{
    struct mock_call_script *call = data;
    int64_t ms = 0;
    enum status status = mock_value_duration(item, 0, MOCK_SPREAD_MAX_MS, &ms);
    if (status == OK)
        call->push_waits_ms[call->push_wait_count++] = (uint32_t)ms;
    return status;
}

static enum status read_waits(const struct mock_value *value, void *telling)
{
    return mock_value_read_items(value, MOCK_PUSH_WAITS_MAX, read_wait,
                                 &((struct written_telling *)telling)->rule->script.call);
}

static enum status read_telling(const struct mock_value *value, const struct mock_member *members,
                                size_t count, void *rule)
{
    struct written_telling telling = {.rule = rule, .tries = MOCK_PUSH_TRIES_DEFAULT};
    struct mock_call_script *call = &telling.rule->script.call;
    enum status status = mock_value_read(value, members, count, &telling);
    for (size_t i = 0; i < MOCK_PUSHES_MAX; i++)
        call->pushes[i].tries = (uint8_t)telling.tries;
    for (size_t i = 0; i < MOCK_CONNECTION_PUSHES_MAX; i++)
        call->connections[i].tries = (uint8_t)telling.tries;
    return status;
}

/* What both have. */
#define TELLING                                                                                    \
    {"beforeAnswer", MOCK_MEMBER_OWN, .read = read_before_answer},                                 \
        {"tries", MOCK_MEMBER_WHOLE, .offset = offsetof(struct written_telling, tries), .min = 1,  \
         .max = TRIES_MAX},                                                                        \
    {                                                                                              \
        "waits", MOCK_MEMBER_OWN, .read = read_waits                                               \
    }

enum status mock_rule_read_cdr(const struct mock_value *value, void *rule)
{
    static const struct mock_member members[] = {
        {"pushes", MOCK_MEMBER_OWN, .read = read_pushes},
        TELLING,
    };
    return read_telling(value, members, COUNT_OF(members), rule);
}

enum status mock_rule_read_callbacks(const struct mock_value *value, void *rule)
{
    static const struct mock_member members[] = {
        {"connection", MOCK_MEMBER_OWN, .read = read_connections},
        {"hangUp", MOCK_MEMBER_OWN, .read = read_pushes},
        TELLING,
    };
    return read_telling(value, members, COUNT_OF(members), rule);
}

/* --- What is told later than it happens --- */

static enum status read_lag(const struct mock_value *value, void *ms)
{
    int64_t lag_ms = 0;
    enum status status = mock_value_duration(value, 0, MOCK_SPREAD_MAX_MS, &lag_ms);
    *(uint32_t *)ms = (uint32_t)lag_ms;
    return status;
}

enum status mock_rule_read_lag(const struct mock_value *value, void *rule)
{
    static const struct mock_member members[] = {
        {"state", MOCK_MEMBER_OWN, offsetof(struct mock_call_script, state_lag_ms),
         .read = read_lag},
        {"record", MOCK_MEMBER_OWN, offsetof(struct mock_call_script, record_lag_ms),
         .read = read_lag},
    };
    return mock_value_read(value, members, COUNT_OF(members),
                           &((struct mock_rule *)rule)->script.call);
}
