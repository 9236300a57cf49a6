#include "net/tls_probe.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/http_client.h"
#include "net/tls_openssl.h"

enum {
    CHAIN_MAX = 256 * 1024, /* PEM; OpenSSL takes chains of 100 KiB */
    READ_SIZE = 16 * 1024,
};

/* From tls_probe_start() until nothing of libuv is under way any more, which may be after on_done.
 */
struct tls_probe {
    /* fixed at start */
    uv_loop_t *loop;
    struct tls_trust *trust;
    char host[TLS_PROBE_HOST_MAX + 1];
    uint16_t port;
    bool is_plain;
    int64_t timeout_ms;
    struct net_guard guard;
    tls_probe_on_done *on_done;
    void *data;
    /* changes */
    enum tls_probe_stage stage;
    int64_t stage_began_ms;
    bool is_done;
    size_t pending;   /* handles and requests of libuv, whose callbacks need the memory */
    uv_timer_t timer; /* the stage's time */
    uv_getaddrinfo_t resolving;
    struct sockaddr_storage addresses[TLS_PROBE_ADDRESSES_MAX];
    size_t address_at; /* that is being tried */
    uv_tcp_t tcp;
    bool is_tcp_open;
    uv_connect_t connecting;
    SSL_CTX *context;
    SSL *tls;
    char received[READ_SIZE];
    struct buf chain;
    /* the judging thread's until on_judged() */
    uv_work_t judging;
    enum status judged;
    struct fault judge_fault;
    struct tls_verdict verdict;
    struct tls_probe_result result;
};

static void connect_next(struct tls_probe *probe);
static void start_tls(struct tls_probe *probe);

/* --- The end --- */

static void release(struct tls_probe *probe)
{
    if (--probe->pending > 0)
        return;
    SSL_free(probe->tls);
    SSL_CTX_free(probe->context);
    tls_trust_release(probe->trust);
    buf_finish(&probe->chain);
    mem_free(probe);
}

static void on_timer_closed(uv_handle_t *handle)
{
    release(CONTAINER_OF((uv_timer_t *)handle, struct tls_probe, timer));
}

static void on_tcp_closed(uv_handle_t *handle)
{
    release(CONTAINER_OF((uv_tcp_t *)handle, struct tls_probe, tcp));
}

static void close_tcp(struct tls_probe *probe, uv_close_cb on_closed)
{
    if (!probe->is_tcp_open)
        return;
    probe->is_tcp_open = false;
    uv_close((uv_handle_t *)&probe->tcp, on_closed);
}

/* The only end. */
static void finish(struct tls_probe *probe)
{
    if (probe->is_done)
        return;
    probe->is_done = true;
    close_tcp(probe, on_tcp_closed);
    uv_close((uv_handle_t *)&probe->timer, on_timer_closed);
    probe->on_done(probe->data, &probe->result);
}

static void end_stage(struct tls_probe *probe)
{
    probe->result.stage_ms[probe->stage] = clock_mono_ms() - probe->stage_began_ms;
}

static void fail(struct tls_probe *probe, const char *why)
{
    end_stage(probe);
    probe->result.failed = probe->stage;
    (void)snprintf(probe->result.why, sizeof(probe->result.why), "%s", why);
    finish(probe);
}

static void on_time_over(uv_timer_t *timer)
{
    struct tls_probe *probe = CONTAINER_OF(timer, struct tls_probe, timer);
    probe->result.is_out_of_time = true;
    /* One address that swallows packets must not use up the time of the others. */
    if (probe->stage == TLS_PROBE_TCP)
        connect_next(probe);
    else
        fail(probe, "nothing came in time");
}

static void await(struct tls_probe *probe, int64_t timeout_ms)
{
    uv_update_time(probe->loop);
    uv_timer_start(&probe->timer, on_time_over, (uint64_t)timeout_ms, 0);
}

