/* The callback address trustlist, the settings that need it, and what a daemon reads of both. */

#include "tests/test.h"

#include <sqlite3.h>

#include "base/file.h"
#include "base/mem.h"
#include "gateway/store/store_admin.h"
#include "tests/gateway/store/store_fixture.h"

static struct store_admin *open_with_tenants(struct fixture *f)
{
    struct store_admin *admin = NULL;
    struct fault fault = {""};
    if (store_admin_open(f->path, MASTER_KEY, "cli:tester", &admin, &fault) != OK ||
        store_admin_create_tenant(admin, "acme", &fault) != OK ||
        store_admin_create_tenant(admin, "zeta", &fault) != OK)
        fail_msg("%s", fault.text);
    return admin;
}

/* The rule that is broken, or "". */
static const char *add(struct store_admin *admin, const char *text)
{
    struct callback_trust_entry entry;
    struct violations violations = {0};
    struct fault fault = {""};
    enum status status =
        store_admin_add_callback_trust(admin, str_of(text), &entry, &violations, &fault);
    if (status != OK && violations.count == 0)
        fail_msg("%s", fault.text);
    return status == OK ? "" : violations.items[0].rule;
}

static struct callback_trust read_list(struct store_admin *admin)
{
    struct callback_trust trust = {0};
    struct fault fault = {""};
    if (store_admin_read_callback_trust(admin, &trust, &fault) != OK)
        fail_msg("%s", fault.text);
    return trust;
}

static struct settings_change settings_with(const char *hangup_url)
{
    struct settings_change change;
    settings_change_init(&change);
    change.type = CALL_TYPE_CEC;
    change.aicc_domain = "aicc.example.com";
    change.aicc_app_key = "fake-aicc-app-key";
    change.aicc_app_secret = "fake-aicc-app-secret";
    change.hangup_url = hangup_url;
    return change;
}

/* The rule that is broken, or "". */
static const char *save(struct store_admin *admin, const char *tenant,
                        const struct settings_change *change)
{
    struct violations violations = {0};
    struct fault fault = {""};
    enum status status = store_admin_change_settings(admin, tenant, change, 0, &violations, &fault);
    if (status != OK && violations.count == 0)
        fail_msg("%s", fault.text);
    return status == OK ? "" : violations.items[0].rule;
}

static struct tenant read_tenant(struct store_admin *admin, const char *name)
{
    struct tenant tenant = {0};
    struct fault fault = {""};
    if (store_admin_read_tenant(admin, name, &tenant, &fault) != OK)
        fail_msg("%s", fault.text);
    return tenant;
}

TEST(entries_are_kept_in_one_form_and_order)
{
    struct store_admin *admin = open_with_tenants(*state);
    assert_string_equal(add(admin, "Example.com."), "");
    assert_string_equal(add(admin, "*.example.com"), "");
    assert_string_equal(add(admin, "192.0.2.1:8443"), "");
    assert_string_equal(add(admin, "EXAMPLE.com"), "exists");
    assert_string_equal(add(admin, "192.0.2.1"), "port");
    assert_string_equal(add(admin, ""), "host");
    struct callback_trust trust = read_list(admin);
    assert_int_equal(trust.count, 3);
    assert_string_equal(trust.entries[0].text, "*.example.com");
    assert_string_equal(trust.entries[1].text, "192.0.2.1:8443");
    assert_string_equal(trust.entries[2].text, "example.com");
    assert_true(trust.entries[2].created_ms > 0);
    callback_trust_finish(&trust);
    store_admin_close(admin);
}

TEST(an_entry_is_removed_however_it_is_written)
{
    struct store_admin *admin = open_with_tenants(*state);
    struct callback_trust_affected affected;
    struct fault fault = {""};
    assert_string_equal(add(admin, "example.com"), "");
    assert_status(store_admin_remove_callback_trust(admin, STR("EXAMPLE.COM."), &affected, &fault),
                  OK);
    assert_int_equal(affected.count, 0);
    assert_status(store_admin_remove_callback_trust(admin, STR("example.com"), &affected, &fault),
                  ERR_NOT_FOUND);
    assert_status(store_admin_remove_callback_trust(admin, STR("a b"), &affected, &fault),
                  ERR_NOT_FOUND);
    struct callback_trust trust = read_list(admin);
    assert_int_equal(trust.count, 0);
    store_admin_close(admin);
}

