/* Verification of signed requests: tampering with every byte, key change, replay, restart, and
 * back-off. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "tests/ita/push.h"

/* Every byte of `bytes` becomes each other byte once; no such push may pass. */
static void tamper_bytes(struct push *push, char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        for (int change = 1; change < 256; change++) {
            char good = bytes[i];
            bytes[i] = (char)(good ^ change);
            enum ita_verify_result result = verify(push);
            if (result == ITA_VERIFY_OK || result == ITA_VERIFY_REPEATED)
                fail_msg("byte %zu of %.*s", i, (int)len, bytes);
            bytes[i] = good;
        }
    }
}

static void no_byte_can_be_changed(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    tamper_bytes(&push, push.method, push.request.method.len);
    tamper_bytes(&push, push.target, push.request.target.len);
    tamper_bytes(&push, push.body, push.request.body.len);
    for (size_t i = 0; i < push.request.header_count; i++)
        tamper_bytes(&push, push.values[i], push.headers[i].value.len);
    assert_result(verify(&push), ITA_VERIFY_OK);
}

static void nothing_can_be_cut_off(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    push.request.body.len--;
    assert_result(verify(&push), ITA_VERIFY_SIGNATURE);
    make_push(&push);
    push.request.target.len--;
    assert_result(verify(&push), ITA_VERIFY_SIGNATURE);
    make_push(&push);
    push.headers[AUTHORIZATION].value.len--;
    assert_result(verify(&push), ITA_VERIFY_AUTHORIZATION);
    make_push(&push);
    push.headers[APP_KEY].value.len--;
    assert_result(verify(&push), ITA_VERIFY_SIGNATURE);
}

static void tries_every_secret_during_a_key_change(void **state)
{
    (void)state;
    struct push old_push, new_push;
    known_secrets[1] = STR(OLD_SECRET);
    make_push(&new_push);
    make_push(&old_push);
    sign_with(&old_push, STR(ACCESS_KEY), STR(OLD_SECRET));
    assert_result(verify(&old_push), ITA_VERIFY_SIGNATURE);
    known_count = 2;
    assert_result(verify(&old_push), ITA_VERIFY_OK);
    assert_result(verify(&new_push), ITA_VERIFY_OK);
    known_secrets[0] = STR("fake-secret-key-for-tests-only-0002");
    known_count = 1;
    restart();
    assert_result(verify(&old_push), ITA_VERIFY_SIGNATURE);
    assert_result(verify(&new_push), ITA_VERIFY_SIGNATURE);
}

static void tries_as_many_secrets_as_an_access_key_may_have(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    for (known_count = 0; known_count < ITA_SECRETS_MAX - 1; known_count++)
        known_secrets[known_count] = STR(OLD_SECRET);
    known_secrets[known_count++] = STR(SECRET);
    assert_result(verify(&push), ITA_VERIFY_OK);
}

static void a_repeat_is_told_apart(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    assert_result(verify(&push), ITA_VERIFY_OK);
    assert_result(verify(&push), ITA_VERIFY_REPEATED);
    assert_result(verify_from(&push, STR("192.0.2.99"), push.date_ms), ITA_VERIFY_REPEATED);
}

static void a_wrong_signature_leaves_nothing_in_the_cache(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    known_count = 0;
    assert_result(verify(&push), ITA_VERIFY_UNKNOWN_KEY);
    known_count = 1;
    assert_result(verify(&push), ITA_VERIFY_OK);
}

static void refuses_when_the_cache_is_full(void **state)
{
    (void)state;
    struct push push, other;
    make_push(&push);
    make_push(&other);
    other.request.body = STR("{}");
    sign(&other);
    options.replay_cache_max = 1;
    restart();
    assert_result(verify(&push), ITA_VERIFY_OK);
    assert_result(verify(&other), ITA_VERIFY_CACHE_FULL);
    assert_result(verify(&push), ITA_VERIFY_REPEATED);
}

static void remembers_what_was_accepted_before_a_restart(void **state)
{
    (void)state;
    struct push push;
    struct ita_verification verification;
    make_push(&push);
    ita_verify(verifier, &push.request, STR(SOURCE), push.date_ms, &verification, NULL, NULL);
    restart();
    ita_verifier_remember(verifier, verification.access_key, verification.mac,
                          verification.date_ms);
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms + WINDOW_MS), ITA_VERIFY_REPEATED);
}

