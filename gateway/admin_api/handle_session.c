/* /admin/v1/session: signing in and out, who am I. */

#include "gateway/admin_api/admin_access.h"
#include "gateway/admin_api/admin_route.h"

static void write_session(struct json_writer *w, const struct administrator *who)
{
    const struct str user = STR("user:"), api_key = STR("api-key:");
    struct str name = str_of(who->who);
    bool is_user = str_starts(name, user);
    json_write_object(w, NULL);
    json_write_str(w, is_user ? "user" : "apiKey",
                   str_slice(name, is_user ? user.len : api_key.len, name.len));
    json_write_text(w, "role", role_text(who->role));
    json_write_text(w, "tenant", who->tenant[0] == '\0' ? NULL : who->tenant);
    json_write_bool(w, "mustChangePassword", who->must_change_password);
    json_write_object_end(w);
}

void handle_session_show(struct admin_request *request)
{
    write_session(admin_answer(request, 200), &request->who);
}
