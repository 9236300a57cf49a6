/* /admin/v1/tenants/{tenant}/app-keys: with what agents' systems sign in. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"

void handle_app_keys_list(struct admin_request *request)
{
    struct tenant tenant;
    if (!tenant_read_with_feature(request, &tenant))
        return;
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    json_write_array(w, "items");
    for (size_t i = 0; i < tenant.app_key_count; i++) {
        const struct app_key *key = &tenant.app_keys[i];
        json_write_object(w, NULL);
        json_write_text(w, "appKey", key->key);
        json_write_bool(w, "usable", app_key_is_good(key, clock_wall_ms()));
        json_write_bool(w, "enabled", key->is_enabled);
        admin_write_time(w, "createdAt", key->created_ms);
        admin_write_time(w, "expiresAt", key->expires_ms);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_object_end(w);
    tenant_finish(&tenant);
}

/* The secret is told this once. */
static void answer_made(struct admin_request *request, enum status status, struct new_app_key *made,
                        const struct fault *fault)
{
    if (status != OK) {
        admin_refuse_status(request, status, fault);
        return;
    }
    struct json_writer *w = admin_answer(request, 201);
    json_write_object(w, NULL);
    json_write_text(w, "appKey", made->key);
    json_write_text(w, "appSecret", made->secret);
    json_write_object_end(w);
    mem_wipe(made, sizeof(*made));
}

void handle_app_keys_create(struct admin_request *request)
{
    struct new_app_key made;
    struct fields fields;
    struct fault fault = {""};
    if (!tenant_has_feature(request))
        return;
    admin_fields(request, &fields);
    if (!admin_fields_end(request, &fields))
        return;
    enum status status =
        store_admin_create_app_key(request->store, admin_param(request, "tenant"), &made, &fault);
    answer_made(request, status, &made, &fault);
}

void handle_app_keys_rotate(struct admin_request *request)
{
    struct new_app_key made;
    struct fields fields;
    struct fault fault = {""};
    if (!tenant_has_feature(request))
        return;
    admin_fields(request, &fields);
    int64_t overlap_s = fields_number(&fields, "overlapSeconds", FIELD_OPTIONAL, 0,
                                      APP_KEY_OVERLAP_MAX_MS / 1000, APP_KEY_OVERLAP_MS / 1000);
    if (!admin_fields_end(request, &fields))
        return;
    enum status status =
        store_admin_rotate_app_key(request->store, admin_param(request, "tenant"),
                                   admin_param(request, "appKey"), overlap_s * 1000, &made, &fault);
    answer_made(request, status, &made, &fault);
}

void handle_app_keys_disable(struct admin_request *request)
{
    struct fault fault = {""};
    if (!tenant_has_feature(request))
        return;
    enum status status = store_admin_disable_app_key(request->store, admin_param(request, "tenant"),
                                                     admin_param(request, "appKey"), &fault);
    if (status == OK)
        admin_answer_empty(request, 204);
    else
        admin_refuse_status(request, status, &fault);
}
