#include "mock_ita/control_body.h"

#include "base/clock.h"
#include "base/mem.h"
#include "mock_ita/aicc/tokens.h"
#include "profile/profile.h"

enum {
    CAUSE_MAX = 127,       /* Q.850 (q850.md): seven bits */
    TRIES_MAX = UINT8_MAX, /* mock_push_script */
    PATH_SHOWN_MAX = 64,   /* of a member that nobody knows: its name may be anything */
};

enum member_kind { MEMBER_TEXT, MEMBER_SWITCH, MEMBER_WHOLE, MEMBER_DURATION, MEMBER_OTHER };

/* One member of an object, and the field that receives it. */
struct member {
    const char *name;
    enum member_kind kind;
    bool is_required;
    size_t offset;    /* struct str, enum control_switch, or int64_t twice */
    int64_t min, max; /* MEMBER_WHOLE */
};

#define FIELD(type, field) offsetof(struct type, field)
#define OPTIONAL(name, kind, offset)                                                               \
    {                                                                                              \
        name, kind, false, offset, 0, 0                                                            \
    }
#define REQUIRED(name, kind, offset)                                                               \
    {                                                                                              \
        name, kind, true, offset, 0, 0                                                             \
    }

/* --- Objects --- */

__attribute__((format(printf, 4, 5))) static enum status
refuse(struct fault *fault, const char *parent, const char *name, const char *rule, ...)
{
    char text[sizeof(fault->text)];
    struct buf out;
    va_list args;
    buf_init_fixed(&out, text, sizeof(text) - 1);
    va_start(args, rule);
    buf_format_v(&out, rule, args);
    va_end(args);
    return fault_set(fault, ERR_INVALID, "%s/%s: %.*s", parent, name, STR_ARGS(buf_str(&out)));
}

