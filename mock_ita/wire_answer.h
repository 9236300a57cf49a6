#ifndef MOCK_ITA_WIRE_ANSWER_H
#define MOCK_ITA_WIRE_ANSWER_H

/* Answers, written by the wire profile: each thing where the profile's first path for it leads.
 * Pure. */

#include "mock_ita/scenario/code.h"
#include "mock_ita/telephony/calls.h"
#include "mock_ita/violation.h"
#include "profile/profile.h"

enum { MOCK_ANSWER_MAX = 128 * 1024 }; /* 32 violations, each at most 800 bytes before escaping */

/* What an answer tells beside code and message; what is empty or NULL is left out. */
struct mock_told {
    struct str call_id, tel_x, sub_id, url;
    const struct mock_call *call; /* the rest of what a query tells of it, beside the callID */
    const struct mock_violations *violations;
};

/* Refuses a profile that puts one thing where another is, or inside it. */
MUST_CHECK enum status mock_answer_check(const struct profile *profile, struct fault *fault);
/* Appends a JSON object. */
void mock_answer_write(const struct profile *profile, enum mock_code code,
                       const struct mock_told *told, struct buf *out);
/* The code as this ITA says it: the first native code of the profile that stands for it and is not
 * one of the API gateway before the ITA, else itself. */
struct str mock_answer_code(const struct profile *profile, enum mock_code code);

#endif
