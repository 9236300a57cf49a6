/* The canonical form of request targets, and which targets each set of rules refuses. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ita/target.h"

static enum status canonical(struct str target, enum ita_target_rules rules, struct buf *out,
                             struct fault *fault)
{
    struct str path, query;
    *fault = (struct fault){0};
    ita_target_split(target, &path, &query);
    enum status status = ita_target_append_path(path, rules, out, fault);
    if (status != OK)
        return status;
    buf_append_byte(out, '?');
    return ita_target_append_query(query, rules, out, fault);
}

static void assert_canonical(struct str target, enum ita_target_rules rules, const char *expected)
{
    struct buf out;
    struct fault fault;
    buf_init(&out, 4096);
    if (canonical(target, rules, &out, &fault) != OK)
        fail_msg("%.*s: %s", STR_ARGS(target), fault.text);
    assert_string_equal(buf_text(&out), expected);
    buf_finish(&out);
}

/* The fault must hold `reason`. */
static void assert_refused(struct str target, enum ita_target_rules rules, const char *reason)
{
    struct buf out;
    struct fault fault;
    buf_init(&out, 4096);
    if (canonical(target, rules, &out, &fault) == OK)
        fail_msg("%.*s: taken", STR_ARGS(target));
    if (strstr(fault.text, reason) == NULL)
        fail_msg("%.*s: %s", STR_ARGS(target), fault.text);
    buf_finish(&out);
}

