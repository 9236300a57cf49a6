#include "net/curl_stream.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "net/curl_loop.h"
#include "net/tls.h"

const char CURL_REFUSED_ADDRESS[] = "an address that is not allowed";

/* Lives from curl_stream_open() to curl_stream_close(). */
struct curl_stream {
    /* fixed at start */
    struct curl_opening opening;
    CURL *easy; /* its "private" points back here */
    struct curl_stream_callbacks callbacks;
    void *data;
    char reason[CURL_ERROR_SIZE];
    /* changes */
    struct curl_watch *watch; /* once it stands */
    bool is_room_awaited;
    bool is_paused;
};

/* GnuTLS asks its program for this function (its manual, "Initialization"): true leaves out what
 * its constructor does. It only comes along with Debian's libcurl, for protocols that are not
 * spoken here, and would take 0.8 MiB and load what is configured for PKCS #11. */
int _gnutls_global_init_skip(void); // NOLINT(bugprone-reserved-identifier)
int _gnutls_global_init_skip(void)  // NOLINT(bugprone-reserved-identifier)
{
    return 1;
}

/* The one place that initialises libcurl; the process ends without undoing it. */
static void initialise_curl(void)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    assert(code == CURLE_OK);
    (void)code;
}

static void await(struct curl_stream *stream)
{
    curl_watch_await(stream->watch, !stream->is_paused, stream->is_room_awaited);
}

static void on_ready(void *data)
{
    struct curl_stream *stream = data;
    if (stream->is_room_awaited) {
        stream->is_room_awaited = false;
        await(stream);
    }
    stream->callbacks.on_ready(stream->data);
}

/* libcurl only says that it could not connect when the guard was against it. */
static const char *reason_of(const struct curl_stream *stream, CURLcode code)
{
    if (stream->opening.has_refused && code == CURLE_COULDNT_CONNECT)
        return CURL_REFUSED_ADDRESS;
    return stream->reason[0] != '\0' ? stream->reason : curl_easy_strerror(code);
}

static void on_opened(CURL *easy, CURLcode code)
{
    char *private = NULL;
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    struct curl_stream *stream = (struct curl_stream *)(void *)private;
    if (code == CURLE_OK)
        code = curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
    if (code == CURLE_OK && fd == CURL_SOCKET_BAD)
        code = CURLE_COULDNT_CONNECT;
    if (code == CURLE_OK) {
        stream->watch = curl_loop_take_over(stream->opening.loop, fd, on_ready, stream);
        await(stream);
        stream->callbacks.on_open(stream->data, NULL);
    } else {
        stream->callbacks.on_open(stream->data, reason_of(stream, code));
    }
}

struct curl_loop *curl_streams_create(struct uv_loop_s *loop)
{
    static pthread_once_t initialised = PTHREAD_ONCE_INIT;
    pthread_once(&initialised, initialise_curl);
    return curl_loop_create(loop, on_opened);
}

void curl_streams_poke(struct curl_loop *streams)
{
    curl_loop_poke(streams);
}

void curl_streams_close(struct curl_loop *streams, void (*on_closed)(void *data), void *data)
{
    curl_loop_close(streams, on_closed, data);
}

static void set_trust(CURL *easy, const struct tls_trust *trust)
{
    struct str pem = trust == NULL ? (struct str){NULL, 0} : tls_trust_pem(trust);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
                     trust == NULL || tls_trust_checks_host(trust) ? 2L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* Debian's folder of anchors would be trusted beside those given, and it keeps libcurl from
     * caching the bundle: 20 ms of the loop for each connection (dependencies.md, section 2). */
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (pem.ptr != NULL) {
        struct curl_blob blob = {(void *)(uintptr_t)pem.ptr, pem.len, CURL_BLOB_NOCOPY};
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    }
}

/* Nothing of the environment or of files has a say. */
static void set_connection(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* Without it, a name that does not resolve in time is waited for, with the loop standing. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
}

struct curl_stream *curl_stream_open(struct curl_loop *streams,
                                     const struct curl_stream_target *target,
                                     const struct curl_stream_callbacks *callbacks, void *data)
{
    struct curl_stream *stream = NEW(struct curl_stream);
    stream->opening = (struct curl_opening){.loop = streams, .guard = target->guard};
    stream->callbacks = *callbacks;
    stream->data = data;
    stream->easy = curl_easy_init();
    assert(stream->easy != NULL);
    set_connection(stream->easy);
    set_trust(stream->easy, target->trust);
    curl_easy_setopt(stream->easy, CURLOPT_PRIVATE, stream);
    curl_easy_setopt(stream->easy, CURLOPT_ERRORBUFFER, stream->reason);
    curl_easy_setopt(stream->easy, CURLOPT_URL, target->url);
    /* libcurl takes 0 for its own 300 s. */
    curl_easy_setopt(stream->easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(target->connect_timeout_ms > 0 ? target->connect_timeout_ms : 1));
    CURLMcode code = curl_loop_start(&stream->opening, stream->easy);
    assert(code == CURLM_OK); /* fails only for a handle that is in use already */
    (void)code;
    return stream;
}

void curl_stream_close(struct curl_stream *stream)
{
    if (stream == NULL)
        return;
    curl_loop_stop(stream->opening.loop, stream->easy); /* closes the connection, too */
    curl_easy_cleanup(stream->easy);
    mem_free(stream);
}

enum status curl_stream_send(struct curl_stream *stream, struct str bytes, size_t *sent)
{
    *sent = 0;
    CURLcode code = curl_easy_send(stream->easy, bytes.ptr, bytes.len, sent);
    if (code != CURLE_OK && code != CURLE_AGAIN)
        return ERR_IO;
    if (*sent < bytes.len) {
        stream->is_room_awaited = true;
        await(stream);
    }
    return OK;
}

void curl_stream_pause(struct curl_stream *stream)
{
    stream->is_paused = true;
    await(stream);
}

void curl_stream_resume(struct curl_stream *stream)
{
    stream->is_paused = false;
    await(stream);
}

enum curl_received curl_stream_receive(struct curl_stream *stream, char *room, size_t size,
                                       size_t *len)
{
    *len = 0;
    CURLcode code = curl_easy_recv(stream->easy, room, size, len);
    if (code == CURLE_AGAIN)
        return CURL_RECEIVED_NOTHING;
    if (code != CURLE_OK)
        return CURL_RECEIVED_BREAK;
    return *len > 0 ? CURL_RECEIVED_BYTES : CURL_RECEIVED_END;
}

bool curl_stream_is_quiet(struct curl_stream *stream)
{
    char unasked;
    size_t len;
    return curl_stream_receive(stream, &unasked, 1, &len) == CURL_RECEIVED_NOTHING;
}
