#include "gateway/metrics/metrics_page.h"

#include <stdlib.h>

#include "aicc/client.h"
#include "base/clock.h"
#include "base/failures.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/callback/callback_sender.h"
#include "gateway/health.h"
#include "gateway/loop_turns.h"
#include "gateway/metrics/metric.h"
#include "net/tls.h"

enum { LATE_MS = 60 * 1000 };

/* From metrics_page_write()'s beginning to its end. */
struct page {
    const struct gateway *gateway;
    const struct metrics_admin *admin;
    const struct metrics_look *look;
    struct exposition text;
};

void metrics_look(struct metrics_look *look, struct store_admin *store)
{
    struct fault fault;
    *look = (struct metrics_look){0};
    process_look(&look->process);
    look->has_levels = store != NULL && store_admin_levels(store, clock_wall_ms() - LATE_MS,
                                                           &look->levels, &fault) == OK;
}

/* --- Writing --- */

static void begin(struct page *page, enum metric metric)
{
    const struct metric_row *row = metric_row(metric);
    exposition_family(&page->text, row->name, row->type, row->help);
}

static struct metric_label label(const char *name, const char *value)
{
    return (struct metric_label){name, str_of(value)};
}

static void write(struct page *page, uint64_t value)
{
    exposition_u64(&page->text, NULL, 0, value);
}

static void write_of(struct page *page, const char *name, const char *of, uint64_t value)
{
    const struct metric_label labels[] = {label(name, of)};
    exposition_u64(&page->text, labels, COUNT_OF(labels), value);
}

static void write_one(struct page *page, enum metric metric, uint64_t value)
{
    begin(page, metric);
    write(page, value);
}

/* Nothing when it is not known (-1). */
static void write_known(struct page *page, enum metric metric, int64_t value)
{
    begin(page, metric);
    if (value >= 0)
        write(page, (uint64_t)value);
}

/* --- The process --- */

static void write_process(struct page *page)
{
    const struct process *process = &page->look->process;
    begin(page, METRIC_BUILD_INFO);
    write_of(page, "version", VERSION, 1);
    begin(page, METRIC_START_TIME);
    exposition_milli(&page->text, NULL, 0, page->gateway->started_wall_ms);
    begin(page, METRIC_CPU);
    if (process->cpu_us >= 0)
        exposition_micro(&page->text, NULL, 0, process->cpu_us);
    write_known(page, METRIC_RESIDENT, process->resident_bytes);
    write_known(page, METRIC_VIRTUAL, process->virtual_bytes);
    write_known(page, METRIC_OPEN_FILES, process->files_open);
    write_known(page, METRIC_OPEN_FILES_MAX, process->files_max);
}

static void write_health(struct page *page)
{
    struct health health;
    health_look(page->gateway, &health);
    begin(page, METRIC_READY);
    for (enum health_check i = 0; i < HEALTH_CHECKS; i++)
        write_of(page, "check", health_check_text(i), health.reasons[i][0] == '\0');
    begin(page, METRIC_TURNS);
    exposition_latency(&page->text, NULL, 0, loop_turns_took(page->gateway->turns));
    write_one(page, METRIC_LOG_LOST, log_lines_lost());
}

/* --- HTTP --- */

/* A class that was never answered has no series: most routes only ever have two. */
static void write_requests(struct page *page)
{
    static const char *const classes[HTTP_STATUS_CLASSES] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    const struct gateway *gateway = page->gateway;
    begin(page, METRIC_REQUESTS);
    for (size_t i = 0; i < gateway->agent_route_count; i++)
        for (size_t at = 0; at < HTTP_STATUS_CLASSES; at++) {
            const struct latency *took = &gateway->agent_tallies[i].classes[at];
            const struct metric_label labels[] = {label("route", gateway->agent_routes[i].path),
                                                  label("code", classes[at])};
            if (latency_count(took) > 0)
                exposition_latency(&page->text, labels, COUNT_OF(labels), took);
        }
}

static void write_listeners(struct page *page)
{
    const struct http_server *agent = page->gateway->server, *admin = page->admin->server;
    begin(page, METRIC_REFUSALS);
    write_of(page, "listener", "agent", http_server_refusals(agent));
    write_of(page, "listener", "admin", http_server_refusals(admin));
    begin(page, METRIC_CONNECTIONS);
    write_of(page, "listener", "agent", http_server_connections(agent));
    write_of(page, "listener", "admin", http_server_connections(admin));
    begin(page, METRIC_CONNECTIONS_MAX);
    write_of(page, "listener", "agent", (uint64_t)page->gateway->config->connections_max);
    write_of(page, "listener", "admin", page->admin->connections_max);
    begin(page, METRIC_SIGN_INS);
    write_of(page, "api", "agent", failures_total(page->gateway->sign_in_failures));
    write_of(page, "api", "admin", page->admin->sign_in_failures);
}