TEST(a_full_list_takes_no_more)
{
    struct store_admin *admin = open_with_tenants(*state);
    for (int i = 0; i < CALLBACK_TRUST_MAX; i++) {
        char text[32];
        snprintf(text, sizeof(text), "h%d.example.com", i);
        assert_string_equal(add(admin, text), "");
    }
    assert_string_equal(add(admin, "one-more.example.com"), "limit");
    assert_string_equal(add(admin, "h0.example.com"), "exists");
    store_admin_close(admin);
}

TEST(a_url_is_saved_only_if_it_is_trusted)
{
    struct store_admin *admin = open_with_tenants(*state);
    struct settings_change change = settings_with("https://crm.example.com/ended");
    assert_string_equal(save(admin, "acme", &change), "untrusted");
    struct tenant tenant = read_tenant(admin, "acme");
    assert_false(tenant.is_configured);
    tenant_finish(&tenant);
    assert_string_equal(add(admin, "*.example.com"), "");
    assert_string_equal(save(admin, "acme", &change), "");
    store_admin_close(admin);
}

TEST(whoever_loses_a_url_is_told)
{
    struct store_admin *admin = open_with_tenants(*state);
    struct callback_trust_affected affected;
    struct fault fault = {""};
    struct settings_change acme = settings_with("https://crm.example.com/ended");
    struct settings_change zeta = settings_with("https://crm.example.net/ended");
    assert_string_equal(add(admin, "crm.example.com"), "");
    assert_string_equal(add(admin, "*.example.com"), "");
    assert_string_equal(add(admin, "crm.example.net"), "");
    assert_string_equal(save(admin, "acme", &acme), "");
    assert_string_equal(save(admin, "zeta", &zeta), "");
    assert_status(
        store_admin_remove_callback_trust(admin, STR("crm.example.com"), &affected, &fault), OK);
    assert_int_equal(affected.count, 0); /* the wildcard still holds */
    assert_status(store_admin_remove_callback_trust(admin, STR("*.example.com"), &affected, &fault),
                  OK);
    assert_int_equal(affected.count, 1);
    assert_string_equal(affected.tenants[0], "acme");
    /* Saving anything else tells of it, too. */
    struct settings_change other;
    settings_change_init(&other);
    other.is_recorded = 1;
    assert_string_equal(save(admin, "acme", &other), "untrusted");
    other.hangup_url = "";
    assert_string_equal(save(admin, "acme", &other), "");
    store_admin_close(admin);
}

TEST(every_field_comes_back_as_it_was_saved)
{
    struct store_admin *admin = open_with_tenants(*state);
    struct settings_change change = settings_with("https://crm.example.com/ended");
    assert_string_equal(add(admin, "crm.example.com"), "");
    change.connection_url = "http://crm.example.com:8080/begun";
    change.connection_method = CALLBACK_METHOD_PUT;
    change.hangup_method = CALLBACK_METHOD_POST;
    change.authentication = CALLBACK_AUTHENTICATION_OAUTH2;
    change.is_console_url_authenticated = 1;
    change.shared_key = "fake-shared-key-of-acme";
    change.oauth_access_key = "fake-oauth-key";
    change.oauth_secret_key = "fake-oauth-secret";
    change.oauth_login_url = "https://crm.example.com/token";
    assert_string_equal(save(admin, "acme", &change), "");
    struct tenant tenant = read_tenant(admin, "acme");
    const struct bidirectional_call *saved = &tenant.settings;
    assert_int_equal(saved->type, CALL_TYPE_CEC);
    assert_string_equal(saved->connection_url, "http://crm.example.com:8080/begun");
    assert_string_equal(saved->hangup_url, "https://crm.example.com/ended");
    assert_int_equal(saved->connection_method, CALLBACK_METHOD_PUT);
    assert_int_equal(saved->hangup_method, CALLBACK_METHOD_POST);
    assert_int_equal(saved->authentication, CALLBACK_AUTHENTICATION_OAUTH2);
    assert_true(saved->is_console_url_authenticated);
    assert_string_equal(saved->shared_key, "fake-shared-key-of-acme");
    assert_string_equal(saved->oauth_access_key, "fake-oauth-key");
    assert_string_equal(saved->oauth_secret_key, "fake-oauth-secret");
    assert_string_equal(saved->oauth_login_url, "https://crm.example.com/token");
    assert_string_equal(saved->aicc_domain, "aicc.example.com");
    assert_string_equal(saved->aicc_app_key, "fake-aicc-app-key");
    assert_string_equal(saved->aicc_app_secret, "fake-aicc-app-secret");
    assert_true(saved->shared_key_changed_ms > 0 && saved->oauth_secret_changed_ms > 0 &&
                saved->aicc_app_secret_changed_ms > 0);
    assert_null(saved->secret_key);
    assert_int_equal(saved->secret_changed_ms, 0);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

TEST(no_secret_lies_open_in_the_file)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_with_tenants(f);
    struct settings_change change = settings_with(NULL);
    struct fault fault;
    static const char *const names[] = {"store.db", "store.db-wal"};
    change.shared_key = "fake-shared-key-of-acme";
    change.oauth_secret_key = "fake-oauth-secret";
    assert_string_equal(save(admin, "acme", &change), "");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[128];
        struct buf bytes;
        snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
        buf_init(&bytes, 16 * 1024 * 1024);
        assert_status(file_read(path, &bytes, &fault), OK);
        assert_null(memmem(bytes.ptr, bytes.len, "fake-shared", 11));
        assert_null(memmem(bytes.ptr, bytes.len, "fake-oauth-s", 12));
        assert_null(memmem(bytes.ptr, bytes.len, "fake-aicc-app-s", 15));
        buf_finish(&bytes);
    }
    store_admin_close(admin);
}

