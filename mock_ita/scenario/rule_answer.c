#include "base/mem.h"
#include "mock_ita/scenario/rule.h"
#include "mock_ita/scenario/template.h"

/* The members "answer" and "fault" of a rule. */

enum {
    STATUS_MIN = 200, /* an informational answer is none */
    STATUS_MAX = 599,
    /* By default what a client did wrong, or should do elsewhere, is not carried out ... */
    STATUS_UNDONE_MIN = 300,
    STATUS_UNDONE_MAX = 499, /* ... while a server that fails has often done it */
    DRIP_DEFAULT_MS = 200,   /* five bytes a second are slower than any sane deadline */
    DRIP_MAX_MS = 60 * 1000,
};

/* An answer as it is written, before it is clear what its members come to. */
struct written {
    struct mock_rule *rule;
    enum mock_code code;
    int64_t status;
    struct str body;
    bool has_body, is_carried_out, says_carried_out;
};

static enum status read_code(const struct mock_value *value, void *out)
{
    for (enum mock_code code = MOCK_OK + 1; code <= MOCK_CALLEE_FORBID; code++)
        if (str_is(json_string(value->json), str_of(mock_code_digits(code)))) {
            *(enum mock_code *)out = code;
            return OK;
        }
    return mock_value_refuse(value, "must be one of the 21 codes, as \"90106003\" (another one: "
                                    "jsonBody)");
}

static enum status check_template(const struct mock_value *value, struct str text)
{
    struct fault why;
    if (mock_template_check(text, &why) != OK)
        return mock_value_refuse(value, "%s", why.text);
    return OK;
}

static enum status set_body(const struct mock_value *value, struct written *written,
                            struct str body)
{
    if (written->has_body)
        return mock_value_refuse(value, "body and jsonBody exclude each other");
    written->has_body = true;
    written->body = body;
    return check_template(value, body);
}

static enum status read_body(const struct mock_value *value, void *out)
{
    if (!json_is_string(value->json))
        return mock_value_refuse(value, "must be a string");
    return set_body(value, out, json_string(value->json));
}

static enum status read_json_body(const struct mock_value *value, void *out)
{
    struct written *written = out;
    struct buf text;
    struct json_writer w;
    buf_init(&text, MOCK_SCENARIO_TEXT_MAX);
    json_write_init(&w, &text);
    json_write_value(&w, NULL, value->json);
    if (buf_is_over(&text)) {
        buf_finish(&text);
        return mock_value_refuse(value, "must have at most %d bytes", MOCK_SCENARIO_TEXT_MAX);
    }
    written->rule->json_body = str_copy(buf_str(&text));
    buf_finish(&text);
    return set_body(value, written, str_of(written->rule->json_body));
}

static enum status read_carried_out(const struct mock_value *value, void *out)
{
    struct written *written = out;
    written->says_carried_out = true;
    return mock_value_switch(value, &written->is_carried_out);
}

/* --- Headers --- */

/* RFC 9110, 5.6.2. */
static bool is_token(struct str name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!is_alnum && memchr(others, c, sizeof(others) - 1) == NULL)
            return false;
    }
    return name.len > 0;
}

/* Visible ASCII, spaces and tabs: a line's end would begin another header. */
static bool is_header_value(struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != '\t' && (value.ptr[i] < ' ' || value.ptr[i] > '~'))
            return false;
    return value.len <= MOCK_RULE_HEADER_MAX;
}

static bool is_written_by_server(struct str name)
{
    static const char *const names[] = {"Connection", "Content-Length", "Date",
                                        "Transfer-Encoding"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_is_nocase(name, str_of(names[i])))
            return true;
    return false;
}

static enum status read_header(const struct mock_value *value, struct mock_rule *rule)
{
    struct mock_answer *answer = &rule->script.answer;
    struct mock_header header = {str_of(json_name(value->json)), json_string(value->json)};
    if (!is_token(header.name) || header.name.len > MOCK_RULE_HEADER_MAX)
        return mock_value_refuse(value, "is no header's name");
    if (!json_is_string(value->json) || !is_header_value(header.value))
        return mock_value_refuse(value, "must be a string of at most %d bytes of ASCII",
                                 MOCK_RULE_HEADER_MAX);
    if (is_written_by_server(header.name))
        return mock_value_refuse(value, "is written by the server");
    if (str_is_nocase(header.name, STR("Content-Type"))) {
        answer->content_type = header.value;
        return OK;
    }
    if (answer->header_count == MOCK_RULE_HEADERS_MAX)
        return mock_value_refuse(value, "there are more than %d headers", MOCK_RULE_HEADERS_MAX);
    rule->headers[answer->header_count++] = header;
    answer->headers = rule->headers;
    return OK;
}

