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
    struct tenant_list none = {0};
    registry_load(registry, &none);
    assert_null(registry_by_id(registry, 1));
    registry_destroy(registry);
    assert_true(contract_is_usable(held));
    contract_release(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_speaks_for_those_who_have_its_secret),
        cmocka_unit_test(each_secret_is_given_once),
        cmocka_unit_test(tenants_without_a_profile_share_one),
        cmocka_unit_test(a_held_contract_outlives_a_reload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
