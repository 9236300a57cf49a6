/* Tenants with their settings, app keys, X numbers, and the certificates: read as a whole, since
 * they are few and change seldom. Writing them is store_admin.c. */

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/store/store_engine.h"
#include "gateway/store/store_secret.h"

enum { TRIAL_CALLS_WINDOW_MS = 2 * 24 * 60 * 60 * 1000 };

/* Makes room for one more item of a growing array of size-byte items, zeroed. The array has room
 * for a power of two of them, so that it moves seldom. */
static void *grow(void **items, size_t *count, size_t size)
{
    if ((*count & (*count - 1)) == 0)
        *items = mem_resize(*items, (*count == 0 ? 1 : *count * 2) * size);
    void *item = (char *)*items + *count * size;
    memset(item, 0, size);
    ++*count;
    return item;
}

enum {
    SETTINGS_CALLBACKS_AT = 17, /* where CALLBACK_COLUMNS begin */
    PREVIOUS_ACCESS_KEY_AT = SETTINGS_CALLBACKS_AT + 16,
};

static void read_callbacks(sqlite3_stmt *row, struct bidirectional_call *settings)
{
    int at = SETTINGS_CALLBACKS_AT;
    settings->connection_url = store_column_copy(row, at);
    settings->connection_method = (enum callback_method)sqlite3_column_int(row, at + 1);
    settings->hangup_url = store_column_copy(row, at + 2);
    settings->hangup_method = (enum callback_method)sqlite3_column_int(row, at + 3);
    settings->authentication = (enum callback_authentication)sqlite3_column_int(row, at + 4);
    settings->is_console_url_authenticated = sqlite3_column_int(row, at + 5) != 0;
    settings->shared_key_changed_ms = sqlite3_column_int64(row, at + 7);
    settings->oauth_access_key = store_column_copy(row, at + 8);
    settings->oauth_secret_changed_ms = sqlite3_column_int64(row, at + 10);
    settings->oauth_login_url = store_column_copy(row, at + 11);
    settings->aicc_domain = store_column_copy(row, at + 12);
    settings->aicc_app_key = store_column_copy(row, at + 13);
    settings->aicc_app_secret_changed_ms = sqlite3_column_int64(row, at + 15);
}

/* One damaged secret puts its tenant out of use, not all others. */
static enum status open_secrets(struct store_connection *connection, sqlite3_stmt *row,
                                struct tenant *tenant)
{
    struct bidirectional_call *settings = &tenant->settings;
    const struct {
        enum store_secret which;
        int at;
        char **secret;
    } secrets[] = {
        {STORE_SECRET_CURRENT, 2, &settings->secret_key},
        {STORE_SECRET_PREVIOUS, 4, &settings->previous_secret_key},
        {STORE_SECRET_SHARED_KEY, SETTINGS_CALLBACKS_AT + 6, &settings->shared_key},
        {STORE_SECRET_OAUTH, SETTINGS_CALLBACKS_AT + 9, &settings->oauth_secret_key},
        {STORE_SECRET_AICC, SETTINGS_CALLBACKS_AT + 14, &settings->aicc_app_secret},
    };
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        enum status status =
            store_secret_open(connection, tenant->id, secrets[i].which,
                              store_column_blob(row, secrets[i].at), secrets[i].secret);
        if (status == ERR_CORRUPT)
            LOG(LOG_ERROR, "a stored secret can't be opened; set it again",
                L_TEXT("tenant", tenant->name));
        else if (status != OK)
            return status;
    }
    return OK;
}

static enum status collect_settings(struct store_connection *connection, struct tenant *tenant)
{
    struct bidirectional_call *settings = &tenant->settings;
    sqlite3_stmt *row = store_statement(connection, SQL_SETTINGS_GET);
    bool has_row;
    settings->version = 1;
    store_bind_i64(row, 1, tenant->id);
    enum status status = store_next_row(row, &has_row);
    if (status != OK || !has_row)
        return status;
    tenant->is_configured = true;
    settings->version = sqlite3_column_int64(row, 16);
    settings->type = (enum call_type)sqlite3_column_int(row, 0);
    settings->access_key = store_column_copy(row, 1);
    settings->secret_changed_ms = sqlite3_column_int64(row, 3);
    settings->previous_secret_until_ms = sqlite3_column_int64(row, 5);
    settings->previous_access_key = store_column_copy(row, PREVIOUS_ACCESS_KEY_AT);
    settings->app_key = store_column_copy(row, 6);
    settings->domain = store_column_copy(row, 7);
    settings->x_mode = (enum x_mode)sqlite3_column_int(row, 8);
    settings->area_code = store_column_copy(row, 9);
    settings->zone = store_column_copy(row, 10);
    settings->home_country = store_column_copy(row, 11);
    settings->profile = store_column_copy(row, 12);
    settings->is_recorded = sqlite3_column_int(row, 13) != 0;
    settings->in_flight_max = sqlite3_column_int64(row, 14);
    settings->per_second_max = sqlite3_column_int64(row, 15);
    read_callbacks(row, settings);
    status = open_secrets(connection, row, tenant);
    store_reset(row);
    return status;
}

