#include "gateway/cli/settings_options.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "profile/profile.h"

enum { SECRET_FILE_MAX = 1024, QUARTER_HOUR_MS = 15 * 60 * 1000, DAY_MS = 24 * 60 * 60 * 1000 };

static const enum call_type types[] = {CALL_TYPE_ITA, CALL_TYPE_CEC};

#define AT(field) offsetof(struct settings_values, field)
#define TEXT_ROW(option_name, field, what, words)                                                  \
    {                                                                                              \
        .name = (option_name), .kind = OPTION_TEXT, .offset = AT(field), .value_name = (what),     \
        .help = (words)                                                                            \
    }
#define CHOICE_ROW(option_name, field, list, words)                                                \
    {                                                                                              \
        .name = (option_name), .kind = OPTION_CHOICE, .offset = AT(field), .choices = (list),      \
        .help = (words)                                                                            \
    }
#define SWITCH_ROW(option_name, field, words)                                                      \
    {                                                                                              \
        .name = (option_name), .kind = OPTION_SWITCH, .offset = AT(field), .help = (words)         \
    }
#define LIMIT_ROW(option_name, field, most, words)                                                 \
    {                                                                                              \
        .name = (option_name), .kind = OPTION_NUMBER, .offset = AT(field), .max = (most),          \
        .help = (words)                                                                            \
    }

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    CHOICE_ROW("type", type, "ita|cec", "who carries the calls"),
    TEXT_ROW("connection-callback-url", connection_url, "URL",
             "called when a call is connected; empty: none"),
    CHOICE_ROW("connection-callback-method", connection_method, "POST|PUT", "how it is called"),
    TEXT_ROW("hangup-callback-url", hangup_url, "URL", "called when a call has ended; empty: none"),
    CHOICE_ROW("hangup-callback-method", hangup_method, "POST|PUT", "how it is called"),
    CHOICE_ROW("callback-authentication", authentication, "none|shared-key|oauth2",
               "of callback URLs that createCall passes"),
    SWITCH_ROW("console-urls-authenticated", are_urls_authenticated,
               "the same for the two URLs above"),
    SWITCH_ROW("no-console-urls-authenticated", are_urls_not_authenticated, "not for them"),
    TEXT_ROW("shared-key-file", secret_files[SHARED_KEY], "FILE",
             "file with the key of shared-key, 16 characters at least; - is standard input"),
    TEXT_ROW("oauth-access-key", oauth_access_key, "KEY", "AK of oauth2"),
    TEXT_ROW("oauth-secret-key-file", secret_files[OAUTH_SECRET_KEY], "FILE",
             "file with the SK of oauth2; - is standard input"),
    TEXT_ROW("oauth-login-url", oauth_login_url, "URL", "where oauth2 fetches its token"),
    TEXT_ROW("access-key", access_key, "KEY", "AccessKey from the ITA"),
    TEXT_ROW("secret-key-file", secret_files[SECRET_KEY], "FILE",
             "file with the SecretKey from the ITA; - is standard input"),
    TEXT_ROW("app-key", app_key, "KEY", "AppKey from the ITA"),
    TEXT_ROW("domain", domain, "HOST[:PORT]", "the ITA's domain name"),
    CHOICE_ROW("x-mode", x_mode, "automatic|specified",
               "who chooses the X number: the ITA, or the gateway among xnumber list"),
    TEXT_ROW("area-code", area_code, "DIGITS", "wished of X in mode automatic; empty: none"),
    TEXT_ROW("zone", zone, "ZONE",
             "of the times in CDRs: UTC, Asia/Shanghai, +08:00; empty: Asia/Shanghai"),
    TEXT_ROW("home-country", home_country, "DIGITS",
             "whose numbers may stand without country code; empty: 86"),
    TEXT_ROW("profile", profile, "FILE", "wire profile (profile show); empty: the built-in one"),
    SWITCH_ROW("recorded", is_recorded, "has calls recorded"),
    SWITCH_ROW("no-recorded", is_not_recorded, "does not"),
    LIMIT_ROW("in-flight-max", in_flight_max, SETTINGS_IN_FLIGHT_MAX,
              "requests towards the ITA at a time; 0: no limit"),
    LIMIT_ROW("per-second-max", per_second_max, SETTINGS_PER_SECOND_MAX,
              "requests towards the ITA in a second; 0: no limit"),
    {.name = "keep-old-secret",
     .kind = OPTION_DURATION,
     .offset = AT(keep_old_secret_ms),
     .fallback = "15m",
     .max = DAY_MS,
     .help = "how long replaced keys, AccessKey and SecretKey, stay good for CDR pushes"},
    TEXT_ROW("aicc-domain", aicc_domain, "HOST[:PORT]", "of type cec: the AICC's domain name"),
    TEXT_ROW("aicc-app-key", aicc_app_key, "KEY", "of type cec: app key from the AICC"),
    TEXT_ROW("aicc-app-secret-file", secret_files[AICC_APP_SECRET], "FILE",
             "of type cec: file with the app secret from the AICC; - is standard input"),
};
const struct option_table settings_options = {rows, COUNT_OF(rows)};

