#include "gateway/config.h"

#include "base/mem.h"
#include "gateway/model/callback.h"
#include "gateway/model/recording.h"

#define AT(field) offsetof(struct config, field)

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static enum status check_schedule(struct str value, struct fault *fault)
{
    struct callback_schedule schedule;
    return callback_schedule_read(value, &schedule, fault);
}

/* The address of a recording has at most 200 characters (agent-api.md, section 8). */
static enum status check_public_url(struct str value, struct fault *fault)
{
    struct callback_url url;
    const struct rule *broken;
    if (callback_url_read(value, &url, &broken) != OK)
        return fault_set(fault, ERR_INVALID, "%s", broken->en);
    if (url.query.len > 0 || url.has_fragment || str_ends(value, STR("/")))
        return fault_set(fault, ERR_INVALID,
                         "must have no query, no fragment and no '/' at its end");
    if (value.len > RECORDING_BASE_MAX)
        return fault_set(fault, ERR_INVALID, "must have at most %d characters",
                         (int)RECORDING_BASE_MAX);
    return OK;
}

static const struct option rows[] = {
    {.name = "config",
     .kind = OPTION_TEXT,
     .offset = AT(file),
     .value_name = "FILE",
     .help = "file of `name = value` lines with the options below"},
    {.name = "listen",
     .kind = OPTION_TEXT,
     .offset = AT(listen),
     .fallback = "127.0.0.1:8080",
     .value_name = "ADDRESS:PORT",
     .help = "where agents' systems and the ITA's CDR pushes arrive; port 0 takes a free one"},
    {.name = "tls-certificate",
     .kind = OPTION_TEXT,
     .offset = AT(tls_certificate),
     .value_name = "FILE",
     .help = "PEM chain of this gateway; without it only a loopback address may be listened on"},
    {.name = "tls-key",
     .kind = OPTION_TEXT,
     .offset = AT(tls_key),
     .value_name = "FILE",
     .help = "PEM private key of tls-certificate"},
    {.name = "database",
     .kind = OPTION_TEXT,
     .offset = AT(database),
     .value_name = "FILE",
     .is_required = true,
     .help = "where calls, CDRs and tenants are kept; created if absent"},
    {.name = "master-key-file",
     .kind = OPTION_TEXT,
     .offset = AT(master_key_file),
     .value_name = "FILE",
     .is_required = true,
     .help = "key that seals the ITA secrets in the database; created with mode 0600 if absent"},
    {.name = "port-file",
     .kind = OPTION_TEXT,
     .offset = AT(port_file),
     .value_name = "FILE",
     .help = "gets the port number once the gateway serves, for scripts"},
    {.name = "admin-listen",
     .kind = OPTION_TEXT,
     .offset = AT(admin_listen),
     .fallback = "127.0.0.1:8081",
     .value_name = "ADDRESS:PORT",
     .help = "where administrators and their programs arrive; empty: nowhere"},
    {.name = "admin-port-file",
     .kind = OPTION_TEXT,
     .offset = AT(admin_port_file),
     .value_name = "FILE",
     .help = "gets the port number of admin-listen"},
    {.name = "metrics-access",
     .kind = OPTION_CHOICE,
     .offset = AT(metrics_access),
     .fallback = "local",
     .choices = "local|api-key|anyone",
     .help =
         "who may read /metrics of admin-listen: programs on this machine (behind a proxy on it, "
         "everybody) and system administrators' API keys, only these keys, or anyone"},
    {.name = "session-idle",
     .kind = OPTION_DURATION,
     .offset = AT(session_idle_ms),
     .fallback = "30m",
     .min = SECOND,
     .max = DAY,
     .help = "an administrator's session ends when it has not been used for so long"},
    {.name = "session-max",
     .kind = OPTION_DURATION,
     .offset = AT(session_max_ms),
     .fallback = "12h",
     .min = SECOND,
     .max = 7LL * DAY,
     .help = "an administrator's session ends after so long in any case"},
    {.name = "public-host",
     .kind = OPTION_TEXT,
     .offset = AT(public_host),
     .value_name = "HOST[:PORT]",
     .help = "the Host that the ITA must have signed in its CDR pushes; empty accepts any"},
    {.name = "public-url",
     .kind = OPTION_TEXT,
     .offset = AT(public_url),
     .value_name = "URL",
     .check = check_public_url,
     .help = "where agents' systems reach this gateway, https://HOST or with a path that a proxy "
             "takes away: the addresses of recordings begin so; default: as in their request"},
    {.name = "recording-host",
     .kind = OPTION_LIST,
     .offset = AT(recording_hosts),
     .value_name = "HOST",
     .check = recording_check_host,
     .help = "a server besides the ITA's or AICC's own domain that recordings may be fetched from, "
             "over TLS: DOMAIN, *.DOMAIN or ADDRESS:PORT; may be given several times"},
    {.name = "node",
     .kind = OPTION_NUMBER,
     .offset = AT(node),
     .fallback = "0",
     .min = 0,
     .max = 15,
     .help = "number of this gateway among several, part of each callSerialNo"},
    {.name = "connections-max",
     .kind = OPTION_NUMBER,
     .offset = AT(connections_max),
     .fallback = "16000",
     .min = 16,
     .max = 1000000,
     .help = "connections at a time; then the one whose client is the slowest makes room"},
    {.name = "handshake-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(handshake_timeout_ms),
     .fallback = "10s",
     .min = 10,
     .max = HOUR,
     .help = "for a client's TLS handshake"},
    {.name = "head-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(head_timeout_ms),
     .fallback = "10s",
     .min = 10,
     .max = HOUR,
     .help = "for a whole request head"},
    {.name = "body-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(body_timeout_ms),
     .fallback = "20s",
     .min = 10,
     .max = HOUR,
     .help = "for a whole request body"},
    {.name = "idle-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(idle_timeout_ms),
     .fallback = "60s",
     .min = 10,
     .max = DAY,
     .help = "for the next request on a kept connection"},
    {.name = "write-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(write_timeout_ms),
     .fallback = "20s",
     .min = 10,
     .max = HOUR,
     .help = "for a client to take its answer"},
    {.name = "drain-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(drain_timeout_ms),
     .fallback = "15s",
     .min = 0,
     .max = HOUR,
     .help = "for what is under way when SIGTERM arrives; longer than ita-timeout finishes all"},
    {.name = "drain-delay",
     .kind = OPTION_DURATION,
     .offset = AT(drain_delay_ms),
     .fallback = "0s",
     .min = 0,
     .max = HOUR,
     .help = "between SIGTERM and the drain: /readyz says 503, so that load balancers look "
             "elsewhere, and all is still served; SIGINT or a second SIGTERM ends it; the "
             "service's TimeoutStopSec must be longer than both together"},
    {.name = "x-rest",
     .kind = OPTION_DURATION,
     .offset = AT(x_rest_ms),
     .fallback = "30s",
     .min = 0,
     .max = DAY,
     .help = "how long a user does not get the X number of a call that ended again"},
    {.name = "call-lease",
     .kind = OPTION_DURATION,
     .offset = AT(call_lease_ms),
     .fallback = "2h",
     .min = SECOND,
     .max = 7LL * DAY,
     .help = "a call whose end nobody has told by then ends with cause 102; longer than any call"},
    {.name = "unknown-guard",
     .kind = OPTION_DURATION,
     .offset = AT(unknown_guard_ms),
     .fallback = "2m",
     .min = 0,
     .max = DAY,
     .help = "how long a call of unknown outcome keeps its pair from being called again"},
    {.name = "ita-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(ita_timeout_ms),
     .fallback = "10s",
     .min = 100,
     .max = 5LL * MINUTE,
     .help = "for the ITA to answer, tries included; after it the outcome is unknown"},
    {.name = "ita-connect-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(ita_connect_timeout_ms),
     .fallback = "3s",
     .min = 50,
     .max = 5LL * MINUTE,
     .help = "for one connection to the ITA"},
    {.name = "ita-attempts",
     .kind = OPTION_NUMBER,
     .offset = AT(ita_attempts),
     .fallback = "3",
     .min = 1,
     .max = 10,
     .help = "tries of one call; only what surely did not reach the ITA is tried again"},
    {.name = "ita-connections-max",
     .kind = OPTION_NUMBER,
     .offset = AT(ita_connections_max),
     .fallback = "256",
     .min = 1,
     .max = 10000,
     .help = "connections to the ITA kept open for the next call"},
    {.name = "ita-idle-max",
     .kind = OPTION_DURATION,
     .offset = AT(ita_idle_ms),
     .fallback = "20s",
     .min = SECOND,
     .max = HOUR,
     .help = "a kept connection idle for longer is not used again; stay below the ITA's own limit"},
    {.name = "ita-local",
     .kind = OPTION_SWITCH,
     .offset = AT(is_ita_local),
     .help =
         "domains of ITAs may lead to this machine, as to mock-ita; tenants' administrators then "
         "reach its other services as well"},
    {.name = "circuit-failures",
     .kind = OPTION_NUMBER,
     .offset = AT(circuit_failures),
     .fallback = "10",
     .min = 1,
     .max = 10000,
     .help = "failures in a row of an ITA domain after which calls are refused at once"},
    {.name = "circuit-open",
     .kind = OPTION_DURATION,
     .offset = AT(circuit_open_ms),
     .fallback = "5s",
     .min = 100,
     .max = HOUR,
     .help = "for how long, before one call is tried"},
    {.name = "aicc-poll-first",
     .kind = OPTION_DURATION,
     .offset = AT(aicc_poll_first_ms),
     .fallback = "3s",
     .min = 50,
     .max = HOUR,
     .help = "when an AICC is first asked how a call of type CEC stands; then less and less often"},
    {.name = "aicc-poll-longest",
     .kind = OPTION_DURATION,
     .offset = AT(aicc_poll_longest_ms),
     .fallback = "60s",
     .min = 50,
     .max = HOUR,
     .help = "the longest time until it is asked about a call again"},
    {.name = "aicc-poll-per-second-max",
     .kind = OPTION_NUMBER,
     .offset = AT(aicc_poll_per_second_max),
     .fallback = "50",
     .min = 1,
     .max = 10000,
     .help = "questions about live calls to AICCs in a second"},
    {.name = "callback-schedule",
     .kind = OPTION_TEXT,
     .offset = AT(callback_schedule),
     .fallback = "0s,5s,30s,1m,4m,9m,106m,203m,300m",
     .value_name = "TIMES",
     .check = check_schedule,
     .help = "when a callback is tried, counted from the first time; then it is dead"},
    {.name = "callback-timeout",
     .kind = OPTION_DURATION,
     .offset = AT(callback_timeout_ms),
     .fallback = "5s",
     .min = 100,
     .max = MINUTE,
     .help = "for a receiver of callbacks to answer"},
    {.name = "callback-ca",
     .kind = OPTION_TEXT,
     .offset = AT(callback_ca),
     .value_name = "FILE",
     .help =
         "PEM certificates that receivers of callbacks are trusted by, instead of the system's"},
    {.name = "callback-connections-max",
     .kind = OPTION_NUMBER,
     .offset = AT(callback_connections_max),
     .fallback = "16",
     .min = 1,
     .max = 200,
     .help = "callbacks under way to one receiver at a time"},
    {.name = "callback-per-second-max",
     .kind = OPTION_NUMBER,
     .offset = AT(callback_per_second_max),
     .fallback = "500",
     .min = 1,
     .max = 100000,
     .help = "callbacks to one receiver in a second"},
    {.name = "callback-keep",
     .kind = OPTION_DURATION,
     .offset = AT(callback_keep_ms),
     .fallback = "30d",
     .min = HOUR,
     .max = 3650LL * DAY,
     .help = "how long callbacks that are delivered or dead can be looked at"},
    {.name = "calls-keep",
     .kind = OPTION_DURATION,
     .offset = AT(calls_keep_ms),
     .fallback = "0s",
     .min = 0,
     .max = 36500LL * DAY,
     .help = "calls, with their CDRs and callbacks, are deleted when they are older; 0s: never"},
    {.name = "numbers-keep",
     .kind = OPTION_DURATION,
     .offset = AT(numbers_keep_ms),
     .fallback = "0s",
     .min = 0,
     .max = 36500LL * DAY,
     .help =
         "in calls that are older the numbers of caller and called are masked for good, and what "
         "else may name people is removed; 0s: never"},
    {.name = "log-level",
     .kind = OPTION_CHOICE,
     .offset = AT(log_level),
     .fallback = "info",
     .choices = "debug|info|warn|error",
     .help = "least level of a line that is logged"},
    {.name = "log-format",
     .kind = OPTION_CHOICE,
     .offset = AT(log_format),
     .fallback = "auto",
     .choices = "auto|json|logfmt",
     .help = "auto is logfmt on a terminal and JSON elsewhere"},
};

