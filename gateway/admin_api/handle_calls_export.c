/* /admin/v1/tenants/{tenant}/calls/export: the calls that a query asks for, as CSV. Read page by
 * page on the lane, between other requests, only as fast as the client takes them, and only while
 * he may read them. */

#include "base/csv.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_access.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/call_csv.h"
#include "gateway/admin_api/call_fields.h"
#include "gateway/admin_api/tenant_fields.h"
#include "net/http_query.h"

enum {
    /* The lane has one thread, which a page keeps busy for up to 30 ms: others wait no longer than
     * a quarter of a second. */
    EXPORTS_MAX = 8,
    /* Clients who read slowly hold theirs for as long as they like. */
    EXPORTS_OF_TENANT_MAX = 2,
    PAGE_BYTES = 48 * 1024, /* a page ends with the call that passes it */
    PAGE_BYTES_MAX = 128 * 1024,
};

/* From the handler to the end of the stream, and of the page that is being read then. */
struct calls_export {
    /* fixed at start */
    struct admin_api *api;
    char tenant[TENANT_NAME_MAX + 1];
    struct admin_credential credential;

    /* changes; the loop's, or the lane's while is_reading */
    struct admin_task task;
    struct call_query query;
    struct buf page;
    struct csv_writer csv;
    int64_t count;
    enum status status;
    bool is_over;

    /* changes; the loop's */
    struct list link;           /* among api->exports, once it runs */
    struct http_stream *stream; /* NULL: the client has left */
    bool is_reading;
};

/* --- A page, on the lane --- */

static bool take_call(void *data, const struct call_record *call)
{
    struct calls_export *self = data;
    call_csv_write(&self->csv, call);
    self->count++;
    return self->page.len < PAGE_BYTES;
}

static enum status read_page(struct calls_export *self, struct store_admin *store,
                             struct fault *fault)
{
    struct call_search *search = &self->query.search;
    enum status status = store_admin_search_calls(store, search, take_call, self, fault);
    if (status == OK && buf_is_over(&self->page))
        status = fault_set(fault, ERR_IO, "a call is larger than a page");
    self->is_over = search->next == 0;
    search->below = search->next;
    return status;
}

static void read_further_page(struct admin_task *task, struct store_admin *store)
{
    struct calls_export *self = CONTAINER_OF(task, struct calls_export, task);
    struct administrator who;
    struct fault fault = {""};
    bool is_good = store != NULL && admin_access_is_good(store, &self->api->limits,
                                                         &self->credential, self->tenant, &who);
    self->status = is_good ? read_page(self, store, &fault)
                           : fault_set(&fault, ERR_DENIED, "its reader may read no more");
    if (self->status != OK)
        LOG(LOG_WARN, "export of calls failed", L_TEXT("tenant", self->tenant),
            L_STATUS(self->status), L_TEXT("fault", fault.text));
}

/* --- The stream, on the loop --- */

static void free_export(void *kept)
{
    struct calls_export *self = kept;
    buf_finish(&self->page);
    mem_wipe(&self->credential, sizeof(self->credential));
    mem_free(self);
}

static void finish(struct calls_export *self)
{
    list_remove(&self->link);
    free_export(self);
}

/* A client must see that what it has is not whole. */
static void fail(struct calls_export *self)
{
    http_stream_reset(self->stream);
    finish(self);
}

static void read_next(struct calls_export *self)
{
    if (self->is_over) {
        http_stream_end(self->stream);
        LOG(LOG_INFO, "calls exported", L_TEXT("tenant", self->tenant),
            L_I64("calls", self->count));
        finish(self);
    } else if (admin_lane_queue(self->api->lanes[LANE_SEARCH], &self->task) != OK) {
        fail(self); /* hundreds of requests wait */
    } else {
        self->is_reading = true;
    }
}

static void send_page(struct calls_export *self)
{
    http_stream_write(self->stream, buf_str(&self->page));
    buf_clear(&self->page);
}

static void on_page_read(struct admin_task *task)
{
    struct calls_export *self = CONTAINER_OF(task, struct calls_export, task);
    self->is_reading = false;
    if (self->stream == NULL)
        finish(self);
    else if (self->status != OK)
        fail(self);
    else if (self->page.len == 0)
        read_next(self); /* nothing goes out, so that nothing calls on_ready() */
    else
        send_page(self);
}

/* The first page was read before the head went out. */
static void on_ready(void *data)
{
    struct calls_export *self = data;
    if (self->is_reading)
        return;
    if (self->page.len > 0)
        send_page(self);
    else
        read_next(self);
}

static void on_closed(void *data)
{
    struct calls_export *self = data;
    self->stream = NULL;
    if (!self->is_reading)
        finish(self);
}

/* --- The request --- */

static struct calls_export *create(struct admin_request *request)
{
    struct calls_export *self = NEW(struct calls_export);
    self->api = request->api;
    list_init(&self->link);
    self->task = (struct admin_task){.run = read_further_page, .on_done = on_page_read};
    admin_access_credential(request, &self->credential);
    buf_init(&self->page, PAGE_BYTES_MAX);
    csv_write_init(&self->csv, &self->page);
    buf_append(&self->page, str_of(CALL_CSV_HEADER));
    return self;
}

/* Reads the first page: what is wrong with the query is answered. */
void handle_calls_export(struct admin_request *request)
{
    struct calls_export *self = create(request);
    struct tenant tenant;
    struct fault fault = {""};
    request->kept = self;
    request->free_kept = free_export;
    if (http_query_check(request->http->query, CALL_QUERY_NAMES, CALL_QUERY_NAME_COUNT, &fault) !=
        OK) {
        admin_refuse(request, 400, "%s", fault.text);
        return;
    }
    if (!call_query_read(request, &self->query) || !tenant_find_with_feature(request, &tenant))
        return;
    self->query.search.tenant_id = tenant.id;
    memcpy(self->tenant, tenant.name, strlen(tenant.name));
    tenant_finish(&tenant);
    enum status status = read_page(self, request->store, &fault);
    if (status == ERR_INVALID)
        admin_refuse(request, 400, "%s", fault.text);
    else if (status != OK)
        admin_refuse_status(request, status, &fault);
}

static bool has_room(struct admin_api *api, const char *tenant)
{
    int running = 0, of_tenant = 0;
    for (const struct list *link = api->exports.next; link != &api->exports; link = link->next) {
        running++;
        of_tenant += strcmp(CONTAINER_OF(link, struct calls_export, link)->tenant, tenant) == 0;
    }
    return running < EXPORTS_MAX && of_tenant < EXPORTS_OF_TENANT_MAX;
}

void handle_calls_export_on_loop(struct admin_request *request)
{
    struct calls_export *self = request->kept;
    struct admin_api *api = request->api;
    if (!has_room(api, self->tenant)) {
        admin_refuse(request, 503, "too many exports run, try again");
        admin_request_finish(request);
        return;
    }
    request->kept = NULL;
    list_append(&api->exports, &self->link);
    admin_answer_bytes(request, 200, "text/csv; charset=utf-8; header=present", STR(""));
    admin_answer_header(request, STR("Content-Disposition"),
                        "attachment; filename=\"calls-%s.csv\"", self->tenant);
    self->stream = admin_request_stream(
        request, &(struct http_stream_options){.content_length = HTTP_LENGTH_UNKNOWN,
                                               .on_ready = on_ready,
                                               .on_closed = on_closed,
                                               .data = self});
    if (self->stream == NULL)
        finish(self);
}
