#include "profile/template.h"
#include "tests/test.h"

static bool fits_any(const void *data, enum profile_variable variable, struct str value)
{
    (void)data;
    (void)variable;
    (void)value;
    return true;
}

static bool fits_digits(const void *data, enum profile_variable variable, struct str value)
{
    (void)data;
    (void)variable;
    return str_is_digits(value);
}

static struct profile_template parse(const char *text)
{
    struct profile_template template;
    struct fault fault;
    if (profile_template_parse(str_of(text), ~0u, &template, &fault) != OK)
        fail_msg("%s", fault.text);
    return template;
}

/* In how many ways; tel_a is what {telA} is in the first of them. */
static void assert_match(const char *template_text, const char *text, profile_fits *fits, int ways,
                         const char *tel_a)
{
    struct profile_template template = parse(template_text);
    struct profile_values values = {0};
    int found = profile_template_match(&template, str_of(text), fits, NULL, &values);
    if (found != ways)
        fail_msg("%s: %s fits in %d ways", template_text, text, found);
    if (tel_a != NULL)
        assert_str(values.of[PROFILE_VARIABLE_TEL_A], tel_a);
    else
        assert_null(values.of[PROFILE_VARIABLE_TEL_A].ptr);
    profile_template_finish(&template);
}

static void matches_what_it_makes(void **state)
{
    (void)state;
    assert_match("tel:{telA}", "tel:138", fits_any, 1, "138");
    assert_match("tel:{telA}", "tel:", fits_any, 1, "");
    assert_match("tel:{telA}", "Tel:138", fits_any, 0, NULL);
    assert_match("{telA}-{telB}.", "1-2.", fits_any, 1, "1");
    assert_match("{telA}-{telB}", "1-2-3", fits_any, 2, "1");
    assert_match("{telA}-{telB}", "1-2-3", fits_digits, 0, NULL);
    assert_match("{telA}{telB}", "12", fits_digits, 1, "1");
    assert_match("fixed", "fixed", fits_any, 1, NULL);
    assert_match("fixed", "fixed.", fits_any, 0, NULL);
}

static void holds_a_variable_to_one_value(void **state)
{
    (void)state;
    assert_match("{telA}/{telA}", "1/1", fits_any, 1, "1");
    assert_match("{telA}/{telA}", "1/2", fits_any, 0, NULL);
    assert_match("{telA}/{telA}", "1/1/1", fits_any, 0, NULL);
    assert_match("{telA}/{telA}", "1/1/1/1", fits_any, 1, "1/1");
    assert_match("{telA}/{telA}", "1/2/1/2", fits_any, 1, "1/2");
}

static void gives_up_on_too_many_tries(void **state)
{
    (void)state;
    char text[4000];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_match("{telA}a{telB}a{telX}b", text, fits_any, 0, NULL);
}

static void prints_what_it_was_parsed_from(void **state)
{
    (void)state;
    char storage[64];
    struct buf out;
    struct profile_template template = parse("/v1/{telA}-{callID}?x");
    buf_init_fixed(&out, storage, sizeof(storage));
    profile_template_print(&template, &out);
    assert_str(buf_str(&out), "/v1/{telA}-{callID}?x");
    assert_string_equal(profile_variable_name(PROFILE_VARIABLE_SUB_ID), "subId");
    profile_template_finish(&template);
}

static void refuses_too_many_pieces(void **state)
{
    (void)state;
    char storage[1024];
    struct buf text;
    struct profile_template template;
    struct fault fault;
    buf_init_fixed(&text, storage, sizeof(storage));
    for (int i = 0; i < PROFILE_PIECES_MAX; i++)
        buf_append(&text, STR("{telA}"));
    assert_int_equal(profile_template_parse(buf_str(&text), ~0u, &template, &fault), OK);
    profile_template_finish(&template);
    buf_append(&text, STR("."));
    assert_int_equal(profile_template_parse(buf_str(&text), ~0u, &template, &fault), ERR_TOO_BIG);
    assert_fault(fault, "over 64 variables");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_what_it_makes),
        cmocka_unit_test(holds_a_variable_to_one_value),
        cmocka_unit_test(gives_up_on_too_many_tries),
        cmocka_unit_test(prints_what_it_was_parsed_from),
        cmocka_unit_test(refuses_too_many_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
