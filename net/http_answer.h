#ifndef NET_HTTP_ANSWER_H
#define NET_HTTP_ANSWER_H

/* Collects one answer, line by line and piece by piece, and judges whether its head is whole and
 * well-formed. libcurl splits lines and removes the coding of the body, but takes a head that was
 * cut short for an answer. */

#include "base/buf.h"
#include "net/http.h"

enum {
    HTTP_ANSWER_HEADERS_MAX = 64, /* as our own server accepts */
    HTTP_ANSWER_HEAD_MAX = 16 * 1024,
};

struct http_answer {
    int status;            /* of the last status line; 0: none yet */
    bool is_head_complete; /* the empty line behind the final head has come */
    const char *fault;     /* what is wrong with it; NULL: nothing so far */
    struct http_header headers[HTTP_ANSWER_HEADERS_MAX]; /* of the final head, once complete */
    size_t header_count;
    struct buf head; /* header lines of the current head; the headers point into it */
    struct buf body;
};

void http_answer_init(struct http_answer *answer, size_t body_max);
void http_answer_finish(struct http_answer *answer);
/* A line of a head or of the trailer, with its line end. False: the answer is of no use (fault). */
bool http_answer_take_line(struct http_answer *answer, struct str line);
bool http_answer_take_body(struct http_answer *answer, struct str bytes);

#endif
