#ifndef ITA_CDR_H
#define ITA_CDR_H

/* The call detail record that the ITA pushes (agent-api.md, section 9). Pure. */

#include "base/fault.h"
#include "base/json.h"

enum {
    ITA_CDR_TEXT_MAX = 256
}; /* of one member: far above what any carrier sends, small enough to keep for ever */

struct ita_cdr {
    struct json *json; /* with numbers, owns all text below */
    char *numbers;     /* text of the members that came as JSON numbers; NULL when none did */
    struct str call_id, remark;
    struct str tel_a, tel_b, tel_x, called_display, app_key;         /* empty when absent */
    int64_t start_ms, finish_ms, caller_answer_ms, called_answer_ms; /* 0 when absent or empty */
    int64_t duration_s;                                              /* -1 when absent */
    int64_t release_cause;         /* Q.850; -1 when absent or not a number */
    struct str release_cause_text; /* as it was sent */
    const char *unread; /* the first optional member that counts as absent because it can't be read;
                           NULL when all could */
};

/* callID and remark must be there; times are read in the zone offset_s east of UTC. Members are
 * strings or numbers; "" and null are absent; unknown ones are ignored. An optional member that
 * breaks its rule must not cost the record of the call: it counts as absent. The fault names the
 * member. On OK the caller ends it with ita_cdr_finish(); otherwise it is empty. */
MUST_CHECK enum status ita_cdr_decode(struct str body, int32_t offset_s, struct ita_cdr *out,
                                      struct fault *fault);
void ita_cdr_finish(struct ita_cdr *cdr);

#endif
