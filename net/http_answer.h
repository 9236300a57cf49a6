#ifndef NET_HTTP_ANSWER_H
#define NET_HTTP_ANSWER_H

/* Reader of one HTTP/1.1 or 1.0 answer (RFC 9110, RFC 9112). Pure: bytes in, however they are cut.
 * Strict in what decides where the answer ends; what only looks unusual is taken. */

#include "base/buf.h"
#include "net/http.h"
#include "net/http_chunks.h"

enum {
    HTTP_ANSWER_HEADERS_MAX = 64, /* as our own server accepts */
    HTTP_ANSWER_HEAD_MAX = 16 * 1024,
    HTTP_ANSWER_PIECE_MAX = 64 * 1024, /* bytes taken at a time */
};

struct http_answer {
    /* for the caller: once the final head is there, the body after HTTP_READ_DONE */
    bool has_head;
    int status;
    struct http_header headers[HTTP_ANSWER_HEADERS_MAX]; /* of the final head */
    size_t header_count;
    struct buf body;       /* what http_answer_take_body() has not taken */
    bool keeps_connection; /* another request may follow on it */
    /* for the caller: after HTTP_READ_REFUSED */
    const char *fault; /* static */

    /* the reader's own */
    struct buf head;   /* the lines of the current head; the headers point into it */
    size_t line_start; /* of the line that is being read */
    size_t body_left;  /* how much longer the body may be than what was taken of it */
    enum {
        HTTP_ANSWER_HEAD,
        HTTP_ANSWER_LENGTH,
        HTTP_ANSWER_CHUNKS,
        HTTP_ANSWER_UNTIL_CLOSE,
    } part;
    uint64_t left; /* of the body, with HTTP_ANSWER_LENGTH */
    struct http_chunks chunks;
    bool is_http_10;
};

void http_answer_init(struct http_answer *answer, size_t body_max);
void http_answer_finish(struct http_answer *answer);
/* The next bytes, at most HTTP_ANSWER_PIECE_MAX. */
enum http_read http_answer_take(struct http_answer *answer, struct str bytes);
/* Takes what is there of the body: it makes room for what is still to come. Borrowed until the next
 * bytes. */
struct str http_answer_take_body(struct http_answer *answer);
/* The server has closed the connection, in good order. */
enum http_read http_answer_end(struct http_answer *answer);

#endif