static enum status collect_app_keys(struct store_connection *connection, struct tenant *tenant)
{
    sqlite3_stmt *row = store_statement(connection, SQL_APP_KEY_LIST);
    bool has_row = false;
    enum status status;
    store_bind_i64(row, 1, tenant->id);
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct app_key *key =
            grow((void **)&tenant->app_keys, &tenant->app_key_count, sizeof(*key));
        struct str digest = store_column_blob(row, 2);
        key->id = sqlite3_column_int64(row, 0);
        key->key = store_column_copy(row, 1);
        key->is_enabled = sqlite3_column_int(row, 3) != 0 && digest.len == SHA256_SIZE;
        key->created_ms = sqlite3_column_int64(row, 4);
        key->expires_ms = sqlite3_column_int64(row, 5);
        if (digest.len == SHA256_SIZE)
            memcpy(key->secret_sha256, digest.ptr, SHA256_SIZE);
    }
    return status;
}

static enum status collect_x_numbers(struct store_connection *connection, struct tenant *tenant)
{
    sqlite3_stmt *row = store_statement(connection, SQL_X_NUMBER_LIST);
    bool has_row = false;
    enum status status;
    store_bind_i64(row, 1, tenant->id);
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct str number = store_column_str(row, 0);
        if (number.len > NUMBER_TEXT_MAX) /* no number: stored by another program */
            continue;
        struct tenant_x_number *x =
            grow((void **)&tenant->x_numbers, &tenant->x_number_count, sizeof(*x));
        memcpy(x->number, number.ptr, number.len);
        x->last_used_ms = sqlite3_column_int64(row, 1);
        x->is_locked = sqlite3_column_int(row, 2) != 0;
    }
    return status;
}

static enum status collect_agent_numbers(struct store_connection *connection, struct tenant *tenant)
{
    sqlite3_stmt *row = store_statement(connection, SQL_AGENT_NUMBER_LIST);
    bool has_row = false;
    enum status status;
    store_bind_i64(row, 1, tenant->id);
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        int list = sqlite3_column_int(row, 0);
        if (list < 0 || list >= AGENT_LIST_COUNT)
            continue;
        struct agent_numbers *numbers = &tenant->agent_numbers[list];
        char **number = grow((void **)&numbers->numbers, &numbers->count, sizeof(*number));
        *number = store_column_copy(row, 1);
    }
    return status;
}

/* Enough to know how many there were today, in whatever zone. */
static enum status collect_trial_calls(struct store_connection *connection, struct tenant *tenant)
{
    sqlite3_stmt *row = store_statement(connection, SQL_TENANT_TRIAL_CALLS);
    bool has_row = false;
    enum status status;
    if (!tenant->is_trial)
        return OK;
    store_bind_i64(row, 1, tenant->id);
    store_bind_i64(row, 2, call_serial_at(clock_wall_ms() - TRIAL_CALLS_WINDOW_MS));
    store_bind_i64(row, 3, TRIAL_CALLS_A_DAY);
    while ((status = store_next_row(row, &has_row)) == OK && has_row)
        tenant->trial_calls_ms[tenant->trial_call_count++] = sqlite3_column_int64(row, 0);
    return status;
}

void store_read_tenant_row(sqlite3_stmt *row, struct tenant *tenant)
{
    tenant->id = sqlite3_column_int64(row, 0);
    tenant->name = store_column_copy(row, 1);
    tenant->is_enabled = sqlite3_column_int(row, 2) != 0;
    tenant->is_bidirectional_enabled = sqlite3_column_int(row, 3) != 0;
    tenant->is_trial = sqlite3_column_int(row, 4) != 0;
    tenant->version = sqlite3_column_int64(row, 5);
    tenant->revision = sqlite3_column_int64(row, 6);
    tenant->created_ms = sqlite3_column_int64(row, 7);
}

static enum status collect_parts(struct store_connection *connection, struct tenant *tenant)
{
    enum status status = collect_settings(connection, tenant);
    if (status == OK)
        status = collect_app_keys(connection, tenant);
    if (status == OK)
        status = collect_x_numbers(connection, tenant);
    if (status == OK)
        status = collect_agent_numbers(connection, tenant);
    if (status == OK)
        status = collect_trial_calls(connection, tenant);
    return status;
}

