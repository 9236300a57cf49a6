#include "profile/compile.h"

#include <ctype.h>

#include "base/clock.h"
#include "base/mem.h"
#include "profile/code.h"
#include "profile/merge.h"

static enum status refuse(struct fault *fault, const char *path, const char *rule)
{
    return fault_set(fault, ERR_INVALID, "%s: %s", path, rule);
}

/* --- Single members, by their path --- */

static enum status read_text(const struct json *root, const char *path, struct str *out,
                             struct fault *fault)
{
    const struct json *value = json_at(root, path);
    if (!json_is_string(value) || json_string(value).len == 0)
        return refuse(fault, path, "must be a string that is not empty");
    *out = json_string(value);
    return OK;
}

/* As read_text(), or null, which leaves *out as it is. */
static enum status read_optional_text(const struct json *root, const char *path, struct str *out,
                                      struct fault *fault)
{
    if (json_is_null(json_at(root, path)))
        return OK;
    return read_text(root, path, out, fault);
}

/* The index of the text among "a|b|c". */
static enum status read_choice(const struct json *root, const char *path, const char *choices,
                               unsigned *index, struct fault *fault)
{
    struct str text = json_string(json_at(root, path)), rest = str_of(choices), choice;
    for (*index = 0; str_next(&rest, '|', &choice); ++*index)
        if (str_is(choice, text))
            return OK;
    return fault_set(fault, ERR_INVALID, "%s: must be one of %s", path, choices);
}

static enum status read_template(const struct json *root, const char *path, unsigned allowed,
                                 struct profile_template *out, struct fault *fault)
{
    struct str text = {0};
    enum status status = read_text(root, path, &text, fault);
    if (status != OK)
        return status;
    status = profile_template_parse(text, allowed, out, fault);
    if (status != OK)
        fault_prefix(fault, "%s", path);
    return status;
}

/* --- Actions: method, path, request --- */

enum {
    COMMON = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TENANT) |
             PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_APP_KEY) |
             PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_SUB_TIME),
    OF_CALL = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_SERIAL) |
              PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_REQUEST_ID) |
              PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_REMARK),
    CALL_ID = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_ID),
    SUB_ID = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_SUB_ID),
    TRANS_ID = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TRANS_ID),
    TEL_X = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TEL_X),
    NUMBERS = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TEL_A) |
              PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TEL_B) | TEL_X,
    PLACE = COMMON | OF_CALL | NUMBERS | PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TEL_X_MODE) |
            PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_AREA_CODE) |
            PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_EXPIRATION) |
            PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_RECORDING),
};

/* JSON paths of an action and of its parts. */
#define PATHS(name) name, name "/method", name "/path", name "/request"

static const struct action {
    const char *place, *method, *path, *request;
    unsigned allowed;
    unsigned needed; /* each must stand in path or request */
    const char *needed_rule;
} actions[PROFILE_ACTIONS] = {
    [PROFILE_ACTION_PLACE] = {PATHS("/place"), PLACE, NUMBERS,
                              "must hold {telA}, {telB} and {telX}"},
    [PROFILE_ACTION_RELEASE] = {PATHS("/release"), COMMON | CALL_ID, CALL_ID, "must hold {callID}"},
    [PROFILE_ACTION_RECORDING] = {PATHS("/recording"), COMMON | CALL_ID, CALL_ID,
                                  "must hold {callID}"},
    [PROFILE_ACTION_QUERY] = {PATHS("/query"), COMMON | OF_CALL | CALL_ID, 0, NULL},
    [PROFILE_ACTION_BINDING] = {PATHS("/binding"), PLACE | TRANS_ID, NUMBERS,
                                "must hold {telA}, {telB} and {telX}"},
    [PROFILE_ACTION_UNBINDING] = {PATHS("/unbinding"), COMMON | SUB_ID | TEL_X, SUB_ID,
                                  "must hold {subId}"},
    [PROFILE_ACTION_BINDING_RECORDING] = {PATHS("/bindingRecording"), COMMON | SUB_ID | TEL_X,
                                          SUB_ID, "must hold {subId}"},
};

const char *profile_action_name(enum profile_action action)
{
    return actions[action].place + 1;
}

/* Only what every signer and every proxy leaves as it is (signing.md, section 4.1): no escapes, no
 * dot segments, no empty segments. */
static bool is_path_literal(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum((unsigned char)text.ptr[i]) && strchr("-_.~/?=&", text.ptr[i]) == NULL)
            return false;
    return true;
}

