#include "gateway/cli/call_query.h"

#include "base/clock.h"
#include "gateway/cli/when.h"

enum { LIMIT_MAX = 100000 };

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "tenant",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, tenant),
     .value_name = "TENANT",
     .help = "only this tenant's calls, not all tenants'"},
    {.name = "from",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, from),
     .value_name = "WHEN",
     .help = "created then or later: 2h (ago), or 2026-11-22T14:05:21Z"},
    {.name = "to",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, to),
     .value_name = "WHEN",
     .help = "created before then"},
    {.name = "number",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, number),
     .value_name = "NUMBER",
     .help = "of the caller, the called or X"},
    {.name = "state",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, state),
     .value_name = "waiting|calling|talking|ended",
     .help = "only these"},
    {.name = "outcome",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, outcome),
     .value_name = "accepted|refused|unknown",
     .help = "what the ITA made of it"},
    {.name = "code",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, code),
     .value_name = "RETCODE",
     .help = "what createCall answered, like 90106003, once the call had a callSerialNo"},
    {.name = "cause",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, cause),
     .value_name = "CAUSE",
     .help = "release cause (Q.850), like 16"},
    {.name = "id",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct call_query_options, id),
     .value_name = "ID",
     .help = "callID at the ITA, or trace, as in the log"},
    {.name = "limit",
     .kind = OPTION_NUMBER,
     .offset = offsetof(struct call_query_options, limit),
     .min = 1,
     .max = LIMIT_MAX,
     .help = "how many at most: 50 of a list, 10 of a tail, unless given"},
    {.name = "follow",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct call_query_options, is_followed),
     .help = "of tail: goes on with each change of a call, until Ctrl-C; also -f"},
};
const struct option_table call_query_rows = {rows, sizeof(rows) / sizeof(rows[0])};

static bool is_one_of(const char *text, const char *choices)
{
    struct str rest = str_of(choices), choice;
    while (str_next(&rest, '|', &choice))
        if (str_is(choice, str_of(text)))
            return true;
    return false;
}

static enum status check_time(const char *name, const char *text, int64_t now_ms,
                              struct fault *fault)
{
    int64_t ms;
    if (text == NULL || when_read(str_of(text), now_ms, &ms, fault) == OK)
        return OK;
    fault_prefix(fault, "%s", name);
    return ERR_INVALID;
}

/* The API's rule is told as well; but a wrong option is to be found before a daemon is looked for.
 */
enum status call_query_check(const struct call_query_options *options, int64_t now_ms,
                             struct fault *fault)
{
    int64_t cause;
    if (options->state != NULL && !is_one_of(options->state, "waiting|calling|talking|ended"))
        return fault_set(fault, ERR_INVALID, "state: must be waiting, calling, talking or ended");
    if (options->outcome != NULL && !is_one_of(options->outcome, "accepted|refused|unknown"))
        return fault_set(fault, ERR_INVALID, "outcome: must be accepted, refused or unknown");
    if (options->cause != NULL &&
        (str_parse_i64(str_of(options->cause), &cause) != OK || cause < 0 || cause > 127))
        return fault_set(fault, ERR_INVALID, "cause: must be a number from 0 to 127");
    enum status status = check_time("from", options->from, now_ms, fault);
    return status == OK ? check_time("to", options->to, now_ms, fault) : status;
}

static void add_time(struct daemon_path *path, const char *name, const char *text, int64_t now_ms)
{
    int64_t ms;
    if (text != NULL && when_read(str_of(text), now_ms, &ms, NULL) == OK)
        daemon_path_query(path, name, admin_format_time(ms).text);
}

void call_query_path(const struct call_query_options *options, const char *tenant, int64_t now_ms,
                     struct daemon_path *path)
{
    daemon_path_init(path, "tenants", tenant, "calls");
    add_time(path, "from", options->from, now_ms);
    add_time(path, "to", options->to, now_ms);
    daemon_path_query(path, "number", options->number);
    daemon_path_query(path, "state", options->state);
    daemon_path_query(path, "outcome", options->outcome);
    daemon_path_query(path, "code", options->code);
    daemon_path_query(path, "cause", options->cause);
    daemon_path_query(path, "id", options->id);
}

static struct str significant(struct str number)
{
    size_t at = 0;
    while (at < number.len && (number.ptr[at] == '+' || number.ptr[at] == '0'))
        at++;
    return str_slice(number, at, number.len);
}

static bool is_number(const struct json *call, const char *member, const char *wanted)
{
    struct str number = significant(json_string(json_get(call, member)));
    struct str asked = significant(str_of(wanted));
    return number.len > 0 && asked.len > 0 && (str_ends(number, asked) || str_ends(asked, number));
}

static bool is_text(const struct json *call, const char *member, const char *wanted)
{
    char digits[JSON_TEXT_NUMBER_SIZE];
    struct str text;
    return wanted == NULL ||
           (json_text(json_get(call, member), digits, &text) == OK && str_is(text, str_of(wanted)));
}

bool call_query_fits(const struct call_query_options *options, const struct json *call)
{
    return is_text(call, "state", options->state) && is_text(call, "outcome", options->outcome) &&
           is_text(call, "code", options->code) && is_text(call, "cause", options->cause) &&
           (is_text(call, "callId", options->id) || is_text(call, "traceId", options->id)) &&
           (options->number == NULL || is_number(call, "caller", options->number) ||
            is_number(call, "called", options->number) ||
            is_number(call, "xNumber", options->number));
}
