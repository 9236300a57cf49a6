#ifndef NET_HTTP_READER_H
#define NET_HTTP_READER_H

/* Strict reader of one HTTP/1.1 or 1.0 request (RFC 9110, RFC 9112). Pure: it looks at the caller's
 * bytes, takes up each byte once however they arrive, and holds places in them instead of pointers,
 * so that the caller may move them between two calls. What two readers could understand in two ways
 * is refused. It never needs a byte more to refuse: the first wrong one is enough. */

#include "net/http_chunks.h"
#include "net/http_server.h"

enum {
    HTTP_METHOD_MAX = 32,       /* the longest registered one has 17 letters */
    HTTP_TARGET_MAX = 8 * 1024, /* RFC 9112, section 3: at least 8000 */
};

struct http_span {
    uint16_t start, len; /* HTTP_HEAD_MAX fits */
};

/* The caller reads the part marked so; the rest is the reader's own. */
struct http_reader {
    /* for the caller: after HTTP_READ_REFUSED */
    int error_status;         /* 400, 413, 414, 417, 431, 501, 505 */
    const char *error_reason; /* static, one line, nothing that was sent */
    /* for the caller: after the head is done */
    bool is_keep_alive;
    bool expects_continue; /* the client waits for 100 before it sends the body */
    /* for the caller: after the body is done */
    size_t taken; /* bytes of this request; behind them stands the next one */

    /* both parts */
    size_t at;   /* first byte not looked at yet */
    size_t mark; /* first byte of the element that is being read */
    size_t head_len, body_len;
    /* head */
    int head_state;
    bool is_http_10, is_chunked, has_host, has_length, is_close_asked, is_keep_alive_asked;
    uint64_t content_length;
    struct http_span method, target;
    size_t field_count;
    struct {
        struct http_span name, value;
    } fields[HTTP_HEADERS_MAX];
    struct http_chunks chunks; /* from the end of the head on */
};

void http_reader_init(struct http_reader *reader);

/* Goes on with the head where the call before it stopped. bytes[0, len) begins with the first byte
 * of the request and repeats what earlier calls were given. */
enum http_read http_reader_head(struct http_reader *reader, const char *bytes, size_t len);

/* After the head is done: goes on with the body. Chunked coding is removed in place: on
 * HTTP_READ_MORE *len is the length of what is left, behind which the next bytes belong; otherwise
 * it stays. */
enum http_read http_reader_body(struct http_reader *reader, size_t body_max, char *bytes,
                                size_t *len);
/* Whether a body is announced. After the head is done. */
bool http_reader_has_body(const struct http_reader *reader);

/* The request, borrowed from bytes and headers; the body as far as it is done. peer and is_tls are
 * the caller's. */
void http_reader_request(const struct http_reader *reader, const char *bytes,
                         struct http_header headers[static HTTP_HEADERS_MAX],
                         struct http_request *request);

#endif
