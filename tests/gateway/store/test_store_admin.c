/* What administrators change, and what of it a daemon on the same file sees. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/mem.h"
#include "gateway/store/store_admin.h"
#include "ita/cdr.h"
#include "net/tls.h"
#include "tests/gateway/store/store_fixture.h"

static struct store_admin *open_admin(struct fixture *f)
{
    struct store_admin *admin = NULL;
    struct fault fault = {""};
    if (store_admin_open(f->path, MASTER_KEY, "cli:tester", &admin, &fault) != OK)
        fail_msg("%s", fault.text);
    return admin;
}

#define ASSERT_OK(call)                                                                            \
    do {                                                                                           \
        struct fault fault = {""};                                                                 \
        if ((call) != OK)                                                                          \
            fail_msg("%s", fault.text);                                                            \
    } while (0)

#define ASSERT_REFUSED(call, expected, words)                                                      \
    do {                                                                                           \
        struct fault fault = {""};                                                                 \
        assert_int_equal(call, expected);                                                          \
        if (strstr(fault.text, words) == NULL)                                                     \
            fail_msg("no \"%s\" in: %s", words, fault.text);                                       \
    } while (0)

static enum status add_x_numbers(struct store_admin *admin, const char *tenant,
                                 char *const *numbers, size_t count, struct fault *fault)
{
    const struct number_list list = {numbers, count, "number ", 1};
    struct violations violations = {0};
    return store_admin_add_x_numbers(admin, tenant, &list, &violations, fault);
}

static enum status change_settings(struct store_admin *admin, const char *tenant,
                                   const struct settings_change *change, struct fault *fault)
{
    struct violations violations = {0};
    return store_admin_change_settings(admin, tenant, change, 0, &violations, fault);
}

static struct settings_change good_settings(void)
{
    struct settings_change change;
    settings_change_init(&change);
    change.access_key = "FAKEACCESSKEY0000001";
    change.secret_key = "fake-secret-key-one";
    change.app_key = "fake_app_key_1";
    change.domain = "ita.example.com:8443";
    change.keep_old_secret_ms = 900000;
    return change;
}

/* A tenant "acme" that may place calls in mode Automatic. */
static struct store_admin *open_with_tenant(struct fixture *f)
{
    struct store_admin *admin = open_admin(f);
    struct settings_change change = good_settings();
    ASSERT_OK(store_admin_create_tenant(admin, "acme", &fault));
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    return admin;
}

static struct tenant read_tenant(struct store_admin *admin, const char *name)
{
    struct tenant tenant = {0};
    ASSERT_OK(store_admin_read_tenant(admin, name, &tenant, &fault));
    return tenant;
}

/* --- Tenants --- */

