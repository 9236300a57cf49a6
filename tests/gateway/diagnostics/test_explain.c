/* Every code of the contract is explained, in both languages. */

#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "gateway/diagnostics/explain.h"
#include "profile/code.h"
#include "profile/q850.h"

static const struct explanation *of_kind(const char *code, const char *kind,
                                         struct explanation found[static EXPLANATIONS_MAX])
{
    size_t count = explain(str_of(code), found);
    for (size_t i = 0; i < count; i++)
        if (strcmp(found[i].kind_en, kind) == 0)
            return &found[i];
    fail_msg("%s is no %s", code, kind);
    return NULL;
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text > 0x7F)
            return false;
    return true;
}

static void assert_complete(const struct explanation *found)
{
    const char *const texts[][2] = {{found->meaning_en, found->meaning_zh},
                                    {found->cause_en, found->cause_zh},
                                    {found->remedy_en, found->remedy_zh}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_non_null(texts[i][0]);
        assert_non_null(texts[i][1]);
        assert_true(is_ascii(texts[i][0]) && texts[i][0][0] != '\0');
        assert_false(is_ascii(texts[i][1]));
    }
}

TEST(explains_each_of_the_21)
{
    UNUSED(state);
    struct explanation found[EXPLANATIONS_MAX];
#define X(name, digits, text, zh)                                                                  \
    assert_complete(of_kind(digits, "ITA code", found));                                           \
    assert_string_equal(of_kind(digits, "ITA code", found)->meaning_en, text);
    ITA_CODE_MAP(X)
#undef X
}

TEST(explains_each_ret_code)
{
    UNUSED(state);
    static const char *const codes[] = {"0", "1", "2", "3", "4", "5", "6", "8", "12", "16", "21"};
    struct explanation found[EXPLANATIONS_MAX];
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        assert_complete(of_kind(codes[i], "retCode", found));
}

/* "n/a" of 0 is the vendor's, and no word of ours. */
TEST(explains_each_release_cause)
{
    UNUSED(state);
    struct explanation found[EXPLANATIONS_MAX];
    size_t known = 0;
    for (int cause = 0; cause <= 200; cause++) {
        char code[16];
        (void)snprintf(code, sizeof(code), "%d", cause);
        if (q850_text(cause) == NULL)
            continue;
        known++;
        assert_complete(of_kind(code, "release cause (Q.850)", found));
    }
    assert_true(known >= 60);
}

TEST(explains_the_gateways_errors_with_any_prefix_or_none)
{
    UNUSED(state);
    static const char *const codes[] = {"0101", "0201", "0301", "0302", "0303",
                                        "0304", "0307", "0308", "0705"};
    static const char *const prefixes[] = {"APIGW.", "APIG.", "APIC.", "apigw.", ""};
    struct explanation found[EXPLANATIONS_MAX];
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        for (size_t k = 0; k < COUNT_OF(prefixes); k++) {
            char code[16];
            (void)snprintf(code, sizeof(code), "%s%s", prefixes[k], codes[i]);
            assert_complete(of_kind(code, "API gateway error", found));
        }
}

TEST(tells_every_meaning_of_a_number)
{
    UNUSED(state);
    struct explanation found[EXPLANATIONS_MAX];
    assert_int_equal(explain(STR("16"), found), 2);
    assert_int_equal(explain(STR("90106003"), found), 1);
}

static void count_and_look_up(void *data, const char *code, const struct explanation *found)
{
    size_t *count = data;
    struct explanation looked_up[EXPLANATIONS_MAX];
    assert_complete(found);
    assert_ptr_equal(of_kind(code, found->kind_en, looked_up)->cause_en, found->cause_en);
    assert_null(strchr(found->cause_en, '|')); /* it goes into tables */
    assert_null(strchr(found->remedy_en, '|'));
    (*count)++;
}

TEST(tells_all_that_can_be_looked_up)
{
    UNUSED(state);
    struct explanation found[EXPLANATIONS_MAX];
    size_t count = 0, known = 21 + 9; /* the ITA's codes, the gateway's errors */
    explain_all(count_and_look_up, &count);
    for (int number = 0; number <= 200; number++) {
        char code[16];
        (void)snprintf(code, sizeof(code), "%d", number);
        known += explain(str_of(code), found);
    }
    assert_int_equal(count, known);
}

TEST(knows_nothing_of_what_is_no_code)
{
    UNUSED(state);
    static const char *const codes[] = {
        "", "x", "-1", "15", "128", "APIGW.", "APIGW.0001", "99999999999999999999", "90100101"};
    struct explanation found[EXPLANATIONS_MAX];
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (explain(str_of(codes[i]), found) != 0)
            fail_msg("%s is explained as %s", codes[i], found[0].kind_en);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explains_each_of_the_21),
        cmocka_unit_test(explains_each_ret_code),
        cmocka_unit_test(explains_each_release_cause),
        cmocka_unit_test(explains_the_gateways_errors_with_any_prefix_or_none),
        cmocka_unit_test(tells_every_meaning_of_a_number),
        cmocka_unit_test(tells_all_that_can_be_looked_up),
        cmocka_unit_test(knows_nothing_of_what_is_no_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
