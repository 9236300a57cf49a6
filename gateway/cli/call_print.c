#include "gateway/cli/call_print.h"

#include "base/mem.h"
#include "gateway/cli/doctor_print.h"

enum { CELL_MAX = 512, LABEL_WIDTH = 18 };

const struct column call_columns[CALL_COLUMN_COUNT] = {
    {"TIME", false, 24},  {"TENANT", false, 8}, {"CALL", false, 18},
    {"CALLER", false, 0}, {"CALLED", false, 0}, {"X NUMBER", false, 0},
    {"STATE", false, 7},  {"SECONDS", true, 0}, {"RESULT", false, 0},
};

const struct column callback_columns[] = {
    {"CALLBACK", false, 0}, {"KIND", false, 10},      {"STATE", false, 9}, {"TRIES", true, 0},
    {"NEXT", false, 24},    {"DELIVERED", false, 24}, {"URL", false, 0},   {"LAST ERROR", false, 0},
};
const size_t callback_column_count = COUNT_OF(callback_columns);

struct str json_shown(const struct json *object, const char *member, char *number)
{
    const struct json *value = json_get(object, member);
    struct str text = {NULL, 0};
    if (json_is_object(value))
        return json_string(json_get(value, doctor_language()));
    if (json_is_bool(value))
        return json_bool(value) ? STR("true") : STR("false");
    return json_text(value, number, &text) == OK ? text : STR("");
}

static void add_member(struct columns *columns, const struct json *object, const char *member)
{
    char number[JSON_TEXT_NUMBER_SIZE];
    columns_add(columns, json_shown(object, member, number));
}

/* "90106003 no X number", of a call that was placed "16 normal call clearing". */
static void append_result(const struct json *call, struct buf *out)
{
    char number[JSON_TEXT_NUMBER_SIZE];
    struct str code = json_shown(call, "code", number);
    bool is_refused = code.len > 0 && !str_is(code, STR("0"));
    struct str shown = is_refused ? code : json_shown(call, "cause", number);
    buf_append(out, shown);
    if (shown.len > 0)
        buf_append_byte(out, ' ');
    buf_append(out, json_shown(call, is_refused ? "codeText" : "causeText", number));
}

static enum tone tone_of_state(struct str state)
{
    if (str_is(state, STR("talking")) || str_is(state, STR("delivered")))
        return TONE_GOOD;
    return str_is(state, STR("dead")) ? TONE_BAD : TONE_PLAIN;
}

static enum tone tone_of_outcome(struct str outcome)
{
    if (str_is(outcome, STR("refused")))
        return TONE_BAD;
    return str_is(outcome, STR("unknown")) ? TONE_WARNING : TONE_PLAIN;
}

void call_print_row(struct columns *columns, struct str tenant, const struct json *call,
                    const char *at)
{
    char storage[CELL_MAX];
    struct buf result;
    struct str state = json_string(json_get(call, "state"));
    buf_init_fixed(&result, storage, sizeof(storage));
    append_result(call, &result);
    add_member(columns, call, at);
    columns_add(columns, tenant);
    add_member(columns, call, "callSerialNo");
    add_member(columns, call, "caller");
    add_member(columns, call, "called");
    add_member(columns, call, "xNumber");
    columns_add_toned(columns, state, tone_of_state(state));
    add_member(columns, call, "durationS");
    columns_add_toned(columns, buf_str(&result),
                      tone_of_outcome(json_string(json_get(call, "outcome"))));
}

const char *call_last_change(const struct json *call)
{
    static const char *const members[] = {"endedAt", "calledAnsweredAt", "callerAnsweredAt",
                                          "startAt", "outcomeAt"};
    for (size_t i = 0; i < COUNT_OF(members); i++)
        if (json_is_string(json_get(call, members[i])))
            return members[i];
    return "createdAt";
}

void callback_print_row(struct columns *columns, const struct json *callback)
{
    struct str state = json_string(json_get(callback, "state"));
    add_member(columns, callback, "id");
    add_member(columns, callback, "kind");
    columns_add_toned(columns, state, tone_of_state(state));
    add_member(columns, callback, "attempts");
    add_member(columns, callback, "nextAttemptAt");
    add_member(columns, callback, "deliveredAt");
    add_member(columns, callback, "url");
    add_member(columns, callback, "lastError");
}

