#include "gateway/daemon/parts.h"

#include <uv.h>

#include "aicc/client.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/failures.h"
#include "base/file.h"
#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"
#include "gateway/call/cec_calls.h"
#include "gateway/callback/callback_sender.h"
#include "gateway/callback/callback_trimmer.h"
#include "gateway/health.h"
#include "gateway/ita_guard.h"
#include "gateway/recording/fetch_recording.h"
#include "gateway/recording/recording_link.h"
#include "gateway/retention.h"
#include "net/http_client.h"
#include "net/tls.h"

enum {
    /* As many as the platform allows in a row, and its five minutes (signing.md, section 8). */
    SIGN_IN_FAILURES = 5,
    SIGN_IN_SLOW_MS = 1000,
    SIGN_IN_SLOWEST_MS = 5 * 60000,
    /* 8 MiB at most. */
    SIGN_IN_ENTRIES = 65536,
    /* Half an hour, the window on both sides, of 1,000 CDRs a second. */
    REPLAY_CACHE_ENTRIES = 2000000,
    /* Its longest member, callData, has 1,024 characters; and it is parsed before its signature,
     * one of its members, can be checked. */
    AICC_CALLBACK_MAX = 16 * 1024,
    CALLBACK_CA_MAX = 1024 * 1024, /* the system's bundle has 200 KiB */
};

static void handle_alive(void *data, struct http_exchange *exchange)
{
    (void)data;
    health_answer_alive(exchange);
}

static void handle_ready(void *data, struct http_exchange *exchange)
{
    health_answer_ready(data, exchange);
}

static const struct http_route routes[] = {
    {"POST", "/apigovernance/api/oauth/tokenByAkSk", handle_token, 4096},
    {"POST", "/apiaccess/CC-Management/v1/mobileAgent/createCall", handle_create_call_v1, 0},
    {"POST", "/apiaccess/CC-Management/v3/mobileAgent/createCall", handle_create_call_v3, 0},
    {"POST", "/apiaccess/CC-Management/v1/mobileAgent/queryCallState", handle_query_state, 0},
    {"POST", "/apiaccess/CC-Management/v1/mobileAgent/queryCallDetailRecord", handle_query_history,
     0},
    {"POST", "/apiaccess/CC-Management/v1/mobileAgent/getRecordingAddress",
     handle_recording_address, 0},
    {"POST", "/apiaccess/CC-Management/v1/mobileAgent/releaseCall", handle_release_call, 0},
    {"GET", RECORDING_PATH "{link}", handle_recording, 0},
    {"POST", "/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify", handle_cdr_push,
     0},
    {"POST", "/apiaccess/rest/cc-management/v1/cec/callback/{tenant}/{kind}", handle_aicc_callback,
     AICC_CALLBACK_MAX},
    {"GET", "/healthz", handle_alive, 0},
    {"GET", "/readyz", handle_ready, 0},
};

static size_t secrets_of(void *data, struct str access_key,
                         struct str secrets[static ITA_SECRETS_MAX])
{
    const struct gateway *gateway = data;
    return registry_secrets(gateway->registry, access_key, clock_wall_ms(), secrets);
}

void parts_create(struct gateway *gateway)
{
    static const char *const signed_when_sent[] = {"content-type", "appkey"};
    const struct config *config = gateway->config;
    uint8_t prefix[8];
    struct buf text;
    random_bytes(prefix, sizeof(prefix));
    buf_init_fixed(&text, gateway->request_prefix, sizeof(gateway->request_prefix));
    hex_append(&text, str_from(prefix, sizeof(prefix)));

    gateway->registry = registry_create();
    gateway->tokens = token_signer_create(gateway->master_key, TOKEN_OF_ACCESS);
    gateway->recording_links = token_signer_create(gateway->master_key, TOKEN_OF_RECORDING);
    gateway->sign_in_failures =
        failures_create(&(struct failures_options){.allowed = SIGN_IN_FAILURES,
                                                   .slow_ms = SIGN_IN_SLOW_MS,
                                                   .slowest_ms = SIGN_IN_SLOWEST_MS,
                                                   .entries_max = SIGN_IN_ENTRIES});
    gateway->refusals = refusal_log_create();
    gateway->live = live_calls_create(
        &(struct live_calls_options){.rest_ms = config->x_rest_ms,
                                     .lease_ms = config->call_lease_ms,
                                     .unknown_guard_ms = config->unknown_guard_ms});
    gateway->trials = trials_create();
    gateway->agent_routes = routes;
    gateway->agent_route_count = COUNT_OF(routes);
    gateway->agent_tallies = mem_alloc(sizeof(*gateway->agent_tallies) * COUNT_OF(routes));
    gateway->statistics = statistics_create(clock_wall_ms());
    gateway->push_notes = push_notes_create();
    gateway->aicc_notes = aicc_notes_create();
    struct ita_verifier_options verifier;
    ita_verifier_options_init(&verifier);
    verifier.required = signed_when_sent;
    verifier.required_count = COUNT_OF(signed_when_sent);
    verifier.host = str_of(config->public_host);
    verifier.replay_cache_max = REPLAY_CACHE_ENTRIES;
    verifier.secrets_of = secrets_of;
    verifier.data = gateway;
    gateway->verifier = ita_verifier_create(&verifier);
}

