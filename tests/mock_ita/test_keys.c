#include "tests/test.h"

#include "base/mem.h"
#include "mock_ita/keys.h"

static struct mock_key_texts texts_of(const char *access_key, const char *secret_key,
                                      const char *app_key)
{
    return (struct mock_key_texts){str_of(access_key), str_of(secret_key), str_of(app_key)};
}

static void add(struct mock_keys *keys, const char *access_key)
{
    struct mock_key_texts texts = texts_of(access_key, "fake-secret", "fake-app");
    assert_status(mock_keys_add(keys, &texts, NULL), OK);
}

TEST(finds_and_lists_keys_in_the_order_of_their_adding)
{
    UNUSED(state);
    struct mock_keys *keys = mock_keys_create(true);
    assert_null(mock_keys_first(keys));
    add(keys, "FAKEB");
    add(keys, "FAKEA");
    assert_str(mock_keys_first(keys)->access_key, "FAKEB");
    assert_str(mock_keys_next(mock_keys_first(keys))->access_key, "FAKEA");
    assert_null(mock_keys_next(mock_keys_find(keys, STR("FAKEA"))));
    assert_null(mock_keys_find(keys, STR("FAKEC")));
    assert_true(mock_keys_remove(keys, STR("FAKEB")));
    assert_false(mock_keys_remove(keys, STR("FAKEB")));
    assert_str(mock_keys_first(keys)->access_key, "FAKEA");
    mock_keys_destroy(keys);
    mock_keys_destroy(NULL);
}

TEST(refuses_what_fits_into_no_header)
{
    UNUSED(state);
    static char long_text[MOCK_KEY_TEXT_MAX + 2];
    struct mock_keys *keys = mock_keys_create(true);
    struct fault fault;
    memset(long_text, 'a', sizeof(long_text) - 1);
    const char *const bad[] = {"", "a,b", "a b", "a\nb", "\xc3\xa9", long_text};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct mock_key_texts texts = texts_of(bad[i], "fake-secret", "fake-app");
        assert_status(mock_keys_add(keys, &texts, &fault), ERR_INVALID);
        assert_fault(fault, "/accessKey: must be 1 to 256");
        texts = texts_of("FAKEA", bad[i], "fake-app");
        assert_status(mock_keys_add(keys, &texts, &fault), ERR_INVALID);
        assert_fault(fault, "/secretKey: ");
        texts = texts_of("FAKEA", "fake-secret", bad[i]);
        assert_status(mock_keys_add(keys, &texts, &fault), ERR_INVALID);
        assert_fault(fault, "/appKey: ");
    }
    assert_null(mock_keys_first(keys));
    mock_keys_destroy(keys);
}

TEST(refuses_a_second_key_of_that_name_and_one_too_many)
{
    UNUSED(state);
    struct mock_keys *keys = mock_keys_create(true);
    struct mock_key_texts texts = texts_of("FAKE0", "fake-secret", "fake-app");
    struct fault fault;
    for (int i = 0; i < MOCK_KEYS_MAX; i++) {
        char name[16];
        struct buf text;
        buf_init_fixed(&text, name, sizeof(name));
        buf_format(&text, "FAKE%d", i);
        add(keys, buf_text(&text));
    }
    assert_status(mock_keys_add(keys, &texts, &fault), ERR_EXISTS);
    texts.access_key = STR("ANOTHER");
    assert_status(mock_keys_add(keys, &texts, &fault), ERR_EXHAUSTED);
    mock_keys_destroy(keys);
}

TEST(changes_all_or_nothing)
{
    UNUSED(state);
    struct mock_keys *keys = mock_keys_create(true);
    struct fault fault;
    uint8_t before[SHA256_SIZE], after[SHA256_SIZE];
    add(keys, "FAKEA");
    struct mock_key *key = mock_keys_find(keys, STR("FAKEA"));
    hmac_key_sign(key->secret_key, STR("x"), before);
    struct mock_key_texts texts = texts_of("FAKEA", "fake-other", "a,b");
    assert_status(mock_keys_change(keys, &texts, &fault), ERR_INVALID);
    hmac_key_sign(key->secret_key, STR("x"), after);
    assert_memory_equal(before, after, SHA256_SIZE);
    texts.app_key = (struct str){0};
    mock_key_lock(key);
    assert_status(mock_keys_change(keys, &texts, &fault), OK);
    hmac_key_sign(key->secret_key, STR("x"), after);
    assert_memory_not_equal(before, after, SHA256_SIZE);
    assert_str(key->app_key, "fake-app");
    assert_false(mock_key_is_locked(key, 0));
    texts = (struct mock_key_texts){.access_key = STR("FAKEA"), .app_key = STR("fake-app-2")};
    assert_status(mock_keys_change(keys, &texts, &fault), OK);
    assert_str(key->app_key, "fake-app-2");
    texts.access_key = STR("FAKEB");
    assert_status(mock_keys_change(keys, &texts, &fault), ERR_NOT_FOUND);
    mock_keys_destroy(keys);
}

TEST(locks_for_five_minutes_or_until_unlocked)
{
    UNUSED(state);
    struct mock_keys *keys = mock_keys_create(true);
    add(keys, "FAKEA");
    struct mock_key *key = mock_keys_find(keys, STR("FAKEA"));
    for (int i = 0; i < MOCK_KEY_FAILURES_MAX; i++) {
        assert_false(mock_key_is_locked(key, 1000));
        mock_keys_note(keys, key, false, 1000);
    }
    assert_true(mock_key_is_locked(key, 1000));
    assert_true(mock_key_is_locked(key, 1000 + MOCK_KEY_LOCK_MS - 1));
    assert_false(mock_key_is_locked(key, 1000 + MOCK_KEY_LOCK_MS));
    mock_key_lock(key);
    assert_true(mock_key_is_locked(key, INT64_MAX));
    mock_key_unlock(key);
    assert_false(mock_key_is_locked(key, 1000));
    mock_keys_destroy(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_and_lists_keys_in_the_order_of_their_adding),
        cmocka_unit_test(refuses_what_fits_into_no_header),
        cmocka_unit_test(refuses_a_second_key_of_that_name_and_one_too_many),
        cmocka_unit_test(changes_all_or_nothing),
        cmocka_unit_test(locks_for_five_minutes_or_until_unlocked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
