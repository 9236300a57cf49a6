#ifndef TESTS_NET_UPSTREAM_H
#define TESTS_NET_UPSTREAM_H

/* What the tests of the HTTP client share: a fake server that plays a script on each connection,
 * with blocking calls on a thread of its own, and counts what it saw; and a client on a loop.
 * Functions stand here because a test program is one object. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"
#include "base/mem.h"
#include "net/http_client.h"
#include "net/tls.h"

enum { CONVERSATIONS_MAX = 64, TEXT_MAX = 64 * 1024, ANSWER_MAX = 4096, LONG_MS = 10000 };

struct upstream;

struct conversation {
    struct upstream *upstream;
    int fd;
    int number; /* of the connection, from 1 */
    SSL *tls;
    pthread_t thread;
    char request[TEXT_MAX]; /* the current one */
    size_t request_len;
};

typedef void play_function(struct conversation *with);

struct upstream {
    play_function *play;
    struct tls_identity *identity; /* NULL: plain */
    int listener, port;
    pthread_t thread;
    atomic_int connections, requests;
    pthread_mutex_t lock;
    char last_request[TEXT_MAX]; /* under the lock */
    struct conversation *conversations[CONVERSATIONS_MAX];
};

static ssize_t read_some(struct conversation *with, char *bytes, size_t size)
{
    return with->tls != NULL ? SSL_read(with->tls, bytes, (int)size)
                             : recv(with->fd, bytes, size, 0);
}

static bool is_whole_request(const char *bytes, size_t len)
{
    static const char field[] = "Content-Length: ";
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (end == NULL)
        return false;
    size_t head = (size_t)(end - bytes) + 4;
    const char *length = memmem(bytes, head, field, strlen(field));
    return len >= head + (length == NULL ? 0 : strtoul(length + strlen(field), NULL, 10));
}

/* Waits for a whole request and counts it; false when the client has left. */
static bool hear(struct conversation *with)
{
    with->request_len = 0;
    do {
        ssize_t got = read_some(with, with->request + with->request_len,
                                sizeof(with->request) - 1 - with->request_len);
        if (got <= 0)
            return false;
        with->request_len += (size_t)got;
        with->request[with->request_len] = '\0';
    } while (!is_whole_request(with->request, with->request_len));
    pthread_mutex_lock(&with->upstream->lock);
    memcpy(with->upstream->last_request, with->request, with->request_len + 1);
    pthread_mutex_unlock(&with->upstream->lock);
    atomic_fetch_add(&with->upstream->requests, 1);
    return true;
}

