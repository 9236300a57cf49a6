#ifndef NET_HTTP_CHUNKS_H
#define NET_HTTP_CHUNKS_H

/* Removes chunked coding (RFC 9112, section 7.1) in place. Pure, each byte looked at once: a part
 * of the readers of requests and of answers. */

#include <stddef.h>

enum http_read {
    HTTP_READ_MORE,    /* all bytes are taken, the part is not complete */
    HTTP_READ_DONE,    /* the part is complete */
    HTTP_READ_REFUSED, /* error_status and error_reason say why; nothing can follow */
};

/* Extensions of chunks, and trailers. */
enum http_chunks_rule {
    HTTP_CHUNKS_STRICT,   /* refused: of strangers, who may want to slip something past a reader */
    HTTP_CHUNKS_TOLERANT, /* ignored (section 7.1.1): of a server that we asked */
};

struct http_chunks {
    size_t at;       /* first byte not looked at yet */
    size_t body_end; /* the body, decoded so far, ends here */
    int state;
    enum http_chunks_rule rule;
    size_t digits; /* of the chunk size */
    size_t left;   /* the size while it is read, then the bytes still to come */
    int error_status;
    const char *error_reason; /* static */
};

/* The body begins at start. */
void http_chunks_init(struct http_chunks *chunks, size_t start, enum http_chunks_rule rule);
/* Goes on with bytes[at, *len). On HTTP_READ_MORE *len is where the decoded body ends and the next
 * bytes belong; otherwise it stays. The body may not end beyond end_max. */
enum http_read http_chunks_read(struct http_chunks *chunks, size_t end_max, char *bytes,
                                size_t *len);

#endif
