#ifndef ITA_OPERATION_H
#define ITA_OPERATION_H

/* One request to the ITA from its start to its result, all attempts included; and what operations
 * share. Between ita/client.c and ita/operation.c only. */

#include <uv.h>

#include "ita/client.h"
#include "ita/message.h"

struct key_record { /* of an AccessKey with its SecretKey: a new secret begins afresh */
    struct ledger_entry entry;
    struct circuit circuit; /* fed by signature refusals */
};

struct ita_client {
    struct upstream_client upstream;
    struct ledger keys;
    struct upstream_tally tallies[PROFILE_ACTIONS];
};

/* When an AccessKey is held back. */
extern const struct circuit_rule ita_key_rule;
/* Of the account's AccessKey; until ledger_release(). */
struct key_record *ita_client_hold_key(struct ita_client *client,
                                       const struct ita_account *account);

enum operation_state {
    OPERATION_STARTED,  /* the timer brings the first attempt to the loop */
    OPERATION_FETCHING, /* a request is under way */
    OPERATION_WAITING,  /* the timer brings the next attempt */
    OPERATION_DONE,     /* on_result has run; lives until the timer is closed */
};

/* From ita_client_<action>() until its timer has closed. */
struct ita_operation {
    /* fixed at start */
    struct ita_client *client;
    struct list link; /* in client->upstream.operations */
    struct ita_account account;
    enum profile_action action;
    struct profile_values values; /* point into text */
    char *text;
    ita_on_result *on_result;
    void *data;
    struct tenant_record *tenant;
    struct domain_record *domain;
    struct key_record *key;
    int64_t started_ms, deadline_ms; /* monotonic */
    uv_timer_t timer;

    /* changes */
    enum operation_state state;
    struct http_fetch *fetch; /* while FETCHING */
    enum circuit_pass domain_pass, key_pass;
    struct ita_message message;
    struct ita_answer answer; /* of the last attempt, or why there was none */
    int64_t clock_offset_ms;  /* that the last attempt was signed with */
    int attempts;
    bool is_counted; /* among the tenant's requests in flight */
    bool is_canceled;
    bool is_doubtful;  /* an attempt's outcome was unknown */
    bool was_resigned; /* the one attempt with a corrected clock was used */
};

/* values: of the variables that ita_message_encode() does not set; copied. */
struct ita_operation *ita_operation_start(struct ita_client *client,
                                          const struct ita_account *account,
                                          enum profile_action action,
                                          const struct profile_values *values,
                                          ita_on_result *on_result, void *data);

#endif
