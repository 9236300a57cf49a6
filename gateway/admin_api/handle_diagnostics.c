/* /admin/v1/tenants/{tenant}/bidirectional-call/test: the walk from the saved settings to the ITA,
 * step by step. It takes seconds and opens connections, so few run at a time.
 * /admin/v1/diagnostics: the gateway itself. */

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"
#include "gateway/diagnostics/gateway_diagnosis.h"
#include "gateway/diagnostics/loop_lag.h"
#include "gateway/diagnostics/tenant_diagnosis.h"

enum {
    /* Each holds a thread of libuv's four while a name is being resolved. */
    DIAGNOSES_MAX = 3,
    RETRY_AFTER_S = 5,
};

/* One test that runs; among api->diagnoses. */
struct running {
    struct list link;
    struct admin_request *request;
    int64_t tenant_id;
    struct tenant_diagnosis *diagnosis;
};

/* --- A tenant: what the lane reads --- */

struct subject {
    struct tenant tenant;
    struct tenant_list system;
    int64_t last_push_ms;
};

static void free_subject(void *kept)
{
    struct subject *subject = kept;
    tenant_finish(&subject->tenant);
    tenant_list_finish(&subject->system);
    mem_free(subject);
}

void handle_test(struct admin_request *request)
{
    struct subject *subject = NEW(struct subject);
    struct fields fields;
    struct fault fault = {""};
    request->kept = subject;
    request->free_kept = free_subject;
    admin_fields(request, &fields);
    if (!admin_fields_end(request, &fields) || !tenant_read_with_feature(request, &subject->tenant))
        return;
    enum status status;
    TRY(store_admin_read_certificates(request->store, &subject->system, &fault));
    TRY(store_admin_last_push(request->store, subject->tenant.id, &subject->last_push_ms, &fault));
out:
    if (status != OK)
        admin_refuse_status(request, status, &fault);
}

/* --- A tenant: the walk, on the loop --- */

static void on_done(void *data, const struct diagnosis *diagnosis)
{
    struct running *running = data;
    struct admin_request *request = running->request;
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    diagnosis_write(w, diagnosis);
    json_write_object_end(w);
    LOG(LOG_INFO, "settings tested", L_TEXT("tenant", admin_param(request, "tenant")),
        L_TEXT("who", request->who.who),
        L_TEXT("result", diagnosis_result_text(diagnosis_worst(diagnosis))));
    list_remove(&running->link);
    request->api->diagnosis_count--;
    mem_free(running);
    admin_request_finish(request);
}

static bool is_running(const struct admin_api *api, int64_t tenant_id)
{
    for (const struct list *link = api->diagnoses.next; link != &api->diagnoses; link = link->next)
        if (CONTAINER_OF(link, struct running, link)->tenant_id == tenant_id)
            return true;
    return false;
}

static bool admit(struct admin_request *request, int64_t tenant_id)
{
    const struct admin_api *api = request->api;
    if (api->is_stopping)
        admin_refuse(request, 503, "this gateway is stopping");
    else if (is_running(api, tenant_id))
        admin_refuse(request, 429, "a test of this tenant is running");
    else if (api->diagnosis_count >= DIAGNOSES_MAX)
        admin_refuse(request, 429, "too many tests are running");
    else
        return true;
    if (request->status == 429)
        admin_answer_header(request, STR("Retry-After"), "%d", RETRY_AFTER_S);
    return false;
}

void handle_test_on_loop(struct admin_request *request)
{
    struct admin_api *api = request->api;
    struct subject *subject = request->kept;
    if (!admit(request, subject->tenant.id)) {
        admin_request_finish(request);
        return;
    }
    struct running *running = NEW(struct running);
    running->request = request;
    running->tenant_id = subject->tenant.id;
    list_append(&api->diagnoses, &running->link);
    api->diagnosis_count++;
    const struct tenant_diagnosis_options options = {
        .loop = api->gateway->loop,
        .config = api->gateway->config,
        .gateway = api->gateway,
        .tenant = &subject->tenant,
        .system = &subject->system,
        .last_push_ms = subject->last_push_ms,
    };
    running->diagnosis = tenant_diagnosis_start(&options, on_done, running);
}

void admin_diagnoses_cancel(struct admin_api *api)
{
    /* Canceling completes nothing at once, so the list stands still. */
    for (struct list *link = api->diagnoses.next; link != &api->diagnoses; link = link->next)
        tenant_diagnosis_cancel(CONTAINER_OF(link, struct running, link)->diagnosis);
}

/* --- The gateway --- */

struct gateway_look {
    struct gateway_facts facts;
    struct tenant_list tenants;
    struct diagnosis diagnosis;
};

static void free_look(void *kept)
{
    struct gateway_look *look = kept;
    tenant_list_finish(&look->tenants);
    mem_free(look);
}

void handle_diagnostics(struct admin_request *request)
{
    struct gateway_look *look = NEW(struct gateway_look);
    struct gateway_facts *facts = &look->facts;
    struct fault fault = {""};
    int64_t began_ms = clock_mono_ms();
    request->kept = look;
    request->free_kept = free_look;
    facts->config = request->api->gateway->config;
    facts->master_key = request->api->gateway->master_key;
    facts->now_ms = clock_wall_ms();
    facts->tenants = &look->tenants;
    machine_look(&facts->machine, facts->config);
    facts->store_status = store_admin_examine(request->store, &facts->store, &facts->store_fault);
    facts->store_ms = clock_mono_ms() - began_ms;
    enum status status = store_admin_read(request->store, &look->tenants, &fault);
    if (status != OK)
        admin_refuse_status(request, status, &fault);
}

static void on_lag_measured(void *data, int64_t worst_ms)
{
    struct admin_request *request = data;
    struct gateway_look *look = request->kept;
    struct json_writer *w = admin_answer(request, 200);
    look->facts.gateway = request->api->gateway;
    look->facts.loop_lag_ms = worst_ms;
    look->facts.unsynced_ms = store_unsynced_ms(request->api->gateway->store);
    gateway_diagnose(&look->facts, &look->diagnosis);
    json_write_object(w, NULL);
    diagnosis_write(w, &look->diagnosis);
    json_write_object_end(w);
    admin_request_finish(request);
}

void handle_diagnostics_on_loop(struct admin_request *request)
{
    loop_lag_measure(request->api->gateway->loop, on_lag_measured, request);
}
