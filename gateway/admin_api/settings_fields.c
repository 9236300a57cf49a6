#include "gateway/admin_api/settings_fields.h"

#include <stdio.h>

#include "base/mem.h"

enum {
    TEXT_MAX = 256, /* longer than any rule allows: the rule has the better words */
    KEEP_OLD_SECRET_MS = 15 * 60 * 1000, /* the ITA needs minutes to change over */
};

static const char *const TYPES[] = {"ita", "cec"};
static const enum call_type CALL_TYPES[] = {CALL_TYPE_ITA, CALL_TYPE_CEC};
static const char *const X_MODES[] = {"automatic", "specified"};
/* As enum callback_method and enum callback_authentication count. */
static const char *const METHODS[] = {"POST", "PUT"};
static const char *const AUTHENTICATIONS[] = {"none", "sharedKey", "oauth2"};

/* --- Writing --- */

static void write_text_of(struct json_writer *w, const char *name, const char *const *texts,
                          size_t count, int64_t index)
{
    json_write_text(w, name, index >= 0 && (size_t)index < count ? texts[index] : NULL);
}

static void write_ita(struct json_writer *w, const struct tenant *tenant)
{
    const struct bidirectional_call *settings = &tenant->settings;
    json_write_text(w, "accessKey", settings->access_key);
    json_write_text(w, "appKey", settings->app_key);
    json_write_text(w, "domain", settings->domain);
    write_text_of(w, "xMode", X_MODES, COUNT_OF(X_MODES), settings->x_mode);
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
}

static void write_callbacks(struct json_writer *w, const struct bidirectional_call *settings)
{
    json_write_text(w, "connectionCallbackUrl", settings->connection_url);
    write_text_of(w, "connectionCallbackMethod", METHODS, COUNT_OF(METHODS),
                  settings->connection_method);
    json_write_text(w, "hangupCallbackUrl", settings->hangup_url);
    write_text_of(w, "hangupCallbackMethod", METHODS, COUNT_OF(METHODS), settings->hangup_method);
    write_text_of(w, "callbackAuthentication", AUTHENTICATIONS, COUNT_OF(AUTHENTICATIONS),
                  settings->authentication);
    json_write_bool(w, "consoleUrlsAuthenticated", settings->is_console_url_authenticated);
    json_write_text(w, "oauthAccessKey", settings->oauth_access_key);
    json_write_text(w, "oauthLoginUrl", settings->oauth_login_url);
    json_write_text(w, "aiccDomain", settings->aicc_domain);
    json_write_text(w, "aiccAppKey", settings->aicc_app_key);
}

static void begin_secret(struct json_writer *w, const char *name, const char *secret,
                         int64_t changed_ms)
{
    json_write_object(w, name);
    json_write_bool(w, "set", secret != NULL);
    admin_write_time(w, "changedAt", changed_ms);
}

static void write_secret(struct json_writer *w, const char *name, const char *secret,
                         int64_t changed_ms)
{
    begin_secret(w, name, secret, changed_ms);
    json_write_object_end(w);
}

static void write_secrets(struct json_writer *w, const struct bidirectional_call *settings)
{
    json_write_object(w, "secrets");
    begin_secret(w, "secretKey", settings->secret_key, settings->secret_changed_ms);
    admin_write_time(w, "oldOneUntil", settings->previous_secret_until_ms);
    json_write_object_end(w);
    write_secret(w, "sharedKey", settings->shared_key, settings->shared_key_changed_ms);
    write_secret(w, "oauthSecretKey", settings->oauth_secret_key,
                 settings->oauth_secret_changed_ms);
    write_secret(w, "aiccAppSecret", settings->aicc_app_secret,
                 settings->aicc_app_secret_changed_ms);
    json_write_object_end(w);
}

void settings_fields_write(struct json_writer *w, const struct tenant *tenant)
{
    json_write_bool(w, "configured", tenant->is_configured);
    json_write_text(w, "type", TYPES[tenant->settings.type == CALL_TYPE_CEC]);
    write_callbacks(w, &tenant->settings);
    write_ita(w, tenant);
    write_secrets(w, &tenant->settings);
}