static void say(struct conversation *with, const char *text)
{
    if (with->tls != NULL)
        SSL_write(with->tls, text, (int)strlen(text));
    else
        send(with->fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Waits until the client leaves. */
static inline void hang(struct conversation *with)
{
    char byte;
    while (read_some(with, &byte, 1) > 0)
        continue;
}

/* The connection ends with RST instead of FIN when the script returns. */
static inline void arm_reset(struct conversation *with)
{
    struct linger at_once = {.l_onoff = 1};
    setsockopt(with->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void *converse(void *data)
{
    struct conversation *with = data;
    if (with->upstream->identity != NULL) {
        with->tls = SSL_new(tls_identity_context(with->upstream->identity));
        SSL_set_fd(with->tls, with->fd);
    }
    if (with->tls == NULL || SSL_accept(with->tls) == 1)
        with->upstream->play(with);
    if (with->tls != NULL)
        SSL_shutdown(with->tls);
    SSL_free(with->tls);
    /* shutdown() first: the stopping thread still knows this descriptor, so it must stay open. */
    struct linger linger = {0};
    socklen_t size = sizeof(linger);
    getsockopt(with->fd, SOL_SOCKET, SO_LINGER, &linger, &size);
    if (linger.l_onoff != 0) {
        /* Only disconnecting sends RST while the descriptor stays. */
        struct sockaddr nobody = {.sa_family = AF_UNSPEC};
        connect(with->fd, &nobody, sizeof(nobody));
    } else {
        shutdown(with->fd, SHUT_RDWR);
    }
    return NULL;
}

static void *accept_all(void *data)
{
    struct upstream *upstream = data;
    for (int i = 0; i < CONVERSATIONS_MAX; i++) {
        int fd = accept(upstream->listener, NULL, NULL);
        if (fd < 0)
            break;
        struct conversation *with = NEW(struct conversation);
        with->upstream = upstream;
        with->fd = fd;
        with->number = i + 1;
        upstream->conversations[i] = with;
        atomic_fetch_add(&upstream->connections, 1);
        pthread_create(&with->thread, NULL, converse, with);
    }
    return NULL;
}

/* Keeps the identity. */
static void upstream_start(struct upstream *upstream, play_function *play,
                           struct tls_identity *identity)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    *upstream =
        (struct upstream){.play = play, .identity = identity, .lock = PTHREAD_MUTEX_INITIALIZER};
    upstream->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(upstream->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(upstream->listener, CONVERSATIONS_MAX), 0);
    assert_int_equal(getsockname(upstream->listener, (struct sockaddr *)&address, &size), 0);
    upstream->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&upstream->thread, NULL, accept_all, upstream), 0);
}

/* No further connection is taken. */
static void upstream_refuse(struct upstream *upstream)
{
    if (upstream->listener < 0)
        return;
    shutdown(upstream->listener, SHUT_RDWR);
    pthread_join(upstream->thread, NULL);
    close(upstream->listener);
    upstream->listener = -1;
}

/* Ends the conversations and waits for their threads. */
static void upstream_stop(struct upstream *upstream)
{
    upstream_refuse(upstream);
    for (int i = 0; i < CONVERSATIONS_MAX && upstream->conversations[i] != NULL; i++) {
        struct conversation *with = upstream->conversations[i];
        shutdown(with->fd, SHUT_RDWR);
        pthread_join(with->thread, NULL);
        close(with->fd);
        mem_free(with);
    }
    tls_identity_release(upstream->identity);
}

/* A certificate for the one name, as identity for the upstream and as anchor for the client. */
static inline void make_pair(const char *name, struct tls_identity **identity,
                             struct tls_trust **trust)
{
    char folder[] = "/tmp/test_http_client_XXXXXX", certificate_path[64], key_path[64];
    struct buf certificate, key;
    struct fault fault;
    buf_init(&certificate, TEXT_MAX);
    buf_init(&key, TEXT_MAX);
    assert_non_null(mkdtemp(folder));
    snprintf(certificate_path, sizeof(certificate_path), "%s/tls.crt", folder);
    snprintf(key_path, sizeof(key_path), "%s/tls.key", folder);
    assert_int_equal(tls_identity_generate(&name, 1, 1, &certificate, &key, &fault), OK);
    assert_int_equal(file_write(certificate_path, buf_str(&certificate), 0600, &fault), OK);
    assert_int_equal(file_write(key_path, buf_str(&key), 0600, &fault), OK);
    assert_int_equal(tls_identity_load(certificate_path, key_path, identity, &fault), OK);
    assert_int_equal(tls_trust_create(buf_str(&certificate), trust, &fault), OK);
    unlink(certificate_path);
    unlink(key_path);
    rmdir(folder);
    buf_finish(&certificate);
    buf_finish(&key);
}

/* A client on its loop, and an upstream. */
struct bench {
    uv_loop_t loop;
    struct http_client *client; /* NULL once closed */
    struct upstream upstream;
    uv_timer_t tick; /* looks at conditions that other threads bring about */
    char url[128];
};

/* What came of a fetch, copied. */
struct fetched {
    int calls;
    enum http_outcome outcome;
    int status;
    char why[300];
    char body[ANSWER_MAX + 1];
    size_t header_count;
    char x_header[64]; /* the answer's X-Test */
};

static void on_tick(uv_timer_t *tick)
{
    (void)tick;
}

static void bench_open_with(struct bench *bench, play_function *play, struct tls_identity *identity,
                            size_t connections_max)
{
    struct http_client_options options;
    *bench = (struct bench){0};
    upstream_start(&bench->upstream, play, identity);
    snprintf(bench->url, sizeof(bench->url), "%s://127.0.0.1:%d/v1/../a?b=c",
             identity == NULL ? "http" : "https", bench->upstream.port);
    assert_int_equal(uv_loop_init(&bench->loop), 0);
    uv_timer_init(&bench->loop, &bench->tick);
    uv_timer_start(&bench->tick, on_tick, 1, 1);
    http_client_options_init(&options);
    if (connections_max > 0)
        options.connections_max = connections_max;
    bench->client = http_client_create(&bench->loop, &options);
}

static inline void bench_open(struct bench *bench, play_function *play)
{
    bench_open_with(bench, play, NULL, 0);
}

static void bench_close(struct bench *bench)
{
    if (bench->client != NULL)
        http_client_close(bench->client);
    uv_close((uv_handle_t *)&bench->tick, NULL);
    assert_int_equal(uv_run(&bench->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&bench->loop), 0);
    upstream_stop(&bench->upstream);
}

static void on_fetched(void *data, const struct http_fetch_result *result)
{
    struct fetched *fetched = data;
    struct str x = http_headers_find(result->headers, result->header_count, STR("x-test"));
    fetched->calls++;
    fetched->outcome = result->outcome;
    fetched->status = result->status;
    fetched->header_count = result->header_count;
    snprintf(fetched->why, sizeof(fetched->why), "%s", result->why);
    snprintf(fetched->body, sizeof(fetched->body), "%.*s", STR_ARGS(result->body));
    snprintf(fetched->x_header, sizeof(fetched->x_header), "%.*s", STR_ARGS(x));
}

static struct http_fetch_request bench_request(const struct bench *bench, const char *method,
                                               const char *body)
{
    return (struct http_fetch_request){
        .method = method,
        .url = bench->url,
        .body = str_of(body),
        .connect_timeout_ms = LONG_MS,
        .timeout_ms = LONG_MS,
        .answer_max = ANSWER_MAX,
    };
}

static struct http_fetch *start(struct bench *bench, const struct http_fetch_request *request,
                                struct fetched *fetched)
{
    *fetched = (struct fetched){0};
    struct http_fetch *fetch = http_client_fetch(bench->client, request, on_fetched, fetched);
    assert_int_equal(fetched->calls, 0);
    return fetch;
}

static void wait_for_end(struct bench *bench, const struct fetched *fetched)
{
    while (fetched->calls == 0)
        uv_run(&bench->loop, UV_RUN_ONCE);
    assert_int_equal(fetched->calls, 1);
}

static inline void assert_last_request(struct bench *bench, const char *expected)
{
    pthread_mutex_lock(&bench->upstream.lock);
    assert_string_equal(bench->upstream.last_request, expected);
    pthread_mutex_unlock(&bench->upstream.lock);
}

static inline void wait_for_requests(struct bench *bench, int count)
{
    while (atomic_load(&bench->upstream.requests) < count)
        uv_run(&bench->loop, UV_RUN_ONCE);
}

/* Lets the loop turn while the upstream's last bytes or its FIN arrive. */
static inline void let_idle(struct bench *bench)
{
    for (int i = 0; i < 20; i++)
        uv_run(&bench->loop, UV_RUN_ONCE);
}

static struct fetched fetch(struct bench *bench, const struct http_fetch_request *request)
{
    struct fetched fetched;
    start(bench, request, &fetched);
    wait_for_end(bench, &fetched);
    return fetched;
}

static inline struct fetched post(struct bench *bench)
{
    struct http_fetch_request request = bench_request(bench, "POST", "{\"a\":1}");
    return fetch(bench, &request);
}

static inline void assert_seen(struct bench *bench, int requests, int connections)
{
    assert_int_equal(atomic_load(&bench->upstream.requests), requests);
    assert_int_equal(atomic_load(&bench->upstream.connections), connections);
}

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nX-Test: yes\r\nContent-Length: 2\r\n\r\n{}";

static inline void answer_always(struct conversation *with)
{
    while (hear(with))
        say(with, ANSWER);
}

/* What comes of one POST, and how many requests the upstream saw. */
static inline struct fetched expect(play_function *play, enum http_outcome outcome, int requests)
{
    struct bench bench;
    bench_open(&bench, play);
    struct fetched fetched = post(&bench);
    assert_int_equal(fetched.outcome, outcome);
    assert_int_equal(atomic_load(&bench.upstream.requests), requests);
    assert_true((fetched.outcome == HTTP_ANSWERED) == (fetched.why[0] == '\0'));
    assert_true(fetched.outcome == HTTP_ANSWERED || fetched.status == 0);
    bench_close(&bench);
    return fetched;
}

#endif
