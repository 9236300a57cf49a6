#include "profile/profile.h"

#include <stdatomic.h>

#include "base/mem.h"
#include "profile/code.h"
#include "profile/compile.h"
#include "profile/merge.h"

/* The given text over the default, with every member. */
static enum status read_merged(struct str text, struct json **out, struct fault *fault)
{
    struct json *defaults = NULL, *given = NULL;
    struct buf merged;
    enum status status;
    buf_init(&merged, (size_t)4 * PROFILE_TEXT_MAX); /* indented */
    if (text.len > PROFILE_TEXT_MAX)
        TRY(fault_set(fault, ERR_TOO_BIG, "over %d bytes", PROFILE_TEXT_MAX));
    TRY(json_parse(text, &given, fault));
    TRY(json_parse(profile_default_text(), &defaults, fault));
    TRY(profile_merge(defaults, given, &merged, fault));
    if (buf_is_over(&merged))
        TRY(fault_set(fault, ERR_TOO_BIG, "too big when written out"));
    TRY(json_parse(buf_str(&merged), out, fault));
out:
    buf_finish(&merged);
    json_destroy(defaults);
    json_destroy(given);
    return status;
}

enum status profile_parse(struct str text, struct profile **out, struct fault *fault)
{
    struct profile *profile = NEW(struct profile);
    enum status status;
    atomic_init(&profile->references, 1);
    TRY(read_merged(text, &profile->json, fault));
    TRY(profile_compile(profile, fault));
    *out = profile;
    return OK;
out:
    profile_release(profile);
    return status;
}

struct profile *profile_hold(struct profile *profile)
{
    atomic_fetch_add(&profile->references, 1);
    return profile;
}

static void finish_form(struct profile_form *form)
{
    for (size_t i = 0; i < form->member_count; i++) {
        profile_template_finish(&form->members[i].text);
        mem_free(form->members[i].fixed);
    }
    mem_free(form->members);
    profile_template_finish(&form->path);
}

void profile_release(struct profile *profile)
{
    if (profile == NULL || atomic_fetch_sub(&profile->references, 1) > 1)
        return;
    for (size_t i = 0; i < PROFILE_ACTIONS; i++)
        finish_form(&profile->forms[i]);
    profile_template_finish(&profile->remark);
    mem_free(profile->codes);
    json_destroy(profile->json);
    mem_free(profile);
}

void profile_print(const struct profile *profile, struct buf *out)
{
    profile_append_pretty(profile->json, out);
}

enum status profile_read_remark(const struct profile *profile, struct str remark,
                                struct str *tenant, struct str *serial)
{
    return profile_template_read(&profile->remark, remark, tenant, serial);
}

struct str profile_map_code(const struct profile *profile, struct str native)
{
    if (ita_code_text(native) != NULL)
        return native;
    for (size_t i = 0; i < profile->code_count; i++)
        if (str_is(native, profile->codes[i].native))
            return profile->codes[i].code;
    return (struct str){0};
}

bool profile_is_success(const struct profile *profile, struct str native)
{
    for (const struct json *v = json_first(profile->success); v != NULL; v = json_next(v))
        if (str_is(native, json_string(v)))
            return true;
    return false;
}

unsigned profile_form_variables(const struct profile_form *form)
{
    unsigned bits = profile_template_variables(&form->path);
    for (size_t i = 0; i < form->member_count; i++)
        bits |= profile_template_variables(&form->members[i].text);
    return bits;
}

void profile_path_append(struct buf *path, const char *name)
{
    buf_append_byte(path, '/');
    for (; *name != '\0'; name++) {
        bool is_visible = *name > ' ' && *name < 0x7F;
        buf_append(path, is_visible ? str_from(name, 1) : STR("?"));
    }
}

void profile_form_append_place(const struct profile_form *form, size_t index, struct buf *out)
{
    for (size_t i = 0; i <= index; i++) {
        const struct profile_member *member = &form->members[i];
        bool is_object = member->kind == PROFILE_MEMBER_OBJECT;
        if (member->kind == PROFILE_MEMBER_OBJECT_END)
            while (out->len > 0 && out->ptr[--out->len] != '/')
                continue;
        else if (member->name != NULL && (is_object || i == index))
            profile_path_append(out, member->name);
    }
}
