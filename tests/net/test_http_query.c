#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "net/http_query.h"

enum { VALUE_MAX = 16 };

static void expect(const char *query, const char *name, enum status wanted, const char *value)
{
    char storage[VALUE_MAX];
    struct buf found;
    struct fault fault = {""};
    buf_init_fixed(&found, storage, sizeof(storage));
    enum status status = http_query_find(str_of(query), name, &found, &fault);
    if (status != wanted)
        fail_msg("%s: %s (%s)", query, status_text(status), fault.text);
    assert_true((fault.text[0] != '\0') == (status != OK && status != ERR_NOT_FOUND));
    if (status == OK && !str_is(buf_str(&found), str_of(value)))
        fail_msg("%s: found %.*s", query, STR_ARGS(buf_str(&found)));
}

static void finds_a_value(void **state)
{
    (void)state;
    expect("a=1&b=2&c=3", "b", OK, "2");
    expect("a=1", "a", OK, "1");
    expect("a=b=c", "a", OK, "b=c");
    expect("a", "a", OK, "");
    expect("a=", "a", OK, "");
    expect("&&a=1&", "a", OK, "1");
}

static void tells_absence_from_emptiness(void **state)
{
    (void)state;
    expect("a=1", "b", ERR_NOT_FOUND, NULL);
    expect("", "a", ERR_NOT_FOUND, NULL);
    expect(NULL, "a", ERR_NOT_FOUND, NULL);
    expect("ab=1&A=1", "a", ERR_NOT_FOUND, NULL);
    expect("b=a", "a", ERR_NOT_FOUND, NULL);
}

static void decodes_names_and_values(void **state)
{
    (void)state;
    expect("a=x%20y%26z", "a", OK, "x y&z");
    expect("a=x+y%2Bz+", "a", OK, "x y+z ");
    expect("%61=1", "a", OK, "1");
    expect("a%3Db=1", "a=b", OK, "1");
    expect("a=%e4%bd%A0", "a", OK, "\xe4\xbd\xa0");
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    static const char *const MALFORMED[] = {
        "a=%",   "a=%4",    "a=%zz",      "a=1%", "a=%00",  "a=%0A",
        "a=%7f", "a=%ff",   "a=%c0%80",   "%=1",  "%zz=1",  "a=1&%zz=1",
        "a=1&%", "%00=1&a", "a=+%e4%bd+", "a=\t", "a=\xff",
    };
    for (size_t i = 0; i < COUNT_OF(MALFORMED); i++)
        expect(MALFORMED[i], "a", ERR_SYNTAX, NULL);
    expect("b=%zz&a=1", "a", OK, "1"); /* of others only the names are looked at */
}

static void refuses_a_name_that_stands_there_twice(void **state)
{
    (void)state;
    expect("a=1&a=1", "a", ERR_INVALID, NULL);
    expect("a=1&b=2&%61=3", "a", ERR_INVALID, NULL);
    expect("a&a", "a", ERR_INVALID, NULL);
}

static void refuses_a_value_that_does_not_fit(void **state)
{
    (void)state;
    expect("a=0123456789abcdef", "a", OK, "0123456789abcdef");
    expect("a=0123456789abcdefg", "a", ERR_TOO_BIG, NULL);
    expect("a=%30%30%30%30%30%30%30%30%30%30%30%30%30%30%30%30+", "a", ERR_TOO_BIG, NULL);
}

static void refuses_names_that_are_not_known(void **state)
{
    (void)state;
    static const char *const KNOWN[] = {"first", "limit"};
    struct fault fault = {""};
    assert_int_equal(http_query_check(STR("limit=1&first=2"), KNOWN, 2, &fault), OK);
    assert_int_equal(http_query_check(STR("&f%69rst"), KNOWN, 2, &fault), OK);
    assert_int_equal(http_query_check(STR(""), KNOWN, 2, &fault), OK);
    assert_int_equal(http_query_check((struct str){NULL, 0}, KNOWN, 2, &fault), OK);
    assert_string_equal(fault.text, "");
    assert_int_equal(http_query_check(STR("first=1&limti=2"), KNOWN, 2, &fault), ERR_INVALID);
    assert_string_equal(fault.text, "the query may hold nothing but: first, limit");
    assert_int_equal(http_query_check(STR("first"), NULL, 0, &fault), ERR_INVALID);
    assert_string_equal(fault.text, "the query may hold nothing");
    assert_int_equal(http_query_check(STR("=1"), KNOWN, 2, &fault), ERR_INVALID);
    assert_int_equal(http_query_check(STR("first&%zz"), KNOWN, 2, &fault), ERR_SYNTAX);
}

static void refuses_a_name_longer_than_any(void **state)
{
    (void)state;
    char name[200];
    struct fault fault = {""};
    memset(name, 'n', sizeof(name));
    assert_int_equal(http_query_check(str_from(name, sizeof(name)), NULL, 0, &fault), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_value),
        cmocka_unit_test(tells_absence_from_emptiness),
        cmocka_unit_test(decodes_names_and_values),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(refuses_a_name_that_stands_there_twice),
        cmocka_unit_test(refuses_a_value_that_does_not_fit),
        cmocka_unit_test(refuses_names_that_are_not_known),
        cmocka_unit_test(refuses_a_name_longer_than_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
