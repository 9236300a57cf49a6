#ifndef NET_TLS_STREAM_H
#define NET_TLS_STREAM_H

/* The server's side of one TLS connection as a filter of bytes, without a socket: OpenSSL between
 * two memory BIOs. What is to be sent to the client is appended to `out`, whatever the call. */

#include "base/buf.h"

struct tls_identity;
struct tls_stream;

struct tls_stream *tls_stream_create(const struct tls_identity *identity);
/* Takes NULL. Sends nothing. */
void tls_stream_destroy(struct tls_stream *stream);

/* Takes bytes that came from the client and appends to plain what they hold for the application;
 * drives the handshake. ERR_CRYPTO: the connection is of no use any more; out may hold an alert. */
MUST_CHECK enum status tls_stream_decrypt(struct tls_stream *stream, struct str received,
                                          struct buf *plain, struct buf *out);
MUST_CHECK enum status tls_stream_encrypt(struct tls_stream *stream, struct str plain,
                                          struct buf *out);
/* Appends close_notify. Does nothing before the handshake is done or after a failure. */
void tls_stream_end(struct tls_stream *stream, struct buf *out);

bool tls_stream_is_established(const struct tls_stream *stream); /* the handshake is done */
bool tls_stream_is_ended(const struct tls_stream *stream);       /* the client said close_notify */

#endif