static const struct option_table table = {rows, COUNT_OF(rows)};
/* Inside a file, --config has no meaning. */
static const struct option_table file_table = {rows + 1, COUNT_OF(rows) - 1};

/* The last --config among the arguments, or NULL. */
static const char *config_argument(int argc, char **argv)
{
    const char *file = NULL;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            file = argv[++i];
        else if (strncmp(argv[i], "--config=", 9) == 0)
            file = argv[i] + 9;
    }
    return file;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]:", 6) == 0 ||
           strncmp(address, "localhost:", 10) == 0;
}

/* A call must be there, with its numbers, when its CDR comes. */
static enum status check_keep(const struct config *config, struct fault *fault)
{
    const struct {
        const char *name;
        int64_t ms;
    } kept[] = {{"calls-keep", config->calls_keep_ms}, {"numbers-keep", config->numbers_keep_ms}};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (kept[i].ms != 0 && (kept[i].ms < DAY || kept[i].ms <= config->call_lease_ms))
            return fault_set(fault, ERR_INVALID,
                             "%s: must be 0s, or at least 1d and longer than call-lease",
                             kept[i].name);
    return OK;
}

static enum status check_together(const struct config *config, struct fault *fault)
{
    if ((config->tls_certificate == NULL) != (config->tls_key == NULL))
        return fault_set(fault, ERR_INVALID, "tls-certificate, tls-key: give both or none of them");
    if (config->tls_certificate == NULL && !is_loopback(config->listen))
        return fault_set(fault, ERR_INVALID,
                         "listen: without tls-certificate only a loopback address, like "
                         "127.0.0.1:8080, may be listened on");
    if (config->tls_certificate == NULL && config->admin_listen[0] != '\0' &&
        !is_loopback(config->admin_listen))
        return fault_set(fault, ERR_INVALID,
                         "admin-listen: without tls-certificate only a loopback address, like "
                         "127.0.0.1:8081, may be listened on");
    /* A lease that ends while the ITA is still asked would free the pair and its X for a second
     * call. */
    if (config->call_lease_ms <= config->ita_timeout_ms)
        return fault_set(fault, ERR_INVALID, "call-lease: must be longer than ita-timeout");
    return check_keep(config, fault);
}

