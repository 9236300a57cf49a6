#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mock_ita/signature.h"
#include "mock_ita/verify.h"

/* Every test starts from one good request, spoils one thing, and signs it or not. */
enum { HEADERS_MAX = 12, SIGNED_AT_MS_SLACK = 1000 };
#define NOW_MS INT64_C(1893553445000) /* 2030-01-02T03:04:05Z */
#define DATE "20300102T030405Z"
#define NAMES "appkey;content-type;host;x-sdk-date"

struct sent {
    struct http_header headers[HEADERS_MAX];
    struct http_request request;
    char authorization[1024];
};

/* A verifier and the keys it knows. */
struct judge {
    struct mock_keys *keys;
    struct mock_verifier *verifier;
};

static struct judge judge_new(bool is_locking, struct mock_verifier_options options)
{
    struct judge judge = {.keys = mock_keys_create(is_locking)};
    const struct mock_key_texts texts = {STR("FAKEAK0001"), STR("fake-secret-0001"),
                                         STR("fake-app-0001")};
    assert_int_equal(mock_keys_add(judge.keys, &texts, NULL), OK);
    options.keys = judge.keys;
    judge.verifier = mock_verifier_create(&options);
    return judge;
}

static void judge_finish(struct judge *judge)
{
    mock_verifier_destroy(judge->verifier);
    mock_keys_destroy(judge->keys);
}

static const struct mock_verifier_options usual = {.app_key_header = {"AppKey", 6}};

static void add(struct sent *sent, const char *name, const char *value)
{
    sent->headers[sent->request.header_count++] = (struct http_header){str_of(name), str_of(value)};
}

static struct http_header *find(struct sent *sent, const char *name)
{
    for (size_t i = 0; i < sent->request.header_count; i++)
        if (str_is_nocase(sent->headers[i].name, str_of(name)))
            return &sent->headers[i];
    fail();
    return NULL;
}

static void sent_init(struct sent *sent)
{
    *sent = (struct sent){0};
    sent->request.method = STR("POST");
    sent->request.target = sent->request.path = STR("/v1/ngin/axmn");
    sent->request.body = STR("{\"telA\":\"13800000001\"}");
    sent->request.headers = sent->headers;
    add(sent, "Host", "ita.example.test:8443");
    add(sent, "Content-Type", "application/json;charset=utf-8");
    add(sent, "AppKey", "fake-app-0001");
    add(sent, "X-Sdk-Date", DATE);
}

/* Adds the Authorization header that fits the request with these signed headers. */
static void sign(struct sent *sent, const char *names, struct str secret_key, struct str body)
{
    char hash[MOCK_SIGNATURE_LEN], signature[MOCK_SIGNATURE_LEN];
    struct buf hex, canonical, out;
    buf_init_fixed(&hex, hash, sizeof(hash));
    buf_init(&canonical, MOCK_CANONICAL_MAX);
    buf_init_fixed(&out, sent->authorization, sizeof(sent->authorization));
    sha256_hex_append(&hex, body);
    struct mock_signed_request request = {.method = sent->request.method,
                                          .target = sent->request.target,
                                          .headers = sent->headers,
                                          .header_count = sent->request.header_count,
                                          .signed_headers = str_of(names),
                                          .payload_hash = buf_str(&hex)};
    /* An absent header leaves the text unfinished: the verifier refuses before it would compare. */
    (void)!mock_signature_canonical(&request, &canonical);
    struct hmac_key *key = hmac_key_create(secret_key);
    mock_signature_compute(key, STR(DATE), buf_str(&canonical), signature);
    hmac_key_destroy(key);
    buf_finish(&canonical);
    buf_format(&out, "SDK-HMAC-SHA256 Access=FAKEAK0001, SignedHeaders=%s, Signature=%.*s", names,
               MOCK_SIGNATURE_LEN, signature);
    add(sent, "Authorization", buf_text(&out));
}

static void sign_well(struct sent *sent, const char *names)
{
    sign(sent, names, STR("fake-secret-0001"), sent->request.body);
}

