#include "mock_ita/scenario/value.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

enum {
    PATH_SHOWN_MAX = 120, /* of a fault's text */
    NAME_SHOWN_MAX = 40,  /* of a member that nobody knows */
    CHOICES_SHOWN_MAX = 120,
};

/* A name as RFC 6901 has it; one byte that is no printable ASCII is shown as '?'. */
static void append_name(struct buf *out, const char *name)
{
    for (size_t i = 0; i < NAME_SHOWN_MAX && name[i] != '\0'; i++) {
        if (name[i] == '~')
            buf_append(out, STR("~0"));
        else if (name[i] == '/')
            buf_append(out, STR("~1"));
        else
            buf_append_byte(out, name[i] >= ' ' && name[i] <= '~' ? name[i] : '?');
    }
}

static void append_path(struct buf *out, const struct mock_value *value)
{
    if (value->outer == NULL)
        return;
    append_path(out, value->outer); /* as deep as the tables, at most */
    buf_append_byte(out, '/');
    if (json_name(value->json) != NULL)
        append_name(out, json_name(value->json));
    else
        buf_append_u64(out, value->index);
}

enum status mock_value_refuse(const struct mock_value *value, const char *format, ...)
{
    char storage[PATH_SHOWN_MAX];
    struct fault rule;
    struct buf path;
    va_list args;
    va_start(args, format);
    vsnprintf(rule.text, sizeof(rule.text), format, args);
    va_end(args);
    buf_init_fixed(&path, storage, sizeof(storage));
    append_path(&path, value);
    if (path.len == 0)
        buf_append_byte(&path, '/');
    return fault_set(value->fault, ERR_INVALID, "%.*s: %.*s", STR_ARGS(buf_str(&path)),
                     (int)(sizeof(rule.text) - sizeof(storage) - 3), rule.text);
}

struct mock_value mock_value_member(const struct mock_value *value, const char *name)
{
    return (struct mock_value){json_get(value->json, name), value, 0, value->fault};
}

/* --- Single values --- */

enum status mock_value_switch(const struct mock_value *value, bool *out)
{
    if (!json_is_bool(value->json))
        return mock_value_refuse(value, "must be true or false");
    *out = json_bool(value->json);
    return OK;
}

enum status mock_value_whole(const struct mock_value *value, int64_t min, int64_t max, int64_t *out)
{
    int64_t number;
    if (!json_is_number(value->json) || json_i64(value->json, &number) != OK || number < min ||
        number > max)
        return mock_value_refuse(value, "must be a whole number from %" PRId64 " to %" PRId64, min,
                                 max);
    *out = number;
    return OK;
}

static enum status read_number(const struct mock_value *value, int64_t min, int64_t max,
                               double *out)
{
    double number = json_double(value->json);
    if (!json_is_number(value->json) || !(number >= (double)min && number <= (double)max))
        return mock_value_refuse(value, "must be a number from %" PRId64 " to %" PRId64, min, max);
    *out = number;
    return OK;
}

enum status mock_value_duration(const struct mock_value *value, int64_t min_ms, int64_t max_ms,
                                int64_t *out)
{
    int64_t ms;
    if (!json_is_string(value->json) || clock_parse_duration(json_string(value->json), &ms) != OK)
        return mock_value_refuse(value, "must be a duration as \"200ms\", \"2s\", \"5m\", \"1h\"");
    if (ms < min_ms || ms > max_ms)
        return mock_value_refuse(value, "must be from %" PRId64 "ms to %" PRId64 "ms", min_ms,
                                 max_ms);
    *out = ms;
    return OK;
}

static enum status read_text(const struct mock_value *value, int64_t min, int64_t max,
                             struct str *out)
{
    struct str text = json_string(value->json);
    if (!json_is_string(value->json))
        return mock_value_refuse(value, "must be a string");
    if (text.len < (size_t)min || text.len > (size_t)max)
        return mock_value_refuse(value, "must have %" PRId64 " to %" PRId64 " bytes", min, max);
    *out = text;
    return OK;
}

enum status mock_value_choice(const struct mock_value *value, const char *const *choices,
                              unsigned *out)
{
    char storage[CHOICES_SHOWN_MAX];
    struct buf shown;
    buf_init_fixed(&shown, storage, sizeof(storage));
    for (unsigned i = 0; choices[i] != NULL; i++) {
        if (json_is_string(value->json) && str_is(json_string(value->json), str_of(choices[i]))) {
            *out = i;
            return OK;
        }
        buf_format(&shown, "%s%s", i == 0 ? "" : ", ", choices[i]);
    }
    return mock_value_refuse(value, "must be one of %.*s", STR_ARGS(buf_str(&shown)));
}

static enum status read_member(const struct mock_value *value, const struct mock_member *member,
                               void *field)
{
    switch (member->kind) {
    case MOCK_MEMBER_SWITCH:
        return mock_value_switch(value, field);
    case MOCK_MEMBER_WHOLE:
        return mock_value_whole(value, member->min, member->max, field);
    case MOCK_MEMBER_NUMBER:
        return read_number(value, member->min, member->max, field);
    case MOCK_MEMBER_DURATION:
        return mock_value_duration(value, member->min, member->max, field);
    case MOCK_MEMBER_TEXT:
        return read_text(value, member->min, member->max, field);
    case MOCK_MEMBER_CHOICE:
        return mock_value_choice(value, member->choices, field);
    case MOCK_MEMBER_OWN:
        break;
    }
    return member->read(value, field);
}

/* --- Objects and arrays --- */

static const struct mock_member *find(const struct mock_member *members, size_t count,
                                      const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

enum status mock_value_read(const struct mock_value *value, const struct mock_member *members,
                            size_t count, void *fields)
{
    if (!json_is_object(value->json))
        return mock_value_refuse(value, "must be an object");
    struct mock_value inner = {json_first(value->json), value, 0, value->fault};
    for (; inner.json != NULL; inner.json = json_next(inner.json)) {
        const struct mock_member *member = find(members, count, json_name(inner.json));
        if (member == NULL)
            return mock_value_refuse(&inner, "unknown member");
        enum status status = read_member(&inner, member, (char *)fields + member->offset);
        if (status != OK)
            return status;
    }
    return OK;
}

size_t mock_value_count(const struct mock_value *value)
{
    size_t count = 0;
    for (const struct json *item = json_first(value->json); item != NULL; item = json_next(item))
        count++;
    return count;
}

enum status mock_value_read_items(const struct mock_value *value, size_t max,
                                  enum status (*read)(const struct mock_value *item, void *data),
                                  void *data)
{
    if (!json_is_array(value->json))
        return mock_value_refuse(value, "must be an array");
    if (mock_value_count(value) > max)
        return mock_value_refuse(value, "must have at most %zu elements", max);
    struct mock_value item = {json_first(value->json), value, 0, value->fault};
    for (; item.json != NULL; item.json = json_next(item.json), item.index++) {
        enum status status = read(&item, data);
        if (status != OK)
            return status;
    }
    return OK;
}
