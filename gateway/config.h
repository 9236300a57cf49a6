#ifndef GATEWAY_CONFIG_H
#define GATEWAY_CONFIG_H

/* What `ita-gateway serve` is configured with. One option table feeds the file, the environment,
 * the command line, --help and the example file. Settings of a tenant are not here: they live in
 * the store. */

#include "base/option.h"

#define CONFIG_ENVIRONMENT "ITA_GATEWAY"                     /* _LISTEN and so on */
#define CONFIG_INSTALLED "/etc/ita-gateway/ita-gateway.conf" /* by the Debian package */

/* Who may read /metrics. */
enum metrics_access {
    METRICS_FOR_LOCAL, /* whoever connects from this machine; others as below */
    METRICS_FOR_KEYS,  /* system administrators' API keys */
    METRICS_FOR_ANYONE,
};

struct config {
    char *file; /* --config, itself not allowed inside the file */
    char *listen;
    char *tls_certificate, *tls_key;
    char *database, *master_key_file;
    char *port_file;
    char *admin_listen, *admin_port_file;
    int64_t metrics_access; /* enum metrics_access */
    int64_t session_idle_ms, session_max_ms;
    char *public_host, *public_url;
    struct option_list recording_hosts;
    int64_t node;
    int64_t connections_max;
    int64_t handshake_timeout_ms, head_timeout_ms, body_timeout_ms, idle_timeout_ms,
        write_timeout_ms, drain_timeout_ms, drain_delay_ms;
    int64_t x_rest_ms, call_lease_ms, unknown_guard_ms;
    int64_t ita_timeout_ms, ita_connect_timeout_ms, ita_attempts, ita_connections_max, ita_idle_ms;
    bool is_ita_local;
    int64_t circuit_failures, circuit_open_ms;
    int64_t aicc_poll_first_ms, aicc_poll_longest_ms, aicc_poll_per_second_max;
    char *callback_schedule, *callback_ca;
    int64_t callback_timeout_ms, callback_connections_max, callback_per_second_max,
        callback_keep_ms;
    int64_t calls_keep_ms, numbers_keep_ms; /* 0: for ever */
    int64_t log_level, log_format;
};

/* Zeroes and reads: defaults, then the file that --config names, then the environment
 * (ITA_GATEWAY_...), then the arguments; each overrides the one before. Checks what concerns
 * several options. On failure nothing is left to free. */
MUST_CHECK enum status config_load(struct config *config, int argc, char **argv,
                                   struct fault *fault);
void config_finish(struct config *config);
struct option_table config_options(void);
void config_append_help(struct buf *out);
void config_append_example(struct buf *out);
/* ita-gateway.conf(5), in mdoc(7). */
void config_append_manual(struct buf *out);

#endif
