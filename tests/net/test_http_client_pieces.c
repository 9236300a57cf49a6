#include "net/http_client.h"

#include "net/http_answer.h"
#include "tests/net/upstream.h"

enum {
    LARGE = 16 * 1024 * 1024, /* more than the sockets of both sides hold */
    SHORT_MS = 30,
    IDLE_MS = 1000, /* a piece takes less, on a machine that does much else */
};

/* What came of a fetch in pieces, and what is done within it. */
struct taken {
    struct fetched fetched;
    struct http_fetch *fetch;
    int heads, status;
    char x_header[64];
    size_t pieces, bytes, wrong; /* bytes that do not follow the pattern */
    size_t pause_at;             /* bytes after which it pauses; 0: never */
    enum { GO_ON, AT_HEAD, AT_PIECE } cancel;
    struct http_client *to_close; /* at the first piece; NULL: none */
    bool is_late;
};

/* Bytes of a body by their place, so that a lost or doubled one shows. */
static char pattern(size_t place)
{
    return (char)('a' + place % 23);
}

static void on_head(void *data, const struct http_fetch_result *head)
{
    struct taken *taken = data;
    struct str x = http_headers_find(head->headers, head->header_count, STR("x-test"));
    assert_int_equal(taken->fetched.calls, 0);
    assert_int_equal(taken->pieces, 0);
    assert_int_equal(head->body.len, 0);
    taken->heads++;
    taken->status = head->status;
    snprintf(taken->x_header, sizeof(taken->x_header), "%.*s", STR_ARGS(x));
    if (taken->cancel == AT_HEAD)
        http_fetch_cancel(taken->fetch);
}

static void on_piece(void *data, struct str bytes)
{
    struct taken *taken = data;
    assert_int_equal(taken->heads, 1);
    assert_int_equal(taken->fetched.calls, 0);
    assert_true(bytes.len > 0);
    taken->pieces++;
    for (size_t i = 0; i < bytes.len; i++)
        taken->wrong += bytes.ptr[i] != pattern(taken->bytes + i);
    taken->bytes += bytes.len;
    if (taken->pause_at > 0 && taken->bytes >= taken->pause_at)
        http_fetch_pause(taken->fetch);
    if (taken->cancel == AT_PIECE)
        http_fetch_cancel(taken->fetch);
    if (taken->to_close != NULL)
        http_client_close(taken->to_close);
}

static void on_taken(void *data, const struct http_fetch_result *result)
{
    struct taken *taken = data;
    assert_int_equal(result->body.len, 0);
    taken->is_late = result->is_late;
    on_fetched(&taken->fetched, result);
}

static struct http_fetch_request pieces_request(const struct bench *bench,
                                                const struct http_fetch_pieces *pieces)
{
    struct http_fetch_request request = bench_request(bench, "GET", "");
    request.answer_max = LARGE;
    request.pieces = pieces;
    return request;
}

static void take(struct bench *bench, struct taken *taken, struct tls_trust *trust)
{
    const struct http_fetch_pieces pieces = {on_head, on_piece, LONG_MS};
    struct http_fetch_request request = pieces_request(bench, &pieces);
    request.trust = trust;
    taken->fetch = http_client_fetch(bench->client, &request, on_taken, taken);
    assert_int_equal(taken->heads, 0);
}

static void wait_for_bytes(struct bench *bench, const struct taken *taken, size_t bytes)
{
    while (taken->bytes < bytes)
        uv_run(&bench->loop, UV_RUN_ONCE);
}

/* --- Scripts --- */

static void say_pattern(struct conversation *with, size_t from, size_t to)
{
    char bytes[16 * 1024 + 1];
    while (from < to) {
        size_t len = to - from < sizeof(bytes) - 1 ? to - from : sizeof(bytes) - 1;
        for (size_t i = 0; i < len; i++)
            bytes[i] = pattern(from + i);
        bytes[len] = '\0';
        say(with, bytes);
        from += len;
    }
}

static void say_length(struct conversation *with, size_t length)
{
    char head[128];
    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nX-Test: yes\r\nContent-Length: %zu\r\n\r\n",
             length);
    say(with, head);
}

