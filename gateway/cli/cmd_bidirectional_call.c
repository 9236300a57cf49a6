/* ita-gateway bidirectional-call: a tenant's two-party call settings. Secrets go in and never come
 * out. */

#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"
#include "profile/profile.h"

enum { SECRET_FILE_MAX = 1024, QUARTER_HOUR_MS = 15 * 60 * 1000, DAY_MS = 24 * 60 * 60 * 1000 };

struct settings_values {
    struct admin_options admin;
    int64_t type;
    char *access_key, *secret_key_file, *app_key, *domain;
    int64_t x_mode; /* -1: not given */
    char *area_code, *zone, *home_country, *profile;
    bool is_recorded, is_not_recorded;
    int64_t in_flight_max, per_second_max; /* -1: not given */
    int64_t keep_old_secret_ms;
};

static const char X_MODES[] = "automatic|specified";

#define AT(field) offsetof(struct settings_values, field)
static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "type",
     .kind = OPTION_CHOICE,
     .offset = AT(type),
     .choices = "ita",
     .help = "who carries the calls"},
    {.name = "access-key",
     .kind = OPTION_TEXT,
     .offset = AT(access_key),
     .value_name = "KEY",
     .help = "AccessKey from the ITA"},
    {.name = "secret-key-file",
     .kind = OPTION_TEXT,
     .offset = AT(secret_key_file),
     .value_name = "FILE",
     .help = "file with the SecretKey from the ITA; - is standard input"},
    {.name = "app-key",
     .kind = OPTION_TEXT,
     .offset = AT(app_key),
     .value_name = "KEY",
     .help = "AppKey from the ITA"},
    {.name = "domain",
     .kind = OPTION_TEXT,
     .offset = AT(domain),
     .value_name = "HOST[:PORT]",
     .help = "the ITA's domain name"},
    {.name = "x-mode",
     .kind = OPTION_CHOICE,
     .offset = AT(x_mode),
     .choices = X_MODES,
     .help = "who chooses the X number: the ITA, or the gateway among xnumber list"},
    {.name = "area-code",
     .kind = OPTION_TEXT,
     .offset = AT(area_code),
     .value_name = "DIGITS",
     .help = "wished of X in mode automatic; empty: none"},
    {.name = "zone",
     .kind = OPTION_TEXT,
     .offset = AT(zone),
     .value_name = "ZONE",
     .help = "of the times in CDRs: UTC, Asia/Shanghai, +08:00; empty: Asia/Shanghai"},
    {.name = "home-country",
     .kind = OPTION_TEXT,
     .offset = AT(home_country),
     .value_name = "DIGITS",
     .help = "whose numbers may stand without country code; empty: 86"},
    {.name = "profile",
     .kind = OPTION_TEXT,
     .offset = AT(profile),
     .value_name = "FILE",
     .help = "wire profile (profile show); empty: the built-in one"},
    {.name = "recorded",
     .kind = OPTION_SWITCH,
     .offset = AT(is_recorded),
     .help = "has calls recorded"},
    {.name = "no-recorded",
     .kind = OPTION_SWITCH,
     .offset = AT(is_not_recorded),
     .help = "does not"},
    {.name = "in-flight-max",
     .kind = OPTION_NUMBER,
     .offset = AT(in_flight_max),
     .max = SETTINGS_IN_FLIGHT_MAX,
     .help = "requests towards the ITA at a time; 0: no limit"},
    {.name = "per-second-max",
     .kind = OPTION_NUMBER,
     .offset = AT(per_second_max),
     .max = SETTINGS_PER_SECOND_MAX,
     .help = "requests towards the ITA in a second; 0: no limit"},
    {.name = "keep-old-secret",
     .kind = OPTION_DURATION,
     .offset = AT(keep_old_secret_ms),
     .fallback = "15m",
     .max = DAY_MS,
     .help = "how long a replaced secret stays good for CDR pushes"},
};

/* --- set --- */

