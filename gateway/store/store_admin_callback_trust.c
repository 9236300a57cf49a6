/* The callback address trustlist. */

#include "base/clock.h"
#include "gateway/store/store_admin_change.h"

static const struct rule rule_exists = {"exists", "is in the list already", "已在列表中"};
static const struct rule rule_limit = {"limit", "the list has 1000 entries, no more fit",
                                       "列表已有 1000 个条目，不能再增加"};
_Static_assert(CALLBACK_TRUST_MAX == 1000, "the words tell it");

enum status store_admin_read_callback_trust(struct store_admin *admin, struct callback_trust *out,
                                            struct fault *fault)
{
    struct callback_trust trust = {0};
    fault->text[0] = '\0';
    enum status status = store_collect_callback_trust(admin->connection, &trust);
    if (status == OK)
        *out = trust;
    else
        callback_trust_finish(&trust);
    return store_explain(admin, status, fault);
}

static bool holds(const struct callback_trust *trust, const struct callback_trust_entry *entry)
{
    for (size_t i = 0; i < trust->count; i++)
        if (strcmp(trust->entries[i].text, entry->text) == 0)
            return true;
    return false;
}

/* NULL: it may be added. */
static const struct rule *find_broken_rule(const struct callback_trust *trust,
                                           const struct callback_trust_entry *entry)
{
    if (holds(trust, entry))
        return &rule_exists;
    return trust->count >= CALLBACK_TRUST_MAX ? &rule_limit : NULL;
}

static enum status insert(const struct change *change, const struct callback_trust_entry *entry)
{
    sqlite3_stmt *add = store_statement(change->admin->connection, SQL_CALLBACK_TRUST_ADD);
    store_bind_str(add, 1, str_of(entry->text));
    store_bind_i64(add, 2, entry->created_ms);
    return store_run(add);
}

enum status store_admin_add_callback_trust(struct store_admin *admin, struct str text,
                                           struct callback_trust_entry *out,
                                           struct violations *violations, struct fault *fault)
{
    struct change change = {.admin = admin, .action = "callback-trustlist add", .fault = fault};
    struct callback_trust trust = {0};
    const struct rule *broken = NULL;
    enum status status;
    if (callback_trust_entry_read(text, out, &broken) != OK) {
        violations_add_rule(violations, broken, "entry");
        return violations_end(violations, fault);
    }
    out->created_ms = clock_wall_ms();
    TRY(change_begin(&change));
    TRY(store_collect_callback_trust(admin->connection, &trust));
    broken = find_broken_rule(&trust, out);
    if (broken != NULL)
        violations_add_rule(violations, broken, "entry");
    TRY(violations_end(violations, fault));
    buf_append(&change.detail, str_of(out->text));
    TRY(insert(&change, out));
out:
    callback_trust_finish(&trust);
    return change_end(&change, status);
}

/* --- Removing --- */

static bool is_trusted(const struct callback_trust *trust, const struct callback_url *url)
{
    return callback_trust_match(trust, url) != NULL;
}

/* Whether that entry was all that let it be called. */
static bool has_lost(const struct callback_trust *left, const struct callback_trust *removed,
                     struct str text)
{
    struct callback_url url;
    const struct rule *broken;
    return text.len > 0 && callback_url_read(text, &url, &broken) == OK &&
           is_trusted(removed, &url) && !is_trusted(left, &url);
}

/* Few tenants have callback URLs; all of their rows are looked at. */
static enum status find_affected(struct store_admin *admin, const struct callback_trust *left,
                                 const struct callback_trust *removed,
                                 struct callback_trust_affected *out)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_CALLBACK_URLS);
    bool has_row = false;
    enum status status;
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        bool is_affected = false;
        for (int column = 1; column <= 3; column++)
            is_affected |= has_lost(left, removed, store_column_str(row, column));
        if (!is_affected || out->count++ >= CALLBACK_TRUST_AFFECTED_MAX)
            continue;
        struct str name = store_column_str(row, 0);
        size_t len = name.len < TENANT_NAME_MAX ? name.len : TENANT_NAME_MAX;
        memcpy(out->tenants[out->count - 1], name.ptr, len);
        out->tenants[out->count - 1][len] = '\0';
    }
    return status;
}

enum status store_admin_remove_callback_trust(struct store_admin *admin, struct str text,
                                              struct callback_trust_affected *out,
                                              struct fault *fault)
{
    struct change change = {.admin = admin, .action = "callback-trustlist remove", .fault = fault};
    sqlite3_stmt *remove = store_statement(admin->connection, SQL_CALLBACK_TRUST_REMOVE);
    struct callback_trust left = {0}, removed = {0};
    struct callback_trust_entry entry;
    const struct rule *broken;
    enum status status;
    *out = (struct callback_trust_affected){0};
    if (callback_trust_entry_read(text, &entry, &broken) != OK)
        return fault_set(fault, ERR_NOT_FOUND, "the list has no such entry");
    TRY(change_begin(&change));
    store_bind_str(remove, 1, str_of(entry.text));
    TRY(store_run(remove));
    if (store_changed(admin->connection) == 0) {
        status = fault_set(fault, ERR_NOT_FOUND, "the list has no such entry");
        goto out;
    }
    buf_append(&change.detail, str_of(entry.text));
    callback_trust_add(&removed, &entry);
    TRY(store_collect_callback_trust(admin->connection, &left));
    TRY(find_affected(admin, &left, &removed, out));
out:
    callback_trust_finish(&left);
    callback_trust_finish(&removed);
    return change_end(&change, status);
}
