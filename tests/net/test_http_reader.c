#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "net/http_reader.h"
#include "tests/net/http_reader_play.h"

enum { MORE = -1, RANDOM_SPLITS = 20 };

#define H "Host: gateway\r\n"
#define GET "GET / HTTP/1.1\r\n" H
#define POST "POST /p HTTP/1.1\r\n" H
#define CL "Content-Length: "
#define TE "Transfer-Encoding: chunked\r\n"
#define CHUNKED POST TE "\r\n"

/* status 0: read; MORE: not complete; else refused with it. */
struct vector {
    const char *name;
    struct str wire;
    int status;
    struct str body, rest;
};

#define READ(name, wire)                                                                           \
    {                                                                                              \
        name, {wire, sizeof(wire) - 1}, 0, {"", 0},                                                \
        {                                                                                          \
            "", 0                                                                                  \
        }                                                                                          \
    }
#define READ_BODY(name, wire, body, rest)                                                          \
    {                                                                                              \
        name, {wire rest, sizeof(wire rest) - 1}, 0, {body, sizeof(body) - 1},                     \
        {                                                                                          \
            rest, sizeof(rest) - 1                                                                 \
        }                                                                                          \
    }
#define INCOMPLETE(name, wire)                                                                     \
    {                                                                                              \
        name, {wire, sizeof(wire) - 1}, MORE, {"", 0},                                             \
        {                                                                                          \
            "", 0                                                                                  \
        }                                                                                          \
    }
#define REFUSED(name, status, wire)                                                                \
    {                                                                                              \
        name, {wire, sizeof(wire) - 1}, status, {"", 0},                                           \
        {                                                                                          \
            "", 0                                                                                  \
        }                                                                                          \
    }

