#include "mock_ita/wire.h"

#include "base/encoding.h"
#include "base/mem.h"
#include "mock_ita/wire_route.h"

enum {
    PATH_MAX_BYTES = 256, /* of a member; what is longer is cut */
    OTHERS_MAX = 64,      /* of parameters that nobody knows; as much tells which they are */
    RULE_MAX = 512,       /* a template and the rules of its variables; cut likewise */
};

/* One request while it is read. */
struct reading {
    struct mock_wire *wire;
    const struct mock_wire_options *options;
    const struct profile_form *form;
    size_t at;        /* the form's member that is next */
    unsigned given;   /* bits of the variables whose member is there, good or not */
    bool is_composed; /* the template at hand is more than one variable */
};

static const struct profile *profile_of(const struct reading *reading)
{
    return reading->options->rules.profile;
}

/* --- Violations --- */

static void violate(struct reading *reading, const struct buf *path, const struct buf *rule)
{
    mock_violations_add(&reading->wire->violations, buf_str(path), buf_str(rule));
}

static void violate_member(struct reading *reading, struct str rule)
{
    char storage[PATH_MAX_BYTES];
    struct buf path;
    buf_init_fixed(&path, storage, sizeof(storage));
    profile_form_append_place(reading->form, reading->at, &path);
    mock_violations_add(&reading->wire->violations, buf_str(&path), rule);
}

/* --- Variables --- */

static bool is_optional(const struct reading *reading, enum profile_variable variable)
{
    return mock_rule_is_optional(profile_of(reading), reading->wire->action, variable);
}

static bool fits(const void *data, enum profile_variable variable, struct str value)
{
    const struct reading *reading = data;
    if (value.len == 0 && reading->is_composed)
        return is_optional(reading, variable);
    return mock_rule_holds(&reading->options->rules, variable, value);
}

/* Keeps the value; one that the request has told already must be the same. */
static void keep_value(struct reading *reading, enum profile_variable variable, struct str value,
                       const struct buf *path)
{
    struct str *kept = &reading->wire->values.of[variable];
    if (kept->ptr == NULL) {
        *kept = value;
        return;
    }
    if (str_is(*kept, value))
        return;
    char storage[RULE_MAX];
    struct buf rule;
    buf_init_fixed(&rule, storage, sizeof(storage));
    buf_format(&rule, "must hold the same {%s} as elsewhere in the request",
               profile_variable_name(variable));
    violate(reading, path, &rule);
}

/* --- Members --- */

/* "must be digits, ..." for one variable; else the template and what its variables must be. */
static void append_template_rule(const struct reading *reading,
                                 const struct profile_template *template, struct buf *out)
{
    const struct mock_rules *rules = &reading->options->rules;
    if (!reading->is_composed) {
        buf_append(out, STR("must be "));
        mock_rule_append(rules, template->pieces[0].variable, out);
        return;
    }
    buf_append(out, STR("must read "));
    profile_template_print(template, out);
    for (size_t i = 0; i < template->count; i++) {
        const struct profile_piece *piece = &template->pieces[i];
        if (piece->literal.ptr != NULL)
            continue;
        buf_format(out, "; {%s}: ", profile_variable_name(piece->variable));
        mock_rule_append(rules, piece->variable, out);
    }
}

/* Whether the gateway leaves the member out when its variable has no value. */
static bool may_be_absent(const struct reading *reading, const struct profile_template *template)
{
    return !reading->is_composed && is_optional(reading, template->pieces[0].variable);
}

static void keep_values(struct reading *reading, const struct profile_values *found)
{
    char storage[PATH_MAX_BYTES];
    struct buf path;
    buf_init_fixed(&path, storage, sizeof(storage));
    profile_form_append_place(reading->form, reading->at, &path);
    for (unsigned i = 0; i < PROFILE_VARIABLES; i++)
        if (found->of[i].len > 0)
            keep_value(reading, (enum profile_variable)i, found->of[i], &path);
}

static void read_text(struct reading *reading, const struct profile_template *template,
                      const struct json *value)
{
    struct profile_values found = {0};
    reading->is_composed = template->count != 1 || template->pieces[0].literal.ptr != NULL;
    if (value == NULL && may_be_absent(reading, template))
        return;
    reading->given |= value == NULL ? 0 : profile_template_variables(template);
    if (json_is_string(value) &&
        profile_template_match(template, json_string(value), fits, reading, &found) > 0) {
        keep_values(reading, &found);
        return;
    }
    char storage[RULE_MAX];
    struct buf rule;
    buf_init_fixed(&rule, storage, sizeof(storage));
    if (value == NULL)
        buf_append(&rule, STR("must be there and "));
    else if (!json_is_string(value))
        buf_append(&rule, STR("must be a string and "));
    append_template_rule(reading, template, &rule);
    violate_member(reading, buf_str(&rule));
}

