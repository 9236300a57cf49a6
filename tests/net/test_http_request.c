#include "net/http_request.h"

#include "tests/test.h"

#include "base/mem.h"

enum { OUT_MAX = 4096 };

struct written {
    const char *refusal;
    char server[HTTP_SERVER_MAX + 1], bytes[OUT_MAX];
};

static struct written write_to(const char *url)
{
    struct written written = {0};
    struct buf server, out;
    const struct http_fetch_request request = {.method = "GET", .url = url};
    buf_init_fixed(&server, written.server, HTTP_SERVER_MAX);
    buf_init_fixed(&out, written.bytes, sizeof(written.bytes) - 1);
    written.refusal = http_request_write(&request, &server, &out);
    return written;
}

static void a_url_tells_server_host_and_target(void **state)
{
    (void)state;
    static const struct {
        const char *url, *server, *bytes;
    } cases[] = {
        {"http://a.example/b?c=d", "http://a.example",
         "GET /b?c=d HTTP/1.1\r\nHost: a.example\r\n\r\n"},
        {"https://a.example:8443", "https://a.example:8443",
         "GET / HTTP/1.1\r\nHost: a.example:8443\r\n\r\n"},
        {"https://a.example?b", "https://a.example", "GET /?b HTTP/1.1\r\nHost: a.example\r\n\r\n"},
        {"https://a.example:443/", "https://a.example:443",
         "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"},
        {"https://a.example:80/", "https://a.example:80",
         "GET / HTTP/1.1\r\nHost: a.example:80\r\n\r\n"},
        {"http://[::1]:80/../%2e/;x", "http://[::1]:80",
         "GET /../%2e/;x HTTP/1.1\r\nHost: [::1]\r\n\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct written written = write_to(cases[i].url);
        assert_null(written.refusal);
        assert_string_equal(written.server, cases[i].server);
        assert_string_equal(written.bytes, cases[i].bytes);
    }
}

static void refuses_urls_that_are_not_plain(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "http:",
        "http://",
        "https:///path",
        "ftp://a.example/",
        "a.example/",
        "http://user:secret@a.example/",
        "http://a.example\\@b.example/",
        "http://a.example%00/",
        "http://a.exa mple/",
        "http://a.example\r\nX: y/",
        "http://a.example/a b",
        "http://a.example/a\r\nX: y",
        "http://a.example/\xC3\xBC",
        "http://a.example/#fragment",
        "http://a.example#fragment",
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct written written = write_to(urls[i]);
        assert_non_null(written.refusal);
        assert_null(strstr(written.refusal, "secret"));
        assert_string_equal(written.server, "");
        assert_string_equal(written.bytes, "");
    }
    char longest[HTTP_SERVER_MAX + 2];
    memset(longest, 'a', sizeof(longest) - 1);
    memcpy(longest, "https://", 8);
    longest[HTTP_SERVER_MAX] = '\0';
    assert_null(write_to(longest).refusal);
    longest[HTTP_SERVER_MAX] = 'a';
    longest[HTTP_SERVER_MAX + 1] = '\0';
    assert_non_null(write_to(longest).refusal);
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    struct buf server, out;
    char *body = mem_alloc(HTTP_REQUEST_MAX);
    const struct http_fetch_request request = {
        .method = "POST", .url = "http://a.example/", .body = str_from(body, HTTP_REQUEST_MAX)};
    buf_init(&server, HTTP_SERVER_MAX);
    buf_init(&out, HTTP_REQUEST_MAX);
    assert_non_null(http_request_write(&request, &server, &out));
    buf_finish(&server);
    buf_finish(&out);
    mem_free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_tells_server_host_and_target),
        cmocka_unit_test(refuses_urls_that_are_not_plain),
        cmocka_unit_test(refuses_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
