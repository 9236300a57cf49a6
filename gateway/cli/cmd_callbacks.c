/* ita-gateway callbacks: what a tenant's systems were told of its calls, and what they still are
 * to be told. */

#include "base/mem.h"
#include "gateway/admin_api/callback_fields.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/columns.h"
#include "gateway/cli/command.h"
#include "gateway/cli/doctor_print.h"
#include "gateway/model/callback_url.h"

struct callbacks_options {
    struct admin_options admin;
    char *tenant, *state, *kind, *call;
    int64_t limit;
};

enum { LIST_USUAL = 100 };

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "tenant",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct callbacks_options, tenant),
     .value_name = "TENANT",
     .help = "whose; must be given"},
    {.name = "state",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct callbacks_options, state),
     .value_name = "waiting|delivered|dead",
     .help = "only these"},
    {.name = "kind",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct callbacks_options, kind),
     .value_name = "connection|hangup",
     .help = "only these"},
    {.name = "call",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct callbacks_options, call),
     .value_name = "SERIAL",
     .help = "only those of the call with this callSerialNo"},
    {.name = "limit",
     .kind = OPTION_NUMBER,
     .offset = offsetof(struct callbacks_options, limit),
     .fallback = "100",
     .min = 1,
     .max = 100000,
     .help = "how many at most"},
};

static enum status read_tenant(struct admin *admin, struct tenant *out, struct fault *fault)
{
    const struct callbacks_options *values = admin->values;
    if (values->tenant == NULL)
        return fault_set(fault, ERR_INVALID, "tenant: must be given");
    return store_admin_read_tenant(admin->store, values->tenant, out, fault);
}

/* --- Looking --- */

struct listing {
    struct admin *admin;
    const struct bidirectional_call *settings;
    int64_t left;
    struct columns *columns;
};

static const struct column shown[] = {
    {"CALLBACK", false, 0}, {"KIND", false, 0}, {"STATE", false, 0},
    {"TRIES", true, 0},     {"NEXT", false, 0}, {"DELIVERED, OR LAST ERROR", false, 0},
};

static void add_time(struct columns *columns, int64_t ms)
{
    columns_add(columns, str_of(ms > 0 ? admin_format_time(ms).text : ""));
}

/* The last cell: when it was delivered or died, or why the last try failed. */
static void add_end(struct columns *columns, const struct kept_callback *callback)
{
    if (!callback->has_failed) {
        add_time(columns, callback->ended_ms);
        return;
    }
    columns_format(columns, "%s%s%.*s",
                   strcmp(doctor_language(), "zh") == 0
                       ? callback_failure_text(callback->last.failure).zh
                       : callback_failure_text(callback->last.failure).en,
                   callback->last.detail.len > 0 ? ": " : "", STR_ARGS(callback->last.detail));
}

static void add_row(struct columns *columns, const struct kept_callback *callback)
{
    char id[CALLBACK_EVENT_ID_SIZE];
    callback_event_id(&callback->key, id);
    columns_add(columns, str_of(id));
    columns_add(columns, str_of(callback_kind_text(callback->kind)));
    columns_add_toned(columns, str_of(callback_state_text(callback->state)),
                      callback->state == CALLBACK_DEAD ? TONE_BAD : TONE_PLAIN);
    columns_format(columns, "%lld", (long long)callback->tries);
    add_time(columns, callback->next_ms);
    add_end(columns, callback);
}

static bool show_item(void *data, const struct kept_callback *callback)
{
    struct listing *listing = data;
    struct admin *admin = listing->admin;
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        callback_write_members(&admin->json, callback, listing->settings);
        json_write_object_end(&admin->json);
    } else {
        add_row(listing->columns, callback);
    }
    return --listing->left > 0;
}

