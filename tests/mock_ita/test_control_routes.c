#include "tests/test.h"

#include "base/embedded.h"
#include "base/mem.h"
#include "mock_ita/control.h"

/* The table of routes and openapi.json say the same. */

EMBEDDED_FILE(mock_ita_openapi_json);

enum { NAMES_MAX = 1024, METHOD_LEN_MAX = 8 };

static struct json *document_new(void)
{
    struct json *document;
    struct fault fault;
    assert_status(json_parse(EMBEDDED_STR(mock_ita_openapi_json), &document, &fault), OK);
    return document;
}

/* The operation that describes the route, or NULL. */
static const struct json *operation_of(const struct json *document,
                                       const struct control_route *route)
{
    char method[METHOD_LEN_MAX];
    size_t len = strlen(route->method);
    assert_true(len < sizeof(method));
    for (size_t i = 0; i <= len; i++)
        method[i] = (char)(route->method[i] == '\0' ? '\0' : route->method[i] | 0x20);
    return json_get(json_get(json_get(document, "paths"), route->path), method);
}

/* The names of the query parameters, divided by spaces, in their order. */
static void append_query(struct buf *out, const struct json *operation)
{
    for (const struct json *parameter = json_first(json_get(operation, "parameters"));
         parameter != NULL; parameter = json_next(parameter)) {
        if (!str_is(json_string(json_get(parameter, "in")), STR("query")))
            continue;
        if (out->len > 0)
            buf_append_byte(out, ' ');
        buf_append(out, json_string(json_get(parameter, "name")));
    }
}

static void assert_described(const struct json *document, const struct control_route *route)
{
    const struct json *operation = operation_of(document, route);
    const struct json *body = json_get(operation, "requestBody");
    char storage[NAMES_MAX];
    struct buf query;
    if (operation == NULL)
        fail_msg("%s %s is not in the file", route->method, route->path);
    buf_init_fixed(&query, storage, sizeof(storage));
    append_query(&query, operation);
    assert_str(buf_str(&query), route->query == NULL ? "" : route->query);
    if ((body != NULL) != (route->body != CONTROL_NO_BODY))
        fail_msg("%s %s: the file and the route do not agree on a body", route->method,
                 route->path);
    if (body != NULL)
        assert_int_equal(json_bool(json_get(body, "required")),
                         route->body != CONTROL_BODY_OPTIONAL);
}

TEST(every_route_is_in_the_file)
{
    UNUSED(state);
    struct json *document = document_new();
    size_t count;
    const struct control_route *routes = control_routes(&count);
    for (size_t i = 0; i < count; i++)
        assert_described(document, &routes[i]);
    json_destroy(document);
}

TEST(every_operation_of_the_file_has_a_route)
{
    UNUSED(state);
    struct json *document = document_new();
    size_t route_count, operations = 0;
    (void)control_routes(&route_count);
    for (const struct json *path = json_first(json_get(document, "paths")); path != NULL;
         path = json_next(path))
        for (const struct json *operation = json_first(path); operation != NULL;
             operation = json_next(operation))
            operations++;
    assert_int_equal(operations, route_count); /* none stands there twice, and all routes do */
    json_destroy(document);
}

TEST(the_names_of_counters_texts_and_checks_are_in_the_file)
{
    UNUSED(state);
    struct json *document = document_new();
    const struct json *schemas = json_at(document, "/components/schemas");
    const struct json *counters = json_at(schemas, "/Counters/properties");
    const struct json *texts = json_at(schemas, "/Entry/properties");
    const struct json *check = json_first(json_at(texts, "/check/enum"));
    for (enum mock_counter i = 0; i < MOCK_COUNTERS; i++)
        assert_non_null(json_get(counters, mock_counter_name(i)));
    for (enum mock_entry_text i = 0; i < MOCK_ENTRY_TEXTS; i++) {
        assert_non_null(json_get(texts, mock_entry_text_name(i)));
        assert_non_null(json_get(json_at(schemas, "/Match/properties"), mock_entry_text_name(i)));
    }
    check = json_next(check); /* the first one is empty */
    for (enum mock_check i = MOCK_CHECK_PASSED; i <= MOCK_CHECK_REPLAYED; i++) {
        assert_str(json_string(check), mock_check_text(i));
        check = json_next(check);
    }
    for (enum mock_aicc_token_state i = MOCK_AICC_TOKEN_MISSING; i <= MOCK_AICC_TOKEN_EXPIRED;
         i++) {
        assert_str(json_string(check), mock_aicc_token_text(i));
        check = json_next(check);
    }
    assert_null(check);
    json_destroy(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_in_the_file),
        cmocka_unit_test(every_operation_of_the_file_has_a_route),
        cmocka_unit_test(the_names_of_counters_texts_and_checks_are_in_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
