#include "base/json.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* A document is one block with its first values and a copy of its text, in which strings are
 * decoded where they stand, and further blocks of values when there are many. */

enum {
    FIRST_VALUES = 16, /* as many as a CDR has */
    BLOCK_VALUES = 64,
};

enum kind { KIND_NULL, KIND_FALSE, KIND_TRUE, KIND_NUMBER, KIND_STRING, KIND_ARRAY, KIND_OBJECT };

struct json {
    struct str name; /* of a member, decoded and NUL-terminated */
    struct str text; /* of a string, decoded and NUL-terminated; of a number, as it was written */
    struct json *first, *next; /* child and sibling */
    enum kind kind;
};

struct block {
    struct block *next;
    struct json values[BLOCK_VALUES];
};

struct document {
    struct json root; /* first: what the caller holds */
    struct block *blocks;
    struct json values[FIRST_VALUES];
    char text[];
};

/* --- Reading: RFC 8259 by recursive descent, depth bounded. The text ends with a NUL, which is
 * part of no token, so that one byte can be looked at without asking for the end. --- */

struct reader {
    struct document *document;
    char *at, *end;
    struct json *spare; /* values that are free */
    size_t spare_count;
    const char *why;   /* not NULL: refused */
    const char *twice; /* the member that stands twice, in one object */
};

static bool read_value(struct reader *r, struct json *value, int depth);

static bool refuse(struct reader *r, const char *why)
{
    r->why = why;
    return false;
}

static struct json *new_value(struct reader *r)
{
    if (r->spare_count == 0) {
        struct block *block = NEW(struct block);
        block->next = r->document->blocks;
        r->document->blocks = block;
        r->spare = block->values;
        r->spare_count = BLOCK_VALUES;
    }
    r->spare_count--;
    return r->spare++;
}

static void skip_space(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')
        r->at++;
}

static bool take(struct reader *r, char byte)
{
    if (*r->at != byte)
        return false;
    r->at++;
    return true;
}