static void puts_targets_into_canonical_form(void **state)
{
    (void)state;
    static const struct {
        const char *target, *canonical;
    } rows[] = {
        {"", "/?"},
        {"/", "/?"},
        {"/?", "/?"},
        {"?a=1", "/?a=1"},
        {"/a", "/a/?"},
        {"/a/", "/a/?"},
        {"/%61%2d", "/a-/?"},
        {"/a*b:c", "/a%2Ab%3Ac/?"},
        {"/%e4%b8%ad", "/%E4%B8%AD/?"},
        {"/a?b", "/a/?b="},
        {"/a?&&b&&", "/a/?b="},
        {"/a?b=c=d", "/a/?b=c%3Dd"},
        {"/a?b=?c", "/a/?b=%3Fc"},
        {"/a?z=1&a=2&a=1&B=0", "/a/?B=0&a=1&a=2&z=1"},
        {"/a?a=1&a=1", "/a/?a=1&a=1"},
        {"/a?a+b=c+d", "/a/?a%2Bb=c%2Bd"},
        {"/a?a%26b=c%3Dd%20", "/a/?a%26b=c%3Dd%20"},
        {"/a?f%5B0%5D=1&fA=2", "/a/?fA=2&f%5B0%5D=1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_canonical(str_of(rows[i].target), ITA_TARGET_UNAMBIGUOUS, rows[i].canonical);
}

static void every_rule_refuses_what_has_no_meaning(void **state)
{
    (void)state;
    for (enum ita_target_rules rules = ITA_TARGET_AGREED; rules <= ITA_TARGET_LITERAL; rules++) {
        assert_refused(STR("/%"), rules, "'%' must be followed");
        assert_refused(STR("/%2"), rules, "'%' must be followed");
        assert_refused(STR("/%2g"), rules, "'%' must be followed");
        assert_refused(STR("/?a=%"), rules, "'%' must be followed");
        assert_refused(STR("/?%zz=1"), rules, "'%' must be followed");
        assert_refused(STR("/%00"), rules, "NUL");
        assert_refused(STR("/?a=%00"), rules, "NUL");
        assert_refused(STR("/?%00=a"), rules, "NUL");
        assert_refused(STR("/\0"), rules, "control byte");
        assert_refused(STR("/a#b"), rules, "'#'");
        assert_refused(STR("/a?b#c"), rules, "'#'");
        assert_refused(STR("/a b"), rules, "white space");
        assert_refused(STR("/a\nb"), rules, "control byte");
        assert_refused(STR("/?a=\x7F"), rules, "control byte");
        assert_refused(STR("/%FF"), rules, "UTF-8");
        assert_refused(STR("/%C0%AF"), rules, "UTF-8");
        assert_refused(STR("/?a=%ED%A0%80"), rules, "UTF-8");
        assert_refused(STR("/?\xFF=1"), rules, "UTF-8");
        assert_refused(STR("a"), rules, "must start with '/'");
        assert_refused(STR("*"), rules, "must start with '/'");
        assert_refused(STR("https://ita.example.test/"), rules, "must start with '/'");
    }
}

static void refuses_paths_that_two_readers_take_differently(void **state)
{
    (void)state;
    static const struct {
        const char *target, *reason, *literal;
    } rows[] = {
        {"/a/./b", "dot segment", "/a/./b/?"},   {"/a/..", "dot segment", "/a/../?"},
        {"/%2e%2E/a", "dot segment", "/../a/?"}, {"/.%2e", "dot segment", "/../?"},
        {"//", "empty segment", "//?"},          {"//a", "empty segment", "//a/?"},
        {"/a//", "empty segment", "/a//?"},      {"/a%2Fb", "encoded '/'", "/a/b/?"},
        {"/a%2fb", "encoded '/'", "/a/b/?"},     {"/a\\b", "backslash", "/a%5Cb/?"},
        {"/a%5cb", "backslash", "/a%5Cb/?"},     {"/a?b\\=1", "backslash", "/a/?b%5C=1"},
        {"/a?=1", "no name", "/a/?=1"},          {"/a?b&=", "no name", "/a/?=&b="},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_refused(str_of(rows[i].target), ITA_TARGET_AGREED, rows[i].reason);
        assert_refused(str_of(rows[i].target), ITA_TARGET_UNAMBIGUOUS, rows[i].reason);
        assert_canonical(str_of(rows[i].target), ITA_TARGET_LITERAL, rows[i].literal);
    }
}

static void refuses_to_send_what_signers_disagree_on(void **state)
{
    (void)state;
    static const struct {
        const char *target, *reason, *canonical;
    } rows[] = {
        {"/a%3Fb", "'?' or '#'", "/a%3Fb/?"},
        {"/a%23b", "'?' or '#'", "/a%23b/?"},
        {"/a?b=c+d", "raw '+' or ';'", "/a/?b=c%2Bd"},
        {"/a?b;c=d", "raw '+' or ';'", "/a/?b%3Bc=d"},
        {"/a?b=1&&c=2", "no name", "/a/?b=1&c=2"},
        {"/a?b=1&c=2&b=3", "repeated", "/a/?b=1&b=3&c=2"},
        {"/a?%C3%A4=1", "needs encoding", "/a/?%C3%A4=1"},
        {"/a?f%5B0%5D=1", "needs encoding", "/a/?f%5B0%5D=1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_refused(str_of(rows[i].target), ITA_TARGET_AGREED, rows[i].reason);
        assert_canonical(str_of(rows[i].target), ITA_TARGET_UNAMBIGUOUS, rows[i].canonical);
    }
    assert_canonical(STR("/v1/ngin/axmn/c%20d?b=%2B%3B&a="), ITA_TARGET_AGREED,
                     "/v1/ngin/axmn/c%20d/?a=&b=%2B%3B");
}

static void refuses_what_is_over_a_bound(void **state)
{
    (void)state;
    static char target[ITA_TARGET_MAX + 2];
    struct buf out, query;
    struct fault fault;
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    buf_init(&out, sizeof(target) * 2);
    assert_int_equal(canonical(str_from(target, ITA_TARGET_MAX), ITA_TARGET_AGREED, &out, &fault),
                     OK);
    assert_int_equal(
        canonical(str_from(target, ITA_TARGET_MAX + 1), ITA_TARGET_AGREED, &out, &fault),
        ERR_TOO_BIG);
    buf_init(&query, 4096);
    buf_append(&query, STR("/?a=1"));
    for (int i = 1; i < ITA_PARAMETERS_MAX; i++)
        buf_append(&query, STR("&a=1"));
    assert_int_equal(canonical(buf_str(&query), ITA_TARGET_UNAMBIGUOUS, &out, &fault), OK);
    buf_append(&query, STR("&a=1"));
    assert_int_equal(canonical(buf_str(&query), ITA_TARGET_UNAMBIGUOUS, &out, &fault), ERR_TOO_BIG);
    buf_finish(&query);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_targets_into_canonical_form),
        cmocka_unit_test(every_rule_refuses_what_has_no_meaning),
        cmocka_unit_test(refuses_paths_that_two_readers_take_differently),
        cmocka_unit_test(refuses_to_send_what_signers_disagree_on),
        cmocka_unit_test(refuses_what_is_over_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
