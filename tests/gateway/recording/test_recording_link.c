#include "tests/test.h"

#include "gateway/model/call.h"
#include "gateway/recording/recording_link.h"

static const uint8_t KEY[SEAL_KEY_SIZE] = {1, 2, 3};

static struct str issue(struct token_signer *signer, int64_t tenant_id, int64_t serial)
{
    static char storage[TOKEN_TEXT_MAX];
    struct buf link;
    buf_init_fixed(&link, storage, sizeof(storage));
    recording_link_append(signer, tenant_id, serial, 1000, &link);
    assert_false(buf_is_over(&link));
    return buf_str(&link);
}

TEST(a_link_names_its_call_for_five_minutes)
{
    UNUSED(state);
    struct token_signer *signer = token_signer_create(KEY, TOKEN_OF_RECORDING);
    struct str link = issue(signer, 7, 373945712697344);
    int64_t tenant_id, serial;
    assert_status(recording_link_read(signer, link, 1000, &tenant_id, &serial), OK);
    assert_int_equal(tenant_id, 7);
    assert_int_equal(serial, 373945712697344);
    assert_status(recording_link_read(signer, link, 1299, &tenant_id, &serial), OK);
    assert_status(recording_link_read(signer, link, 1300, &tenant_id, &serial), ERR_DENIED);
    token_signer_destroy(signer);
}

TEST(no_link_is_longer_than_was_reckoned_with)
{
    UNUSED(state);
    char storage[TOKEN_TEXT_MAX];
    struct buf link;
    struct token_signer *signer = token_signer_create(KEY, TOKEN_OF_RECORDING);
    buf_init_fixed(&link, storage, sizeof(storage));
    recording_link_append(signer, INT64_MAX, (INT64_C(1) << 53) - 1, 9999999999 - 300, &link);
    assert_int_equal(link.len, RECORDING_LINK_MAX);
    token_signer_destroy(signer);
}

TEST(what_is_no_link_is_denied)
{
    UNUSED(state);
    static const char *const subjects[] = {"", "7", "7 ", " 7", "7 x", "x 7", "7 1 1", "7  1"};
    struct token_signer *signer = token_signer_create(KEY, TOKEN_OF_RECORDING);
    int64_t tenant_id, serial;
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        char storage[TOKEN_TEXT_MAX];
        struct buf token;
        buf_init_fixed(&token, storage, sizeof(storage));
        token_issue(signer, str_of(subjects[i]), 1000, RECORDING_LINK_S, &token);
        assert_status(recording_link_read(signer, buf_str(&token), 1000, &tenant_id, &serial),
                      ERR_DENIED);
    }
    assert_status(recording_link_read(signer, STR(""), 1000, &tenant_id, &serial), ERR_DENIED);
    token_signer_destroy(signer);
}

TEST(an_access_token_is_no_link)
{
    UNUSED(state);
    struct token_signer *access = token_signer_create(KEY, TOKEN_OF_ACCESS);
    struct token_signer *signer = token_signer_create(KEY, TOKEN_OF_RECORDING);
    int64_t tenant_id, serial;
    assert_status(recording_link_read(signer, issue(access, 7, 1), 1000, &tenant_id, &serial),
                  ERR_DENIED);
    token_signer_destroy(access);
    token_signer_destroy(signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_names_its_call_for_five_minutes),
        cmocka_unit_test(no_link_is_longer_than_was_reckoned_with),
        cmocka_unit_test(what_is_no_link_is_denied),
        cmocka_unit_test(an_access_token_is_no_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