static void large_by_length(struct conversation *with)
{
    while (hear(with)) {
        say_length(with, LARGE);
        say_pattern(with, 0, LARGE);
    }
}

static void large_until_close(struct conversation *with)
{
    if (!hear(with))
        return;
    say(with, "HTTP/1.1 200 OK\r\nX-Test: yes\r\n\r\n");
    say_pattern(with, 0, LARGE);
}

/* Chunks that fall anywhere in what is read at a time. */
static void large_in_chunks(struct conversation *with)
{
    while (hear(with)) {
        say(with, "HTTP/1.1 200 OK\r\nX-Test: yes\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (size_t at = 0, len; at < LARGE; at += len) {
            char size[16];
            len = 1 + at % 70001;
            len = LARGE - at < len ? LARGE - at : len;
            snprintf(size, sizeof(size), "%zx\r\n", len);
            say(with, size);
            say_pattern(with, at, at + len);
            say(with, "\r\n");
        }
        say(with, "0\r\n\r\n");
    }
}

static void head_and_nothing(struct conversation *with)
{
    if (!hear(with))
        return;
    say_length(with, 100);
    say_pattern(with, 0, 10);
    hang(with);
}

static void nothing(struct conversation *with)
{
    if (hear(with))
        hang(with);
}

static void cut_short(struct conversation *with)
{
    if (!hear(with))
        return;
    say_length(with, 100);
    say_pattern(with, 0, 10);
}

static void reset_within(struct conversation *with)
{
    cut_short(with);
    arm_reset(with);
}

static void malformed_chunk(struct conversation *with)
{
    if (!hear(with))
        return;
    say(with, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n");
    hang(with);
}

static void no_body(struct conversation *with)
{
    while (hear(with))
        say(with, "HTTP/1.1 204 No Content\r\nX-Test: yes\r\n\r\n");
}

/* --- Tests --- */

static void assert_whole(const struct taken *taken, size_t bytes)
{
    assert_int_equal(taken->heads, 1);
    assert_int_equal(taken->status, 200);
    assert_string_equal(taken->x_header, "yes");
    assert_int_equal(taken->bytes, bytes);
    assert_int_equal(taken->wrong, 0);
    assert_int_equal(taken->fetched.calls, 1);
    assert_int_equal(taken->fetched.outcome, HTTP_ANSWERED);
    assert_int_equal(taken->fetched.status, 200);
    assert_string_equal(taken->fetched.x_header, "yes");
}

static void hands_over_a_body_as_it_comes(void **state)
{
    static play_function *const plays[] = {large_by_length, large_in_chunks, large_until_close};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plays); i++) {
        struct bench bench;
        struct taken taken = {0};
        bench_open(&bench, plays[i]);
        take(&bench, &taken, NULL);
        wait_for_end(&bench, &taken.fetched);
        assert_whole(&taken, LARGE);
        assert_true(taken.pieces >= LARGE / HTTP_ANSWER_PIECE_MAX);
        bench_close(&bench);
    }
}

static void a_body_that_is_not_there_has_no_pieces(void **state)
{
    (void)state;
    struct bench bench;
    struct taken taken = {0};
    bench_open(&bench, no_body);
    take(&bench, &taken, NULL);
    wait_for_end(&bench, &taken.fetched);
    assert_int_equal(taken.heads, 1);
    assert_int_equal(taken.pieces, 0);
    assert_int_equal(taken.fetched.outcome, HTTP_ANSWERED);
    assert_int_equal(taken.fetched.status, 204);
    bench_close(&bench);
}

