#include "gateway/model/settings.h"

#include "base/mem.h"

void settings_change_init(struct settings_change *change)
{
    *change = (struct settings_change){.type = -1,
                                       .x_mode = -1,
                                       .is_recorded = -1,
                                       .in_flight_max = -1,
                                       .per_second_max = -1,
                                       .connection_method = -1,
                                       .hangup_method = -1,
                                       .authentication = -1,
                                       .is_console_url_authenticated = -1};
}

static void name_changed(struct buf *changed, const char *field)
{
    if (changed->len > 0)
        buf_append_byte(changed, ',');
    violation_append_option(changed, field);
}

/* --- Text --- */

#define OLD(field) offsetof(struct bidirectional_call, field)
#define NEW_ONE(field) offsetof(struct settings_change, field)
static const struct {
    const char *field;
    size_t old, given;
} texts[] = {
    {"accessKey", OLD(access_key), NEW_ONE(access_key)},
    {"appKey", OLD(app_key), NEW_ONE(app_key)},
    {"domain", OLD(domain), NEW_ONE(domain)},
    {"areaCode", OLD(area_code), NEW_ONE(area_code)},
    {"zone", OLD(zone), NEW_ONE(zone)},
    {"homeCountry", OLD(home_country), NEW_ONE(home_country)},
    {"profile", OLD(profile), NEW_ONE(profile)},
    {"connectionCallbackUrl", OLD(connection_url), NEW_ONE(connection_url)},
    {"hangupCallbackUrl", OLD(hangup_url), NEW_ONE(hangup_url)},
    {"oauthAccessKey", OLD(oauth_access_key), NEW_ONE(oauth_access_key)},
    {"oauthLoginUrl", OLD(oauth_login_url), NEW_ONE(oauth_login_url)},
    {"aiccDomain", OLD(aicc_domain), NEW_ONE(aicc_domain)},
    {"aiccAppKey", OLD(aicc_app_key), NEW_ONE(aicc_app_key)},
};

static void apply_texts(struct bidirectional_call *settings, const struct settings_change *change,
                        struct buf *changed)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char **field = (char **)(void *)((char *)settings + texts[i].old);
        const char *value =
            *(const char *const *)(const void *)((const char *)change + texts[i].given);
        if (value == NULL || str_is(str_of(*field), str_of(value)))
            continue;
        mem_free(*field);
        *field = value[0] == '\0' ? NULL : str_copy(str_of(value));
        name_changed(changed, texts[i].field);
    }
}

/* --- Secrets --- */

static void wipe(char **text)
{
    if (*text != NULL)
        mem_wipe(*text, strlen(*text));
    mem_free(*text);
    *text = NULL;
}

static bool is_changed(const char *old, const char *value)
{
    return value != NULL && !str_is(str_of(old), str_of(value));
}

static bool apply_secret(char **secret, const char *value)
{
    if (!is_changed(*secret, value))
        return false;
    wipe(secret);
    *secret = value[0] == '\0' ? NULL : str_copy(str_of(value));
    return true;
}

/* What the CDRs of calls under way are still signed with. Before anything is applied. */
static void keep_previous_keys(struct bidirectional_call *settings,
                               const struct settings_change *change, int64_t now_ms)
{
    if (!is_changed(settings->access_key, change->access_key) &&
        !is_changed(settings->secret_key, change->secret_key))
        return;
    settings_forget_previous_keys(settings);
    if (change->keep_old_secret_ms <= 0 || settings->access_key == NULL ||
        settings->secret_key == NULL)
        return;
    settings->previous_access_key = str_copy(str_of(settings->access_key));
    settings->previous_secret_key = str_copy(str_of(settings->secret_key));
    settings->previous_secret_until_ms = now_ms + change->keep_old_secret_ms;
}

void settings_forget_previous_keys(struct bidirectional_call *settings)
{
    mem_free(settings->previous_access_key);
    settings->previous_access_key = NULL;
    wipe(&settings->previous_secret_key);
    settings->previous_secret_until_ms = 0;
}

static void apply_secrets(struct bidirectional_call *settings, const struct settings_change *change,
                          int64_t now_ms, struct buf *changed)
{
    const struct {
        const char *field;
        char **secret;
        const char *value;
        int64_t *changed_ms;
    } secrets[] = {
        {"secretKey", &settings->secret_key, change->secret_key, &settings->secret_changed_ms},
        {"sharedKey", &settings->shared_key, change->shared_key, &settings->shared_key_changed_ms},
        {"oauthSecretKey", &settings->oauth_secret_key, change->oauth_secret_key,
         &settings->oauth_secret_changed_ms},
        {"aiccAppSecret", &settings->aicc_app_secret, change->aicc_app_secret,
         &settings->aicc_app_secret_changed_ms},
    };
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        if (!apply_secret(secrets[i].secret, secrets[i].value))
            continue;
        *secrets[i].changed_ms = now_ms;
        name_changed(changed, secrets[i].field);
    }
}

/* --- Numbers --- */

/* The value from now on. */
static int64_t number(int64_t old, int64_t given, const char *field, struct buf *changed)
{
    if (given < 0 || given == old)
        return old;
    name_changed(changed, field);
    return given;
}

void settings_apply(struct bidirectional_call *settings, const struct settings_change *change,
                    int64_t now_ms, struct buf *changed)
{
    struct bidirectional_call *s = settings;
    s->type = (enum call_type)number(s->type, change->type, "type", changed);
    keep_previous_keys(s, change, now_ms);
    apply_texts(s, change, changed);
    apply_secrets(s, change, now_ms, changed);
    s->x_mode = (enum x_mode)number(s->x_mode, change->x_mode, "xMode", changed);
    s->is_recorded = number(s->is_recorded, change->is_recorded, "recorded", changed) != 0;
    s->in_flight_max = number(s->in_flight_max, change->in_flight_max, "inFlightMax", changed);
    s->per_second_max = number(s->per_second_max, change->per_second_max, "perSecondMax", changed);
    s->connection_method = (enum callback_method)number(
        s->connection_method, change->connection_method, "connectionCallbackMethod", changed);
    s->hangup_method = (enum callback_method)number(s->hangup_method, change->hangup_method,
                                                    "hangupCallbackMethod", changed);
    s->authentication = (enum callback_authentication)number(
        s->authentication, change->authentication, "callbackAuthentication", changed);
    s->is_console_url_authenticated =
        number(s->is_console_url_authenticated, change->is_console_url_authenticated,
               "consoleUrlsAuthenticated", changed) != 0;
}
