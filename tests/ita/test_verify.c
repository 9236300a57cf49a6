/* Verification of signed requests: every reason, tampering with every byte, the window, key change,
 * replay, and back-off. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ita/verify.h"

#define ACCESS_KEY "FAKEAKEXAMPLE0001"
#define SECRET "fake-secret-key-for-tests-only-0001"
#define OLD_SECRET "fake-secret-key-for-tests-only-0000"
#define DATE "20300102T030405Z"
#define SOURCE "192.0.2.1"

enum { TEXT_MAX = 512, HEADERS_MAX = 70, WINDOW_MS = ITA_WINDOW_MAX_MS };
enum { HOST, CONTENT_TYPE, SDK_DATE, APP_KEY, AUTHORIZATION, FIRST_FREE };

/* A signed push with storage of its own, so that a test may change any byte. */
struct push {
    char method[TEXT_MAX], target[TEXT_MAX], body[TEXT_MAX];
    char values[HEADERS_MAX][TEXT_MAX];
    struct http_header headers[HEADERS_MAX];
    struct ita_request request;
    int64_t date_ms;
};

/* What the verifier knows, and how it is set up. */
static struct ita_verifier_options options;
static struct ita_verifier *verifier;
static struct str known_secrets[ITA_SECRETS_MAX];
static size_t known_count;

static size_t secrets_of(void *data, struct str access_key,
                         struct str secrets[static ITA_SECRETS_MAX])
{
    (void)data;
    if (!str_is(access_key, STR(ACCESS_KEY)))
        return 0;
    for (size_t i = 0; i < known_count; i++)
        secrets[i] = known_secrets[i];
    return known_count;
}