void settings_fields_write_warnings(struct json_writer *w, const struct violations *warnings)
{
    json_write_array(w, "warnings");
    for (size_t i = 0; i < violations_kept(warnings); i++) {
        const struct violation *warning = &warnings->items[i];
        char pointer[1 + sizeof(warning->field)];
        (void)snprintf(pointer, sizeof(pointer), "/%s", warning->field);
        json_write_object(w, NULL);
        json_write_text(w, "pointer", pointer);
        json_write_text(w, "rule", warning->rule);
        admin_write_words(w, "detail", warning->en, warning->zh);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

/* --- Reading --- */

/* Left out, it is not set any more, or stays when it is not used. */
static const char *read_text(struct fields *fields, const char *name, size_t max, bool is_used)
{
    const char *text = fields_text(fields, name, FIELD_OPTIONAL, max);
    return text == NULL && is_used ? "" : text;
}

static const char *read_secret(struct fields *fields, const char *name)
{
    const char *text = fields_text(fields, name, FIELD_OPTIONAL, TEXT_MAX);
    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* -1 stays. */
static int64_t read_choice(struct fields *fields, const char *name, const char *const *choices,
                           size_t count)
{
    return fields_choice(fields, name, FIELD_OPTIONAL, choices, count);
}

static void read_callbacks(struct fields *fields, struct settings_change *change)
{
    int64_t method;
    change->connection_url = read_text(fields, "connectionCallbackUrl", CALLBACK_URL_MAX, true);
    method = read_choice(fields, "connectionCallbackMethod", METHODS, COUNT_OF(METHODS));
    change->connection_method = method < 0 ? CALLBACK_METHOD_POST : method;
    change->hangup_url = read_text(fields, "hangupCallbackUrl", CALLBACK_URL_MAX, true);
    method = read_choice(fields, "hangupCallbackMethod", METHODS, COUNT_OF(METHODS));
    change->hangup_method = method < 0 ? CALLBACK_METHOD_POST : method;
    int64_t authentication =
        read_choice(fields, "callbackAuthentication", AUTHENTICATIONS, COUNT_OF(AUTHENTICATIONS));
    change->authentication = authentication < 0 ? CALLBACK_AUTHENTICATION_NONE : authentication;
    bool is_oauth = change->authentication == CALLBACK_AUTHENTICATION_OAUTH2;
    change->is_console_url_authenticated =
        fields_bool(fields, "consoleUrlsAuthenticated", FIELD_OPTIONAL, false);
    change->shared_key = read_secret(fields, "sharedKey");
    change->oauth_access_key = read_text(fields, "oauthAccessKey", TEXT_MAX, is_oauth);
    change->oauth_secret_key = read_secret(fields, "oauthSecretKey");
    change->oauth_login_url = read_text(fields, "oauthLoginUrl", CALLBACK_URL_MAX, is_oauth);
}

/* NULL stays. */
static const char *read_profile(struct fields *fields, struct buf *profile, bool is_used)
{
    struct json_writer w;
    const struct json *given = fields_object(fields, "profile", FIELD_OPTIONAL);
    if (given == NULL)
        return is_used ? "" : NULL;
    json_write_init(&w, profile);
    json_write_value(&w, NULL, given);
    const char *text = buf_text(profile);
    return text == NULL ? "" : text;
}

static void read_ita(struct fields *fields, struct buf *profile, struct settings_change *change)
{
    bool is_used = change->type == CALL_TYPE_ITA;
    int64_t absent = is_used ? 0 : -1;
    change->access_key = read_text(fields, "accessKey", TEXT_MAX, is_used);
    change->secret_key = read_secret(fields, "secretKey");
    change->keep_old_secret_ms = KEEP_OLD_SECRET_MS;
    change->app_key = read_text(fields, "appKey", TEXT_MAX, is_used);
    change->domain = read_text(fields, "domain", TEXT_MAX, is_used);
    change->x_mode = fields_choice(fields, "xMode", is_used ? FIELD_REQUIRED : FIELD_OPTIONAL,
                                   X_MODES, COUNT_OF(X_MODES));
    change->area_code = read_text(fields, "areaCode", TEXT_MAX, is_used);
    change->profile = read_profile(fields, profile, is_used);
    if (json_get(fields->object, "recorded") != NULL || is_used)
        change->is_recorded = fields_bool(fields, "recorded", FIELD_OPTIONAL, false);
    change->in_flight_max =
        fields_number(fields, "inFlightMax", FIELD_OPTIONAL, 0, SETTINGS_IN_FLIGHT_MAX, absent);
    change->per_second_max =
        fields_number(fields, "perSecondMax", FIELD_OPTIONAL, 0, SETTINGS_PER_SECOND_MAX, absent);
}

static void read_aicc(struct fields *fields, struct settings_change *change)
{
    bool is_used = change->type == CALL_TYPE_CEC;
    change->aicc_domain = read_text(fields, "aiccDomain", TEXT_MAX, is_used);
    change->aicc_app_key = read_text(fields, "aiccAppKey", TEXT_MAX, is_used);
    change->aicc_app_secret = read_secret(fields, "aiccAppSecret");
}

void settings_fields_read(struct fields *fields, struct buf *profile,
                          struct settings_change *change)
{
    settings_change_init(change);
    int type = fields_choice(fields, "type", FIELD_REQUIRED, TYPES, COUNT_OF(TYPES));
    change->type = CALL_TYPES[type < 0 ? 0 : type];
    read_callbacks(fields, change);
    read_ita(fields, profile, change);
    change->zone = read_text(fields, "zone", TEXT_MAX, true);
    change->home_country = read_text(fields, "homeCountry", TEXT_MAX, true);
    read_aicc(fields, change);
}
