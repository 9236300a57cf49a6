#include "gateway/store/store_admin.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_admin_change.h"
#include "net/tls.h"

/* --- The connection --- */

static enum status open_as(const char *path, const uint8_t master_key[static SEAL_KEY_SIZE],
                           enum store_access access, const char *who, struct store_admin **out,
                           struct fault *fault)
{
    struct store_connection *connection;
    enum status status = store_connection_open(path, master_key, access, &connection, fault);
    if (status != OK)
        return status;
    *out = NEW(struct store_admin);
    (*out)->connection = connection;
    (*out)->who = str_copy(str_of(who));
    return OK;
}

enum status store_admin_open(const char *path, const uint8_t master_key[static SEAL_KEY_SIZE],
                             const char *who, struct store_admin **out, struct fault *fault)
{
    return open_as(path, master_key, STORE_READ_WRITE, who, out, fault);
}

enum status store_admin_join(const char *path, const uint8_t master_key[static SEAL_KEY_SIZE],
                             struct store_admin **out, struct fault *fault)
{
    return open_as(path, master_key, STORE_JOIN, "", out, fault);
}

void store_admin_close(struct store_admin *admin)
{
    if (admin == NULL)
        return;
    store_connection_close(admin->connection);
    mem_free(admin->who);
    mem_free(admin);
}

void store_admin_tidy(struct store_admin *admin)
{
    store_checkpoint_when_idle(admin->connection);
}

void store_admin_set_who(struct store_admin *admin, const char *who)
{
    mem_free(admin->who);
    admin->who = str_copy(str_of(who));
}

/* --- A change --- */

static enum status find_tenant(struct store_admin *admin, const char *name, struct tenant *out,
                               struct fault *fault)
{
    enum status status = store_collect_tenant(admin->connection, str_of(name), out);
    if (status == ERR_NOT_FOUND)
        return fault_set(fault, status, "no tenant is named %s", name);
    return status;
}

enum status store_explain(struct store_admin *admin, enum status status, struct fault *fault)
{
    sqlite3 *db = admin->connection->db;
    int rc = sqlite3_errcode(db);
    bool is_engine = rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE;
    if (status != OK && fault->text[0] == '\0')
        fault_set(fault, status, "%s", is_engine ? sqlite3_errmsg(db) : status_text(status));
    return status;
}

enum status change_begin(struct change *change)
{
    change->fault->text[0] = '\0';
    buf_init(&change->detail, AUDIT_DETAIL_MAX);
    enum status status = store_begin(change->admin->connection);
    if (status == OK && change->tenant_name != NULL)
        status = find_tenant(change->admin, change->tenant_name, &change->tenant, change->fault);
    return status;
}

/* What the daemon has in memory of the tenant is older than this change now. */
static enum status revise_tenant(const struct change *change)
{
    sqlite3_stmt *revise = store_statement(change->admin->connection, SQL_TENANT_REVISE);
    if (change->tenant.id == 0)
        return OK;
    store_bind_i64(revise, 1, change->tenant.id);
    return store_run(revise);
}

static enum status write_audit(const struct change *change)
{
    sqlite3_stmt *add = store_statement(change->admin->connection, SQL_AUDIT_ADD);
    store_bind_i64(add, 1, clock_wall_ms());
    store_bind_str(add, 2, str_of(change->admin->who));
    store_bind_str(add, 3, str_of(change->tenant.name));
    store_bind_str(add, 4, str_of(change->action));
    store_bind_str(add, 5, buf_str(&change->detail));
    return store_run(add);
}

enum status change_end(struct change *change, enum status status)
{
    if (status == OK)
        status = revise_tenant(change);
    if (status == OK)
        status = write_audit(change);
    if (status == OK)
        status = store_commit(change->admin->connection);
    store_explain(change->admin, status, change->fault);
    store_rollback(change->admin->connection);
    tenant_finish(&change->tenant);
    buf_finish(&change->detail);
    return status;
}

/* --- Reading --- */

enum status store_admin_read(struct store_admin *admin, struct tenant_list *out,
                             struct fault *fault)
{
    fault->text[0] = '\0';
    return store_explain(admin, store_collect_tenants(admin->connection, 0, out), fault);
}

enum status store_admin_read_certificates(struct store_admin *admin, struct tenant_list *out,
                                          struct fault *fault)
{
    fault->text[0] = '\0';
    return store_explain(admin, store_collect_tenants(admin->connection, INT64_MAX, out), fault);
}

