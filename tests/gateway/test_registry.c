/* Who may sign in, and for whom a signature speaks. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "gateway/registry.h"

static const char ACCESS_KEY[] = "FAKEACCESSKEY0000001";
static const char SECRET[] = "fake-secret-key-one";

static char *copy(const char *text)
{
    return str_copy(str_of(text));
}

/* A list of count tenants that name the same AccessKey; the odd ones do not have its secret. */
static struct tenant_list sharing_tenants(size_t count)
{
    struct tenant_list list = {.tenants = mem_alloc(count * sizeof(struct tenant)), .count = count};
    for (size_t i = 0; i < count; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        list.tenants[i] = (struct tenant){.id = (int64_t)i + 1,
                                          .name = copy(name),
                                          .is_enabled = true,
                                          .is_bidirectional_enabled = true,
                                          .is_configured = true};
        list.tenants[i].settings.type = CALL_TYPE_ITA;
        list.tenants[i].settings.access_key = copy(ACCESS_KEY);
        list.tenants[i].settings.secret_key = copy(i % 2 == 0 ? SECRET : "fake-guess");
        list.tenants[i].settings.domain = copy("ita.example.com");
    }
    return list;
}

static struct registry *registry_of(size_t count)
{
    struct registry *registry = registry_create();
    struct tenant_list list = sharing_tenants(count);
    registry_load(registry, &list);
    return registry;
}

static void a_signature_speaks_for_those_who_have_its_secret(void **state)
{
    (void)state;
    struct contract *signers[TENANTS_OF_ACCESS_KEY_MAX];
    struct registry *registry = registry_of(3);
    assert_int_equal(registry_signers(registry, str_of(ACCESS_KEY), str_of(SECRET), 1, signers), 2);
    assert_string_equal(signers[0]->tenant.name, "a");
    assert_string_equal(signers[1]->tenant.name, "c");
    assert_int_equal(registry_signers(registry, STR("another"), str_of(SECRET), 1, signers), 0);
    registry_destroy(registry);
}

static void each_secret_is_given_once(void **state)
{
    (void)state;
    struct str secrets[ITA_SECRETS_MAX];
    struct registry *registry = registry_of(TENANTS_OF_ACCESS_KEY_MAX);
    assert_int_equal(registry_secrets(registry, str_of(ACCESS_KEY), 1, secrets), 2);
    registry_destroy(registry);
}

/* The first tenant has changed both of its keys. */
static struct registry *registry_with_replaced_keys(void)
{
    struct registry *registry = registry_create();
    struct tenant_list list = sharing_tenants(2);
    struct bidirectional_call *settings = &list.tenants[0].settings;
    settings->previous_access_key = copy("FAKEOLDACCESSKEY0001");
    settings->previous_secret_key = copy("fake-old-secret");
    settings->previous_secret_until_ms = 100;
    registry_load(registry, &list);
    return registry;
}

static void replaced_keys_are_good_together_and_for_a_while(void **state)
{
    (void)state;
    struct str secrets[ITA_SECRETS_MAX], old_key = STR("FAKEOLDACCESSKEY0001");
    struct contract *signers[TENANTS_OF_ACCESS_KEY_MAX];
    struct registry *registry = registry_with_replaced_keys();
    assert_int_equal(registry_secrets(registry, old_key, 99, secrets), 1);
    assert_true(str_is(secrets[0], STR("fake-old-secret")));
    assert_int_equal(registry_secrets(registry, old_key, 100, secrets), 0);
    assert_int_equal(registry_signers(registry, old_key, STR("fake-old-secret"), 99, signers), 1);
    assert_string_equal(signers[0]->tenant.name, "a");
    assert_int_equal(registry_signers(registry, old_key, str_of(SECRET), 99, signers), 0);
    assert_int_equal(
        registry_signers(registry, str_of(ACCESS_KEY), STR("fake-old-secret"), 99, signers), 0);
    assert_int_equal(registry_signers(registry, str_of(ACCESS_KEY), str_of(SECRET), 99, signers),
                     1);
    struct tenant_list list = sharing_tenants(2); /* the tenant as it is when the time is over */
    registry_load(registry, &list);
    assert_int_equal(registry_secrets(registry, old_key, 99, secrets), 0);
    registry_destroy(registry);
}

/* Compiling the default for each of 10,000 tenants took most of a second on the loop. */
static void tenants_without_a_profile_share_one(void **state)
{
    (void)state;
    struct registry *registry = registry_of(2);
    assert_non_null(registry_at(registry, 0)->profile);
    assert_ptr_equal(registry_at(registry, 0)->profile, registry_at(registry, 1)->profile);
    registry_destroy(registry);
}

static void a_held_contract_outlives_a_reload(void **state)
{
    (void)state;
    struct registry *registry = registry_of(1);
    struct contract *held = contract_hold(registry_by_id(registry, 1));
    struct tenant_list again = sharing_tenants(1);
    again.tenants[0].is_enabled = false;
    registry_load(registry, &again);
    assert_ptr_not_equal(registry_by_id(registry, 1), held);
    assert_false(contract_is_usable(registry_by_id(registry, 1)));
    registry_destroy(registry);
    assert_true(contract_is_usable(held));
    contract_release(held);
}