enum status config_load(struct config *config, int argc, char **argv, struct fault *fault)
{
    enum status status = OK;
    const char *file = config_argument(argc, argv);
    *config = (struct config){0};
    options_init(table, config);
    if (file != NULL)
        TRY(options_read_file(file_table, config, file, fault));
    TRY(options_read_environment(file_table, config, CONFIG_ENVIRONMENT, fault));
    TRY(options_read_arguments(table, config, argc, argv, NULL, fault));
    TRY(options_check_required(table, config, fault));
    TRY(check_together(config, fault));
out:
    if (status != OK)
        config_finish(config);
    return status;
}

void config_finish(struct config *config)
{
    options_finish(table, config);
}

struct option_table config_options(void)
{
    return table;
}

void config_append_help(struct buf *out)
{
    buf_append(out, STR("usage: ita-gateway serve --config FILE [OPTION]...\n\n"
                        "Runs the gateway until SIGTERM or SIGINT; SIGHUP reloads the certificate "
                        "and the tenants.\n"
                        "Each option may stand in FILE as `name = value`, in the environment as "
                        "ITA_GATEWAY_NAME,\nor here; the last of these wins.\n\n"));
    options_append_help(table, out);
    buf_append(out,
               STR("  --print-example                 prints a commented configuration file\n"
                   "  --print-manual                  prints ita-gateway.conf(5)\n"
                   "  --print-metrics                 prints what /metrics tells, as Markdown\n"
                   "  --help                          this text\n"));
}