/* Four hexadecimal digits, or -1. */
static long take_hex4(struct reader *r)
{
    long value = 0;
    if (r->end - r->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = *r->at++;
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            value = value * 16 + ((c | 32) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* As UTF-8. Returns what follows. */
static char *write_code_point(char *to, long code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const int heads[] = {0, 0xC0, 0xE0, 0xF0};
    *to++ = (char)(heads[more] | code >> 6 * more);
    while (more-- > 0)
        *to++ = (char)(0x80 | (code >> 6 * more & 0x3F));
    return to;
}

static bool read_unicode_escape(struct reader *r, char **to)
{
    long unit = take_hex4(r);
    if (unit < 0)
        return refuse(r, "\\u needs four hexadecimal digits");
    if (unit == 0)
        return refuse(r, "\\u0000 is not allowed");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return refuse(r, "lone low surrogate");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (!take(r, '\\') || !take(r, 'u'))
            return refuse(r, "lone high surrogate");
        long low = take_hex4(r);
        if (low < 0xDC00 || low > 0xDFFF)
            return refuse(r, "lone high surrogate");
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    *to = write_code_point(*to, unit);
    return true;
}

/* Behind a backslash. */
static bool read_escape(struct reader *r, char **to)
{
    static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    char c = *r->at;
    if (r->at == r->end)
        return refuse(r, "string without an end");
    r->at++;
    if (c == 'u')
        return read_unicode_escape(r, to);
    const char *name = memchr(names, c, sizeof(names) - 1);
    if (name == NULL)
        return refuse(r, "unknown escape");
    *(*to)++ = bytes[name - names];
    return true;
}

/* Up to the first byte that is not itself; UTF-8 was checked for the whole text before. */
static char *skip_plain(char *at)
{
    static const bool ends_run[256] = {1, 1, 1, 1, 1, 1, 1, 1, 1,         1,         1, 1,
                                       1, 1, 1, 1, 1, 1, 1, 1, 1,         1,         1, 1,
                                       1, 1, 1, 1, 1, 1, 1, 1, ['"'] = 1, ['\\'] = 1};
    while (!ends_run[(unsigned char)*at])
        at++;
    return at;
}

/* Decodes in place: nothing becomes longer by it. */
static bool read_string(struct reader *r, struct str *out)
{
    if (!take(r, '"'))
        return refuse(r, "string expected");
    char *start = r->at, *to = start;
    for (;;) {
        char *run = r->at, *at = skip_plain(run);
        if (to != run)
            memmove(to, run, (size_t)(at - run));
        to += at - run;
        r->at = at;
        if (at == r->end)
            return refuse(r, "string without an end");
        r->at++;
        if (*at == '"')
            break;
        if (*at != '\\')
            return refuse(r, "control character inside a string");
        if (!read_escape(r, &to))
            return false;
    }
    *to = '\0'; /* at the latest where the quote was */
    *out = str_from(start, (size_t)(to - start));
    return true;
}

static bool take_digits(struct reader *r)
{
    const char *before = r->at;
    while (*r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at > before;
}

static bool read_number(struct reader *r, struct json *value)
{
    const char *start = r->at;
    take(r, '-');
    if (!take(r, '0') && !take_digits(r))
        return refuse(r, "value expected");
    if (take(r, '.') && !take_digits(r))
        return refuse(r, "digit expected after the point");
    if ((*r->at | 32) == 'e') {
        r->at++;
        if (!take(r, '+'))
            take(r, '-');
        if (!take_digits(r))
            return refuse(r, "digit expected in the exponent");
    }
    value->kind = KIND_NUMBER;
    value->text = str_from(start, (size_t)(r->at - start));
    return true;
}

static bool read_literal(struct reader *r, struct json *value, const char *literal, enum kind kind)
{
    for (; *literal != '\0'; literal++)
        if (!take(r, *literal))
            return refuse(r, "value expected");
    value->kind = kind;
    return true;
}

/* The member's name and colon. */
static bool read_name(struct reader *r, const struct json *object, struct json *member)
{
    struct str name;
    skip_space(r);
    if (!read_string(r, &name))
        return false;
    for (const struct json *other = object->first; other != NULL; other = other->next) {
        if (!str_is(other->name, name))
            continue;
        r->twice = name.ptr;
        return refuse(r, "");
    }
    member->name = name;
    skip_space(r);
    return take(r, ':') || refuse(r, "':' expected");
}

static bool read_object(struct reader *r, struct json *object, int depth)
{
    struct json **last = &object->first;
    object->kind = KIND_OBJECT;
    skip_space(r);
    if (take(r, '}'))
        return true;
    for (int members = 1;; members++) {
        struct json *member = new_value(r);
        if (members > JSON_MEMBERS_MAX)
            return refuse(r, "too many members in one object");
        if (!read_name(r, object, member) || !read_value(r, member, depth))
            return false;
        *last = member;
        last = &member->next;
        if (take(r, '}'))
            return true;
        if (!take(r, ','))
            return refuse(r, "',' or '}' expected");
    }
}

static bool read_array(struct reader *r, struct json *array, int depth)
{
    struct json **last = &array->first;
    array->kind = KIND_ARRAY;
    skip_space(r);
    if (take(r, ']'))
        return true;
    for (;;) {
        *last = new_value(r);
        if (!read_value(r, *last, depth))
            return false;
        last = &(*last)->next;
        if (take(r, ']'))
            return true;
        if (!take(r, ','))
            return refuse(r, "',' or ']' expected");
    }
}

/* One value with the space around it. */
static bool read_value(struct reader *r, struct json *value, int depth)
{
    bool is_good;
    skip_space(r);
    switch (*r->at) {
    case '{':
    case '[':
        if (depth == JSON_DEPTH_MAX)
            return refuse(r, "nested deeper than 32");
        is_good =
            *r->at++ == '{' ? read_object(r, value, depth + 1) : read_array(r, value, depth + 1);
        break;
    case '"':
        value->kind = KIND_STRING;
        is_good = read_string(r, &value->text);
        break;
    case 't':
        is_good = read_literal(r, value, "true", KIND_TRUE);
        break;
    case 'f':
        is_good = read_literal(r, value, "false", KIND_FALSE);
        break;
    case 'n':
        is_good = read_literal(r, value, "null", KIND_NULL);
        break;
    default:
        is_good = read_number(r, value);
    }
    if (is_good)
        skip_space(r);
    return is_good;
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
    struct document *document = mem_alloc(sizeof(*document) + text.len + 1);
    memcpy(document->text, text.ptr, text.len);
    struct reader r = {.document = document,
                       .at = document->text,
                       .end = document->text + text.len,
                       .spare = document->values,
                       .spare_count = FIRST_VALUES};
    if (read_value(&r, &document->root, 0) && r.at != r.end)
        refuse(&r, "something stands behind the value");
    if (r.why == NULL) {
        *out = &document->root;
        return OK;
    }
    enum status status =
        r.twice != NULL ? fault_set(fault, ERR_SYNTAX, "JSON: member %.64s stands twice", r.twice)
                        : fault_at(fault, text, (size_t)(r.at - document->text), r.why);
    json_destroy(&document->root);
    return status;
}

void json_destroy(struct json *root)
{
    if (root == NULL)
        return;
    struct document *document = CONTAINER_OF(root, struct document, root);
    for (struct block *block = document->blocks, *next; block != NULL; block = next) {
        next = block->next;
        mem_free(block);
    }
    mem_free(document);
}

/* --- Looking at what was read --- */

static bool is(const struct json *value, enum kind kind)
{
    return value != NULL && value->kind == kind;
}

bool json_is_object(const struct json *value)
{
    return is(value, KIND_OBJECT);
}

bool json_is_array(const struct json *value)
{
    return is(value, KIND_ARRAY);
}

bool json_is_string(const struct json *value)
{
    return is(value, KIND_STRING);
}

bool json_is_number(const struct json *value)
{
    return is(value, KIND_NUMBER);
}

bool json_is_bool(const struct json *value)
{
    return is(value, KIND_TRUE) || is(value, KIND_FALSE);
}

bool json_is_null(const struct json *value)
{
    return is(value, KIND_NULL);
}

bool json_bool(const struct json *value)
{
    return is(value, KIND_TRUE);
}

struct str json_number(const struct json *value)
{
    return json_is_number(value) ? value->text : (struct str){"", 0};
}

double json_double(const struct json *value)
{
    return json_is_number(value) ? strtod(value->text.ptr, NULL) : 0;
}

static const struct json *find(const struct json *object, struct str name)
{
    if (!json_is_object(object))
        return NULL;
    for (const struct json *child = object->first; child != NULL; child = child->next)
        if (str_is(child->name, name))
            return child;
    return NULL;
}

const struct json *json_get(const struct json *object, const char *name)
{
    return find(object, str_of(name));
}

const struct json *json_at(const struct json *value, const char *path)
{
    while (value != NULL && *path == '/') {
        const char *name = path + 1;
        path = strchrnul(name, '/');
        value = find(value, str_from(name, (size_t)(path - name)));
    }
    return value;
}

const struct json *json_first(const struct json *value)
{
    return value == NULL ? NULL : value->first;
}

const struct json *json_next(const struct json *value)
{
    return value == NULL ? NULL : value->next;
}

const char *json_name(const struct json *value)
{
    return value == NULL ? NULL : value->name.ptr;
}

struct str json_string(const struct json *value)
{
    return json_is_string(value) ? value->text : (struct str){"", 0};
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
    if (str_parse_i64(value->text, out) != OK) { /* 1.0, 1e3 */
        double number = json_double(value);
        if (!(number >= -(double)JSON_WHOLE_MAX && number <= (double)JSON_WHOLE_MAX) ||
            number != floor(number))
            return ERR_INVALID;
        *out = (int64_t)number;
    }
    return *out >= -JSON_WHOLE_MAX && *out <= JSON_WHOLE_MAX ? OK : ERR_INVALID;
}
