#include "ita/profile.h"

#include <stdatomic.h>

#include "base/mem.h"
#include "ita/code.h"
#include "ita/profile_compile.h"
#include "ita/profile_merge.h"

/* The given text over the default, with every member. */
static enum status read_merged(struct str text, struct json **out, struct fault *fault)
{
    struct json *defaults = NULL, *given = NULL;
    struct buf merged;
    enum status status;
    buf_init(&merged, (size_t)4 * ITA_PROFILE_TEXT_MAX); /* indented */
    if (text.len > ITA_PROFILE_TEXT_MAX)
        TRY(fault_set(fault, ERR_TOO_BIG, "over %d bytes", ITA_PROFILE_TEXT_MAX));
    TRY(json_parse(text, &given, fault));
    TRY(json_parse(ita_profile_default_text(), &defaults, fault));
    TRY(ita_profile_merge(defaults, given, &merged, fault));
    if (buf_is_over(&merged))
        TRY(fault_set(fault, ERR_TOO_BIG, "too big when written out"));
    TRY(json_parse(buf_str(&merged), out, fault));
out:
    buf_finish(&merged);
    json_destroy(defaults);
    json_destroy(given);
    return status;
}

enum status ita_profile_parse(struct str text, struct ita_profile **out, struct fault *fault)
{
    struct ita_profile *profile = NEW(struct ita_profile);
    enum status status;
    atomic_init(&profile->references, 1);
    TRY(read_merged(text, &profile->json, fault));
    TRY(ita_profile_compile(profile, fault));
    *out = profile;
    return OK;
out:
    ita_profile_release(profile);
    return status;
}

struct ita_profile *ita_profile_hold(struct ita_profile *profile)
{
    atomic_fetch_add(&profile->references, 1);
    return profile;
}

static void finish_form(struct ita_form *form)
{
    for (size_t i = 0; i < form->member_count; i++) {
        ita_template_finish(&form->members[i].text);
        mem_free(form->members[i].fixed);
    }
    mem_free(form->members);
    ita_template_finish(&form->path);
}

void ita_profile_release(struct ita_profile *profile)
{
    if (profile == NULL || atomic_fetch_sub(&profile->references, 1) > 1)
        return;
    for (size_t i = 0; i < ITA_ACTIONS; i++)
        finish_form(&profile->forms[i]);
    ita_template_finish(&profile->remark);
    mem_free(profile->codes);
    json_destroy(profile->json);
    mem_free(profile);
}

void ita_profile_print(const struct ita_profile *profile, struct buf *out)
{
    ita_profile_append_pretty(profile->json, out);
}

enum status ita_profile_read_remark(const struct ita_profile *profile, struct str remark,
                                    struct str *tenant, struct str *serial)
{
    return ita_template_read(&profile->remark, remark, tenant, serial);
}

struct str ita_profile_map_code(const struct ita_profile *profile, struct str native)
{
    if (ita_code_text(native) != NULL)
        return native;
    for (size_t i = 0; i < profile->code_count; i++)
        if (str_is(native, profile->codes[i].native))
            return profile->codes[i].code;
    return (struct str){0};
}

bool ita_profile_is_success(const struct ita_profile *profile, struct str native)
{
    for (const struct json *v = json_first(profile->success); v != NULL; v = json_next(v))
        if (str_is(native, json_string(v)))
            return true;
    return false;
}
