#ifndef NET_CURL_REQUEST_H
#define NET_CURL_REQUEST_H

/* A request in libcurl's terms: what goes out, and to whom. Only for net/http_client.c: it shows
 * libcurl's types. */

#include <curl/curl.h>

#include "net/http_client.h"

enum {
    CURL_REQUEST_HEADERS_MAX = 64, /* as many as our own server takes */
    CURL_REQUEST_LEFT_OUT = 3,     /* headers that libcurl must be told to leave out */
};

/* What libcurl reads while the transfer runs, for it copies neither headers nor body. */
struct curl_request {
    char *text; /* the header lines, NUL-terminated, and the body */
    struct curl_slist header_lines[CURL_REQUEST_HEADERS_MAX + CURL_REQUEST_LEFT_OUT];
};

/* Copies the request and sets the (reset) easy handle to send it, and no header of libcurl's own
 * but Host and Content-Length. The trust's anchors are borrowed until the handle is reset. NULL, or
 * why the request can't be sent, in words. */
const char *curl_request_set(struct curl_request *self, CURL *easy,
                             const struct http_fetch_request *request);
/* After the handle was reset. */
void curl_request_finish(struct curl_request *self);

#endif