/* --- One call --- */

static void print_member(const struct json *object, const char *member, const char *label,
                         struct buf *out)
{
    char number[JSON_TEXT_NUMBER_SIZE];
    struct str value = json_shown(object, member, number);
    if (value.len == 0)
        return;
    buf_format(out, "%-*s ", LABEL_WIDTH, label);
    terminal_append_plain(out, value);
    buf_append_byte(out, '\n');
}

static void print_members(const struct json *call, struct str tenant, struct buf *out)
{
    static const struct {
        const char *member, *label;
    } rows[] = {
        {"type", "type"},
        {"state", "state"},
        {"outcome", "outcome"},
        {"code", "retCode"},
        {"codeText", ""},
        {"nativeCode", "native code"},
        {"why", "why"},
        {"cause", "release cause"},
        {"causeText", ""},
        {"caller", "caller (A)"},
        {"called", "called (B)"},
        {"xNumber", "X number"},
        {"durationS", "seconds talked"},
        {"agentWorkNo", "agent"},
        {"callId", "ITA's callID"},
        {"callData", "callData"},
        {"traceId", "trace"},
    };
    print_member(call, "callSerialNo", "call", out);
    buf_format(out, "%-*s %.*s\n", LABEL_WIDTH, "tenant", STR_ARGS(tenant));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        print_member(call, rows[i].member, rows[i].label, out);
}

static void print_title(const char *title, const struct terminal *terminal, struct buf *out)
{
    buf_append_byte(out, '\n');
    tone_append(out, terminal, TONE_TITLE, str_of(title));
    buf_append_byte(out, '\n');
}

static void print_timeline(const struct json *call, struct buf *out)
{
    for (const struct json *event = json_first(json_get(call, "timeline")); event != NULL;
         event = json_next(event)) {
        char number[JSON_TEXT_NUMBER_SIZE];
        struct str at = json_string(json_get(event, "at"));
        struct str leg = json_string(json_get(event, "leg"));
        buf_format(out, "  %.*s  %s ", STR_ARGS(at),
                   leg.len == 0            ? " "
                   : str_is(leg, STR("a")) ? "A"
                                           : "B");
        terminal_append_plain(out, json_shown(event, "text", number));
        buf_append_byte(out, '\n');
    }
}

static void print_cdrs(const struct json *call, struct buf *out)
{
    static const struct {
        const char *member, *label;
    } rows[] = {{"id", "CDR"},
                {"receivedAt", "  received"},
                {"callId", "  callID"},
                {"remark", "  remark"},
                {"telA", "  A"},
                {"telB", "  B"},
                {"telX", "  X"},
                {"startAt", "  start"},
                {"callerAnsweredAt", "  A answered"},
                {"calledAnsweredAt", "  B answered"},
                {"finishedAt", "  finished"},
                {"durationS", "  seconds talked"},
                {"cause", "  release cause"},
                {"causeText", ""},
                {"fault", "  fault"},
                {"attachedByHand", "  given by hand"}};
    for (const struct json *cdr = json_first(json_get(call, "cdrs")); cdr != NULL;
         cdr = json_next(cdr))
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            print_member(cdr, rows[i].member, rows[i].label, out);
}

void call_print_detail(const struct json *call, struct str tenant, const struct json *callbacks,
                       const struct terminal *terminal, struct buf *out)
{
    print_members(call, tenant, out);
    print_title("Timeline", terminal, out);
    print_timeline(call, out);
    if (json_first(json_get(call, "cdrs")) != NULL) {
        print_title("CDRs", terminal, out);
        print_cdrs(call, out);
    }
    if (json_first(callbacks) == NULL)
        return;
    print_title("Callbacks", terminal, out);
    struct columns *columns = columns_create(callback_columns, callback_column_count);
    for (const struct json *item = json_first(callbacks); item != NULL; item = json_next(item))
        callback_print_row(columns, item);
    columns_write_list(columns, terminal, out);
    columns_destroy(columns);
}
