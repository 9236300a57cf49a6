#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "gateway/model/tenant.h"

static void finishing_takes_zeroed_ones(void **state)
{
    (void)state;
    struct tenant tenant = {0};
    struct tenant_list list = {0};
    tenant_finish(&tenant);
    tenant_list_finish(&list);
}

/* What is left over is found by the leak check of MODE=asan. */
static void finishing_frees_all_and_empties(void **state)
{
    (void)state;
    struct tenant_list list = {0};
    list.tenants = mem_alloc(sizeof(*list.tenants));
    list.count = 1;
    struct tenant *tenant = &list.tenants[0];
    tenant->name = str_copy(STR("acme"));
    tenant->settings.secret_key = str_copy(STR("fake-secret"));
    tenant->settings.previous_secret_key = str_copy(STR("older-fake-secret"));
    tenant->settings.access_key = str_copy(STR("AK"));
    tenant->settings.domain = str_copy(STR("ita.example.com"));
    tenant->app_keys = mem_alloc(sizeof(*tenant->app_keys));
    tenant->app_keys[0].key = str_copy(STR("ak_1"));
    tenant->app_key_count = 1;
    tenant->x_numbers = mem_alloc(sizeof(*tenant->x_numbers));
    tenant->x_numbers[0] = (struct tenant_x_number){.number = "057100000003"};
    tenant->x_number_count = 1;
    list.certificates = mem_alloc(sizeof(*list.certificates));
    list.certificates[0].name = str_copy(STR("CERT_ITA"));
    list.certificates[0].der = str_copy(STR("der"));
    list.certificate_count = 1;
    tenant_list_finish(&list);
    assert_null(list.tenants);
    assert_int_equal(list.count, 0);
    assert_null(list.certificates);
    tenant_list_finish(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finishing_takes_zeroed_ones),
        cmocka_unit_test(finishing_frees_all_and_empties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