static void begin_stage(struct tls_probe *probe, enum tls_probe_stage stage)
{
    probe->stage = stage;
    probe->stage_began_ms = clock_mono_ms();
    await(probe, probe->timeout_ms);
}

static void succeed(struct tls_probe *probe)
{
    end_stage(probe);
    probe->result.failed = TLS_PROBE_STAGES;
    finish(probe);
}

/* --- The name --- */

static void keep_address(struct tls_probe *probe, const struct addrinfo *found)
{
    struct tls_probe_result *result = &probe->result;
    size_t at = result->address_count++;
    result->v4_count += found->ai_family == AF_INET;
    result->v6_count += found->ai_family == AF_INET6;
    if (at >= TLS_PROBE_ADDRESSES_MAX)
        return;
    memcpy(&probe->addresses[at], found->ai_addr, found->ai_addrlen);
    if (uv_ip_name(found->ai_addr, result->addresses[at], TLS_PROBE_ADDRESS_SIZE) != 0)
        result->addresses[at][0] = '\0';
}

static void on_resolved(uv_getaddrinfo_t *request, int failed, struct addrinfo *addresses)
{
    struct tls_probe *probe = CONTAINER_OF(request, struct tls_probe, resolving);
    if (!probe->is_done && failed == 0)
        for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next)
            keep_address(probe, a);
    uv_freeaddrinfo(addresses);
    if (!probe->is_done && failed != 0) {
        fail(probe, uv_strerror(failed));
    } else if (!probe->is_done) {
        end_stage(probe);
        begin_stage(probe, TLS_PROBE_TCP);
        connect_next(probe);
    }
    release(probe);
}

static void on_start(uv_timer_t *timer)
{
    struct tls_probe *probe = CONTAINER_OF(timer, struct tls_probe, timer);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char port[8];
    (void)snprintf(port, sizeof(port), "%u", (unsigned)probe->port);
    begin_stage(probe, TLS_PROBE_NAME);
    int failed =
        uv_getaddrinfo(probe->loop, &probe->resolving, on_resolved, probe->host, port, &hints);
    if (failed == 0)
        probe->pending++;
    else
        fail(probe, uv_strerror(failed));
}

/* --- TCP: the addresses one after the other --- */

static void on_tried_closed(uv_handle_t *handle)
{
    struct tls_probe *probe = CONTAINER_OF((uv_tcp_t *)handle, struct tls_probe, tcp);
    if (!probe->is_done)
        connect_next(probe);
    release(probe);
}

static void try_another(struct tls_probe *probe, int failed)
{
    (void)snprintf(probe->result.why, sizeof(probe->result.why), "%s", uv_strerror(failed));
    probe->result.is_out_of_time = failed == UV_ETIMEDOUT;
    probe->result.is_refused = failed == UV_ECONNREFUSED;
    close_tcp(probe, on_tried_closed);
}

static void on_connected(uv_connect_t *request, int failed)
{
    struct tls_probe *probe = CONTAINER_OF(request, struct tls_probe, connecting);
    if (failed == UV_ECANCELED || probe->is_done)
        return;
    if (failed != 0) {
        try_another(probe, failed);
        return;
    }
    probe->result.why[0] = '\0';
    probe->result.is_out_of_time = probe->result.is_refused = probe->result.is_forbidden = false;
    probe->result.address = probe->result.addresses[probe->address_at - 1];
    if (probe->is_plain) {
        succeed(probe);
        return;
    }
    end_stage(probe);
    begin_stage(probe, TLS_PROBE_TLS);
    start_tls(probe);
}

static const struct sockaddr *next_address(struct tls_probe *probe)
{
    return (const struct sockaddr *)&probe->addresses[probe->address_at];
}

static void pass_forbidden(struct tls_probe *probe, size_t count)
{
    const struct net_guard *guard = &probe->guard;
    while (guard->allows != NULL && probe->address_at < count &&
           !guard->allows(guard->data, next_address(probe))) {
        probe->address_at++;
        probe->result.is_forbidden = true;
        (void)snprintf(probe->result.why, sizeof(probe->result.why), "%s", HTTP_REFUSED_ADDRESS);
    }
}

