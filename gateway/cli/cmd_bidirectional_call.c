/* ita-gateway bidirectional-call: a tenant's two-party call settings. Secrets go in and never come
 * out. */

#include "base/mem.h"
#include "gateway/cli/command.h"
#include "gateway/cli/settings_options.h"
#include "gateway/settings_save.h"

/* --- show --- */

/* One line or one member; NULL is left out of the text and null in JSON. */
static void print_text(struct admin *admin, const char *name, const char *value)
{
    if (admin->is_json)
        json_write_text(&admin->json, name, value);
    else if (value != NULL)
        buf_format(&admin->out, "%s: %s\n", name, value);
}

static void print_number(struct admin *admin, const char *name, int64_t value)
{
    if (admin->is_json)
        json_write_i64(&admin->json, name, value);
    else
        buf_format(&admin->out, "%s: %lld\n", name, (long long)value);
}

static void print_flag(struct admin *admin, const char *name, bool value)
{
    if (admin->is_json)
        json_write_bool(&admin->json, name, value);
    else
        buf_format(&admin->out, "%s: %s\n", name, value ? "yes" : "no");
}

static void print_time(struct admin *admin, const char *name, int64_t wall_ms)
{
    print_text(admin, name, wall_ms == 0 ? NULL : admin_format_time(wall_ms).text);
}

/* "secret-key: set" and "secret-key-changed: ..." */
static void print_secret(struct admin *admin, const char *name, const char *secret,
                         int64_t changed_ms)
{
    char storage[64];
    struct buf changed;
    buf_init_fixed(&changed, storage, sizeof(storage));
    buf_format(&changed, "%s-changed", name);
    print_text(admin, name, secret != NULL ? "set" : "not set");
    print_time(admin, buf_text(&changed), changed_ms);
}

static void print_callbacks(struct admin *admin, const struct bidirectional_call *settings)
{
    print_text(admin, "connection-callback-url", settings->connection_url);
    print_text(admin, "connection-callback-method",
               settings_method_text(settings->connection_method));
    print_text(admin, "hangup-callback-url", settings->hangup_url);
    print_text(admin, "hangup-callback-method", settings_method_text(settings->hangup_method));
    print_text(admin, "callback-authentication",
               settings_authentication_text(settings->authentication));
    print_flag(admin, "console-urls-authenticated", settings->is_console_url_authenticated);
    print_secret(admin, "shared-key", settings->shared_key, settings->shared_key_changed_ms);
    print_text(admin, "oauth-access-key", settings->oauth_access_key);
    print_secret(admin, "oauth-secret-key", settings->oauth_secret_key,
                 settings->oauth_secret_changed_ms);
    print_text(admin, "oauth-login-url", settings->oauth_login_url);
}

static void print_ita(struct admin *admin, const struct tenant *tenant)
{
    const struct bidirectional_call *settings = &tenant->settings;
    print_text(admin, "access-key", settings->access_key);
    print_secret(admin, "secret-key", settings->secret_key, settings->secret_changed_ms);
    print_time(admin, "old-secret-key-until", settings->previous_secret_until_ms);
    print_text(admin, "app-key", settings->app_key);
    print_text(admin, "domain", settings->domain);
    print_text(admin, "x-mode", settings->x_mode == X_MODE_SPECIFIED ? "specified" : "automatic");
    print_number(admin, "x-numbers", (int64_t)tenant->x_number_count);
    print_text(admin, "area-code", settings->area_code);
    print_text(admin, "zone", settings->zone == NULL ? "Asia/Shanghai" : settings->zone);
    print_text(admin, "home-country",
               settings->home_country == NULL ? "86" : settings->home_country);
    print_text(admin, "profile", settings->profile == NULL ? "built in" : "own");
    print_flag(admin, "recorded", settings->is_recorded);
    print_number(admin, "in-flight-max", settings->in_flight_max);
    print_number(admin, "per-second-max", settings->per_second_max);
}

static void print_all(struct admin *admin, const struct tenant *tenant)
{
    const struct bidirectional_call *settings = &tenant->settings;
    print_text(admin, "tenant", tenant->name);
    print_flag(admin, "configured", tenant->is_configured);
    print_text(admin, "type", tenant->is_configured ? settings_type_text(settings->type) : NULL);
    print_ita(admin, tenant);
    print_callbacks(admin, settings);
    print_text(admin, "aicc-domain", settings->aicc_domain);
    print_text(admin, "aicc-app-key", settings->aicc_app_key);
    print_secret(admin, "aicc-app-secret", settings->aicc_app_secret,
                 settings->aicc_app_secret_changed_ms);
}

static enum status print_settings(struct admin *admin, struct fault *fault)
{
    struct tenant tenant = {0};
    enum status status = store_admin_read_tenant(admin->store, admin->operands[0], &tenant, fault);
    if (status != OK)
        return status;
    if (admin->is_json)
        json_write_object(&admin->json, NULL);
    print_all(admin, &tenant);
    if (admin->is_json)
        json_write_object_end(&admin->json);
    tenant_finish(&tenant);
    return OK;
}

/* --- set --- */

/* On the other output: it was saved. Settings are made step by step here: that callbacks go without
 * authentication is told to who says so, not with every other step. */
static void print_warnings(const struct violations *warnings, const struct settings_change *change)
{
    for (size_t i = 0; i < violations_kept(warnings); i++) {
        const struct violation *warning = &warnings->items[i];
        struct fault fault;
        if (change->authentication < 0 && strcmp(warning->field, "callbackAuthentication") == 0)
            continue;
        violation_print(warning, &fault);
        fault_prefix(&fault, "warning");
        (void)command_failed("bidirectional-call", fault.text);
    }
}

static enum status run_set(struct admin *admin, struct fault *fault)
{
    struct settings_change change;
    struct settings_texts texts = {0};
    struct violations violations = {0}, warnings = {0};
    enum status status;
    TRY(settings_values_read(admin->values, &texts, &change, fault));
    TRY(settings_save(admin->store, admin->operands[0], &change, 0, &violations, &warnings, fault));
    print_warnings(&warnings, &change);
    TRY(print_settings(admin, fault));
out:
    admin_print_violations("bidirectional-call", &violations);
    settings_texts_finish(&texts);
    return status;
}

int cmd_bidirectional_call(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"set", "TENANT [OPTION]...", 1, 1, run_set, "changes what is given, keeps the rest",
         false},
        {"show", "TENANT", 1, 1, print_settings, "shows the settings, without secrets", false},
    };
    struct settings_values values;
    settings_values_init(&values);
    const struct admin_command command = {verbs, COUNT_OF(verbs), settings_options, &values};
    return admin_run(&command, argc, argv);
}
