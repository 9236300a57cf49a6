#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/settings.h"

/* A tenant with nothing set, its trustlist, and what the rules say. */
struct desk {
    struct tenant tenant;
    struct callback_trust trust;
    struct violations broken, warnings;
    char changed_text[512];
    struct buf changed;
};

static void trust(struct desk *desk, const char *text)
{
    struct callback_trust_entry entry;
    const struct rule *broken;
    assert_status(callback_trust_entry_read(str_of(text), &entry, &broken), OK);
    callback_trust_add(&desk->trust, &entry);
}

static void sit_down(struct desk *desk, enum call_type type)
{
    *desk = (struct desk){.tenant = {.settings = {.type = type}}};
    trust(desk, "crm.example.com");
}

static void get_up(struct desk *desk)
{
    callback_trust_finish(&desk->trust);
    tenant_finish(&desk->tenant);
}

static const char *apply(struct desk *desk, const struct settings_change *change)
{
    buf_init_fixed(&desk->changed, desk->changed_text, sizeof(desk->changed_text));
    settings_apply(&desk->tenant.settings, change, 1000, &desk->changed);
    return buf_text(&desk->changed);
}

/* "field:rule" of each, sorted as found and joined by ' '. */
static const char *check(struct desk *desk)
{
    static char told[2048];
    struct buf text;
    const struct settings_surroundings surroundings = {.callback_trust = &desk->trust};
    desk->broken = (struct violations){0};
    settings_check(&desk->tenant.settings, &surroundings, &desk->broken);
    buf_init_fixed(&text, told, sizeof(told));
    for (size_t i = 0; i < violations_kept(&desk->broken); i++)
        buf_format(&text, "%s%s:%s", i > 0 ? " " : "", desk->broken.items[i].field,
                   desk->broken.items[i].rule);
    return buf_text(&text);
}

static struct settings_change nothing(void)
{
    struct settings_change change;
    settings_change_init(&change);
    return change;
}

static struct settings_change ita(void)
{
    struct settings_change change = nothing();
    change.type = CALL_TYPE_ITA;
    change.access_key = "FAKEACCESSKEY0000001";
    change.secret_key = "fake-secret-key-one";
    change.app_key = "fake_app_key_1";
    change.domain = "ita.example.com";
    return change;
}

static struct settings_change cec(void)
{
    struct settings_change change = nothing();
    change.type = CALL_TYPE_CEC;
    change.aicc_domain = "aicc.example.com";
    change.aicc_app_key = "fake-aicc-app-key";
    change.aicc_app_secret = "fake-aicc-app-secret";
    return change;
}

TEST(the_type_decides_what_must_be_set)
{
    UNUSED(state);
    struct desk desk;
    sit_down(&desk, CALL_TYPE_ITA);
    assert_string_equal(check(&desk), "accessKey:required secretKey:required appKey:required "
                                      "domain:required");
    struct settings_change change = cec();
    assert_string_equal(apply(&desk, &change), "type,aicc-domain,aicc-app-key,aicc-app-secret");
    assert_string_equal(check(&desk), "");
    change = ita();
    assert_string_equal(apply(&desk, &change), "type,access-key,app-key,domain,secret-key");
    assert_string_equal(check(&desk), "");
    assert_string_equal(desk.tenant.settings.aicc_domain, "aicc.example.com");
    assert_string_equal(desk.tenant.settings.aicc_app_secret, "fake-aicc-app-secret");
    get_up(&desk);
    sit_down(&desk, CALL_TYPE_CEC);
    desk.tenant.settings.x_mode = X_MODE_SPECIFIED;
    assert_string_equal(check(&desk),
                        "aiccDomain:required aiccAppKey:required aiccAppSecret:required");
    get_up(&desk);
}

TEST(what_the_type_does_not_use_must_be_right_if_it_is_set)
{
    UNUSED(state);
    struct desk desk;
    struct settings_change change = cec();
    sit_down(&desk, CALL_TYPE_CEC);
    change.access_key = "a b";
    change.domain = "https://ita.example.com";
    (void)apply(&desk, &change);
    assert_string_equal(check(&desk), "accessKey:key domain:domain");
    get_up(&desk);
}

