/* Request signing: what is signed, and what is refused. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ita/sign.h"

#define HEADER(name, value) ((struct http_header){STR(name), STR(value)})

static const struct http_header good_headers[] = {
    {{"Host", 4}, {"ita.example.test", 16}},
    {{"X-Sdk-Date", 10}, {"20300102T030405Z", 16}},
};

static struct ita_request good_request(void)
{
    return (struct ita_request){.method = STR("POST"),
                                .target = STR("/v1/ngin/axmn"),
                                .headers = good_headers,
                                .header_count = COUNT_OF(good_headers),
                                .body = STR("{}")};
}

static enum status sign_with_secret(const struct ita_request *request, struct str secret,
                                    struct buf *out, struct fault *fault)
{
    buf_init(out, ITA_AUTHORIZATION_MAX);
    *fault = (struct fault){0};
    return ita_sign(request, STR("FAKEAKEXAMPLE0001"), secret, out, fault);
}

static void assert_refused(const struct ita_request *request, const char *reason)
{
    struct buf out;
    struct fault fault;
    assert_int_not_equal(sign_with_secret(request, STR("fake-secret"), &out, &fault), OK);
    assert_non_null(strstr(fault.text, reason));
    assert_int_equal(out.len, 0);
    buf_finish(&out);
}

/* The two good headers and one more. */
static void assert_header_refused(struct http_header header, const char *reason)
{
    struct http_header headers[3] = {good_headers[0], good_headers[1], header};
    struct ita_request request = good_request();
    request.headers = headers;
    request.header_count = 3;
    assert_refused(&request, reason);
}

static void refuses_headers_that_signers_join_differently(void **state)
{
    (void)state;
    assert_header_refused(HEADER("host", "ita.example.test"), "one stands twice");
    assert_header_refused(HEADER("x-sdk-date", "20300102T030405Z"), "one stands twice");
    assert_header_refused(HEADER("X A", "v"), "not a token");
    assert_header_refused(HEADER("", "v"), "not a token");
}

static void refuses_a_value_that_forges_a_line(void **state)
{
    (void)state;
    assert_header_refused(HEADER("X-A", "v\nhost:other.example.test"), "x-a holds a control byte");
    assert_header_refused(HEADER("X-A", "v\r"), "x-a holds a control byte");
    assert_header_refused(HEADER("X-A", "v\0w"), "x-a holds a control byte");
    assert_header_refused(HEADER("X-A", "\x7F"), "x-a holds a control byte");
}

static void refuses_an_empty_body_hash_header(void **state)
{
    (void)state;
    assert_header_refused(HEADER("X-Sdk-Content-Sha256", " "), "X-Sdk-Content-Sha256: empty");
}

static void refuses_a_request_without_host_or_date(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    request.header_count = 1;
    assert_refused(&request, "host and x-sdk-date must be signed");
    request.headers = good_headers + 1;
    assert_refused(&request, "host and x-sdk-date must be signed");
}

static void refuses_a_date_that_is_none(void **state)
{
    (void)state;
    static const char *const dates[] = {"20300102T030405",  "20300230T030405Z", "20300102T240000Z",
                                        "20300102T030460Z", "2030-01-02T03:04", ""};
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        struct http_header headers[] = {good_headers[0], HEADER("X-Sdk-Date", "")};
        struct ita_request request = good_request();
        headers[1].value = str_of(dates[i]);
        request.headers = headers;
        assert_refused(&request, "X-Sdk-Date: must be");
    }
}

static void refuses_methods_that_are_not_upper_case(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    request.method = STR("Post");
    assert_refused(&request, "method: must be upper-case");
    request.method = STR("POST\nX");
    assert_refused(&request, "method: must be upper-case");
    request.method = STR("");
    assert_refused(&request, "method: empty");
}

static void refuses_keys_that_can_not_be_used(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    struct buf out;
    struct fault fault;
    char longest[ITA_ACCESS_KEY_MAX + 1];
    assert_int_equal(sign_with_secret(&request, STR(""), &out, &fault), ERR_INVALID);
    memset(longest, 'a', sizeof(longest));
    assert_true(ita_sign_is_access_key(str_from(longest, ITA_ACCESS_KEY_MAX)));
    assert_false(ita_sign_is_access_key(str_from(longest, ITA_ACCESS_KEY_MAX + 1)));
    assert_false(ita_sign_is_access_key(STR("")));
    assert_false(ita_sign_is_access_key(STR("a,b")));
    assert_false(ita_sign_is_access_key(STR("a b")));
    assert_false(ita_sign_is_access_key(STR("a\n")));
    assert_int_equal(ita_sign(&request, STR("a,b"), STR("fake-secret"), &out, &fault), ERR_INVALID);
    buf_finish(&out);
}

