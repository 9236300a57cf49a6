#include "tests/test.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/mem.h"

static void assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
    struct buf hex;
    buf_init(&hex, 4096);
    hex_append(&hex, str_from(bytes, len));
    assert_str(buf_str(&hex), expected);
    buf_finish(&hex);
}

TEST(hashes_as_fips_180_and_rfc_4231_say)
{
    UNUSED(state);
    uint8_t out[SHA256_SIZE];
    sha256(STR("abc"), out);
    assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256((struct str){NULL, 0}, out);
    assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), out);
    assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(a_prepared_key_signs_many_times_alike)
{
    UNUSED(state);
    struct hmac_key *key = hmac_key_create(STR("Jefe"));
    uint8_t out[SHA256_SIZE];
    for (int i = 0; i < 3; i++) {
        hmac_key_sign(key, STR("what do ya want for nothing?"), out);
        assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
    hmac_key_destroy(key);
    hmac_sha256((struct str){NULL, 0}, (struct str){NULL, 0}, out);
    assert_hex(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(opens_what_it_sealed_and_nothing_else)
{
    UNUSED(state);
    uint8_t key[SEAL_KEY_SIZE] = {1, 2, 3}, other[SEAL_KEY_SIZE] = {9};
    struct buf sealed, plain;
    buf_init(&sealed, 1000);
    buf_init(&plain, 1000);
    seal(key, STR("row 1"), STR("fake-secret"), &sealed);
    assert_int_equal(sealed.len, 11 + SEAL_OVERHEAD);
    assert_status(seal_open(key, STR("row 1"), buf_str(&sealed), &plain), OK);
    assert_str(buf_str(&plain), "fake-secret");
    assert_status(seal_open(key, STR("row 2"), buf_str(&sealed), &plain), ERR_CORRUPT);
    assert_status(seal_open(other, STR("row 1"), buf_str(&sealed), &plain), ERR_CORRUPT);
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.ptr[i] = (char)(sealed.ptr[i] ^ 1);
        assert_status(seal_open(key, STR("row 1"), buf_str(&sealed), &plain), ERR_CORRUPT);
        sealed.ptr[i] = (char)(sealed.ptr[i] ^ 1);
    }
    for (size_t len = 0; len < sealed.len; len++)
        assert_status(seal_open(key, STR("row 1"), str_from(sealed.ptr, len), &plain), ERR_CORRUPT);
    buf_finish(&sealed);
    buf_finish(&plain);
}

TEST(seals_an_empty_secret)
{
    UNUSED(state);
    uint8_t key[SEAL_KEY_SIZE] = {0};
    struct buf sealed, plain;
    buf_init(&sealed, 100);
    buf_init(&plain, 100);
    seal(key, STR("x"), (struct str){NULL, 0}, &sealed);
    assert_status(seal_open(key, STR("x"), buf_str(&sealed), &plain), OK);
    assert_int_equal(plain.len, 0);
    buf_finish(&sealed);
    buf_finish(&plain);
}

TEST(compares_secrets_by_value)
{
    UNUSED(state);
    assert_true(bytes_are_equal_secretly(STR("abc"), STR("abc")));
    assert_false(bytes_are_equal_secretly(STR("abc"), STR("abd")));
    assert_false(bytes_are_equal_secretly(STR("abc"), STR("ab")));
    assert_true(bytes_are_equal_secretly(STR(""), STR("")));
}

TEST(random_ids_differ_from_one_buffer_to_the_next)
{
    UNUSED(state);
    enum { IDS = 300 };
    static unsigned char ids[IDS][RANDOM_ID_MAX];
    unsigned char small[8];
    for (size_t i = 0; i < IDS; i++) {
        random_id(ids[i], sizeof(ids[i]));
        random_id(small, sizeof(small)); /* so that ids do not end where the buffer does */
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(ids[i], ids[j], sizeof(ids[i]));
        assert_memory_not_equal(ids[i], small, sizeof(small));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_as_fips_180_and_rfc_4231_say),
        cmocka_unit_test(a_prepared_key_signs_many_times_alike),
        cmocka_unit_test(opens_what_it_sealed_and_nothing_else),
        cmocka_unit_test(seals_an_empty_secret),
        cmocka_unit_test(random_ids_differ_from_one_buffer_to_the_next),
        cmocka_unit_test(compares_secrets_by_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