static int set_up(void **state)
{
    (void)state;
    ita_verifier_options_init(&options);
    options.secrets_of = secrets_of;
    options.replay_cache_max = 100;
    known_secrets[0] = STR(SECRET);
    known_count = 1;
    verifier = ita_verifier_create(&options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ita_verifier_destroy(verifier);
    ita_verifier_destroy(NULL);
    return 0;
}

static void restart(void)
{
    ita_verifier_destroy(verifier);
    verifier = ita_verifier_create(&options);
}

static struct str keep(char storage[static TEXT_MAX], struct str text)
{
    assert_true(text.len <= TEXT_MAX);
    if (text.len > 0)
        memcpy(storage, text.ptr, text.len);
    return str_from(storage, text.len);
}

static void set_header(struct push *push, size_t index, struct str name, struct str value)
{
    push->headers[index].name = name;
    push->headers[index].value = keep(push->values[index], value);
    if (index >= push->request.header_count)
        push->request.header_count = index + 1;
}

/* Signs what the push holds now, all headers but Authorization. */
static void sign_with(struct push *push, struct str access_key, struct str secret)
{
    struct buf authorization;
    struct fault fault;
    buf_init(&authorization, TEXT_MAX);
    push->request.target_rules = ITA_TARGET_LITERAL;
    if (ita_sign(&push->request, access_key, secret, &authorization, &fault) != OK)
        fail_msg("%s", fault.text);
    set_header(push, AUTHORIZATION, STR("Authorization"), buf_str(&authorization));
    buf_finish(&authorization);
}

static void sign(struct push *push)
{
    sign_with(push, STR(ACCESS_KEY), STR(SECRET));
}

static void make_push(struct push *push)
{
    *push = (struct push){0};
    push->request.method = keep(push->method, STR("POST"));
    push->request.target = keep(push->target, STR("/apiaccess/rest/statusnotify?id=12&tag=a"));
    push->request.body = keep(push->body, STR("{\"callID\":\"fake-1\"}"));
    push->request.headers = push->headers;
    set_header(push, HOST, STR("Host"), STR("gateway.example.test"));
    set_header(push, CONTENT_TYPE, STR("Content-Type"), STR("application/json"));
    set_header(push, SDK_DATE, STR("X-Sdk-Date"), STR(DATE));
    set_header(push, APP_KEY, STR("AppKey"), STR("fake-app-key-0001"));
    assert_int_equal(clock_parse_sdk_date(STR(DATE), &push->date_ms), OK);
    sign(push);
}

static enum ita_verify_result verify_from(const struct push *push, struct str source,
                                          int64_t now_ms)
{
    struct ita_verification verification;
    ita_verify(verifier, &push->request, source, now_ms, &verification, NULL, NULL);
    return verification.result;
}

static enum ita_verify_result verify(const struct push *push)
{
    return verify_from(push, STR(SOURCE), push->date_ms);
}

static void assert_result(enum ita_verify_result found, enum ita_verify_result expected)
{
    if (found != expected)
        fail_msg("%s, not %s", ita_verify_word(found), ita_verify_word(expected));
}

static void assert_authorization(const char *format, enum ita_verify_result expected)
{
    struct push push;
    make_push(&push);
    set_header(&push, AUTHORIZATION, STR("Authorization"), str_of(format));
    assert_result(verify(&push), expected);
}

static void accepts_a_signed_push_and_shows_what_it_computed(void **state)
{
    (void)state;
    struct push push;
    struct ita_verification verification;
    struct buf canonical, text;
    make_push(&push);
    buf_init(&canonical, ITA_CANONICAL_MAX);
    buf_init(&text, ITA_STRING_TO_SIGN_MAX);
    ita_verify(verifier, &push.request, STR(SOURCE), push.date_ms, &verification, &canonical,
               &text);
    assert_result(verification.result, ITA_VERIFY_OK);
    assert_true(str_is(verification.access_key, STR(ACCESS_KEY)));
    assert_int_equal(verification.date_ms, push.date_ms);
    assert_string_equal(verification.fault.text, "");
    assert_true(str_starts(buf_str(&canonical), STR("POST\n/apiaccess/rest/statusnotify/\n")));
    assert_true(str_starts(buf_str(&text), STR("SDK-HMAC-SHA256\n" DATE "\n")));
    buf_finish(&canonical);
    buf_finish(&text);
}

static void refuses_what_is_over_a_bound(void **state)
{
    (void)state;
    struct push push;
    static char target[ITA_TARGET_MAX + 1];
    make_push(&push);
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    push.request.target = str_from(target, sizeof(target));
    assert_result(verify(&push), ITA_VERIFY_BOUNDS);

    make_push(&push);
    push.headers[APP_KEY].value = str_from(target, sizeof(target));
    assert_result(verify(&push), ITA_VERIFY_BOUNDS);

    make_push(&push);
    for (size_t i = FIRST_FREE; i <= ITA_SIGNED_HEADERS_MAX; i++)
        set_header(&push, i, STR("X-Same"), STR("v"));
    assert_result(verify(&push), ITA_VERIFY_BOUNDS);
    push.request.header_count = ITA_SIGNED_HEADERS_MAX;
    assert_result(verify(&push), ITA_VERIFY_OK);

    make_push(&push);
    options.body_max = push.request.body.len - 1;
    restart();
    assert_result(verify(&push), ITA_VERIFY_BOUNDS);
}

#define MAC_HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NAMES "SignedHeaders=appkey;content-type;host;x-sdk-date"

static void refuses_malformed_authorization(void **state)
{
    (void)state;
    static const char *const values[] = {
        "",
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 ",
        "SDK-HMAC-SHA256Access=A, " NAMES ", Signature=" MAC_HEX,
        "sdk-hmac-sha256 Access=A, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256\tAccess=A, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256, Access=A, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 Access=, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 Access=A B, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 Access=A,  " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 Access=A " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 Access=A,, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 Access=A, Access=A, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 access=A, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 Access=A, Signature=" MAC_HEX ", " NAMES,
        "SDK-HMAC-SHA256 Access=A, " NAMES,
        "SDK-HMAC-SHA256 Access=A, " NAMES ", Signature=",
        "SDK-HMAC-SHA256 Access=A, " NAMES ", Signature=" MAC_HEX "0",
        "SDK-HMAC-SHA256 Access=A, " NAMES ", Signature=" MAC_HEX ",",
        "SDK-HMAC-SHA256 Access=A, " NAMES ", Signature=" MAC_HEX " x",
        "SDK-HMAC-SHA256 Access=A, " NAMES ", Signature=0123",
        "SDK-HMAC-SHA256 Access=A, " NAMES
        ", Signature=0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
        "SDK-HMAC-SHA256 Access=A, " NAMES
        ", Signature=g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        /* Other algorithms are refused, not tried. */
        "SDK-HMAC-SM3 Access=A, " NAMES ", Signature=" MAC_HEX,
        "V11-HMAC-SHA256 Access=A, " NAMES ", Signature=" MAC_HEX,
        "SDK-HMAC-SHA256 Credential=A/20300102/r/s, " NAMES ", Signature=" MAC_HEX,
        "none Access=A, " NAMES ", Signature=" MAC_HEX,
    };
    for (size_t i = 0; i < COUNT_OF(values); i++)
        assert_authorization(values[i], ITA_VERIFY_AUTHORIZATION);
}

static void takes_the_forms_that_the_vendors_parser_takes(void **state)
{
    (void)state;
    assert_authorization("SDK-HMAC-SHA256   Access=A," NAMES ",Signature=" MAC_HEX,
                         ITA_VERIFY_UNKNOWN_KEY);
    assert_authorization("SDK-HMAC-SHA256 Access=" ACCESS_KEY ", " NAMES ",Signature=" MAC_HEX,
                         ITA_VERIFY_SIGNATURE);
}

static void refuses_missing_and_repeated_authorization(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    set_header(&push, FIRST_FREE, STR("authorization"), push.headers[AUTHORIZATION].value);
    assert_result(verify(&push), ITA_VERIFY_AUTHORIZATION);
    push.request.header_count = AUTHORIZATION;
    assert_result(verify(&push), ITA_VERIFY_AUTHORIZATION);
}

static void refuses_missing_repeated_and_malformed_dates(void **state)
{
    (void)state;
    static const char *const dates[] = {"",
                                        "20300102T030405",
                                        "20300102T030405z",
                                        "20300102 030405Z",
                                        "20300102T030405ZZ",
                                        "20300229T030405Z", /* 2030 is no leap year */
                                        "20301302T030405Z",
                                        "20300102T240000Z",
                                        "20300102T030460Z",
                                        "2030010aT030405Z",
                                        "+0300102T030405Z"};
    struct push push;
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        make_push(&push);
        set_header(&push, SDK_DATE, STR("X-Sdk-Date"), str_of(dates[i]));
        assert_result(verify(&push), ITA_VERIFY_DATE);
    }
    make_push(&push);
    set_header(&push, FIRST_FREE, STR("x-sdk-date"), STR(DATE));
    assert_result(verify(&push), ITA_VERIFY_DATE);
    make_push(&push);
    push.headers[SDK_DATE].name = STR("X-Other");
    assert_result(verify(&push), ITA_VERIFY_DATE);
}

