#ifndef NET_TLS_PROBE_H
#define NET_TLS_PROBE_H

/* Opens one connection step by step, for whoever looks for a fault: the name, TCP, TLS, each with
 * its time, its own words and what was seen. The certificate is judged after the handshake, so that
 * one which is not to be trusted is seen as well. Sends nothing but the handshake. */

#include "net/guard.h"
#include "net/tls_verdict.h"

struct uv_loop_s;
struct tls_probe;

enum {
    TLS_PROBE_ADDRESSES_MAX = 8, /* more are counted, and not tried */
    TLS_PROBE_HOST_MAX = 253,
    TLS_PROBE_ADDRESS_SIZE = 46, /* INET6_ADDRSTRLEN */
};

enum tls_probe_stage {
    TLS_PROBE_NAME,
    TLS_PROBE_TCP,
    TLS_PROBE_TLS,
    TLS_PROBE_STAGES, /* all went well */
};

struct tls_probe_options {
    const char *host; /* a name or an address, without brackets */
    uint16_t port;
    bool is_plain;           /* ends with TCP */
    struct tls_trust *trust; /* NULL: the system's bundle */
    int64_t timeout_ms;      /* of each stage */
    struct net_guard guard;  /* asked for each address */
};

struct tls_probe_result {
    enum tls_probe_stage failed;     /* TLS_PROBE_STAGES: none */
    char why[128];                   /* of the stage that failed */
    bool is_out_of_time, is_refused; /* no answer; one that says no */
    bool is_forbidden;               /* the guard was against it */
    int64_t stage_ms[TLS_PROBE_STAGES];
    char addresses[TLS_PROBE_ADDRESSES_MAX][TLS_PROBE_ADDRESS_SIZE];
    size_t address_count, v4_count, v6_count;
    const char *address;          /* that was connected to, of the above; NULL: none */
    const char *version, *cipher; /* "TLSv1.3"; static. NULL before the handshake is done */
    struct tls_verdict verdict;   /* when it was */
};

/* The result is borrowed for the call. */
typedef void tls_probe_on_done(void *data, const struct tls_probe_result *result);

/* Copies the options and holds the trust. on_done runs exactly once, from the loop, never within
 * this call, and the probe is valid until then. The program ignores SIGPIPE. A resolver that hangs
 * keeps the loop from ending until it gives up. */
struct tls_probe *tls_probe_start(struct uv_loop_s *loop, const struct tls_probe_options *options,
                                  tls_probe_on_done *on_done, void *data);
/* on_done still runs, soon. */
void tls_probe_cancel(struct tls_probe *probe);

#endif