static const struct vector VECTORS[] = {
    /* framing by length */
    READ("no body", GET "\r\n"),
    READ("length 0", POST CL "0\r\n\r\n"),
    READ_BODY("a length", POST CL "5\r\n\r\nhello", "hello", ""),
    READ_BODY("a length with leading zeros", POST CL "005\r\n\r\nhello", "hello", ""),
    READ_BODY("spaces around the length", POST CL " \t5 \t\r\n\r\nhello", "hello", ""),
    READ_BODY("the next request behind a body", POST CL "5\r\n\r\nhello", "hello", GET "\r\n"),
    READ_BODY("the next request behind no body", GET "\r\n", "", GET "\r\n"),
    READ_BODY("a body of any bytes", POST CL "4\r\n\r\n\0\r\n\xFF", "\0\r\n\xFF", ""),
    INCOMPLETE("a body cut short", POST CL "5\r\n\r\nhell"),
    REFUSED("a body over the limit", 413, POST CL "1025\r\n\r\n"),
    REFUSED("a length beyond 64 bits", 413, POST CL "18446744073709551616\r\n\r\n"),
    REFUSED("two different lengths", 400, POST CL "5\r\n" CL "6\r\n\r\nhello!"),
    REFUSED("two equal lengths", 400, POST CL "5\r\n" CL "5\r\n\r\nhello"),
    REFUSED("a list of lengths", 400, POST CL "5, 5\r\n\r\nhello"),
    REFUSED("a length with plus", 400, POST CL "+5\r\n\r\nhello"),
    REFUSED("a negative length", 400, POST CL "-5\r\n\r\nhello"),
    REFUSED("a hexadecimal length", 400, POST CL "0x5\r\n\r\nhello"),
    REFUSED("a length with a fraction", 400, POST CL "5.0\r\n\r\nhello"),
    REFUSED("a length with a space inside", 400, POST CL "5 0\r\n\r\nhello"),
    REFUSED("a length with junk behind", 400, POST CL "5a\r\n\r\nhello"),
    REFUSED("a length in obs-text", 400, POST CL "\xC8\r\n\r\nhello"),
    REFUSED("an empty length", 400, POST CL "\r\n\r\nhello"),
    REFUSED("a space before the colon of a length", 400, POST "Content-Length : 5\r\n\r\nhello"),
    REFUSED("a folded length", 400, POST "Content-Length:\r\n 5\r\n\r\nhello"),
    /* chunked */
    READ_BODY("chunks", CHUNKED "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "abc0123456789", ""),
    READ_BODY("chunks, then a request", CHUNKED "1\r\nx\r\n0\r\n\r\n", "x", GET "\r\n"),
    READ_BODY("no chunk but the last", CHUNKED "0\r\n\r\n", "", "x"),
    READ_BODY("a chunk that holds CRLF", CHUNKED "4\r\n\r\n0\r\r\n00000000\r\n\r\n", "\r\n0\r", ""),
    READ_BODY("coding in other case", POST "transfer-ENCODING: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
              "x", ""),
    INCOMPLETE("chunks cut in data", CHUNKED "5\r\nab"),
    INCOMPLETE("chunks cut in a size", CHUNKED "1\r\nx\r\n"),
    INCOMPLETE("chunks cut at the end", CHUNKED "1\r\nx\r\n0\r\n\r"),
    REFUSED("length and coding", 400, POST CL "5\r\n" TE "\r\n0\r\n\r\n"),
    REFUSED("coding and length", 400, POST TE CL "5\r\n\r\n0\r\n\r\n"),
    REFUSED("coding in HTTP/1.0", 400, "POST / HTTP/1.0\r\n" TE "\r\n0\r\n\r\n"),
    REFUSED("the coding twice", 400, POST TE TE "\r\n0\r\n\r\n"),
    REFUSED("another coding", 501, POST "Transfer-Encoding: gzip\r\n\r\n"),
    REFUSED("a list of codings", 501, POST "Transfer-Encoding: gzip, chunked\r\n\r\n"),
    REFUSED("chunked twice in a list", 501, POST "Transfer-Encoding: chunked, chunked\r\n\r\n"),
    REFUSED("coding identity", 501, POST "Transfer-Encoding: identity\r\n\r\n"),
    REFUSED("an empty coding", 501, POST "Transfer-Encoding:\r\n\r\n"),
    REFUSED("a coding with a parameter", 501, POST "Transfer-Encoding: chunked;q=1\r\n\r\n"),
    REFUSED("a coding with junk", 501, POST "Transfer-Encoding: xchunked\r\n\r\n"),
    REFUSED("a quoted coding", 501, POST "Transfer-Encoding: \"chunked\"\r\n\r\n"),
    REFUSED("a vertical tab before a coding", 400,
            POST "Transfer-Encoding: \x0B"
                 "chunked\r\n\r\n"),
    REFUSED("a space before the colon of a coding", 400,
            POST "Transfer-Encoding : chunked\r\n\r\n"),
    REFUSED("a folded coding", 501, POST "Transfer-Encoding:\r\n chunked\r\n\r\n"),
    REFUSED("a bare CR that hides a coding", 400, POST "X: \rTransfer-Encoding: chunked\r\n\r\n"),
    REFUSED("an empty chunk size", 400, CHUNKED "\r\n\r\n"),
    REFUSED("a signed chunk size", 400, CHUNKED "+1\r\nx\r\n0\r\n\r\n"),
    REFUSED("a negative chunk size", 400, CHUNKED "-1\r\nx\r\n0\r\n\r\n"),
    REFUSED("a chunk size with 0x", 400, CHUNKED "0x1\r\nx\r\n0\r\n\r\n"),
    REFUSED("a chunk size with a space before", 400, CHUNKED " 1\r\nx\r\n0\r\n\r\n"),
    REFUSED("a chunk size with a space behind", 400, CHUNKED "1 \r\nx\r\n0\r\n\r\n"),
    REFUSED("a chunk size of nine digits", 400, CHUNKED "000000001\r\nx\r\n0\r\n\r\n"),
    REFUSED("a chunk over the limit", 413, CHUNKED "401\r\n"),
    REFUSED("chunks over the limit together", 413, CHUNKED "1\r\nx\r\n400\r\n"),
    REFUSED("a huge chunk", 413, CHUNKED "FFFFFFFF\r\n"),
    REFUSED("a chunk extension", 400, CHUNKED "1;a=b\r\nx\r\n0\r\n\r\n"),
    REFUSED("a chunk size with bare LF", 400, CHUNKED "1\nx\r\n0\r\n\r\n"),
    REFUSED("a chunk size with bare CR", 400, CHUNKED "1\rx\r\n0\r\n\r\n"),
    REFUSED("chunk data longer than said", 400, CHUNKED "1\r\nxy\r\n0\r\n\r\n"),
    REFUSED("chunk data with bare LF", 400, CHUNKED "1\r\nx\n0\r\n\r\n"),
    REFUSED("chunk data with bare CR", 400, CHUNKED "1\r\nx\r0\r\n\r\n"),
    REFUSED("trailers", 400, CHUNKED "0\r\nX: y\r\n\r\n"),
    REFUSED("a last chunk with bare LF", 400, CHUNKED "0\r\n\n"),
    /* line ends and bytes of the head */
    READ("one empty line before", "\r\n" GET "\r\n"),
    REFUSED("two empty lines before", 400, "\r\n\r\n" GET "\r\n"),
    REFUSED("a bare LF before", 400, "\n"),
    REFUSED("a bare CR before", 400, "\rGET"),
    REFUSED("the request line with bare LF", 400, "GET / HTTP/1.1\n"),
    REFUSED("a header with bare LF", 400, "GET / HTTP/1.1\r\nHost: a\n"),
    REFUSED("the empty line with bare LF", 400, GET "\n"),
    REFUSED("the empty line with bare CR", 400, GET "\rX"),
    REFUSED("a bare CR in a value", 400, GET "X: a\rb\r\n\r\n"),
    REFUSED("a bare CR in a name", 400, GET "X\r: a\r\n\r\n"),
    REFUSED("NUL in a value", 400, GET "X: a\0b\r\n\r\n"),
    REFUSED("DEL in a value", 400, GET "X: a\x7F\r\n\r\n"),
    REFUSED("escape in a value", 400, GET "X: \x1B\r\n\r\n"),
    READ("a tab in a value", GET "X: a\tb\r\n\r\n"),
    READ("obs-text in a value", GET "X: \xE4\xBD\xA0\r\n\r\n"),
    READ("an empty value", GET "X:\r\n\r\n"),
    READ("a value without a space", GET "X:y\r\n\r\n"),
    REFUSED("folded", 400, GET "X: a\r\n b\r\n\r\n"),
    REFUSED("folded by a tab", 400, GET "X: a\r\n\tb\r\n\r\n"),
    REFUSED("a space before the first header", 400, "GET / HTTP/1.1\r\n X: a\r\n" H "\r\n"),
    REFUSED("a header without a name", 400, GET ": a\r\n\r\n"),
    REFUSED("a header without a colon", 400, GET "X\r\n\r\n"),
    REFUSED("a space in a name", 400, GET "X Y: a\r\n\r\n"),
    REFUSED("a tab before the colon", 400, GET "X\t: a\r\n\r\n"),
    REFUSED("obs-text in a name", 400, GET "X\xC3\xA4: a\r\n\r\n"),
    REFUSED("a separator in a name", 400, GET "X(y): a\r\n\r\n"),
    REFUSED("NUL in a name", 400, GET "X\0: a\r\n\r\n"),
    REFUSED("TLS", 400, "\x16\x03\x01\x02\x00"),
    REFUSED("HTTP/2 that was not agreed on", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    INCOMPLETE("nothing but a method", "GET"),
    INCOMPLETE("a head cut short", GET),
    /* request line */
    READ("a method of lower case", "get / HTTP/1.1\r\n" H "\r\n"),
    REFUSED("a method that is no token", 400, "G(T / HTTP/1.1\r\n" H "\r\n"),
    REFUSED("no method", 400, " / HTTP/1.1\r\n" H "\r\n"),
    REFUSED("a method that never ends", 501, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ"),
    REFUSED("two spaces behind the method", 400, "GET  / HTTP/1.1\r\n" H "\r\n"),
    REFUSED("a tab behind the method", 400, "GET\t/ HTTP/1.1\r\n" H "\r\n"),
    REFUSED("two spaces behind the target", 400, "GET /  HTTP/1.1\r\n" H "\r\n"),
    REFUSED("a tab behind the target", 400, "GET /\tHTTP/1.1\r\n" H "\r\n"),
    REFUSED("a space behind the version", 400, "GET / HTTP/1.1 \r\n" H "\r\n"),
    REFUSED("a space in the target", 400, "GET /a b HTTP/1.1\r\n" H "\r\n"),
    REFUSED("no version", 400, "GET /\r\n\r\n"),
    REFUSED("absolute form", 400, "GET http://gateway/ HTTP/1.1\r\n" H "\r\n"),
    REFUSED("authority form", 400, "CONNECT gateway:443 HTTP/1.1\r\n" H "\r\n"),
    REFUSED("asterisk form", 400, "OPTIONS * HTTP/1.1\r\n" H "\r\n"),
    REFUSED("a fragment", 400, "GET /a#b HTTP/1.1\r\n" H "\r\n"),
    REFUSED("obs-text in the target", 400, "GET /\xE4 HTTP/1.1\r\n" H "\r\n"),
    REFUSED("a control character in the target", 400, "GET /\x01 HTTP/1.1\r\n" H "\r\n"),
    REFUSED("NUL in the target", 400, "GET /\0 HTTP/1.1\r\n" H "\r\n"),
    REFUSED("a higher version", 505, "GET / HTTP/9.9\r\n"),
    REFUSED("HTTP/2.0", 505, "GET / HTTP/2.0\r\n"),
    REFUSED("HTTP/1.2", 505, "GET / HTTP/1.2\r\n"),
    REFUSED("HTTP/0.9", 505, "GET / HTTP/0.9\r\n"),
    REFUSED("a version of lower case", 400, "GET / http/1.1\r\n"),
    REFUSED("a version of two digits", 400, "GET / HTTP/1.10\r\n"),
    REFUSED("a version without a minor", 400, "GET / HTTP/1\r\n"),
    REFUSED("another protocol", 400, "GET / ICAP/1.1\r\n"),
    /* Host */
    READ("a host with a port", "GET / HTTP/1.1\r\nHost: a-b_c.example:8080\r\n\r\n"),
    READ("a host that is an address", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
    READ("no host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"),
    REFUSED("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
    REFUSED("two hosts", 400, GET H "\r\n"),
    REFUSED("an empty host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    REFUSED("a list of hosts", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    REFUSED("a host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    REFUSED("a host with user information", 400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    REFUSED("a host of obs-text", 400, "GET / HTTP/1.1\r\nHost: \xE4\r\n\r\n"),
    REFUSED("a port that is none", 400, "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n"),
    REFUSED("a port of six digits", 400, "GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n"),
    REFUSED("an empty port", 400, "GET / HTTP/1.1\r\nHost: a:\r\n\r\n"),
    REFUSED("an address without an end", 400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    REFUSED("an address that is empty", 400, "GET / HTTP/1.1\r\nHost: []\r\n\r\n"),
    REFUSED("junk behind an address", 400, "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"),
    /* Expect */
    REFUSED("another expectation", 417, GET "Expect: tea\r\n\r\n"),
    READ("another expectation in HTTP/1.0", "GET / HTTP/1.0\r\nExpect: tea\r\n\r\n"),
};

static void check(const struct vector *vector, const char *how, const struct played *played)
{
    int status = played->result == HTTP_READ_REFUSED ? played->reader.error_status
                 : played->result == HTTP_READ_MORE  ? MORE
                                                     : 0;
    if (status != vector->status)
        fail_msg("%s (%s): status %d instead of %d: %s", vector->name, how, status, vector->status,
                 played->reader.error_reason != NULL ? played->reader.error_reason : "");
    if (status > 0)
        assert_non_null(played->reader.error_reason);
    if (status != 0)
        return;
    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_request request = {0};
    http_reader_request(&played->reader, played->bytes.ptr, headers, &request);
    if (!str_is(request.body, vector->body))
        fail_msg("%s (%s): another body: %.*s", vector->name, how, STR_ARGS(request.body));
    if (!play_rest_is(played, vector->wire, vector->rest))
        fail_msg("%s (%s): took another number of bytes", vector->name, how);
}

static void reads_and_refuses_alike_however_bytes_arrive(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
        const struct vector *vector = &VECTORS[i];
        struct played played;
        play(vector->wire, piece_whole, NULL, &played);
        check(vector, "whole", &played);
        play_finish(&played);
        play(vector->wire, piece_byte, NULL, &played);
        check(vector, "byte by byte", &played);
        play_finish(&played);
        for (uint32_t seed = 0; seed < RANDOM_SPLITS; seed++) {
            uint32_t generator = seed;
            play(vector->wire, piece_random, &generator, &played);
            check(vector, "in pieces", &played);
            play_finish(&played);
        }
    }
}

/* The byte that is wrong is the last one fed: nothing has to come behind it. */
static void refuses_at_the_first_wrong_byte(void **state)
{
    (void)state;
    static const struct {
        struct str wire;
        size_t wrong_at;
    } CASES[] = {
        {{"\x16\x03\x01", 3}, 0},
        {{"GET / HTTP/1.1\nHost", 19}, 14},
        {{"GET  /", 6}, 4},
        {{"GET / HTTQ", 10}, 9},
        {{GET "X : y", sizeof(GET "X : y") - 1}, sizeof(GET) - 1 + 1},
        {{GET "X: \0 y", sizeof(GET "X: \0 y") - 1}, sizeof(GET) - 1 + 3},
        {{CHUNKED "g", sizeof(CHUNKED "g") - 1}, sizeof(CHUNKED) - 1},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct played played;
        play(CASES[i].wire, piece_byte, NULL, &played);
        assert_int_equal(played.result, HTTP_READ_REFUSED);
        assert_int_equal(played.fed, CASES[i].wrong_at + 1);
        play_finish(&played);
    }
}

static void gives_the_parts_of_a_request(void **state)
{
    (void)state;
    struct str wire = STR("PUT /a/b?c=d?e HTTP/1.1\r\nHost: h:1\r\nX-Y:  two words \t\r\n"
                          "Content-Length: 2\r\n\r\nok");
    struct played played;
    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_request request = {0};
    play(wire, piece_byte, NULL, &played);
    assert_int_equal(played.result, HTTP_READ_DONE);
    http_reader_request(&played.reader, played.bytes.ptr, headers, &request);
    assert_true(str_is(request.method, STR("PUT")));
    assert_true(str_is(request.target, STR("/a/b?c=d?e")));
    assert_true(str_is(request.path, STR("/a/b")));
    assert_true(str_is(request.query, STR("c=d?e")));
    assert_int_equal(request.header_count, 3);
    assert_true(str_is(request.headers[1].name, STR("X-Y")));
    assert_true(str_is(request.headers[1].value, STR("two words")));
    assert_true(str_is(request.body, STR("ok")));
    assert_true(http_reader_has_body(&played.reader));
    play_finish(&played);
}

static void tells_no_query_from_an_empty_one(void **state)
{
    (void)state;
    struct played played;
    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_request request = {0};
    play(STR(GET "\r\n"), piece_whole, NULL, &played);
    http_reader_request(&played.reader, played.bytes.ptr, headers, &request);
    assert_null(request.query.ptr);
    play_finish(&played);
    play(STR("GET /? HTTP/1.1\r\n" H "\r\n"), piece_whole, NULL, &played);
    http_reader_request(&played.reader, played.bytes.ptr, headers, &request);
    assert_non_null(request.query.ptr);
    assert_int_equal(request.query.len, 0);
    assert_true(str_is(request.path, STR("/")));
    play_finish(&played);
}

static void knows_whether_the_connection_stays(void **state)
{
    (void)state;
    static const struct {
        struct str wire;
        bool is_keep_alive;
    } CASES[] = {
        {{GET "\r\n", sizeof(GET "\r\n") - 1}, true},
        {{GET "Connection: close\r\n\r\n", sizeof(GET "Connection: close\r\n\r\n") - 1}, false},
        {{GET "Connection: TE , Close\r\n\r\n", sizeof(GET "Connection: TE , Close\r\n\r\n") - 1},
         false},
        {{GET "Connection: closed\r\n\r\n", sizeof(GET "Connection: closed\r\n\r\n") - 1}, true},
        {{"GET / HTTP/1.0\r\n\r\n", 18}, false},
        {{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 42}, true},
        {{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", 49}, false},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct played played;
        play(CASES[i].wire, piece_whole, NULL, &played);
        assert_int_equal(played.result, HTTP_READ_DONE);
        assert_int_equal(played.reader.is_keep_alive, CASES[i].is_keep_alive);
        play_finish(&played);
    }
}

static void knows_that_100_is_expected(void **state)
{
    (void)state;
    struct played played;
    play(STR(POST CL "5\r\nExpect: 100-Continue\r\n\r\n"), piece_whole, NULL, &played);
    assert_int_equal(played.result, HTTP_READ_MORE);
    assert_true(played.is_head_done);
    assert_true(played.reader.expects_continue);
    play_finish(&played);
    play(STR("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"), piece_whole, NULL, &played);
    assert_int_equal(played.result, HTTP_READ_DONE);
    assert_false(played.reader.expects_continue);
    play_finish(&played);
}

/* A head of `len` bytes: before, as many 'a' as are needed, after. */
static void make_head(struct buf *head, const char *before, size_t len, const char *after)
{
    buf_append(head, str_of(before));
    while (head->len + strlen(after) < len)
        buf_append_byte(head, 'a');
    buf_append(head, str_of(after));
}

static int status_of(struct buf *head)
{
    struct played whole, bytes;
    play(buf_str(head), piece_whole, NULL, &whole);
    play(buf_str(head), piece_byte, NULL, &bytes);
    assert_int_equal(whole.result, bytes.result);
    assert_int_equal(whole.reader.error_status, bytes.reader.error_status);
    int status = whole.result == HTTP_READ_MORE ? MORE : whole.reader.error_status;
    play_finish(&whole);
    play_finish(&bytes);
    buf_clear(head);
    return status;
}

static void bounds_the_head(void **state)
{
    (void)state;
    struct buf head;
    buf_init(&head, PLAY_BYTES_MAX);
    make_head(&head, GET "X: ", HTTP_HEAD_MAX, "\r\n\r\n");
    assert_int_equal(status_of(&head), 0);
    make_head(&head, GET "X: ", HTTP_HEAD_MAX + 1, "\r\n\r\n");
    assert_int_equal(status_of(&head), 431);
    make_head(&head, GET "X: ", HTTP_HEAD_MAX - 1, "");
    assert_int_equal(status_of(&head), MORE);
    make_head(&head, GET "X: ", HTTP_HEAD_MAX, "");
    assert_int_equal(status_of(&head), 431);
    make_head(&head, "GET /", 4 + HTTP_TARGET_MAX, "");
    buf_append(&head, STR(" HTTP/1.1\r\n" H "\r\n"));
    assert_int_equal(status_of(&head), 0);
    make_head(&head, "GET /", 4 + HTTP_TARGET_MAX + 1, "");
    assert_int_equal(status_of(&head), 414);
    buf_finish(&head);
}

static void bounds_the_number_of_headers(void **state)
{
    (void)state;
    struct buf head;
    buf_init(&head, PLAY_BYTES_MAX);
    for (size_t count = HTTP_HEADERS_MAX; count <= HTTP_HEADERS_MAX + 1; count++) {
        buf_append(&head, STR(GET));
        for (size_t i = 1; i < count; i++)
            buf_append(&head, STR("X: y\r\n"));
        buf_append(&head, STR("\r\n"));
        assert_int_equal(status_of(&head), count > HTTP_HEADERS_MAX ? 431 : 0);
    }
    buf_finish(&head);
}

static void takes_a_body_of_exactly_the_limit(void **state)
{
    (void)state;
    struct buf wire;
    buf_init(&wire, PLAY_BYTES_MAX);
    buf_append(&wire, STR(POST CL "1024\r\n\r\n"));
    for (size_t i = 0; i < PLAY_BODY_MAX; i++)
        buf_append_byte(&wire, 'b');
    assert_int_equal(status_of(&wire), 0);
    buf_append(&wire, STR(CHUNKED "3ff\r\n"));
    for (size_t i = 0; i < PLAY_BODY_MAX - 1; i++)
        buf_append_byte(&wire, 'b');
    buf_append(&wire, STR("\r\n1\r\nb\r\n0\r\n\r\n"));
    assert_int_equal(status_of(&wire), 0);
    buf_finish(&wire);
}

/* The buffer holds the body, not the framing: else one-byte chunks would take six times the room.
 */
static void cuts_chunk_framing_out_of_the_buffer(void **state)
{
    (void)state;
    struct buf wire;
    struct played played;
    buf_init(&wire, PLAY_BYTES_MAX);
    buf_append(&wire, STR(CHUNKED));
    size_t head_len = wire.len;
    for (size_t i = 0; i < 1000; i++)
        buf_append(&wire, STR("1\r\nx\r\n"));
    play(buf_str(&wire), piece_byte, NULL, &played);
    assert_int_equal(played.result, HTTP_READ_MORE);
    assert_int_equal(played.bytes.len, head_len + 1000);
    play_finish(&played);
    buf_finish(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_refuses_alike_however_bytes_arrive),
        cmocka_unit_test(refuses_at_the_first_wrong_byte),
        cmocka_unit_test(gives_the_parts_of_a_request),
        cmocka_unit_test(tells_no_query_from_an_empty_one),
        cmocka_unit_test(knows_whether_the_connection_stays),
        cmocka_unit_test(knows_that_100_is_expected),
        cmocka_unit_test(bounds_the_head),
        cmocka_unit_test(bounds_the_number_of_headers),
        cmocka_unit_test(takes_a_body_of_exactly_the_limit),
        cmocka_unit_test(cuts_chunk_framing_out_of_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