static enum status collect_each_tenant(struct store_connection *connection, int64_t since,
                                       struct tenant_list *list)
{
    sqlite3_stmt *row = store_statement(connection, SQL_TENANT_LIST);
    bool has_row = false;
    enum status status;
    store_bind_i64(row, 1, since);
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct tenant *tenant = grow((void **)&list->tenants, &list->count, sizeof(*tenant));
        store_read_tenant_row(row, tenant);
    }
    for (size_t i = 0; i < list->count && status == OK; i++)
        status = collect_parts(connection, &list->tenants[i]);
    return status;
}

enum status store_collect_tenant(struct store_connection *connection, struct str name,
                                 struct tenant *out)
{
    struct tenant tenant = {0};
    sqlite3_stmt *row = store_statement(connection, SQL_TENANT_FIND);
    bool has_row;
    store_bind_str(row, 1, name);
    enum status status = store_next_row(row, &has_row);
    if (status != OK || !has_row)
        return status != OK ? status : ERR_NOT_FOUND;
    store_read_tenant_row(row, &tenant);
    store_reset(row);
    status = collect_parts(connection, &tenant);
    if (status == OK)
        *out = tenant;
    else
        tenant_finish(&tenant);
    return status;
}

static enum status collect_certificates(struct store_connection *connection,
                                        struct tenant_list *list)
{
    sqlite3_stmt *row = store_statement(connection, SQL_CERTIFICATE_LIST);
    bool has_row = false;
    enum status status;
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct certificate *certificate =
            grow((void **)&list->certificates, &list->certificate_count, sizeof(*certificate));
        struct str der = store_column_blob(row, 1);
        certificate->name = store_column_copy(row, 0);
        certificate->der = str_copy(der);
        certificate->der_len = der.len;
        certificate->installed_ms = sqlite3_column_int64(row, 2);
    }
    return status;
}

/* An entry that can't be read was stored by another program: nothing is trusted by it. */
enum status store_collect_callback_trust(struct store_connection *connection,
                                         struct callback_trust *out)
{
    sqlite3_stmt *row = store_statement(connection, SQL_CALLBACK_TRUST_LIST);
    bool has_row = false;
    enum status status;
    while ((status = store_next_row(row, &has_row)) == OK && has_row) {
        struct callback_trust_entry entry;
        const struct rule *broken;
        if (callback_trust_entry_read(store_column_str(row, 0), &entry, &broken) != OK)
            continue;
        entry.created_ms = sqlite3_column_int64(row, 1);
        callback_trust_add(out, &entry);
    }
    return status;
}

enum status store_collect_tenants(struct store_connection *connection, int64_t since,
                                  struct tenant_list *out)
{
    struct tenant_list list = {0};
    enum status status;
    TRY(store_run(store_statement(connection, SQL_BEGIN_READ)));
    TRY(collect_each_tenant(connection, since, &list));
    TRY(collect_certificates(connection, &list));
    TRY(store_collect_callback_trust(connection, &list.callback_trust));
    *out = list;
    list = (struct tenant_list){0};
out:
    store_rollback(connection);
    tenant_list_finish(&list);
    return status;
}

static enum status run_read_tenants(struct store_connection *connection, struct store_op *op)
{
    struct store_read_tenants *read = CONTAINER_OF(op, struct store_read_tenants, op);
    read->tenants = (struct tenant_list){0};
    return store_collect_tenants(connection, read->since, &read->tenants);
}

void store_read_tenants(struct store *store, struct store_read_tenants *op)
{
    store_queue_read(store, &op->op, run_read_tenants);
}

enum status store_load_tenants(struct store *store, struct tenant_list *out, struct fault *fault)
{
    struct store_connection *connection = store_reading_connection(store);
    enum status status = store_collect_tenants(connection, 0, out);
    return status == OK ? OK : fault_set(fault, status, "tenants: %s", status_text(status));
}

enum status store_home_country(struct store_connection *connection, int64_t tenant_id,
                               struct store_memory **memory, struct str *out)
{
    sqlite3_stmt *row = store_statement(connection, SQL_HOME_COUNTRY);
    bool has_row;
    store_bind_i64(row, 1, tenant_id);
    enum status status = store_next_row(row, &has_row);
    if (status != OK || !has_row)
        return status;
    *out = store_memory_keep(memory, store_column_str(row, 0));
    store_reset(row);
    return OK;
}
