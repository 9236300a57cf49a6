#include "gateway/daemon/tenants.h"

#include "base/log.h"
#include "base/mem.h"
#include "gateway/recording/fetch_recording.h"
#include "net/http_client.h"
#include "net/tls.h"

static void set_x_numbers(struct gateway *gateway, const struct tenant *tenant)
{
    struct number *numbers = mem_alloc(tenant->x_number_count * sizeof(*numbers));
    int64_t *last_used_ms = mem_alloc(tenant->x_number_count * sizeof(*last_used_ms));
    size_t count = 0;
    for (size_t i = 0; i < tenant->x_number_count; i++) {
        const struct tenant_x_number *x = &tenant->x_numbers[i];
        /* Checked when it was added: unusable only after a change of home country. */
        if (x->is_locked || number_parse(str_of(x->number), tenant_home_country(tenant),
                                         &numbers[count], NULL) != OK)
            continue;
        last_used_ms[count++] = x->last_used_ms;
    }
    live_calls_set_x_numbers(gateway->live, tenant->id, numbers, last_used_ms, count);
    for (size_t i = 0; i < count && gateway_steady_ms(gateway) < gateway->x_held_until_ms; i++)
        live_calls_hold_x(gateway->live, tenant->id, &numbers[i], gateway->x_held_until_ms);
    mem_free(numbers);
    mem_free(last_used_ms);
}

/* Connections that the certificate before vouched for are not kept. */
static void load_registry(struct gateway *gateway, struct tenant_list *tenants)
{
    struct tls_trust *before[REGISTRY_ANCHORS];
    for (enum registry_anchor i = 0; i < REGISTRY_ANCHORS; i++) {
        before[i] = registry_trust(gateway->registry, i);
        if (before[i] != NULL)
            tls_trust_hold(before[i]);
    }
    registry_load(gateway->registry, tenants);
    for (enum registry_anchor i = 0; i < REGISTRY_ANCHORS; i++) {
        if (registry_trust(gateway->registry, i) != before[i]) {
            http_client_forget_trust(gateway->http, before[i]);
            recordings_forget_trust(gateway->recordings, before[i]);
        }
        tls_trust_release(before[i]);
    }
}

void tenants_apply(struct gateway *gateway, struct tenant_list *tenants)
{
    size_t count = tenants->count;
    for (size_t i = 0; i < count; i++) {
        set_x_numbers(gateway, &tenants->tenants[i]);
        trials_set(gateway->trials, &tenants->tenants[i]);
        call_events_settings_changed(gateway->events, tenants->tenants[i].id);
    }
    load_registry(gateway, tenants);
    if (count > 0)
        LOG(LOG_INFO, "tenants loaded", L_I64("changed", count),
            L_I64("tenants", registry_count(gateway->registry)));
}
