#ifndef MOCK_ITA_MAGIC_H
#define MOCK_ITA_MAGIC_H

/* Which story a call plays: chosen by the last digits of telB, the customer. The table for people
 * is in mock_ita/README.md. */

#include "mock_ita/code.h"

enum mock_answer {
    MOCK_ANSWER_AT_ONCE,
    MOCK_ANSWER_AFTER_CDR, /* once the CDR's first push has come to an end */
    MOCK_ANSWER_NEVER,     /* the connection stays open */
    MOCK_ANSWER_500,       /* although the call was accepted */
    MOCK_ANSWER_CLOSED,    /* the connection is closed, although the call was accepted */
};

struct mock_script {
    enum mock_code refusal; /* MOCK_OK: the call is accepted */
    enum mock_answer answer;
    int64_t a_rings_ms, b_rings_ms, talk_ms; /* at speed 1 */
    bool a_answers, b_answers;
    int release_cause; /* Q.850 (q850.md) */
    int cdr_count;
};

struct mock_script mock_magic_script(struct str tel_b);

#endif
