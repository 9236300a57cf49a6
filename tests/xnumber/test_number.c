#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "xnumber/number.h"

static void assert_key(const char *text, const char *home, const char *key)
{
    struct number number;
    assert_int_equal(number_parse(str_of(text), str_of(home), &number, NULL), OK);
    assert_string_equal(number.key, key);
    assert_string_equal(number.text, text); /* onto the wire as it was given */
}

static void assert_refused(const char *text, const char *home)
{
    struct number number = {.text = "untouched"};
    struct fault fault = {{0}};
    assert_int_equal(number_parse(str_of(text), str_of(home), &number, &fault), ERR_INVALID);
    assert_string_equal(number.text, "untouched");
    assert_true(fault.text[0] != '\0');
    assert_true(strlen(text) < NUMBER_DIGITS_MIN || strstr(fault.text, text) == NULL);
}

static void takes_3_to_15_digits(void **state)
{
    (void)state;
    assert_key("110", "86", "110");
    assert_key("700000000000001", "86", "+86700000000000001");
    assert_refused("", "86");
    assert_refused("1", "86");
    assert_refused("11", "86");
    assert_refused("7000000000000012", "86");
    assert_refused("111111111111111111111111111111111111111111111111", "86");
}

static void takes_a_700_number_with_its_country_code(void **state)
{
    (void)state;
    assert_key("+86700000000000001", "86", "+86700000000000001");
    assert_key("0086700000000000001", "86", "+86700000000000001");
    assert_refused("+867000000000000012", "86");
    assert_key("00123700000000000001", "86", "+123700000000000001"); /* the longest text */
    assert_refused("001237000000000000012", "86");
}

