/* /admin/v1/tenants: tenant spaces and what the system administrator switches of them. */

#include "gateway/admin_api/account_fields.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"

static void write_members(struct json_writer *w, const struct tenant *tenant)
{
    json_write_text(w, "tenant", tenant->name);
    json_write_bool(w, "enabled", tenant->is_enabled);
    json_write_bool(w, "bidirectionalCallEnabled", tenant->is_bidirectional_enabled);
    json_write_bool(w, "trial", tenant->is_trial);
    json_write_bool(w, "configured", tenant->is_configured);
    admin_write_time(w, "createdAt", tenant->created_ms);
}

static void answer_tenant(struct admin_request *request, int http_status, const char *name)
{
    struct tenant tenant = {0};
    struct fault fault = {""};
    enum status status = store_admin_read_tenant(request->store, name, &tenant, &fault);
    if (status == ERR_NOT_FOUND) {
        admin_refuse(request, 404, "there is no such tenant");
        return;
    }
    if (status != OK) {
        admin_refuse_status(request, status, &fault);
        return;
    }
    struct json_writer *w = admin_answer(request, http_status);
    json_write_object(w, NULL);
    write_members(w, &tenant);
    json_write_object_end(w);
    admin_answer_version(request, tenant.version);
    tenant_finish(&tenant);
}

static void write_item(void *data, const struct tenant *tenant)
{
    struct account_page *page = data;
    if (!account_page_takes(page, tenant->name))
        return;
    json_write_object(page->w, NULL);
    write_members(page->w, tenant);
    json_write_object_end(page->w);
}

void handle_tenants_list(struct admin_request *request)
{
    struct account_page page;
    struct fault fault = {""};
    if (!account_page_begin(request, &page))
        return;
    enum status status = store_admin_list_tenants(request->store, page.after, page.limit + 1,
                                                  write_item, &page, &fault);
    account_page_end(request, &page, status, &fault);
}

void handle_tenants_show(struct admin_request *request)
{
    answer_tenant(request, 200, admin_param(request, "tenant"));
}

void handle_tenants_create(struct admin_request *request)
{
    struct fields fields;
    struct tenant_flags flags;
    struct fault fault = {""};
    admin_fields(request, &fields);
    const char *name = fields_text(&fields, "tenant", FIELD_REQUIRED, TENANT_NAME_MAX);
    flags.is_enabled = fields_bool(&fields, "enabled", FIELD_OPTIONAL, true);
    flags.is_bidirectional_enabled =
        fields_bool(&fields, "bidirectionalCallEnabled", FIELD_OPTIONAL, false);
    flags.is_trial = fields_bool(&fields, "trial", FIELD_OPTIONAL, false);
    if (name != NULL && settings_check_tenant_name(str_of(name), &fault) != OK)
        fields_refuse(&fields, "tenant", "name",
                      "must be letters, digits or -_., not beginning with a dot",
                      "只能包含字母、数字或 -_.，且不能以点开头");
    if (!admin_fields_end(request, &fields))
        return;
    enum status status = store_admin_create_tenant_with(request->store, name, &flags, &fault);
    if (status == OK) {
        answer_tenant(request, 201, name);
        admin_answer_header(request, STR("Location"), "/admin/v1/tenants/%s", name);
    } else {
        account_refuse(request, &fields, "tenant", status, &fault);
    }
}

void handle_tenants_put(struct admin_request *request)
{
    const char *name = admin_param(request, "tenant");
    struct fields fields;
    struct tenant_flags flags;
    struct fault fault = {""};
    int64_t version;
    admin_fields(request, &fields);
    flags.is_enabled = fields_bool(&fields, "enabled", FIELD_REQUIRED, false);
    flags.is_bidirectional_enabled =
        fields_bool(&fields, "bidirectionalCallEnabled", FIELD_REQUIRED, false);
    flags.is_trial = fields_bool(&fields, "trial", FIELD_REQUIRED, false);
    if (!admin_fields_end(request, &fields) || !admin_if_match(request, &version))
        return;
    enum status status = store_admin_set_tenant(request->store, name, &flags, version, &fault);
    if (status == OK || status == ERR_NOT_FOUND)
        answer_tenant(request, 200, name);
    else if (status == ERR_STALE)
        answer_tenant(request, 412, name);
    else
        admin_refuse_status(request, status, &fault);
}