static void closes_the_window_for_what_it_can_not_remember(void **state)
{
    (void)state;
    struct push push;
    uint8_t mac[SHA256_SIZE] = {1};
    make_push(&push);
    options.replay_cache_max = 1;
    restart();
    ita_verifier_remember(verifier, STR(ACCESS_KEY), mac, push.date_ms);
    mac[0] = 2;
    ita_verifier_remember(verifier, STR(ACCESS_KEY), mac, push.date_ms);
    assert_result(verify(&push), ITA_VERIFY_EXPIRED);
}

static void refuses_a_replay_after_the_clock_stepped_back(void **state)
{
    (void)state;
    struct push push, later;
    make_push(&push);
    make_push(&later);
    set_header(&later, SDK_DATE, STR("X-Sdk-Date"), STR("20300102T040405Z"));
    sign(&later);
    later.date_ms += (int64_t)3600 * 1000;
    assert_result(verify(&push), ITA_VERIFY_OK);
    assert_result(verify(&later), ITA_VERIFY_OK);
    assert_result(verify(&push), ITA_VERIFY_EXPIRED);
}

static void fail_often(struct push *push, struct str source, enum ita_verify_result expected)
{
    for (int i = 0; i < options.failures_max; i++)
        assert_result(verify_from(push, source, push->date_ms), expected);
}

static void slows_wrong_signatures_of_one_source(void **state)
{
    (void)state;
    struct push bad;
    make_push(&bad);
    sign_with(&bad, STR(ACCESS_KEY), STR("fake-guess"));
    fail_often(&bad, STR(SOURCE), ITA_VERIFY_SIGNATURE);
    assert_result(verify(&bad), ITA_VERIFY_SLOWED);
    assert_result(verify_from(&bad, STR("192.0.2.2"), bad.date_ms), ITA_VERIFY_SIGNATURE);
    assert_result(verify_from(&bad, STR(SOURCE), bad.date_ms + options.slow_ms),
                  ITA_VERIFY_SIGNATURE);
}

static void a_good_signature_passes_whatever_failed_before(void **state)
{
    (void)state;
    struct push good, bad;
    make_push(&good);
    make_push(&bad);
    sign_with(&bad, STR(ACCESS_KEY), STR("fake-guess"));
    fail_often(&bad, STR(SOURCE), ITA_VERIFY_SIGNATURE);
    assert_result(verify(&bad), ITA_VERIFY_SLOWED);
    assert_result(verify(&good), ITA_VERIFY_OK);
    fail_often(&bad, STR(SOURCE), ITA_VERIFY_SIGNATURE);
}

static void unknown_access_keys_of_a_source_share_one_count(void **state)
{
    (void)state;
    struct push push;
    char name[32];
    make_push(&push);
    for (int i = 0; i <= options.failures_max; i++) {
        struct buf access_key;
        buf_init_fixed(&access_key, name, sizeof(name));
        buf_format(&access_key, "FAKEAKUNKNOWN%d", i);
        sign_with(&push, buf_str(&access_key), STR(SECRET));
        assert_result(verify(&push),
                      i < options.failures_max ? ITA_VERIFY_UNKNOWN_KEY : ITA_VERIFY_SLOWED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_byte_can_be_changed),
        TEST(nothing_can_be_cut_off),
        TEST(tries_every_secret_during_a_key_change),
        TEST(tries_as_many_secrets_as_an_access_key_may_have),
        TEST(a_repeat_is_told_apart),
        TEST(a_wrong_signature_leaves_nothing_in_the_cache),
        TEST(refuses_when_the_cache_is_full),
        TEST(remembers_what_was_accepted_before_a_restart),
        TEST(closes_the_window_for_what_it_can_not_remember),
        TEST(refuses_a_replay_after_the_clock_stepped_back),
        TEST(slows_wrong_signatures_of_one_source),
        TEST(a_good_signature_passes_whatever_failed_before),
        TEST(unknown_access_keys_of_a_source_share_one_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