TEST(a_secret_moved_to_another_place_does_not_open)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_with_tenants(f);
    struct settings_change change = settings_with(NULL);
    sqlite3 *db = NULL;
    change.shared_key = "fake-shared-key-of-acme";
    change.oauth_secret_key = "fake-oauth-secret";
    change.secret_key = "fake-secret-key-one";
    assert_string_equal(save(admin, "acme", &change), "");
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "UPDATE bidirectional_call SET shared_key = secret_key, "
                                  "oauth_secret_key = shared_key, aicc_app_secret = "
                                  "oauth_secret_key, secret_key = aicc_app_secret",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    struct tenant tenant = read_tenant(admin, "acme");
    assert_null(tenant.settings.shared_key);
    assert_null(tenant.settings.oauth_secret_key);
    assert_null(tenant.settings.aicc_app_secret);
    assert_null(tenant.settings.secret_key);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static void on_audit(void *data, const struct audit_entry *entry)
{
    buf_format(data, "%.*s %.*s;", STR_ARGS(entry->action), STR_ARGS(entry->detail));
}

TEST(changes_are_audited_and_refusals_are_not)
{
    struct store_admin *admin = open_with_tenants(*state);
    struct callback_trust_affected affected;
    struct fault fault = {""};
    char storage[1024];
    struct buf seen;
    buf_init_fixed(&seen, storage, sizeof(storage));
    assert_string_equal(add(admin, "Example.com"), "");
    assert_string_equal(add(admin, "example.com"), "exists");
    assert_status(store_admin_remove_callback_trust(admin, STR("example.com"), &affected, &fault),
                  OK);
    assert_status(store_admin_remove_callback_trust(admin, STR("example.com"), &affected, &fault),
                  ERR_NOT_FOUND);
    assert_status(
        store_admin_read_audit(admin, &(struct audit_page){.limit = 2}, on_audit, &seen, &fault),
        OK);
    assert_str(buf_str(&seen),
               "callback-trustlist remove example.com;callback-trustlist add example.com;");
    store_admin_close(admin);
}

TEST(a_daemon_reads_the_list_with_whatever_has_changed)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_with_tenants(f);
    struct tenant_list list = {0};
    struct fault fault = {""};
    assert_string_equal(add(admin, "example.com"), "");
    assert_status(store_load_tenants(f->store, &list, &fault), OK);
    assert_int_equal(list.callback_trust.count, 1);
    assert_string_equal(list.callback_trust.entries[0].text, "example.com");
    tenant_list_finish(&list);
    store_admin_close(admin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(entries_are_kept_in_one_form_and_order),
        STORE_TEST(an_entry_is_removed_however_it_is_written),
        STORE_TEST(a_full_list_takes_no_more),
        STORE_TEST(a_url_is_saved_only_if_it_is_trusted),
        STORE_TEST(whoever_loses_a_url_is_told),
        STORE_TEST(every_field_comes_back_as_it_was_saved),
        STORE_TEST(no_secret_lies_open_in_the_file),
        STORE_TEST(a_secret_moved_to_another_place_does_not_open),
        STORE_TEST(changes_are_audited_and_refusals_are_not),
        STORE_TEST(a_daemon_reads_the_list_with_whatever_has_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
