#ifndef UPSTREAM_LEDGER_H
#define UPSTREAM_LEDGER_H

/* What the client remembers between requests of a name: of a tenant its limits, of an ITA domain
 * its health, of an AccessKey its refusals. Names come from configuration, which changes over the
 * years: beyond LEDGER_MAX names, those that nobody uses are forgotten, oldest first. */

#include "base/mem.h"
#include "base/str.h"
#include "base/table.h"

enum { LEDGER_MAX = 4096 }; /* more tenants than a gateway serves at a time */

/* First member of a caller's struct, whose other members begin zeroed. */
struct ledger_entry {
    char *name;
    size_t users;
    UT_hash_handle hh;
};

struct ledger {
    struct ledger_entry *entries;
    size_t entry_size;
    void (*on_forget)(
        struct ledger_entry *entry); /* frees what the caller's members own; or NULL */
};

void ledger_init(struct ledger *ledger, size_t entry_size);
void ledger_finish(struct ledger *ledger);
/* The entry of that name, made if there is none. It stays at least until ledger_release(). */
struct ledger_entry *ledger_hold(struct ledger *ledger, struct str name);
void ledger_release(struct ledger_entry *entry);

#endif
