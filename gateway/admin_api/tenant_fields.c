#include "gateway/admin_api/tenant_fields.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"

/* "numbers/3" is the member 3 of numbers. */
static void refuse_field(struct admin_request *request, const struct violation *violation)
{
    char path[sizeof(violation->field) + 1] = "";
    const char *slash = strrchr(violation->field, '/');
    struct fields fields;
    if (slash != NULL)
        (void)snprintf(path, sizeof(path), "/%.*s", (int)(slash - violation->field),
                       violation->field);
    fields_init(&fields, NULL, path, &request->errors);
    fields_refuse(&fields, slash == NULL ? violation->field : slash + 1, violation->rule,
                  violation->en, violation->zh);
}

void tenant_refuse(struct admin_request *request, enum status status,
                   const struct violations *violations, const struct fault *fault)
{
    struct fields none;
    fields_init(&none, NULL, "", &request->errors);
    for (size_t i = 0; i < violations_kept(violations); i++)
        refuse_field(request, &violations->items[i]);
    if (admin_fields_end(request, &none))
        admin_refuse_status(request, status, fault);
}

static void read_items(struct admin_request *request, const struct json *array, char **items,
                       size_t *count)
{
    struct fields fields;
    fields_init(&fields, NULL, "/numbers", &request->errors);
    for (const struct json *item = json_first(array); item != NULL; item = json_next(item)) {
        char at[24];
        (void)snprintf(at, sizeof(at), "%zu", *count);
        if (!json_is_string(item))
            fields_refuse(&fields, at, "type", "must be a string", "必须是字符串");
        items[(*count)++] = (char *)json_string(item).ptr; /* only read */
    }
}

bool tenant_read_numbers(struct admin_request *request, char ***items, size_t *count)
{
    struct fields fields;
    size_t found = 0;
    admin_fields(request, &fields);
    const struct json *array = fields_array(&fields, "numbers", FIELD_REQUIRED);
    for (const struct json *item = json_first(array); item != NULL; item = json_next(item))
        found++;
    if (array != NULL && found == 0)
        fields_refuse(&fields, "numbers", "required", "must not be empty", "不能为空");
    *count = 0;
    *items = mem_alloc((found + 1) * sizeof(**items));
    read_items(request, array, *items, count);
    if (admin_fields_end(request, &fields))
        return true;
    mem_free((void *)*items);
    return false;
}

static bool answer_unless_found(struct admin_request *request, enum status status,
                                const struct fault *fault)
{
    if (status == ERR_NOT_FOUND) /* the words that another tenant's administrator gets */
        admin_refuse(request, 404, "there is no such tenant");
    else if (status != OK)
        admin_refuse_status(request, status, fault);
    return status == OK;
}

bool tenant_read(struct admin_request *request, struct tenant *out)
{
    struct fault fault = {""};
    *out = (struct tenant){0};
    enum status status =
        store_admin_read_tenant(request->store, admin_param(request, "tenant"), out, &fault);
    return answer_unless_found(request, status, &fault);
}

/* Takes the tenant when it gives false. */
static bool has_feature(struct admin_request *request, struct tenant *tenant)
{
    if (tenant->is_bidirectional_enabled || request->who.role == ROLE_SYSADMIN)
        return true;
    admin_refuse(request, 403, "the bidirectional call feature is not enabled for the tenant");
    tenant_finish(tenant);
    return false;
}

bool tenant_read_with_feature(struct admin_request *request, struct tenant *out)
{
    return tenant_read(request, out) && has_feature(request, out);
}

bool tenant_find_with_feature(struct admin_request *request, struct tenant *out)
{
    struct fault fault = {""};
    enum status status =
        store_admin_find_tenant(request->store, admin_param(request, "tenant"), out, &fault);
    return answer_unless_found(request, status, &fault) && has_feature(request, out);
}

bool tenant_has_feature(struct admin_request *request)
{
    struct tenant tenant;
    if (!tenant_find_with_feature(request, &tenant))
        return false;
    tenant_finish(&tenant);
    return true;
}

void tenant_answer_added(struct admin_request *request, size_t count)
{
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    json_write_i64(w, "added", (int64_t)count);
    json_write_object_end(w);
}

void tenant_write_x_doing(struct json_writer *w, const struct gateway *gateway, bool is_locked,
                          const struct xnumber_doing *doing)
{
    static const char *const texts[] = {
        [XNUMBER_FREE] = "free",       [XNUMBER_RESTING] = "resting", [XNUMBER_CLAIMED] = "inUse",
        [XNUMBER_BLOCKED] = "blocked", [XNUMBER_OUTSIDE] = "free",
    };
    int64_t ahead_ms =
        clock_wall_ms() - gateway_steady_ms(gateway); /* not 0 once the clock was set */
    bool is_resting = doing->state == XNUMBER_RESTING, is_blocked = doing->state == XNUMBER_BLOCKED;
    json_write_text(w, "state", is_locked ? "locked" : texts[doing->state]);
    json_write_i64(w, "calls", (int64_t)doing->claims);
    admin_write_time(w, "restingUntil", is_resting ? doing->until_ms + ahead_ms : 0);
    admin_write_time(w, "blockedUntil", is_blocked ? doing->until_ms + ahead_ms : 0);
}