static void signs_the_headers_that_were_chosen(void **state)
{
    (void)state;
    struct http_header headers[] = {good_headers[0], good_headers[1], HEADER("AppKey", "fake"),
                                    HEADER("User-Agent", "u"), HEADER("Authorization", "old")};
    struct ita_request request = good_request();
    struct buf names, out;
    struct fault fault;
    request.headers = headers;
    request.header_count = COUNT_OF(headers);
    buf_init(&names, ITA_SIGNED_NAMES_MAX);
    assert_int_equal(ita_sign_header_names(&request, ITA_HEADERS_STABLE, &names, &fault), OK);
    assert_true(str_is(buf_str(&names), STR("appkey;host;x-sdk-date")));
    buf_clear(&names);
    assert_int_equal(ita_sign_header_names(&request, ITA_HEADERS_EVERY, &names, &fault), OK);
    assert_true(str_is(buf_str(&names), STR("appkey;host;user-agent;x-sdk-date")));
    buf_finish(&names);
    request.signed_headers = STR("host;x-sdk-date");
    assert_int_equal(sign_with_secret(&request, STR("fake-secret"), &out, &fault), OK);
    assert_non_null(memmem(out.ptr, out.len, "SignedHeaders=host;x-sdk-date,", 30));
    buf_finish(&out);
    request.signed_headers = STR("content-type;host;x-sdk-date");
    assert_refused(&request, "content-type is signed, so it must stand there exactly once");
    request.signed_headers = STR("x-sdk-date;host");
    assert_refused(&request, "names must ascend");
}

static void refuses_malformed_lists_of_names(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "",
        ";",
        "a;",
        ";a",
        "a;;b",
        "b;a",
        "a;a",
        "A",
        "a,b",
        "a b",
        "a;b\n",
        "a;\xC3\xA4",
        "a;authorization",
        "host ;x-sdk-date",
    };
    struct fault fault;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        assert_int_not_equal(ita_sign_check_header_names(str_of(lists[i]), &fault), OK);
    assert_int_equal(ita_sign_check_header_names(STR("host;x-sdk-date"), &fault), OK);
    assert_true(ita_sign_lists(STR("host;x-sdk-date"), STR("x-sdk-date")));
    assert_false(ita_sign_lists(STR("host;x-sdk-date"), STR("x-sdk")));
}

static void refuses_more_names_than_the_bound(void **state)
{
    (void)state;
    struct buf names;
    struct fault fault;
    buf_init(&names, 4096);
    for (int i = 0; i < ITA_SIGNED_HEADERS_MAX; i++)
        buf_format(&names, "%sa%02d", i > 0 ? ";" : "", i);
    assert_int_equal(ita_sign_check_header_names(buf_str(&names), &fault), OK);
    buf_append(&names, STR(";b"));
    assert_int_equal(ita_sign_check_header_names(buf_str(&names), &fault), ERR_TOO_BIG);
    buf_finish(&names);
}

static void signs_the_hash_of_an_empty_body_when_told(void **state)
{
    (void)state;
    struct ita_request with_body = good_request(), without = good_request();
    struct buf a, b, c;
    struct fault fault;
    with_body.signs_empty_body = true;
    without.body = STR("");
    assert_int_equal(sign_with_secret(&with_body, STR("fake-secret"), &a, &fault), OK);
    assert_int_equal(sign_with_secret(&without, STR("fake-secret"), &b, &fault), OK);
    with_body.signs_empty_body = false;
    assert_int_equal(sign_with_secret(&with_body, STR("fake-secret"), &c, &fault), OK);
    assert_true(str_is(buf_str(&a), buf_str(&b)));
    assert_false(str_is(buf_str(&a), buf_str(&c)));
    buf_finish(&a);
    buf_finish(&b);
    buf_finish(&c);
}

static void a_kept_key_signs_the_same(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    struct buf once, kept;
    struct fault fault;
    struct hmac_key *key = hmac_key_create(STR("fake-secret"));
    assert_int_equal(sign_with_secret(&request, STR("fake-secret"), &once, &fault), OK);
    buf_init(&kept, ITA_AUTHORIZATION_MAX);
    for (int i = 0; i < 2; i++) {
        buf_clear(&kept);
        assert_int_equal(ita_sign_with(&request, STR("FAKEAKEXAMPLE0001"), key, &kept, &fault), OK);
        assert_true(str_is(buf_str(&once), buf_str(&kept)));
    }
    hmac_key_destroy(key);
    buf_finish(&once);
    buf_finish(&kept);
}

static void says_when_there_is_no_room(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    char storage[100];
    struct buf out;
    struct fault fault;
    buf_init_fixed(&out, storage, sizeof(storage));
    assert_int_equal(ita_sign(&request, STR("FAKE"), STR("fake-secret"), &out, &fault),
                     ERR_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_headers_that_signers_join_differently),
        cmocka_unit_test(refuses_a_value_that_forges_a_line),
        cmocka_unit_test(refuses_an_empty_body_hash_header),
        cmocka_unit_test(refuses_a_request_without_host_or_date),
        cmocka_unit_test(refuses_a_date_that_is_none),
        cmocka_unit_test(refuses_methods_that_are_not_upper_case),
        cmocka_unit_test(refuses_keys_that_can_not_be_used),
        cmocka_unit_test(signs_the_headers_that_were_chosen),
        cmocka_unit_test(refuses_malformed_lists_of_names),
        cmocka_unit_test(refuses_more_names_than_the_bound),
        cmocka_unit_test(signs_the_hash_of_an_empty_body_when_told),
        cmocka_unit_test(a_kept_key_signs_the_same),
        cmocka_unit_test(says_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
