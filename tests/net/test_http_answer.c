#include "net/http_answer.h"

#include "tests/net/upstream.h"

#define PLAY(name, text)                                                                           \
    static void name(struct conversation *with)                                                    \
    {                                                                                              \
        if (hear(with))                                                                            \
            say(with, text);                                                                       \
    }

PLAY(cut_in_status_line, "HTTP/1.1 20")
PLAY(cut_in_header, "HTTP/1.1 200 OK\r\nContent-Le")
PLAY(cut_after_header, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
PLAY(cut_in_body, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")
PLAY(cut_in_chunk, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
PLAY(cut_after_chunk, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
PLAY(interim_only, "HTTP/1.1 100 Continue\r\n\r\n")
PLAY(switch_protocols, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes")
PLAY(garbage, "SSH-2.0-OpenSSH_9.2\r\n")
PLAY(bad_header, "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n")
PLAY(bad_chunk, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")
PLAY(two_lengths, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n{}")
PLAY(two_framings, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")

static void an_answer_that_is_not_whole_is_unknown(void **state)
{
    (void)state;
    static play_function *const plays[] = {
        cut_in_status_line, cut_in_header, cut_after_header, cut_in_body, cut_in_chunk,
        cut_after_chunk,    interim_only,  switch_protocols, garbage,     bad_header,
        bad_chunk,          two_lengths,   two_framings,
    };
    for (size_t i = 0; i < COUNT_OF(plays); i++)
        expect(plays[i], HTTP_UNKNOWN, 1);
}

static void say_long_body(struct conversation *with)
{
    char piece[1001];
    memset(piece, 'x', sizeof(piece) - 1);
    piece[sizeof(piece) - 1] = '\0';
    if (!hear(with))
        return;
    say(with, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
    for (int i = 0; i < 5; i++)
        say(with, piece);
    hang(with);
}

static void say_many_headers(struct conversation *with)
{
    if (!hear(with))
        return;
    say(with, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 65; i++)
        say(with, "A: b\r\n");
    say(with, "\r\n");
    hang(with);
}

static void say_long_head(struct conversation *with)
{
    char line[1025];
    memset(line, 'x', sizeof(line) - 1);
    memcpy(line, "A:", 2);
    memcpy(line + sizeof(line) - 3, "\r\n", 3);
    if (!hear(with))
        return;
    say(with, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 17; i++)
        say(with, line);
    hang(with);
}

static void an_answer_over_the_limits_is_unknown(void **state)
{
    (void)state;
    assert_non_null(strstr(expect(say_long_body, HTTP_UNKNOWN, 1).why, "body is too long"));
    assert_non_null(strstr(expect(say_many_headers, HTTP_UNKNOWN, 1).why, "too many headers"));
    assert_non_null(strstr(expect(say_long_head, HTTP_UNKNOWN, 1).why, "head is too long"));
}

PLAY(say_chunked, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "1\r\n{\r\n1;x=y\r\n}\r\n0\r\nTrailer: t\r\n\r\n")
PLAY(say_until_close, "HTTP/1.0 200 OK\r\n\r\n{}")
PLAY(say_interim, "HTTP/1.1 100 Continue\r\nX-Test: no\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
                  "HTTP/1.1 200 OK\r\nX-Test: yes\r\nContent-Length: 2\r\n\r\n{}")
PLAY(say_no_content, "HTTP/1.1 204 No Content\r\n\r\n")
PLAY(say_elsewhere, "HTTP/1.1 307 Temporary Redirect\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")
PLAY(say_unauthorised, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
                       "Content-Length: 0\r\n\r\n")
PLAY(say_expectation, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
PLAY(say_gzip, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")

static void answers_of_unusual_form_are_taken(void **state)
{
    (void)state;
    static const struct {
        play_function *play;
        int status;
        const char *body;
    } cases[] = {
        {say_chunked, 200, "{}"},   {say_until_close, 200, "{}"}, {say_interim, 200, "{}"},
        {say_no_content, 204, ""},  {say_elsewhere, 307, ""},     {say_unauthorised, 401, ""},
        {say_expectation, 417, ""}, {say_gzip, 200, "{}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fetched fetched = expect(cases[i].play, HTTP_ANSWERED, 1);
        assert_int_equal(fetched.status, cases[i].status);
        assert_string_equal(fetched.body, cases[i].body);
    }
    assert_string_equal(expect(say_interim, HTTP_ANSWERED, 1).x_header, "yes");
    assert_int_equal(expect(say_chunked, HTTP_ANSWERED, 1).header_count, 1);
}

/* Feeds the text in pieces of so many bytes, to its end or until the answer is done or refused. */
static enum http_read read_in_pieces(struct http_answer *answer, struct str text, size_t piece)
{
    enum http_read result = HTTP_READ_MORE;
    http_answer_init(answer, ANSWER_MAX);
    for (size_t at = 0; at < text.len && result == HTTP_READ_MORE; at += piece)
        result = http_answer_take(answer, str_slice(text, at, piece));
    return result == HTTP_READ_MORE ? http_answer_end(answer) : result;
}

static void pieces_of_any_size_give_the_same_answer(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "HTTP/1.1 200 OK\r\nX-Test: yes\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1 ;a=b\r\n{\r\n1\r\n}\r\n0\r\nT: "
        "t\r\n\r\n",
        "HTTP/1.0 200 OK\n\n{}",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (size_t piece = 1; piece <= strlen(texts[i]); piece++) {
            struct http_answer answer;
            assert_int_equal(read_in_pieces(&answer, str_of(texts[i]), piece), HTTP_READ_DONE);
            assert_int_equal(answer.status, 200);
            assert_true(str_is(buf_str(&answer.body), STR("{}")));
            http_answer_finish(&answer);
        }
    }
}

static void says_whether_another_request_may_follow(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool keeps;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.1 204 No Content\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n{}", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nunasked", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}unasked", false},
        {"HTTP/1.1 204 No Content\r\n\r\nunasked", false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nunasked", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_answer answer;
        struct str text = str_of(cases[i].text);
        assert_int_equal(read_in_pieces(&answer, text, text.len), HTTP_READ_DONE);
        assert_true(answer.keeps_connection == cases[i].keeps);
        http_answer_finish(&answer);
    }
}

static void refuses_what_can_be_read_in_two_ways(void **state)
{
    (void)state;
    const struct str cases[] = {
        STR("HTTP/2 200 OK\r\n\r\n"),
        STR("HTTP/1.1  200 OK\r\n\r\n"),
        STR("HTTP/1.1 20\r\n\r\n"),
        STR("HTTP/1.1 2000 OK\r\n\r\n"),
        STR("HTTP/1.1 099 OK\r\n\r\n"),
        STR("\r\nHTTP/1.1 200 OK\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\n: x\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nA: b\rContent-Length: 0\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}"),
        STR("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;a\r\n\r\n"),
        STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1001\r\n"),
        STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\0\r\n{\r\n0\r\n\r\n"),
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_answer answer;
        assert_int_equal(read_in_pieces(&answer, cases[i], cases[i].len), HTTP_READ_REFUSED);
        assert_non_null(answer.fault);
        http_answer_finish(&answer);
    }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_that_is_not_whole_is_unknown),
        cmocka_unit_test(an_answer_over_the_limits_is_unknown),
        cmocka_unit_test(answers_of_unusual_form_are_taken),
        cmocka_unit_test(pieces_of_any_size_give_the_same_answer),
        cmocka_unit_test(says_whether_another_request_may_follow),
        cmocka_unit_test(refuses_what_can_be_read_in_two_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
