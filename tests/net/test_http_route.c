#include "tests/test.h"

#include "base/mem.h"
#include "net/http_route.h"

static const struct http_route ROUTES[] = {
    {.method = "GET", .path = "/a"},
    {.method = "GET", .path = "/tenants/{tenant}"},
    {.method = "PUT", .path = "/tenants/{tenant}"},
    {.method = "GET", .path = "/tenants/{tenant}/keys/{id}"},
    {.method = "GET", .path = "/files/*"},
};

static int find(const char *method, const char *path)
{
    char storage[64];
    struct buf allow;
    buf_init_fixed(&allow, storage, sizeof(storage));
    struct http_request request = {.method = str_of(method), .path = str_of(path)};
    const struct http_route *route = http_route_find(ROUTES, COUNT_OF(ROUTES), &request, &allow);
    return route == NULL ? -1 : (int)(route - ROUTES);
}

TEST(finds_a_route_by_method_and_path)
{
    UNUSED(state);
    assert_int_equal(find("GET", "/a"), 0);
    assert_int_equal(find("HEAD", "/a"), 0);
    assert_int_equal(find("PUT", "/a"), -1);
    assert_int_equal(find("GET", "/A"), -1);
    assert_int_equal(find("GET", "/a/"), -1);
    assert_int_equal(find("GET", "/files/x/y"), 4);
}

TEST(a_name_in_braces_takes_one_segment)
{
    UNUSED(state);
    assert_int_equal(find("GET", "/tenants/acme"), 1);
    assert_int_equal(find("PUT", "/tenants/acme"), 2);
    assert_int_equal(find("GET", "/tenants/acme/keys/7"), 3);
    assert_int_equal(find("GET", "/tenants/{tenant}"), 1);
}

TEST(a_name_in_braces_takes_neither_nothing_nor_more)
{
    UNUSED(state);
    static const char *const paths[] = {"/tenants",
                                        "/tenants/",
                                        "/tenants/a/b",
                                        "/tenants//keys/7",
                                        "/tenants/a/keys/",
                                        "/tenants/a/keys/7/",
                                        "/tenants/a/keys/7/8",
                                        "/tenants/a/locks/7",
                                        "tenants/a",
                                        "/",
                                        ""};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        assert_int_equal(find("GET", paths[i]), -1);
}

TEST(lists_the_methods_of_a_path)
{
    UNUSED(state);
    char storage[64];
    struct buf allow;
    buf_init_fixed(&allow, storage, sizeof(storage));
    struct http_request request = {.method = STR("DELETE"), .path = STR("/tenants/acme")};
    assert_null(http_route_find(ROUTES, COUNT_OF(ROUTES), &request, &allow));
    assert_str(buf_str(&allow), "GET, HEAD, PUT");
}

TEST(gives_parameters_as_sent)
{
    UNUSED(state);
    struct str path = STR("/tenants/a%2Fb/keys/7");
    assert_str(http_route_parameter(&ROUTES[3], path, STR("tenant")), "a%2Fb");
    assert_str(http_route_parameter(&ROUTES[3], path, STR("id")), "7");
    assert_null(http_route_parameter(&ROUTES[3], path, STR("other")).ptr);
    assert_null(http_route_parameter(&ROUTES[3], path, STR("")).ptr);
    assert_null(http_route_parameter(&ROUTES[0], STR("/a"), STR("tenant")).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_route_by_method_and_path),
        cmocka_unit_test(a_name_in_braces_takes_one_segment),
        cmocka_unit_test(a_name_in_braces_takes_neither_nothing_nor_more),
        cmocka_unit_test(lists_the_methods_of_a_path),
        cmocka_unit_test(gives_parameters_as_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
