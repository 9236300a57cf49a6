/* /admin/v1/tenants/{tenant}/bidirectional-call: the form of console.md. Secrets go in and never
 * come out: left out, a secret stays. */

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/settings_fields.h"
#include "gateway/admin_api/tenant_fields.h"
#include "gateway/settings_save.h"
#include "profile/profile.h"

enum { HOST_MAX = 256 };

static const char PUSH_PATH[] = "/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify";

/* What to register at the ITA, and whether it is. */
static void write_push(struct admin_request *request, int64_t last_ms)
{
    const char *host = request->api->gateway->config->public_host;
    char url[HOST_MAX + sizeof(PUSH_PATH)];
    struct buf text;
    buf_init_fixed(&text, url, sizeof(url));
    buf_format(&text, "https://%s%s", host == NULL ? "" : host, PUSH_PATH);
    json_write_object(&request->json, "cdrPush");
    json_write_text(&request->json, "url", host == NULL ? NULL : buf_text(&text));
    admin_write_time(&request->json, "lastReceivedAt", last_ms);
    json_write_object_end(&request->json);
}

/* Warnings are those of the save that is answered, or NULL. */
static void answer_settings(struct admin_request *request, int http_status,
                            const struct violations *saved_with)
{
    struct tenant tenant;
    struct violations warnings = {0};
    struct fault fault = {""};
    int64_t last_ms;
    if (!tenant_read_with_feature(request, &tenant))
        return;
    enum status status = store_admin_last_push(request->store, tenant.id, &last_ms, &fault);
    if (tenant.is_configured)
        settings_warn(&tenant.settings, &warnings);
    if (status == OK) {
        struct json_writer *w = admin_answer(request, http_status);
        json_write_object(w, NULL);
        settings_fields_write(w, &tenant);
        settings_fields_write_warnings(w, saved_with != NULL ? saved_with : &warnings);
        write_push(request, last_ms);
        json_write_object_end(w);
        admin_answer_version(request, tenant.settings.version);
    } else {
        admin_refuse_status(request, status, &fault);
    }
    tenant_finish(&tenant);
}

void handle_bidirectional_call_show(struct admin_request *request)
{
    answer_settings(request, 200, NULL);
}

static void save(struct admin_request *request, const struct settings_change *change,
                 int64_t version)
{
    struct violations violations = {0}, warnings = {0};
    struct fault fault = {""};
    enum status status = settings_save(request->store, admin_param(request, "tenant"), change,
                                       version, &violations, &warnings, &fault);
    if (status == OK)
        answer_settings(request, 200, &warnings);
    else if (status == ERR_STALE)
        answer_settings(request, 412, NULL);
    else
        tenant_refuse(request, status, &violations, &fault);
}

void handle_bidirectional_call_put(struct admin_request *request)
{
    struct tenant tenant;
    struct fields fields;
    struct settings_change change;
    struct buf profile;
    int64_t version;
    if (!tenant_read_with_feature(request, &tenant))
        return;
    tenant_finish(&tenant);
    buf_init(&profile, PROFILE_TEXT_MAX + 1);
    admin_fields(request, &fields);
    settings_fields_read(&fields, &profile, &change);
    if (admin_fields_end(request, &fields) && admin_if_match(request, &version))
        save(request, &change, version);
    buf_finish(&profile);
}
