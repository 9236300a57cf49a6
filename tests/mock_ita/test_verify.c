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

static struct mock_verifier *verifier_new(bool is_locking)
{
    struct mock_verifier_options options = {
        .access_key = STR("FAKEAK0001"),
        .secret_key = STR("fake-secret-0001"),
        .app_key = STR("fake-app-0001"),
        .is_locking = is_locking,
    };
    return mock_verifier_create(&options);
}

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

static void assert_verdict(struct mock_verifier *verifier, const struct sent *sent, int64_t now_ms,
                           const char *why)
{
    struct buf reason;
    buf_init(&reason, MOCK_VERIFY_REASON_MAX);
    enum status status = mock_verifier_check(verifier, &sent->request, now_ms, &reason);
    const char *text = reason.len == 0 ? "" : buf_text(&reason);
    if ((why == NULL) != (status == OK) || (why != NULL && strstr(text, why) == NULL))
        fail_msg("\"%s\" instead of \"%s\"", text, why == NULL ? "OK" : why);
    buf_finish(&reason);
}

/* One verdict by a verifier of its own. */
static void assert_once(const struct sent *sent, const char *why)
{
    struct mock_verifier *verifier = verifier_new(true);
    assert_verdict(verifier, sent, NOW_MS, why);
    mock_verifier_destroy(verifier);
}

static void takes_a_good_signature(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    assert_once(&sent, NULL);
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
    assert_once(&sent, NULL);
}

static void tells_its_canonical_request_without_the_app_key(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sign(&sent, NAMES, STR("another-secret"), sent.request.body);
    assert_once(&sent, "verify aksk signature fail, canonicalRequest:POST|/v1/ngin/axmn/||appkey:"
                       "***|content-type:application/json;charset=utf-8|host:ita.example.test:8443|"
                       "x-sdk-date:" DATE "||" NAMES "|");
}

static void refuses_what_was_changed_after_signing(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    sent.request.body = STR("{\"telA\":\"13800000002\"}");
    assert_once(&sent, "signature fail");
    sent_init(&sent);
    sign_well(&sent, NAMES);
    sent.request.target = STR("/v1/ngin/axmn?x=1");
    assert_once(&sent, "signature fail");
    sent_init(&sent);
    sign_well(&sent, NAMES);
    sent.request.method = STR("PUT");
    assert_once(&sent, "signature fail");
    sent_init(&sent);
    sign_well(&sent, NAMES);
    find(&sent, "host")->value = STR("other.example.test");
    assert_once(&sent, "signature fail");
}

static void refuses_an_absent_or_repeated_authorization_and_date(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    assert_once(&sent, "exactly one Authorization");
    sign_well(&sent, NAMES);
    sent.headers[sent.request.header_count++] = *find(&sent, "Authorization");
    assert_once(&sent, "exactly one Authorization");
    sent_init(&sent);
    sign_well(&sent, NAMES);
    add(&sent, "x-sdk-date", DATE);
    assert_once(&sent, "exactly once");
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
        assert_once(&sent, "Authorization header malformed");
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
        assert_once(&sent, "64 hexadecimal digits");
    }
}

