#include "gateway/aicc_notes.h"

#include "upstream/ledger.h"

/* Of one tenant. */
struct noted {
    struct ledger_entry entry;
    struct aicc_note note;
};

struct aicc_notes {
    struct ledger ledger; /* by the tenant's id */
};

struct aicc_notes *aicc_notes_create(void)
{
    struct aicc_notes *notes = NEW(struct aicc_notes);
    ledger_init(&notes->ledger, sizeof(struct noted));
    return notes;
}

void aicc_notes_destroy(struct aicc_notes *notes)
{
    if (notes == NULL)
        return;
    ledger_finish(&notes->ledger);
    mem_free(notes);
}

static struct noted *hold(struct aicc_notes *notes, int64_t tenant_id)
{
    struct str name = str_from(&tenant_id, sizeof(tenant_id));
    return CONTAINER_OF(ledger_hold(&notes->ledger, name), struct noted, entry);
}

void aicc_notes_taken(struct aicc_notes *notes, int64_t tenant_id, int64_t now_ms)
{
    struct noted *noted = hold(notes, tenant_id);
    noted->note.taken_ms = now_ms;
    ledger_release(&noted->entry);
}

void aicc_notes_refused(struct aicc_notes *notes, int64_t tenant_id, enum aicc_refusal why,
                        int64_t now_ms)
{
    struct noted *noted = hold(notes, tenant_id);
    noted->note.refused++;
    noted->note.refused_ms = now_ms;
    noted->note.why = why;
    ledger_release(&noted->entry);
}

void aicc_notes_find(struct aicc_notes *notes, int64_t tenant_id, struct aicc_note *out)
{
    struct noted *noted = hold(notes, tenant_id);
    *out = noted->note;
    ledger_release(&noted->entry);
}