/* --- Calls --- */

static void write_errors(struct page *page, const uint64_t *totals)
{
    begin(page, METRIC_ERRORS);
    for (size_t i = 0; i < STATISTIC_CODES; i++) {
        const char *code = statistic_code(i);
        write_of(page, "code", code == NULL ? "other" : code, totals[STATISTIC_CODE + i]);
    }
}

/* Of 128 few are ever seen. */
static void write_causes(struct page *page, const uint64_t *totals)
{
    begin(page, METRIC_CAUSES);
    for (size_t i = 0; i < STATISTIC_CAUSES; i++) {
        char storage[8];
        struct buf digits;
        if (totals[STATISTIC_CAUSE + i] == 0)
            continue;
        buf_init_fixed(&digits, storage, sizeof(storage));
        buf_append_u64(&digits, i);
        const struct metric_label labels[] = {{"cause", buf_str(&digits)}};
        exposition_u64(&page->text, labels, COUNT_OF(labels), totals[STATISTIC_CAUSE + i]);
    }
}

static void write_calls(struct page *page)
{
    const uint64_t *totals = statistics_totals(page->gateway->statistics);
    write_one(page, METRIC_PLACED, totals[STATISTIC_PLACED]);
    begin(page, METRIC_OUTCOMES);
    write_of(page, "outcome", "accepted", totals[STATISTIC_ACCEPTED]);
    write_of(page, "outcome", "refused", totals[STATISTIC_REFUSED]);
    write_of(page, "outcome", "unknown", totals[STATISTIC_UNKNOWN]);
    write_one(page, METRIC_FAILED, totals[STATISTIC_FAILED]);
    write_errors(page, totals);
    begin(page, METRIC_ENDED);
    write_of(page, "answered", "yes", totals[STATISTIC_ANSWERED]);
    write_of(page, "answered", "no", totals[STATISTIC_ENDED] - totals[STATISTIC_ANSWERED]);
    write_causes(page, totals);
    write_one(page, METRIC_LIVE, live_calls_count(page->gateway->live));
    write_one(page, METRIC_BEING_PLACED, page->gateway->calls_being_placed);
}

/* --- ITAs and AICCs --- */

struct operation {
    const char *upstream, *name;
    const struct upstream_tally *tally;
};

static bool is_unused(const struct latency *latencies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (latency_count(&latencies[i]) > 0)
            return false;
    return true;
}

/* An operation that was never sent has no series; once it was, all of its outcomes have. */
static void write_operation(struct page *page, const struct operation *operation)
{
    static const char *const outcomes[UPSTREAM_OUTCOMES] = {"accepted", "refused", "unknown"};
    for (size_t i = 0; i < UPSTREAM_OUTCOMES; i++) {
        const struct metric_label labels[] = {label("upstream", operation->upstream),
                                              label("operation", operation->name),
                                              label("outcome", outcomes[i])};
        exposition_latency(&page->text, labels, COUNT_OF(labels), &operation->tally->outcomes[i]);
    }
}

static void write_operations(struct page *page)
{
    const struct ita_client *ita = page->gateway->ita;
    const struct aicc_client *aicc = page->gateway->aicc;
    const struct operation operations[] = {
        {"ita", "place", ita_client_tally(ita, PROFILE_ACTION_PLACE)},
        {"ita", "release", ita_client_tally(ita, PROFILE_ACTION_RELEASE)},
        {"ita", "recording", ita_client_tally(ita, PROFILE_ACTION_RECORDING)},
        {"ita", "query", ita_client_tally(ita, PROFILE_ACTION_QUERY)},
        {"aicc", "place", aicc_client_tally(aicc, AICC_PLACE)},
        {"aicc", "place-v3", aicc_client_tally(aicc, AICC_PLACE_V3)},
        {"aicc", "state", aicc_client_tally(aicc, AICC_STATE)},
        {"aicc", "record", aicc_client_tally(aicc, AICC_RECORD)},
        {"aicc", "recording", aicc_client_tally(aicc, AICC_RECORDING)},
        {"aicc", "release", aicc_client_tally(aicc, AICC_RELEASE)},
    };
    begin(page, METRIC_UPSTREAM);
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        if (!is_unused(operations[i].tally->outcomes, UPSTREAM_OUTCOMES))
            write_operation(page, &operations[i]);
    begin(page, METRIC_UNSENT);
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        const struct metric_label labels[] = {label("upstream", operations[i].upstream),
                                              label("operation", operations[i].name)};
        exposition_u64(&page->text, labels, COUNT_OF(labels), operations[i].tally->unsent);
    }
    begin(page, METRIC_IN_FLIGHT);
    write_of(page, "upstream", "ita", ita_client_in_flight(ita));
    write_of(page, "upstream", "aicc", aicc_client_in_flight(aicc));
}

