#ifndef MOCK_ITA_JOURNAL_H
#define MOCK_ITA_JOURNAL_H

/* What came in and what was answered. Every request to the ITA's API has one entry, from its
 * arrival on; whoever learns something about it notes it there. The oldest entries go when all
 * together take more memory than allowed. Counters beside them go on. No I/O; the time is passed
 * in.
 */

#include "base/json.h"
#include "mock_ita/verify.h"

enum {
    MOCK_ENTRY_BODY_MAX = 16 * 1024, /* bytes kept of a body; the rest is cut off */
    MOCK_ENTRY_TEXT_MAX = 2 * 1024,  /* of any other text but the canonical request */
    MOCK_ENTRY_VIOLATIONS_MAX = 32,  /* an order has some ten members */
};

#define MOCK_COUNTER_MAP(X)                                                                        \
    X(REQUESTS, "requests")                                                                        \
    X(ACCEPTED, "accepted")                                                                        \
    X(REFUSED, "refused")                                                                          \
    X(BAD_SIGNATURES, "badSignatures")                                                             \
    X(REPEATED_REQUEST_IDS, "repeatedRequestIds")                                                  \
    X(RELEASED, "released")                                                                        \
    X(ENDED, "ended")                                                                              \
    X(PUSHES, "pushes")                                                                            \
    X(PUSHES_ACKNOWLEDGED, "pushesAcknowledged")                                                   \
    X(PUSHES_GIVEN_UP, "pushesGivenUp")                                                            \
    X(MALFORMED, "malformed")            /* what the HTTP server refused, among `requests` */      \
    X(FAULTS, "faults")                  /* answers spoilt as a scenario wanted it */              \
    X(ENTRIES_DROPPED, "entriesDropped") /* by the journal, to make room */

enum mock_counter {
#define X(name, text) MOCK_COUNT_##name,
    MOCK_COUNTER_MAP(X)
#undef X
        MOCK_COUNTERS
};

/* The texts of an entry that can be searched for, by their names in JSON and in a query. */
#define MOCK_ENTRY_TEXT_MAP(X)                                                                     \
    X(METHOD, "method")                                                                            \
    X(PATH, "path")                                                                                \
    X(PEER, "peer")                                                                                \
    X(ACTION, "action")        /* place, release, ..., createCall, ... */                          \
    X(CHECK, "check")          /* enum mock_check, or that of a token; empty: none is asked for */ \
    X(ACCESS_KEY, "accessKey") /* or the app key of a CEC call */                                  \
    X(REQUEST_ID, "requestId")                                                                     \
    X(TEL_A, "telA")                                                                               \
    X(TEL_B, "telB")                                                                               \
    X(TEL_X, "telX")                                                                               \
    X(CALL_ID, "callID")                                                                           \
    X(CALL_SERIAL, "callSerialNo") /* of a CEC call */                                             \
    X(RULE, "rule")                /* of the scenario that chose the answer */                     \
    X(CODE, "code")                                                                                \
    X(FAULT, "fault") /* what was done to the answer */                                            \
    X(REASON, "reason")

enum mock_entry_text {
#define X(name, text) MOCK_ENTRY_##name,
    MOCK_ENTRY_TEXT_MAP(X)
#undef X
        MOCK_ENTRY_TEXTS
};

/* Something in a request that the ITA's documents do not allow, whatever came of it. */
struct mock_entry_violation {
    struct str path, rule; /* a JSON path, or "header Name" */
};

/* Everybody may read; journal.c alone writes. Texts are empty until known. */
struct mock_entry {
    uint64_t number; /* counted from 1, on over resets */
    int64_t at_ms, answered_ms;
    bool is_answered; /* else it is still under way */
    int status;       /* HTTP; 0: none was sent */
    struct str texts[MOCK_ENTRY_TEXTS];
    struct str target, body;
    size_t body_len; /* as it came; more than body.len: it was cut */
    const struct http_header *headers;
    size_t header_count;
    struct str canonical, string_to_sign; /* of its verdict, as is what follows */
    struct mock_signed signed_request;
    struct mock_entry_violation *violations; /* MOCK_ENTRY_VIOLATIONS_MAX once there is one */
    size_t violation_count;
};

struct mock_journal_options {
    size_t bytes_max; /* all entries together; the youngest stays, whatever it takes */
    /* After an entry has ended; may be NULL. */
    void (*on_ended)(void *data, const struct mock_entry *entry);
    void *data;
};

struct mock_journal;

struct mock_journal *mock_journal_create(const struct mock_journal_options *options);
/* Entries that have not ended must not be touched any more. Takes NULL. */
void mock_journal_destroy(struct mock_journal *journal);
/* Forgets the entries, and with mock_journal_reset() the counters as well. Entries still under way
 * stay good for their holders; after a reset they are counted and told no more. */
void mock_journal_clear(struct mock_journal *journal);
void mock_journal_reset(struct mock_journal *journal);

/* --- Filling --- */

/* Copies what it keeps. The entry is good until mock_journal_end(), which is to be called once. */
struct mock_entry *mock_journal_begin(struct mock_journal *journal,
                                      const struct http_request *request, int64_t now_ms);
/* Each copies, cut. */
void mock_entry_set(struct mock_entry *entry, enum mock_entry_text which, struct str value);
void mock_entry_set_verdict(struct mock_entry *entry, const struct mock_verdict *verdict);
void mock_entry_add_violation(struct mock_entry *entry, struct str path, struct str rule);
/* status: HTTP, 0 when no answer is sent. */
void mock_journal_end(struct mock_journal *journal, struct mock_entry *entry, int status,
                      int64_t now_ms);
/* Of what the HTTP server has refused by itself: a request without method when it was none. */
void mock_journal_add_refused(struct mock_journal *journal, const struct http_request *request,
                              int status, struct str reason, int64_t now_ms);

void mock_journal_count(struct mock_journal *journal, enum mock_counter counter);
uint64_t mock_journal_counter(const struct mock_journal *journal, enum mock_counter counter);
const char *mock_counter_name(enum mock_counter counter);

/* --- Reading --- */

/* Oldest first; NULL behind the last. */
const struct mock_entry *mock_journal_first(const struct mock_journal *journal);
const struct mock_entry *mock_journal_next(const struct mock_journal *journal,
                                           const struct mock_entry *entry);
size_t mock_journal_bytes(const struct mock_journal *journal);
/* The number of the youngest entry, which may be gone; 0: there was none so far. */
uint64_t mock_journal_last(const struct mock_journal *journal);

/* What an entry has to be like. */
struct mock_match {
    struct str texts[MOCK_ENTRY_TEXTS]; /* ptr NULL: any; else exactly this */
    bool has_status;
    int status;
    uint64_t since; /* only entries with a greater number */
};

/* An entry under way has no status yet. */
bool mock_match_status_fits(const struct mock_match *match, const struct mock_entry *entry);
/* How many things differ; 0: it fits. */
size_t mock_match_differences(const struct mock_match *match, const struct mock_entry *entry);

/* One object of times, status and texts; of everything. */
void mock_entry_write_summary(struct json_writer *w, const struct mock_entry *entry);
void mock_entry_write(struct json_writer *w, const char *name, const struct mock_entry *entry);
const char *mock_entry_text_name(enum mock_entry_text which);

#endif