TEST(the_authentication_mode_decides_what_must_be_set)
{
    UNUSED(state);
    struct desk desk;
    struct settings_change change = ita();
    sit_down(&desk, CALL_TYPE_ITA);
    change.authentication = CALLBACK_AUTHENTICATION_SHARED_KEY;
    (void)apply(&desk, &change);
    assert_string_equal(check(&desk), "sharedKey:required");
    change = nothing();
    change.shared_key = "0123456789abcde";
    assert_string_equal(apply(&desk, &change), "shared-key");
    assert_string_equal(check(&desk), "sharedKey:secret");
    change.shared_key = "0123456789abcdef";
    (void)apply(&desk, &change);
    assert_string_equal(check(&desk), "");
    assert_int_equal(desk.tenant.settings.shared_key_changed_ms, 1000);
    change = nothing();
    change.authentication = CALLBACK_AUTHENTICATION_OAUTH2;
    assert_string_equal(apply(&desk, &change), "callback-authentication");
    assert_string_equal(check(&desk), "oauthAccessKey:required oauthSecretKey:required "
                                      "oauthLoginUrl:required");
    change.oauth_access_key = "fake-oauth-key";
    change.oauth_secret_key = "fake-oauth-secret";
    change.oauth_login_url = "https://crm.example.com/oauth/token";
    assert_string_equal(apply(&desk, &change), "oauth-access-key,oauth-login-url,oauth-secret-key");
    assert_string_equal(check(&desk), "");
    get_up(&desk);
}

TEST(urls_obey_the_rules_and_the_trustlist)
{
    UNUSED(state);
    static const struct {
        const char *url, *rule;
    } cases[] = {{"https://crm.example.com/call", ""},
                 {"http://crm.example.com:8080/call", ""},
                 {"ftp://crm.example.com/", "scheme"},
                 {"https://user@crm.example.com/", "user"},
                 {"https://crm.example.com/#/call", "fragment"},
                 {"https://other.example.com/", "untrusted"},
                 {"https://127.0.0.1/", "untrusted"},
                 {"https://2130706433/", "address"}};
    struct desk desk;
    struct settings_change change = ita();
    sit_down(&desk, CALL_TYPE_ITA);
    (void)apply(&desk, &change);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char expected[128];
        struct buf text;
        buf_init_fixed(&text, expected, sizeof(expected));
        if (cases[i].rule[0] != '\0')
            buf_format(&text, "connectionCallbackUrl:%s hangupCallbackUrl:%s", cases[i].rule,
                       cases[i].rule);
        change = nothing();
        change.connection_url = change.hangup_url = cases[i].url;
        (void)apply(&desk, &change);
        assert_string_equal(check(&desk), text.len == 0 ? "" : buf_text(&text));
    }
    get_up(&desk);
}

TEST(a_login_url_that_is_not_used_needs_no_trust)
{
    UNUSED(state);
    struct desk desk;
    struct settings_change change = ita();
    sit_down(&desk, CALL_TYPE_ITA);
    change.oauth_login_url = "https://other.example.com/";
    (void)apply(&desk, &change);
    assert_string_equal(check(&desk), "");
    desk.tenant.settings.authentication = CALLBACK_AUTHENTICATION_OAUTH2;
    assert_non_null(strstr(check(&desk), "oauthLoginUrl:untrusted"));
    get_up(&desk);
}

TEST(http_and_no_authentication_are_warned_of)
{
    UNUSED(state);
    struct desk desk;
    struct settings_change change = ita();
    sit_down(&desk, CALL_TYPE_ITA);
    change.connection_url = "HTTP://crm.example.com/a";
    change.hangup_url = "https://crm.example.com/b";
    change.oauth_login_url = "http://crm.example.com/c";
    (void)apply(&desk, &change);
    settings_warn(&desk.tenant.settings, &desk.warnings);
    assert_int_equal(desk.warnings.count, 2);
    assert_string_equal(desk.warnings.items[0].field, "connectionCallbackUrl");
    assert_string_equal(desk.warnings.items[0].rule, "insecure");
    assert_string_equal(desk.warnings.items[1].field, "callbackAuthentication");
    desk.tenant.settings.authentication = CALLBACK_AUTHENTICATION_OAUTH2;
    desk.warnings = (struct violations){0};
    settings_warn(&desk.tenant.settings, &desk.warnings);
    assert_int_equal(desk.warnings.count, 2);
    assert_string_equal(desk.warnings.items[1].field, "oauthLoginUrl");
    get_up(&desk);
}

