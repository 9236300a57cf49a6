#include "tests/test.h"

#include <sys/resource.h>

#include "base/mem.h"
#include "base/password.h"

TEST(the_right_password_is_known_and_no_other)
{
    UNUSED(state);
    char hash[PASSWORD_HASH_SIZE];
    assert_status(password_hash(STR("correct horse battery"), hash), OK);
    assert_status(password_check(STR("correct horse battery"), hash), OK);
    assert_status(password_check(STR("correct horse batterz"), hash), ERR_DENIED);
    assert_status(password_check(STR("correct horse batter"), hash), ERR_DENIED);
    assert_status(password_check(STR(""), hash), ERR_DENIED);
}

TEST(bytes_behind_a_nul_count)
{
    UNUSED(state);
    char hash[PASSWORD_HASH_SIZE];
    assert_status(password_hash(STR("one\0two"), hash), OK);
    assert_status(password_check(STR("one\0two"), hash), OK);
    assert_status(password_check(STR("one\0six"), hash), ERR_DENIED);
}

TEST(a_hash_tells_algorithm_and_parameters_and_has_its_own_salt)
{
    UNUSED(state);
    char a[PASSWORD_HASH_SIZE], b[PASSWORD_HASH_SIZE];
    assert_status(password_hash(STR("same"), a), OK);
    assert_status(password_hash(STR("same"), b), OK);
    assert_true(str_starts(str_of(a), STR("$argon2id$v=19$m=65536,t=3,p=1$")));
    assert_string_not_equal(a, b);
}

#define REST "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define GOOD "$argon2id$v=19$m=65536,t=3,p=1" REST
#define COSTLY "$argon2id$v=19$m=6553600,t=3,p=1" REST
#define PARALLEL "$argon2id$v=19$m=65536,t=3,p=4" REST

/* Written by libsodium's crypto_pwhash_argon2id_str(). */
#define VECTOR                                                                                     \
    "$argon2id$v=19$m=65536,t=3,p=1$yjRTwBPE7Do72NFXGHV0jg$F7bAb0btj/LP6Tw3MXIeJ/"                 \
    "SMcCdT+CaAjgL2zcxuKlk"

TEST(knows_a_hash_of_the_library_itself)
{
    UNUSED(state);
    assert_status(password_check(STR("right"), VECTOR), OK);
    assert_status(password_check(STR("wrong"), VECTOR), ERR_DENIED);
}

TEST(a_text_that_is_no_hash_is_damaged)
{
    UNUSED(state);
    static const char *const texts[] = {
        "",     "x",     "$argon2id$v=19$m=65536,t=3,p=1$", "$6$salt$hash", GOOD "x", GOOD "$",
        COSTLY, PARALLEL};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_status(password_check(STR(""), texts[i]), ERR_CORRUPT);
    assert_status(password_check(STR(""), GOOD), ERR_DENIED);
}

/* Processor time, so that other programs do not count. */
static int64_t spent_us(struct str password, const char *hash)
{
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    assert_status(password_check(password, hash), ERR_DENIED);
    getrusage(RUSAGE_SELF, &after);
    return (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 + after.ru_utime.tv_usec -
           before.ru_utime.tv_usec;
}

TEST(nobody_costs_what_a_wrong_password_costs)
{
    UNUSED(state);
    char hash[PASSWORD_HASH_SIZE];
    assert_status(password_hash(STR("right"), hash), OK);
    int64_t wrong_us = spent_us(STR("wrong"), hash), nobody_us = spent_us(STR("wrong"), NULL);
    assert_true(nobody_us > wrong_us / 4);
    assert_true(wrong_us > nobody_us / 4);
}

TEST(without_memory_it_says_so_and_does_not_deny)
{
    UNUSED(state);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* sanitizers need their own address space */
#endif
    char hash[PASSWORD_HASH_SIZE];
    struct rlimit whole, little;
    assert_status(password_hash(STR("right"), hash), OK);
    assert_int_equal(getrlimit(RLIMIT_AS, &whole), 0);
    little = whole;
    little.rlim_cur = 32 * 1024 * 1024;
    assert_int_equal(setrlimit(RLIMIT_AS, &little), 0);
    enum status checked = password_check(STR("right"), hash),
                nobody = password_check(STR(""), NULL);
    assert_int_equal(setrlimit(RLIMIT_AS, &whole), 0);
    assert_status(checked, ERR_EXHAUSTED);
    assert_status(nobody, ERR_EXHAUSTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_password_is_known_and_no_other),
        cmocka_unit_test(bytes_behind_a_nul_count),
        cmocka_unit_test(a_hash_tells_algorithm_and_parameters_and_has_its_own_salt),
        cmocka_unit_test(knows_a_hash_of_the_library_itself),
        cmocka_unit_test(a_text_that_is_no_hash_is_damaged),
        cmocka_unit_test(nobody_costs_what_a_wrong_password_costs),
        cmocka_unit_test(without_memory_it_says_so_and_does_not_deny),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