static void accepts_a_leap_day(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    set_header(&push, SDK_DATE, STR("X-Sdk-Date"), STR("20320229T235959Z"));
    sign(&push);
    assert_int_equal(clock_parse_sdk_date(STR("20320229T235959Z"), &push.date_ms), OK);
    assert_result(verify(&push), ITA_VERIFY_OK);
}

static void the_window_ends_to_the_millisecond(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms + WINDOW_MS + 1),
                  ITA_VERIFY_EXPIRED);
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms - WINDOW_MS - 1),
                  ITA_VERIFY_EXPIRED);
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms - WINDOW_MS), ITA_VERIFY_OK);
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms + WINDOW_MS), ITA_VERIFY_REPEATED);
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms + WINDOW_MS + 1),
                  ITA_VERIFY_EXPIRED);
    restart();
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms + WINDOW_MS), ITA_VERIFY_OK);
}

static void a_smaller_window_is_kept(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    options.window_ms = 1000;
    restart();
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms + 1001), ITA_VERIFY_EXPIRED);
    assert_result(verify_from(&push, STR(SOURCE), push.date_ms + 1000), ITA_VERIFY_OK);
}

#define WITH_NAMES(names)                                                                          \
    "SDK-HMAC-SHA256 Access=" ACCESS_KEY ", SignedHeaders=" names ", Signature=" MAC_HEX

