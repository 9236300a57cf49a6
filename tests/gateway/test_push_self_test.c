/* The self-test push and its answer, sender against receiver. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/push_self_test.h"
#include "ita/verify.h"

#define PATH "/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify"

enum { NOW_MS = 1700000000 }; /* in ms: January 1970, as good as any */

static const struct ita_account account = {.access_key = {"FAKEACCESSKEY1", 14},
                                           .secret_key = {"fake-secret-key-1", 17}};

static size_t secrets_of(void *data, struct str access_key,
                         struct str secrets[static ITA_SECRETS_MAX])
{
    UNUSED(data);
    secrets[0] = account.secret_key;
    return str_is(access_key, account.access_key) ? 1 : 0;
}

/* As the gateway does, of what comes with that Host and body. */
static void verify(const struct push_self_test *test, const char *host, struct str body,
                   struct ita_verification *out)
{
    static const char *const required[] = {"content-type"};
    struct ita_verifier_options options;
    struct http_header headers[PUSH_SELF_TEST_HEADERS + 1];
    ita_verifier_options_init(&options);
    options.secrets_of = secrets_of;
    options.required = required;
    options.required_count = 1;
    memcpy(headers, test->headers, sizeof(test->headers));
    headers[PUSH_SELF_TEST_HEADERS] = (struct http_header){STR("Host"), str_of(host)};
    const struct ita_request request = {.method = STR("POST"),
                                        .target = STR(PATH),
                                        .headers = headers,
                                        .header_count = COUNT_OF(headers),
                                        .body = body};
    struct ita_verifier *verifier = ita_verifier_create(&options);
    ita_verify(verifier, &request, STR("192.0.2.1"), NOW_MS, out, NULL, NULL);
    ita_verifier_destroy(verifier);
}

static void sign(struct push_self_test *test, const char *host, int64_t wall_ms)
{
    push_self_test_init(test);
    assert_int_equal(push_self_test_sign(test, &account, str_of(host), STR(PATH), wall_ms, NULL),
                     OK);
}

static struct str answer(char storage[static 256], const char *secret,
                         const uint8_t mac[static SHA256_SIZE])
{
    struct buf body;
    buf_init_fixed(&body, storage, 256);
    push_self_test_answer(str_of(secret), mac, &body);
    assert_false(buf_is_over(&body));
    return buf_str(&body);
}

TEST(what_is_sent_is_verified_and_its_answer_is_proven)
{
    static const struct {
        const char *host, *on_the_wire;
    } rows[] = {{"gw.example.com", "gw.example.com"},
                {"gw.example.com:443", "gw.example.com"},
                {"gw.example.com:8443", "gw.example.com:8443"}};
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct push_self_test test;
        struct ita_verification verified;
        char storage[256];
        sign(&test, rows[i].host, NOW_MS);
        verify(&test, rows[i].on_the_wire, STR(PUSH_SELF_TEST_BODY), &verified);
        assert_int_equal(verified.result, ITA_VERIFY_OK);
        struct str body = answer(storage, "fake-secret-key-1", verified.mac);
        assert_true(
            str_starts(body, STR("{\"retCode\":\"0\",\"retMsg\":\"success\",\"selfTest\":\"")));
        assert_true(push_self_test_is_proven(&test, body));
        push_self_test_finish(&test);
    }
}

TEST(what_is_changed_on_the_way_is_refused)
{
    UNUSED(state);
    struct push_self_test test;
    struct ita_verification verified;
    sign(&test, "gw.example.com", NOW_MS);
    verify(&test, "inner.example.com", STR(PUSH_SELF_TEST_BODY), &verified);
    assert_int_equal(verified.result, ITA_VERIFY_SIGNATURE);
    verify(&test, "gw.example.com", STR("{\"selfTest\": \"ita-gateway\"}"), &verified);
    assert_int_equal(verified.result, ITA_VERIFY_SIGNATURE);
    push_self_test_finish(&test);
}

TEST(no_other_answer_is_a_proof)
{
    static const char *const bodies[] = {
        "",
        "<html>",
        "[]",
        "{}",
        "{\"retCode\":\"0\",\"retMsg\":\"success\"}",
        PUSH_SELF_TEST_BODY, /* an echo */
        "{\"selfTest\":null}",
        "{\"selfTest\":\"\"}",
        "{\"selfTest\":\"0000000000000000000000000000000000000000000000000000000000000000\"}",
    };
    UNUSED(state);
    struct push_self_test test, later;
    struct ita_verification verified;
    char storage[256];
    sign(&test, "gw.example.com", NOW_MS);
    sign(&later, "gw.example.com", NOW_MS + 1000);
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        assert_false(push_self_test_is_proven(&test, str_of(bodies[i])));
    verify(&test, "gw.example.com", STR(PUSH_SELF_TEST_BODY), &verified);
    assert_false(push_self_test_is_proven(&test, answer(storage, "another", verified.mac)));
    struct str body = answer(storage, "fake-secret-key-1", verified.mac);
    assert_false(push_self_test_is_proven(&later, body)); /* one that a proxy has kept */
    assert_true(push_self_test_is_proven(&test, body));
    push_self_test_finish(&test);
    push_self_test_finish(&later);
}

TEST(only_these_bytes_are_a_self_test)
{
    UNUSED(state);
    assert_true(push_self_test_is(STR("{\"selfTest\":\"ita-gateway\"}")));
    assert_false(push_self_test_is(STR("{\"selfTest\":\"ita-gateway\"} ")));
    assert_false(push_self_test_is(STR("{\"selfTest\":\"ita-gateway\"")));
    assert_false(push_self_test_is(STR("")));
}

TEST(without_keys_or_with_a_host_that_no_header_holds_nothing_is_signed)
{
    UNUSED(state);
    struct push_self_test test;
    struct ita_account no_key = account, no_secret = account;
    no_key.access_key = STR("");
    no_secret.secret_key = STR("");
    push_self_test_init(&test);
    assert_int_equal(push_self_test_sign(&test, &no_key, STR("gw"), STR(PATH), NOW_MS, NULL),
                     ERR_INVALID);
    assert_int_equal(push_self_test_sign(&test, &no_secret, STR("gw"), STR(PATH), NOW_MS, NULL),
                     ERR_INVALID);
    assert_int_equal(push_self_test_sign(&test, &account, STR("g\nw"), STR(PATH), NOW_MS, NULL),
                     ERR_INVALID);
    push_self_test_finish(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_is_verified_and_its_answer_is_proven),
        cmocka_unit_test(what_is_changed_on_the_way_is_refused),
        cmocka_unit_test(no_other_answer_is_a_proof),
        cmocka_unit_test(only_these_bytes_are_a_self_test),
        cmocka_unit_test(without_keys_or_with_a_host_that_no_header_holds_nothing_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
