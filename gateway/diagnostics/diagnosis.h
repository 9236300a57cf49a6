#ifndef GATEWAY_DIAGNOSTICS_DIAGNOSIS_H
#define GATEWAY_DIAGNOSTICS_DIAGNOSIS_H

/* What was looked at, step by step, and what is to be done about it: for the Test button, the admin
 * API and `ita-gateway doctor` alike. In English and Chinese, without secrets and phone numbers.
 * Pure but for the clock that measures the steps. */

#include "base/json.h"

enum diagnosis_result {
    DIAGNOSIS_OK,
    DIAGNOSIS_SKIPPED, /* not looked at; the text says why */
    DIAGNOSIS_WARNING, /* works, or may work, but not for long or not well */
    DIAGNOSIS_FAILED,
};
/* "ok", "skipped", "warning", "failed" */
const char *diagnosis_result_text(enum diagnosis_result result);

enum {
    DIAGNOSIS_STEPS_MAX = 16,
    DIAGNOSIS_TEXT_SIZE = 768, /* a few sentences with a certificate's subject and issuer */
};

struct diagnosis_words {
    char en[DIAGNOSIS_TEXT_SIZE], zh[DIAGNOSIS_TEXT_SIZE];
};
/* Both languages take the same arguments in the same order; "%.0s" passes over a word of the other
 * language. Cut where they are too long. */
void diagnosis_say(struct diagnosis_words *words, const char *en, const char *zh, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* Appends to what is said already. */
void diagnosis_add(struct diagnosis_words *words, const char *en, const char *zh, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* A row of a walk's table. */
struct diagnosis_kind {
    const char *name;    /* "tls": for machines, and searched for in the documents */
    const char *en, *zh; /* for people: "TLS" */
    unsigned needs;      /* bits of the steps without which this one would only fail for them */
};

struct diagnosis_step {
    const struct diagnosis_kind *kind;
    enum diagnosis_result result;
    int64_t duration_ms;
    struct diagnosis_words text;   /* what was found */
    struct diagnosis_words cause;  /* what it comes from; empty where the text says it all */
    struct diagnosis_words remedy; /* what to do; empty when there is nothing to do */
    int64_t began_ms;              /* private */
};

struct diagnosis {
    struct diagnosis_step steps[DIAGNOSIS_STEPS_MAX]; /* row by row as the table */
    size_t count;                                     /* of the table */
};

/* Zeroes; keeps the kinds. No step has been looked at then: each is skipped. */
void diagnosis_init(struct diagnosis *diagnosis, const struct diagnosis_kind *kinds, size_t count);
/* The step to be looked at, its time running; NULL when one that it needs has failed or was
 * skipped: then it is skipped itself, and says so. */
struct diagnosis_step *diagnosis_begin(struct diagnosis *diagnosis, size_t at);
/* Its time ends; the result stands in the step. */
void diagnosis_end(struct diagnosis_step *step);

void diagnosis_skip(struct diagnosis_step *step, const char *en, const char *zh);
/* ... because that one stands in the way. */
void diagnosis_skip_for(struct diagnosis_step *step, const struct diagnosis_step *obstacle);

/* The worst of all steps; OK when the worst is skipped. */
enum diagnosis_result diagnosis_worst(const struct diagnosis *diagnosis);
/* Members "result" and "steps" of an object that the caller has begun. */
void diagnosis_write(struct json_writer *w, const struct diagnosis *diagnosis);

#endif
