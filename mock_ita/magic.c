#include "mock_ita/magic.h"

#include "base/mem.h"

enum {
    A_RINGS_MS = 2000,
    B_RINGS_MS = 5000,
    TALK_MS = 30000,
    NO_ANSWER_MS = 30000, /* a network gives up about then */
    BUSY_MS = 1000,
    REJECTED_MS = 3000,
    REFUSAL_DIGITS = 5, /* '9' and the last four digits of the code */
};

#define GOES_WELL                                                                                  \
    .a_rings_ms = A_RINGS_MS, .b_rings_ms = B_RINGS_MS, .talk_ms = TALK_MS, .a_answers = true,     \
    .b_answers = true, .release_cause = 16
#define B_FAILS(cause, rings)                                                                      \
    .a_rings_ms = A_RINGS_MS, .b_rings_ms = (rings), .a_answers = true, .release_cause = (cause)

static const struct {
    const char *suffix; /* of telB; no suffix ends another one */
    struct mock_script script;
} stories[] = {
    {"0017", {B_FAILS(17, BUSY_MS), .cdr_count = 1}},
    {"0018", {.a_rings_ms = NO_ANSWER_MS, .release_cause = 18, .cdr_count = 1}},
    {"0019", {B_FAILS(19, NO_ANSWER_MS), .cdr_count = 1}},
    {"0021", {B_FAILS(21, REJECTED_MS), .cdr_count = 1}},
    {"80001", {GOES_WELL, .cdr_count = 0}},
    {"80002", {GOES_WELL, .cdr_count = 2}},
    {"80003", {GOES_WELL, .cdr_count = 1, .answer = MOCK_ANSWER_AFTER_CDR}},
    {"80004", {GOES_WELL, .cdr_count = 1, .answer = MOCK_ANSWER_NEVER}},
    {"80005", {GOES_WELL, .cdr_count = 1, .answer = MOCK_ANSWER_500}},
    {"80006", {GOES_WELL, .cdr_count = 1, .answer = MOCK_ANSWER_CLOSED}},
};

struct mock_script mock_magic_script(struct str tel_b)
{
    if (tel_b.len >= REFUSAL_DIGITS && tel_b.ptr[tel_b.len - REFUSAL_DIGITS] == '9') {
        enum mock_code code = mock_code_of_last_four(str_slice(tel_b, tel_b.len - 4, 4));
        if (code != MOCK_OK)
            return (struct mock_script){.refusal = code};
    }
    for (size_t i = 0; i < COUNT_OF(stories); i++)
        if (str_ends(tel_b, str_of(stories[i].suffix)))
            return stories[i].script;
    return (struct mock_script){GOES_WELL, .cdr_count = 1};
}