static void assert_verdict(const struct judge *judge, const struct sent *sent, int64_t now_ms,
                           enum mock_check check, const char *detail)
{
    struct mock_verdict verdict;
    mock_verifier_check(judge->verifier, &sent->request, now_ms, &verdict);
    if (verdict.check != check)
        fail_msg("%s instead of %s: %.*s", mock_check_text(verdict.check), mock_check_text(check),
                 STR_ARGS(verdict.detail));
    assert_true((check == MOCK_CHECK_PASSED) == (verdict.detail.len == 0));
    if (detail != NULL &&
        memmem(verdict.detail.ptr, verdict.detail.len, detail, strlen(detail)) == NULL)
        fail_msg("\"%.*s\" does not hold \"%s\"", STR_ARGS(verdict.detail), detail);
}

/* One verdict by a verifier of its own. */
static void assert_once(const struct sent *sent, enum mock_check check, const char *detail)
{
    struct judge judge = judge_new(true, usual);
    assert_verdict(&judge, sent, NOW_MS, check, detail);
    judge_finish(&judge);
}

static void takes_a_good_signature(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    assert_once(&sent, MOCK_CHECK_PASSED, NULL);
}

static void takes_a_request_without_body_and_content_type(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sent.request.method = STR("DELETE");
    sent.request.body = STR("");
    find(&sent, "Content-Type")->name = STR("Accept");
    sign_well(&sent, "appkey;host;x-sdk-date");
    assert_once(&sent, MOCK_CHECK_PASSED, NULL);
}

static void tells_what_should_have_been_signed(void **state)
{
    (void)state;
    static const char expected[] = "POST\n/v1/ngin/axmn/\n\nappkey:fake-app-0001\ncontent-type:"
                                   "application/json;charset=utf-8\nhost:ita.example.test:8443\n"
                                   "x-sdk-date:" DATE "\n\n" NAMES "\n";
    struct judge judge = judge_new(true, usual);
    struct mock_verdict verdict;
    struct sent sent;
    sent_init(&sent);
    sign(&sent, NAMES, STR("another-secret"), sent.request.body);
    mock_verifier_check(judge.verifier, &sent.request, NOW_MS, &verdict);
    assert_int_equal(verdict.check, MOCK_CHECK_SIGNATURE_WRONG);
    assert_int_equal(verdict.canonical.len, sizeof(expected) - 1 + MOCK_SIGNATURE_LEN);
    assert_true(str_starts(verdict.canonical, str_of(expected)));
    struct buf wanted;
    buf_init(&wanted, MOCK_STRING_TO_SIGN_LEN);
    buf_append(&wanted, STR("SDK-HMAC-SHA256\n" DATE "\n"));
    sha256_hex_append(&wanted, verdict.canonical);
    assert_true(str_is(verdict.string_to_sign, buf_str(&wanted)));
    buf_finish(&wanted);
    judge_finish(&judge);
}

static void tells_it_whatever_check_failed(void **state)
{
    (void)state;
    struct judge judge = judge_new(true, usual);
    struct mock_verdict verdict;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, "host;x-sdk-date");
    mock_verifier_check(judge.verifier, &sent.request, NOW_MS, &verdict);
    assert_int_equal(verdict.check, MOCK_CHECK_HEADER_UNSIGNED);
    assert_true(verdict.canonical.len > 0 && verdict.string_to_sign.len > 0);
    sent_init(&sent);
    sign_well(&sent, NAMES);
    mock_verifier_check(judge.verifier, &sent.request, 0, &verdict);
    assert_int_equal(verdict.check, MOCK_CHECK_DATE_TOO_NEW);
    assert_true(verdict.canonical.len > 0 && verdict.string_to_sign.len > 0);
    sent_init(&sent);
    mock_verifier_check(judge.verifier, &sent.request, NOW_MS, &verdict);
    assert_int_equal(verdict.check, MOCK_CHECK_AUTHORIZATION_MISSING);
    assert_true(verdict.canonical.len == 0 && verdict.string_to_sign.len == 0);
    judge_finish(&judge);
}

