#ifndef GATEWAY_AICC_NOTES_H
#define GATEWAY_AICC_NOTES_H

/* What came of the callbacks of AICCs (docs/cec.md) since the start, by the tenant that their path
 * names: for whoever looks for a fault. In memory, bounded; nothing of what they said. */

#include <stdint.h>

struct aicc_notes;

enum aicc_refusal {
    AICC_REFUSAL_TENANT,    /* there is none of that name */
    AICC_REFUSAL_UNSIGNED,  /* in the mode Shared Key */
    AICC_REFUSAL_FORGED,    /* signed with another key, or changed */
    AICC_REFUSAL_NO_SERIAL, /* without callSerialNo */
};

struct aicc_note {
    int64_t taken_ms;      /* the last that was taken: wall time; 0: none */
    uint64_t refused;      /* so many were not */
    int64_t refused_ms;    /* the last of them */
    enum aicc_refusal why; /* it was refused */
};

struct aicc_notes *aicc_notes_create(void);
void aicc_notes_destroy(struct aicc_notes *notes); /* takes NULL */
void aicc_notes_taken(struct aicc_notes *notes, int64_t tenant_id, int64_t now_ms);
/* tenant_id 0: of TENANT. */
void aicc_notes_refused(struct aicc_notes *notes, int64_t tenant_id, enum aicc_refusal why,
                        int64_t now_ms);
/* A copy; zeroed when none came. 0: those that named no tenant. */
void aicc_notes_find(struct aicc_notes *notes, int64_t tenant_id, struct aicc_note *out);

#endif