/* Of the domains that a client remembers. */
struct domain_sum {
    uint64_t closed, open; /* circuits */
    int64_t clock_ms;      /* the largest offset, whichever its sign */
};

static void add_domain(void *data, const struct upstream_domain *domain)
{
    struct domain_sum *sum = data;
    if (domain->is_open)
        sum->open++;
    else
        sum->closed++;
    if (llabs(domain->clock_ahead_ms) > llabs(sum->clock_ms))
        sum->clock_ms = domain->clock_ahead_ms;
}

static void write_circuits_of(struct page *page, const char *upstream,
                              const struct domain_sum *domains)
{
    const struct metric_label closed[] = {label("upstream", upstream), label("state", "closed")};
    const struct metric_label open[] = {label("upstream", upstream), label("state", "open")};
    exposition_u64(&page->text, closed, COUNT_OF(closed), domains->closed);
    exposition_u64(&page->text, open, COUNT_OF(open), domains->open);
}

static void write_circuits(struct page *page)
{
    struct domain_sum itas = {0}, aiccs = {0};
    ita_client_each_domain(page->gateway->ita, add_domain, &itas);
    aicc_client_each_domain(page->gateway->aicc, add_domain, &aiccs);
    begin(page, METRIC_CIRCUITS);
    write_circuits_of(page, "ita", &itas);
    write_circuits_of(page, "aicc", &aiccs);
    begin(page, METRIC_CLOCK);
    exposition_milli(&page->text, NULL, 0, itas.clock_ms);
}

static void write_x_numbers(struct page *page)
{
    const struct statistics_x *x = statistics_x(page->gateway->statistics);
    begin(page, METRIC_X_NUMBERS);
    write_of(page, "state", "free", x->free);
    write_of(page, "state", "busy", x->busy);
    write_of(page, "state", "resting", x->resting);
    write_of(page, "state", "locked", x->locked);
    write_of(page, "state", "blocked", x->blocked);
    write_one(page, METRIC_X_TENANTS, x->tenants);
    write_one(page, METRIC_X_EXHAUSTED, x->tenants_without_free);
}

/* --- CDRs and callbacks --- */

static void write_level(struct page *page, enum metric metric, int64_t level)
{
    write_known(page, metric, page->look->has_levels ? level : -1);
}

static void write_cdrs(struct page *page)
{
    static const char *const matches[CDR_MATCHES] = {[CDR_MATCHED] = "matched",
                                                     [CDR_REPEATED] = "repeated",
                                                     [CDR_LATER] = "later",
                                                     [CDR_UNMATCHED] = "unmatched"};
    const struct gateway *gateway = page->gateway;
    begin(page, METRIC_CDRS);
    for (size_t i = 0; i < CDR_MATCHES; i++)
        write_of(page, "match", matches[i], gateway->counts.cdrs[i]);
    write_one(page, METRIC_CDRS_UNSTORED, gateway->counts.cdrs_unstored);
    begin(page, METRIC_PUSHES_REFUSED);
    for (enum ita_verify_result i = ITA_VERIFY_BOUNDS; i <= ITA_VERIFY_SLOWED; i++)
        write_of(page, "reason", ita_verify_word(i), push_notes_count(gateway->push_notes, i));
    write_of(page, "reason", "astray", push_notes_astray_count(gateway->push_notes));
    write_level(page, METRIC_UNMATCHED, page->look->levels.unmatched);
}

static void write_tries(struct page *page, enum callback_kind kind,
                        const struct latency tries[static CALLBACK_TRIES])
{
    static const char *const results[CALLBACK_TRIES] = {[CALLBACK_TRY_DELIVERED] = "delivered",
                                                        [CALLBACK_TRY_FAILED] = "failed",
                                                        [CALLBACK_TRY_DEAD] = "dead"};
    for (size_t i = 0; i < CALLBACK_TRIES; i++) {
        const struct metric_label labels[] = {label("kind", callback_kind_text(kind)),
                                              label("result", results[i])};
        exposition_latency(&page->text, labels, COUNT_OF(labels), &tries[i]);
    }
}