static void refuses_malformed_signed_headers(void **state)
{
    (void)state;
    assert_authorization(WITH_NAMES(""), ITA_VERIFY_SIGNED_HEADERS);
    assert_authorization(WITH_NAMES("x-sdk-date;host"), ITA_VERIFY_SIGNED_HEADERS);
    assert_authorization(WITH_NAMES("host;host;x-sdk-date"), ITA_VERIFY_SIGNED_HEADERS);
    assert_authorization(WITH_NAMES("Host;x-sdk-date"), ITA_VERIFY_SIGNED_HEADERS);
    assert_authorization(WITH_NAMES("host;;x-sdk-date"), ITA_VERIFY_SIGNED_HEADERS);
    assert_authorization(WITH_NAMES("host;x-sdk-date;"), ITA_VERIFY_SIGNED_HEADERS);
    assert_authorization(WITH_NAMES("host; x-sdk-date"), ITA_VERIFY_SIGNED_HEADERS);
    assert_authorization(WITH_NAMES("authorization;host;x-sdk-date"), ITA_VERIFY_SIGNED_HEADERS);
}

static void refuses_when_a_required_header_is_not_signed(void **state)
{
    (void)state;
    struct push push;
    assert_authorization(WITH_NAMES("x-sdk-date"), ITA_VERIFY_REQUIRED_HEADER);
    assert_authorization(WITH_NAMES("host"), ITA_VERIFY_REQUIRED_HEADER);

    make_push(&push);
    push.request.signed_headers = STR("host;x-sdk-date");
    sign(&push);
    assert_result(verify(&push), ITA_VERIFY_OK);
    static const char *const required[] = {"appkey", "x-not-sent"};
    options.required = required;
    options.required_count = COUNT_OF(required);
    restart();
    assert_result(verify(&push), ITA_VERIFY_REQUIRED_HEADER);
    push.request.signed_headers = STR("appkey;host;x-sdk-date");
    sign(&push);
    assert_result(verify(&push), ITA_VERIFY_OK);
}

static void refuses_an_added_unsigned_body_hash(void **state)
{
    (void)state;
    struct push push;
    char hex[64];
    struct buf hash;
    make_push(&push);
    buf_init_fixed(&hash, hex, sizeof(hex));
    sha256_hex_append(&hash, push.request.body);
    set_header(&push, FIRST_FREE, STR("x-sdk-content-sha256"), buf_str(&hash));
    push.request.body = STR("{\"callID\":\"other\"}");
    assert_result(verify(&push), ITA_VERIFY_REQUIRED_HEADER);
}

static void refuses_absent_and_repeated_signed_headers(void **state)
{
    (void)state;
    struct push push;
    assert_authorization(WITH_NAMES("host;x-absent;x-sdk-date"), ITA_VERIFY_ABSENT_HEADER);
    make_push(&push);
    set_header(&push, FIRST_FREE, STR("host"), STR("gateway.example.test"));
    assert_result(verify(&push), ITA_VERIFY_ABSENT_HEADER);
}

static void refuses_another_host_when_one_is_expected(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    options.host = STR("other.example.test");
    restart();
    assert_result(verify(&push), ITA_VERIFY_HOST);
    options.host = STR("GATEWAY.example.test");
    restart();
    assert_result(verify(&push), ITA_VERIFY_OK);
}

static void refuses_an_unknown_access_key_after_the_same_work(void **state)
{
    (void)state;
    struct push push;
    struct ita_verification verification;
    struct buf canonical, text;
    make_push(&push);
    sign_with(&push, STR("FAKEAKEXAMPLE9999"), STR(SECRET));
    buf_init(&canonical, ITA_CANONICAL_MAX);
    buf_init(&text, ITA_STRING_TO_SIGN_MAX);
    ita_verify(verifier, &push.request, STR(SOURCE), push.date_ms, &verification, &canonical,
               &text);
    assert_result(verification.result, ITA_VERIFY_UNKNOWN_KEY);
    assert_true(canonical.len > 0 && text.len > 0);
    buf_finish(&canonical);
    buf_finish(&text);
}

static void an_empty_secret_is_never_good(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    known_secrets[0] = STR("");
    assert_result(verify(&push), ITA_VERIFY_SIGNATURE);
}

static void checks_the_body_hash_header(void **state)
{
    (void)state;
    struct push push;
    char hex[64];
    struct buf hash;
    make_push(&push);
    buf_init_fixed(&hash, hex, sizeof(hex));
    sha256_hex_append(&hash, push.request.body);
    set_header(&push, FIRST_FREE, STR("X-Sdk-Content-Sha256"), buf_str(&hash));
    sign(&push);
    assert_result(verify(&push), ITA_VERIFY_OK);
    push.body[0] = '[';
    assert_result(verify(&push), ITA_VERIFY_BODY_HASH);
    set_header(&push, FIRST_FREE, STR("X-Sdk-Content-Sha256"), STR("0"));
    sign(&push);
    assert_result(verify(&push), ITA_VERIFY_BODY_HASH);
}

