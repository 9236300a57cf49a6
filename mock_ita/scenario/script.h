#ifndef MOCK_ITA_SCENARIO_SCRIPT_H
#define MOCK_ITA_SCENARIO_SCRIPT_H

/* What a scenario (or a magic number) has chosen for one request: how it is answered, and, when it
 * places a call, how that goes. All draws have been made: what stands here happens. Zero is the
 * ordinary course everywhere. */

#include "mock_ita/scenario/code.h"

/* What is done to the answer's bytes. */
enum mock_fault {
    MOCK_FAULT_NONE,
    MOCK_FAULT_CLOSED,   /* the connection is closed without a byte */
    MOCK_FAULT_RESET,    /* the same with a reset */
    MOCK_FAULT_STALLED,  /* nothing ever comes; the connection stays open */
    MOCK_FAULT_HEAD_CUT, /* closed inside the head */
    MOCK_FAULT_BODY_CUT, /* closed inside the body, whose length was told */
    MOCK_FAULT_LENGTH_WRONG,
    MOCK_FAULT_GARBAGE, /* bytes that are no HTTP */
    MOCK_FAULT_DRIP,    /* a byte at a time */
};

struct mock_answer {
    enum mock_code refusal; /* MOCK_OK: the request is carried out */
    int status;             /* HTTP; 0: what the outcome has */
    bool is_undone;         /* the status or fault comes instead of what was asked for, not after */
    bool is_after_cdr;      /* waits until the CDR's first push has come to an end */
    int64_t delay_ms;       /* by the world's clock */
    int64_t retry_after_s;  /* with has_retry_after */
    bool has_retry_after;
    enum mock_fault fault;
    int64_t drip_ms; /* between two bytes */
};

enum mock_push_signature {
    MOCK_PUSH_SIGNED,
    MOCK_PUSH_WRONG,   /* with another secret */
    MOCK_PUSH_EXPIRED, /* with a date an hour ago */
    MOCK_PUSH_UNSIGNED,
};

enum {
    MOCK_PUSHES_MAX = 4, /* of one call's CDR, not counting tries */
    MOCK_PUSH_TRIES_DEFAULT = 0,
};

/* One push of a call's CDR. */
struct mock_push_script {
    int64_t delay_ms;      /* from the end of the call, at speed 1 */
    uint8_t overtakers;    /* waits until so many CDRs of calls that ended later have been pushed */
    uint8_t tries;         /* at most; MOCK_PUSH_TRIES_DEFAULT: as the options say */
    uint8_t signature;     /* enum mock_push_signature */
    bool is_contradictory; /* tells another end than the push before it */
    bool has_unknown_fields; /* members that no document knows */
};

struct mock_call_script {
    int64_t a_rings_ms, b_rings_ms, talk_ms; /* at speed 1 */
    bool a_answers, b_answers;
    bool a_hangs_up;   /* else B does, once both have talked */
    int release_cause; /* Q.850 (q850.md) */
    int push_count;    /* 0: the CDR is lost */
    struct mock_push_script pushes[MOCK_PUSHES_MAX];
};

struct mock_script {
    struct mock_answer answer;
    struct mock_call_script call;
};

#endif
