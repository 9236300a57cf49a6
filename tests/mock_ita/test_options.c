#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "mock_ita/certificate.h"
#include "mock_ita/options.h"
#include "mock_ita/pusher.h"
#include "mock_ita/url.h"
#include "net/tls.h"

enum { ARGUMENTS_MAX = 24, PEM_MAX = 64 * 1024 };

/* Reads words parted by spaces. */
static enum status read_words(struct mock_options *options, const char *words, struct fault *fault)
{
    char *argv[ARGUMENTS_MAX];
    int argc = 0;
    struct str rest = str_of(words), word;
    while (str_next(&rest, ' ', &word))
        if (word.len > 0)
            argv[argc++] = str_copy(word);
    enum status status = mock_options_read(options, argc, argv, fault);
    while (argc > 0)
        mem_free(argv[--argc]);
    return status;
}

static void assert_refused(const char *words, const char *why)
{
    struct mock_options options;
    struct fault fault = {0};
    assert_int_not_equal(read_words(&options, words, &fault), OK);
    if (strstr(fault.text, why) == NULL)
        fail_msg("%s: \"%s\" does not hold \"%s\"", words, fault.text, why);
    mock_options_finish(&options);
}

static void makes_up_keys_and_numbers(void **state)
{
    (void)state;
    struct mock_options options;
    struct fault fault;
    assert_int_equal(read_words(&options, "", &fault), OK);
    assert_string_equal(options.listen, "127.0.0.1:8443");
    assert_true(options.is_secret_key_made_up && options.is_locking);
    assert_true(str_starts(str_of(options.access_key), STR("FAKE-AK-")));
    assert_true(str_starts(str_of(options.secret_key), STR("FAKE-SK-")));
    assert_int_equal(options.x_numbers.count, 100);
    assert_string_equal(options.x_numbers.items[0], "700000000000001");
    assert_string_equal(options.x_numbers.items[99], "700000000000100");
    assert_int_equal(options.speed, 1);
    mock_options_finish(&options);
}

static void takes_what_is_given(void **state)
{
    (void)state;
    struct mock_options options;
    struct fault fault;
    assert_int_equal(read_words(&options,
                                "--tls --access-key A --secret-key S --app-key K --x-number 123 "
                                "--x-number=456 --no-lock --speed 1000",
                                &fault),
                     OK);
    assert_true(options.is_tls);
    assert_false(options.is_secret_key_made_up || options.is_locking);
    assert_string_equal(options.secret_key, "S");
    assert_int_equal(options.x_numbers.count, 2);
    assert_string_equal(options.x_numbers.items[1], "456");
    assert_int_equal(options.speed, 1000);
    mock_options_finish(&options);
}

static void plays_an_aicc_when_asked_to(void **state)
{
    (void)state;
    struct mock_options options;
    struct fault fault;
    assert_int_equal(read_words(&options, "--aicc", &fault), OK);
    assert_true(options.is_aicc && options.is_aicc_app_secret_made_up);
    assert_true(str_starts(str_of(options.aicc_app_key), STR("FAKE-AICC-AK-")));
    assert_true(str_starts(str_of(options.aicc_app_secret), STR("FAKE-AICC-SK-")));
    mock_options_finish(&options);
    assert_int_equal(read_words(&options,
                                "--aicc --aicc-app-key k --aicc-app-secret s --aicc-shared-key x "
                                "--aicc-connection-url http://a.example/c "
                                "--aicc-hang-up-url https://a.example/h "
                                "--aicc-callback-host a --aicc-callback-host b:80",
                                &fault),
                     OK);
    assert_false(options.is_aicc_app_secret_made_up);
    assert_int_equal(options.aicc_callback_hosts.count, 2);
    mock_options_finish(&options);
    assert_refused("--aicc-app-key k", "needs --aicc");
    assert_refused("--aicc-callback-host a", "needs --aicc");
    assert_refused("--aicc --aicc-app-secret=", "aicc-app-secret");
    assert_refused("--aicc --aicc-hang-up-url ftp://a/", "aicc-hang-up-url");
}

static void refuses_what_can_not_work(void **state)
{
    (void)state;
    assert_refused("--speed 0", "speed");
    assert_refused("--access-key a,b", "comma");
    assert_refused("--x-number +123", "digits");
    assert_refused("--control 0.0.0.0:1", "loopback");
    assert_refused("--push-url ftp://x/", "http");
    assert_refused("--tls --tls-key k", "both or none");
    assert_refused("--print-cert x", "--tls");
    assert_refused("--no-such", "no such option");
    assert_refused("word", "argument");
}

