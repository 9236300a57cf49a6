/* /admin/v1/callback-trustlist: where callbacks may go, for all tenants. */

#include "base/encoding.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"

_Static_assert(sizeof(((struct callback_trust_entry *)0)->text) <= ADMIN_PARAM_SIZE,
               "an entry fits its path");

static void write_entry(struct json_writer *w, const struct callback_trust_entry *entry)
{
    json_write_object(w, NULL);
    json_write_text(w, "entry", entry->text);
    json_write_text(w, "kind", callback_trust_kind_text(entry->kind));
    admin_write_time(w, "createdAt", entry->created_ms);
    json_write_object_end(w);
}

/* In the order of their texts, those behind the cursor. */
static void write_page(struct json_writer *w, const struct callback_trust *trust,
                       const struct admin_page *page)
{
    const char *last = NULL, *next = NULL;
    int64_t count = 0;
    for (size_t i = 0; i < trust->count && next == NULL; i++) {
        if (strcmp(trust->entries[i].text, page->cursor) <= 0)
            continue;
        if (count++ == page->limit) {
            next = last;
            continue;
        }
        last = trust->entries[i].text;
        write_entry(w, &trust->entries[i]);
    }
    admin_list_end(w, next);
}

void handle_callback_trustlist_list(struct admin_request *request)
{
    struct admin_page page;
    struct callback_trust trust = {0};
    struct fault fault = {""};
    if (!admin_page_read(request, NULL, 0, &page))
        return;
    enum status status = store_admin_read_callback_trust(request->store, &trust, &fault);
    if (status == OK)
        write_page(admin_list_begin(request), &trust, &page);
    else
        admin_refuse_status(request, status, &fault);
    callback_trust_finish(&trust);
}

/* Brackets and '*' are encoded in the path that names the entry. */
static void answer_added(struct admin_request *request, const struct callback_trust_entry *entry)
{
    char storage[3 * CALLBACK_TRUST_TEXT_SIZE];
    struct buf encoded;
    buf_init_fixed(&encoded, storage, sizeof(storage));
    percent_append(&encoded, str_of(entry->text));
    write_entry(admin_answer(request, 201), entry);
    admin_answer_header(request, STR("Location"), "/admin/v1/callback-trustlist/%s",
                        buf_text(&encoded));
}

void handle_callback_trustlist_add(struct admin_request *request)
{
    struct fields fields;
    struct callback_trust_entry entry;
    struct violations violations = {0};
    struct fault fault = {""};
    admin_fields(request, &fields);
    const char *text = fields_text(&fields, "entry", FIELD_REQUIRED, CALLBACK_TRUST_TEXT_SIZE - 1);
    if (!admin_fields_end(request, &fields))
        return;
    enum status status =
        store_admin_add_callback_trust(request->store, str_of(text), &entry, &violations, &fault);
    if (status == OK)
        answer_added(request, &entry);
    else
        tenant_refuse(request, status, &violations, &fault);
}

/* Trust can be withdrawn at any time; whose callbacks fail from now on is told. */
void handle_callback_trustlist_remove(struct admin_request *request)
{
    struct callback_trust_affected affected;
    struct fault fault = {""};
    enum status status = store_admin_remove_callback_trust(
        request->store, str_of(admin_param(request, "entry")), &affected, &fault);
    if (status != OK) {
        admin_refuse_status(request, status, &fault);
        return;
    }
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    json_write_i64(w, "affected", (int64_t)affected.count);
    json_write_array(w, "tenants");
    for (size_t i = 0; i < affected.count && i < CALLBACK_TRUST_AFFECTED_MAX; i++)
        json_write_text(w, NULL, affected.tenants[i]);
    json_write_array_end(w);
    json_write_object_end(w);
}
