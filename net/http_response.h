#ifndef NET_HTTP_RESPONSE_H
#define NET_HTTP_RESPONSE_H

/* Writes an answer as bytes of HTTP/1.1. Pure. */

#include "base/buf.h"
#include "net/http_server.h"

enum http_persistence {
    HTTP_KEEP_ALIVE,      /* HTTP/1.1: nothing to be said */
    HTTP_KEEP_ALIVE_TOLD, /* HTTP/1.0: the client asked and has to be told */
    HTTP_CLOSE,
};

/* How a client finds the end of a body (RFC 9112, section 6.3). */
enum http_coding { HTTP_BY_LENGTH, HTTP_CHUNKED, HTTP_UNTIL_CLOSE };

struct http_framing {
    enum http_coding coding;
    int64_t length; /* HTTP_BY_LENGTH */
};

/* is_head: the answer to HEAD, which says the length of a body and has none. A header that holds a
 * control character, which could end it and begin another, is left out. */
void http_response_write(const struct http_response *response, bool is_head,
                         enum http_persistence persistence, struct str date, struct buf *out);
/* The head of an answer whose body is written later, which 204 and 304 cannot have. */
void http_response_write_head(const struct http_response *response, struct http_framing framing,
                              enum http_persistence persistence, struct str date, struct buf *out);

#endif
