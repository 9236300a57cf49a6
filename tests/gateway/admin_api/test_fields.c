#include "tests/test.h"

#include <stdio.h>

#include "base/mem.h"
#include "gateway/admin_api/fields.h"

struct rig {
    struct json *body;
    struct field_errors errors;
    struct fields fields;
};

static void begin(struct rig *rig, const char *body)
{
    struct fault fault;
    assert_status(json_parse(str_of(body), &rig->body, &fault), OK);
    field_errors_init(&rig->errors);
    fields_init(&rig->fields, rig->body, "", &rig->errors);
}

static void end(struct rig *rig)
{
    field_errors_finish(&rig->errors);
    json_destroy(rig->body);
}

static bool tells(const struct rig *rig, const char *pointer, const char *rule)
{
    char wanted[512];
    (void)snprintf(wanted, sizeof(wanted), "\"pointer\":\"%s\",\"rule\":\"%s\"", pointer, rule);
    return memmem(rig->errors.json.ptr, rig->errors.json.len, wanted, strlen(wanted)) != NULL;
}

static const char *const CHOICES[] = {"red", "green"};

TEST(reads_what_is_right)
{
    UNUSED(state);
    struct rig rig;
    begin(&rig, "{\"a\":\"x\",\"b\":true,\"c\":7,\"d\":\"green\",\"e\":{},\"f\":[]}");
    assert_string_equal(fields_text(&rig.fields, "a", FIELD_REQUIRED, 1), "x");
    assert_true(fields_bool(&rig.fields, "b", FIELD_REQUIRED, false));
    assert_int_equal(fields_number(&rig.fields, "c", FIELD_REQUIRED, 7, 7, 0), 7);
    assert_int_equal(fields_choice(&rig.fields, "d", FIELD_REQUIRED, CHOICES, 2), 1);
    assert_non_null(fields_object(&rig.fields, "e", FIELD_REQUIRED));
    assert_non_null(fields_array(&rig.fields, "f", FIELD_REQUIRED));
    assert_true(fields_end(&rig.fields));
    end(&rig);
}

TEST(what_is_optional_may_be_absent_or_null)
{
    UNUSED(state);
    struct rig rig;
    begin(&rig, "{\"a\":null}");
    assert_null(fields_text(&rig.fields, "a", FIELD_OPTIONAL, 1));
    assert_true(fields_bool(&rig.fields, "b", FIELD_OPTIONAL, true));
    assert_int_equal(fields_number(&rig.fields, "c", FIELD_OPTIONAL, 1, 9, 5), 5);
    assert_int_equal(fields_choice(&rig.fields, "d", FIELD_OPTIONAL, CHOICES, 2), -1);
    assert_true(fields_end(&rig.fields));
    end(&rig);
}

TEST(collects_every_error_at_its_field)
{
    UNUSED(state);
    struct rig rig;
    begin(
        &rig,
        "{\"a\":1,\"b\":\"yes\",\"c\":10,\"d\":\"blue\",\"e\":[],\"f\":{},\"g\":\"\",\"h\":\"abc\","
        "\"i\":\"a\\nb\",\"k\":1.5,\"l\":\"5\",\"m\":\"\\u007f\"}");
    (void)fields_text(&rig.fields, "a", FIELD_REQUIRED, 1);
    (void)fields_bool(&rig.fields, "b", FIELD_REQUIRED, false);
    (void)fields_number(&rig.fields, "c", FIELD_REQUIRED, 1, 9, 0);
    (void)fields_choice(&rig.fields, "d", FIELD_REQUIRED, CHOICES, 2);
    (void)fields_object(&rig.fields, "e", FIELD_REQUIRED);
    (void)fields_array(&rig.fields, "f", FIELD_REQUIRED);
    (void)fields_text(&rig.fields, "g", FIELD_REQUIRED, 9);
    (void)fields_text(&rig.fields, "h", FIELD_REQUIRED, 2);
    (void)fields_text(&rig.fields, "i", FIELD_REQUIRED, 9);
    (void)fields_text(&rig.fields, "j", FIELD_REQUIRED, 9);
    (void)fields_number(&rig.fields, "k", FIELD_REQUIRED, 1, 9, 0);
    (void)fields_number(&rig.fields, "l", FIELD_REQUIRED, 1, 9, 0);
    (void)fields_text(&rig.fields, "m", FIELD_REQUIRED, 9);
    assert_false(fields_end(&rig.fields));
    assert_int_equal(rig.errors.count, 13);
    assert_true(tells(&rig, "/a", "type") && tells(&rig, "/b", "type"));
    assert_true(tells(&rig, "/c", "range") && tells(&rig, "/d", "choice"));
    assert_true(tells(&rig, "/e", "type") && tells(&rig, "/f", "type"));
    assert_true(tells(&rig, "/g", "required") && tells(&rig, "/h", "length"));
    assert_true(tells(&rig, "/i", "characters") && tells(&rig, "/j", "required"));
    assert_true(tells(&rig, "/k", "range") && tells(&rig, "/l", "range"));
    assert_true(tells(&rig, "/m", "characters"));
    end(&rig);
}

