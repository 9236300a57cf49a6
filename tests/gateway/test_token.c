#include "tests/test.h"

#include "gateway/token.h"

static const uint8_t KEY[SEAL_KEY_SIZE] = {1, 2, 3};
static const uint8_t OTHER_KEY[SEAL_KEY_SIZE] = {1, 2, 4};

struct issued {
    struct token_signer *signer;
    char storage[TOKEN_TEXT_MAX];
    struct buf token;
};

static void issue(struct issued *self, struct str app_key)
{
    self->signer = token_signer_create(KEY, TOKEN_OF_ACCESS);
    buf_init_fixed(&self->token, self->storage, sizeof(self->storage));
    token_issue(self->signer, app_key, 1000, 600, &self->token);
    assert_false(buf_is_over(&self->token));
}

static enum status check(struct token_signer *signer, struct str token, int64_t now_s,
                         struct buf *out)
{
    static char storage[TOKEN_TEXT_MAX];
    buf_init_fixed(out, storage, sizeof(storage));
    return token_check(signer, token, now_s, out);
}

TEST(a_token_tells_its_app_key_until_it_expires)
{
    UNUSED(state);
    struct issued t;
    struct buf app_key;
    issue(&t, STR("ak_fake with spaces"));
    assert_status(check(t.signer, buf_str(&t.token), 1000, &app_key), OK);
    assert_str(buf_str(&app_key), "ak_fake with spaces");
    assert_status(check(t.signer, buf_str(&t.token), 1599, &app_key), OK);
    assert_status(check(t.signer, buf_str(&t.token), 1600, &app_key), ERR_DENIED);
    token_signer_destroy(t.signer);
}

TEST(no_changed_byte_and_no_part_of_a_token_is_a_token)
{
    UNUSED(state);
    struct issued t;
    struct buf app_key;
    issue(&t, STR("ak_fake"));
    for (size_t i = 0; i < t.token.len; i++) {
        char kept = t.token.ptr[i];
        for (const char *other = "Ab_-=. "; *other != '\0'; other++) {
            t.token.ptr[i] = *other;
            if (*other != kept)
                assert_status(check(t.signer, buf_str(&t.token), 1000, &app_key), ERR_DENIED);
        }
        t.token.ptr[i] = kept;
        assert_status(check(t.signer, str_slice(buf_str(&t.token), 0, i), 1000, &app_key),
                      ERR_DENIED);
    }
    token_signer_destroy(t.signer);
}

TEST(a_node_with_the_same_master_key_checks_it_and_no_other_does)
{
    UNUSED(state);
    struct issued t;
    struct buf app_key;
    struct token_signer *same = token_signer_create(KEY, TOKEN_OF_ACCESS),
                        *other = token_signer_create(OTHER_KEY, TOKEN_OF_ACCESS);
    issue(&t, STR("ak_fake"));
    assert_status(check(same, buf_str(&t.token), 1000, &app_key), OK);
    assert_status(check(other, buf_str(&t.token), 1000, &app_key), ERR_DENIED);
    token_signer_destroy(same);
    token_signer_destroy(other);
    token_signer_destroy(t.signer);
}

TEST(a_token_of_one_kind_is_none_of_another)
{
    UNUSED(state);
    struct issued t;
    struct buf app_key;
    struct token_signer *other = token_signer_create(KEY, TOKEN_OF_RECORDING);
    issue(&t, STR("ak_fake"));
    assert_status(check(other, buf_str(&t.token), 1000, &app_key), ERR_DENIED);
    token_signer_destroy(other);
    token_signer_destroy(t.signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_tells_its_app_key_until_it_expires),
        cmocka_unit_test(no_changed_byte_and_no_part_of_a_token_is_a_token),
        cmocka_unit_test(a_node_with_the_same_master_key_checks_it_and_no_other_does),
        cmocka_unit_test(a_token_of_one_kind_is_none_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
