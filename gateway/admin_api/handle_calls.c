/* /admin/v1/tenants/{tenant}/calls: looking for calls, and what is known of one. */

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/call_fields.h"
#include "gateway/admin_api/tenant_fields.h"
#include "gateway/model/timeline.h"

struct listing {
    struct json_writer *w;
    int64_t limit, count;
};

static bool write_item(void *data, const struct call_record *call)
{
    struct listing *listing = data;
    json_write_object(listing->w, NULL);
    call_write_members(listing->w, call);
    json_write_object_end(listing->w);
    return ++listing->count < listing->limit;
}

/* The cursor is the serial of the last call that was looked at. A page may have fewer items than
 * asked for, even none, and yet a next one: one request looks at a bounded number of calls, and
 * searchedBackTo tells how far it came. */
void handle_calls_list(struct admin_request *request)
{
    struct admin_page page;
    struct call_query query;
    struct call_search *search = &query.search;
    struct tenant tenant;
    struct fault fault = {""};
    if (!admin_page_read(request, CALL_QUERY_NAMES, CALL_QUERY_NAME_COUNT, &page) ||
        !call_query_read(request, &query) || !admin_page_id(request, &page, &search->below) ||
        !tenant_find_with_feature(request, &tenant))
        return;
    search->tenant_id = tenant.id;
    tenant_finish(&tenant);
    struct listing listing = {.w = admin_list_begin(request), .limit = page.limit};
    enum status status =
        store_admin_search_calls(request->store, search, write_item, &listing, &fault);
    json_write_array_end(listing.w);
    if (search->next > 0)
        json_write_i64_text(listing.w, "next", search->next);
    else
        json_write_null(listing.w, "next");
    admin_write_time(listing.w, "searchedBackTo",
                     search->next > 0 ? call_serial_ms(search->next) : 0);
    json_write_object_end(listing.w);
    if (status == ERR_INVALID)
        admin_refuse(request, 400, "%s", fault.text);
    else if (status != OK)
        admin_refuse_status(request, status, &fault);
}

/* --- One call --- */

static void write_timeline(struct json_writer *w, const struct call_detail *detail)
{
    int64_t received_ms[CDRS_SHOWN_MAX];
    struct timeline timeline;
    _Static_assert((int)CDRS_SHOWN_MAX <= (int)TIMELINE_CDRS_MAX, "all CDRs find room");
    for (size_t i = 0; i < detail->cdr_count; i++)
        received_ms[i] = detail->cdrs[i].received_ms;
    timeline_make(&detail->call, received_ms, detail->cdr_count, &timeline);
    json_write_array(w, "timeline");
    for (size_t i = 0; i < timeline.count; i++) {
        const struct timeline_event *event = &timeline.events[i];
        json_write_object(w, NULL);
        admin_write_time(w, "at", event->at_ms);
        json_write_text(w, "event", event->name);
        json_write_text(w, "leg", event->leg);
        admin_write_words(w, "text", event->en, event->zh);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void write_cdrs(struct json_writer *w, const struct call_detail *detail, const char *zone)
{
    json_write_array(w, "cdrs");
    for (size_t i = 0; i < detail->cdr_count; i++) {
        json_write_object(w, NULL);
        cdr_write_members(w, &detail->cdrs[i], zone);
        json_write_bool(w, "attachedByHand", detail->cdrs[i].reason != CDR_REASON_NONE);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void answer_call(struct admin_request *request, const struct call_detail *detail,
                        const char *zone)
{
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    call_write_members(w, &detail->call);
    admin_write_str(w, "nativeCode", detail->native_code);
    admin_write_str(w, "why", detail->why);
    admin_write_str(w, "callData", detail->call.call_data);
    admin_write_str(w, "calledDisplay", detail->call.called_display);
    write_timeline(w, detail);
    write_cdrs(w, detail, zone);
    json_write_object_end(w);
}

void handle_calls_show(struct admin_request *request)
{
    struct call_detail detail = {0};
    struct tenant tenant;
    struct fault fault = {""};
    int64_t serial;
    if (!tenant_read_with_feature(request, &tenant))
        return;
    enum status status =
        str_parse_i64(str_of(admin_param(request, "callSerialNo")), &serial) == OK
            ? store_admin_read_call(request->store, tenant.id, serial, &detail, &fault)
            : ERR_NOT_FOUND;
    if (status == OK)
        answer_call(request, &detail, tenant.settings.zone);
    else if (status == ERR_NOT_FOUND)
        admin_refuse(request, 404, "there is no such call");
    else
        admin_refuse_status(request, status, &fault);
    call_detail_finish(&detail);
    tenant_finish(&tenant);
}
