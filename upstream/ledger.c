#include "upstream/ledger.h"

#include <assert.h>

void ledger_init(struct ledger *ledger, size_t entry_size)
{
    *ledger = (struct ledger){.entry_size = entry_size};
}

static void forget(struct ledger *ledger, struct ledger_entry *entry)
{
    HASH_DEL(ledger->entries, entry);
    if (ledger->on_forget != NULL)
        ledger->on_forget(entry);
    mem_free(entry->name);
    mem_free(entry);
}

void ledger_finish(struct ledger *ledger)
{
    while (ledger->entries != NULL)
        forget(ledger, ledger->entries);
}

/* uthash links its entries in the order of insertion. */
static void forget_oldest_unused(struct ledger *ledger)
{
    struct ledger_entry *entry = ledger->entries;
    while (entry != NULL && entry->users > 0)
        entry = entry->hh.next;
    if (entry != NULL)
        forget(ledger, entry);
}

struct ledger_entry *ledger_hold(struct ledger *ledger, struct str name)
{
    struct ledger_entry *entry;
    HASH_FIND(hh, ledger->entries, name.len > 0 ? name.ptr : "", name.len, entry);
    if (entry == NULL) {
        if (HASH_COUNT(ledger->entries) >= LEDGER_MAX)
            forget_oldest_unused(ledger);
        entry = mem_alloc(ledger->entry_size);
        entry->name = str_copy(name);
        HASH_ADD_KEYPTR(hh, ledger->entries, entry->name, name.len, entry);
    }
    entry->users++;
    return entry;
}

void ledger_release(struct ledger_entry *entry)
{
    assert(entry->users > 0);
    entry->users--;
}