static enum status check_path(const char *path, struct str text,
                              const struct profile_template *parsed, struct fault *fault)
{
    for (size_t i = 0; i < parsed->count; i++)
        if (parsed->pieces[i].literal.ptr != NULL && !is_path_literal(parsed->pieces[i].literal))
            return refuse(fault, path, "may hold A-Z a-z 0-9 - _ . ~ / ? = & and variables");
    struct str segments = str_slice(text, 0, str_find(text, '?')), segment;
    if (!str_starts(segments, STR("/")))
        return refuse(fault, path, "must begin with '/'");
    segments = str_slice(segments, 1, segments.len);
    while (str_next(&segments, '/', &segment))
        if (segment.len == 0 || str_is(segment, STR(".")) || str_is(segment, STR("..")))
            return refuse(fault, path, "must not hold empty or dot segments");
    return OK;
}

static struct profile_member *add_member(struct profile_form *form, struct profile_member member)
{
    form->members = mem_resize(form->members, (form->member_count + 1) * sizeof(*form->members));
    form->members[form->member_count] = member;
    return &form->members[form->member_count++];
}

/* It is written into JSON as it is. */
static bool is_plain_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] < ' ' || name.ptr[i] > '~' || name.ptr[i] == '"' || name.ptr[i] == '\\')
            return false;
    return name.len > 0;
}

static enum status compile_object(struct profile_form *form, const struct json *object,
                                  unsigned allowed, struct buf *path, struct fault *fault);

static enum status compile_member(struct profile_form *form, const struct json *value,
                                  unsigned allowed, struct buf *path, struct fault *fault)
{
    const char *name = json_name(value);
    if (!is_plain_name(str_of(name)))
        return fault_set(fault, ERR_INVALID, "name must be printable ASCII without quotes");
    if (json_is_object(value))
        return compile_object(form, value, allowed, path, fault);
    if (json_is_string(value)) {
        struct profile_member *member =
            add_member(form, (struct profile_member){.kind = PROFILE_MEMBER_TEXT, .name = name});
        return profile_template_parse(json_string(value), allowed, &member->text, fault);
    }
    if (!json_is_number(value) && !json_is_bool(value))
        return fault_set(fault, ERR_INVALID, "must be a string, number, boolean or object");
    struct buf text;
    struct json_writer w;
    buf_init(&text, PROFILE_TEXT_MAX);
    json_write_init(&w, &text);
    json_write_value(&w, NULL, value);
    add_member(form, (struct profile_member){.kind = PROFILE_MEMBER_FIXED,
                                             .name = name,
                                             .fixed = str_copy(buf_str(&text))});
    buf_finish(&text);
    return OK;
}

/* On a fault `path` stays at the member at fault. */
static enum status compile_object(struct profile_form *form, const struct json *object,
                                  unsigned allowed, struct buf *path, struct fault *fault)
{
    /* The outermost object is written without a name. */
    const char *name = form->member_count == 0 ? NULL : json_name(object);
    add_member(form, (struct profile_member){.kind = PROFILE_MEMBER_OBJECT, .name = name});
    for (const struct json *m = json_first(object); m != NULL; m = json_next(m)) {
        size_t path_len = path->len;
        profile_path_append(path, json_name(m));
        enum status status = compile_member(form, m, allowed, path, fault);
        if (status != OK)
            return status;
        path->len = path_len;
    }
    add_member(form, (struct profile_member){.kind = PROFILE_MEMBER_OBJECT_END});
    return OK;
}

static enum status compile_request(const struct json *root, const struct action *action,
                                   struct profile_form *form, struct fault *fault)
{
    const struct json *request = json_at(root, action->request);
    if (json_is_null(request))
        return OK;
    if (!json_is_object(request))
        return refuse(fault, action->request, "must be an object or null");
    if (strcmp(form->method, "GET") == 0)
        return refuse(fault, action->request, "must be null for GET");
    char storage[sizeof(fault->text)]; /* a longer path would not fit into the fault */
    struct buf path;
    buf_init_fixed(&path, storage, sizeof(storage));
    buf_append(&path, str_of(action->request));
    enum status status = compile_object(form, request, action->allowed, &path, fault);
    if (status != OK)
        fault_prefix(fault, "%.*s", STR_ARGS(buf_str(&path)));
    return status;
}

static enum status compile_action(const struct json *root, const struct action *action,
                                  struct profile_form *form, struct fault *fault)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    unsigned method;
    struct str path = {0};
    enum status status;
    TRY(read_choice(root, action->method, "GET|POST|PUT|PATCH|DELETE", &method, fault));
    form->method = methods[method];
    TRY(read_optional_text(root, action->path, &path, fault));
    if (path.len == 0 && action == &actions[PROFILE_ACTION_PLACE])
        TRY(refuse(fault, action->path, "must be given"));
    TRY(compile_request(root, action, form, fault));
    if (path.len == 0)
        return OK; /* not offered */
    TRY(read_template(root, action->path, action->allowed, &form->path, fault));
    TRY(check_path(action->path, path, &form->path, fault));
    if ((profile_form_variables(form) & action->needed) != action->needed)
        TRY(refuse(fault, action->place, action->needed_rule));
