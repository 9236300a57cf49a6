#ifndef MOCK_ITA_SCENARIO_RULE_H
#define MOCK_ITA_SCENARIO_RULE_H

/* A scenario and its rules as they were written, before anything is drawn. Within this part only.
 */

#include "mock_ita/scenario/scenario.h"
#include "mock_ita/scenario/spread.h"

enum {
    MOCK_RULE_NAME_MAX = 64,
    MOCK_RULE_DESCRIPTION_MAX = 1024,
    MOCK_RULE_PATTERN_MAX = 32, /* a number has at most 24 */
    MOCK_RULE_HEADERS_MAX = 16,
    MOCK_RULE_HEADER_MAX = 1024,
    MOCK_RULE_DEFAULT_NAME_SIZE = 24, /* "/connections/255" */
};

/* The wire profile's names, and those of the interfaces of an AICC (agent-api.md). */
#define MOCK_ACTION_MAP(X)                                                                         \
    X(PLACE, "place")                                                                              \
    X(RELEASE, "release")                                                                          \
    X(QUERY, "query")                                                                              \
    X(RECORDING, "recording")                                                                      \
    X(BINDING, "binding")                                                                          \
    X(UNBINDING, "unbinding")                                                                      \
    X(BINDING_RECORDING, "bindingRecording")                                                       \
    X(TOKEN, "tokenByAkSk")                                                                        \
    X(CREATE_CALL, "createCall")                                                                   \
    X(CALL_STATE, "queryCallState")                                                                \
    X(CALL_RECORDS, "queryCallDetailRecord")                                                       \
    X(RECORDING_ADDRESS, "getRecordingAddress")                                                    \
    X(RELEASE_CALL, "releaseCall")                                                                 \
    X(ANY, "any")

enum mock_action {
#define X(name, text) MOCK_ACTION_##name,
    MOCK_ACTION_MAP(X)
#undef X
};

/* Which of the requests that fit the patterns, or of the connections, are meant; counted from 1. */
struct mock_which {
    int64_t nth;         /* this one; 0: any */
    int64_t from, every; /* from this one on each so manieth; 0: not said */
    int64_t times;       /* at most so many; 0: no limit */
    double probability;
};

struct mock_match {
    enum mock_action action;
    struct str tel_a, tel_b, tel_x; /* patterns (pattern.h); ptr NULL: any */
    struct mock_which which;
};

/* Not to be moved: the script points into it. */
struct mock_rule {
    struct str name;
    struct str description; /* for people; may be empty */
    struct mock_match match;
    struct mock_script script; /* but for what is drawn: */
    struct mock_spread delay, a_rings, b_rings, talk, push_delays[MOCK_PUSHES_MAX];
    struct mock_spread connection_delays[MOCK_CONNECTION_PUSHES_MAX];
    char *json_body; /* NULL: none */
    struct mock_header headers[MOCK_RULE_HEADERS_MAX];
    char default_name[MOCK_RULE_DEFAULT_NAME_SIZE];
};

struct mock_connection_rule {
    struct str name, description;
    struct mock_which which;
    enum mock_connection fault;
    char default_name[MOCK_RULE_DEFAULT_NAME_SIZE];
};

struct mock_scenario {
    int references;
    char *text;        /* as it was parsed */
    struct json *json; /* what all borrow from */
    struct str name, description;
    int64_t seed;
    bool is_listening, has_magic_numbers;
    struct mock_rule *rules;
    size_t rule_count;
    struct mock_connection_rule *connections;
    size_t connection_count;
};

/* Each takes a zeroed rule, which borrows its text from the value's document. The caller ends it
 * with mock_rule_finish(), after a fault as well; a connection's rule needs no end. */
MUST_CHECK enum status mock_rule_read(const struct mock_value *value, struct mock_rule *out);
void mock_rule_finish(struct mock_rule *rule);
MUST_CHECK enum status mock_connection_rule_read(const struct mock_value *value,
                                                 struct mock_connection_rule *out);

/* As at the usual pace of that outcome; pushes stay. */
void mock_rule_set_outcome(struct mock_rule *rule, enum mock_outcome outcome);
const char *mock_action_text(enum mock_action action);

/* The parts of a rule; `rule` is a struct mock_rule (value.h, MOCK_MEMBER_OWN). */
MUST_CHECK enum status mock_rule_read_answer(const struct mock_value *value, void *rule);
MUST_CHECK enum status mock_rule_read_fault(const struct mock_value *value, void *rule);
MUST_CHECK enum status mock_rule_read_call(const struct mock_value *value, void *rule);
MUST_CHECK enum status mock_rule_read_cdr(const struct mock_value *value, void *rule);
MUST_CHECK enum status mock_rule_read_callbacks(const struct mock_value *value, void *rule);
MUST_CHECK enum status mock_rule_read_lag(const struct mock_value *value, void *rule);

#endif
