#ifndef GATEWAY_MODEL_CALLBACK_TRUST_H
#define GATEWAY_MODEL_CALLBACK_TRUST_H

/* The callback address trustlist (console.md): where callbacks may go. The system administrator
 * keeps it for all tenants. Pure. */

#include "gateway/model/callback_url.h"

enum {
    /* Each is looked at for every callback URL: some microseconds. */
    CALLBACK_TRUST_MAX = 1000,
    CALLBACK_TRUST_TEXT_SIZE = 2 + CALLBACK_HOST_MAX + 1, /* "*." before a domain */
};

enum callback_trust_kind {
    CALLBACK_TRUST_DOMAIN,   /* "example.com": this host, at any port */
    CALLBACK_TRUST_WILDCARD, /* "*.example.com": every name below, at any port; not example.com */
    CALLBACK_TRUST_ADDRESS,  /* "192.0.2.1:8443", "[2001:db8::1]:8443" */
};
/* "domain", "wildcard", "address" */
const char *callback_trust_kind_text(enum callback_trust_kind kind);

struct callback_trust_entry {
    enum callback_trust_kind kind;
    char text[CALLBACK_TRUST_TEXT_SIZE]; /* normalised: one entry has one text */
    struct callback_address address;     /* of CALLBACK_TRUST_ADDRESS */
    int64_t created_ms;
};

struct callback_trust {
    struct callback_trust_entry *entries; /* owned */
    size_t count, room;
};

/* What is wrong is told in *broken. */
MUST_CHECK enum status callback_trust_entry_read(struct str text, struct callback_trust_entry *out,
                                                 const struct rule **broken);
void callback_trust_add(struct callback_trust *trust, const struct callback_trust_entry *entry);
/* Takes a zeroed one, and leaves one. */
void callback_trust_finish(struct callback_trust *trust);

/* The entry by which this URL may be called; NULL: none. */
const struct callback_trust_entry *callback_trust_match(const struct callback_trust *trust,
                                                        const struct callback_url *url);
/* Whether a connection may go there, after the URL was allowed and its host was looked up: not to a
 * forbidden address, unless an entry names it with its port. To be asked of every address that is
 * connected to, at the time of connecting: names change. */
bool callback_trust_admits(const struct callback_trust *trust,
                           const struct callback_address *address);
/* Why callback_trust_match() found none, and why callback_trust_admits() did not. */
extern const struct rule callback_trust_rule_untrusted;
extern const struct rule callback_trust_rule_forbidden;

#endif