static void a_changed_tenant_replaces_only_itself(void **state)
{
    (void)state;
    struct contract *signers[TENANTS_OF_ACCESS_KEY_MAX];
    struct registry *registry = registry_of(3);
    struct contract *second = registry_by_id(registry, 2), *third = registry_by_id(registry, 3);
    struct tenant_list changed = sharing_tenants(1);
    const struct app_key *key;
    mem_free(changed.tenants[0].settings.access_key);
    changed.tenants[0].settings.access_key = copy("FAKEACCESSKEY0000009");
    changed.tenants[0].revision = 7;
    changed.tenants[0].app_keys = mem_alloc(sizeof(struct app_key));
    changed.tenants[0].app_keys[0].key = copy("ak_new");
    changed.tenants[0].app_key_count = 1;
    registry_load(registry, &changed);
    assert_int_equal(registry_revision(registry), 7);
    assert_int_equal(registry_count(registry), 3);
    assert_ptr_equal(registry_by_id(registry, 2), second);
    assert_ptr_equal(registry_by_id(registry, 3), third);
    assert_int_equal(registry_signers(registry, str_of(ACCESS_KEY), str_of(SECRET), 1, signers), 1);
    assert_ptr_equal(signers[0], third);
    assert_ptr_equal(registry_by_app_key(registry, STR("ak_new"), &key),
                     registry_by_id(registry, 1));
    struct tenant_list without = sharing_tenants(1);
    registry_load(registry, &without);
    assert_null(registry_by_app_key(registry, STR("ak_new"), &key));
    assert_int_equal(
        registry_signers(registry, STR("FAKEACCESSKEY0000009"), str_of(SECRET), 1, signers), 0);
    assert_int_equal(registry_signers(registry, str_of(ACCESS_KEY), str_of(SECRET), 1, signers), 2);
    registry_destroy(registry);
}

static void an_agents_number_is_found_however_it_is_written(void **state)
{
    (void)state;
    struct registry *registry = registry_create();
    struct tenant_list list = sharing_tenants(1);
    struct agent_numbers *own = &list.tenants[0].agent_numbers[AGENT_LIST_OWN];
    struct number number;
    struct fault fault;
    own->numbers = mem_alloc(sizeof(char *));
    own->numbers[own->count++] = copy("13800000001");
    registry_load(registry, &list);
    const struct contract *contract = registry_by_id(registry, 1);
    assert_null(contract->agent_numbers[AGENT_LIST_TRIAL]);
    assert_int_equal(number_parse(STR("+8613800000001"), STR("86"), &number, &fault), OK);
    assert_non_null(number_set_find(contract->agent_numbers[AGENT_LIST_OWN], &number));
    registry_destroy(registry);
}

static void the_type_says_what_makes_a_tenant_usable(void **state)
{
    (void)state;
    struct registry *registry = registry_create();
    struct tenant_list list = sharing_tenants(1);
    list.tenants[0].settings.type = CALL_TYPE_CEC;
    registry_load(registry, &list);
    assert_false(contract_is_usable(registry_by_id(registry, 1)));
    assert_true(contract_has_ita(registry_by_id(registry, 1)));
    assert_false(contract_has_aicc(registry_by_id(registry, 1)));

    struct tenant_list complete = sharing_tenants(1);
    struct bidirectional_call *settings = &complete.tenants[0].settings;
    settings->type = CALL_TYPE_CEC;
    settings->aicc_domain = copy("http://127.0.0.1:8080");
    settings->aicc_app_key = copy("ak_fake");
    settings->aicc_app_secret = copy("fake-aicc-app-secret-for-tests");
    registry_load(registry, &complete);
    const struct contract *contract = registry_by_id(registry, 1);
    assert_true(contract_is_usable(contract));
    assert_true(contract->aicc.is_plain);
    assert_true(str_is(contract->aicc.domain, STR("127.0.0.1:8080")));
    assert_ptr_equal(registry_by_name(registry, contract->aicc.tenant), contract);
    assert_null(registry_by_name(registry, STR("nobody")));
    registry_destroy(registry);
}

static void the_callback_trustlist_is_that_of_the_last_load(void **state)
{
    (void)state;
    struct registry *registry = registry_create();
    struct tenant_list list = sharing_tenants(1), none = {0};
    struct callback_trust_entry entry;
    struct callback_url url;
    const struct rule *broken;
    assert_int_equal(registry_callback_trust(registry)->count, 0);
    assert_int_equal(callback_trust_entry_read(STR("*.example.com"), &entry, &broken), OK);
    callback_trust_add(&list.callback_trust, &entry);
    registry_load(registry, &list);
    assert_int_equal(callback_url_read(STR("https://crm.example.com/"), &url, &broken), OK);
    assert_non_null(callback_trust_match(registry_callback_trust(registry), &url));
    assert_null(list.callback_trust.entries);
    registry_load(registry, &none);
    assert_null(callback_trust_match(registry_callback_trust(registry), &url));
    registry_destroy(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_speaks_for_those_who_have_its_secret),
        cmocka_unit_test(each_secret_is_given_once),
        cmocka_unit_test(replaced_keys_are_good_together_and_for_a_while),
        cmocka_unit_test(tenants_without_a_profile_share_one),
        cmocka_unit_test(a_held_contract_outlives_a_reload),
        cmocka_unit_test(a_changed_tenant_replaces_only_itself),
        cmocka_unit_test(an_agents_number_is_found_however_it_is_written),
        cmocka_unit_test(the_type_says_what_makes_a_tenant_usable),
        cmocka_unit_test(the_callback_trustlist_is_that_of_the_last_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
