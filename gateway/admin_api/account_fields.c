#include "gateway/admin_api/account_fields.h"

#include <stdio.h>

#include "base/mem.h"

static void check_name(struct fields *fields, const char *member, const char *name)
{
    struct fault fault;
    if (name != NULL && user_check_name(str_of(name), &fault) != OK)
        fields_refuse(fields, member, "name",
                      "must be 1 to 64 of a-z 0-9 - _ . @, the first a letter or digit",
                      "必须是 1 到 64 个 a-z 0-9 - _ . @ 字符，首字符为字母或数字");
}

static void check_tenant(struct fields *fields, enum role role, const char *tenant)
{
    if (role == ROLE_TENANT_ADMIN && tenant == NULL)
        fields_refuse(fields, "tenant", "required", "a tenant-admin must have one",
                      "租户管理员必须有所属租户");
    if (role == ROLE_SYSADMIN && tenant != NULL)
        fields_refuse(fields, "tenant", "absent", "a sysadmin has none", "系统管理员没有所属租户");
}

void account_read(struct fields *fields, const char *name_member, struct account *out)
{
    static const char *const roles[] = {"sysadmin", "tenant-admin"};
    static const enum role values[] = {ROLE_SYSADMIN, ROLE_TENANT_ADMIN};
    out->name = fields_text(fields, name_member, FIELD_REQUIRED, USER_NAME_MAX);
    check_name(fields, name_member, out->name);
    int role = fields_choice(fields, "role", FIELD_REQUIRED, roles, COUNT_OF(roles));
    out->tenant = fields_text(fields, "tenant", FIELD_OPTIONAL, TENANT_NAME_MAX);
    if (role < 0)
        return;
    out->role = values[role];
    check_tenant(fields, out->role, out->tenant);
}

void account_refuse(struct admin_request *request, struct fields *fields, const char *name_member,
                    enum status status, const struct fault *fault)
{
    if (status == ERR_EXISTS)
        fields_refuse(fields, name_member, "exists", "exists already", "已存在");
    else if (status == ERR_NOT_FOUND)
        fields_refuse(fields, "tenant", "unknown-tenant", "there is no such tenant", "没有此租户");
    if (admin_fields_end(request, fields))
        admin_refuse_status(request, status, fault);
}

bool account_page_begin(struct admin_request *request, struct account_page *page)
{
    struct admin_page asked;
    if (!admin_page_read(request, NULL, 0, &asked))
        return false;
    *page = (struct account_page){.w = admin_list_begin(request), .limit = asked.limit};
    memcpy(page->after, asked.cursor, sizeof(page->after));
    return true;
}

bool account_page_takes(struct account_page *page, const char *name)
{
    if (page->count++ >= page->limit)
        return false;
    (void)snprintf(page->last, sizeof(page->last), "%s", name);
    return true;
}

void account_page_end(struct admin_request *request, const struct account_page *page,
                      enum status status, const struct fault *fault)
{
    admin_list_end(page->w, page->count > page->limit ? page->last : NULL);
    if (status != OK)
        admin_refuse_status(request, status, fault);
}