static void refuses_what_was_changed_after_signing(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    sent.request.body = STR("{\"telA\":\"13800000002\"}");
    assert_once(&sent, MOCK_CHECK_SIGNATURE_WRONG, "signature fail");
    sent_init(&sent);
    sign_well(&sent, NAMES);
    sent.request.target = STR("/v1/ngin/axmn?x=1");
    assert_once(&sent, MOCK_CHECK_SIGNATURE_WRONG, "signature fail");
    sent_init(&sent);
    sign_well(&sent, NAMES);
    sent.request.method = STR("PUT");
    assert_once(&sent, MOCK_CHECK_SIGNATURE_WRONG, "signature fail");
    sent_init(&sent);
    sign_well(&sent, NAMES);
    find(&sent, "host")->value = STR("other.example.test");
    assert_once(&sent, MOCK_CHECK_SIGNATURE_WRONG, "signature fail");
}

static void refuses_an_absent_or_repeated_authorization_and_date(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    assert_once(&sent, MOCK_CHECK_AUTHORIZATION_MISSING, "exactly one Authorization");
    sign_well(&sent, NAMES);
    sent.headers[sent.request.header_count++] = *find(&sent, "Authorization");
    assert_once(&sent, MOCK_CHECK_AUTHORIZATION_MALFORMED, "exactly one Authorization");
    sent_init(&sent);
    sign_well(&sent, NAMES);
    add(&sent, "x-sdk-date", DATE);
    assert_once(&sent, MOCK_CHECK_DATE_MALFORMED, "once");
    sent_init(&sent);
    find(&sent, "X-Sdk-Date")->name = STR("X-Date");
    sign_well(&sent, NAMES);
    assert_once(&sent, MOCK_CHECK_DATE_MISSING, "X-Sdk-Date");
}

static void refuses_a_malformed_authorization(void **state)
{
    (void)state;
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    static const char *const values[] = {
        "",
        "SDK-HMAC-SHA256",
        "sdk-hmac-sha256 Access=FAKEAK0001, SignedHeaders=" NAMES ", Signature=" HEX,
        "SDK-HMAC-SM3 Access=FAKEAK0001, SignedHeaders=" NAMES ", Signature=" HEX,
        "SDK-HMAC-SHA256 Credential=FAKEAK0001, SignedHeaders=" NAMES ", Signature=" HEX,
        "SDK-HMAC-SHA256, Access=FAKEAK0001, SignedHeaders=" NAMES ", Signature=" HEX,
        "SDK-HMAC-SHA256 Access=, SignedHeaders=" NAMES ", Signature=" HEX,
        "SDK-HMAC-SHA256 Access=FAKEAK0001,  SignedHeaders=" NAMES ", Signature=" HEX,
        "SDK-HMAC-SHA256 Access=FAKEAK0001 SignedHeaders=" NAMES ", Signature=" HEX,
        "SDK-HMAC-SHA256 SignedHeaders=" NAMES ", Access=FAKEAK0001, Signature=" HEX,
        "SDK-HMAC-SHA256 Access=FAKEAK0001, SignedHeaders=, Signature=" HEX,
        "SDK-HMAC-SHA256 Access=FAKEAK0001, SignedHeaders=" NAMES ", Signature=" HEX ",",
        "SDK-HMAC-SHA256 Access=FAKEAK0001, SignedHeaders=" NAMES ", Signature=" HEX ", X=1",
    };
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct sent sent;
        sent_init(&sent);
        add(&sent, "Authorization", values[i]);
        assert_once(&sent, MOCK_CHECK_AUTHORIZATION_MALFORMED, "Authorization header malformed");
    }
    static const char *const signatures[] = {"0", HEX "0", "0123456789ABCDEF", "x" HEX};
    for (size_t i = 0; i < COUNT_OF(signatures); i++) {
        struct sent sent;
        char value[512];
        struct buf text;
        buf_init_fixed(&text, value, sizeof(value));
        buf_format(&text, "SDK-HMAC-SHA256 Access=FAKEAK0001,SignedHeaders=" NAMES ",Signature=%s",
                   signatures[i]);
        sent_init(&sent);
        add(&sent, "Authorization", buf_text(&text));
        assert_once(&sent, MOCK_CHECK_AUTHORIZATION_MALFORMED, "64 hexadecimal digits");
    }
}