TEST(length_is_in_characters)
{
    UNUSED(state);
    struct rig rig;
    begin(&rig, "{\"a\":\"一二三\"}");
    assert_non_null(fields_text(&rig.fields, "a", FIELD_REQUIRED, 3));
    assert_null(fields_text(&rig.fields, "a", FIELD_REQUIRED, 2));
    end(&rig);
}

TEST(refuses_what_nothing_asked_for)
{
    UNUSED(state);
    struct rig rig;
    begin(&rig, "{\"a\":\"x\",\"b/c~\":1,\"A\":2}");
    (void)fields_text(&rig.fields, "a", FIELD_REQUIRED, 1);
    assert_false(fields_end(&rig.fields));
    assert_int_equal(rig.errors.count, 2);
    assert_true(tells(&rig, "/b~1c~0", "unknown") && tells(&rig, "/A", "unknown"));
    end(&rig);
}

TEST(errors_of_an_inner_object_name_its_path)
{
    UNUSED(state);
    struct rig rig;
    struct fields inner;
    begin(&rig, "{\"callback\":{\"url\":5}}");
    fields_init(&inner, fields_object(&rig.fields, "callback", FIELD_REQUIRED), "/callback",
                &rig.errors);
    (void)fields_text(&inner, "url", FIELD_REQUIRED, 9);
    assert_false(fields_end(&inner));
    assert_false(fields_end(&rig.fields)); /* of the same errors */
    assert_true(tells(&rig, "/callback/url", "type"));
    end(&rig);
}

TEST(an_absent_body_is_an_empty_object)
{
    UNUSED(state);
    struct rig rig = {0};
    field_errors_init(&rig.errors);
    fields_init(&rig.fields, NULL, "", &rig.errors);
    assert_null(fields_text(&rig.fields, "a", FIELD_OPTIONAL, 1));
    assert_true(fields_end(&rig.fields));
    assert_null(fields_text(&rig.fields, "b", FIELD_REQUIRED, 1));
    assert_false(fields_end(&rig.fields));
    end(&rig);
}

TEST(the_errors_are_json_in_two_languages)
{
    UNUSED(state);
    struct rig rig;
    char text[1024];
    struct buf list;
    struct json *parsed;
    struct fault fault;
    begin(&rig, "{\"a\":5}");
    (void)fields_text(&rig.fields, "a", FIELD_REQUIRED, 1);
    (void)fields_text(&rig.fields, "b", FIELD_REQUIRED, 1);
    buf_init_fixed(&list, text, sizeof(text));
    buf_append(&list, STR("{\"errors\":["));
    buf_append(&list, buf_str(&rig.errors.json));
    buf_append(&list, STR("]}"));
    assert_status(json_parse(buf_str(&list), &parsed, &fault), OK);
    const struct json *first = json_first(json_get(parsed, "errors"));
    assert_str(json_string(json_at(first, "/detail/en")), "must be a string");
    assert_str(json_string(json_at(first, "/detail/zh")), "必须是字符串");
    assert_non_null(json_next(first));
    json_destroy(parsed);
    end(&rig);
}

TEST(a_flood_of_errors_is_cut)
{
    UNUSED(state);
    struct rig rig;
    char body[8192];
    struct buf text;
    buf_init_fixed(&text, body, sizeof(body));
    buf_append_byte(&text, '{');
    for (int i = 0; i < 120; i++)
        buf_format(&text, "%s\"m%d\":1", i == 0 ? "" : ",", i);
    buf_append(&text, STR("}"));
    begin(&rig, buf_text(&text));
    assert_false(fields_end(&rig.fields));
    assert_true(tells(&rig, "/m49", "unknown"));
    assert_false(tells(&rig, "/m50", "unknown"));
    end(&rig);
}

TEST(a_long_name_is_cut_between_characters)
{
    UNUSED(state);
    for (size_t len = 253; len <= 257; len++) {
        struct rig rig;
        char body[512], wanted[512];
        struct buf text;
        size_t kept = len <= 255 ? len : 255; /* of the name: '/' stands before it */
        buf_init_fixed(&text, body, sizeof(body));
        buf_append(&text, STR("{\""));
        for (size_t i = 1; i < len; i++)
            buf_append_byte(&text, 'a');
        buf_append(&text, STR("\xC3\xA9\":1}")); /* its last character has two bytes */
        begin(&rig, buf_text(&text));
        assert_false(fields_end(&rig.fields));
        buf_init_fixed(&text, wanted, sizeof(wanted));
        buf_append_byte(&text, '/');
        for (size_t i = 1; i < len && i <= kept; i++)
            buf_append_byte(&text, 'a');
        if (len + 1 <= 255)
            buf_append(&text, STR("\xC3\xA9"));
        assert_true(tells(&rig, buf_text(&text), "unknown"));
        end(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_right),
        cmocka_unit_test(what_is_optional_may_be_absent_or_null),
        cmocka_unit_test(collects_every_error_at_its_field),
        cmocka_unit_test(length_is_in_characters),
        cmocka_unit_test(refuses_what_nothing_asked_for),
        cmocka_unit_test(errors_of_an_inner_object_name_its_path),
        cmocka_unit_test(an_absent_body_is_an_empty_object),
        cmocka_unit_test(the_errors_are_json_in_two_languages),
        cmocka_unit_test(a_flood_of_errors_is_cut),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
