#ifndef MOCK_ITA_JOURNAL_H
#define MOCK_ITA_JOURNAL_H

/* What came in and what was answered: the last requests and the counters, for GET /requests and
 * GET /counters. About 250 bytes a request, with its reason when refused at most 3 KiB. */

#include "base/buf.h"

enum {
    MOCK_JOURNAL_MAX = 10000,      /* requests */
    MOCK_JOURNAL_REASON_MAX = 2048 /* bytes: a usual canonical request has 300 */
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
    X(PUSHES_GIVEN_UP, "pushesGivenUp")

enum mock_counter {
#define X(name, text) MOCK_COUNT_##name,
    MOCK_COUNTER_MAP(X)
#undef X
        MOCK_COUNTERS
};

struct mock_entry {
    struct str method, target;
    int status;       /* HTTP; 0: none was sent */
    const char *code; /* a literal, "" for none */
    struct str reason;
    int64_t at_ms;
};

struct mock_journal;

struct mock_journal *mock_journal_create(void);
void mock_journal_destroy(struct mock_journal *journal); /* takes NULL */
/* Copies the entry, target and reason cut. */
void mock_journal_add(struct mock_journal *journal, const struct mock_entry *entry);
void mock_journal_count(struct mock_journal *journal, enum mock_counter counter);
uint64_t mock_journal_counter(const struct mock_journal *journal, enum mock_counter counter);
void mock_journal_reset(struct mock_journal *journal);
/* {"requests":[...]}, oldest first; {"accepted":N,...} */
void mock_journal_write_requests(const struct mock_journal *journal, struct buf *out);
void mock_journal_write_counters(const struct mock_journal *journal, struct buf *out);

#endif
