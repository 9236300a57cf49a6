#ifndef GATEWAY_METRICS_METRIC_H
#define GATEWAY_METRICS_METRIC_H

/* Every metric of /metrics, in the order in which they are written: name, type, labels with their
 * values, help. docs/metrics.md is made of this table (`ita-gateway serve --print-metrics`).
 *
 * Labels: every value is one of a set that is fixed when the program is built, so that neither
 * tenants nor strangers can make more of them. No tenant, no domain, no URL, no number, no call: a
 * label for tenants would be ten thousand values, and tell their names to whoever may read metrics.
 * Which tenant it is, T/stats and `ita-gateway doctor` tell. */

#include "gateway/metrics/exposition.h"

#define METRIC_MAP(X)                                                                              \
    X(BUILD_INFO, "ita_gateway_build_info", GAUGE, "version", "1; the version that runs.")         \
    X(START_TIME, "process_start_time_seconds", GAUGE, "",                                         \
      "When the process started, in seconds since 1970.")                                          \
    X(CPU, "process_cpu_seconds_total", COUNTER, "", "Processor time used, user and system.")      \
    X(RESIDENT, "process_resident_memory_bytes", GAUGE, "", "Memory that is in RAM.")              \
    X(VIRTUAL, "process_virtual_memory_bytes", GAUGE, "", "Memory that is mapped.")                \
    X(OPEN_FILES, "process_open_fds", GAUGE, "", "File descriptors that are open.")                \
    X(OPEN_FILES_MAX, "process_max_fds", GAUGE, "", "File descriptors that may be open.")          \
    X(READY, "ita_gateway_ready", GAUGE, "check: serving, database, loop",                         \
      "Whether the check of /readyz passes: 1 or 0.")                                              \
    X(TURNS, "ita_gateway_loop_turn_duration_seconds", HISTOGRAM, "",                              \
      "Turns of the event loop, to within 2 ms; whatever arrives during one waits for its end.")   \
    X(LOG_LOST, "ita_gateway_log_lines_lost_total", COUNTER, "",                                   \
      "Lines of the log that could not be written, or that nobody read in time: calls do not "     \
      "wait for a journal.")                                                                       \
    X(REQUESTS, "ita_gateway_http_request_duration_seconds", HISTOGRAM,                            \
      "route: path of the agent API or push; code: 1xx to 5xx",                                    \
      "Requests answered on the agents' listener, from the whole request to the answer. "          \
      "createCall "                                                                                \
      "refuses with 200 and a retCode: see ita_gateway_call_errors_total.")                        \
    X(REFUSALS, "ita_gateway_http_refusals_total", COUNTER, "listener: agent, admin",              \
      "Requests that reached no route or broke HTTP's rules: 400, 404, 405, 408, 413 and such.")   \
    X(CONNECTIONS, "ita_gateway_http_connections", GAUGE, "listener: agent, admin",                \
      "Connections that are open.")                                                                \
    X(CONNECTIONS_MAX, "ita_gateway_http_connections_max", GAUGE, "listener: agent, admin",        \
      "Connections that may be open; beyond, idle ones make room or new ones wait.")               \
    X(SIGN_INS, "ita_gateway_sign_in_failures_total", COUNTER, "api: agent, admin",                \
      "Wrong app keys or secrets, and wrong tokens of AICC callbacks (agent); wrong users or "     \
      "passwords (admin).")                                                                        \
    X(PLACED, "ita_gateway_calls_placed_total", COUNTER, "",                                       \
      "createCalls that were stored, to be sent to the ITA or AICC.")                              \
    X(OUTCOMES, "ita_gateway_call_outcomes_total", COUNTER, "outcome: accepted, refused, unknown", \
      "What the ITA or AICC made of placed calls.")                                                \
    X(FAILED, "ita_gateway_calls_failed_total", COUNTER, "",                                       \
      "createCalls that the gateway itself refused, nothing being placed.")                        \
    X(ERRORS, "ita_gateway_call_errors_total", COUNTER, "code: retCode of agent-api.md, or other", \
      "createCalls that were answered with another retCode than 0.")                               \
    X(ENDED, "ita_gateway_calls_ended_total", COUNTER, "answered: yes, no",                        \
      "Placed calls that ended, by CDR or because nobody told in time, and whether the customer "  \
      "had answered.")                                                                             \
    X(CAUSES, "ita_gateway_call_causes_total", COUNTER, "cause: 0 to 127",                         \
      "Q.850 causes of ended calls, as far as they are known; 102: nobody told of the end.")       \
    X(LIVE, "ita_gateway_calls_live", GAUGE, "", "Calls that have not ended.")                     \
    X(BEING_PLACED, "ita_gateway_calls_being_placed", GAUGE, "",                                   \
      "Operations of calls that wait for disk, ITA or AICC.")                                      \
    X(UPSTREAM, "ita_gateway_upstream_operation_duration_seconds", HISTOGRAM,                      \
      "upstream: ita, aicc; operation: place, place-v3, release, recording, query, state, "        \
      "record; outcome: accepted, refused, unknown",                                               \
      "Operations at ITAs and AICCs, all attempts and pauses together.")                           \
    X(UNSENT, "ita_gateway_upstream_operations_unsent_total", COUNTER,                             \
      "upstream, operation: as above",                                                             \
      "Operations refused without a request: circuit open, over a limit, canceled.")               \
    X(IN_FLIGHT, "ita_gateway_upstream_operations_in_flight", GAUGE, "upstream: ita, aicc",        \
      "Operations that have not ended.")                                                           \
    X(CIRCUITS, "ita_gateway_upstream_circuits", GAUGE,                                            \
      "upstream: ita, aicc; state: closed, open",                                                  \
      "Domains of ITAs and AICCs that were asked lately, by the state of their circuit.")          \
    X(CLOCK, "ita_gateway_ita_clock_offset_seconds", GAUGE, "",                                    \
      "Largest difference between an ITA's clock and ours, learnt when it refused a signature "    \
      "for its time.")                                                                             \
    X(X_NUMBERS, "ita_gateway_x_numbers", GAUGE, "state: free, busy, resting, locked, blocked",    \
      "X numbers of all tenants in mode Specified; each tenant is looked at once a minute.")       \
    X(X_TENANTS, "ita_gateway_x_tenants", GAUGE, "",                                               \
      "Tenants in mode Specified that have X numbers.")                                            \
    X(X_EXHAUSTED, "ita_gateway_x_tenants_without_free", GAUGE, "",                                \
      "Those of them of whose X numbers none is free.")                                            \
    X(CDRS, "ita_gateway_cdrs_total", COUNTER, "match: matched, repeated, later, unmatched",       \
      "CDR pushes with a good signature that were stored, by what became of them.")                \
    X(CDRS_UNSTORED, "ita_gateway_cdrs_unstored_total", COUNTER, "",                               \
      "CDR pushes with a good signature that could not be stored; answered with 500.")             \
    X(PUSHES_REFUSED, "ita_gateway_cdr_pushes_refused_total", COUNTER,                             \
      "reason: word of `ita-gateway verify`, or astray",                                           \
      "CDR pushes that were refused for their signature, by why; astray: signed requests to a "    \
      "path that the gateway does not have, and such.")                                            \
    X(UNMATCHED, "ita_gateway_cdrs_unmatched", GAUGE, "",                                          \
      "CDRs that wait for an operator to give them a call; 1000 at most.")                         \
    X(CALLBACKS, "ita_gateway_callback_duration_seconds", HISTOGRAM,                               \
      "kind: connection, hangup; result: delivered, failed, dead",                                 \
      "Tries of callbacks. failed: will be tried again; dead: was the last try.")                  \
    X(CALLBACKS_WAITING, "ita_gateway_callbacks_waiting", GAUGE, "",                               \
      "Callbacks that wait for their next try; 10000 at most.")                                    \
    X(CALLBACKS_LATE, "ita_gateway_callbacks_late", GAUGE, "",                                     \
      "Those of them whose time was over a minute ago.")                                           \
    X(CALLBACKS_DEAD, "ita_gateway_callbacks_dead", GAUGE, "",                                     \
      "Callbacks without a try left, among 10000 that are not delivered.")                         \
    X(CALLBACKS_UNDER_WAY, "ita_gateway_callbacks_under_way", GAUGE, "",                           \
      "Callbacks that are being sent.")                                                            \
    X(FAILURES, "ita_gateway_store_failures_total", COUNTER, "",                                   \
      "Transactions of calls and CDRs that were undone: nothing of them is on disk.")              \
    X(BATCHES, "ita_gateway_store_commit_operations", HISTOGRAM, "",                               \
      "Operations of calls and CDRs that went to disk with one commit.")                           \
    X(COMMITS, "ita_gateway_store_commit_duration_seconds", HISTOGRAM, "",                         \
      "Commits, from their first statement until they are on disk.")                               \
    X(SYNCS, "ita_gateway_store_sync_duration_seconds", HISTOGRAM, "",                             \
      "The disk's part of a commit: fsync of the write-ahead log.")                                \
    X(QUEUES, "ita_gateway_queue_depth", GAUGE,                                                    \
      "queue: store-write, store-read, admin, admin-search, admin-password, admin-lookup, "        \
      "metrics",                                                                                   \
      "Operations that wait for a thread.")                                                        \
    X(DATABASE, "ita_gateway_database_bytes", GAUGE, "", "Size of the database's file.")           \
    X(WAL, "ita_gateway_database_wal_bytes", GAUGE, "", "Size of its write-ahead log.")            \
    X(ROOM, "ita_gateway_database_free_bytes", GAUGE, "",                                          \
      "Room for the gateway on the database's file system.")                                       \
    X(TENANTS, "ita_gateway_tenants", GAUGE, "", "Tenants, enabled or not.")                       \
    X(STREAMS, "ita_gateway_event_streams", GAUGE, "",                                             \
      "Streams of events that administrators have open.")                                          \
    X(EXPIRY, "ita_gateway_certificate_expiry_timestamp_seconds", GAUGE,                           \
      "certificate: listener, CERT_ITA, CERT_AICC",                                                \
      "When the first of the certificates expires, in seconds since 1970; none where there are "   \
      "none.")

enum metric {
#define X(id, name, type, labels, help) METRIC_##id,
    METRIC_MAP(X)
#undef X
        METRIC_COUNT
};

struct metric_row {
    const char *name;
    enum metric_type type;
    const char *labels; /* for people; may be empty */
    const char *help;
};
const struct metric_row *metric_row(enum metric metric);

/* docs/metrics.md */
void metric_append_manual(struct buf *out);

#endif