static void takes_an_unsigned_payload_only_when_allowed(void **state)
{
    (void)state;
    struct push push;
    make_push(&push);
    set_header(&push, FIRST_FREE, STR("X-Sdk-Content-Sha256"), STR("UNSIGNED-PAYLOAD"));
    sign(&push);
    assert_result(verify(&push), ITA_VERIFY_UNSIGNED_PAYLOAD);
    options.is_unsigned_payload_ok = true;
    restart();
    assert_result(verify(&push), ITA_VERIFY_OK);
    set_header(&push, FIRST_FREE, STR("X-Sdk-Content-Sha256"), STR("unsigned-payload"));
    sign(&push);
    assert_result(verify(&push), ITA_VERIFY_BODY_HASH);
}

static void refuses_targets_on_which_readers_differ(void **state)
{
    (void)state;
    static const char *const targets[] = {"/a/../b", "/a//b", "/a%2Fb", "/a%5Cb", "/a?=1"};
    struct push push;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        make_push(&push);
        push.request.target = keep(push.target, str_of(targets[i]));
        sign(&push);
        assert_result(verify(&push), ITA_VERIFY_REQUEST);
    }
    options.target_rules = ITA_TARGET_LITERAL;
    restart();
    assert_result(verify(&push), ITA_VERIFY_OK);
    push.request.target = keep(push.target, STR("/a%"));
    assert_result(verify(&push), ITA_VERIFY_REQUEST);
    make_push(&push);
    push.request.method = STR("post");
    assert_result(verify(&push), ITA_VERIFY_REQUEST);
    make_push(&push);
    set_header(&push, APP_KEY, STR("AppKey"), STR("a\nhost:b"));
    assert_result(verify(&push), ITA_VERIFY_REQUEST);
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

static void every_result_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (enum ita_verify_result a = ITA_VERIFY_OK; a <= ITA_VERIFY_SLOWED; a++) {
        assert_true(ita_verify_text(a)[0] != '\0');
        for (enum ita_verify_result b = ITA_VERIFY_OK; b < a; b++)
            assert_string_not_equal(ita_verify_word(a), ita_verify_word(b));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_a_signed_push_and_shows_what_it_computed),
        TEST(refuses_what_is_over_a_bound),
        TEST(refuses_malformed_authorization),
        TEST(takes_the_forms_that_the_vendors_parser_takes),
        TEST(refuses_missing_and_repeated_authorization),
        TEST(refuses_missing_repeated_and_malformed_dates),
        TEST(accepts_a_leap_day),
        TEST(the_window_ends_to_the_millisecond),
        TEST(a_smaller_window_is_kept),
        TEST(refuses_malformed_signed_headers),
        TEST(refuses_when_a_required_header_is_not_signed),
        TEST(refuses_an_added_unsigned_body_hash),
        TEST(refuses_absent_and_repeated_signed_headers),
        TEST(refuses_another_host_when_one_is_expected),
        TEST(refuses_an_unknown_access_key_after_the_same_work),
        TEST(an_empty_secret_is_never_good),
        TEST(checks_the_body_hash_header),
        TEST(takes_an_unsigned_payload_only_when_allowed),
        TEST(refuses_targets_on_which_readers_differ),
        TEST(tries_every_secret_during_a_key_change),
        TEST(tries_as_many_secrets_as_an_access_key_may_have),
        TEST(no_byte_can_be_changed),
        TEST(nothing_can_be_cut_off),
        TEST(a_repeat_is_told_apart),
        TEST(a_wrong_signature_leaves_nothing_in_the_cache),
        TEST(refuses_when_the_cache_is_full),
        TEST(remembers_what_was_accepted_before_a_restart),
        TEST(closes_the_window_for_what_it_can_not_remember),
        TEST(refuses_a_replay_after_the_clock_stepped_back),
        TEST(slows_wrong_signatures_of_one_source),
        TEST(a_good_signature_passes_whatever_failed_before),
        TEST(unknown_access_keys_of_a_source_share_one_count),
        TEST(every_result_has_a_word_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
