#include "gateway/model/settings.h"

#include "base/clock.h"
#include "base/mem.h"
#include "ita/account.h"
#include "profile/profile.h"

enum {
    KEY_MAX = 128,    /* AccessKey and AppKey: 20 and 28 characters are usual */
    SECRET_MAX = 256, /* the store seals no more */
    AREA_CODE_DIGITS = 6,
    COUNTRY_DIGITS = 3, /* E.164 */
};

/* --- Applying a change --- */

void settings_change_init(struct settings_change *change)
{
    *change = (struct settings_change){
        .x_mode = -1, .is_recorded = -1, .in_flight_max = -1, .per_second_max = -1};
}

static void name_changed(struct buf *changed, const char *name)
{
    if (changed->len > 0)
        buf_append_byte(changed, ',');
    buf_append(changed, str_of(name));
}

static void apply_text(char **field, const char *value, const char *name, struct buf *changed)
{
    if (value == NULL || str_is(str_of(*field), str_of(value)))
        return;
    mem_free(*field);
    *field = value[0] == '\0' ? NULL : str_copy(str_of(value));
    name_changed(changed, name);
}

static void apply_number(int64_t *field, int64_t value, const char *name, struct buf *changed)
{
    if (value < 0 || value == *field)
        return;
    *field = value;
    name_changed(changed, name);
}

static void wipe(char **text)
{
    if (*text != NULL)
        mem_wipe(*text, strlen(*text));
    mem_free(*text);
    *text = NULL;
}

static void apply_secret(struct bidirectional_call *settings, const struct settings_change *change,
                         int64_t now_ms, struct buf *changed)
{
    bool is_kept = change->keep_old_secret_ms > 0;
    if (change->secret_key == NULL ||
        str_is(str_of(settings->secret_key), str_of(change->secret_key)))
        return;
    wipe(&settings->previous_secret_key);
    if (is_kept)
        settings->previous_secret_key = settings->secret_key;
    else
        wipe(&settings->secret_key);
    bool has_previous = settings->previous_secret_key != NULL;
    settings->previous_secret_until_ms = has_previous ? now_ms + change->keep_old_secret_ms : 0;
    settings->secret_key = str_copy(str_of(change->secret_key));
    settings->secret_changed_ms = now_ms;
    name_changed(changed, "secret-key");
}

void settings_apply(struct bidirectional_call *settings, const struct settings_change *change,
                    int64_t now_ms, struct buf *changed)
{
    int64_t x_mode = settings->x_mode, is_recorded = settings->is_recorded;
    apply_text(&settings->access_key, change->access_key, "access-key", changed);
    apply_secret(settings, change, now_ms, changed);
    apply_text(&settings->app_key, change->app_key, "app-key", changed);
    apply_text(&settings->domain, change->domain, "domain", changed);
    apply_number(&x_mode, change->x_mode, "x-mode", changed);
    apply_text(&settings->area_code, change->area_code, "area-code", changed);
    apply_text(&settings->zone, change->zone, "zone", changed);
    apply_text(&settings->home_country, change->home_country, "home-country", changed);
    apply_text(&settings->profile, change->profile, "profile", changed);
    apply_number(&is_recorded, change->is_recorded, "recorded", changed);
    apply_number(&settings->in_flight_max, change->in_flight_max, "in-flight-max", changed);
    apply_number(&settings->per_second_max, change->per_second_max, "per-second-max", changed);
    settings->x_mode = (enum x_mode)x_mode;
    settings->is_recorded = is_recorded != 0;
}

/* --- Rules --- */

/* What may stand in a header or a host name without quoting. */
static bool is_plain(struct str text, const char *also)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_plain_byte = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || (c != '\0' && strchr(also, c) != NULL);
        if (!is_plain_byte)
            return false;
    }
    return text.len > 0;
}

static enum status check_key(const char *value, const char *name, struct fault *fault)
{
    struct str text = str_of(value);
    if (text.len == 0)
        return fault_set(fault, ERR_INVALID, "%s: must be set", name);
    if (text.len > KEY_MAX || !is_plain(text, "-_.~+/="))
        return fault_set(fault, ERR_INVALID, "%s: must be 1 to %d letters, digits or -_.~+/=", name,
                         KEY_MAX);
    return OK;
}

static enum status check_secret(const char *value, struct fault *fault)
{
    struct str text = str_of(value);
    if (text.len == 0)
        return fault_set(fault, ERR_INVALID, "secret-key: must be set");
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return fault_set(fault, ERR_INVALID,
                             "secret-key: must be visible ASCII characters, without spaces");
    if (text.len > SECRET_MAX)
        return fault_set(fault, ERR_INVALID, "secret-key: must be at most %d characters",
                         SECRET_MAX);
    return OK;
}

static enum status check_domain(const char *value, struct fault *fault)
{
    struct ita_account account;
    enum status status = ita_account_read_domain(str_of(value), &account, fault);
    if (status != OK)
        fault_prefix(fault, "domain");
    return status;
}

static enum status check_digits(const char *value, size_t max, const char *name,
                                struct fault *fault)
{
    if (value == NULL || (str_is_digits(str_of(value)) && strlen(value) <= max))
        return OK;
    return fault_set(fault, ERR_INVALID, "%s: must be 1 to %zu digits", name, max);
}

static enum status check_zone(const char *value, struct fault *fault)
{
    int32_t offset_s;
    if (value == NULL || clock_parse_zone(str_of(value), &offset_s) == OK)
        return OK;
    return fault_set(fault, ERR_INVALID,
                     "zone: must be UTC, Asia/Shanghai or an offset like +08:00");
}

static enum status check_profile(const char *value, struct fault *fault)
{
    struct profile *profile = NULL;
    if (value == NULL)
        return OK;
    enum status status = profile_parse(str_of(value), &profile, fault);
    if (status != OK)
        fault_prefix(fault, "profile");
    profile_release(profile);
    return status;
}

static enum status check_limit(int64_t value, int64_t max, const char *name, struct fault *fault)
{
    if (value >= 0 && value <= max)
        return OK;
    return fault_set(fault, ERR_INVALID, "%s: must be from 0 (no limit) to %lld", name,
                     (long long)max);
}

enum status settings_check(const struct bidirectional_call *settings, size_t x_number_count,
                           struct fault *fault)
{
    enum status status;
    TRY(check_key(settings->access_key, "access-key", fault));
    TRY(check_secret(settings->secret_key, fault));
    TRY(check_key(settings->app_key, "app-key", fault));
    TRY(check_domain(settings->domain, fault));
    TRY(check_digits(settings->area_code, AREA_CODE_DIGITS, "area-code", fault));
    TRY(check_zone(settings->zone, fault));
    TRY(check_digits(settings->home_country, COUNTRY_DIGITS, "home-country", fault));
    TRY(check_profile(settings->profile, fault));
    TRY(check_limit(settings->in_flight_max, SETTINGS_IN_FLIGHT_MAX, "in-flight-max", fault));
    TRY(check_limit(settings->per_second_max, SETTINGS_PER_SECOND_MAX, "per-second-max", fault));
    if (settings->x_mode == X_MODE_SPECIFIED && x_number_count == 0)
        status = fault_set(fault, ERR_INVALID,
                           "x-mode: specified needs at least one X number (xnumber add)");
out:
    return status;
}

enum status settings_check_tenant_name(struct str name, struct fault *fault)
{
    if (name.len <= TENANT_NAME_MAX && is_plain(name, "-_."))
        return OK;
    return fault_set(fault, ERR_INVALID, "name: must be 1 to %d letters, digits or -_.",
                     TENANT_NAME_MAX);
}