static const struct member *find(const struct member *members, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

static enum status refuse_unknown(const char *parent, const char *name,
                                  const struct member *members, size_t count, struct fault *fault)
{
    char path_text[PATH_SHOWN_MAX], text[128];
    struct buf path, names;
    buf_init_fixed(&path, path_text, sizeof(path_text));
    buf_append(&path, str_of(parent));
    profile_path_append(&path, name);
    buf_init_fixed(&names, text, sizeof(text));
    for (size_t i = 0; i < count; i++)
        buf_format(&names, "%s%s", i > 0 ? ", " : "", members[i].name);
    return fault_set(fault, ERR_INVALID, "%.*s: unknown member; there may be: %.*s",
                     STR_ARGS(buf_str(&path)), STR_ARGS(buf_str(&names)));
}

static enum status read_whole(const struct json *value, const struct member *member,
                              const char *parent, int64_t *out, struct fault *fault)
{
    int64_t whole;
    if (!json_is_number(value) || json_i64(value, &whole) != OK || whole < member->min ||
        whole > member->max)
        return refuse(fault, parent, member->name, "must be a whole number from %lld to %lld",
                      (long long)member->min, (long long)member->max);
    *out = whole;
    return OK;
}

static enum status read_member(const struct json *value, const struct member *member,
                               const char *parent, void *out, struct fault *fault)
{
    void *field = (char *)out + member->offset;
    switch (member->kind) {
    case MEMBER_TEXT:
        if (!json_is_string(value))
            return refuse(fault, parent, member->name, "must be a string");
        *(struct str *)field = json_string(value);
        break;
    case MEMBER_SWITCH:
        if (!json_is_bool(value))
            return refuse(fault, parent, member->name, "must be true or false");
        *(enum control_switch *)field = json_bool(value) ? CONTROL_SWITCH_YES : CONTROL_SWITCH_NO;
        break;
    case MEMBER_WHOLE:
        return read_whole(value, member, parent, field, fault);
    case MEMBER_DURATION:
        if (!json_is_string(value) || clock_parse_duration(json_string(value), field) != OK ||
            *(int64_t *)field < 0)
            return refuse(fault, parent, member->name,
                          "must be a string like \"250ms\", \"10s\", \"15m\", \"2h\" or \"1d\"");
        break;
    case MEMBER_OTHER:
        break;
    }
    return OK;
}

/* Fills the fields of the members that are there. */
static enum status read_object(const struct json *object, const char *parent,
                               const struct member *members, size_t count, void *out,
                               struct fault *fault)
{
    if (!json_is_object(object))
        return fault_set(fault, ERR_INVALID, "%s: must be an object",
                         parent[0] == '\0' ? "/" : parent);
    for (const struct json *child = json_first(object); child != NULL; child = json_next(child)) {
        const struct member *member = find(members, count, json_name(child));
        if (member == NULL)
            return refuse_unknown(parent, json_name(child), members, count, fault);
        enum status status = read_member(child, member, parent, out, fault);
        if (status != OK)
            return status;
    }
    for (size_t i = 0; i < count; i++)
        if (members[i].is_required && json_get(object, members[i].name) == NULL)
            return refuse(fault, parent, members[i].name, "must be there");
    return OK;
}

/* --- Keys and X numbers --- */

enum status control_body_new_key(const struct json *body, struct mock_key_texts *out,
                                 struct fault *fault)
{
    static const struct member members[] = {
        REQUIRED("accessKey", MEMBER_TEXT, FIELD(mock_key_texts, access_key)),
        REQUIRED("secretKey", MEMBER_TEXT, FIELD(mock_key_texts, secret_key)),
        REQUIRED("appKey", MEMBER_TEXT, FIELD(mock_key_texts, app_key)),
    };
    *out = (struct mock_key_texts){0};
    return read_object(body, "", members, COUNT_OF(members), out, fault);
}

enum status control_body_key_change(const struct json *body, struct control_key_change *out,
                                    struct fault *fault)
{
    static const struct member members[] = {
        OPTIONAL("secretKey", MEMBER_TEXT, FIELD(control_key_change, texts.secret_key)),
        OPTIONAL("appKey", MEMBER_TEXT, FIELD(control_key_change, texts.app_key)),
        OPTIONAL("locked", MEMBER_SWITCH, FIELD(control_key_change, is_locked)),
    };
    *out = (struct control_key_change){0};
    return read_object(body, "", members, COUNT_OF(members), out, fault);
}

struct number_body {
    struct str number;
    enum control_switch is_blocked;
};

static enum status check_app_key(const char *name, struct str value, struct fault *fault)
{
    enum status status = value.ptr == NULL ? OK : mock_aicc_check_key(value, fault);
    if (status != OK)
        fault_prefix(fault, "/%s", name);
    return status;
}

enum status control_body_app_key(const struct json *body, struct control_app_key *out,
                                 struct fault *fault)
{
    static const struct member members[] = {
        OPTIONAL("appKey", MEMBER_TEXT, FIELD(control_app_key, app_key)),
        OPTIONAL("appSecret", MEMBER_TEXT, FIELD(control_app_key, app_secret)),
    };
    *out = (struct control_app_key){0};
    enum status status = OK;
    TRY(read_object(body, "", members, COUNT_OF(members), out, fault));
    TRY(check_app_key("appKey", out->app_key, fault));
    TRY(check_app_key("appSecret", out->app_secret, fault));
out:
    return status;
}

enum status control_body_x_number(const struct json *body, struct str *out, struct fault *fault)
{
    static const struct member members[] = {
        REQUIRED("number", MEMBER_TEXT, FIELD(number_body, number))};
    struct number_body read = {0};
    enum status status = read_object(body, "", members, COUNT_OF(members), &read, fault);
    *out = read.number;
    return status;
}

enum status control_body_x_number_change(const struct json *body, bool *is_blocked,
                                         struct fault *fault)
{
    static const struct member members[] = {
        REQUIRED("blocked", MEMBER_SWITCH, FIELD(number_body, is_blocked))};
    struct number_body read = {0};
    enum status status = read_object(body, "", members, COUNT_OF(members), &read, fault);
    *is_blocked = read.is_blocked == CONTROL_SWITCH_YES;
    return status;
}

/* --- Clock --- */

struct clock_body {
    struct control_clock clock;
    struct str now;
};

enum status control_body_clock(const struct json *body, struct control_clock *out,
                               struct fault *fault)
{
    static const struct member members[] = {
        OPTIONAL("frozen", MEMBER_SWITCH, FIELD(clock_body, clock.is_frozen)),
        OPTIONAL("advance", MEMBER_DURATION, FIELD(clock_body, clock.advance_ms)),
        OPTIONAL("now", MEMBER_TEXT, FIELD(clock_body, now)),
    };
    struct clock_body read = {.clock = {.advance_ms = CONTROL_ABSENT, .now_ms = CONTROL_ABSENT}};
    enum status status = OK;
    TRY(read_object(body, "", members, COUNT_OF(members), &read, fault));
    if (read.now.ptr != NULL && clock_parse_rfc3339(read.now, &read.clock.now_ms) != OK)
        return refuse(fault, "", "now", "must be a time like 2030-01-02T03:04:05Z");
    if (read.now.ptr != NULL && read.clock.advance_ms != CONTROL_ABSENT)
        return refuse(fault, "", "advance", "must not stand beside now");
    *out = read.clock;
out:
    return status;
}

/* --- Requests --- */

struct match_body {
    struct mock_match match;
    int64_t status, since;
};

static enum status read_match(const struct json *body, struct mock_match *out, struct fault *fault)
{
    struct member members[MOCK_ENTRY_TEXTS + 2];
    struct match_body read = {.status = CONTROL_ABSENT};
    size_t count = 0;
    for (enum mock_entry_text i = 0; i < MOCK_ENTRY_TEXTS; i++)
        members[count++] = (struct member){
            .name = mock_entry_text_name(i),
            .kind = MEMBER_TEXT,
            .offset = FIELD(match_body, match.texts) + i * sizeof(struct str),
        };
    members[count++] = (struct member){
        .name = "status", .kind = MEMBER_WHOLE, .offset = FIELD(match_body, status), .max = 599};
    members[count++] = (struct member){.name = "since",
                                       .kind = MEMBER_WHOLE,
                                       .offset = FIELD(match_body, since),
                                       .max = JSON_WHOLE_MAX};
    enum status status = read_object(body, "/match", members, count, &read, fault);
    read.match.has_status = read.status != CONTROL_ABSENT;
    read.match.status = read.match.has_status ? (int)read.status : 0;
    read.match.since = (uint64_t)read.since;
    if (status == OK)
        *out = read.match;
    return status;
}

struct count_body {
    int64_t exactly, at_least, at_most;
};

static enum status read_count(const struct json *body, struct control_verify *out,
                              struct fault *fault)
{
    static const struct member members[] = {
        {"exactly", MEMBER_WHOLE, false, FIELD(count_body, exactly), 0, JSON_WHOLE_MAX},
        {"atLeast", MEMBER_WHOLE, false, FIELD(count_body, at_least), 0, JSON_WHOLE_MAX},
        {"atMost", MEMBER_WHOLE, false, FIELD(count_body, at_most), 0, JSON_WHOLE_MAX},
    };
    struct count_body read = {CONTROL_ABSENT, CONTROL_ABSENT, CONTROL_ABSENT};
    enum status status = OK;
    TRY(read_object(body, "/count", members, COUNT_OF(members), &read, fault));
    bool is_range = read.at_least != CONTROL_ABSENT || read.at_most != CONTROL_ABSENT;
    if (is_range == (read.exactly != CONTROL_ABSENT))
        return fault_set(fault, ERR_INVALID,
                         "/count: must hold exactly, or atLeast or atMost or both");
    if (!is_range)
        read.at_least = read.at_most = read.exactly;
    out->at_least = read.at_least == CONTROL_ABSENT ? 0 : (uint64_t)read.at_least;
    out->at_most = read.at_most == CONTROL_ABSENT ? UINT64_MAX : (uint64_t)read.at_most;
    if (out->at_least > out->at_most)
        return fault_set(fault, ERR_INVALID, "/count: atLeast must not be more than atMost");
out:
    return status;
}

enum status control_body_verify(const struct json *body, struct control_verify *out,
                                struct fault *fault)
{
    static const struct member members[] = {
        OPTIONAL("match", MEMBER_OTHER, 0),
        OPTIONAL("count", MEMBER_OTHER, 0),
    };
    const struct json *match, *count;
    enum status status = OK;
    *out = (struct control_verify){.at_least = 1, .at_most = UINT64_MAX};
    TRY(read_object(body, "", members, COUNT_OF(members), out, fault));
    match = json_get(body, "match");
    count = json_get(body, "count");
    if (match != NULL)
        TRY(read_match(match, &out->match, fault));
    if (count != NULL)
        TRY(read_count(count, out, fault));
out:
    return status;
}

/* --- Calls --- */

struct hang_up_body {
    int64_t cause;
};

enum status control_body_hang_up(const struct json *body, int *cause, struct fault *fault)
{
    static const struct member members[] = {
        {"cause", MEMBER_WHOLE, false, FIELD(hang_up_body, cause), 1, CAUSE_MAX}};
    struct hang_up_body read = {0};
    enum status status = OK;
    if (body != NULL)
        status = read_object(body, "", members, COUNT_OF(members), &read, fault);
    *cause = (int)read.cause;
    return status;
}

struct cdr_body {
    struct str signature;
    int64_t tries;
    enum control_switch is_contradictory, has_unknown_members;
};

static enum status read_signature(struct str text, uint8_t *out, struct fault *fault)
{
    static const char *const names[] = {
        [MOCK_PUSH_SIGNED] = "good",
        [MOCK_PUSH_WRONG] = "wrong",
        [MOCK_PUSH_EXPIRED] = "expired",
        [MOCK_PUSH_UNSIGNED] = "none",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_is(text, str_of(names[i]))) {
            *out = (uint8_t)i;
            return OK;
        }
    return refuse(fault, "", "signature", "must be \"good\", \"wrong\", \"expired\" or \"none\"");
}

enum status control_body_cdr(const struct json *body, struct mock_push_script *out,
                             struct fault *fault)
{
    static const struct member members[] = {
        OPTIONAL("signature", MEMBER_TEXT, FIELD(cdr_body, signature)),
        {"tries", MEMBER_WHOLE, false, FIELD(cdr_body, tries), 1, TRIES_MAX},
        OPTIONAL("contradictory", MEMBER_SWITCH, FIELD(cdr_body, is_contradictory)),
        OPTIONAL("unknownMembers", MEMBER_SWITCH, FIELD(cdr_body, has_unknown_members)),
    };
    struct cdr_body read = {.signature = STR("good"), .tries = MOCK_PUSH_TRIES_DEFAULT};
    struct mock_push_script script = {0};
    enum status status = OK;
    if (body != NULL)
        TRY(read_object(body, "", members, COUNT_OF(members), &read, fault));
    TRY(read_signature(read.signature, &script.signature, fault));
    script.tries = (uint8_t)read.tries;
    script.is_contradictory = read.is_contradictory == CONTROL_SWITCH_YES;
    script.has_unknown_members = read.has_unknown_members == CONTROL_SWITCH_YES;
    *out = script;
out:
    return status;
}

struct dial_body {
    struct str from;
};

enum status control_body_dial(const struct json *body, enum mock_side *out, struct fault *fault)
{
    static const struct member members[] = {REQUIRED("from", MEMBER_TEXT, FIELD(dial_body, from))};
    struct dial_body read = {0};
    enum status status = OK;
    TRY(read_object(body, "", members, COUNT_OF(members), &read, fault));
    if (!str_is(read.from, STR("a")) && !str_is(read.from, STR("b")))
        return refuse(fault, "", "from", "must be \"a\" or \"b\"");
    *out = str_is(read.from, STR("a")) ? MOCK_SIDE_A : MOCK_SIDE_B;
out:
    return status;
}

/* --- Policy --- */

static enum status check_list(const struct json *list, const char *name, struct fault *fault)
{
    if (!json_is_array(list))
        return refuse(fault, "", name, "must be an array of strings");
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item))
        if (!json_is_string(item))
            return refuse(fault, "", name, "must be an array of strings");
    return OK;
}