static void connect_next(struct tls_probe *probe)
{
    size_t count = probe->result.address_count;
    if (count > TLS_PROBE_ADDRESSES_MAX)
        count = TLS_PROBE_ADDRESSES_MAX;
    if (probe->is_tcp_open) { /* the one before has not answered in time */
        probe->result.why[0] = '\0';
        probe->result.is_refused = false;
        close_tcp(probe, on_tried_closed);
        return;
    }
    pass_forbidden(probe, count);
    if (probe->address_at == count) {
        char why[sizeof(probe->result.why)];
        memcpy(why, probe->result.why, sizeof(why));
        fail(probe, why[0] == '\0' ? "no answer in time" : why);
        return;
    }
    const struct sockaddr *address = next_address(probe);
    await(probe, probe->timeout_ms / (int64_t)count);
    probe->address_at++;
    uv_tcp_init(probe->loop, &probe->tcp);
    probe->is_tcp_open = true;
    probe->pending++;
    int failed = uv_tcp_connect(&probe->connecting, &probe->tcp, address, on_connected);
    if (failed != 0)
        try_another(probe, failed);
}

/* --- TLS --- */

static void judge(uv_work_t *work)
{
    struct tls_probe *probe = CONTAINER_OF(work, struct tls_probe, judging);
    probe->judged = tls_verdict_reach(buf_str(&probe->chain), probe->trust, probe->host,
                                      clock_wall_ms(), &probe->verdict, &probe->judge_fault);
}

static void on_judged(uv_work_t *work, int canceled)
{
    struct tls_probe *probe = CONTAINER_OF(work, struct tls_probe, judging);
    probe->result.verdict = probe->verdict;
    if (canceled != 0)
        fail(probe, "canceled");
    else if (probe->judged != OK)
        fail(probe, probe->judge_fault.text);
    else
        succeed(probe);
    release(probe);
}

static bool keep_chain(struct tls_probe *probe)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(probe->tls);
    BIO *text = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    bool is_written = text != NULL && sk_X509_num(chain) > 0;
    for (int i = 0; i < sk_X509_num(chain) && is_written; i++)
        is_written = PEM_write_bio_X509(text, sk_X509_value(chain, i)) == 1;
    long len = is_written ? BIO_get_mem_data(text, &bytes) : 0;
    buf_append(&probe->chain, str_from(bytes, (size_t)len));
    BIO_free(text);
    return is_written && !buf_is_over(&probe->chain);
}

static void end_handshake(struct tls_probe *probe)
{
    uv_timer_stop(&probe->timer);
    close_tcp(probe, on_tcp_closed);
    probe->result.version = SSL_get_version(probe->tls);
    probe->result.cipher = SSL_get_cipher_name(probe->tls);
    if (!keep_chain(probe)) {
        fail(probe, "the server shows no certificate");
        return;
    }
    probe->pending++;
    if (uv_queue_work(probe->loop, &probe->judging, judge, on_judged) != 0) {
        fail(probe, "no more threads");
        release(probe);
    }
}

/* Followed by its bytes. */
struct sending {
    uv_write_t write;
};

static void on_sent(uv_write_t *write, int failed)
{
    (void)failed; /* then reading fails as well */
    mem_free(CONTAINER_OF(write, struct sending, write));
}

/* What the handshake has for the server. */
static void send_pending(struct tls_probe *probe)
{
    char *bytes = NULL;
    BIO *out = SSL_get_wbio(probe->tls);
    long len = BIO_get_mem_data(out, &bytes);
    if (len <= 0)
        return;
    struct sending *sending = mem_alloc(sizeof(*sending) + (size_t)len);
    memcpy(sending + 1, bytes, (size_t)len);
    (void)BIO_reset(out);
    uv_buf_t piece = uv_buf_init((char *)(sending + 1), (unsigned)len);
    if (uv_write(&sending->write, (uv_stream_t *)&probe->tcp, &piece, 1, on_sent) != 0)
        mem_free(sending);
}

