#include "mock_ita/wire_route.h"

#include "base/mem.h"

static bool is_offered(const struct profile_form *form)
{
    return form->path.count > 0;
}

/* --- Finding --- */

static bool is_separator(char byte)
{
    return byte == '/' || byte == '?' || byte == '&';
}

static bool fits_target(const void *data, enum profile_variable variable, struct str value)
{
    (void)data;
    (void)variable;
    for (size_t i = 0; i < value.len; i++)
        if (is_separator(value.ptr[i]))
            return false;
    return true;
}

/* GET serves HEAD too. */
static bool is_method(const struct profile_form *form, struct str method)
{
    return str_is(method, str_of(form->method)) ||
           (str_is(method, STR("HEAD")) && strcmp(form->method, "GET") == 0);
}

static enum status find(const struct profile *profile, struct str method, struct str target,
                        enum profile_action *action, struct profile_values *values)
{
    for (unsigned i = 0; i < PROFILE_ACTIONS; i++) {
        const struct profile_form *form = &profile->forms[i];
        if (!is_offered(form) || !is_method(form, method) ||
            profile_template_match(&form->path, target, fits_target, NULL, values) == 0)
            continue;
        *action = (enum profile_action)i;
        return OK;
    }
    return ERR_NOT_FOUND;
}

enum status mock_route_find(const struct profile *profile, struct str method, struct str target,
                            enum profile_action *action, struct profile_values *values,
                            bool *has_others)
{
    struct str path = str_slice(target, 0, str_find(target, '?'));
    *has_others = false;
    enum status status = find(profile, method, target, action, values);
    if (status == OK || path.len == target.len)
        return status;
    *has_others = true;
    return find(profile, method, path, action, values);
}

/* --- Checking --- */

/* One segment or parameter of a path template. */
struct segment {
    struct str before, after; /* text before its first variable and behind its last */
    bool has_variable;
    char separator; /* that ends it; NUL: the end of the path */
};

/* Takes the next segment off *rest; false when there is none. */
static bool next_segment(struct str *rest, struct segment *out)
{
    size_t len = 0;
    if (rest->ptr == NULL)
        return false;
    while (len < rest->len && !is_separator(rest->ptr[len]))
        len++;
    struct str text = str_slice(*rest, 0, len);
    size_t first = str_find(text, '{'), last = len;
    out->has_variable = first < len;
    while (last > 0 && text.ptr[last - 1] != '}')
        last--;
    out->before = str_slice(text, 0, first);
    out->after = out->has_variable ? str_slice(text, last, len) : text;
    out->separator = len < rest->len ? rest->ptr[len] : '\0';
    *rest = len < rest->len ? str_slice(*rest, len + 1, rest->len) : (struct str){0};
    return true;
}

static bool starts_alike(struct str a, struct str b)
{
    return str_starts(a, b) || str_starts(b, a);
}

static bool ends_alike(struct str a, struct str b)
{
    return str_ends(a, b) || str_ends(b, a);
}

/* Whether one text may be both; yes in doubt. */
static bool may_be_same(const struct segment *a, const struct segment *b)
{
    if (a->separator != b->separator)
        return false;
    if (!a->has_variable && !b->has_variable)
        return str_is(a->before, b->before);
    if ((!a->has_variable && a->before.len < b->before.len + b->after.len) ||
        (!b->has_variable && b->before.len < a->before.len + a->after.len))
        return false;
    return starts_alike(a->before, b->before) && ends_alike(a->after, b->after);
}

static bool may_overlap(struct str a, struct str b)
{
    struct segment in_a, in_b;
    for (;;) {
        bool has_a = next_segment(&a, &in_a), has_b = next_segment(&b, &in_b);
        if (!has_a || !has_b)
            return has_a == has_b;
        if (!may_be_same(&in_a, &in_b))
            return false;
    }
}

static struct str path_of(const struct profile *profile, unsigned action)
{
    const char *name = profile_action_name((enum profile_action)action);
    return json_string(json_get(json_get(profile->json, name), "path"));
}

static bool overlap(const struct profile *profile, unsigned a, unsigned b)
{
    return is_offered(&profile->forms[a]) && is_offered(&profile->forms[b]) &&
           strcmp(profile->forms[a].method, profile->forms[b].method) == 0 &&
           may_overlap(path_of(profile, a), path_of(profile, b));
}

enum status mock_routes_check(const struct profile *profile, struct fault *fault)
{
    for (unsigned i = 0; i < PROFILE_ACTIONS; i++) {
        for (unsigned j = 0; j < i; j++)
            if (overlap(profile, i, j))
                return fault_set(fault, ERR_INVALID,
                                 "/%s/path: a request for it could as well be one for /%s",
                                 profile_action_name((enum profile_action)i),
                                 profile_action_name((enum profile_action)j));
        if (strcmp(profile->forms[i].method, "GET") == 0 &&
            may_overlap(path_of(profile, i), STR(MOCK_PATH_AUDIO "{callID}")))
            return fault_set(fault, ERR_INVALID, "/%s/path: is where mock-ita keeps recordings",
                             profile_action_name((enum profile_action)i));
    }
    return OK;
}
