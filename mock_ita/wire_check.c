#include "base/mem.h"
#include "mock_ita/wire.h"
#include "mock_ita/wire_answer.h"
#include "mock_ita/wire_route.h"

/* What a wire profile must allow, so that what it makes can be read back. */

enum { PLACE_MAX = 160 }; /* in a fault */

static enum status check_template(const struct profile_template *template, struct str place,
                                  struct fault *fault)
{
    for (size_t i = 1; i < template->count; i++)
        if (template->pieces[i].literal.ptr == NULL && template->pieces[i - 1].literal.ptr == NULL)
            return fault_set(fault, ERR_INVALID, "%.*s: needs text between its variables",
                             STR_ARGS(place));
    return OK;
}

static enum status check_form(const struct profile_form *form, const char *action,
                              struct fault *fault)
{
    char storage[PLACE_MAX];
    struct buf place;
    enum status status;
    buf_init_fixed(&place, storage, sizeof(storage));
    buf_format(&place, "/%s/path", action);
    TRY(check_template(&form->path, buf_str(&place), fault));
    for (size_t i = 0; i < form->member_count; i++) {
        buf_clear(&place);
        buf_format(&place, "/%s/request", action);
        profile_form_append_place(form, i, &place);
        TRY(check_template(&form->members[i].text, buf_str(&place), fault));
    }
out:
    return status;
}

/* A call is kept by its callID and by what tells orders apart. */
static enum status check_query(const struct profile_form *form, struct fault *fault)
{
    const unsigned known = PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_ID) |
                           PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_REQUEST_ID) |
                           PROFILE_VARIABLE_BIT(PROFILE_VARIABLE_CALL_SERIAL);
    if (form->path.count == 0 || (profile_form_variables(form) & known) != 0)
        return OK;
    return fault_set(fault, ERR_INVALID,
                     "/query: must hold {callID}, {requestId} or {callSerialNo}");
}

enum status mock_wire_check(const struct profile *profile, struct fault *fault)
{
    enum status status;
    for (unsigned i = 0; i < PROFILE_ACTIONS; i++)
        TRY(check_form(&profile->forms[i], profile_action_name((enum profile_action)i), fault));
    TRY(check_query(&profile->forms[PROFILE_ACTION_QUERY], fault));
    TRY(mock_routes_check(profile, fault));
    TRY(mock_answer_check(profile, fault));
out:
    return status;
}