static void refuses_all_but_digits_and_a_leading_plus(void **state)
{
    (void)state;
    static const char *const bad[] = {"+",
                                      "++8613800000001",
                                      "138 0000 0001",
                                      "138-0000-0001",
                                      " 13800000001",
                                      "13800000001 ",
                                      "1380000000a",
                                      "13800+000001",
                                      "13800000001+",
                                      "(0571)00000002",
                                      "tel:13800000001",
                                      "13800000001#12",
                                      "*21",
                                      "13800000001\n",
                                      "\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_refused(bad[i], "86");
    struct number number;
    assert_int_equal(number_parse(str_from("138000\0"
                                           "0001",
                                           11),
                                  STR("86"), &number, NULL),
                     ERR_INVALID);
    assert_int_equal(number_parse((struct str){NULL, 0}, STR("86"), &number, NULL), ERR_INVALID);
}

static void refuses_a_country_code_that_begins_with_0(void **state)
{
    (void)state;
    assert_refused("+013800000001", "86");
    assert_refused("000", "86");
    assert_refused("0008613800000001", "86");
    assert_refused("00", "86");
    assert_refused("+12", "86");
    assert_refused("+123", "86");
    assert_refused("+8611", "86");
    assert_key("+1234", "86", "+1234");
}

static void a_mobile_number_has_one_key(void **state)
{
    (void)state;
    assert_key("13800000001", "86", "+8613800000001");
    assert_key("+8613800000001", "86", "+8613800000001");
    assert_key("008613800000001", "86", "+8613800000001");
    assert_key("8613800000001", "86", "+8613800000001");
    assert_key("013800000001", "86", "+8613800000001"); /* dialled from another city */
}

static void a_fixed_number_has_one_key(void **state)
{
    (void)state;
    assert_key("057100000002", "86", "+8657100000002");
    assert_key("57100000002", "86", "+8657100000002");
    assert_key("+8657100000002", "86", "+8657100000002");
    assert_key("8657100000002", "86", "+8657100000002");
    assert_key("+86057100000002", "86", "+8657100000002"); /* often written so */
    assert_key("86057100000002", "86", "+8657100000002");
    assert_key("01000000002", "86", "+861000000002");
    assert_key("861000000002", "86", "+861000000002");
}

/* 02195588 is a short code in one city, 2195588 a subscriber in another. */
static void numbers_that_depend_on_the_area_stay_as_they_are(void **state)
{
    (void)state;
    assert_key("95588", "86", "95588");
    assert_key("2195588", "86", "2195588");
    assert_key("02195588", "86", "02195588");
    assert_key("86000002", "86", "86000002");
    assert_key("8610000000", "86", "+868610000000"); /* too short for 86 to be a country code */
    assert_key("+8695588", "86", "+8695588");
}

static void numbers_of_other_countries_keep_their_digits(void **state)
{
    (void)state;
    assert_key("+14155550100", "86", "+14155550100");
    assert_key("0014155550100", "86", "+14155550100");
    assert_key("14155550100", "86",
               "+8614155550100"); /* without a country code: of the home country */
    assert_key("+85200000001", "86", "+85200000001");
}

/* In Italy 0331... and 331... are two subscribers. */
static void a_home_without_a_known_plan_joins_only_the_two_international_forms(void **state)
{
    (void)state;
    assert_key("0331000001", "39", "0331000001");
    assert_key("331000001", "39", "331000001");
    assert_key("+39331000001", "39", "+39331000001");
    assert_key("0039331000001", "39", "+39331000001");
    assert_key("13800000001", "", "13800000001");
    assert_key("+8613800000001", "", "+8613800000001");
    assert_key("8613800000001", "", "8613800000001");
}

static void same_is_by_key(void **state)
{
    (void)state;
    struct number a, b;
    assert_int_equal(number_parse(STR("13800000001"), STR("86"), &a, NULL), OK);
    assert_int_equal(number_parse(STR("+8613800000001"), STR("86"), &b, NULL), OK);
    assert_true(number_is_same(&a, &b));
    assert_int_equal(number_parse(STR("13800000002"), STR("86"), &b, NULL), OK);
    assert_false(number_is_same(&a, &b));
}

static void masks_all_but_a_few(void **state)
{
    (void)state;
    static const char *const masks[][2] = {
        {"13800000078", "138******78"},
        {"057100000078", "057*******78"},
        {"+8613800000078", "+86*********78"},
        {"700000000000078", "700**********78"},
        {"", ""},
        {"1", "*"},
        {"110", "***"},
        {"9558", "****"},
        {"95588", "***88"},
        {"100861", "****61"},
        {"1008678", "1****78"},
        {"10086789", "1*****89"},
        {"100867890", "10*****90"},
        {"John Doe\n", "*********"},
        {"12\n4567890ab", "12**********"},
        {"1380000000113800000001138000000078", "138***************78"},
    };
    for (size_t i = 0; i < COUNT_OF(masks); i++)
        assert_string_equal(number_mask(str_of(masks[i][0])).text, masks[i][1]);
    assert_string_equal(number_mask((struct str){NULL, 0}).text, "");
}

static void anonymises_for_good(void **state)
{
    static const struct {
        const char *text, *kept;
    } cases[] = {
        {"13800000001", "138********"},
        {"+8613800000001", "+8613*********"},
        {"008613800000001", "008613*********"},
        {"057100000002", "057*********"},
        {"10086", "1****"},
        {"110", "1**"},
        {"11", "**"},
        {"+", "+"},
        {"", ""},
        {"138********", "138********"},
        {"\xe5\x8f\xb7"
         "13800000001",
         "**************"},
        {"1234567890123456789012345", "123*****************"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(number_anonymise(str_of(cases[i].text)).text, cases[i].kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_3_to_15_digits),
        cmocka_unit_test(takes_a_700_number_with_its_country_code),
        cmocka_unit_test(refuses_all_but_digits_and_a_leading_plus),
        cmocka_unit_test(refuses_a_country_code_that_begins_with_0),
        cmocka_unit_test(a_mobile_number_has_one_key),
        cmocka_unit_test(a_fixed_number_has_one_key),
        cmocka_unit_test(numbers_that_depend_on_the_area_stay_as_they_are),
        cmocka_unit_test(numbers_of_other_countries_keep_their_digits),
        cmocka_unit_test(a_home_without_a_known_plan_joins_only_the_two_international_forms),
        cmocka_unit_test(same_is_by_key),
        cmocka_unit_test(masks_all_but_a_few),
        cmocka_unit_test(anonymises_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
