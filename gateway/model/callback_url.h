#ifndef GATEWAY_MODEL_CALLBACK_URL_H
#define GATEWAY_MODEL_CALLBACK_URL_H

/* Callback URLs (agent-api.md, section 10), read so that no other reader can take one for another
 * host: one form for addresses, no user, no escapes in the host. Pure. */

#include "gateway/model/callback_address.h"
#include "gateway/model/violation.h"

enum {
    /* Each callback is stored with its URL. The contract names no limit; none seen is as long. */
    CALLBACK_URL_MAX = 2048,
    CALLBACK_HOST_MAX = 253, /* RFC 1035, 2.3.4 as text */
};

struct callback_host {
    /* In lower case, without a dot at the end; of an address as callback_address_append_ip() writes
     * it. */
    char name[CALLBACK_HOST_MAX + 1];
    uint16_t port; /* 0: none given */
    bool is_address;
    struct callback_address address; /* if so; with the port */
};

struct callback_url {
    bool is_https;
    struct callback_host host; /* its port is the scheme's when the URL gives none */
    struct str path, query;    /* borrowed; with their '/' and '?', or empty */
    bool has_fragment;         /* which is not sent (RFC 9110, 4.2.5) */
};

/* "HOST", "HOST:PORT", "[IPV6]" or "[IPV6]:PORT", where HOST is a domain (letters, digits, '-';
 * international names as A-labels) or an IPv4 address. What is wrong is told in *broken. */
MUST_CHECK enum status callback_host_read(struct str text, struct callback_host *out,
                                          const struct rule **broken);
/* http and https, no user, at most CALLBACK_URL_MAX bytes that RFC 3986 allows. Borrows from text.
 */
MUST_CHECK enum status callback_url_read(struct str text, struct callback_url *out,
                                         const struct rule **broken);
/* The URL to fetch, as it was understood: without fragment, its host in the form above. */
void callback_url_append(const struct callback_url *url, struct buf *out);
/* As it is shown to people: the query, which may hold what only the receiver is to know, as
 * "?***". */
void callback_url_append_shown(struct str url, struct buf *out);
/* Only what agent-api.md, section 3 lets the callBackUrl of createCall hold: fewer characters than
 * a URL may. */
bool callback_url_is_agents(struct str text);

#endif