static void refuses_bad_signed_headers(void **state)
{
    (void)state;
    static const struct {
        const char *names;
        enum mock_check check;
        const char *detail;
    } cases[] = {
        {"appkey;content-type;host", MOCK_CHECK_HEADER_UNSIGNED, "x-sdk-date must be signed"},
        {"appkey;content-type;x-sdk-date", MOCK_CHECK_HEADER_UNSIGNED, "host must be signed"},
        {"content-type;host;x-sdk-date", MOCK_CHECK_HEADER_UNSIGNED, "AppKey must be signed"},
        {"appkey;host;x-sdk-date", MOCK_CHECK_HEADER_UNSIGNED, "content-type must be signed"},
        {"host;appkey;content-type;x-sdk-date", MOCK_CHECK_SIGNED_HEADERS_MALFORMED, "ascend"},
        {"appkey;content-type;host;host;x-sdk-date", MOCK_CHECK_SIGNED_HEADERS_MALFORMED, "ascend"},
        {"AppKey;content-type;host;x-sdk-date", MOCK_CHECK_SIGNED_HEADERS_MALFORMED, "lower case"},
        {"appkey;;host;x-sdk-date", MOCK_CHECK_SIGNED_HEADERS_MALFORMED, "lower case"},
        {"appkey;content-type;host;x-sdk-date;", MOCK_CHECK_SIGNED_HEADERS_MALFORMED, "lower case"},
        {"accept;appkey;content-type;host;x-sdk-date", MOCK_CHECK_SIGNED_HEADER_MISSING,
         "accept must be in the request exactly once"},
        {"appkey;content-length;content-type;host;x-sdk-date", MOCK_CHECK_SIGNED_HEADERS_MALFORMED,
         "content-length is a header that a proxy may change"},
        {"appkey;authorization;content-type;host;x-sdk-date", MOCK_CHECK_SIGNED_HEADERS_MALFORMED,
         "proxy"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sent sent;
        sent_init(&sent);
        sign_well(&sent, cases[i].names);
        assert_once(&sent, cases[i].check, cases[i].detail);
    }
    struct sent sent;
    sent_init(&sent);
    add(&sent, "content-type", "text/plain");
    sign_well(&sent, NAMES);
    assert_once(&sent, MOCK_CHECK_SIGNED_HEADER_MISSING, "content-type must be");
}

static void refuses_a_target_that_cannot_be_decoded(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sent.request.target = STR("/v1/ngin/axmn?x=%zz");
    sign_well(&sent, NAMES);
    assert_once(&sent, MOCK_CHECK_TARGET_MALFORMED, "target");
}

static void refuses_keys_that_are_not_the_agreed_ones(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    find(&sent, "Authorization")->value =
        STR("SDK-HMAC-SHA256 Access=FAKEAK0002, SignedHeaders=" NAMES ", Signature=" HEX);
    assert_once(&sent, MOCK_CHECK_KEY_UNKNOWN, "ak not exist");
    sent_init(&sent);
    find(&sent, "AppKey")->value = STR("fake-app-0002");
    sign_well(&sent, NAMES);
    assert_once(&sent, MOCK_CHECK_APP_KEY_WRONG, "AppKey header");
}

static void takes_a_date_within_fifteen_minutes_only(void **state)
{
    (void)state;
    struct judge judge = judge_new(true, usual);
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    assert_verdict(&judge, &sent, NOW_MS + MOCK_VERIFY_WINDOW_MS, MOCK_CHECK_PASSED, NULL);
    assert_verdict(&judge, &sent, NOW_MS - MOCK_VERIFY_WINDOW_MS, MOCK_CHECK_PASSED, NULL);
    assert_verdict(&judge, &sent, NOW_MS + MOCK_VERIFY_WINDOW_MS + SIGNED_AT_MS_SLACK,
                   MOCK_CHECK_DATE_TOO_OLD,
                   "signature expired, signature time:" DATE ",server time:20300102T031906Z");
    assert_verdict(&judge, &sent, NOW_MS - MOCK_VERIFY_WINDOW_MS - SIGNED_AT_MS_SLACK,
                   MOCK_CHECK_DATE_TOO_NEW,
                   "signature expired, signature time:" DATE ",server time:20300102T024904Z");
    judge_finish(&judge);
    sent_init(&sent);
    find(&sent, "X-Sdk-Date")->value = STR("20300102T030460Z");
    sign_well(&sent, NAMES);
    assert_once(&sent, MOCK_CHECK_DATE_MALFORMED, "be a time");
}

static void believes_a_content_hash_only_when_signed_and_right(void **state)
{
    (void)state;
    static const char names[] = "appkey;content-type;host;x-sdk-content-sha256;x-sdk-date";
    char hash[MOCK_SIGNATURE_LEN + 1] = {0};
    struct buf hex;
    struct sent sent;
    sent_init(&sent);
    buf_init_fixed(&hex, hash, MOCK_SIGNATURE_LEN);
    sha256_hex_append(&hex, sent.request.body);
    add(&sent, "X-Sdk-Content-Sha256", hash);
    sign_well(&sent, names);
    assert_once(&sent, MOCK_CHECK_PASSED, NULL);
    sent_init(&sent);
    add(&sent, "X-Sdk-Content-Sha256", hash);
    sign_well(&sent, NAMES);
    assert_once(&sent, MOCK_CHECK_HEADER_UNSIGNED, "must be signed");
    sent_init(&sent);
    add(&sent, "X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD");
    sign_well(&sent, names);
    assert_once(&sent, MOCK_CHECK_BODY_HASH_WRONG, "not the hash of the body");
}

static void can_expect_the_hash_of_an_empty_body(void **state)
{
    (void)state;
    struct mock_verifier_options options = usual;
    options.is_body_hash_empty = true;
    struct judge judge = judge_new(true, options);
    struct sent sent;
    sent_init(&sent);
    sign(&sent, NAMES, STR("fake-secret-0001"), STR(""));
    assert_verdict(&judge, &sent, NOW_MS, MOCK_CHECK_PASSED, NULL);
    sent_init(&sent);
    sign_well(&sent, NAMES);
    assert_verdict(&judge, &sent, NOW_MS, MOCK_CHECK_SIGNATURE_WRONG, "signature fail");
    judge_finish(&judge);
}

static void asks_for_the_headers_that_the_profile_wants_signed(void **state)
{
    (void)state;
    struct mock_verifier_options options = {.is_content_type_unsigned = true};
    struct judge judge = judge_new(true, options);
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, "host;x-sdk-date");
    assert_verdict(&judge, &sent, NOW_MS, MOCK_CHECK_PASSED, NULL);
    judge_finish(&judge);
    options.app_key_header = STR("X-App-Key");
    options.is_app_key_unsigned = true;
    judge = judge_new(true, options);
    assert_verdict(&judge, &sent, NOW_MS, MOCK_CHECK_APP_KEY_WRONG, "X-App-Key");
    add(&sent, "x-app-key", "fake-app-0001");
    assert_verdict(&judge, &sent, NOW_MS, MOCK_CHECK_PASSED, NULL);
    judge_finish(&judge);
}

