/* /admin/v1/api-keys: with what programs administer. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/account_fields.h"
#include "gateway/admin_api/admin_parts.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, EXPIRY_DAYS_MAX = 3650 };

static void write_members(struct json_writer *w, const struct api_key *key)
{
    json_write_text(w, "name", key->name);
    json_write_text(w, "role", role_text(key->role));
    json_write_text(w, "tenant", key->tenant[0] == '\0' ? NULL : key->tenant);
    json_write_bool(w, "enabled", key->is_enabled);
    admin_write_time(w, "createdAt", key->created_ms);
    admin_write_time(w, "expiresAt", key->expires_ms);
    admin_write_day(w, "usedOn", key->used_ms);
}

/* The key as it is now, with its text when it was just made. */
static void answer_key(struct admin_request *request, int http_status, const char *name,
                       const struct new_api_key *made)
{
    struct api_key key;
    struct fault fault = {""};
    enum status status = store_admin_read_api_key(request->store, name, &key, &fault);
    if (status != OK) {
        admin_refuse_status(request, status, &fault);
        return;
    }
    struct json_writer *w = admin_answer(request, http_status);
    json_write_object(w, NULL);
    write_members(w, &key);
    if (made != NULL)
        json_write_text(w, "key", made->text);
    json_write_object_end(w);
    admin_answer_version(request, key.version);
}

static void write_item(void *data, const struct api_key *key)
{
    struct account_page *page = data;
    if (!account_page_takes(page, key->name))
        return;
    json_write_object(page->w, NULL);
    write_members(page->w, key);
    json_write_object_end(page->w);
}

void handle_api_keys_list(struct admin_request *request)
{
    struct account_page page;
    struct fault fault = {""};
    if (!account_page_begin(request, &page))
        return;
    enum status status = store_admin_list_api_keys(request->store, page.after, page.limit + 1,
                                                   write_item, &page, &fault);
    account_page_end(request, &page, status, &fault);
}

void handle_api_keys_show(struct admin_request *request)
{
    answer_key(request, 200, admin_param(request, "name"), NULL);
}

void handle_api_keys_create(struct admin_request *request)
{
    struct fields fields;
    struct account account;
    struct new_api_key made;
    struct fault fault = {""};
    admin_fields(request, &fields);
    account_read(&fields, "name", &account);
    int64_t days = fields_number(&fields, "expiresInDays", FIELD_OPTIONAL, 1, EXPIRY_DAYS_MAX, 0);
    if (!admin_fields_end(request, &fields))
        return;
    enum status status =
        store_admin_create_api_key(request->store, account.name, account.role, account.tenant,
                                   days == 0 ? 0 : clock_wall_ms() + days * DAY_MS, &made, &fault);
    if (status != OK) {
        account_refuse(request, &fields, "name", status, &fault);
        return;
    }
    answer_key(request, 201, account.name, &made);
    admin_answer_header(request, STR("Location"), "/admin/v1/api-keys/%s", account.name);
    mem_wipe(&made, sizeof(made));
}

void handle_api_keys_put(struct admin_request *request)
{
    const char *name = admin_param(request, "name");
    struct fields fields;
    struct fault fault = {""};
    int64_t version;
    admin_fields(request, &fields);
    bool is_enabled = fields_bool(&fields, "enabled", FIELD_REQUIRED, false);
    if (!admin_fields_end(request, &fields) || !admin_if_match(request, &version))
        return;
    enum status status =
        store_admin_enable_api_key(request->store, name, is_enabled, version, &fault);
    if (status == OK)
        answer_key(request, 200, name, NULL);
    else if (status == ERR_STALE)
        answer_key(request, 412, name, NULL);
    else
        admin_refuse_status(request, status, &fault);
}