/* Towards AICCs what is set for ITAs holds as well. */
static void create_aicc_client(struct gateway *gateway)
{
    const struct config *config = gateway->config;
    struct upstream_options aicc;
    upstream_options_init(&aicc);
    aicc.timeout_ms = config->ita_timeout_ms;
    aicc.connect_timeout_ms = config->ita_connect_timeout_ms;
    aicc.attempts_max = (int)config->ita_attempts;
    aicc.circuit_failures = (int)config->circuit_failures;
    aicc.circuit_open_ms = config->circuit_open_ms;
    gateway->aicc = aicc_client_create(gateway->loop, gateway->http, &aicc);
    gateway->cec = cec_calls_create(
        gateway, &(struct cec_calls_options){.first_ms = config->aicc_poll_first_ms,
                                             .longest_ms = config->aicc_poll_longest_ms,
                                             .per_second_max = config->aicc_poll_per_second_max});
}

void parts_create_clients(struct gateway *gateway)
{
    const struct config *config = gateway->config;
    struct http_client_options http;
    struct upstream_options ita;
    http_client_options_init(&http);
    http.connections_max = (size_t)config->ita_connections_max;
    http.idle_max_ms = config->ita_idle_ms;
    http.guard = ita_guard(config);
    gateway->http = http_client_create(gateway->loop, &http);
    upstream_options_init(&ita);
    ita.timeout_ms = config->ita_timeout_ms;
    ita.connect_timeout_ms = config->ita_connect_timeout_ms;
    ita.attempts_max = (int)config->ita_attempts;
    ita.circuit_failures = (int)config->circuit_failures;
    ita.circuit_open_ms = config->circuit_open_ms;
    gateway->ita = ita_client_create(gateway->loop, gateway->http, &ita);
    create_aicc_client(gateway);
    gateway->recordings = recordings_create(
        gateway->loop,
        &(struct recordings_options){.hosts = &config->recording_hosts,
                                     .connect_timeout_ms = config->ita_connect_timeout_ms,
                                     .timeout_ms = config->ita_timeout_ms,
                                     .guard = ita_guard(config)});
    gateway->events = call_events_create(gateway->store);
}

static enum status load_callback_trust(const char *path, struct tls_trust **out,
                                       struct fault *fault)
{
    struct buf pem;
    if (path == NULL)
        return OK;
    buf_init(&pem, CALLBACK_CA_MAX);
    enum status status = file_read(path, &pem, fault);
    if (status == OK && (status = tls_trust_create(buf_str(&pem), out, fault)) != OK)
        fault_prefix(fault, "%s", path);
    if (status != OK)
        fault_prefix(fault, "callback-ca");
    buf_finish(&pem);
    return status;
}

enum status parts_start_callbacks(struct gateway *gateway, struct fault *fault)
{
    const struct config *config = gateway->config;
    struct callback_sender_options options = {
        .timeout_ms = config->callback_timeout_ms,
        .under_way_max = config->callback_connections_max,
        .per_second_max = config->callback_per_second_max,
    };
    enum status status;
    TRY(callback_schedule_read(str_of(config->callback_schedule), &options.schedule, fault));
    TRY(load_callback_trust(config->callback_ca, &options.trust, fault));
    gateway->callbacks = callback_sender_create(gateway, &options);
    gateway->callback_trimmer = callback_trimmer_create(gateway, config->callback_keep_ms);
    gateway->retention = retention_create(gateway);
out:
    tls_trust_release(options.trust);
    return status;
}

enum status parts_start_server(struct gateway *gateway, struct tls_identity *identity,
                               struct fault *fault)
{
    const struct config *config = gateway->config;
    struct http_server_options options;
    http_server_options_init(&options);
    options.address = config->listen;
    options.tls = identity;
    options.routes = routes;
    options.route_count = COUNT_OF(routes);
    options.tallies = gateway->agent_tallies;
    options.data = gateway;
    options.write_error = agent_api_write_error;
    options.on_refused = agent_api_on_refused;
    options.error_content_type = AGENT_API_CONTENT_TYPE;
    options.connections_max = (size_t)config->connections_max;
    options.handshake_timeout_ms = config->handshake_timeout_ms;
    options.head_timeout_ms = config->head_timeout_ms;
    options.body_timeout_ms = config->body_timeout_ms;
    options.idle_timeout_ms = config->idle_timeout_ms;
    options.write_timeout_ms = config->write_timeout_ms;
    return http_server_start(gateway->loop, &options, &gateway->server, fault);
}

void parts_destroy(struct gateway *gateway)
{
    callback_sender_destroy(gateway->callbacks);
    callback_trimmer_destroy(gateway->callback_trimmer);
    retention_destroy(gateway->retention);
    cec_calls_destroy(gateway->cec);
    http_server_destroy(gateway->server);
    ita_verifier_destroy(gateway->verifier);
    call_events_destroy(gateway->events);
    statistics_destroy(gateway->statistics);
    live_calls_destroy(gateway->live);
    trials_destroy(gateway->trials);
    push_notes_destroy(gateway->push_notes);
    aicc_notes_destroy(gateway->aicc_notes);
    mem_free(gateway->agent_tallies);
    failures_destroy(gateway->sign_in_failures);
    refusal_log_destroy(gateway->refusals);
    token_signer_destroy(gateway->tokens);
    token_signer_destroy(gateway->recording_links);
    registry_destroy(gateway->registry);
    mem_wipe(gateway->master_key, sizeof(gateway->master_key));
}