static void locks_the_key_after_five_wrong_signatures_in_a_row(void **state)
{
    (void)state;
    struct judge judge = judge_new(true, usual);
    struct sent good, bad;
    sent_init(&good);
    sign_well(&good, NAMES);
    sent_init(&bad);
    sign(&bad, NAMES, STR("another-secret"), bad.request.body);
    for (int i = 0; i < MOCK_KEY_FAILURES_MAX - 1; i++)
        assert_verdict(&judge, &bad, NOW_MS, MOCK_CHECK_SIGNATURE_WRONG, NULL);
    assert_verdict(&judge, &good, NOW_MS, MOCK_CHECK_PASSED, NULL); /* ends the row */
    for (int i = 0; i < MOCK_KEY_FAILURES_MAX; i++)
        assert_verdict(&judge, &bad, NOW_MS, MOCK_CHECK_SIGNATURE_WRONG, NULL);
    assert_verdict(&judge, &good, NOW_MS, MOCK_CHECK_KEY_LOCKED,
                   "AK access failed to reach the limit,forbidden");
    assert_verdict(&judge, &good, NOW_MS + MOCK_KEY_LOCK_MS - 1, MOCK_CHECK_KEY_LOCKED, NULL);
    assert_verdict(&judge, &good, NOW_MS + MOCK_KEY_LOCK_MS, MOCK_CHECK_PASSED, NULL);
    judge_finish(&judge);
}

