#ifndef MOCK_ITA_SCENARIO_SCRIPT_H
#define MOCK_ITA_SCENARIO_SCRIPT_H

/* What a scenario (or a magic number) has chosen for one request: how it is answered, and, when it
 * places a call, how that goes. All draws have been made: what stands here happens. Zero is the
 * ordinary course of an answer; mock_script_ordinary() that of a call. */

#include "mock_ita/scenario/code.h"

/* What is done to the answer's bytes, once the request has been read. */
#define MOCK_FAULT_MAP(X)                                                                          \
    X(NONE, "none")                                                                                \
    X(CLOSED, "close")              /* the connection is closed without a byte */                  \
    X(RESET, "reset")               /* the same with a reset */                                    \
    X(STALLED, "stall")             /* nothing ever comes; the connection stays open */            \
    X(HEAD_CUT, "cut-head")         /* closed inside the head */                                   \
    X(BODY_CUT, "cut-body")         /* closed inside the body, whose length was told */            \
    X(LENGTH_WRONG, "wrong-length") /* of a whole body, told too great; closed behind it */        \
    X(GARBAGE, "garbage")           /* bytes that are no HTTP */                                   \
    X(DRIP, "drip")                 /* a byte at a time, drip_ms between two */                    \
    X(ENDLESS, "endless")           /* a head without a length, and a body that never ends */

enum mock_fault {
#define X(name, text) MOCK_FAULT_##name,
    MOCK_FAULT_MAP(X)
#undef X
};

struct mock_header {
    struct str name, value;
};

/* Text in here is borrowed from the scenario (chooser.h). */
struct mock_answer {
    enum mock_code refusal; /* MOCK_OK: the request is carried out, unless is_undone */
    int status;             /* HTTP; 0: what the outcome has */
    bool is_undone;         /* the answer comes instead of what was asked for, not after */
    bool is_after_cdr;      /* waits until the CDR's first push has come to an end */
    int64_t delay_ms;       /* in real time, behind what is_after_cdr waits for */
    int64_t clock_ahead_ms; /* of {serverTime} in the body; may be negative */
    bool has_body;          /* instead of the usual one; else a status >= 300 has APIGW's error */
    bool is_json_body;
    struct str body;                   /* a template (template.h) */
    struct str content_type;           /* ptr NULL: MOCK_JSON_TYPE */
    const struct mock_header *headers; /* beside those of the server; no Content-Type */
    size_t header_count;
    enum mock_fault fault;
    int64_t drip_ms;
};

enum mock_push_signature {
    MOCK_PUSH_SIGNED,
    MOCK_PUSH_WRONG,   /* with another secret */
    MOCK_PUSH_EXPIRED, /* with a date an hour ago */
    MOCK_PUSH_UNSIGNED,
};

enum {
    MOCK_CONNECTION_PUSHES_MAX = 2, /* connection callbacks of one call */
    MOCK_PUSHES_MAX = 4,            /* of one call's CDR, not counting tries */
    MOCK_PUSH_TRIES_DEFAULT = 0,
    MOCK_PUSH_WAITS_MAX = 8,
};

/* One push of a call's CDR, or of a callback about a CEC call. */
struct mock_push_script {
    int64_t delay_ms;   /* from the end of the call, at speed 1 */
    uint8_t overtakers; /* of a call's end: waits until so many CDRs of calls that ended later have
                           been pushed */
    uint8_t tries;      /* at most; MOCK_PUSH_TRIES_DEFAULT: as the options say */
    uint8_t signature;  /* enum mock_push_signature */
    bool is_contradictory;    /* tells another end than the push before it */
    bool has_unknown_members; /* members that no document knows */
};

struct mock_call_script {
    int64_t a_rings_ms, b_rings_ms, talk_ms; /* at speed 1 */
    bool a_answers, b_answers;
    bool a_hangs_up;   /* else B does, once both have talked */
    int release_cause; /* Q.850 (q850.md) */
    int push_count;    /* 0: the CDR, or hang-up callback, is lost */
    struct mock_push_script pushes[MOCK_PUSHES_MAX];
    int connection_count; /* of a CEC call: its connection callbacks */
    struct mock_push_script connections[MOCK_CONNECTION_PUSHES_MAX];
    /* Likewise: how much later than it happens queries tell it, at speed 1. */
    uint32_t state_lag_ms, record_lag_ms;
    /* How long a push that was not acknowledged waits for its next try, at speed 1; the last one
     * counts on. None: as the options say. */
    uint32_t push_waits_ms[MOCK_PUSH_WAITS_MAX];
    uint8_t push_wait_count;
};

struct mock_script {
    struct mock_answer answer;
    struct mock_call_script call;
};

/* How a call may end. */
#define MOCK_OUTCOME_MAP(X)                                                                        \
    X(ANSWERED, "answered")       /* both talk, B hangs up: cause 16 */                            \
    X(A_NO_ANSWER, "a-no-answer") /* 18 */                                                         \
    X(B_BUSY, "b-busy")           /* 17 */                                                         \
    X(B_NO_ANSWER, "b-no-answer") /* 19 */                                                         \
    X(B_REJECTED, "b-rejected")   /* 21 */

enum mock_outcome {
#define X(name, text) MOCK_OUTCOME_##name,
    MOCK_OUTCOME_MAP(X)
#undef X
};

/* A call with that outcome at the usual pace, its CDR pushed once. */
struct mock_call_script mock_call_script_of(enum mock_outcome outcome);
/* The request is carried out and answered; its call is answered. */
struct mock_script mock_script_ordinary(void);

const char *mock_fault_text(enum mock_fault fault);

/* What is done with a connection before any request is read from it. */
#define MOCK_CONNECTION_MAP(X)                                                                     \
    X(SERVED, "serve")                                                                             \
    X(CLOSED, "close")                                                                             \
    X(CLOSED_SECURED, "close-after-handshake")                                                     \
    X(RESET, "reset")                                                                              \
    X(STALLED, "stall") /* nothing is ever read or written; the connection stays open */

enum mock_connection {
#define X(name, text) MOCK_CONNECTION_##name,
    MOCK_CONNECTION_MAP(X)
#undef X
};

const char *mock_connection_text(enum mock_connection connection);

#endif