static void write_callbacks(struct page *page)
{
    const struct counts *counts = &page->gateway->counts;
    const struct store_levels *levels = &page->look->levels;
    begin(page, METRIC_CALLBACKS);
    for (enum callback_kind kind = 0; kind <= CALLBACK_HANGUP; kind++)
        if (!is_unused(counts->callbacks[kind], CALLBACK_TRIES))
            write_tries(page, kind, counts->callbacks[kind]);
    write_level(page, METRIC_CALLBACKS_WAITING, levels->callbacks_waiting);
    write_level(page, METRIC_CALLBACKS_LATE, levels->callbacks_late);
    write_level(page, METRIC_CALLBACKS_DEAD, levels->callbacks_dead);
    write_one(page, METRIC_CALLBACKS_UNDER_WAY,
              callback_sender_under_way(page->gateway->callbacks));
}

/* --- The store, and the rest --- */

static void write_batches(struct page *page, const struct store_tally *store)
{
    int64_t bounds[STORE_BATCH_BUCKETS];
    uint64_t counts[STORE_BATCH_BUCKETS + 1] = {0};
    for (size_t i = 0; i < STORE_BATCH_BUCKETS; i++) {
        bounds[i] = (INT64_C(1) << i) * 1000000;
        counts[i] = store->batches[i];
    }
    begin(page, METRIC_BATCHES);
    exposition_histogram(&page->text, NULL, 0,
                         &(struct exposition_histogram){counts, bounds, STORE_BATCH_BUCKETS,
                                                        store->operations * 1000000});
}

static void write_store(struct page *page)
{
    struct store_tally store;
    const struct metrics_admin *admin = page->admin;
    const struct store_levels *levels = &page->look->levels;
    store_tally(page->gateway->store, &store);
    write_one(page, METRIC_FAILURES, store.failures);
    write_batches(page, &store);
    begin(page, METRIC_COMMITS);
    exposition_latency(&page->text, NULL, 0, &store.commits);
    begin(page, METRIC_SYNCS);
    exposition_latency(&page->text, NULL, 0, &store.syncs);
    begin(page, METRIC_QUEUES);
    write_of(page, "queue", "store-write", store.writes_waiting);
    write_of(page, "queue", "store-read", store.reads_waiting);
    for (size_t i = 0; i < admin->queue_count; i++)
        write_of(page, "queue", admin->queues[i].name, admin->queues[i].waiting);
    write_level(page, METRIC_DATABASE, levels->database_bytes);
    write_level(page, METRIC_WAL, levels->log_bytes);
    write_level(page, METRIC_ROOM, levels->free_bytes);
}

/* Nothing when there is no such certificate (0). */
static void write_expiry(struct page *page, const char *name, int64_t expiry_ms)
{
    const struct metric_label labels[] = {label("certificate", name)};
    if (expiry_ms != 0)
        exposition_milli(&page->text, labels, COUNT_OF(labels), expiry_ms);
}

static void write_certificates(struct page *page)
{
    static const char *const anchors[REGISTRY_ANCHORS] = {
        [REGISTRY_ITA] = "CERT_ITA", [REGISTRY_AICC] = "CERT_AICC"};
    const struct tls_identity *identity = http_server_tls(page->gateway->server);
    begin(page, METRIC_EXPIRY);
    write_expiry(page, "listener", identity == NULL ? 0 : tls_identity_expiry_ms(identity));
    for (enum registry_anchor i = 0; i < REGISTRY_ANCHORS; i++) {
        const struct tls_trust *trust = registry_trust(page->gateway->registry, i);
        write_expiry(page, anchors[i], trust == NULL ? 0 : tls_trust_expiry_ms(trust));
    }
}

void metrics_page_write(const struct gateway *gateway, const struct metrics_admin *admin,
                        const struct metrics_look *look, struct buf *out)
{
    struct page page = {.gateway = gateway, .admin = admin, .look = look};
    exposition_init(&page.text, out);
    write_process(&page);
    write_health(&page);
    write_requests(&page);
    write_listeners(&page);
    write_calls(&page);
    write_operations(&page);
    write_circuits(&page);
    write_x_numbers(&page);
    write_cdrs(&page);
    write_callbacks(&page);
    write_store(&page);
    write_one(&page, METRIC_TENANTS, registry_count(gateway->registry));
    write_one(&page, METRIC_STREAMS, admin->event_streams);
    write_certificates(&page);
}