static void locks_nothing_when_told_so(void **state)
{
    (void)state;
    struct judge judge = judge_new(false, usual);
    struct sent good, bad;
    sent_init(&good);
    sign_well(&good, NAMES);
    sent_init(&bad);
    sign(&bad, NAMES, STR("another-secret"), bad.request.body);
    for (int i = 0; i < 2 * MOCK_KEY_FAILURES_MAX; i++)
        assert_verdict(&judge, &bad, NOW_MS, MOCK_CHECK_SIGNATURE_WRONG, NULL);
    assert_verdict(&judge, &good, NOW_MS, MOCK_CHECK_PASSED, NULL);
    judge_finish(&judge);
    mock_verifier_destroy(NULL);
}

static void refuses_what_was_carried_out_already(void **state)
{
    (void)state;
    struct judge judge = judge_new(true, usual);
    struct mock_verdict verdict;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    assert_verdict(&judge, &sent, NOW_MS, MOCK_CHECK_PASSED, NULL);
    mock_verifier_check(judge.verifier, &sent.request, NOW_MS, &verdict);
    assert_int_equal(verdict.check, MOCK_CHECK_PASSED); /* for it was not carried out */
    mock_verifier_accept(judge.verifier, &verdict.request);
    assert_verdict(&judge, &sent, NOW_MS + MOCK_VERIFY_WINDOW_MS, MOCK_CHECK_REPLAYED, "replayed");
    struct sent another;
    sent_init(&another);
    another.request.body = STR("{\"telA\":\"13800000002\"}");
    sign_well(&another, NAMES);
    assert_verdict(&judge, &another, NOW_MS, MOCK_CHECK_PASSED, NULL);
    mock_verifier_reset(judge.verifier);
    assert_verdict(&judge, &sent, NOW_MS, MOCK_CHECK_PASSED, NULL);
    judge_finish(&judge);
}

static void takes_a_replay_when_told_so(void **state)
{
    (void)state;
    struct mock_verifier_options options = usual;
    options.allows_replay = true;
    struct judge judge = judge_new(true, options);
    struct mock_verdict verdict;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    mock_verifier_check(judge.verifier, &sent.request, NOW_MS, &verdict);
    mock_verifier_accept(judge.verifier, &verdict.request);
    assert_verdict(&judge, &sent, NOW_MS, MOCK_CHECK_PASSED, NULL);
    judge_finish(&judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_good_signature),
        cmocka_unit_test(takes_a_request_without_body_and_content_type),
        cmocka_unit_test(tells_what_should_have_been_signed),
        cmocka_unit_test(tells_it_whatever_check_failed),
        cmocka_unit_test(refuses_what_was_changed_after_signing),
        cmocka_unit_test(refuses_an_absent_or_repeated_authorization_and_date),
        cmocka_unit_test(refuses_a_malformed_authorization),
        cmocka_unit_test(refuses_bad_signed_headers),
        cmocka_unit_test(refuses_a_target_that_cannot_be_decoded),
        cmocka_unit_test(refuses_keys_that_are_not_the_agreed_ones),
        cmocka_unit_test(takes_a_date_within_fifteen_minutes_only),
        cmocka_unit_test(believes_a_content_hash_only_when_signed_and_right),
        cmocka_unit_test(can_expect_the_hash_of_an_empty_body),
        cmocka_unit_test(locks_the_key_after_five_wrong_signatures_in_a_row),
        cmocka_unit_test(locks_nothing_when_told_so),
        cmocka_unit_test(asks_for_the_headers_that_the_profile_wants_signed),
        cmocka_unit_test(refuses_what_was_carried_out_already),
        cmocka_unit_test(takes_a_replay_when_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