static void parses_urls_as_they_are_sent(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *target;
    } cases[] = {
        {"http://127.0.0.1:8080/a/b", "127.0.0.1:8080", "/a/b"},
        {"https://gateway.example.test/a?b=%20", "gateway.example.test", "/a?b=%20"},
        {"https://gateway.example.test:443/", "gateway.example.test", "/"},
        {"http://gateway.example.test:443/", "gateway.example.test:443", "/"},
        {"http://gateway.example.test:80/", "gateway.example.test", "/"},
        {"https://[::1]:8443/x", "[::1]:8443", "/x"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mock_url url;
        struct fault fault;
        assert_int_equal(mock_url_parse(str_of(cases[i].text), &url, &fault), OK);
        assert_true(str_is(url.host, str_of(cases[i].host)));
        assert_true(str_is(url.target, str_of(cases[i].target)));
    }
}

static void refuses_urls_that_could_be_sent_in_two_ways(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",          "http://",         "http:///x",    "http://host",      "HTTP://host/x",
        "http://:1", "http://Host/x",   "http://h:/x",  "http://u@host/x",  "http://host/x#y",
        "host/x",    "http://host/x y", "http://h/%zz", "http://host?x=/y", "http://host/\x80",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct mock_url url;
        struct fault fault;
        assert_int_equal(mock_url_parse(str_of(texts[i]), &url, &fault), ERR_INVALID);
    }
}

static void waits_longer_after_every_push_that_fails(void **state)
{
    (void)state;
    assert_int_equal(mock_pusher_delay_ms(1, 1), 1000);
    assert_int_equal(mock_pusher_delay_ms(2, 1), 2000);
    assert_int_equal(mock_pusher_delay_ms(3, 1), 5000);
    assert_int_equal(mock_pusher_delay_ms(6, 1), 60000);
    assert_int_equal(mock_pusher_delay_ms(1000, 1), 60000);
    assert_int_equal(mock_pusher_delay_ms(5, 100), 300);
    assert_int_equal(mock_pusher_delay_ms(1, 100), 50);
}

static void writes_a_fresh_certificate_as_der(void **state)
{
    (void)state;
    static const char *const names[] = {"localhost"};
    struct buf pem, key, der;
    struct fault fault;
    struct tls_certificate from_pem, from_der;
    struct tls_identity *identity;
    buf_init(&pem, PEM_MAX);
    buf_init(&key, PEM_MAX);
    buf_init(&der, PEM_MAX);
    assert_int_equal(tls_identity_generate(names, 1, 1, &pem, &key, &fault), OK);
    assert_int_equal(tls_identity_create(buf_str(&pem), buf_str(&key), &identity, &fault), OK);
    tls_identity_release(identity);
    assert_int_equal(mock_certificate_to_der(buf_str(&pem), &der, &fault), OK);
    assert_int_equal(tls_certificate_describe(buf_str(&pem), &from_pem, &fault), OK);
    assert_int_equal(tls_certificate_describe(buf_str(&der), &from_der, &fault), OK);
    assert_string_equal(from_der.sha256_fingerprint, from_pem.sha256_fingerprint);
    assert_int_equal(mock_certificate_to_der(buf_str(&key), &der, &fault), ERR_SYNTAX);
    assert_int_equal(mock_certificate_to_der(str_slice(buf_str(&pem), 0, 100), &der, &fault),
                     ERR_SYNTAX);
    assert_int_not_equal(tls_identity_create(buf_str(&pem), buf_str(&pem), &identity, &fault), OK);
    buf_finish(&pem);
    buf_finish(&key);
    buf_finish(&der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_up_keys_and_numbers),
        cmocka_unit_test(takes_what_is_given),
        cmocka_unit_test(plays_an_aicc_when_asked_to),
        cmocka_unit_test(refuses_what_can_not_work),
        cmocka_unit_test(parses_urls_as_they_are_sent),
        cmocka_unit_test(refuses_urls_that_could_be_sent_in_two_ways),
        cmocka_unit_test(waits_longer_after_every_push_that_fails),
        cmocka_unit_test(writes_a_fresh_certificate_as_der),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