static enum status read_headers(const struct mock_value *value, void *out)
{
    struct written *written = out;
    if (!json_is_object(value->json))
        return mock_value_refuse(value, "must be an object");
    struct mock_value header = {json_first(value->json), value, 0, value->fault};
    for (; header.json != NULL; header.json = json_next(header.json)) {
        enum status status = read_header(&header, written->rule);
        if (status != OK)
            return status;
    }
    return OK;
}

/* --- The whole --- */

static enum status read_delay(const struct mock_value *value, void *out)
{
    return mock_spread_read(value, &((struct written *)out)->rule->delay);
}

static enum status read_clock_ahead(const struct mock_value *value, void *out)
{
    struct mock_answer *answer = &((struct written *)out)->rule->script.answer;
    return mock_value_duration(value, -MOCK_SPREAD_MAX_MS, MOCK_SPREAD_MAX_MS,
                               &answer->clock_ahead_ms);
}

static enum status check(const struct mock_value *value, const struct written *written)
{
    if (written->code == MOCK_OK)
        return OK;
    struct mock_value code = mock_value_member(value, "code");
    if (written->has_body)
        return mock_value_refuse(&code, "excludes body and jsonBody");
    if (written->is_carried_out)
        return mock_value_refuse(&code, "excludes carriedOut: what is refused is not carried out");
    return OK;
}

enum status mock_rule_read_answer(const struct mock_value *value, void *rule)
{
#define AT(field) .offset = offsetof(struct written, field)
    static const struct mock_member members[] = {
        {"code", MOCK_MEMBER_OWN, AT(code), .read = read_code},
        {"status", MOCK_MEMBER_WHOLE, AT(status), .min = STATUS_MIN, .max = STATUS_MAX},
        {"delay", MOCK_MEMBER_OWN, .read = read_delay},
        {"headers", MOCK_MEMBER_OWN, .read = read_headers},
        {"body", MOCK_MEMBER_OWN, .read = read_body},
        {"jsonBody", MOCK_MEMBER_OWN, .read = read_json_body},
        {"carriedOut", MOCK_MEMBER_OWN, .read = read_carried_out},
        {"clockAhead", MOCK_MEMBER_OWN, .read = read_clock_ahead},
    };
#undef AT
    struct written written = {.rule = rule};
    enum status status = mock_value_read(value, members, COUNT_OF(members), &written);
    if (status == OK)
        status = check(value, &written);
    if (status != OK)
        return status;
    struct mock_answer *answer = &written.rule->script.answer;
    answer->refusal = written.code;
    answer->status = (int)written.status;
    answer->has_body = written.has_body;
    answer->body = written.body;
    answer->is_json_body = written.rule->json_body != NULL;
    bool is_status_undone =
        written.status >= STATUS_UNDONE_MIN && written.status <= STATUS_UNDONE_MAX;
    answer->is_undone = written.says_carried_out ? !written.is_carried_out : is_status_undone;
    return OK;
}

/* --- Fault --- */

static const char *const faults[] = {
#define X(name, text) text,
    MOCK_FAULT_MAP(X)
#undef X
        NULL};

/* "reset", or {"type":"drip","interval":"200ms"}. */
enum status mock_rule_read_fault(const struct mock_value *value, void *rule)
{
    static const struct mock_member members[] = {
        {"type", MOCK_MEMBER_CHOICE, offsetof(struct mock_answer, fault), .choices = faults},
        {"interval", MOCK_MEMBER_DURATION, offsetof(struct mock_answer, drip_ms), .min = 1,
         .max = DRIP_MAX_MS},
    };
    struct mock_answer *answer = &((struct mock_rule *)rule)->script.answer;
    enum status status = OK;
    if (json_is_object(value->json))
        status = mock_value_read(value, members, COUNT_OF(members), answer);
    else
        status = mock_value_choice(value, faults, &answer->fault);
    if (status == OK && answer->drip_ms != 0 && answer->fault != MOCK_FAULT_DRIP) {
        struct mock_value interval = mock_value_member(value, "interval");
        return mock_value_refuse(&interval, "needs the type drip");
    }
    if (answer->fault == MOCK_FAULT_DRIP && answer->drip_ms == 0)
        answer->drip_ms = DRIP_DEFAULT_MS;
    return status;
}