void settings_values_init(struct settings_values *values)
{
    *values = (struct settings_values){.type = -1,
                                       .x_mode = -1,
                                       .authentication = -1,
                                       .connection_method = -1,
                                       .hangup_method = -1,
                                       .in_flight_max = -1,
                                       .per_second_max = -1,
                                       .keep_old_secret_ms = QUARTER_HOUR_MS};
}

const char *settings_type_text(enum call_type type)
{
    return type == CALL_TYPE_CEC ? "cec" : "ita";
}

const char *settings_method_text(enum callback_method method)
{
    return method == CALLBACK_METHOD_PUT ? "PUT" : "POST";
}

const char *settings_authentication_text(enum callback_authentication authentication)
{
    static const char *const texts[] = {[CALLBACK_AUTHENTICATION_NONE] = "none",
                                        [CALLBACK_AUTHENTICATION_SHARED_KEY] = "shared-key",
                                        [CALLBACK_AUTHENTICATION_OAUTH2] = "oauth2"};
    return (size_t)authentication < COUNT_OF(texts) ? texts[authentication] : "not known";
}

/* --- Files --- */

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
static enum status read_secret(const char *path, const char *option, struct buf *out,
                               struct fault *fault)
{
    bool is_input = strcmp(path, "-") == 0;
    enum status status = is_input ? read_input(out, fault) : file_read(path, out, fault);
    if (status != OK)
        return status;
    while (out->len > 0 && (out->ptr[out->len - 1] == '\n' || out->ptr[out->len - 1] == '\r'))
        out->len--;
    if (buf_is_over(out) || buf_text(out) == NULL || out->len == 0 ||
        strlen(buf_text(out)) != out->len)
        return fault_set(fault, ERR_INVALID, "%s: must hold the secret on one line", option);
    return OK;
}

static enum status read_secrets(const struct settings_values *values, struct settings_texts *texts,
                                struct settings_change *change, struct fault *fault)
{
    const struct {
        const char *option;
        const char **given;
    } secrets[SECRET_COUNT] = {
        [SECRET_KEY] = {"secret-key-file", &change->secret_key},
        [SHARED_KEY] = {"shared-key-file", &change->shared_key},
        [OAUTH_SECRET_KEY] = {"oauth-secret-key-file", &change->oauth_secret_key},
        [AICC_APP_SECRET] = {"aicc-app-secret-file", &change->aicc_app_secret},
    };
    bool is_input_read = false;
    for (int i = 0; i < SECRET_COUNT; i++) {
        const char *path = values->secret_files[i];
        if (path == NULL)
            continue;
        if (strcmp(path, "-") == 0 && is_input_read)
            return fault_set(fault, ERR_INVALID, "%s: standard input holds one secret only",
                             secrets[i].option);
        is_input_read |= strcmp(path, "-") == 0;
        enum status status = read_secret(path, secrets[i].option, &texts->secrets[i], fault);
        if (status != OK)
            return status;
        *secrets[i].given = buf_text(&texts->secrets[i]);
    }
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

/* --- The change --- */

static void take_texts(const struct settings_values *values, struct settings_change *change)
{
    change->access_key = values->access_key;
    change->app_key = values->app_key;
    change->domain = values->domain;
    change->area_code = values->area_code;
    change->zone = values->zone;
    change->home_country = values->home_country;
    change->connection_url = values->connection_url;
    change->hangup_url = values->hangup_url;
    change->oauth_access_key = values->oauth_access_key;
    change->oauth_login_url = values->oauth_login_url;
    change->aicc_domain = values->aicc_domain;
    change->aicc_app_key = values->aicc_app_key;
}

static void take_numbers(const struct settings_values *values, struct settings_change *change)
{
    change->type = values->type < 0 ? -1 : (int64_t)types[values->type];
    change->x_mode = values->x_mode;
    change->authentication = values->authentication;
    change->connection_method = values->connection_method;
    change->hangup_method = values->hangup_method;
    change->in_flight_max = values->in_flight_max;
    change->per_second_max = values->per_second_max;
    change->keep_old_secret_ms = values->keep_old_secret_ms;
    if (values->is_recorded || values->is_not_recorded)
        change->is_recorded = values->is_recorded;
    if (values->are_urls_authenticated || values->are_urls_not_authenticated)
        change->is_console_url_authenticated = values->are_urls_authenticated;
}

enum status settings_values_read(const struct settings_values *values, struct settings_texts *texts,
                                 struct settings_change *change, struct fault *fault)
{
    for (int i = 0; i < SECRET_COUNT; i++)
        buf_init(&texts->secrets[i], SECRET_FILE_MAX);
    buf_init(&texts->profile, PROFILE_TEXT_MAX + 1);
    settings_change_init(change);
    take_texts(values, change);
    take_numbers(values, change);
    enum status status = read_secrets(values, texts, change, fault);
    if (status != OK || values->profile == NULL)
        return status;
    status = read_profile(values->profile, &texts->profile, fault);
    if (status == OK)
        change->profile = buf_text(&texts->profile);
    return status;
}

void settings_texts_finish(struct settings_texts *texts)
{
    for (int i = 0; i < SECRET_COUNT; i++)
        buf_wipe(&texts->secrets[i]);
    buf_finish(&texts->profile);
}
