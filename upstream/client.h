#ifndef UPSTREAM_CLIENT_H
#define UPSTREAM_CLIENT_H

/* What every client of a server consists of: how long and how often it tries, what it remembers of
 * tenants and domains, and which operations are under way. Embedded in that client. */

#include "base/list.h"
#include "upstream/circuit.h"
#include "upstream/ledger.h"
#include "upstream/limit.h"

struct http_client;
struct uv_loop_s;

struct upstream_options {
    int64_t timeout_ms; /* of one operation, retries included */
    int64_t connect_timeout_ms;
    int attempts_max;         /* of one operation */
    int circuit_failures;     /* in a row that open the circuit of a domain */
    int64_t circuit_open_ms;  /* then one request is let through as a probe */
    int64_t backoff_ms;       /* before the second attempt; doubles from there, jittered */
    int64_t (*wall_ms)(void); /* clock_wall_ms; tests turn it */
    int64_t (*mono_ms)(void); /* clock_mono_ms; tests turn it */
};
void upstream_options_init(struct upstream_options *options);

struct tenant_record {
    struct ledger_entry entry;
    struct limit limit; /* of calls being placed */
    /* Each as many at a time: who listens to recordings must keep nobody from calling or hanging
     * up.
     */
    struct limit recordings, rest;
};

struct domain_record {
    struct ledger_entry entry;
    struct circuit circuit;
    int64_t clock_offset_ms; /* the server's clock minus ours, where it has told */
};

struct upstream_client {
    struct uv_loop_s *loop;
    struct http_client *http;
    struct upstream_options options;
    struct circuit_rule domain_rule;
    struct ledger tenants, domains;
    size_t in_flight;
    struct list operations; /* those in flight */
    bool is_stopping;       /* operations that begin are canceled */
};

/* Keeps the loop and the HTTP client. */
void upstream_client_init(struct upstream_client *client, struct uv_loop_s *loop,
                          struct http_client *http, const struct upstream_options *options);
/* No operation may be under way. */
void upstream_client_finish(struct upstream_client *client);
/* Cancels all that is under way; canceling must complete nothing at once. */
void upstream_client_stop(struct upstream_client *client, void (*cancel)(struct list *link));
/* Until ledger_release(). */
struct tenant_record *upstream_hold_tenant(struct upstream_client *client, struct str tenant);
struct domain_record *upstream_hold_domain(struct upstream_client *client, struct str domain);

/* What is remembered of a domain; borrowed for the call. */
struct upstream_domain {
    const char *name;
    int failures;           /* in a row */
    bool is_open;           /* the circuit: requests are refused at once, but for probes */
    int64_t held_ms;        /* until the next probe; 0: the next request is one */
    int64_t clock_ahead_ms; /* of its clock before ours, where it has told */
};
typedef void upstream_each_domain(void *data, const struct upstream_domain *domain);
void upstream_client_each_domain(const struct upstream_client *client, upstream_each_domain *each,
                                 void *data);

#endif