enum status control_body_policy(const struct json *body, struct control_policy *out,
                                struct fault *fault)
{
    static const char *const lists[MOCK_FORBIDDEN_LISTS] = {
        [MOCK_FORBIDDEN_CALLER] = "callers",
        [MOCK_FORBIDDEN_CALLEE] = "callees",
        [MOCK_FORBIDDEN_POLICY] = "anyone",
    };
    static const struct member members[] = {
        OPTIONAL("callers", MEMBER_OTHER, 0),
        OPTIONAL("callees", MEMBER_OTHER, 0),
        OPTIONAL("anyone", MEMBER_OTHER, 0),
        {"perSecond", MEMBER_WHOLE, false, FIELD(mock_limits, per_second), MOCK_UNLIMITED,
         JSON_WHOLE_MAX},
        {"balance", MEMBER_WHOLE, false, FIELD(mock_limits, balance), MOCK_UNLIMITED,
         JSON_WHOLE_MAX},
        {"running", MEMBER_WHOLE, false, FIELD(mock_limits, running_max), MOCK_UNLIMITED,
         JSON_WHOLE_MAX},
    };
    struct control_policy read = {.limits = {MOCK_UNLIMITED, MOCK_UNLIMITED, MOCK_UNLIMITED}};
    enum status status = OK;
    TRY(read_object(body, "", members, COUNT_OF(members), &read.limits, fault));
    for (size_t i = 0; i < MOCK_FORBIDDEN_LISTS; i++) {
        read.lists[i] = json_get(body, lists[i]);
        if (read.lists[i] != NULL)
            TRY(check_list(read.lists[i], lists[i], fault));
    }
    *out = read;
out:
    return status;
}