static void refuses_bad_signed_headers(void **state)
{
    (void)state;
    static const struct {
        const char *names, *why;
    } cases[] = {
        {"appkey;content-type;host", "x-sdk-date and host must be signed"},
        {"appkey;content-type;x-sdk-date", "x-sdk-date and host must be signed"},
        {"content-type;host;x-sdk-date", "appkey must be signed"},
        {"appkey;host;x-sdk-date", "content-type must be signed"},
        {"host;appkey;content-type;x-sdk-date", "ascend"},
        {"appkey;content-type;host;host;x-sdk-date", "ascend"},
        {"AppKey;content-type;host;x-sdk-date", "lower case"},
        {"appkey;;host;x-sdk-date", "lower case"},
        {"appkey;content-type;host;x-sdk-date;", "lower case"},
        {"accept;appkey;content-type;host;x-sdk-date", "exactly once"},
        {"appkey;content-length;content-type;host;x-sdk-date", "proxy"},
        {"appkey;authorization;content-type;host;x-sdk-date", "proxy"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sent sent;
        sent_init(&sent);
        sign_well(&sent, cases[i].names);
        assert_once(&sent, cases[i].why);
    }
    struct sent sent;
    sent_init(&sent);
    add(&sent, "content-type", "text/plain");
    sign_well(&sent, NAMES);
    assert_once(&sent, "exactly once");
}

static void refuses_keys_that_are_not_the_agreed_ones(void **state)
{
    (void)state;
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    find(&sent, "Authorization")->value =
        STR("SDK-HMAC-SHA256 Access=FAKEAK0002, SignedHeaders=" NAMES ", Signature=" HEX);
    assert_once(&sent, "ak not exist");
    sent_init(&sent);
    find(&sent, "AppKey")->value = STR("fake-app-0002");
    sign_well(&sent, NAMES);
    assert_once(&sent, "AppKey header");
}

static void takes_a_date_within_fifteen_minutes_only(void **state)
{
    (void)state;
    struct mock_verifier *verifier = verifier_new(true);
    struct sent sent;
    sent_init(&sent);
    sign_well(&sent, NAMES);
    assert_verdict(verifier, &sent, NOW_MS + MOCK_VERIFY_WINDOW_MS, NULL);
    assert_verdict(verifier, &sent, NOW_MS - MOCK_VERIFY_WINDOW_MS, NULL);
    assert_verdict(verifier, &sent, NOW_MS + MOCK_VERIFY_WINDOW_MS + SIGNED_AT_MS_SLACK,
                   "signature expired, signature time:" DATE ",server time:20300102T031906Z");
    assert_verdict(verifier, &sent, NOW_MS - MOCK_VERIFY_WINDOW_MS - SIGNED_AT_MS_SLACK,
                   "signature expired, signature time:" DATE ",server time:20300102T024904Z");
    mock_verifier_destroy(verifier);
    sent_init(&sent);
    find(&sent, "X-Sdk-Date")->value = STR("20300102T030460Z");
    sign_well(&sent, NAMES);
    assert_once(&sent, "must be a time");
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
    assert_once(&sent, NULL);
    sent_init(&sent);
    add(&sent, "X-Sdk-Content-Sha256", hash);
    sign_well(&sent, NAMES);
    assert_once(&sent, "must be signed");
    sent_init(&sent);
    add(&sent, "X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD");
    sign_well(&sent, names);
    assert_once(&sent, "not the hash of the body");
}

static void can_expect_the_hash_of_an_empty_body(void **state)
{
    (void)state;
    struct mock_verifier_options options = {
        .access_key = STR("FAKEAK0001"),
        .secret_key = STR("fake-secret-0001"),
        .app_key = STR("fake-app-0001"),
        .is_body_hash_empty = true,
    };
    struct mock_verifier *verifier = mock_verifier_create(&options);
    struct sent sent;
    sent_init(&sent);
    sign(&sent, NAMES, STR("fake-secret-0001"), STR(""));
    assert_verdict(verifier, &sent, NOW_MS, NULL);
    sent_init(&sent);
    sign_well(&sent, NAMES);
    assert_verdict(verifier, &sent, NOW_MS, "signature fail");
    mock_verifier_destroy(verifier);
}

static void locks_the_key_after_five_wrong_signatures_in_a_row(void **state)
{
    (void)state;
    struct mock_verifier *verifier = verifier_new(true);
    struct sent good, bad;
    sent_init(&good);
    sign_well(&good, NAMES);
    sent_init(&bad);
    sign(&bad, NAMES, STR("another-secret"), bad.request.body);
    for (int i = 0; i < MOCK_VERIFY_FAILURES_MAX - 1; i++)
        assert_verdict(verifier, &bad, NOW_MS, "signature fail");
    assert_verdict(verifier, &good, NOW_MS, NULL); /* ends the row */
    for (int i = 0; i < MOCK_VERIFY_FAILURES_MAX; i++)
        assert_verdict(verifier, &bad, NOW_MS, "signature fail");
    assert_verdict(verifier, &good, NOW_MS, "AK access failed to reach the limit,forbidden");
    assert_verdict(verifier, &good, NOW_MS + MOCK_VERIFY_LOCK_MS - 1, "forbidden");
    assert_verdict(verifier, &good, NOW_MS + MOCK_VERIFY_LOCK_MS, NULL);
    for (int i = 0; i < MOCK_VERIFY_FAILURES_MAX; i++)
        assert_verdict(verifier, &bad, NOW_MS + MOCK_VERIFY_LOCK_MS, "signature fail");
    mock_verifier_reset(verifier);
    assert_verdict(verifier, &good, NOW_MS + MOCK_VERIFY_LOCK_MS, NULL);
    mock_verifier_destroy(verifier);
}

static void locks_nothing_when_told_so(void **state)
{
    (void)state;
    struct mock_verifier *verifier = verifier_new(false);
    struct sent good, bad;
    sent_init(&good);
    sign_well(&good, NAMES);
    sent_init(&bad);
    sign(&bad, NAMES, STR("another-secret"), bad.request.body);
    for (int i = 0; i < 2 * MOCK_VERIFY_FAILURES_MAX; i++)
        assert_verdict(verifier, &bad, NOW_MS, "signature fail");
    assert_verdict(verifier, &good, NOW_MS, NULL);
    mock_verifier_destroy(verifier);
    mock_verifier_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_good_signature),
        cmocka_unit_test(takes_a_request_without_body_and_content_type),
        cmocka_unit_test(tells_its_canonical_request_without_the_app_key),
        cmocka_unit_test(refuses_what_was_changed_after_signing),
        cmocka_unit_test(refuses_an_absent_or_repeated_authorization_and_date),
        cmocka_unit_test(refuses_a_malformed_authorization),
        cmocka_unit_test(refuses_bad_signed_headers),
        cmocka_unit_test(refuses_keys_that_are_not_the_agreed_ones),
        cmocka_unit_test(takes_a_date_within_fifteen_minutes_only),
        cmocka_unit_test(believes_a_content_hash_only_when_signed_and_right),
        cmocka_unit_test(can_expect_the_hash_of_an_empty_body),
        cmocka_unit_test(locks_the_key_after_five_wrong_signatures_in_a_row),
        cmocka_unit_test(locks_nothing_when_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
