/* The rules of the settings, with their words. */

#include "gateway/model/settings.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ita/account.h"
#include "profile/profile.h"

enum {
    KEY_MAX = 128,       /* AccessKey and AppKey: 20 and 28 characters are usual */
    SECRET_MAX = 256,    /* the store seals no more */
    SHARED_KEY_MIN = 16, /* console.md */
    AREA_CODE_DIGITS = 6,
    COUNTRY_DIGITS = 3, /* E.164 */
};

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

static bool is_shared_key(struct str text)
{
    return text.len >= SHARED_KEY_MIN && is_secret(text);
}

/* The words tell them. */
_Static_assert(KEY_MAX == 128 && SECRET_MAX == 256 && SHARED_KEY_MIN == 16 &&
                   AREA_CODE_DIGITS == 6 && COUNTRY_DIGITS == 3,
               "the rules say other limits");

static const struct rule rule_required = {"required", "must be set", "必须填写"};
static const struct rule rule_key = {
    "key", "must be 1 to 128 letters, digits or -_.~+/=", "必须是 1 到 128 个字母、数字或 -_.~+/="};
static const struct rule rule_secret = {
    "secret", "must be at most 256 visible ASCII characters, without spaces",
    "必须是最多 256 个可见 ASCII 字符，不含空格"};
static const struct rule rule_shared_key = {
    "secret", "must be 16 to 256 visible ASCII characters, without spaces",
    "必须是 16 到 256 个可见 ASCII 字符，不含空格"};
static const struct rule rule_domain = {
    "domain",
    "must be HOST or HOST:PORT, without https:// and without a path; http:// only towards this "
    "machine",
    "必须是“主机”或“主机:端口”，不带 https:// 和路径；http:// 仅限本机"};
static const struct rule rule_area_code = {"digits", "must be 1 to 6 digits",
                                           "必须是 1 到 6 位数字"};
static const struct rule rule_country = {"digits", "must be 1 to 3 digits", "必须是 1 到 3 位数字"};
static const struct rule rule_zone = {"zone", "must be UTC, Asia/Shanghai or an offset like +08:00",
                                      "必须是 UTC、Asia/Shanghai 或 +08:00 这样的时差"};
static const struct rule rule_fragment = {
    "fragment", "must not have a fragment (#): it is not sent", "不能包含片段（#）：它不会被发送"};
static const struct rule rule_numbers = {"numbers",
                                         "specified needs at least one X number (xnumber add)",
                                         "指定模式需要至少一个 X 号码"};

/* When a field must be set (console.md). */
enum need { NEED_NEVER, NEED_ITA, NEED_CEC, NEED_SHARED_KEY, NEED_OAUTH2 };

static bool is_needed(const struct bidirectional_call *settings, enum need need)
{
    switch (need) {
    case NEED_ITA:
        return settings->type == CALL_TYPE_ITA;
    case NEED_CEC:
        return settings->type == CALL_TYPE_CEC;
    case NEED_SHARED_KEY:
        return settings->authentication == CALLBACK_AUTHENTICATION_SHARED_KEY;
    case NEED_OAUTH2:
        return settings->authentication == CALLBACK_AUTHENTICATION_OAUTH2;
    case NEED_NEVER:
        break;
    }
    return false;
}

/* In the order of console.md's form. */
static const struct text_rule {
    const char *field;
    size_t offset;
    enum need need;
    bool (*is_good)(struct str text); /* NULL: a URL, checked below */
    const struct rule *rule;
} text_rules[] = {
#define AT(field) offsetof(struct bidirectional_call, field)
    {"sharedKey", AT(shared_key), NEED_SHARED_KEY, is_shared_key, &rule_shared_key},
    {"oauthAccessKey", AT(oauth_access_key), NEED_OAUTH2, is_key, &rule_key},
    {"oauthSecretKey", AT(oauth_secret_key), NEED_OAUTH2, is_secret, &rule_secret},
    {"oauthLoginUrl", AT(oauth_login_url), NEED_OAUTH2, NULL, NULL},
    {"accessKey", AT(access_key), NEED_ITA, is_key, &rule_key},
    {"secretKey", AT(secret_key), NEED_ITA, is_secret, &rule_secret},
    {"appKey", AT(app_key), NEED_ITA, is_key, &rule_key},
    {"domain", AT(domain), NEED_ITA, is_domain, &rule_domain},
    {"areaCode", AT(area_code), NEED_NEVER, is_area_code, &rule_area_code},
    {"zone", AT(zone), NEED_NEVER, is_zone, &rule_zone},
    {"homeCountry", AT(home_country), NEED_NEVER, is_country, &rule_country},
    {"aiccDomain", AT(aicc_domain), NEED_CEC, is_domain, &rule_domain},
    {"aiccAppKey", AT(aicc_app_key), NEED_CEC, is_key, &rule_key},
    {"aiccAppSecret", AT(aicc_app_secret), NEED_CEC, is_secret, &rule_secret},
#undef AT
};

static void check_text(const struct bidirectional_call *settings, const struct text_rule *rule,
                       struct violations *out)
{
    const char *text;
    memcpy(&text, (const char *)settings + rule->offset, sizeof(text));
    if (text == NULL && is_needed(settings, rule->need))
        violations_add_rule(out, &rule_required, rule->field);
    else if (text != NULL && rule->is_good != NULL && !rule->is_good(str_of(text)))
        violations_add_rule(out, rule->rule, rule->field);
}