out:
    return status;
}

/* --- The other sections --- */

static enum status compile_values(struct profile *profile, struct fault *fault)
{
    const struct json *root = profile->json;
    enum status status;
    TRY(read_optional_text(root, "/values/automatic", &profile->automatic, fault));
    TRY(read_optional_text(root, "/values/specified", &profile->specified, fault));
    TRY(read_optional_text(root, "/values/recorded", &profile->recorded, fault));
    TRY(read_optional_text(root, "/values/notRecorded", &profile->not_recorded, fault));
out:
    return status;
}

/* It must be readable again: see profile_read_remark(). */
static enum status compile_remark(struct profile *profile, struct fault *fault)
{
    const unsigned allowed = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TENANT) |
                             PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_SERIAL);
    struct profile_template *remark = &profile->remark;
    enum status status = read_template(profile->json, "/remark", allowed, remark, fault);
    if (status != OK)
        return status;
    unsigned seen = 0;
    for (size_t i = 0; i < remark->count; i++) {
        if (remark->pieces[i].literal.ptr != NULL)
            continue;
        unsigned bit = PROFILE_VARIABLE_BIT(remark->pieces[i].variable);
        if ((seen & bit) != 0)
            return refuse(fault, "/remark", "may hold each variable once");
        if (i > 0 && remark->pieces[i - 1].literal.ptr == NULL)
            return refuse(fault, "/remark", "needs text between its variables");
        seen |= bit;
    }
    return OK;
}

static enum status compile_time(struct profile *profile, struct fault *fault)
{
    static const char formats[] = "YYYYMMDDTHHMMSSZ|YYYYMMDDHHmmss|seconds|milliseconds";
    unsigned format;
    enum status status = read_choice(profile->json, "/time/format", formats, &format, fault);
    if (status != OK)
        return status;
    profile->time_format = (enum profile_time_format)format;
    struct str zone = json_string(json_at(profile->json, "/time/zone"));
    if (clock_parse_zone(zone, &profile->time_offset_s) != OK)
        return refuse(fault, "/time/zone", "must be UTC, Asia/Shanghai or an offset like +08:00");
    return OK;
}

static bool is_token(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!isalnum((unsigned char)name.ptr[i]) && name.ptr[i] != '-')
            return false;
    return name.len > 0;
}

static bool is_printable(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

struct signable {
    struct str name;
    bool *is_signed;
};

/* Marks the header of that name; false when it is none of them or marked already. */
static bool mark_signed(const struct signable *headers, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (name.len == 0 || *headers[i].is_signed || !str_is_nocase(name, headers[i].name))
            continue;
        *headers[i].is_signed = true;
        return true;
    }
    return false;
}

/* Host and X-Sdk-Date must be signed, AppKey and Content-Type may (signing.md, section 5). */
static enum status compile_signed(struct profile *profile, struct fault *fault)
{
    static const char path[] = "/headers/signed";
    const struct json *names = json_at(profile->json, path);
    bool is_host_signed = false, is_date_signed = false;
    const struct signable headers[] = {
        {STR("host"), &is_host_signed},
        {STR("x-sdk-date"), &is_date_signed},
        {STR("content-type"), &profile->is_content_type_signed},
        {profile->app_key_header, &profile->is_app_key_signed},
    };
    if (!json_is_array(names))
        return refuse(fault, path, "must be an array of header names");
    size_t index = 0;
    for (const struct json *n = json_first(names); n != NULL; n = json_next(n), index++)
        if (!mark_signed(headers, COUNT_OF(headers), json_string(n)))
            return fault_set(fault, ERR_INVALID, "%s/%zu: must be a header that is sent, once",
                             path, index);
    if (!is_host_signed || !is_date_signed)
        return refuse(fault, path, "must hold host and x-sdk-date");
    return OK;
}

static enum status compile_headers(struct profile *profile, struct fault *fault)
{
    static const char *const taken[] = {
        "Host",       "X-Sdk-Date",    "X-Sdk-Content-Sha256", "Content-Type", "Content-Length",
        "Connection", "Authorization", "Transfer-Encoding",    "traceparent"};
    const struct json *root = profile->json;
    enum status status;
    TRY(read_optional_text(root, "/headers/appKey", &profile->app_key_header, fault));
    if (profile->app_key_header.len > 0 && !is_token(profile->app_key_header))
        TRY(refuse(fault, "/headers/appKey", "must be a header name of letters, digits and '-'"));
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        if (str_is_nocase(profile->app_key_header, str_of(taken[i])))
            TRY(refuse(fault, "/headers/appKey", "is a header with another meaning"));
    TRY(read_text(root, "/headers/contentType", &profile->content_type, fault));
    if (!is_printable(profile->content_type))
        TRY(refuse(fault, "/headers/contentType", "must be printable ASCII"));
    if (!json_is_bool(json_at(root, "/headers/traceparent")))
        TRY(refuse(fault, "/headers/traceparent", "must be true or false"));
    profile->has_traceparent = json_bool(json_at(root, "/headers/traceparent"));
    TRY(compile_signed(profile, fault));
out:
    return status;
}

