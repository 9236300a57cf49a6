/* Verification of signed requests: every reason for which one is refused. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "tests/ita/push.h"

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

static void tells_the_access_key_of_a_header(void **state)
{
    (void)state;
    static const struct {
        const char *header, *access_key;
    } rows[] = {
        {"SDK-HMAC-SHA256   Access=A,", "A"},
        {"SDK-HMAC-SHA256 Access=" ACCESS_KEY ", x", ACCESS_KEY},
        {"SDK-HMAC-SHA256 Access=A", ""},
        {"SDK-HMAC-SHA256 Access=,", ""},
        {"Bearer Access=A,", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_true(
            str_is(ita_verify_access_key(str_of(rows[i].header)), str_of(rows[i].access_key)));
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
    struct buf authorization;
    struct fault fault;
    struct hmac_key *empty = hmac_key_create(STR(""));
    make_push(&push);
    push.request.header_count = AUTHORIZATION;
    buf_init(&authorization, TEXT_MAX);
    assert_int_equal(ita_sign_with(&push.request, STR(ACCESS_KEY), empty, &authorization, &fault),
                     OK);
    set_header(&push, AUTHORIZATION, STR("Authorization"), buf_str(&authorization));
    known_secrets[0] = STR("");
    assert_result(verify(&push), ITA_VERIFY_SIGNATURE);
    buf_finish(&authorization);
    hmac_key_destroy(empty);
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

static void every_result_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (enum ita_verify_result a = ITA_VERIFY_OK; a <= ITA_VERIFY_SLOWED; a++) {
        assert_true(ita_verify_text(a)[0] != '\0');
        for (enum ita_verify_result b = ITA_VERIFY_OK; b < a; b++)
            assert_string_not_equal(ita_verify_word(a), ita_verify_word(b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_a_signed_push_and_shows_what_it_computed),
        TEST(refuses_what_is_over_a_bound),
        TEST(refuses_malformed_authorization),
        TEST(takes_the_forms_that_the_vendors_parser_takes),
        TEST(tells_the_access_key_of_a_header),
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
        TEST(every_result_has_a_word_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