static enum status read_search(const struct callbacks_options *values,
                               struct callback_search *search, struct fault *fault)
{
    search->has_state = values->state != NULL;
    search->has_kind = values->kind != NULL;
    if (search->has_state && !callback_state_read(values->state, &search->state))
        return fault_set(fault, ERR_INVALID, "state: must be waiting, delivered or dead");
    if (search->has_kind && !callback_kind_read(values->kind, &search->kind))
        return fault_set(fault, ERR_INVALID, "kind: must be connection or hangup");
    if (values->call != NULL && str_parse_i64(str_of(values->call), &search->serial) != OK)
        return fault_set(fault, ERR_INVALID, "call: must be digits");
    return OK;
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    const struct callbacks_options *values = admin->values;
    struct callback_search search = {0};
    struct tenant tenant = {0};
    struct terminal terminal = terminal_look();
    struct columns *columns = columns_create(shown, COUNT_OF(shown));
    enum status status;
    TRY(read_search(values, &search, fault));
    TRY(read_tenant(admin, &tenant, fault));
    search.tenant_id = tenant.id;
    struct listing listing = {admin, &tenant.settings, values->limit, columns};
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    do {
        status = store_admin_search_callbacks(admin->store, &search, show_item, &listing, fault);
        search.below = search.next;
    } while (status == OK && search.next.serial != 0 && listing.left > 0);
    if (admin->is_json)
        json_write_array_end(&admin->json);
    columns_write_list(columns, &terminal, &admin->out);
out:
    columns_destroy(columns);
    tenant_finish(&tenant);
    return status;
}

static enum status read_id(const char *text, int64_t tenant_id, struct callback_key *key,
                           struct fault *fault)
{
    key->tenant_id = tenant_id;
    if (callback_event_id_read(str_of(text), key) == OK)
        return OK;
    return fault_set(fault, ERR_INVALID, "%.40s: an id is the callSerialNo, a dash and a number",
                     text);
}

/* A detail is for reading with care: the same for people and machines. */
static enum status run_show(struct admin *admin, struct fault *fault)
{
    struct callback_detail detail = {0};
    struct callback_key key;
    struct tenant tenant = {0};
    enum status status;
    TRY(read_tenant(admin, &tenant, fault));
    TRY(read_id(admin->operands[0], tenant.id, &key, fault));
    TRY(store_admin_read_callback(admin->store, &key, &detail, fault));
    admin->is_json = true;
    json_write_object(&admin->json, NULL);
    callback_write_detail(&admin->json, &detail, &tenant.settings);
    json_write_object_end(&admin->json);
out:
    callback_detail_finish(&detail);
    tenant_finish(&tenant);
    return status;
}

/* --- Sending again --- */

static enum status resend_dead(struct admin *admin, const char *tenant, int64_t *total,
                               struct fault *fault)
{
    int64_t count;
    enum status status;
    *total = 0;
    do {
        status = store_admin_resend_dead_callbacks(admin->store, tenant, &count, fault);
        *total += status == OK ? count : 0;
    } while (status == OK && count == CALLBACKS_RESENT_MAX);
    return status;
}

static enum status resend_each(struct admin *admin, const char *tenant, int64_t *total,
                               struct fault *fault)
{
    enum status status = OK;
    *total = 0;
    for (size_t i = 0; i < admin->operand_count && status == OK; i++) {
        struct callback_key key;
        status = read_id(admin->operands[i], 0, &key, fault);
        if (status == OK)
            status = store_admin_resend_callback(admin->store, tenant, &key, fault);
        *total += status == OK;
    }
    return status;
}

static enum status run_resend(struct admin *admin, struct fault *fault)
{
    const struct callbacks_options *values = admin->values;
    bool is_dead = values->state != NULL && strcmp(values->state, "dead") == 0;
    int64_t total;
    if (values->tenant == NULL)
        return fault_set(fault, ERR_INVALID, "tenant: must be given");
    if (is_dead == (admin->operand_count > 0))
        return fault_set(fault, ERR_INVALID, "name callbacks by their ids, or give --state dead");
    enum status status = is_dead ? resend_dead(admin, values->tenant, &total, fault)
                                 : resend_each(admin, values->tenant, &total, fault);
    if (status != OK)
        return status;
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_i64(&admin->json, "count", total);
        json_write_object_end(&admin->json);
    } else {
        buf_format(&admin->out, "%lld to be sent again\n", (long long)total);
    }
    return OK;
}

int cmd_callbacks(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"list", "--tenant TENANT", 0, 0, run_list, "those of the newest calls first", false},
        {"show", "--tenant TENANT ID", 1, 1, run_show, "one, with its body and its tries", false},
        {"resend", "--tenant TENANT ID...|--state dead", 0, ADMIN_OPERANDS_MAX, run_resend,
         "makes them due now, with all their tries before them", false},
    };
    struct callbacks_options values = {.limit = LIST_USUAL};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
