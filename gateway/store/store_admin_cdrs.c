/* CDRs that no call was found for: listed, and given to a call by hand. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/store/store_admin_calls.h"
#include "gateway/store/store_admin_change.h"

enum status store_admin_list_unmatched(struct store_admin *admin, int64_t before_id, int64_t limit,
                                       bool (*each)(void *data, const struct unmatched_cdr *cdr),
                                       void *data, struct fault *fault)
{
    sqlite3_stmt *rows = store_statement(admin->connection, SQL_CDR_LIST_UNMATCHED);
    bool has_row = false, goes_on = true;
    enum status status = OK;
    fault->text[0] = '\0';
    store_bind_i64(rows, 1, before_id == 0 ? INT64_MAX : before_id);
    store_bind_i64(rows, 2, limit);
    while (goes_on && (status = store_next_row(rows, &has_row)) == OK && has_row) {
        struct unmatched_cdr cdr = {
            .cdr = {sqlite3_column_int64(rows, 0), sqlite3_column_int64(rows, 1),
                    (enum cdr_reason)sqlite3_column_int(rows, 2), store_column_blob(rows, 3)},
            .tenants = store_column_str(rows, 4),
            .zone = store_column_copy(rows, 5),
        };
        goes_on = each(data, &cdr);
        mem_free(cdr.zone);
    }
    store_reset(rows);
    return store_explain(admin, status, fault);
}

/* The body is copied: the statement is reset before the row changes. */
static enum status read_unmatched(const struct change *change, int64_t id, char **body, size_t *len)
{
    sqlite3_stmt *find = store_statement(change->admin->connection, SQL_CDR_FIND);
    bool has_row;
    store_bind_i64(find, 1, id);
    store_bind_i64(find, 2, change->tenant.id);
    enum status status = store_next_row(find, &has_row);
    if (status != OK)
        return status;
    if (!has_row)
        return fault_set(change->fault, ERR_NOT_FOUND, "there is no such CDR");
    bool is_own = sqlite3_column_int(find, 2) != 0, is_others = sqlite3_column_int(find, 3) != 0;
    if (sqlite3_column_type(find, 0) != SQLITE_NULL) {
        status = fault_set(change->fault, ERR_EXISTS, "the CDR belongs to a call already");
    } else if (is_others && !is_own) {
        status = fault_set(change->fault, ERR_INVALID,
                           "the CDR was signed with the AccessKey of another tenant");
    } else {
        *len = store_column_blob(find, 1).len;
        *body = str_copy(store_column_blob(find, 1));
    }
    store_reset(find);
    return status;
}

static enum status attach(const struct change *change, struct cdr_attachment *attachment,
                          struct str body, struct violations *violations)
{
    struct ita_cdr cdr = {0};
    struct fault fault;
    int32_t zone_s = 0;
    enum status status = tenant_zone_offset(change->tenant.settings.zone, &zone_s);
    if (status != OK)
        return fault_set(change->fault, ERR_INVALID, "the tenant's zone is not known");
    if (ita_cdr_decode(body, zone_s, &cdr, &fault) != OK)
        return fault_set(change->fault, ERR_INVALID, "it is no CDR: %s", fault.text);
    int64_t tenant_id = change->tenant.id;
    unsigned callbacks = tenant_callbacks(&change->tenant);
    struct store_add_cdr add = {.cdr = &cdr,
                                .body = body,
                                .tenant_ids = &tenant_id,
                                .tenant_count = 1,
                                .callbacks = &callbacks,
                                .remark_tenant_id = change->tenant.id,
                                .remark_serial = attachment->serial,
                                .received_ms = clock_wall_ms()};
    status = store_attach_cdr(change->admin->connection, &add, attachment->cdr_id);
    attachment->tenant_id = change->tenant.id;
    attachment->has_ended_call = status == OK && add.match == CDR_MATCHED;
    attachment->is_answered = cdr.called_answer_ms != 0;
    attachment->cause = cdr.release_cause;
    ita_cdr_finish(&cdr);
    if (status == ERR_NOT_FOUND) {
        violations_add(violations, "unknown-call", "the tenant has no such call",
                       "该租户没有此呼叫", "callSerialNo");
        return violations_end(violations, change->fault);
    }
    if (status == ERR_INVALID)
        fault_set(change->fault, status, "the CDR's numbers are not those of the call");
    return status;
}

enum status store_admin_attach_cdr(struct store_admin *admin, struct cdr_attachment *attachment,
                                   struct violations *violations, struct fault *fault)
{
    struct change change = {
        .admin = admin, .tenant_name = attachment->tenant, .action = "cdr attach", .fault = fault};
    char *body = NULL;
    size_t len = 0;
    enum status status = change_begin(&change);
    if (status == ERR_NOT_FOUND) {
        violations_add(violations, "unknown-tenant", "there is no such tenant", "没有此租户",
                       "tenant");
        status = violations_end(violations, fault);
    }
    if (status != OK)
        goto out;
    buf_format(&change.detail, "cdr=%lld,callSerialNo=%lld", (long long)attachment->cdr_id,
               (long long)attachment->serial);
    TRY(read_unmatched(&change, attachment->cdr_id, &body, &len));
    TRY(attach(&change, attachment, str_from(body, len), violations));
out:
    status = change_end(&change, status);
    mem_free(body);
    return status;
}
