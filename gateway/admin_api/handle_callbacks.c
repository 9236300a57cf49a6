/* /admin/v1/tenants/{tenant}/callbacks: what is owed, what came of it, and sending again. */

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/callback_fields.h"
#include "gateway/admin_api/tenant_fields.h"

/* --- Looking --- */

struct listing {
    struct json_writer *w;
    const struct bidirectional_call *settings;
    int64_t limit, count;
};

static bool write_item(void *data, const struct kept_callback *callback)
{
    struct listing *listing = data;
    json_write_object(listing->w, NULL);
    callback_write_members(listing->w, callback, listing->settings);
    json_write_object_end(listing->w);
    return ++listing->count < listing->limit;
}

/* Answers 400 when it gives false. */
static bool read_search(struct admin_request *request, struct admin_page *page,
                        struct callback_search *search)
{
    static const char *const names[] = {"state", "kind", "callSerialNo"};
    enum { VALUE_SIZE = 40 }; /* longer than any that is right */
    char states[VALUE_SIZE], kinds[VALUE_SIZE], serials[VALUE_SIZE];
    const char *state, *kind, *serial, *wrong = NULL;
    if (!admin_page_read(request, names, COUNT_OF(names), page) ||
        !admin_query(request, "state", states, sizeof(states), &state) ||
        !admin_query(request, "kind", kinds, sizeof(kinds), &kind) ||
        !admin_query(request, "callSerialNo", serials, sizeof(serials), &serial))
        return false;
    search->has_state = state != NULL;
    if (state != NULL && !callback_state_read(state, &search->state))
        wrong = "state: must be waiting, delivered or dead";
    search->has_kind = kind != NULL;
    if (kind != NULL && !callback_kind_read(kind, &search->kind))
        wrong = "kind: must be connection or hangup";
    if (serial != NULL &&
        (!str_is_digits(str_of(serial)) || str_parse_i64(str_of(serial), &search->serial) != OK))
        wrong = "callSerialNo: must be digits";
    if (page->cursor[0] != '\0' &&
        callback_event_id_read(str_of(page->cursor), &search->below) != OK)
        wrong = "cursor: must be what the answer before gave as next";
    if (wrong != NULL)
        admin_refuse(request, 400, "%s", wrong);
    return wrong == NULL;
}

/* A page may have fewer items than asked for and yet a next one, as that of calls. */
void handle_callbacks_list(struct admin_request *request)
{
    struct admin_page page;
    struct callback_search search = {0};
    struct tenant tenant;
    struct fault fault = {""};
    char next[CALLBACK_EVENT_ID_SIZE];
    if (!read_search(request, &page, &search) || !tenant_read_with_feature(request, &tenant))
        return;
    search.tenant_id = tenant.id;
    struct listing listing = {
        .w = admin_list_begin(request), .settings = &tenant.settings, .limit = page.limit};
    enum status status =
        store_admin_search_callbacks(request->store, &search, write_item, &listing, &fault);
    callback_event_id(&search.next, next);
    admin_list_end(listing.w, search.next.serial == 0 ? NULL : next);
    if (status != OK)
        admin_refuse_status(request, status, &fault);
    tenant_finish(&tenant);
}

/* Answers 404 when it gives false. */
static bool read_key(struct admin_request *request, int64_t tenant_id, struct callback_key *key)
{
    key->tenant_id = tenant_id;
    if (callback_event_id_read(str_of(admin_param(request, "id")), key) == OK)
        return true;
    admin_refuse(request, 404, "there is no such callback");
    return false;
}

void handle_callbacks_show(struct admin_request *request)
{
    struct callback_detail detail = {0};
    struct callback_key key;
    struct tenant tenant;
    struct fault fault = {""};
    if (!tenant_read_with_feature(request, &tenant))
        return;
    if (read_key(request, tenant.id, &key)) {
        enum status status = store_admin_read_callback(request->store, &key, &detail, &fault);
        if (status != OK) {
            admin_refuse_status(request, status, &fault);
        } else {
            struct json_writer *w = admin_answer(request, 200);
            json_write_object(w, NULL);
            callback_write_detail(w, &detail, &tenant.settings);
            json_write_object_end(w);
        }
    }
    callback_detail_finish(&detail);
    tenant_finish(&tenant);
}

/* --- Sending again --- */

static bool has_feature(struct admin_request *request)
{
    struct tenant tenant;
    if (!tenant_find_with_feature(request, &tenant))
        return false;
    tenant_finish(&tenant);
    return true;
}

void handle_callbacks_resend(struct admin_request *request)
{
    struct callback_key key;
    struct fields fields;
    struct fault fault = {""};
    admin_fields(request, &fields);
    if (!admin_fields_end(request, &fields) || !has_feature(request) || !read_key(request, 0, &key))
        return;
    enum status status =
        store_admin_resend_callback(request->store, admin_param(request, "tenant"), &key, &fault);
    if (status == OK)
        admin_answer_empty(request, 202);
    else
        admin_refuse_status(request, status, &fault);
}

void handle_callbacks_resend_dead(struct admin_request *request)
{
    struct fields fields;
    struct fault fault = {""};
    int64_t count;
    admin_fields(request, &fields);
    const char *state = fields_text(&fields, "state", FIELD_REQUIRED, CALL_TEXT_MAX);
    if (state != NULL && strcmp(state, callback_state_text(CALLBACK_DEAD)) != 0)
        fields_refuse(&fields, "state", "choice", "must be dead", "必须是 dead");
    if (!admin_fields_end(request, &fields) || !has_feature(request))
        return;
    enum status status = store_admin_resend_dead_callbacks(
        request->store, admin_param(request, "tenant"), &count, &fault);
    if (status != OK) {
        admin_refuse_status(request, status, &fault);
        return;
    }
    struct json_writer *w = admin_answer(request, 202);
    json_write_object(w, NULL);
    json_write_i64(w, "count", count);
    json_write_bool(w, "mayHaveMore", count == CALLBACKS_RESENT_MAX);
    json_write_object_end(w);
}