static enum status add_path(struct profile_paths *paths, const char *at, const struct json *value,
                            struct fault *fault)
{
    enum { NAME_MAX_BYTES = 127 }; /* json_at() takes no longer names */
    struct str text = json_string(value), name;
    struct str rest = str_slice(text, 1, text.len);
    bool is_good = str_starts(text, STR("/"));
    for (int depth = 1; is_good && str_next(&rest, '/', &name); depth++)
        is_good = is_plain_name(name) && name.len <= NAME_MAX_BYTES && depth < JSON_DEPTH_MAX;
    if (!is_good)
        return refuse(fault, at, "must be a path like /data/callID, or an array of such");
    if (paths->count == PROFILE_ANSWER_PATHS_MAX)
        return refuse(fault, at, "holds too many paths");
    paths->paths[paths->count++] = text.ptr; /* NUL-terminated: of the JSON tree */
    return OK;
}

static enum status compile_paths(const struct json *root, const char *at,
                                 struct profile_paths *paths, struct fault *fault)
{
    const struct json *value = json_at(root, at);
    if (!json_is_array(value))
        return add_path(paths, at, value, fault);
    for (const struct json *v = json_first(value); v != NULL; v = json_next(v)) {
        enum status status = add_path(paths, at, v, fault);
        if (status != OK)
            return status;
    }
    return paths->count > 0 ? OK : refuse(fault, at, "must hold a path");
}

static enum status compile_answer(struct profile *profile, struct fault *fault)
{
    const struct json *root = profile->json;
    enum status status;
    TRY(compile_paths(root, "/answer/code", &profile->code, fault));
    TRY(compile_paths(root, "/answer/message", &profile->message, fault));
    TRY(compile_paths(root, "/answer/callID", &profile->call_id, fault));
    TRY(compile_paths(root, "/answer/telX", &profile->tel_x, fault));
    TRY(compile_paths(root, "/answer/subId", &profile->sub_id, fault));
    TRY(compile_paths(root, "/answer/url", &profile->url, fault));
    profile->success = json_at(root, "/answer/success");
    if (!json_is_array(profile->success) || json_first(profile->success) == NULL)
        TRY(refuse(fault, "/answer/success", "must be an array of codes"));
    for (const struct json *v = json_first(profile->success); v != NULL; v = json_next(v))
        if (json_string(v).len == 0 || ita_code_text(json_string(v)) != NULL)
            TRY(refuse(fault, "/answer/success",
                       "must hold strings that are none of the 21 ITA codes"));
out:
    return status;
}

static enum status compile_codes(struct profile *profile, struct fault *fault)
{
    const struct json *codes = json_at(profile->json, "/codes");
    profile->codes = mem_alloc(JSON_MEMBERS_MAX * sizeof(*profile->codes));
    for (const struct json *v = json_first(codes); v != NULL; v = json_next(v)) {
        struct profile_code_row row = {str_of(json_name(v)), json_string(v)};
        if (ita_code_text(row.code) == NULL)
            return fault_set(fault, ERR_INVALID, "/codes/%.64s: must be one of the 21 ITA codes",
                             is_plain_name(str_of(json_name(v))) ? json_name(v) : "?");
        if (profile->code_count == JSON_MEMBERS_MAX)
            return refuse(fault, "/codes", "too many members");
        profile->codes[profile->code_count++] = row;
    }
    return OK;
}

enum status profile_compile(struct profile *profile, struct fault *fault)
{
    unsigned body_hash;
    enum status status;
    for (size_t i = 0; i < PROFILE_ACTIONS; i++)
        TRY(compile_action(profile->json, &actions[i], &profile->forms[i], fault));
    TRY(compile_values(profile, fault));
    TRY(compile_remark(profile, fault));
    TRY(compile_time(profile, fault));
    TRY(compile_headers(profile, fault));
    TRY(read_choice(profile->json, "/bodyHash", "real|empty", &body_hash, fault));
    profile->is_body_hash_empty = body_hash == 1;
    TRY(compile_answer(profile, fault));
    TRY(compile_codes(profile, fault));
out:
    return status;
}
