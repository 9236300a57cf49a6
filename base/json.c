#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "base/mem.h"

/* --- The gate: RFC 8259 by recursive descent, depth bounded. --- */

struct gate {
    const unsigned char *at, *end;
    const unsigned char *start;
    const char *why;
};

static bool gate_value(struct gate *g, int depth);

static bool refuse(struct gate *g, const char *why)
{
    g->why = why;
    return false;
}

static void skip_space(struct gate *g)
{
    while (g->at < g->end && (*g->at == ' ' || *g->at == '\t' || *g->at == '\n' || *g->at == '\r'))
        g->at++;
}

static bool take(struct gate *g, unsigned char byte)
{
    if (g->at == g->end || *g->at != byte)
        return false;
    g->at++;
    return true;
}

/* Four hexadecimal digits at g->at, or -1. */
static long take_hex4(struct gate *g)
{
    long value = 0;
    if (g->end - g->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        unsigned char c = *g->at++;
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            value = value * 16 + ((c | 32) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static bool gate_unicode_escape(struct gate *g)
{
    long unit = take_hex4(g);
    if (unit < 0)
        return refuse(g, "\\u needs four hexadecimal digits");
    if (unit == 0)
        return refuse(g, "\\u0000 is not allowed");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return refuse(g, "lone low surrogate");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (!take(g, '\\') || !take(g, 'u'))
            return refuse(g, "lone high surrogate");
        long low = take_hex4(g);
        if (low < 0xDC00 || low > 0xDFFF)
            return refuse(g, "lone high surrogate");
    }
    return true;
}

/* UTF-8 was checked for the whole text before. */
static bool gate_string(struct gate *g)
{
    if (!take(g, '"'))
        return refuse(g, "string expected");
    while (g->at < g->end) {
        unsigned char c = *g->at++;
        if (c >= 0x20 && c != '"' && c != '\\') /* most of them */
            continue;
        if (c == '"')
            return true;
        if (c < 0x20)
            return refuse(g, "control character inside a string");
        if (g->at == g->end)
            break;
        c = *g->at++;
        if (c == 'u') {
            if (!gate_unicode_escape(g))
                return false;
        } else if (strchr("\"\\/bfnrt", c) == NULL || c == '\0') {
            return refuse(g, "unknown escape");
        }
    }
    return refuse(g, "string without an end");
}

static bool take_digits(struct gate *g)
{
    const unsigned char *before = g->at;
    while (g->at < g->end && *g->at >= '0' && *g->at <= '9')
        g->at++;
    return g->at > before;
}

static bool gate_number(struct gate *g)
{
    take(g, '-');
    if (!take(g, '0') && !take_digits(g))
        return refuse(g, "value expected");
    if (take(g, '.') && !take_digits(g))
        return refuse(g, "digit expected after the point");
    if (g->at < g->end && (*g->at | 32) == 'e') {
        g->at++;
        if (!take(g, '+'))
            take(g, '-');
        if (!take_digits(g))
            return refuse(g, "digit expected in the exponent");
    }
    return true;
}

static bool gate_literal(struct gate *g, const char *literal)
{
    for (; *literal != '\0'; literal++)
        if (!take(g, (unsigned char)*literal))
            return refuse(g, "value expected");
    return true;
}

static bool gate_object(struct gate *g, int depth)
{
    skip_space(g);
    if (take(g, '}'))
        return true;
    for (int members = 1;; members++) {
        if (members > JSON_MEMBERS_MAX)
            return refuse(g, "too many members in one object");
        skip_space(g);
        if (!gate_string(g))
            return false;
        skip_space(g);
        if (!take(g, ':'))
            return refuse(g, "':' expected");
        if (!gate_value(g, depth))
            return false;
        if (take(g, '}'))
            return true;
        if (!take(g, ','))
            return refuse(g, "',' or '}' expected");
    }
}

static bool gate_array(struct gate *g, int depth)
{
    skip_space(g);
    if (take(g, ']'))
        return true;
    for (;;) {
        if (!gate_value(g, depth))
            return false;
        if (take(g, ']'))
            return true;
        if (!take(g, ','))
            return refuse(g, "',' or ']' expected");
    }
}

/* One value with the space around it. */
static bool gate_value(struct gate *g, int depth)
{
    bool is_good;
    skip_space(g);
    if (g->at == g->end)
        return refuse(g, "value expected");
    switch (*g->at) {
    case '{':
    case '[':
        if (depth == JSON_DEPTH_MAX)
            return refuse(g, "nested deeper than 32");
        is_good = *g->at++ == '{' ? gate_object(g, depth + 1) : gate_array(g, depth + 1);
        break;
    case '"':
        is_good = gate_string(g);
        break;
    case 't':
        is_good = gate_literal(g, "true");
        break;
    case 'f':
        is_good = gate_literal(g, "false");
        break;
    case 'n':
        is_good = gate_literal(g, "null");
        break;
    default:
        is_good = gate_number(g);
    }
    skip_space(g);
    return is_good;
}

/* The name of a member that stands twice in one object anywhere below value, or NULL. */
static const char *duplicate_member(const cJSON *value)
{
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        if (cJSON_IsObject(value))
            for (const cJSON *other = child->next; other != NULL; other = other->next)
                if (child->string[0] == other->string[0] &&
                    strcmp(child->string, other->string) == 0)
                    return child->string;
        const char *deeper = duplicate_member(child);
        if (deeper != NULL)
            return deeper;
    }
    return NULL;
}

/* People write scenarios and profiles in editors, which count lines and columns from 1. */
static enum status fault_at(struct fault *fault, struct str text, size_t at, const char *why)
{
    size_t line = 1, line_start = 0;
    for (size_t i = 0; i < at; i++) {
        if (text.ptr[i] != '\n')
            continue;
        line++;
        line_start = i + 1;
    }
    return fault_set(fault, ERR_SYNTAX, "JSON: line %zu, column %zu: %s", line, at - line_start + 1,
                     why);
}

enum status json_parse(struct str text, struct json **out, struct fault *fault)
{
    if (text.len == 0)
        return fault_set(fault, ERR_SYNTAX, "JSON: empty");
    if (!str_is_utf8(text))
        return fault_set(fault, ERR_SYNTAX, "JSON: not UTF-8");
    const unsigned char *start = (const unsigned char *)text.ptr;
    struct gate gate = {.at = start, .end = start + text.len, .start = start};
    if (gate_value(&gate, 0) && gate.at != gate.end)
        refuse(&gate, "something stands behind the value");
    if (gate.why != NULL)
        return fault_at(fault, text, (size_t)(gate.at - gate.start), gate.why);

    cJSON *root = cJSON_ParseWithLength(text.ptr, text.len);
    if (root == NULL)
        return fault_set(fault, ERR_SYNTAX, "JSON: malformed");
    const char *twice = duplicate_member(root);
    if (twice != NULL) {
        enum status status = fault_set(fault, ERR_SYNTAX, "JSON: member %.64s stands twice", twice);
        cJSON_Delete(root);
        return status;
    }
    *out = (struct json *)(void *)root;
    return OK;
}

/* --- Reading the tree. struct json is cJSON under a name that keeps its header in this file. ---
 */

static const cJSON *node(const struct json *value)
{
    return (const cJSON *)(const void *)value;
}

static const struct json *value_of(const cJSON *item)
{
    return (const struct json *)(const void *)item;
}

void json_destroy(struct json *root)
{
    cJSON_Delete((cJSON *)(void *)root);
}

bool json_is_object(const struct json *value)
{
    return cJSON_IsObject(node(value));
}

bool json_is_array(const struct json *value)
{
    return cJSON_IsArray(node(value));
}

bool json_is_string(const struct json *value)
{
    return cJSON_IsString(node(value));
}

bool json_is_number(const struct json *value)
{
    return cJSON_IsNumber(node(value));
}

bool json_is_bool(const struct json *value)
{
    return cJSON_IsBool(node(value));
}

bool json_is_null(const struct json *value)
{
    return cJSON_IsNull(node(value));
}

bool json_bool(const struct json *value)
{
    return cJSON_IsTrue(node(value));
}

double json_double(const struct json *value)
{
    return json_is_number(value) ? node(value)->valuedouble : 0;
}

const struct json *json_get(const struct json *object, const char *name)
{
    if (!json_is_object(object))
        return NULL;
    for (const cJSON *child = node(object)->child; child != NULL; child = child->next)
        if (strcmp(child->string, name) == 0)
            return value_of(child);
    return NULL;
}

const struct json *json_at(const struct json *value, const char *path)
{
    while (value != NULL && *path == '/') {
        char name[128]; /* longer than any member name of a wire profile */
        const char *end = strchrnul(++path, '/');
        size_t len = (size_t)(end - path);
        if (len >= sizeof(name))
            return NULL;
        memcpy(name, path, len);
        name[len] = '\0';
        value = json_get(value, name);
        path = end;
    }
    return value;
}

const struct json *json_first(const struct json *value)
{
    return value == NULL ? NULL : value_of(node(value)->child);
}

const struct json *json_next(const struct json *value)
{
    return value == NULL ? NULL : value_of(node(value)->next);
}

const char *json_name(const struct json *value)
{
    return value == NULL ? NULL : node(value)->string;
}

struct str json_string(const struct json *value)
{
    return json_is_string(value) ? str_of(node(value)->valuestring) : (struct str){"", 0};
}

enum status json_text(const struct json *value, char number[static JSON_TEXT_NUMBER_SIZE],
                      struct str *out)
{
    if (json_is_string(value)) {
        *out = json_string(value);
        return OK;
    }
    int64_t whole;
    if (!json_is_number(value) || json_i64(value, &whole) != OK)
        return ERR_INVALID;
    struct buf text;
    buf_init_fixed(&text, number, JSON_TEXT_NUMBER_SIZE);
    buf_append_i64(&text, whole);
    *out = buf_str(&text);
    return OK;
}

enum status json_i64(const struct json *value, int64_t *out)
{
    if (json_is_string(value))
        return str_parse_i64(json_string(value), out);
    if (!json_is_number(value))
        return ERR_INVALID;
    double number = node(value)->valuedouble;
    if (!(number >= -(double)JSON_WHOLE_MAX && number <= (double)JSON_WHOLE_MAX) ||
        number != floor(number))
        return ERR_INVALID;
    *out = (int64_t)number;
    return OK;
}

/* Here and not with the rest of the writer, because it reads the tree. */
void json_write_value(struct json_writer *w, const char *name, const struct json *value)
{
    char *text = cJSON_PrintUnformatted(node(value));
    json_write_raw(w, name, text == NULL ? STR("null") : str_of(text));
    cJSON_free(text);
}
