#ifndef AICC_ANSWER_H
#define AICC_ANSWER_H

/* What an AICC's answer, or its absence, means (agent-api.md; ita-api.md, "Calling safely", holds
 * for an AICC as well). Pure: the time is passed in. */

#include "aicc/message.h"
#include "base/json.h"
#include "upstream/reply.h"

enum {
    AICC_ANSWER_MAX = 1024 * 1024, /* 100 records, each with callData */
    AICC_CODE_MAX = 15,            /* characters of a retCode */
    AICC_TOKEN_MAX = 4096,         /* what fits a request line beside the rest */
    AICC_SHOWN_MAX = 32,           /* numbers: agent-api.md, section 3 */
    AICC_URL_MAX = 2048, /* of a recording; ten times what agent-api.md, section 8, says */
};

enum aicc_outcome {
    AICC_ACCEPTED, /* retCode 0 */
    AICC_REFUSED,  /* surely not done; the code says why */
    AICC_UNKNOWN,  /* a call that may have been placed: never try again */
};

struct aicc_answer {
    struct json *json; /* owns the text that came from the AICC; NULL when none did */
    enum aicc_outcome outcome;
    char code[AICC_CODE_MAX + 1]; /* the AICC's retCode, or one of the 21 for what it did not say */
    char message[REPLY_MESSAGE_MAX]; /* its retMsg, masked; may be empty */
    struct str serial;               /* of an accepted call */
    struct str url;                  /* of a recording; http or https */
    char serial_digits[JSON_TEXT_NUMBER_SIZE];
    char why[160];        /* one line for the log */
    bool is_token_denied; /* a new token may help: nothing was done */
    bool is_safe;         /* it may be tried again: it was surely not done, or does no harm twice */
    int64_t wait_ms;      /* what Retry-After asks for; -1: nothing */
    bool is_not_offered;  /* the AICC has no such interface */
    bool is_answered;     /* a whole HTTP answer came */
    bool is_failing;      /* and says that the AICC or a proxy before it is not well */
};

/* now_ms: wall time. *out must not move; the caller ends it with aicc_answer_finish(). */
void aicc_answer_read(enum aicc_action action, const struct http_fetch_result *fetched,
                      int64_t now_ms, struct aicc_answer *out);
/* Of AICC_TOKEN, when it is accepted: appends the token, and says for how long it is good. Else the
 * answer becomes a refusal. */
void aicc_answer_read_token(struct aicc_answer *answer, struct buf *token, int64_t *good_ms);
/* Verdicts of the client's own. */
void aicc_answer_refuse(struct aicc_answer *answer, const char *code, const char *why);
void aicc_answer_leave_unknown(struct aicc_answer *answer, const char *why);
void aicc_answer_finish(struct aicc_answer *answer); /* takes a zeroed one */

/* How a call stands. Text is borrowed from the answer; times are wall milliseconds, 0: not told. */
struct aicc_call {
    int state;      /* 0..3: agent-api.md, section 7 */
    int64_t reason; /* reasonCode; -1: not told */
    int64_t start_ms, end_ms;
    int64_t caller_alerting_ms, called_alerting_ms; /* their phones began to ring */
    int64_t caller_answer_ms, called_answer_ms;     /* of a record only */
    int64_t duration_s;                             /* likewise; -1: not told */
    struct str caller_present, agent_present;
};
/* Of an accepted AICC_STATE. False: it can't be read. */
bool aicc_state_read(const struct json *answer, struct aicc_call *out);
/* The call of that serial among those of an accepted AICC_RECORD; false: it is not among them. */
bool aicc_record_find(const struct json *answer, struct str serial, struct aicc_call *out);

#endif