static void a_new_tenant_is_enabled_and_not_configured(void **state)
{
    struct store_admin *admin = open_admin(*state);
    ASSERT_OK(store_admin_create_tenant(admin, "acme", &fault));
    struct tenant tenant = read_tenant(admin, "acme");
    assert_true(tenant.is_enabled);
    assert_true(tenant.is_bidirectional_enabled);
    assert_false(tenant.is_configured);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static void refuses_a_tenant_twice_and_bad_names(void **state)
{
    static const char *const names[] = {
        "",    ".",        "..",
        "a b", "a:b",      ".a",
        "a/b", "\xC3\xA9", "0123456789012345678901234567890123456789012345678901234567890123x"};
    struct store_admin *admin = open_admin(*state);
    ASSERT_OK(store_admin_create_tenant(admin, "acme", &fault));
    ASSERT_REFUSED(store_admin_create_tenant(admin, "acme", &fault), ERR_EXISTS, "exists already");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        ASSERT_REFUSED(store_admin_create_tenant(admin, names[i], &fault), ERR_INVALID, "name:");
    store_admin_close(admin);
}

static void disables_and_enables(void **state)
{
    struct store_admin *admin = open_admin(*state);
    ASSERT_OK(store_admin_create_tenant(admin, "acme", &fault));
    for (int i = 0; i < 2; i++) {
        ASSERT_OK(store_admin_enable_tenant(admin, "acme", i == 1, &fault));
        struct tenant tenant = read_tenant(admin, "acme");
        assert_int_equal(tenant.is_enabled, i == 1);
        tenant_finish(&tenant);
    }
    store_admin_close(admin);
}

static void changes_of_no_tenant_name_it(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct settings_change change = good_settings();
    struct new_app_key made;
    struct tenant tenant;
    char *number[] = {"057100000003"};
    ASSERT_REFUSED(store_admin_enable_tenant(admin, "nix", true, &fault), ERR_NOT_FOUND, "nix");
    ASSERT_REFUSED(store_admin_create_app_key(admin, "nix", &made, &fault), ERR_NOT_FOUND, "nix");
    ASSERT_REFUSED(change_settings(admin, "nix", &change, &fault), ERR_NOT_FOUND, "nix");
    ASSERT_REFUSED(add_x_numbers(admin, "nix", number, 1, &fault), ERR_NOT_FOUND, "nix");
    ASSERT_REFUSED(store_admin_read_tenant(admin, "nix", &tenant, &fault), ERR_NOT_FOUND, "nix");
    store_admin_close(admin);
}

static void an_x_number_belongs_to_one_tenant(void **state)
{
    struct store_admin *admin = open_admin(*state);
    char *number[] = {"057100000003"};
    ASSERT_OK(store_admin_create_tenant(admin, "one", &fault));
    ASSERT_OK(store_admin_create_tenant(admin, "two", &fault));
    ASSERT_OK(add_x_numbers(admin, "one", number, 1, &fault));
    ASSERT_REFUSED(add_x_numbers(admin, "two", number, 1, &fault), ERR_INVALID,
                   "another tenant has it");
    ASSERT_OK(store_admin_remove_x_numbers(admin, "one", number, 1, &fault));
    ASSERT_OK(add_x_numbers(admin, "two", number, 1, &fault));
    store_admin_close(admin);
}

static void an_x_number_is_the_same_however_it_is_written(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    char *bare[] = {"13800000001"}, *international[] = {"+8613800000001"},
         *coded[] = {"8613800000001"}, *american[] = {"+13800000001"};
    ASSERT_OK(store_admin_create_tenant(admin, "two", &fault));
    ASSERT_OK(add_x_numbers(admin, "acme", international, 1, &fault));
    ASSERT_REFUSED(add_x_numbers(admin, "two", bare, 1, &fault), ERR_INVALID, "another tenant");
    ASSERT_REFUSED(add_x_numbers(admin, "two", coded, 1, &fault), ERR_INVALID, "another tenant");
    ASSERT_OK(add_x_numbers(admin, "two", american, 1, &fault));
    store_admin_close(admin);
}

static void another_home_country_makes_no_two_x_numbers_one(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    char *number[] = {"13800000001"}, *chinese[] = {"+8613800000001"};
    struct settings_change to_us = good_settings(), to_china = good_settings();
    to_us.home_country = "1";
    to_china.home_country = "86";
    ASSERT_OK(add_x_numbers(admin, "acme", number, 1, &fault));
    ASSERT_OK(change_settings(admin, "acme", &to_us, &fault));
    ASSERT_OK(add_x_numbers(admin, "acme", chinese, 1, &fault));
    ASSERT_REFUSED(change_settings(admin, "acme", &to_china, &fault), ERR_INVALID,
                   "home-country: in that country an X number");
    ASSERT_OK(change_settings(admin, "acme", &to_us, &fault)); /* as it is, it may be saved */
    ASSERT_OK(store_admin_remove_x_numbers(admin, "acme", number, 1, &fault));
    ASSERT_OK(change_settings(admin, "acme", &to_china, &fault));
    ASSERT_OK(store_admin_create_tenant(admin, "two", &fault));
    ASSERT_REFUSED(add_x_numbers(admin, "two", number, 1, &fault), ERR_INVALID, "another tenant");
    store_admin_close(admin);
}

static void refuses_another_master_key(void **state)
{
    static const uint8_t OTHER[32] = "another key of tests, obviously.";
    struct fixture *f = *state;
    struct store_admin *admin = NULL;
    ASSERT_REFUSED(store_admin_open(f->path, OTHER, "cli:tester", &admin, &fault), ERR_DENIED,
                   "another master key");
}

/* --- App keys --- */

static void an_app_key_is_kept_as_the_hash_of_its_secret(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct new_app_key first, second;
    uint8_t digest[32];
    ASSERT_OK(store_admin_create_tenant(admin, "acme", &fault));
    ASSERT_OK(store_admin_create_app_key(admin, "acme", &first, &fault));
    ASSERT_OK(store_admin_create_app_key(admin, "acme", &second, &fault));
    assert_string_not_equal(first.key, second.key);
    assert_string_not_equal(first.secret, second.secret);
    assert_int_equal(strlen(first.key), 27);
    assert_int_equal(strlen(first.secret), 43);
    struct tenant tenant = read_tenant(admin, "acme");
    sha256(str_of(first.secret), digest);
    assert_int_equal(tenant.app_key_count, 2);
    assert_string_equal(tenant.app_keys[0].key, first.key);
    assert_memory_equal(tenant.app_keys[0].secret_sha256, digest, 32);
    assert_true(tenant.app_keys[0].is_enabled);
    tenant_finish(&tenant);

    ASSERT_OK(store_admin_disable_app_key(admin, "acme", first.key, &fault));
    tenant = read_tenant(admin, "acme");
    assert_false(tenant.app_keys[0].is_enabled);
    assert_true(tenant.app_keys[1].is_enabled);
    tenant_finish(&tenant);
    ASSERT_REFUSED(store_admin_disable_app_key(admin, "acme", "ak_none", &fault), ERR_NOT_FOUND,
                   "ak_none");
    store_admin_close(admin);
}

static void another_tenants_app_key_is_not_found(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct new_app_key made;
    ASSERT_OK(store_admin_create_tenant(admin, "acme", &fault));
    ASSERT_OK(store_admin_create_tenant(admin, "other", &fault));
    ASSERT_OK(store_admin_create_app_key(admin, "acme", &made, &fault));
    ASSERT_REFUSED(store_admin_disable_app_key(admin, "other", made.key, &fault), ERR_NOT_FOUND,
                   "no app key");
    store_admin_close(admin);
}

/* --- Settings --- */

static void only_what_is_given_changes(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct settings_change change;
    settings_change_init(&change);
    change.area_code = "0571";
    change.is_recorded = 1;
    change.in_flight_max = 50;
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    struct tenant tenant = read_tenant(admin, "acme");
    assert_true(tenant.is_configured);
    assert_int_equal(tenant.settings.type, CALL_TYPE_ITA);
    assert_string_equal(tenant.settings.access_key, "FAKEACCESSKEY0000001");
    assert_string_equal(tenant.settings.secret_key, "fake-secret-key-one");
    assert_string_equal(tenant.settings.app_key, "fake_app_key_1");
    assert_string_equal(tenant.settings.domain, "ita.example.com:8443");
    assert_string_equal(tenant.settings.area_code, "0571");
    assert_null(tenant.settings.zone);
    assert_true(tenant.settings.is_recorded);
    assert_int_equal(tenant.settings.in_flight_max, 50);
    assert_int_equal(tenant.settings.per_second_max, 0);
    assert_int_equal(tenant.settings.x_mode, X_MODE_AUTOMATIC);
    tenant_finish(&tenant);

    settings_change_init(&change);
    change.area_code = "";
    change.is_recorded = 0;
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    tenant = read_tenant(admin, "acme");
    assert_null(tenant.settings.area_code);
    assert_false(tenant.settings.is_recorded);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static void each_field_has_its_rule(void **state)
{
    static const struct {
        size_t field;
        const char *value, *words;
    } cases[] = {
        {offsetof(struct settings_change, access_key), "", "access-key:"},
        {offsetof(struct settings_change, access_key), "a b", "access-key:"},
        {offsetof(struct settings_change, access_key), "a,b", "access-key:"},
        {offsetof(struct settings_change, secret_key), "", "secret-key:"},
        {offsetof(struct settings_change, secret_key), "with space", "secret-key:"},
        {offsetof(struct settings_change, secret_key), "\xC3\xA9", "secret-key:"},
        {offsetof(struct settings_change, app_key), "a\r\nb", "app-key:"},
        {offsetof(struct settings_change, domain), "", "domain:"},
        {offsetof(struct settings_change, domain), "https://ita.example.com", "domain:"},
        {offsetof(struct settings_change, domain), "ita.example.com/path", "domain:"},
        {offsetof(struct settings_change, domain), "ita.example.com:0", "domain:"},
        {offsetof(struct settings_change, domain), "ita.example.com:65536", "domain:"},
        {offsetof(struct settings_change, domain), "ita.example.com:", "domain:"},
        {offsetof(struct settings_change, domain), ":443", "domain:"},
        {offsetof(struct settings_change, domain), "a@b", "domain:"},
        {offsetof(struct settings_change, area_code), "05a1", "area-code:"},
        {offsetof(struct settings_change, area_code), "0571000", "area-code:"},
        {offsetof(struct settings_change, zone), "Mars/Olympus", "zone:"},
        {offsetof(struct settings_change, home_country), "+86", "home-country:"},
        {offsetof(struct settings_change, profile), "{\"no\":1}", "profile:"},
    };
    struct store_admin *admin = open_with_tenant(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings_change change = good_settings();
        *(const char **)(void *)((char *)&change + cases[i].field) = cases[i].value;
        ASSERT_REFUSED(change_settings(admin, "acme", &change, &fault), ERR_INVALID,
                       cases[i].words);
    }
    struct settings_change change = good_settings();
    change.in_flight_max = SETTINGS_IN_FLIGHT_MAX + 1;
    ASSERT_REFUSED(change_settings(admin, "acme", &change, &fault), ERR_INVALID, "in-flight-max:");
    struct tenant tenant = read_tenant(admin, "acme");
    assert_string_equal(tenant.settings.domain, "ita.example.com:8443");
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static void a_kept_secret_is_not_sent_to_another_place(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct settings_change change = good_settings();
    change.aicc_domain = "aicc.example.com";
    change.aicc_app_key = "fake_aicc_key";
    change.aicc_app_secret = "fake-aicc-secret";
    change.oauth_secret_key = "fake-oauth-secret";
    change.oauth_login_url = "https://login.example.com/token";
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    change = good_settings();
    change.aicc_domain = "aicc.example.net";
    ASSERT_REFUSED(change_settings(admin, "acme", &change, &fault), ERR_INVALID,
                   "aicc-app-secret: must be entered again");
    change.aicc_app_secret = "fake-aicc-secret";
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    change = good_settings();
    change.aicc_domain = "aicc.example.net"; /* where it goes already */
    change.oauth_login_url = "https://login.example.net/token";
    ASSERT_REFUSED(change_settings(admin, "acme", &change, &fault), ERR_INVALID,
                   "oauth-secret-key: must be entered again");
    change.oauth_secret_key = ""; /* nothing is sent */
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    change = good_settings();
    change.aicc_domain = ""; /* nowhere */
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    change.aicc_domain = "aicc.example.org";
    ASSERT_REFUSED(change_settings(admin, "acme", &change, &fault), ERR_INVALID,
                   "aicc-app-secret: must be entered again");
    store_admin_close(admin);
}

static void a_first_save_must_be_complete(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct settings_change change = good_settings();
    change.domain = NULL;
    ASSERT_OK(store_admin_create_tenant(admin, "acme", &fault));
    ASSERT_REFUSED(change_settings(admin, "acme", &change, &fault), ERR_INVALID,
                   "domain: must be set");
    struct tenant tenant = read_tenant(admin, "acme");
    assert_false(tenant.is_configured);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static void an_access_key_is_shared_by_few(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct settings_change change = good_settings();
    char name[16];
    struct buf text;
    for (int i = 0; i <= TENANTS_OF_ACCESS_KEY_MAX; i++) {
        buf_init_fixed(&text, name, sizeof(name));
        buf_format(&text, "tenant%d", i);
        ASSERT_OK(store_admin_create_tenant(admin, buf_text(&text), &fault));
        if (i < TENANTS_OF_ACCESS_KEY_MAX)
            ASSERT_OK(change_settings(admin, buf_text(&text), &change, &fault));
        else
            ASSERT_REFUSED(change_settings(admin, buf_text(&text), &change, &fault), ERR_INVALID,
                           "access-key: 8 other tenants share it, no more can");
    }
    change.access_key = "FAKEACCESSKEY0000002";
    ASSERT_OK(change_settings(admin, buf_text(&text), &change, &fault));
    change = good_settings();
    change.area_code = "0571"; /* those that have it may go on changing */
    ASSERT_OK(change_settings(admin, "tenant0", &change, &fault));
    store_admin_close(admin);
}

static void a_replaced_secret_stays_good_for_a_while(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct settings_change change;
    settings_change_init(&change);
    change.secret_key = "fake-secret-key-two";
    change.keep_old_secret_ms = 60000;
    int64_t before = clock_wall_ms();
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    struct tenant tenant = read_tenant(admin, "acme");
    assert_string_equal(tenant.settings.secret_key, "fake-secret-key-two");
    assert_string_equal(tenant.settings.previous_secret_key, "fake-secret-key-one");
    assert_true(tenant.settings.previous_secret_until_ms >= before + 60000);
    assert_true(tenant.settings.secret_changed_ms >= before);
    tenant_finish(&tenant);

    settings_change_init(&change);
    change.access_key = "FAKEACCESSKEY0000009";
    change.keep_old_secret_ms = 60000;
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    tenant = read_tenant(admin, "acme");
    assert_string_equal(tenant.settings.access_key, "FAKEACCESSKEY0000009");
    assert_non_null(tenant.settings.previous_access_key);
    assert_string_not_equal(tenant.settings.previous_access_key, tenant.settings.access_key);
    assert_string_equal(tenant.settings.previous_secret_key, "fake-secret-key-two");
    tenant_finish(&tenant);

    change.secret_key = "fake-secret-key-three";
    change.keep_old_secret_ms = 0;
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    tenant = read_tenant(admin, "acme");
    assert_string_equal(tenant.settings.secret_key, "fake-secret-key-three");
    assert_null(tenant.settings.previous_access_key);
    assert_null(tenant.settings.previous_secret_key);
    assert_int_equal(tenant.settings.previous_secret_until_ms, 0);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static bool file_holds(const char *path, struct str text)
{
    struct buf bytes;
    buf_init(&bytes, 16 * 1024 * 1024);
    bool holds = file_read(path, &bytes, NULL) == OK &&
                 memmem(bytes.ptr, bytes.len, text.ptr, text.len) != NULL;
    buf_finish(&bytes);
    return holds;
}

static void no_secret_stands_in_the_file(void **state)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_with_tenant(f);
    struct new_app_key made;
    struct settings_change change = good_settings();
    change.secret_key = "fake-secret-key-two";
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    ASSERT_OK(store_admin_create_app_key(admin, "acme", &made, &fault));
    store_admin_close(admin);
    fixture_close(f); /* now all of it is in the one file */
    assert_true(file_holds(f->path, STR("FAKEACCESSKEY0000001")));
    assert_true(file_holds(f->path, str_of(made.key)));
    assert_false(file_holds(f->path, STR("fake-secret-key-")));
    assert_false(file_holds(f->path, str_of(made.secret)));
}

static void a_sealed_secret_can_not_be_moved_to_another_tenant(void **state)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_with_tenant(f);
    struct settings_change change = good_settings();
    change.secret_key = "fake-secret-of-other";
    ASSERT_OK(store_admin_create_tenant(admin, "other", &fault));
    ASSERT_OK(change_settings(admin, "other", &change, &fault));
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "UPDATE bidirectional_call SET secret_key = (SELECT secret_key "
                                  "FROM bidirectional_call WHERE tenant_id = 2) "
                                  "WHERE tenant_id = 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    struct tenant tenant;
    ASSERT_OK(store_admin_read_tenant(admin, "acme", &tenant, &fault));
    assert_null(
        tenant.settings.secret_key); /* that tenant can't call; the others are not held up */
    tenant_finish(&tenant);
    ASSERT_OK(store_admin_read_tenant(admin, "other", &tenant, &fault));
    assert_string_equal(tenant.settings.secret_key, "fake-secret-of-other");
    tenant_finish(&tenant);
    store_admin_close(admin);
}

/* --- X numbers --- */

static void x_numbers_are_added_and_removed_as_given(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    char *added[] = {"057100000092", "057100000091", "+8657100000093"};
    char *removed[] = {"+8657100000091", "057100000093"}; /* the same in another form */
    ASSERT_OK(add_x_numbers(admin, "acme", added, 3, &fault));
    struct tenant tenant = read_tenant(admin, "acme");
    assert_int_equal(tenant.x_number_count, 3);
    tenant_finish(&tenant);
    ASSERT_OK(store_admin_remove_x_numbers(admin, "acme", removed, 2, &fault));
    tenant = read_tenant(admin, "acme");
    assert_int_equal(tenant.x_number_count, 1);
    assert_string_equal(tenant.x_numbers[0].number, "057100000092");
    assert_int_equal(tenant.x_numbers[0].last_used_ms, 0);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static void x_numbers_are_added_all_or_none(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    char *bad[] = {"057100000091", "not a number"};
    char *twice[] = {"057100000091", "+8657100000091"};
    char *gone[] = {"057100000091"};
    ASSERT_REFUSED(add_x_numbers(admin, "acme", bad, 2, &fault), ERR_INVALID, "number 2: ");
    ASSERT_REFUSED(add_x_numbers(admin, "acme", twice, 2, &fault), ERR_INVALID, "already");
    ASSERT_REFUSED(store_admin_remove_x_numbers(admin, "acme", gone, 1, &fault), ERR_NOT_FOUND,
                   "does not have it");
    struct tenant tenant = read_tenant(admin, "acme");
    assert_int_equal(tenant.x_number_count, 0);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static void faults_show_no_full_number(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    char *number[] = {"057100000091"};
    struct fault fault = {""};
    assert_int_equal(store_admin_remove_x_numbers(admin, "acme", number, 1, &fault), ERR_NOT_FOUND);
    assert_null(strstr(fault.text, number[0]));
    store_admin_close(admin);
}

static void mode_specified_needs_a_number(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct settings_change change;
    char *numbers[] = {"057100000091", "057100000092"};
    settings_change_init(&change);
    change.x_mode = X_MODE_SPECIFIED;
    ASSERT_REFUSED(change_settings(admin, "acme", &change, &fault), ERR_INVALID, "x-mode:");
    ASSERT_OK(add_x_numbers(admin, "acme", numbers, 2, &fault));
    ASSERT_OK(change_settings(admin, "acme", &change, &fault));
    ASSERT_REFUSED(store_admin_remove_x_numbers(admin, "acme", numbers, 2, &fault), ERR_INVALID,
                   "must stay");
    ASSERT_OK(store_admin_remove_x_numbers(admin, "acme", numbers, 1, &fault));
    store_admin_close(admin);
}

static int64_t last_used(struct store_admin *admin)
{
    struct tenant tenant = read_tenant(admin, "acme");
    int64_t last_used_ms = tenant.x_numbers[0].last_used_ms;
    tenant_finish(&tenant);
    return last_used_ms;
}

static void the_end_of_a_call_marks_its_x_number_as_used(void **state)
{
    struct fixture *f = *state;
    static const int64_t ids[] = {1};
    struct store_admin *admin = open_with_tenant(f);
    char *numbers[] = {"057100000091"};
    ASSERT_OK(add_x_numbers(admin, "acme", numbers, 1, &fault));
    struct call_record call = fixture_call(1, call_serial_at(NOON));
    call.tel_x = STR("057100000091");
    call.is_x_claimed = true;

    assert_int_equal(fixture_add(f, &call), OK);
    assert_int_equal(fixture_set_outcome(f, 1, call.serial, CALL_OUTCOME_REFUSED, STR("")), OK);
    assert_int_equal(last_used(admin), NOON + 100);

    call.serial++;
    assert_int_equal(fixture_add(f, &call), OK);
    struct ita_cdr cdr = {.call_id = STR("id-1"), .duration_s = -1, .release_cause = -1};
    struct store_add_cdr add = {.cdr = &cdr,
                                .body = STR("{}"),
                                .tenant_ids = ids,
                                .tenant_count = 1,
                                .remark_tenant_id = 1,
                                .remark_serial = call.serial,
                                .access_key = STR("FAKEACCESSKEY0000001"),
                                .received_ms = NOON + 500};
    assert_int_equal(RUN(f, store_add_cdr, &add), OK);
    assert_int_equal(add.match, CDR_MATCHED);
    assert_int_equal(last_used(admin), NOON + 500);

    call.serial++;
    assert_int_equal(fixture_add(f, &call), OK);
    struct store_expire_call expire = {.tenant_id = 1, .serial = call.serial, .now_ms = NOON + 900};
    assert_int_equal(RUN(f, store_expire_call, &expire), OK);
    assert_int_equal(last_used(admin), NOON + 900);

    call.serial++;
    call.is_x_claimed = false; /* the ITA chose it: no number of the pool */
    assert_int_equal(fixture_add(f, &call), OK);
    expire =
        (struct store_expire_call){.tenant_id = 1, .serial = call.serial, .now_ms = NOON + 999};
    assert_int_equal(RUN(f, store_expire_call, &expire), OK);
    assert_int_equal(last_used(admin), NOON + 900);
    store_admin_close(admin);
}

static void the_last_serial_is_the_highest_of_all_tenants(void **state)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_with_tenant(f);
    ASSERT_OK(store_admin_create_tenant(admin, "other", &fault));
    ASSERT_OK(store_admin_create_tenant(admin, "idle", &fault));
    struct call_record first = fixture_call(1, call_serial_at(NOON + 5));
    struct call_record second = fixture_call(2, call_serial_at(NOON + 3));
    assert_int_equal(fixture_add(f, &first), OK);
    assert_int_equal(fixture_add(f, &second), OK);
    int64_t serial = 0;
    ASSERT_OK(store_load_last_serial(f->store, &serial, &fault));
    assert_int_equal(serial, first.serial);
    store_admin_close(admin);
}

/* --- Certificates --- */

static struct buf make_der(void)
{
    static const char *const names[] = {"localhost"};
    struct buf certificate, key, der;
    buf_init(&certificate, 16384);
    buf_init(&key, 16384);
    buf_init(&der, 16384);
    ASSERT_OK(tls_identity_generate(names, 1, 1, &certificate, &key, &fault));
    /* The Base64 lines between the two of dashes. */
    struct str rest = buf_str(&certificate), line;
    struct buf text;
    buf_init(&text, 16384);
    while (str_next(&rest, '\n', &line))
        if (!str_starts(line, STR("-----")))
            buf_append(&text, line);
    assert_int_equal(base64_decode(buf_str(&text), &der), OK);
    buf_finish(&text);
    buf_finish(&certificate);
    buf_finish(&key);
    return der;
}

static void a_certificate_replaces_the_one_before(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct tenant_list list = {0};
    struct buf first = make_der(), second = make_der();
    ASSERT_OK(store_admin_install_certificate(admin, "CERT_ITA", buf_str(&first), &fault));
    ASSERT_OK(store_admin_install_certificate(admin, "CERT_ITA", buf_str(&second), &fault));
    ASSERT_OK(store_admin_read(admin, &list, &fault));
    assert_int_equal(list.certificate_count, 1);
    assert_string_equal(list.certificates[0].name, "CERT_ITA");
    assert_true(
        str_is(str_from(list.certificates[0].der, list.certificates[0].der_len), buf_str(&second)));
    tenant_list_finish(&list);
    buf_finish(&first);
    buf_finish(&second);
    store_admin_close(admin);
}

static void refuses_what_is_no_certificate(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct buf der = make_der();
    struct str cut = {der.ptr, der.len - 1};
    ASSERT_REFUSED(store_admin_install_certificate(admin, "CERT_OTHER", buf_str(&der), &fault),
                   ERR_INVALID, "CERT_ITA");
    ASSERT_REFUSED(store_admin_install_certificate(admin, "CERT_ITA", STR(""), &fault), ERR_SYNTAX,
                   "certificate: empty");
    ASSERT_REFUSED(store_admin_install_certificate(admin, "CERT_ITA", STR("-----BEGIN"), &fault),
                   ERR_SYNTAX, "DER");
    struct fault fault = {""};
    assert_int_not_equal(store_admin_install_certificate(admin, "CERT_ITA", cut, &fault), OK);
    assert_non_null(strstr(fault.text, "certificate"));
    buf_finish(&der);
    store_admin_close(admin);
}

static void pem_is_kept_as_der(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct tenant_list list = {0};
    struct buf der = make_der(), pem, twice;
    buf_init(&pem, 8192);
    buf_append(&pem, STR("-----BEGIN CERTIFICATE-----\n"));
    base64_append(&pem, buf_str(&der));
    buf_append(&pem, STR("\n-----END CERTIFICATE-----\n"));
    ASSERT_OK(store_admin_install_certificate(admin, "CERT_ITA", buf_str(&pem), &fault));
    ASSERT_OK(store_admin_read_certificates(admin, &list, &fault));
    assert_int_equal(list.count, 0);
    assert_true(
        str_is(str_from(list.certificates[0].der, list.certificates[0].der_len), buf_str(&der)));
    tenant_list_finish(&list);
    buf_init(&twice, 8192);
    buf_append(&twice, buf_str(&pem));
    buf_append(&twice, buf_str(&pem));
    ASSERT_REFUSED(store_admin_install_certificate(admin, "CERT_ITA", buf_str(&twice), &fault),
                   ERR_INVALID, "several");
    buf_finish(&twice);
    buf_finish(&pem);
    buf_finish(&der);
    store_admin_close(admin);
}

/* --- App keys --- */

static void a_rotated_key_ends_after_the_overlap_and_never_later(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct new_app_key first, second, third;
    int64_t now_ms = clock_wall_ms();
    ASSERT_OK(store_admin_create_app_key(admin, "acme", &first, &fault));
    ASSERT_OK(store_admin_rotate_app_key(admin, "acme", first.key, 60000, &second, &fault));
    ASSERT_OK(store_admin_rotate_app_key(admin, "acme", first.key, 90000, &third, &fault));
    struct tenant tenant = read_tenant(admin, "acme");
    assert_int_equal(tenant.app_key_count, 3);
    assert_true(app_key_is_good(&tenant.app_keys[0], now_ms + 59000));
    assert_false(app_key_is_good(&tenant.app_keys[0], now_ms + 80000));
    assert_true(app_key_is_good(&tenant.app_keys[1], INT64_MAX));
    tenant_finish(&tenant);
    ASSERT_OK(store_admin_disable_app_key(admin, "acme", second.key, &fault));
    ASSERT_REFUSED(store_admin_rotate_app_key(admin, "acme", second.key, 0, &third, &fault),
                   ERR_NOT_FOUND, "no enabled app key");
    ASSERT_REFUSED(store_admin_rotate_app_key(admin, "acme", "ak_none", 0, &third, &fault),
                   ERR_NOT_FOUND, "no enabled app key");
    store_admin_close(admin);
}

static void app_keys_are_few_and_dead_ones_go(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct new_app_key first, made;
    ASSERT_OK(store_admin_create_app_key(admin, "acme", &first, &fault));
    ASSERT_OK(store_admin_disable_app_key(admin, "acme", first.key, &fault));
    for (int i = 0; i < APP_KEYS_DEAD_MAX; i++) {
        ASSERT_OK(store_admin_create_app_key(admin, "acme", &made, &fault));
        ASSERT_OK(store_admin_disable_app_key(admin, "acme", made.key, &fault));
    }
    for (int i = 0; i < APP_KEYS_MAX; i++)
        ASSERT_OK(store_admin_create_app_key(admin, "acme", &made, &fault));
    ASSERT_REFUSED(store_admin_create_app_key(admin, "acme", &made, &fault), ERR_TOO_BIG,
                   "at most 100 usable app keys");
    ASSERT_REFUSED(store_admin_rotate_app_key(admin, "acme", made.key, 60000, &made, &fault),
                   ERR_TOO_BIG, "at most 100 usable app keys");
    struct tenant tenant = read_tenant(admin, "acme");
    assert_int_equal(tenant.app_key_count, APP_KEYS_MAX + APP_KEYS_DEAD_MAX);
    assert_string_not_equal(tenant.app_keys[0].key, first.key);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

/* --- Audit --- */

static void count_entry(void *data, const struct audit_entry *entry)
{
    *(int64_t *)data += entry->id;
}

static void the_audit_is_read_in_pages_and_by_tenant(void **state)
{
    struct store_admin *admin = open_admin(*state);
    int64_t sum = 0;
    ASSERT_OK(store_admin_create_tenant(admin, "one", &fault));
    ASSERT_OK(store_admin_create_tenant(admin, "two", &fault));
    ASSERT_OK(store_admin_enable_tenant(admin, "one", false, &fault));
    ASSERT_OK(store_admin_read_audit(admin, &(struct audit_page){.limit = 2, .before_id = 3},
                                     count_entry, &sum, &fault));
    assert_int_equal(sum, 1 + 2);
    sum = 0;
    ASSERT_OK(store_admin_read_audit(admin, &(struct audit_page){.limit = 9, .tenant = "one"},
                                     count_entry, &sum, &fault));
    assert_int_equal(sum, 1 + 3);
    store_admin_close(admin);
}

struct audit_seen {
    int count;
    char actions[512], details[512];
};

static void on_audit(void *data, const struct audit_entry *entry)
{
    struct audit_seen *seen = data;
    seen->count++;
    assert_true(str_is(entry->who, STR("cli:tester")));
    assert_true(entry->at_ms > NOON - 86400000);
    snprintf(seen->actions + strlen(seen->actions), 64, "%.*s;", STR_ARGS(entry->action));
    snprintf(seen->details + strlen(seen->details), 128, "%.*s;", STR_ARGS(entry->detail));
}

static void every_change_is_audited_without_secrets(void **state)
{
    struct store_admin *admin = open_with_tenant(*state);
    struct audit_seen seen = {0};
    struct settings_change bad = good_settings();
    char *numbers[] = {"057100000091"};
    bad.domain = "https://";
    ASSERT_OK(add_x_numbers(admin, "acme", numbers, 1, &fault));
    ASSERT_OK(store_admin_enable_tenant(admin, "acme", false, &fault));
    ASSERT_REFUSED(change_settings(admin, "acme", &bad, &fault), ERR_INVALID, "domain");
    ASSERT_OK(
        store_admin_read_audit(admin, &(struct audit_page){.limit = 100}, on_audit, &seen, &fault));
    assert_int_equal(seen.count, 4);
    assert_string_equal(seen.actions,
                        "tenant disable;xnumber add;bidirectional-call set;tenant create;");
    assert_non_null(strstr(seen.details, "access-key,app-key,domain,secret-key"));
    assert_null(strstr(seen.details, "fake-secret"));
    assert_null(strstr(seen.details, "057100000091"));
    store_admin_close(admin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_new_tenant_is_enabled_and_not_configured),
        STORE_TEST(refuses_a_tenant_twice_and_bad_names),
        STORE_TEST(disables_and_enables),
        STORE_TEST(changes_of_no_tenant_name_it),
        STORE_TEST(an_x_number_belongs_to_one_tenant),
        STORE_TEST(an_x_number_is_the_same_however_it_is_written),
        STORE_TEST(another_home_country_makes_no_two_x_numbers_one),
        STORE_TEST(refuses_another_master_key),
        STORE_TEST(an_app_key_is_kept_as_the_hash_of_its_secret),
        STORE_TEST(another_tenants_app_key_is_not_found),
        STORE_TEST(only_what_is_given_changes),
        STORE_TEST(each_field_has_its_rule),
        STORE_TEST(a_kept_secret_is_not_sent_to_another_place),
        STORE_TEST(a_first_save_must_be_complete),
        STORE_TEST(an_access_key_is_shared_by_few),
        STORE_TEST(a_replaced_secret_stays_good_for_a_while),
        STORE_TEST(no_secret_stands_in_the_file),
        STORE_TEST(a_sealed_secret_can_not_be_moved_to_another_tenant),
        STORE_TEST(x_numbers_are_added_and_removed_as_given),
        STORE_TEST(x_numbers_are_added_all_or_none),
        STORE_TEST(faults_show_no_full_number),
        STORE_TEST(mode_specified_needs_a_number),
        STORE_TEST(the_end_of_a_call_marks_its_x_number_as_used),
        STORE_TEST(the_last_serial_is_the_highest_of_all_tenants),
        STORE_TEST(a_certificate_replaces_the_one_before),
        STORE_TEST(refuses_what_is_no_certificate),
        STORE_TEST(pem_is_kept_as_der),
        STORE_TEST(a_rotated_key_ends_after_the_overlap_and_never_later),
        STORE_TEST(app_keys_are_few_and_dead_ones_go),
        STORE_TEST(the_audit_is_read_in_pages_and_by_tenant),
        STORE_TEST(every_change_is_audited_without_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
