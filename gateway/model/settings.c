#include "gateway/model/settings.h"

#include <stdio.h>

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

static bool is_key(struct str text)
{
    return text.len <= KEY_MAX && is_plain(text, "-_.~+/=");
}

static bool is_secret(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    return text.len <= SECRET_MAX;
}

static bool is_domain(struct str text)
{
    struct ita_account account;
    return ita_account_read_domain(text, &account, NULL) == OK;
}

static bool is_area_code(struct str text)
{
    return str_is_digits(text) && text.len <= AREA_CODE_DIGITS;
}

static bool is_country(struct str text)
{
    return str_is_digits(text) && text.len <= COUNTRY_DIGITS;
}

static bool is_zone(struct str text)
{
    int32_t offset_s;
    return clock_parse_zone(text, &offset_s) == OK;
}

/* The words tell KEY_MAX, SECRET_MAX, AREA_CODE_DIGITS and COUNTRY_DIGITS. */
_Static_assert(KEY_MAX == 128 && SECRET_MAX == 256 && AREA_CODE_DIGITS == 6 && COUNTRY_DIGITS == 3,
               "the rules say other limits");

struct text_rule {
    const char *field;
    size_t offset;
    bool is_required;
    bool (*is_good)(struct str text);
    const char *rule, *en, *zh;
};
#define AT(field) offsetof(struct bidirectional_call, field)
static const struct text_rule text_rules[] = {
    {"accessKey", AT(access_key), true, is_key, "key",
     "must be 1 to 128 letters, digits or -_.~+/=", "必须是 1 到 128 个字母、数字或 -_.~+/="},
    {"secretKey", AT(secret_key), true, is_secret, "secret",
     "must be at most 256 visible ASCII characters, without spaces",
     "必须是最多 256 个可见 ASCII 字符,不含空格"},
    {"appKey", AT(app_key), true, is_key, "key",
     "must be 1 to 128 letters, digits or -_.~+/=", "必须是 1 到 128 个字母、数字或 -_.~+/="},
    {"domain", AT(domain), true, is_domain, "domain",
     "must be HOST or HOST:PORT, without https:// and without a path; http:// only towards this "
     "machine",
     "必须是 主机 或 主机:端口,不带 https:// 和路径;http:// 仅限本机"},
    {"areaCode", AT(area_code), false, is_area_code, "digits", "must be 1 to 6 digits",
     "必须是 1 到 6 位数字"},
    {"zone", AT(zone), false, is_zone, "zone",
     "must be UTC, Asia/Shanghai or an offset like +08:00",
     "必须是 UTC、Asia/Shanghai 或 +08:00 这样的时差"},
    {"homeCountry", AT(home_country), false, is_country, "digits", "must be 1 to 3 digits",
     "必须是 1 到 3 位数字"},
};

static void check_text(const struct bidirectional_call *settings, const struct text_rule *rule,
                       struct violations *out)
{
    const char *text;
    memcpy(&text, (const char *)settings + rule->offset, sizeof(text));
    bool is_missing = text == NULL || text[0] == '\0';
    if (is_missing && rule->is_required)
        violations_add(out, "required", "must be set", "必须填写", "%s", rule->field);
    else if (!is_missing && !rule->is_good(str_of(text)))
        violations_add(out, rule->rule, rule->en, rule->zh, "%s", rule->field);
}

/* What is wrong with a profile has too many forms for Chinese words. */
static void check_profile(const char *value, struct violations *out)
{
    struct profile *profile = NULL;
    struct fault fault;
    char zh[sizeof(((struct violation *)0)->zh)];
    if (value == NULL)
        return;
    if (profile_parse(str_of(value), &profile, &fault) != OK) {
        (void)snprintf(zh, sizeof(zh), "不是有效的线路配置:%.200s", fault.text);
        violations_add(out, "profile", fault.text, zh, "profile");
    }
    profile_release(profile);
}

static void check_limit(int64_t value, int64_t max, const char *field, struct violations *out)
{
    char en[64], zh[64];
    if (value >= 0 && value <= max)
        return;
    (void)snprintf(en, sizeof(en), "must be from 0 (no limit) to %lld", (long long)max);
    (void)snprintf(zh, sizeof(zh), "必须在 0(不限)到 %lld 之间", (long long)max);
    violations_add(out, "range", en, zh, "%s", field);
}

void settings_check(const struct bidirectional_call *settings, size_t x_number_count,
                    struct violations *out)
{
    for (size_t i = 0; i < COUNT_OF(text_rules); i++)
        check_text(settings, &text_rules[i], out);
    check_profile(settings->profile, out);
    check_limit(settings->in_flight_max, SETTINGS_IN_FLIGHT_MAX, "inFlightMax", out);
    check_limit(settings->per_second_max, SETTINGS_PER_SECOND_MAX, "perSecondMax", out);
    if (settings->x_mode == X_MODE_SPECIFIED && x_number_count == 0)
        violations_add(out, "numbers", "specified needs at least one X number (xnumber add)",
                       "指定模式需要至少一个 X 号码", "xMode");
}

enum status settings_check_tenant_name(struct str name, struct fault *fault)
{
    if (name.len <= TENANT_NAME_MAX && is_plain(name, "-_."))
        return OK;
    return fault_set(fault, ERR_INVALID, "name: must be 1 to %d letters, digits or -_.",
                     TENANT_NAME_MAX);
}
