#ifndef NET_HTTP_REQUEST_H
#define NET_HTTP_REQUEST_H

/* A request of the HTTP client as its bytes on the wire. Pure. */

#include "net/http_client.h"

enum {
    HTTP_SERVER_MAX = 300,          /* "https://", a name of 253, a port */
    HTTP_REQUEST_MAX = 1024 * 1024, /* head and body; more is a mistake of the caller */
};

/* Appends the request to out, and the scheme and server of its URL ("https://host:port") to server.
 * NULL, or why it can't be sent, in words without what the URL says. */
const char *http_request_write(const struct http_fetch_request *request, struct buf *server,
                               struct buf *out);

#endif