static void go_on(struct tls_probe *probe)
{
    ERR_clear_error();
    int done = SSL_do_handshake(probe->tls);
    int wanted = done == 1 ? SSL_ERROR_NONE : SSL_get_error(probe->tls, done);
    send_pending(probe);
    if (done == 1) {
        end_handshake(probe);
    } else if (wanted != SSL_ERROR_WANT_READ) {
        struct fault fault;
        tls_openssl_fault(&fault, ERR_IO, "no handshake");
        fail(probe, fault.text);
    }
}

static void on_room_wanted(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    struct tls_probe *probe = CONTAINER_OF((uv_tcp_t *)handle, struct tls_probe, tcp);
    (void)suggested;
    *room = uv_buf_init(probe->received, sizeof(probe->received));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *room)
{
    struct tls_probe *probe = CONTAINER_OF((uv_tcp_t *)stream, struct tls_probe, tcp);
    if (probe->is_done || len == 0)
        return;
    if (len < 0) {
        fail(probe, len == UV_EOF ? "the server closed the connection during the handshake"
                                  : uv_strerror((int)len));
        return;
    }
    BIO_write(SSL_get_rbio(probe->tls), room->base, (int)len);
    go_on(probe);
}

/* libcurl takes nothing older than TLS 1.2 either. Server name indication is for names only (RFC
 * 6066, section 3). */
static bool set_up_tls(struct tls_probe *probe)
{
    probe->context = SSL_CTX_new(TLS_client_method());
    probe->tls = probe->context == NULL ? NULL : SSL_new(probe->context);
    if (probe->tls == NULL || SSL_set_min_proto_version(probe->tls, TLS1_2_VERSION) != 1)
        return false;
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    if (in == NULL || out == NULL) {
        BIO_free(in);
        BIO_free(out);
        return false;
    }
    SSL_set_bio(probe->tls, in, out);
    SSL_set_connect_state(probe->tls);
    return tls_is_ip_address(probe->host) || SSL_set_tlsext_host_name(probe->tls, probe->host) == 1;
}

static void start_tls(struct tls_probe *probe)
{
    ERR_clear_error();
    if (!set_up_tls(probe)) {
        ERR_clear_error();
        fail(probe, "TLS can't be set up");
        return;
    }
    int failed = uv_read_start((uv_stream_t *)&probe->tcp, on_room_wanted, on_read);
    if (failed != 0)
        fail(probe, uv_strerror(failed));
    else
        go_on(probe);
}

/* --- Starting --- */

struct tls_probe *tls_probe_start(struct uv_loop_s *loop, const struct tls_probe_options *options,
                                  tls_probe_on_done *on_done, void *data)
{
    struct tls_probe *probe = NEW(struct tls_probe);
    probe->loop = loop;
    probe->trust = options->trust == NULL ? NULL : tls_trust_hold(options->trust);
    (void)snprintf(probe->host, sizeof(probe->host), "%s", options->host);
    probe->port = options->port;
    probe->is_plain = options->is_plain;
    probe->timeout_ms = options->timeout_ms;
    probe->guard = options->guard;
    probe->on_done = on_done;
    probe->data = data;
    buf_init(&probe->chain, CHAIN_MAX);
    uv_timer_init(loop, &probe->timer);
    probe->pending = 1;
    uv_timer_start(&probe->timer, on_start, 0, 0);
    return probe;
}

static void on_canceled(uv_timer_t *timer)
{
    fail(CONTAINER_OF(timer, struct tls_probe, timer), "canceled");
}

void tls_probe_cancel(struct tls_probe *probe)
{
    uv_timer_start(&probe->timer, on_canceled, 0, 0);
}