static void read_fixed(struct reading *reading, const char *fixed, const struct json *value)
{
    char storage[RULE_MAX];
    struct buf text;
    struct json_writer w;
    buf_init_fixed(&text, storage, sizeof(storage));
    json_write_init(&w, &text);
    if (json_is_number(value) || json_is_bool(value))
        json_write_value(&w, NULL, value);
    if (str_is(buf_str(&text), str_of(fixed)))
        return;
    buf_clear(&text);
    buf_format(&text, "must be %s", fixed);
    violate_member(reading, buf_str(&text));
}

/* --- Objects --- */

/* The index of the end of the object that the form begins at `begin`. */
static size_t end_of_object(const struct profile_form *form, size_t begin)
{
    size_t i = begin, depth = 1;
    while (depth > 0) {
        i++;
        if (form->members[i].kind == PROFILE_MEMBER_OBJECT)
            depth++;
        else if (form->members[i].kind == PROFILE_MEMBER_OBJECT_END)
            depth--;
    }
    return i;
}

static bool has_member(const struct profile_form *form, size_t begin, const char *name)
{
    size_t end = end_of_object(form, begin);
    for (size_t i = begin + 1; i < end; i++) {
        if (strcmp(form->members[i].name, name) == 0)
            return true;
        if (form->members[i].kind == PROFILE_MEMBER_OBJECT)
            i = end_of_object(form, i);
    }
    return false;
}

static void add_unknown(struct reading *reading, struct str path)
{
    struct mock_violations *list = reading->options->notes_unknown_members
                                       ? &reading->wire->notes
                                       : &reading->wire->violations;
    mock_violations_add(list, path, STR("is unknown to the wire profile"));
}

static void check_unknown(struct reading *reading, size_t begin, const struct json *object)
{
    for (const struct json *m = json_first(object); m != NULL; m = json_next(m)) {
        if (has_member(reading->form, begin, json_name(m)))
            continue;
        char storage[PATH_MAX_BYTES];
        struct buf path;
        buf_init_fixed(&path, storage, sizeof(storage));
        profile_form_append_place(reading->form, begin, &path);
        profile_path_append(&path, json_name(m));
        add_unknown(reading, buf_str(&path));
    }
}

/* The object that the form begins at reading->at, which ends at its end. An absent object (NULL)
 * lacks all its members, which is well when each of them may be absent. */
static void read_object(struct reading *reading, const struct json *object)
{
    const struct profile_form *form = reading->form;
    size_t begin = reading->at;
    if (object != NULL && !json_is_object(object)) {
        violate_member(reading, STR("must be an object"));
        reading->at = end_of_object(form, begin);
        return;
    }
    while (form->members[++reading->at].kind != PROFILE_MEMBER_OBJECT_END) {
        const struct profile_member *member = &form->members[reading->at];
        const struct json *value = json_get(object, member->name);
        if (member->kind == PROFILE_MEMBER_OBJECT)
            read_object(reading, value);
        else if (member->kind == PROFILE_MEMBER_TEXT)
            read_text(reading, &member->text, value);
        else
            read_fixed(reading, member->fixed, value);
    }
    check_unknown(reading, begin, object);
}

/* --- Body and target --- */

/* Spaces and case aside. */
static bool is_same_type(struct str a, struct str b)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.len && a.ptr[i] == ' ')
            i++;
        while (j < b.len && b.ptr[j] == ' ')
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (!str_is_nocase(str_slice(a, i++, 1), str_slice(b, j++, 1)))
            return false;
    }
}

/* Without parameters it is as good: JSON is UTF-8 (RFC 8259, section 8.1). */
static void check_content_type(struct reading *reading, const struct http_request *request)
{
    struct str type = profile_of(reading)->content_type;
    struct str given =
        http_headers_find(request->headers, request->header_count, STR("content-type"));
    bool has_parameters = str_find(given, ';') < given.len;
    if (is_same_type(given, has_parameters ? type : str_slice(type, 0, str_find(type, ';'))))
        return;
    char storage[RULE_MAX];
    struct buf rule;
    buf_init_fixed(&rule, storage, sizeof(storage));
    buf_format(&rule, "must be %.*s", STR_ARGS(type));
    mock_violations_add(&reading->wire->violations, STR("Content-Type"), buf_str(&rule));
}

