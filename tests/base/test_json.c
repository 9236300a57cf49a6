#include "tests/test.h"

#include "base/json.h"
#include "base/mem.h"

static enum status parse(struct str text, struct fault *fault)
{
    struct json *json = NULL;
    enum status status = json_parse(text, &json, fault);
    json_destroy(json);
    return status;
}

TEST(takes_what_rfc_8259_allows)
{
    UNUSED(state);
    const char *good[] = {"{}",
                          " [ ] ",
                          "0",
                          "-0.5e+10",
                          "\"\\u00e9\\ud83d\\ude00\"",
                          "true",
                          "null",
                          "{\"a\":[1,{\"b\":null}],\"\":2}",
                          "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                          "\"\xE4\xB8\xAD\""};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct fault fault = {{0}};
        enum status status = parse(str_of(good[i]), &fault);
        if (status != OK)
            fail_msg("%s: %s", good[i], fault.text);
    }
}

TEST(refuses_what_lenient_readers_let_pass)
{
    UNUSED(state);
    const struct {
        struct str text;
        const char *why;
    } bad[] = {
        {STR(""), "empty"},
        {STR("{} x"), "behind the value"},
        {STR("{}\0"), "behind the value"},
        {STR("{\"a\":1,\"a\":2}"), "twice"},
        {STR("[{\"b\":{\"a\":1,\"a\":2}}]"), "twice"},
        {STR("\"\\u0000\""), "\\u0000"},
        {STR("\"a\0b\""), "control character"},
        {STR("\"a\tb\""), "control character"},
        {STR("\"\xFF\""), "UTF-8"},
        {STR("\"\xED\xA0\x80\""), "UTF-8"},
        {STR("\"\\ud800\""), "high surrogate"},
        {STR("\"\\udc00\""), "low surrogate"},
        {STR("\"\\ud800\\u0041\""), "high surrogate"},
        {STR("\"\\x41\""), "escape"},
        {STR("\xEF\xBB\xBF{}"), "value expected"},
        {STR("01"), "behind the value"},
        {STR("-"), "value expected"},
        {STR("1."), "digit"},
        {STR("1e"), "digit"},
        {STR(".5"), "value expected"},
        {STR("[1,]"), "value expected"},
        {STR("{\"a\":1,}"), "string expected"},
        {STR("{a:1}"), "string expected"},
        {STR("{'a':1}"), "string expected"},
        {STR("nul"), "value expected"},
        {STR("TRUE"), "value expected"},
        {STR("\"open"), "without an end"},
        {STR("[1"), "expected"},
        {STR("{\"a\" 1}"), "':'"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct fault fault = {{0}};
        if (parse(bad[i].text, &fault) != ERR_SYNTAX)
            fail_msg("accepted: %.*s", STR_ARGS(bad[i].text));
        assert_fault(fault, bad[i].why);
    }
}

TEST(bounds_depth_and_members)
{
    UNUSED(state);
    struct buf text;
    struct fault fault = {{0}};
    buf_init(&text, 1 << 20);
    for (int depth = 32; depth <= 33; depth++) {
        buf_clear(&text);
        for (int i = 0; i < depth; i++)
            buf_append_byte(&text, '[');
        for (int i = 0; i < depth; i++)
            buf_append_byte(&text, ']');
        assert_status(parse(buf_str(&text), &fault), depth == 32 ? OK : ERR_SYNTAX);
    }
    assert_fault(fault, "deeper than 32");
    buf_clear(&text);
    for (int i = 0; i <= JSON_MEMBERS_MAX; i++)
        buf_format(&text, "%c\"%d\":1", i == 0 ? '{' : ',', i);
    buf_append_byte(&text, '}');
    assert_status(parse(buf_str(&text), &fault), ERR_SYNTAX);
    assert_fault(fault, "members");
    buf_finish(&text);
}

TEST(gives_numbers_and_strings_as_text)
{
    UNUSED(state);
    struct json *json;
    char number[JSON_TEXT_NUMBER_SIZE];
    struct str text;
    struct fault fault;
    assert_status(
        json_parse(STR("{\"n\":13800000001,\"s\":\"+86\",\"big\":9007199254740993,\"f\":1.5,"
                       "\"d\":{\"x\":{\"y\":7}}}"),
                   &json, &fault),
        OK);
    assert_status(json_text(json_get(json, "n"), number, &text), OK);
    assert_str(text, "13800000001");
    assert_status(json_text(json_get(json, "s"), number, &text), OK);
    assert_str(text, "+86");
    assert_status(json_text(json_get(json, "f"), number, &text), ERR_INVALID);
    assert_status(json_text(json_get(json, "absent"), number, &text), ERR_INVALID);
    assert_null(json_get(json, "N"));
    int64_t seven = 0;
    assert_status(json_i64(json_at(json, "/d/x/y"), &seven), OK);
    assert_int_equal(seven, 7);
    assert_null(json_at(json, "/d/z/y"));
    json_destroy(json);
}

TEST(refuses_whole_numbers_that_a_double_cannot_hold)
{
    UNUSED(state);
    struct json *json;
    struct fault fault;
    int64_t value;
    assert_status(json_parse(STR("[9007199254740992,9007199254740994,1e999,0.5]"), &json, &fault),
                  OK);
    const struct json *item = json_first(json);
    assert_status(json_i64(item, &value), OK);
    for (item = json_next(item); item != NULL; item = json_next(item))
        assert_status(json_i64(item, &value), ERR_INVALID);
    json_destroy(json);
}

TEST(writes_what_it_can_read_again)
{
    UNUSED(state);
    struct buf out;
    struct json_writer w;
    struct json *json;
    struct fault fault;
    buf_init(&out, 4096);
    json_write_init(&w, &out);
    json_write_object(&w, NULL);
    json_write_str(&w, "text", STR("a\"b\\c\n\x01\x7F\xE4\xB8\xAD"));
    json_write_str(&w, "foreign", STR("x\xFFy"));
    json_write_i64(&w, "n", -5);
    json_write_i64_text(&w, "t", 7);
    json_write_array(&w, "list");
    json_write_bool(&w, NULL, true);
    json_write_null(&w, NULL);
    json_write_array_end(&w);
    json_write_object(&w, "empty");
    json_write_object_end(&w);
    json_write_object_end(&w);
    assert_str(buf_str(&out), "{\"text\":\"a\\\"b\\\\c\\n\\u0001\\u007f\xE4\xB8\xAD\","
                              "\"foreign\":\"x\xEF\xBF\xBDy\",\"n\":-5,\"t\":\"7\","
                              "\"list\":[true,null],\"empty\":{}}");
    assert_status(json_parse(buf_str(&out), &json, &fault), OK);
    json_destroy(json);
    buf_finish(&out);
}

TEST(tells_line_and_column_of_a_mistake)
{
    UNUSED(state);
    struct fault fault = {0};
    assert_status(parse(STR("[}"), &fault), ERR_SYNTAX);
    assert_fault(fault, "JSON: line 1, column 2: ");
    assert_status(parse(STR("{\n  \"a\": 1,\n  b\n}"), &fault), ERR_SYNTAX);
    assert_fault(fault, "JSON: line 3, column 3: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_rfc_8259_allows),
        cmocka_unit_test(refuses_what_lenient_readers_let_pass),
        cmocka_unit_test(bounds_depth_and_members),
        cmocka_unit_test(gives_numbers_and_strings_as_text),
        cmocka_unit_test(refuses_whole_numbers_that_a_double_cannot_hold),
        cmocka_unit_test(writes_what_it_can_read_again),
        cmocka_unit_test(tells_line_and_column_of_a_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