enum status store_admin_read_tenant(struct store_admin *admin, const char *name, struct tenant *out,
                                    struct fault *fault)
{
    fault->text[0] = '\0';
    enum status status = store_run(store_statement(admin->connection, SQL_BEGIN_READ));
    if (status == OK)
        status = find_tenant(admin, name, out, fault);
    store_explain(admin, status, fault);
    store_rollback(admin->connection);
    return status;
}

enum status store_admin_find_tenant(struct store_admin *admin, const char *name, struct tenant *out,
                                    struct fault *fault)
{
    sqlite3_stmt *row = store_statement(admin->connection, SQL_TENANT_FIND);
    bool has_row;
    fault->text[0] = '\0';
    store_bind_str(row, 1, str_of(name));
    enum status status = store_next_row(row, &has_row);
    if (status == OK && !has_row)
        status = fault_set(fault, ERR_NOT_FOUND, "no tenant is named %s", name);
    if (status != OK)
        return store_explain(admin, status, fault);
    *out = (struct tenant){0};
    store_read_tenant_row(row, out);
    store_reset(row);
    return OK;
}

enum status store_admin_read_audit(struct store_admin *admin, const struct audit_page *page,
                                   void (*each)(void *data, const struct audit_entry *entry),
                                   void *data, struct fault *fault)
{
    sqlite3_stmt *row = store_statement(
        admin->connection, page->tenant == NULL ? SQL_AUDIT_LIST : SQL_AUDIT_LIST_OF_TENANT);
    bool has_row = false;
    enum status status;
    fault->text[0] = '\0';
    store_bind_i64(row, 1, page->limit);
    store_bind_i64(row, 2, page->before_id == 0 ? INT64_MAX : page->before_id);
    if (page->tenant != NULL)
        store_bind_str(row, 3, str_of(page->tenant));
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct audit_entry entry = {sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                                    store_column_str(row, 2),     store_column_str(row, 3),
                                    store_column_str(row, 4),     store_column_str(row, 5)};
        each(data, &entry);
    }
    return store_explain(admin, status, fault);
}

enum status store_admin_note(struct store_admin *admin, const char *action, const char *detail,
                             struct fault *fault)
{
    struct change change = {.admin = admin, .action = action, .fault = fault};
    enum status status = change_begin(&change);
    if (status == OK)
        buf_append(&change.detail, str_of(detail));
    return change_end(&change, status);
}

/* --- Certificates --- */

/* An expired one would fail every call. */
static enum status check_certificate(const char *name, struct str given, struct buf *der,
                                     struct fault *fault)
{
    struct tls_certificate words;
    enum status status;
    if (!certificate_name_is_known(name))
        return fault_set(fault, ERR_INVALID, "name: must be CERT_ITA or CERT_AICC");
    TRY(tls_certificate_read(given, der, fault));
    TRY(tls_certificate_describe(buf_str(der), &words, fault));
    if (words.not_after_ms <= clock_wall_ms())
        status = fault_set(fault, ERR_INVALID, "has expired");
out:
    if (status != OK)
        fault_prefix(fault, "certificate");
    return status;
}

enum status store_admin_install_certificate(struct store_admin *admin, const char *name,
                                            struct str given, struct fault *fault)
{
    struct change change = {.admin = admin, .action = "certificate install", .fault = fault};
    sqlite3_stmt *set = store_statement(admin->connection, SQL_CERTIFICATE_SET);
    struct buf der;
    buf_init(&der, CERTIFICATE_MAX);
    enum status status = check_certificate(name, given, &der, fault);
    if (status != OK) {
        buf_finish(&der);
        return status;
    }
    TRY(change_begin(&change));
    buf_format(&change.detail, "%s sha256:", name);
    sha256_hex_append(&change.detail, buf_str(&der));
    store_bind_str(set, 1, str_of(name));
    store_bind_blob(set, 2, buf_str(&der));
    store_bind_i64(set, 3, clock_wall_ms());
    TRY(store_run(set));
    /* Every tenant's contract holds what is trusted. */
    status = store_run(store_statement(admin->connection, SQL_TENANT_REVISE_ALL));
out:
    status = change_end(&change, status);
    buf_finish(&der);
    return status;
}
