#include "net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/mem.h"
#include "net/tls.h"

/* Bytes handed to OpenSSL at a time: the largest plaintext of a record (RFC 8446, 5.1). The memory
 * BIOs keep the size they once grew to, so this bounds what an idle connection holds. */
enum { SLICE_SIZE = 16 * 1024 };

/* What OpenSSL may say to a client by itself once the handshake is done. Session tickets are less
 * than one KiB; but each renegotiation that a TLS 1.2 client asks for is refused with an alert, and
 * a client that asks for ever and reads nothing would leave the alerts in our memory. */
enum { UNASKED_MAX = 8 * 1024 };

struct tls_stream {
    SSL *ssl;
    size_t unasked; /* bytes said by OpenSSL itself since the handshake */
    bool has_failed;
};

struct tls_stream *tls_stream_create(const struct tls_identity *identity)
{
    struct tls_stream *stream = NEW(struct tls_stream);
    stream->ssl = SSL_new(tls_identity_context(identity));
    BIO *received = BIO_new(BIO_s_mem()), *sent = BIO_new(BIO_s_mem());
    if (stream->ssl == NULL || received == NULL || sent == NULL) {
        BIO_free(received);
        BIO_free(sent);
        SSL_free(stream->ssl);
        stream->ssl = NULL;
        stream->has_failed = true;
    } else {
        SSL_set_bio(stream->ssl, received, sent);
        SSL_set_accept_state(stream->ssl);
    }
    ERR_clear_error();
    return stream;
}

void tls_stream_destroy(struct tls_stream *stream)
{
    if (stream == NULL)
        return;
    SSL_free(stream->ssl);
    mem_free(stream);
}

/* What follows every call into OpenSSL on a connection. The queue of errors belongs to the thread:
 * what one connection leaves there would be taken for another's, so it is emptied before such calls
 * (others use OpenSSL too) and after them. */
static enum status settle(struct tls_stream *stream, int result, struct buf *out)
{
    int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(stream->ssl, result);
    if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN)
        stream->has_failed = true;
    char *bytes;
    BIO *sent = SSL_get_wbio(stream->ssl);
    long len = BIO_get_mem_data(sent, &bytes);
    if (len > 0) {
        buf_append(out, str_from(bytes, (size_t)len));
        (void)BIO_reset(sent);
    }
    ERR_clear_error();
    return stream->has_failed ? ERR_CRYPTO : OK;
}

/* What follows close_notify is no part of the connection (RFC 8446, 6.1): OpenSSL would keep it and
 * never look at it. */
static bool takes_bytes(const struct tls_stream *stream)
{
    return !stream->has_failed && !tls_stream_is_ended(stream);
}

static void count_unasked(struct tls_stream *stream, size_t len)
{
    stream->unasked += len;
    if (stream->unasked > UNASKED_MAX)
        stream->has_failed = true;
}

enum status tls_stream_decrypt(struct tls_stream *stream, struct str received, struct buf *plain,
                               struct buf *out)
{
    char bytes[SLICE_SIZE];
    ERR_clear_error();
    while (received.len > 0 && takes_bytes(stream)) {
        bool was_established = tls_stream_is_established(stream);
        size_t out_len = out->len;
        struct str slice = str_slice(received, 0, SLICE_SIZE);
        received = str_slice(received, slice.len, received.len);
        if (BIO_write(SSL_get_rbio(stream->ssl), slice.ptr, (int)slice.len) != (int)slice.len)
            stream->has_failed = true;
        int len;
        while ((len = SSL_read(stream->ssl, bytes, SLICE_SIZE)) > 0)
            buf_append(plain, str_from(bytes, (size_t)len));
        (void)settle(stream, len, out);
        if (was_established)
            count_unasked(stream, out->len - out_len);
    }
    return stream->has_failed ? ERR_CRYPTO : OK;
}

enum status tls_stream_encrypt(struct tls_stream *stream, struct str plain, struct buf *out)
{
    ERR_clear_error();
    while (plain.len > 0 && !stream->has_failed) {
        struct str slice = str_slice(plain, 0, SLICE_SIZE);
        plain = str_slice(plain, slice.len, plain.len);
        /* A memory BIO takes everything: a partial write or WANT_WRITE cannot be. */
        (void)settle(stream, SSL_write(stream->ssl, slice.ptr, (int)slice.len), out);
    }
    return stream->has_failed ? ERR_CRYPTO : OK;
}

void tls_stream_end(struct tls_stream *stream, struct buf *out)
{
    ERR_clear_error();
    if (!stream->has_failed && tls_stream_is_established(stream))
        (void)settle(stream, SSL_shutdown(stream->ssl) < 0 ? -1 : 1, out);
}

bool tls_stream_is_established(const struct tls_stream *stream)
{
    return stream->ssl != NULL && SSL_is_init_finished(stream->ssl);
}

bool tls_stream_is_ended(const struct tls_stream *stream)
{
    return stream->ssl != NULL && (SSL_get_shutdown(stream->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}