TEST(only_what_is_given_changes_and_only_what_changes_is_named)
{
    UNUSED(state);
    struct desk desk;
    struct settings_change change = ita();
    sit_down(&desk, CALL_TYPE_ITA);
    assert_string_equal(apply(&desk, &change), "access-key,app-key,domain,secret-key");
    assert_string_equal(apply(&desk, &change), "");
    change = nothing();
    assert_string_equal(apply(&desk, &change), "");
    change.hangup_method = CALLBACK_METHOD_PUT;
    change.connection_method = CALLBACK_METHOD_POST;
    change.is_console_url_authenticated = 1;
    change.in_flight_max = 7;
    change.domain = "";
    assert_string_equal(apply(&desk, &change),
                        "domain,in-flight-max,hangup-callback-method,console-urls-authenticated");
    assert_null(desk.tenant.settings.domain);
    assert_true(desk.tenant.settings.is_console_url_authenticated);
    assert_int_equal(desk.tenant.settings.hangup_method, CALLBACK_METHOD_PUT);
    get_up(&desk);
}

TEST(a_replaced_secret_key_stays_for_a_while_if_so_wished)
{
    UNUSED(state);
    struct desk desk;
    struct settings_change change = ita();
    sit_down(&desk, CALL_TYPE_ITA);
    change.keep_old_secret_ms = 50;
    (void)apply(&desk, &change);
    assert_null(desk.tenant.settings.previous_secret_key);
    change.secret_key = "fake-secret-key-two";
    (void)apply(&desk, &change);
    assert_string_equal(desk.tenant.settings.previous_secret_key, "fake-secret-key-one");
    assert_int_equal(desk.tenant.settings.previous_secret_until_ms, 1050);
    change.secret_key = "fake-secret-key-three";
    change.keep_old_secret_ms = 0;
    (void)apply(&desk, &change);
    assert_null(desk.tenant.settings.previous_secret_key);
    assert_int_equal(desk.tenant.settings.previous_secret_until_ms, 0);
    get_up(&desk);
}

TEST(a_replaced_access_key_stays_with_its_secret)
{
    UNUSED(state);
    struct desk desk;
    struct settings_change change = ita();
    sit_down(&desk, CALL_TYPE_ITA);
    change.keep_old_secret_ms = 50;
    (void)apply(&desk, &change);
    settings_change_init(&change);
    change.keep_old_secret_ms = 50;
    change.area_code = "0571";
    (void)apply(&desk, &change);
    assert_null(desk.tenant.settings.previous_access_key);
    char *before = str_copy(str_of(desk.tenant.settings.access_key));
    change.access_key = "FAKEACCESSKEY0000009";
    (void)apply(&desk, &change);
    assert_string_equal(desk.tenant.settings.previous_access_key, before);
    assert_string_equal(desk.tenant.settings.previous_secret_key, "fake-secret-key-one");
    assert_string_equal(desk.tenant.settings.secret_key, "fake-secret-key-one");
    assert_int_equal(desk.tenant.settings.previous_secret_until_ms, 1050);
    settings_forget_previous_keys(&desk.tenant.settings);
    assert_null(desk.tenant.settings.previous_access_key);
    assert_null(desk.tenant.settings.previous_secret_key);
    mem_free(before);
    get_up(&desk);
}

TEST(every_rule_has_words_in_both_languages)
{
    UNUSED(state);
    struct desk desk;
    struct settings_change change = nothing();
    sit_down(&desk, CALL_TYPE_ITA);
    change.connection_url = "x";
    change.area_code = change.zone = change.home_country = change.profile = "x y";
    change.shared_key = change.oauth_secret_key = change.aicc_app_secret = "a b";
    change.oauth_access_key = change.aicc_app_key = change.aicc_domain = "a b";
    change.in_flight_max = change.per_second_max = INT64_MAX;
    change.x_mode = X_MODE_SPECIFIED;
    (void)apply(&desk, &change);
    (void)check(&desk);
    assert_int_equal(desk.broken.count, 18);
    for (size_t i = 0; i < desk.broken.count; i++) {
        const struct violation *v = &desk.broken.items[i];
        assert_true(v->en[0] > ' ' && v->en[0] <= '~');
        assert_true(strlen(v->zh) > 3 && str_is_utf8(str_of(v->zh)));
    }
    get_up(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_type_decides_what_must_be_set),
        cmocka_unit_test(what_the_type_does_not_use_must_be_right_if_it_is_set),
        cmocka_unit_test(the_authentication_mode_decides_what_must_be_set),
        cmocka_unit_test(urls_obey_the_rules_and_the_trustlist),
        cmocka_unit_test(a_login_url_that_is_not_used_needs_no_trust),
        cmocka_unit_test(http_and_no_authentication_are_warned_of),
        cmocka_unit_test(only_what_is_given_changes_and_only_what_changes_is_named),
        cmocka_unit_test(a_replaced_secret_key_stays_for_a_while_if_so_wished),
        cmocka_unit_test(a_replaced_access_key_stays_with_its_secret),
        cmocka_unit_test(every_rule_has_words_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
