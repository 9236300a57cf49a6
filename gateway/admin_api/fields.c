#include "gateway/admin_api/fields.h"

#include <assert.h>

enum { SENTENCE_MAX = 512 };

void field_errors_init(struct field_errors *errors)
{
    *errors = (struct field_errors){0};
    buf_init(&errors->json, FIELD_ERRORS_BYTES_MAX);
    json_write_init(&errors->writer, &errors->json);
}

void field_errors_finish(struct field_errors *errors)
{
    buf_finish(&errors->json);
}

void fields_init(struct fields *fields, const struct json *object, const char *path,
                 struct field_errors *errors)
{
    *fields = (struct fields){.object = object, .path = path, .errors = errors};
}

/* --- Errors --- */

/* RFC 6901, 3. */
static void append_pointer(struct buf *out, const char *path, const char *name)
{
    buf_append(out, str_of(path));
    buf_append_byte(out, '/');
    for (; *name != '\0'; name++) {
        if (*name == '~')
            buf_append(out, STR("~0"));
        else if (*name == '/')
            buf_append(out, STR("~1"));
        else
            buf_append_byte(out, *name);
    }
}

void fields_refuse(struct fields *fields, const char *name, const char *rule, const char *en,
                   const char *zh)
{
    struct json_writer *w = &fields->errors->writer;
    char storage[FIELD_PATH_MAX];
    struct buf pointer;
    if (fields->errors->count++ >= FIELD_ERRORS_MAX)
        return;
    buf_init_fixed(&pointer, storage, sizeof(storage));
    append_pointer(&pointer, fields->path, name);
    /* A name that is too long was cut, perhaps within a character of up to four bytes. */
    for (int i = 0; i < 3 && !str_is_utf8(buf_str(&pointer)); i++)
        pointer.len--;
    json_write_object(w, NULL);
    json_write_str(w, "pointer", buf_str(&pointer));
    json_write_text(w, "rule", rule);
    json_write_object(w, "detail");
    json_write_text(w, "en", en);
    json_write_text(w, "zh", zh);
    json_write_object_end(w);
    json_write_object_end(w);
}

/* --- Members --- */

/* NULL when there is nothing to look at: absent, or null. */
static const struct json *ask(struct fields *fields, const char *name, enum field_presence presence)
{
    const struct json *member = json_get(fields->object, name);
    assert(fields->asked_count < FIELDS_MAX);
    fields->asked[fields->asked_count++] = name;
    if (member != NULL && !json_is_null(member))
        return member;
    if (presence == FIELD_REQUIRED)
        fields_refuse(fields, name, "required", "must be given", "必须填写");
    return NULL;
}

static bool has_control(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7F)
            return true;
    return false;
}

