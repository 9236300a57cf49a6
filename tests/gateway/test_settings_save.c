/* Looking up hosts before a save. Names come from the hosts file and from RFC 6761 only:
 * `localhost` is this machine, `.invalid` never resolves. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/settings_save.h"
#include "tests/gateway/store/store_fixture.h"

static void trust(struct callback_trust *list, const char *text)
{
    struct callback_trust_entry entry;
    const struct rule *broken;
    assert_status(callback_trust_entry_read(str_of(text), &entry, &broken), OK);
    callback_trust_add(list, &entry);
}

static struct callback_host host_of(const char *text)
{
    struct callback_host host;
    const struct rule *broken;
    assert_status(callback_host_read(str_of(text), &host, &broken), OK);
    return host;
}

TEST(a_name_may_lead_to_this_machine_only_where_the_list_says_so)
{
    UNUSED(state);
    struct callback_trust list = {0};
    struct callback_host host = host_of("localhost:8080");
    trust(&list, "localhost");
    assert_int_equal(settings_lookup(&host, &list), SETTINGS_LOOKUP_FORBIDDEN);
    trust(&list, "127.0.0.1:8080");
    trust(&list, "[::1]:8080");
    assert_int_equal(settings_lookup(&host, &list), SETTINGS_LOOKUP_FINE);
    host.port = 8081;
    assert_int_equal(settings_lookup(&host, &list), SETTINGS_LOOKUP_FORBIDDEN);
    callback_trust_finish(&list);
}

TEST(a_name_that_is_not_there_is_told)
{
    UNUSED(state);
    struct callback_trust list = {0};
    struct callback_host host = host_of("nosuch.invalid");
    assert_int_equal(settings_lookup(&host, &list), SETTINGS_LOOKUP_UNRESOLVED);
}

static struct store_admin *open_admin(struct fixture *f)
{
    struct store_admin *admin = NULL;
    struct callback_trust_entry entry;
    struct violations violations = {0};
    struct fault fault = {""};
    if (store_admin_open(f->path, MASTER_KEY, "cli:tester", &admin, &fault) != OK ||
        store_admin_create_tenant(admin, "acme", &fault) != OK ||
        store_admin_add_callback_trust(admin, STR("localhost"), &entry, &violations, &fault) !=
            OK ||
        store_admin_add_callback_trust(admin, STR("*.example.invalid"), &entry, &violations,
                                       &fault) != OK)
        fail_msg("%s", fault.text);
    return admin;
}

static struct settings_change cec(const char *hangup_url)
{
    struct settings_change change;
    settings_change_init(&change);
    change.type = CALL_TYPE_CEC;
    change.aicc_domain = "aicc.example.invalid";
    change.aicc_app_key = "fake-aicc-app-key";
    change.aicc_app_secret = "fake-aicc-app-secret";
    change.hangup_url = hangup_url;
    return change;
}

TEST(faults_of_the_look_up_and_of_the_rules_are_told_together)
{
    struct store_admin *admin = open_admin(*state);
    struct settings_change change = cec("http://localhost/");
    struct violations violations = {0}, warnings = {0};
    struct fault fault = {""};
    change.aicc_domain = "https://aicc.example.invalid";
    assert_status(settings_save(admin, "acme", &change, 0, &violations, &warnings, &fault),
                  ERR_INVALID);
    assert_int_equal(violations.count, 2);
    assert_string_equal(violations.items[0].field, "hangupCallbackUrl");
    assert_string_equal(violations.items[0].rule, "forbidden");
    assert_string_equal(violations.items[1].field, "aiccDomain");
    store_admin_close(admin);
}

TEST(what_can_not_be_looked_up_is_saved_with_a_warning)
{
    struct store_admin *admin = open_admin(*state);
    struct settings_change change = cec("https://crm.example.invalid/");
    struct violations violations = {0}, warnings = {0};
    struct fault fault = {""};
    assert_status(settings_save(admin, "acme", &change, 0, &violations, &warnings, &fault), OK);
    assert_int_equal(warnings.count, 2);
    assert_string_equal(warnings.items[0].rule, "unresolved");
    assert_string_equal(warnings.items[1].rule, "unauthenticated");
    store_admin_close(admin);
}

TEST(a_name_that_nobody_trusts_is_not_asked_for)
{
    struct store_admin *admin = open_admin(*state);
    struct settings_change change = cec("https://crm.example.com.invalid/");
    struct violations violations = {0}, warnings = {0};
    struct fault fault = {""};
    assert_status(settings_save(admin, "acme", &change, 0, &violations, &warnings, &fault),
                  ERR_INVALID);
    assert_int_equal(violations.count, 1);
    assert_string_equal(violations.items[0].rule, "untrusted");
    assert_string_equal(warnings.items[0].rule, "unauthenticated");
    store_admin_close(admin);
}

TEST(an_unknown_tenant_and_an_old_version_are_told)
{
    struct store_admin *admin = open_admin(*state);
    struct settings_change change = cec(NULL);
    struct violations violations = {0}, warnings = {0};
    struct fault fault = {""};
    assert_status(settings_save(admin, "nowhere", &change, 0, &violations, &warnings, &fault),
                  ERR_NOT_FOUND);
    assert_status(settings_save(admin, "acme", &change, 1, &violations, &warnings, &fault), OK);
    assert_status(settings_save(admin, "acme", &change, 1, &violations, &warnings, &fault),
                  ERR_STALE);
    store_admin_close(admin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_may_lead_to_this_machine_only_where_the_list_says_so),
        cmocka_unit_test(a_name_that_is_not_there_is_told),
        STORE_TEST(faults_of_the_look_up_and_of_the_rules_are_told_together),
        STORE_TEST(what_can_not_be_looked_up_is_saved_with_a_warning),
        STORE_TEST(a_name_that_nobody_trusts_is_not_asked_for),
        STORE_TEST(an_unknown_tenant_and_an_old_version_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
