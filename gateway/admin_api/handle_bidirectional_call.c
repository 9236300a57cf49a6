/* /admin/v1/tenants/{tenant}/bidirectional-call: the form of console.md. Secrets go in and never
 * come out: left out, a secret stays. */

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"
#include "profile/profile.h"

enum {
    TEXT_MAX = 256, /* longer than any rule allows: the rule has the better words */
    KEEP_OLD_SECRET_MS = 15 * 60 * 1000, /* the ITA needs minutes to change over */
};

static const char PUSH_PATH[] = "/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify";
static const char *const TYPES[] = {"ita"};
static const char *const X_MODES[] = {"automatic", "specified"};

/* --- Reading --- */

static void write_settings(struct json_writer *w, const struct tenant *tenant)
{
    const struct bidirectional_call *settings = &tenant->settings;
    json_write_bool(w, "configured", tenant->is_configured);
    json_write_text(w, "type", "ita");
    json_write_text(w, "accessKey", settings->access_key);
    json_write_text(w, "appKey", settings->app_key);
    json_write_text(w, "domain", settings->domain);
    json_write_text(w, "xMode", X_MODES[settings->x_mode]);
    json_write_text(w, "areaCode", settings->area_code);
    json_write_text(w, "zone", settings->zone);
    json_write_text(w, "homeCountry", settings->home_country);
    if (settings->profile == NULL)
        json_write_null(w, "profile");
    else
        json_write_raw(w, "profile", str_of(settings->profile));
    json_write_bool(w, "recorded", settings->is_recorded);
    json_write_i64(w, "inFlightMax", settings->in_flight_max);
    json_write_i64(w, "perSecondMax", settings->per_second_max);
    json_write_i64(w, "xNumbers", (int64_t)tenant->x_number_count);
    json_write_object(w, "secrets");
    json_write_object(w, "secretKey");
    json_write_bool(w, "set", settings->secret_key != NULL);
    admin_write_time(w, "changedAt", settings->secret_changed_ms);
    admin_write_time(w, "oldOneUntil", settings->previous_secret_until_ms);
    json_write_object_end(w);
    json_write_object_end(w);
}

/* What to register at the ITA, and whether it is. */
static void write_push(struct admin_request *request, int64_t last_ms)
{
    const char *host = request->api->gateway->config->public_host;
    char url[TEXT_MAX + sizeof(PUSH_PATH)];
    struct buf text;
    buf_init_fixed(&text, url, sizeof(url));
    buf_format(&text, "https://%s%s", host == NULL ? "" : host, PUSH_PATH);
    json_write_object(&request->json, "cdrPush");
    json_write_text(&request->json, "url", host == NULL ? NULL : buf_text(&text));
    admin_write_time(&request->json, "lastReceivedAt", last_ms);
    json_write_object_end(&request->json);
}

static void answer_settings(struct admin_request *request, int http_status)
{
    struct tenant tenant;
    struct fault fault = {""};
    int64_t last_ms;
    if (!tenant_read_with_feature(request, &tenant))
        return;
    enum status status = store_admin_last_push(request->store, tenant.id, &last_ms, &fault);
    if (status == OK) {
        struct json_writer *w = admin_answer(request, http_status);
        json_write_object(w, NULL);
        write_settings(w, &tenant);
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
    answer_settings(request, 200);
}

/* --- Saving: what is left out is not set any more, but a secret --- */

static const char *text_or_none(struct fields *fields, const char *name)
{
    const char *text = fields_text(fields, name, FIELD_OPTIONAL, TEXT_MAX);
    return text == NULL ? "" : text;
}

static const char *secret_or_same(struct fields *fields, const char *name)
{
    const char *text = fields_text(fields, name, FIELD_OPTIONAL, TEXT_MAX);
    return text == NULL || text[0] == '\0' ? NULL : text;
}

static void read_change(struct fields *fields, struct buf *profile, struct settings_change *change)
{
    struct json_writer w;
    settings_change_init(change);
    (void)fields_choice(fields, "type", FIELD_REQUIRED, TYPES, COUNT_OF(TYPES));
    change->access_key = text_or_none(fields, "accessKey");
    change->secret_key = secret_or_same(fields, "secretKey");
    change->app_key = text_or_none(fields, "appKey");
    change->domain = text_or_none(fields, "domain");
    change->x_mode = fields_choice(fields, "xMode", FIELD_REQUIRED, X_MODES, COUNT_OF(X_MODES));
    change->area_code = text_or_none(fields, "areaCode");
    change->zone = text_or_none(fields, "zone");
    change->home_country = text_or_none(fields, "homeCountry");
    change->is_recorded = fields_bool(fields, "recorded", FIELD_OPTIONAL, false);
    change->in_flight_max =
        fields_number(fields, "inFlightMax", FIELD_OPTIONAL, 0, SETTINGS_IN_FLIGHT_MAX, 0);
    change->per_second_max =
        fields_number(fields, "perSecondMax", FIELD_OPTIONAL, 0, SETTINGS_PER_SECOND_MAX, 0);
    change->keep_old_secret_ms = KEEP_OLD_SECRET_MS;
    const struct json *given = fields_object(fields, "profile", FIELD_OPTIONAL);
    json_write_init(&w, profile);
    if (given != NULL)
        json_write_value(&w, NULL, given);
    const char *text = buf_text(profile);
    change->profile = text == NULL ? "" : text;
}

static void save(struct admin_request *request, const struct settings_change *change,
                 int64_t version)
{
    struct violations violations = {0};
    struct fault fault = {""};
    enum status status = store_admin_change_settings(request->store, admin_param(request, "tenant"),
                                                     change, version, &violations, &fault);
    if (status == OK)
        answer_settings(request, 200);
    else if (status == ERR_STALE)
        answer_settings(request, 412);
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
    read_change(&fields, &profile, &change);
    if (admin_fields_end(request, &fields) && admin_if_match(request, &version))
        save(request, &change, version);
    buf_finish(&profile);
}
