/* openapi.json and the table of routes say the same. */

#include "tests/test.h"

#include <stdio.h>

#include "base/embedded.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_route.h"

EMBEDDED_FILE(gateway_admin_api_openapi_json);

static struct json *parse(void)
{
    struct json *document = NULL;
    struct fault fault = {""};
    if (json_parse(EMBEDDED_STR(gateway_admin_api_openapi_json), &document, &fault) != OK)
        fail_msg("%s", fault.text);
    return document;
}

static const struct json *find_operation(const struct json *document,
                                         const struct admin_route *route)
{
    char method[16];
    size_t i = 0;
    for (; route->method[i] != '\0'; i++)
        method[i] = (char)(route->method[i] + 32);
    method[i] = '\0';
    return json_get(json_get(json_get(document, "paths"), route->path), method);
}

TEST(every_route_stands_in_it_with_who_may)
{
    UNUSED(state);
    struct json *document = parse();
    for (size_t i = 0; i < admin_route_count; i++) {
        const struct json *operation = find_operation(document, &admin_routes[i]);
        if (operation == NULL)
            fail_msg("openapi.json lacks %s %s", admin_routes[i].method, admin_routes[i].path);
        assert_str(json_string(json_get(operation, "x-admission")),
                   admission_text(admin_routes[i].admission));
    }
    json_destroy(document);
}

TEST(nothing_else_stands_in_it)
{
    UNUSED(state);
    struct json *document = parse();
    size_t operations = 0;
    for (const struct json *path = json_first(json_get(document, "paths")); path != NULL;
         path = json_next(path))
        for (const struct json *member = json_first(path); member != NULL;
             member = json_next(member))
            operations += json_get(member, "operationId") != NULL;
    assert_int_equal(operations, admin_route_count);
    json_destroy(document);
}

TEST(whoever_must_be_known_has_a_way_to_say_so)
{
    UNUSED(state);
    struct json *document = parse();
    for (size_t i = 0; i < admin_route_count; i++) {
        const struct json *security =
            json_get(find_operation(document, &admin_routes[i]), "security");
        assert_int_equal(json_first(security) != NULL, admin_routes[i].admission != ADMIT_ANYONE);
    }
    json_destroy(document);
}

TEST(a_route_that_asks_for_its_tenant_has_one)
{
    UNUSED(state);
    for (size_t i = 0; i < admin_route_count; i++)
        if (admin_routes[i].admission == ADMIT_TENANT)
            assert_non_null(strstr(admin_routes[i].path, "/{tenant}"));
}

TEST(every_route_does_something)
{
    UNUSED(state);
    for (size_t i = 0; i < admin_route_count; i++)
        assert_true(admin_routes[i].handle != NULL || admin_routes[i].on_loop != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_stands_in_it_with_who_may),
        cmocka_unit_test(nothing_else_stands_in_it),
        cmocka_unit_test(whoever_must_be_known_has_a_way_to_say_so),
        cmocka_unit_test(a_route_that_asks_for_its_tenant_has_one),
        cmocka_unit_test(every_route_does_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