/* --- URLs --- */

/* The login URL takes the same rules as the others: the gateway connects there too, and a tenant
 * names it. */
void settings_urls(const struct bidirectional_call *settings,
                   struct settings_url out[static SETTINGS_URLS])
{
    out[0] = (struct settings_url){"connectionCallbackUrl", settings->connection_url, true};
    out[1] = (struct settings_url){"hangupCallbackUrl", settings->hangup_url, true};
    out[2] = (struct settings_url){"oauthLoginUrl", settings->oauth_login_url,
                                   settings->authentication == CALLBACK_AUTHENTICATION_OAUTH2};
}

static void check_url(const struct settings_url *url, const struct callback_trust *trust,
                      struct violations *out)
{
    struct callback_url read;
    const struct rule *broken = NULL;
    if (url->url == NULL)
        return;
    if (callback_url_read(str_of(url->url), &read, &broken) != OK)
        violations_add_rule(out, broken, url->field);
    else if (read.has_fragment)
        violations_add_rule(out, &rule_fragment, url->field);
    else if (url->is_used && callback_trust_match(trust, &read) == NULL)
        violations_add_rule(out, &callback_trust_rule_untrusted, url->field);
}

static void check_urls(const struct bidirectional_call *settings,
                       const struct callback_trust *trust, struct violations *out)
{
    struct settings_url urls[SETTINGS_URLS];
    settings_urls(settings, urls);
    for (size_t i = 0; i < SETTINGS_URLS; i++)
        check_url(&urls[i], trust, out);
}

/* --- The rest --- */

/* What is wrong with a profile has too many forms for Chinese words. */
static void check_profile(const char *value, struct violations *out)
{
    struct profile *profile = NULL;
    struct fault fault;
    char zh[sizeof(((struct violation *)0)->zh)];
    if (value == NULL)
        return;
    if (profile_parse(str_of(value), &profile, &fault) != OK) {
        (void)snprintf(zh, sizeof(zh), "不是有效的线路配置：%.200s", fault.text);
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

void settings_check_kept_secrets(const struct bidirectional_call *settings,
                                 const struct settings_change *change, struct violations *out)
{
    static const struct rule again = {
        "required", "must be entered again, because it would be sent to another place",
        "发送目标已改变，必须重新填写"};
    const struct {
        const char *field, *secret, *given, *place, *given_place;
    } sent[] = {
        {"oauthSecretKey", settings->oauth_secret_key, change->oauth_secret_key,
         settings->oauth_login_url, change->oauth_login_url},
        {"aiccAppSecret", settings->aicc_app_secret, change->aicc_app_secret, settings->aicc_domain,
         change->aicc_domain},
    };
    for (size_t i = 0; i < COUNT_OF(sent); i++)
        if (sent[i].secret != NULL && sent[i].given == NULL && sent[i].given_place != NULL &&
            sent[i].given_place[0] != '\0' &&
            !str_is(str_of(sent[i].given_place), str_of(sent[i].place)))
            violations_add_rule(out, &again, sent[i].field);
}

void settings_check(const struct bidirectional_call *settings,
                    const struct settings_surroundings *surroundings, struct violations *out)
{
    check_urls(settings, surroundings->callback_trust, out);
    for (size_t i = 0; i < COUNT_OF(text_rules); i++)
        check_text(settings, &text_rules[i], out);
    check_profile(settings->profile, out);
    check_limit(settings->in_flight_max, SETTINGS_IN_FLIGHT_MAX, "inFlightMax", out);
    check_limit(settings->per_second_max, SETTINGS_PER_SECOND_MAX, "perSecondMax", out);
    if (settings->type == CALL_TYPE_ITA && settings->x_mode == X_MODE_SPECIFIED &&
        surroundings->x_number_count == 0)
        violations_add_rule(out, &rule_numbers, "xMode");
}

static bool is_http(const char *url)
{
    struct callback_url read;
    const struct rule *broken;
    return url != NULL && callback_url_read(str_of(url), &read, &broken) == OK && !read.is_https;
}

void settings_warn(const struct bidirectional_call *settings, struct violations *out)
{
    static const struct rule insecure = {
        "insecure",
        "HTTP is not secure: what is sent can be read and changed on its way; use https",
        "HTTP 不安全：传输内容可能被窃取或篡改，建议使用 https"};
    static const struct rule none = {
        "unauthenticated",
        "without authentication, whoever receives callbacks can't tell who sends them",
        "不认证时，接收方无法确认回调的发送者"};
    struct settings_url urls[SETTINGS_URLS];
    settings_urls(settings, urls);
    for (size_t i = 0; i < SETTINGS_URLS; i++)
        if (urls[i].is_used && is_http(urls[i].url))
            violations_add_rule(out, &insecure, urls[i].field);
    if (settings->authentication == CALLBACK_AUTHENTICATION_NONE)
        violations_add_rule(out, &none, "callbackAuthentication");
}

enum status settings_check_tenant_name(struct str name, struct fault *fault)
{
    /* "." and ".." are no names in a URL. */
    if (name.len <= TENANT_NAME_MAX && is_plain(name, "-_.") && !str_starts(name, STR(".")))
        return OK;
    return fault_set(fault, ERR_INVALID,
                     "name: must be 1 to %d letters, digits or -_., not beginning with a dot",
                     TENANT_NAME_MAX);
}
