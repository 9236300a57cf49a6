/* /admin/v1/tenants/{tenant}/events: what happens to the tenant's calls, as it happens. */

#include <stdlib.h>

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/admin_streams.h"
#include "gateway/admin_api/call_fields.h"
#include "gateway/admin_api/tenant_fields.h"

/* --- Opening --- */

struct opening {
    struct tenant tenant;
    struct admin_credential credential;
};

static void free_opening(void *kept)
{
    struct opening *opening = kept;
    tenant_finish(&opening->tenant);
    mem_wipe(&opening->credential, sizeof(opening->credential));
    mem_free(opening);
}

void handle_events(struct admin_request *request)
{
    struct opening *opening = NEW(struct opening);
    request->kept = opening;
    request->free_kept = free_opening;
    if (tenant_find_with_feature(request, &opening->tenant))
        admin_access_credential(request, &opening->credential);
}

void handle_events_on_loop(struct admin_request *request)
{
    const struct opening *opening = request->kept;
    const struct admin_stream_options options = {.tenant_id = opening->tenant.id,
                                                 .tenant = opening->tenant.name,
                                                 .credential = opening->credential};
    admin_streams_open(request->api->streams, request, &options);
}

/* --- What is told --- */

static void write_call(const struct call_record *call, struct buf *text)
{
    struct json_writer w;
    admin_event_begin(&w, text, "call");
    json_write_object(&w, NULL);
    call_write_members(&w, call);
    json_write_object_end(&w);
    admin_event_end(text);
}

static int compare_x(const void *number, const void *x)
{
    return strcmp(number, ((const struct tenant_x_number *)x)->number);
}

/* By what was last loaded. */
static bool is_locked(const struct tenant *tenant, const char *number)
{
    const struct tenant_x_number *x = bsearch(number, tenant->x_numbers, tenant->x_number_count,
                                              sizeof(*tenant->x_numbers), compare_x);
    return x != NULL && x->is_locked;
}

/* The X number that the call was given. */
static void write_x(const struct gateway *gateway, const struct call_record *call, struct buf *text)
{
    const struct contract *contract = registry_by_id(gateway->registry, call->tenant_id);
    struct json_writer w;
    struct number x;
    if (!call->is_x_claimed || contract == NULL ||
        number_parse(call->tel_x, contract->home_country, &x, NULL) != OK)
        return;
    struct xnumber_doing doing =
        live_calls_x_doing(gateway->live, call->tenant_id, &x, gateway_steady_ms(gateway));
    admin_event_begin(&w, text, "x-number");
    json_write_object(&w, NULL);
    json_write_str(&w, "number", call->tel_x);
    tenant_write_x_doing(&w, gateway, is_locked(&contract->tenant, x.text), &doing);
    json_write_object_end(&w);
    admin_event_end(text);
}

void admin_event_write(const struct gateway *gateway, const struct call_event *event,
                       struct buf *text)
{
    if (event->kind == CALL_EVENT_CALL) {
        write_call(event->call, text);
        write_x(gateway, event->call, text);
    } else {
        buf_append(text, STR("event: settings\ndata: {}\n\n"));
    }
}
