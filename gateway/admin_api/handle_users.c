/* /admin/v1/users: the people who administer. */

#include "base/mem.h"
#include "gateway/admin_api/account_fields.h"
#include "gateway/admin_api/admin_parts.h"

static void write_members(struct json_writer *w, const struct user *user)
{
    json_write_text(w, "user", user->name);
    json_write_text(w, "role", role_text(user->role));
    json_write_text(w, "tenant", user->tenant[0] == '\0' ? NULL : user->tenant);
    json_write_bool(w, "enabled", user->is_enabled);
    admin_write_time(w, "oneTimePasswordUntil", user->one_time_until_ms);
    admin_write_time(w, "createdAt", user->created_ms);
    admin_write_time(w, "signedInAt", user->signed_in_ms);
}

/* The user as he is now, with the one-time password that he was given, if any. */
static void answer_user(struct admin_request *request, int http_status, const char *name,
                        const struct one_time_password *given)
{
    struct user user;
    struct fault fault = {""};
    enum status status = store_admin_read_user(request->store, name, &user, &fault);
    if (status != OK) {
        admin_refuse_status(request, status, &fault);
        return;
    }
    struct json_writer *w = admin_answer(request, http_status);
    json_write_object(w, NULL);
    write_members(w, &user);
    if (given != NULL)
        json_write_text(w, "oneTimePassword", given->text);
    json_write_object_end(w);
    admin_answer_version(request, user.version);
}

/* --- Reading --- */

static void write_item(void *data, const struct user *user)
{
    struct account_page *page = data;
    if (!account_page_takes(page, user->name))
        return;
    json_write_object(page->w, NULL);
    write_members(page->w, user);
    json_write_object_end(page->w);
}

void handle_users_list(struct admin_request *request)
{
    struct account_page page;
    struct fault fault = {""};
    if (!account_page_begin(request, &page))
        return;
    enum status status = store_admin_list_users(request->store, page.after, page.limit + 1,
                                                write_item, &page, &fault);
    account_page_end(request, &page, status, &fault);
}

void handle_users_show(struct admin_request *request)
{
    answer_user(request, 200, admin_param(request, "user"), NULL);
}

/* --- Changing --- */

void handle_users_create(struct admin_request *request)
{
    struct fields fields;
    struct account account;
    struct one_time_password made;
    struct fault fault = {""};
    admin_fields(request, &fields);
    account_read(&fields, "user", &account);
    if (!admin_fields_end(request, &fields))
        return;
    enum status status = store_admin_create_user(request->store, account.name, account.role,
                                                 account.tenant, &made, &fault);
    if (status != OK) {
        account_refuse(request, &fields, "user", status, &fault);
        return;
    }
    answer_user(request, 201, account.name, &made);
    admin_answer_header(request, STR("Location"), "/admin/v1/users/%s", account.name);
    mem_wipe(&made, sizeof(made));
}

void handle_users_put(struct admin_request *request)
{
    const char *name = admin_param(request, "user");
    struct fields fields;
    struct fault fault = {""};
    int64_t version;
    admin_fields(request, &fields);
    bool is_enabled = fields_bool(&fields, "enabled", FIELD_REQUIRED, false);
    if (!admin_fields_end(request, &fields) || !admin_if_match(request, &version))
        return;
    enum status status = store_admin_enable_user(request->store, name, is_enabled, version, &fault);
    if (status == OK)
        answer_user(request, 200, name, NULL);
    else if (status == ERR_STALE)
        answer_user(request, 412, name, NULL);
    else if (status == ERR_INVALID)
        admin_refuse(request, 409, "%s", fault.text);
    else
        admin_refuse_status(request, status, &fault);
}

void handle_users_delete(struct admin_request *request)
{
    struct fault fault = {""};
    enum status status =
        store_admin_delete_user(request->store, admin_param(request, "user"), &fault);
    if (status == OK)
        admin_answer_empty(request, 204);
    else if (status == ERR_INVALID)
        admin_refuse(request, 409, "%s", fault.text);
    else
        admin_refuse_status(request, status, &fault);
}

void handle_users_reset_password(struct admin_request *request)
{
    const char *name = admin_param(request, "user");
    struct one_time_password made;
    struct fields fields;
    struct fault fault = {""};
    admin_fields(request, &fields);
    if (!admin_fields_end(request, &fields))
        return;
    enum status status = store_admin_reset_password(request->store, name, &made, &fault);
    if (status != OK) {
        admin_refuse_status(request, status, &fault);
        return;
    }
    answer_user(request, 200, name, &made);
    mem_wipe(&made, sizeof(made));
}
