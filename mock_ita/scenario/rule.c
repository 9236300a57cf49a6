#include "mock_ita/scenario/rule.h"

#include <assert.h>
#include <stdio.h>

#include "base/mem.h"

static const char *const actions[] = {
#define X(name, text) text,
    MOCK_ACTION_MAP(X)
#undef X
        NULL};

static const char *const connections[] = {
#define X(name, text) text,
    MOCK_CONNECTION_MAP(X)
#undef X
        NULL};

const char *mock_connection_text(enum mock_connection connection)
{
    return connections[connection];
}

const char *mock_action_text(enum mock_action action)
{
    return actions[action];
}

/* --- Which requests --- */

static enum status read_pattern(const struct mock_value *value, void *out)
{
    struct str pattern = json_string(value->json);
    bool is_good = pattern.len > 0 && pattern.len <= MOCK_RULE_PATTERN_MAX;
    for (size_t i = 0; i < pattern.len; i++)
        is_good = is_good && strchr("0123456789+*?", pattern.ptr[i]) != NULL;
    if (!is_good)
        return mock_value_refuse(
            value, "must be a string of 1 to %d digits, '*' for any of them, '?' for one, or '+'",
            MOCK_RULE_PATTERN_MAX);
    *(struct str *)out = pattern;
    return OK;
}

#define WHICH(type, which)                                                                         \
    {"nth", MOCK_MEMBER_WHOLE, offsetof(type, which.nth), .min = 1, .max = JSON_WHOLE_MAX},        \
        {"from", MOCK_MEMBER_WHOLE, offsetof(type, which.from), .min = 1, .max = JSON_WHOLE_MAX},  \
        {"every", MOCK_MEMBER_WHOLE, offsetof(type, which.every), .min = 1,                        \
         .max = JSON_WHOLE_MAX},                                                                   \
        {"times", MOCK_MEMBER_WHOLE, offsetof(type, which.times), .min = 1,                        \
         .max = JSON_WHOLE_MAX},                                                                   \
    {                                                                                              \
        "probability", MOCK_MEMBER_NUMBER, offsetof(type, which.probability), .min = 0, .max = 1   \
    }

static enum status check_which(const struct mock_value *value, const struct mock_which *which)
{
    if (which->nth != 0 && (which->from != 0 || which->every != 0 || which->times != 0)) {
        struct mock_value nth = mock_value_member(value, "nth");
        return mock_value_refuse(&nth, "excludes from, every and times");
    }
    return OK;
}

static enum status read_match(const struct mock_value *value, void *out)
{
#define PATTERN(name, field)                                                                       \
    {                                                                                              \
        name, MOCK_MEMBER_OWN, offsetof(struct mock_match, field), .read = read_pattern            \
    }
    static const struct mock_member members[] = {
        {"action", MOCK_MEMBER_CHOICE, offsetof(struct mock_match, action), .choices = actions},
        PATTERN("telA", tel_a),
        PATTERN("telB", tel_b),
        PATTERN("telX", tel_x),
        WHICH(struct mock_match, which),
    };
    struct mock_match *match = out;
    enum status status = mock_value_read(value, members, COUNT_OF(members), match);
    return status == OK ? check_which(value, &match->which) : status;
}

/* --- Names --- */

/* It stands in the journal and in HTTP answers. */
static enum status check_name(const struct mock_value *value, struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == '\x7f')
            return mock_value_refuse(value, "must not hold control characters");
    return OK;
}

/* A rule without a name is told apart by its place. */
static void name_by_place(const struct mock_value *value,
                          char out[static MOCK_RULE_DEFAULT_NAME_SIZE], struct str *name)
{
    if (name->len > 0)
        return;
    int len = snprintf(out, MOCK_RULE_DEFAULT_NAME_SIZE, "/%s/%zu", json_name(value->outer->json),
                       value->index);
    assert(len < MOCK_RULE_DEFAULT_NAME_SIZE);
    *name = str_from(out, (size_t)len);
}

