#ifndef NET_HTTP_H
#define NET_HTTP_H

/* Words that the HTTP server and client share. */

#include "base/str.h"

struct http_header {
    struct str name;  /* as it was sent or is to be sent; compare without case */
    struct str value; /* without white space at its ends */
};

/* The value of the first header of that name, or ptr NULL. */
struct str http_headers_find(const struct http_header *headers, size_t count, struct str name);
size_t http_headers_count(const struct http_header *headers, size_t count, struct str name);
/* "Not Found" for 404; "" for a code this software never sends. */
const char *http_status_text(int status);

#endif