static size_t count_characters(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

static void refuse_length(struct fields *fields, const char *name, size_t max)
{
    char en[SENTENCE_MAX], zh[SENTENCE_MAX];
    struct buf text;
    buf_init_fixed(&text, en, sizeof(en));
    buf_format(&text, "must have at most %zu characters", max);
    (void)buf_text(&text);
    buf_init_fixed(&text, zh, sizeof(zh));
    buf_format(&text, "最多 %zu 个字符", max);
    (void)buf_text(&text);
    fields_refuse(fields, name, "length", en, zh);
}

const char *fields_text(struct fields *fields, const char *name, enum field_presence presence,
                        size_t characters_max)
{
    const struct json *member = ask(fields, name, presence);
    struct str text = json_string(member);
    if (member == NULL)
        return NULL;
    if (!json_is_string(member))
        fields_refuse(fields, name, "type", "must be a string", "必须是字符串");
    else if (text.len == 0 && presence == FIELD_REQUIRED)
        fields_refuse(fields, name, "required", "must not be empty", "不能为空");
    else if (count_characters(text) > characters_max)
        refuse_length(fields, name, characters_max);
    else if (has_control(text))
        fields_refuse(fields, name, "characters", "must not hold control characters",
                      "不能包含控制字符");
    else
        return text.ptr;
    return NULL;
}

static void refuse_choice(struct fields *fields, const char *name, const char *const *choices,
                          size_t count)
{
    char en[SENTENCE_MAX], zh[SENTENCE_MAX];
    struct buf list;
    buf_init_fixed(&list, en, sizeof(en));
    buf_append(&list, STR("must be one of "));
    for (size_t i = 0; i < count; i++)
        buf_format(&list, "%s%s", i == 0 ? "" : ", ", choices[i]);
    (void)buf_text(&list);
    buf_init_fixed(&list, zh, sizeof(zh));
    buf_append(&list, STR("必须是以下之一："));
    for (size_t i = 0; i < count; i++)
        buf_format(&list, "%s%s", i == 0 ? "" : "、", choices[i]);
    (void)buf_text(&list);
    fields_refuse(fields, name, "choice", en, zh);
}

int fields_choice(struct fields *fields, const char *name, enum field_presence presence,
                  const char *const *choices, size_t count)
{
    const struct json *member = ask(fields, name, presence);
    if (member == NULL)
        return -1;
    for (size_t i = 0; i < count && json_is_string(member); i++)
        if (str_is(json_string(member), str_of(choices[i])))
            return (int)i;
    refuse_choice(fields, name, choices, count);
    return -1;
}

bool fields_bool(struct fields *fields, const char *name, enum field_presence presence,
                 bool fallback)
{
    const struct json *member = ask(fields, name, presence);
    if (member == NULL)
        return fallback;
    if (!json_is_bool(member))
        fields_refuse(fields, name, "type", "must be true or false", "必须是 true 或 false");
    return json_bool(member);
}

static void refuse_range(struct fields *fields, const char *name, int64_t min, int64_t max)
{
    char en[SENTENCE_MAX], zh[SENTENCE_MAX];
    struct buf text;
    buf_init_fixed(&text, en, sizeof(en));
    buf_format(&text, "must be a whole number from %lld to %lld", (long long)min, (long long)max);
    (void)buf_text(&text);
    buf_init_fixed(&text, zh, sizeof(zh));
    buf_format(&text, "必须是 %lld 到 %lld 之间的整数", (long long)min, (long long)max);
    (void)buf_text(&text);
    fields_refuse(fields, name, "range", en, zh);
}

int64_t fields_number(struct fields *fields, const char *name, enum field_presence presence,
                      int64_t min, int64_t max, int64_t fallback)
{
    const struct json *member = ask(fields, name, presence);
    int64_t value;
    if (member == NULL)
        return fallback;
    if (json_is_number(member) && json_i64(member, &value) == OK && value >= min && value <= max)
        return value;
    refuse_range(fields, name, min, max);
    return fallback;
}

const struct json *fields_object(struct fields *fields, const char *name,
                                 enum field_presence presence)
{
    const struct json *member = ask(fields, name, presence);
    if (member == NULL || json_is_object(member))
        return member;
    fields_refuse(fields, name, "type", "must be an object", "必须是对象");
    return NULL;
}

const struct json *fields_array(struct fields *fields, const char *name,
                                enum field_presence presence)
{
    const struct json *member = ask(fields, name, presence);
    if (member == NULL || json_is_array(member))
        return member;
    fields_refuse(fields, name, "type", "must be an array", "必须是数组");
    return NULL;
}

static bool was_asked(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->asked_count; i++)
        if (strcmp(fields->asked[i], name) == 0)
            return true;
    return false;
}

bool fields_end(struct fields *fields)
{
    for (const struct json *member = json_first(fields->object); member != NULL;
         member = json_next(member))
        if (!was_asked(fields, json_name(member)))
            fields_refuse(fields, json_name(member), "unknown", "there is no such member",
                          "没有此字段");
    return fields->errors->count == 0;
}