static enum status read_input(struct buf *out, struct fault *fault)
{
    for (;;) {
        char chunk[256];
        ssize_t got = read(STDIN_FILENO, chunk, sizeof(chunk));
        if (got < 0)
            return fault_set(fault, ERR_IO, "standard input can't be read");
        if (got == 0)
            return OK;
        buf_append(out, str_from(chunk, (size_t)got));
        mem_wipe(chunk, sizeof(chunk));
    }
}

/* One line; the newline at its end is not part of the secret. */
static enum status read_secret(const char *path, struct buf *out, struct fault *fault)
{
    bool is_input = strcmp(path, "-") == 0;
    enum status status = is_input ? read_input(out, fault) : file_read(path, out, fault);
    if (status != OK)
        return status;
    while (out->len > 0 && (out->ptr[out->len - 1] == '\n' || out->ptr[out->len - 1] == '\r'))
        out->len--;
    if (buf_is_over(out) || buf_text(out) == NULL || out->len == 0 ||
        strlen(buf_text(out)) != out->len)
        return fault_set(fault, ERR_INVALID,
                         "secret-key-file: must hold the SecretKey on one line");
    return OK;
}

/* An empty path stays empty: the built-in profile. */
static enum status read_profile(const char *path, struct buf *out, struct fault *fault)
{
    enum status status = path[0] == '\0' ? OK : file_read(path, out, fault);
    if (status == OK && buf_text(out) == NULL)
        status = fault_set(fault, ERR_TOO_BIG, "profile: over %d bytes", PROFILE_TEXT_MAX);
    return status;
}

static enum status print_settings(struct admin *admin, struct fault *fault);

static enum status run_set(struct admin *admin, struct fault *fault)
{
    const struct settings_values *values = admin->values;
    struct settings_change change;
    struct violations violations = {0};
    struct buf secret, profile;
    enum status status;
    buf_init(&secret, SECRET_FILE_MAX);
    buf_init(&profile, PROFILE_TEXT_MAX + 1);
    settings_change_init(&change);
    change.access_key = values->access_key;
    change.app_key = values->app_key;
    change.domain = values->domain;
    change.x_mode = values->x_mode;
    change.area_code = values->area_code;
    change.zone = values->zone;
    change.home_country = values->home_country;
    change.in_flight_max = values->in_flight_max;
    change.per_second_max = values->per_second_max;
    change.keep_old_secret_ms = values->keep_old_secret_ms;
    if (values->is_recorded || values->is_not_recorded)
        change.is_recorded = values->is_recorded;
    if (values->secret_key_file != NULL) {
        TRY(read_secret(values->secret_key_file, &secret, fault));
        change.secret_key = buf_text(&secret);
    }
    if (values->profile != NULL) {
        TRY(read_profile(values->profile, &profile, fault));
        change.profile = buf_text(&profile);
    }
    TRY(store_admin_change_settings(admin->store, admin->operands[0], &change, 0, &violations,
                                    fault));
    TRY(print_settings(admin, fault));
out:
    admin_print_violations("bidirectional-call", &violations);
    buf_wipe(&secret);
    buf_finish(&profile);
    return status;
}

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

static void print_all(struct admin *admin, const struct tenant *tenant)
{
    const struct bidirectional_call *settings = &tenant->settings;
    bool is_set = settings->secret_key != NULL;
    print_text(admin, "tenant", tenant->name);
    print_flag(admin, "configured", tenant->is_configured);
    print_text(admin, "type", tenant->is_configured ? "ita" : NULL);
    print_text(admin, "access-key", settings->access_key);
    print_text(admin, "secret-key", is_set ? "set" : "not set");
    print_time(admin, "secret-key-changed", settings->secret_changed_ms);
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

int cmd_bidirectional_call(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"set", "TENANT [OPTION]...", 1, 1, run_set, "changes what is given, keeps the rest",
         false},
        {"show", "TENANT", 1, 1, print_settings, "shows the settings, without secrets", false},
    };
    struct settings_values values = {.x_mode = -1,
                                     .in_flight_max = -1,
                                     .per_second_max = -1,
                                     .keep_old_secret_ms = QUARTER_HOUR_MS};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