static enum mock_code read_body(struct reading *reading, const struct http_request *request)
{
    struct mock_wire *wire = reading->wire;
    struct fault fault;
    if (reading->form->member_count == 0) {
        if (request->body.len > 0)
            mock_violations_add(&wire->violations, STR(""), STR("must have no body"));
        return MOCK_INVALID_PARAMETER;
    }
    check_content_type(reading, request);
    if (json_parse(request->body, &wire->json, &fault) != OK) {
        mock_violations_add(&wire->violations, STR(""), str_of(fault.text));
        return MOCK_BAD_REQUEST;
    }
    if (!json_is_object(wire->json)) {
        mock_violations_add(&wire->violations, STR(""), STR("must be a JSON object"));
        return MOCK_BAD_REQUEST;
    }
    read_object(reading, wire->json);
    return MOCK_INVALID_PARAMETER;
}

/* Where the variable stands: in the body, or as "{telX}" in the target. */
static void append_place(const struct profile_form *form, enum profile_variable variable,
                         struct buf *out)
{
    for (size_t i = 0; i < form->member_count; i++) {
        if ((profile_template_variables(&form->members[i].text) & PROFILE_VARIABLE_BIT(variable)) ==
            0)
            continue;
        profile_form_append_place(form, i, out);
        return;
    }
    buf_format(out, "{%s}", profile_variable_name(variable));
}

static void violate_variable(struct reading *reading, enum profile_variable variable,
                             const char *rule)
{
    char storage[PATH_MAX_BYTES];
    struct buf path;
    buf_init_fixed(&path, storage, sizeof(storage));
    append_place(reading->form, variable, &path);
    mock_violations_add(&reading->wire->violations, buf_str(&path), str_of(rule));
}

/* A variable of the target, whose value stands there percent-encoded. */
static void read_target_variable(struct reading *reading, enum profile_variable variable)
{
    struct mock_wire *wire = reading->wire;
    struct str encoded = wire->values.of[variable];
    char storage[RULE_MAX], name_storage[64];
    struct buf value, rule, name;
    buf_init(&value, encoded.len);
    buf_init_fixed(&rule, storage, sizeof(storage));
    buf_init_fixed(&name, name_storage, sizeof(name_storage));
    buf_format(&name, "{%s}", profile_variable_name(variable));
    wire->values.of[variable] = (struct str){0};
    reading->given |= PROFILE_VARIABLE_BIT(variable);
    if (percent_decode(encoded, &value) != OK)
        buf_append(&rule, STR("must be percent-encoded"));
    else if (value.len == 0 && is_optional(reading, variable))
        reading->given &= ~PROFILE_VARIABLE_BIT(variable);
    else if (!mock_rule_holds(&reading->options->rules, variable, buf_str(&value))) {
        buf_append(&rule, STR("must be "));
        mock_rule_append(&reading->options->rules, variable, &rule);
    } else {
        wire->of_target[variable] = str_copy(buf_str(&value));
        wire->values.of[variable] = str_from(wire->of_target[variable], value.len);
    }
    if (rule.len > 0)
        violate(reading, &name, &rule);
    buf_finish(&value);
}

/* --- Between variables --- */

static bool is_given(const struct reading *reading, enum profile_variable variable)
{
    return (reading->given & PROFILE_VARIABLE_BIT(variable)) != 0;
}

/* Specified goes with an X, Automatic without one. A mode that breaks its own rule says nothing. */
static void check_mode(struct reading *reading)
{
    const struct profile *profile = profile_of(reading);
    struct str mode = reading->wire->values.of[PROFILE_VARIABLE_TEL_X_MODE];
    bool has_x = is_given(reading, PROFILE_VARIABLE_TEL_X);
    struct str expected = has_x ? profile->specified : profile->automatic;
    if ((profile_form_variables(reading->form) &
         PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_TEL_X_MODE)) == 0)
        return;
    if (mode.ptr != NULL && (expected.ptr == NULL || !str_is(mode, expected)))
        violate_variable(reading, PROFILE_VARIABLE_TEL_X,
                         has_x ? "must not be there when {telXMode} is Automatic"
                               : "must be there when {telXMode} is Specified");
    else if (mode.ptr == NULL && expected.ptr != NULL &&
             !is_given(reading, PROFILE_VARIABLE_TEL_X_MODE) &&
             is_optional(reading, PROFILE_VARIABLE_TEL_X_MODE))
        violate_variable(reading, PROFILE_VARIABLE_TEL_X_MODE,
                         has_x ? "must be there beside {telX}" : "must be there without {telX}");
}