/* The rest stays with the server; only what the sockets hold has left it. */
static void a_pause_stops_the_server(struct bench *bench, struct tls_trust *trust)
{
    struct taken taken = {.pause_at = 100 * 1000};
    take(bench, &taken, trust);
    wait_for_bytes(bench, &taken, taken.pause_at);
    size_t bytes = taken.bytes;
    let_idle(bench);
    assert_int_equal(taken.bytes, bytes);
    assert_int_equal(taken.fetched.calls, 0);
    assert_true(bytes < 2 * taken.pause_at);
    for (int i = 0; i < 5; i++) { /* one piece for each, then it pauses again */
        bytes = taken.bytes;
        http_fetch_resume(taken.fetch);
        assert_int_equal(taken.bytes, bytes);
        wait_for_bytes(bench, &taken, bytes + 1);
        let_idle(bench);
    }
    taken.pause_at = 0;
    http_fetch_resume(taken.fetch);
    http_fetch_resume(taken.fetch); /* no harm */
    wait_for_end(bench, &taken.fetched);
    assert_whole(&taken, LARGE);
}

static void a_paused_fetch_reads_nothing(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, large_by_length);
    a_pause_stops_the_server(&bench, NULL);
    assert_int_equal(post(&bench).outcome, HTTP_UNKNOWN); /* too long for a body that is held */
    bench_close(&bench);
}

/* What TLS has decrypted already is announced by no socket. */
static void a_paused_fetch_goes_on_over_tls(void **state)
{
    (void)state;
    struct bench bench;
    struct tls_trust *trust;
    struct tls_identity *identity;
    make_pair("127.0.0.1", &identity, &trust);
    bench_open_with(&bench, large_in_chunks, identity, 0);
    a_pause_stops_the_server(&bench, trust);
    tls_trust_release(trust);
    bench_close(&bench);
}

static void a_pause_with_the_last_piece_spoils_no_connection(void **state)
{
    (void)state;
    struct bench bench;
    struct taken first = {.pause_at = LARGE}, second = {0};
    bench_open(&bench, large_by_length);
    take(&bench, &first, NULL);
    wait_for_end(&bench, &first.fetched);
    assert_whole(&first, LARGE);
    take(&bench, &second, NULL);
    wait_for_end(&bench, &second.fetched);
    assert_whole(&second, LARGE);
    assert_seen(&bench, 2, 1);
    bench_close(&bench);
}

static void a_body_that_breaks_off_is_not_whole(void **state)
{
    static const struct {
        play_function *play;
        size_t bytes;
    } cases[] = {{cut_short, 10}, {reset_within, 0}, {malformed_chunk, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bench bench;
        struct taken taken = {0};
        bench_open(&bench, cases[i].play);
        take(&bench, &taken, NULL);
        wait_for_end(&bench, &taken.fetched);
        assert_int_equal(taken.fetched.outcome, HTTP_UNKNOWN);
        assert_true(taken.fetched.why[0] != '\0');
        assert_true(taken.bytes >= cases[i].bytes);
        assert_false(taken.is_late);
        bench_close(&bench);
    }
}

static void a_body_longer_than_asked_for_is_not_taken(void **state)
{
    static play_function *const plays[] = {large_by_length, large_in_chunks, large_until_close};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plays); i++) {
        const struct http_fetch_pieces pieces = {on_head, on_piece, LONG_MS};
        struct bench bench;
        struct taken taken = {0};
        bench_open(&bench, plays[i]);
        struct http_fetch_request request = pieces_request(&bench, &pieces);
        request.answer_max = LARGE - 1;
        taken.fetch = http_client_fetch(bench.client, &request, on_taken, &taken);
        wait_for_end(&bench, &taken.fetched);
        assert_int_equal(taken.fetched.outcome, HTTP_UNKNOWN);
        assert_non_null(strstr(taken.fetched.why, "too long"));
        assert_true(taken.bytes < LARGE);
        bench_close(&bench);
    }
}

static struct taken take_late(play_function *play, int64_t head_ms, int64_t idle_ms)
{
    const struct http_fetch_pieces pieces = {on_head, on_piece, idle_ms};
    struct bench bench;
    struct taken taken = {0};
    bench_open(&bench, play);
    struct http_fetch_request request = pieces_request(&bench, &pieces);
    request.timeout_ms = head_ms;
    taken.fetch = http_client_fetch(bench.client, &request, on_taken, &taken);
    wait_for_end(&bench, &taken.fetched);
    assert_int_equal(taken.fetched.outcome, HTTP_UNKNOWN);
    assert_true(taken.is_late);
    bench_close(&bench);
    return taken;
}

