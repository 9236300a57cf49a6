/* /admin/v1/audit: who has changed what, newest first. */

#include "gateway/admin_api/admin_parts.h"

struct listing {
    struct json_writer *w;
    int64_t limit, count, last_id;
};

static void write_entry(void *data, const struct audit_entry *entry)
{
    struct listing *listing = data;
    struct json_writer *w = listing->w;
    if (listing->count++ >= listing->limit)
        return;
    listing->last_id = entry->id;
    json_write_object(w, NULL);
    json_write_i64(w, "id", entry->id);
    admin_write_time(w, "at", entry->at_ms);
    json_write_str(w, "who", entry->who);
    admin_write_str(w, "tenant", entry->tenant);
    json_write_str(w, "action", entry->action);
    json_write_str(w, "detail", entry->detail);
    json_write_object_end(w);
}

void handle_audit_list(struct admin_request *request)
{
    static const char *const names[] = {"tenant"};
    char tenant[ADMIN_PARAM_SIZE];
    struct admin_page page;
    struct audit_page asked = {0};
    struct fault fault = {""};
    if (!admin_page_read(request, names, 1, &page) ||
        !admin_page_id(request, &page, &asked.before_id) ||
        !admin_query(request, "tenant", tenant, sizeof(tenant), &asked.tenant))
        return;
    asked.limit = page.limit + 1;
    struct listing listing = {.w = admin_list_begin(request), .limit = page.limit};
    enum status status =
        store_admin_read_audit(request->store, &asked, write_entry, &listing, &fault);
    admin_list_end_id(listing.w, listing.count > listing.limit ? listing.last_id : 0);
    if (status != OK)
        admin_refuse_status(request, status, &fault);
}