static void check_together(struct reading *reading)
{
    const struct str *values = reading->wire->values.of;
    if (values[PROFILE_VARIABLE_TEL_A].len > 0 &&
        str_is(values[PROFILE_VARIABLE_TEL_A], values[PROFILE_VARIABLE_TEL_B]))
        violate_variable(reading, PROFILE_VARIABLE_TEL_B, "must not be {telA}");
    check_mode(reading);
}

/* --- All of it --- */

enum status mock_wire_route(const struct profile *profile, const struct http_request *request,
                            struct mock_wire *out)
{
    return mock_route_find(profile, request->method, request->target, &out->action, &out->values,
                           &out->has_other_parameters);
}

enum mock_code mock_wire_read(struct mock_wire *wire, const struct mock_wire_options *options,
                              const struct http_request *request)
{
    struct reading reading = {
        .wire = wire,
        .options = options,
        .form = &options->rules.profile->forms[wire->action],
    };
    for (unsigned i = 0; i < PROFILE_VARIABLES; i++)
        if (wire->values.of[i].ptr != NULL)
            read_target_variable(&reading, (enum profile_variable)i);
    if (wire->has_other_parameters)
        add_unknown(&reading,
                    str_slice(request->target, str_find(request->target, '?'), OTHERS_MAX));
    enum mock_code code = read_body(&reading, request);
    if (code == MOCK_INVALID_PARAMETER)
        check_together(&reading);
    return wire->violations.count == 0 ? MOCK_OK : code;
}

void mock_wire_finish(struct mock_wire *wire)
{
    for (size_t i = 0; i < PROFILE_VARIABLES; i++)
        mem_free(wire->of_target[i]);
    json_destroy(wire->json);
    mock_violations_finish(&wire->violations);
    mock_violations_finish(&wire->notes);
    *wire = (struct mock_wire){0};
}

/* A profile that has no word for it, or none for either, orders no recording. Where one of the two
 * is "no value", leaving the member out says it. */
static bool is_recorded(const struct mock_wire *wire, const struct profile *profile)
{
    unsigned held = profile_form_variables(&profile->forms[wire->action]);
    struct str value = wire->values.of[PROFILE_VARIABLE_CALL_RECORDING];
    if ((held & PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_RECORDING)) == 0)
        return false;
    if (value.ptr == NULL)
        return profile->recorded.ptr == NULL && profile->not_recorded.ptr != NULL;
    return profile->recorded.ptr != NULL && str_is(value, profile->recorded);
}

/* What tells orders apart: "unique per call and the same on a safe retry". */
static struct str request_id(const struct str *values)
{
    struct str id = values[PROFILE_VARIABLE_REQUEST_ID];
    return id.len > 0 ? id : values[PROFILE_VARIABLE_CALL_SERIAL];
}

struct mock_order mock_wire_order(const struct mock_wire *wire, const struct profile *profile,
                                  struct str access_key)
{
    const struct str *values = wire->values.of;
    return (struct mock_order){
        .access_key = access_key,
        .request_id = request_id(values),
        .tel_a = values[PROFILE_VARIABLE_TEL_A],
        .tel_b = values[PROFILE_VARIABLE_TEL_B],
        .tel_x = values[PROFILE_VARIABLE_TEL_X],
        .remark = values[PROFILE_VARIABLE_REMARK],
        .is_recorded = is_recorded(wire, profile),
    };
}

struct mock_binding_order mock_wire_binding_order(const struct mock_wire *wire,
                                                  const struct profile *profile,
                                                  struct str access_key)
{
    const struct mock_order order = mock_wire_order(wire, profile, access_key);
    struct mock_binding_order binding = {
        .access_key = order.access_key,
        .request_id = order.request_id,
        .tel_a = order.tel_a,
        .tel_b = order.tel_b,
        .tel_x = order.tel_x,
        .remark = order.remark,
        .is_recorded = order.is_recorded,
    };
    /* By its rule digits that fit, or nothing. */
    if (str_parse_i64(wire->values.of[PROFILE_VARIABLE_EXPIRATION], &binding.expiration_s) != OK)
        binding.expiration_s = 0;
    return binding;
}