static void head_and_pieces_have_deadlines_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(take_late(nothing, SHORT_MS, LONG_MS).heads, 0);
    struct taken taken = take_late(head_and_nothing, LONG_MS, SHORT_MS);
    assert_int_equal(taken.heads, 1);
    assert_int_equal(taken.bytes, 10);
}

/* Neither that of the head, which is there, nor the server's for a piece that nobody wants. */
static void no_deadline_runs_while_it_is_paused(void **state)
{
    (void)state;
    const struct http_fetch_pieces pieces = {on_head, on_piece, IDLE_MS};
    struct bench bench;
    struct taken taken = {.pause_at = 1};
    bench_open(&bench, large_by_length);
    struct http_fetch_request request = pieces_request(&bench, &pieces);
    taken.fetch = http_client_fetch(bench.client, &request, on_taken, &taken);
    wait_for_bytes(&bench, &taken, 1);
    uint64_t until_ms = uv_now(&bench.loop) + IDLE_MS + IDLE_MS / 10;
    while (uv_now(&bench.loop) < until_ms)
        uv_run(&bench.loop, UV_RUN_ONCE);
    assert_int_equal(taken.fetched.calls, 0);
    taken.pause_at = 0;
    http_fetch_resume(taken.fetch);
    wait_for_end(&bench, &taken.fetched);
    assert_whole(&taken, LARGE);
    bench_close(&bench);
}

static void no_piece_comes_after_a_cancel(void **state)
{
    (void)state;
    for (int at = AT_HEAD; at <= AT_PIECE; at++) {
        struct bench bench;
        struct taken taken = {.cancel = at};
        bench_open(&bench, large_by_length);
        take(&bench, &taken, NULL);
        wait_for_end(&bench, &taken.fetched);
        assert_int_equal(taken.fetched.outcome, HTTP_UNKNOWN);
        assert_int_equal(taken.heads, 1);
        assert_int_equal(taken.pieces, at == AT_PIECE);
        let_idle(&bench);
        assert_int_equal(taken.fetched.calls, 1);
        bench_close(&bench);
    }
}

static void a_paused_fetch_can_be_canceled(void **state)
{
    (void)state;
    struct bench bench;
    struct taken taken = {.pause_at = 1};
    bench_open(&bench, large_by_length);
    take(&bench, &taken, NULL);
    wait_for_bytes(&bench, &taken, 1);
    http_fetch_resume(taken.fetch); /* looked at in the next turn, if it were still there */
    http_fetch_cancel(taken.fetch);
    http_fetch_resume(taken.fetch);
    http_fetch_pause(taken.fetch);
    wait_for_end(&bench, &taken.fetched);
    assert_int_equal(taken.pieces, 1);
    bench_close(&bench);
}

static void a_piece_may_close_the_client(void **state)
{
    (void)state;
    struct bench bench;
    struct taken taken = {0};
    bench_open(&bench, large_by_length);
    taken.to_close = bench.client;
    take(&bench, &taken, NULL);
    wait_for_end(&bench, &taken.fetched);
    assert_int_equal(taken.pieces, 1);
    bench.client = NULL;
    bench_close(&bench);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_over_a_body_as_it_comes),
        cmocka_unit_test(a_body_that_is_not_there_has_no_pieces),
        cmocka_unit_test(a_paused_fetch_reads_nothing),
        cmocka_unit_test(a_paused_fetch_goes_on_over_tls),
        cmocka_unit_test(a_pause_with_the_last_piece_spoils_no_connection),
        cmocka_unit_test(a_body_that_breaks_off_is_not_whole),
        cmocka_unit_test(a_body_longer_than_asked_for_is_not_taken),
        cmocka_unit_test(head_and_pieces_have_deadlines_of_their_own),
        cmocka_unit_test(no_deadline_runs_while_it_is_paused),
        cmocka_unit_test(no_piece_comes_after_a_cancel),
        cmocka_unit_test(a_paused_fetch_can_be_canceled),
        cmocka_unit_test(a_piece_may_close_the_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