#define NAMES(type)                                                                                \
    {"name", MOCK_MEMBER_TEXT, offsetof(type, name), .min = 1, .max = MOCK_RULE_NAME_MAX},         \
    {                                                                                              \
        "description", MOCK_MEMBER_TEXT, offsetof(type, description),                              \
            .max = MOCK_RULE_DESCRIPTION_MAX                                                       \
    }

/* --- The rule --- */

/* A call that is not placed has no course, and what is told of it depends on who places it. */
static enum status check_rule(const struct mock_value *value, const struct mock_rule *rule)
{
    static const struct {
        const char *name, *needs;
        bool is_of_ita, is_of_aicc;
    } of_calls[] = {
        {"call", "place or createCall", true, true},
        {"cdr", "place", true, false},
        {"callbacks", "createCall", false, true},
        {"lag", "createCall", false, true},
    };
    const struct mock_answer *answer = &rule->script.answer;
    bool is_of_ita = rule->match.action == MOCK_ACTION_PLACE;
    bool is_of_aicc = rule->match.action == MOCK_ACTION_CREATE_CALL;
    for (size_t i = 0; i < COUNT_OF(of_calls); i++) {
        struct mock_value member = mock_value_member(value, of_calls[i].name);
        bool fits = (is_of_ita && of_calls[i].is_of_ita) || (is_of_aicc && of_calls[i].is_of_aicc);
        if (member.json != NULL && !fits)
            return mock_value_refuse(&member, "needs the action %s", of_calls[i].needs);
        if (member.json != NULL && (answer->refusal != MOCK_OK || answer->is_undone))
            return mock_value_refuse(&member, "there is no call: the answer places none");
    }
    struct mock_value name = mock_value_member(value, "name");
    return check_name(&name, rule->name);
}

enum status mock_rule_read(const struct mock_value *value, struct mock_rule *out)
{
    static const struct mock_member members[] = {
        NAMES(struct mock_rule),
        {"match", MOCK_MEMBER_OWN, offsetof(struct mock_rule, match), .read = read_match},
        {"answer", MOCK_MEMBER_OWN, .read = mock_rule_read_answer},
        {"fault", MOCK_MEMBER_OWN, .read = mock_rule_read_fault},
        {"call", MOCK_MEMBER_OWN, .read = mock_rule_read_call},
        {"cdr", MOCK_MEMBER_OWN, .read = mock_rule_read_cdr},
        {"callbacks", MOCK_MEMBER_OWN, .read = mock_rule_read_callbacks},
        {"lag", MOCK_MEMBER_OWN, .read = mock_rule_read_lag},
    };
    out->match.which.probability = 1;
    out->script = mock_script_ordinary();
    mock_rule_set_outcome(out, MOCK_OUTCOME_ANSWERED);
    enum status status = mock_value_read(value, members, COUNT_OF(members), out);
    if (status == OK)
        status = check_rule(value, out);
    if (status == OK)
        name_by_place(value, out->default_name, &out->name);
    return status;
}

void mock_rule_finish(struct mock_rule *rule)
{
    mem_free(rule->json_body);
    rule->json_body = NULL;
}

enum status mock_connection_rule_read(const struct mock_value *value,
                                      struct mock_connection_rule *out)
{
    static const struct mock_member members[] = {
        NAMES(struct mock_connection_rule),
        WHICH(struct mock_connection_rule, which),
        {"fault", MOCK_MEMBER_CHOICE, offsetof(struct mock_connection_rule, fault),
         .choices = connections},
    };
    out->which.probability = 1;
    enum status status = mock_value_read(value, members, COUNT_OF(members), out);
    if (status == OK)
        status = check_which(value, &out->which);
    if (status == OK) {
        struct mock_value name = mock_value_member(value, "name");
        status = check_name(&name, out->name);
    }
    if (status == OK)
        name_by_place(value, out->default_name, &out->name);
    return status;
}