void config_append_example(struct buf *out)
{
    buf_append(out, STR("# Configuration of ita-gateway serve. A line that starts with '#' shows a "
                        "default.\n\n"));
    options_append_example(file_table, out);
}

void config_append_manual(struct buf *out)
{
    buf_append(out, STR(".Dd November 22, 2026\n"
                        ".Dt ITA-GATEWAY.CONF 5\n"
                        ".Os\n"
                        ".Sh NAME\n"
                        ".Nm ita-gateway.conf\n"
                        ".Nd configuration of ita-gateway serve\n"
                        ".Sh DESCRIPTION\n"
                        "A line holds\n"
                        ".Ql name = value ;\n"
                        "one that starts with\n"
                        ".Ql #\n"
                        "or\n"
                        ".Ql \\&;\n"
                        "is a comment.\n"
                        "An unknown name, one that stands twice or a bad value stops the start.\n"
                        "Times are written\n"
                        ".Ql 250ms , 10s , 5m , 2h .\n"
                        ".Pp\n"
                        "Each option may also stand in the environment, as\n"
                        ".Ev " CONFIG_ENVIRONMENT "_LISTEN ,\n"
                        "or on the command line, as\n"
                        ".Fl Fl listen ;\n"
                        "the command line wins over the environment, and that over the file.\n"
                        "Settings of tenants are not here: they live in the database.\n"
                        ".Bl -tag -width Ds\n"));
    options_append_manual(file_table, out);
    buf_append(out, STR(".El\n"
                        ".Sh SEE ALSO\n"
                        ".Xr ita-gateway 1\n"));
}
