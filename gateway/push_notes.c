#include "gateway/push_notes.h"

#include "upstream/ledger.h"

/* Of one AccessKey. */
struct noted {
    struct ledger_entry entry;
    struct push_note note;
};

struct push_notes {
    struct push_note unknown; /* that named no AccessKey of ours */
    struct push_note self_test;
    struct ledger ledger;
    uint64_t counts[PUSH_NOTE_REASONS], astray;
};

struct push_notes *push_notes_create(void)
{
    struct push_notes *notes = NEW(struct push_notes);
    ledger_init(&notes->ledger, sizeof(struct noted));
    return notes;
}

void push_notes_destroy(struct push_notes *notes)
{
    if (notes == NULL)
        return;
    ledger_finish(&notes->ledger);
    mem_free(notes);
}

static void write(struct push_note *note, const struct ita_verification *verified, int64_t now_ms)
{
    note->count++;
    note->last_ms = now_ms;
    /* "One more of what went before" would hide the reason. */
    if (verified->result == ITA_VERIFY_SLOWED && note->count > 1)
        return;
    note->last = verified->result;
    note->is_astray = false;
    note->detail = verified->fault;
}

/* Of that AccessKey, until it is given back; of nobody's without an entry. */
static struct push_note *hold(struct push_notes *notes, struct str access_key,
                              struct ledger_entry **entry)
{
    *entry = access_key.len == 0 ? NULL : ledger_hold(&notes->ledger, access_key);
    return *entry == NULL ? &notes->unknown : &CONTAINER_OF(*entry, struct noted, entry)->note;
}

static void give_back(struct ledger_entry *entry)
{
    if (entry != NULL)
        ledger_release(entry);
}

void push_notes_refused(struct push_notes *notes, struct str access_key,
                        const struct ita_verification *verified, int64_t now_ms)
{
    struct ledger_entry *entry;
    notes->counts[verified->result]++;
    write(hold(notes, access_key, &entry), verified, now_ms);
    give_back(entry);
}

void push_notes_astray(struct push_notes *notes, struct str access_key,
                       const struct http_request *request, int status, int64_t now_ms)
{
    struct ledger_entry *entry;
    struct push_note *note = hold(notes, access_key, &entry);
    notes->astray++;
    note->count++;
    note->last_ms = now_ms;
    note->is_astray = true;
    fault_set(&note->detail, ERR_NOT_FOUND, "%.*s %.*s: %d", STR_ARGS(request->method),
              STR_ARGS(str_slice(request->path, 0, PUSH_ASTRAY_PATH_MAX)), status);
    give_back(entry);
}

uint64_t push_notes_astray_count(const struct push_notes *notes)
{
    return notes->astray;
}

void push_notes_refused_self_test(struct push_notes *notes, const struct ita_verification *verified,
                                  int64_t now_ms)
{
    notes->counts[verified->result]++;
    write(&notes->self_test, verified, now_ms);
}

uint64_t push_notes_count(const struct push_notes *notes, enum ita_verify_result reason)
{
    return notes->counts[reason];
}

void push_notes_find(struct push_notes *notes, struct str access_key, struct push_note *out)
{
    struct ledger_entry *entry;
    *out = *hold(notes, access_key, &entry);
    give_back(entry);
}

void push_notes_find_self_test(const struct push_notes *notes, struct push_note *out)
{
    *out = notes->self_test;
}
