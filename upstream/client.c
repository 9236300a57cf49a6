#include "upstream/client.h"

#include <assert.h>

#include "base/clock.h"

void upstream_options_init(struct upstream_options *options)
{
    *options = (struct upstream_options){
        .timeout_ms = INT64_C(10) * 1000,
        .connect_timeout_ms = INT64_C(3) * 1000,
        .attempts_max = 3,
        .circuit_failures = 5,
        .circuit_open_ms = INT64_C(5) * 1000,
        .backoff_ms = 100,
        .wall_ms = clock_wall_ms,
        .mono_ms = clock_mono_ms,
    };
}

void upstream_client_init(struct upstream_client *client, struct uv_loop_s *loop,
                          struct http_client *http, const struct upstream_options *options)
{
    *client = (struct upstream_client){
        .loop = loop,
        .http = http,
        .options = *options,
        .domain_rule = {.failures_max = options->circuit_failures,
                        .open_ms = options->circuit_open_ms},
    };
    list_init(&client->operations);
    ledger_init(&client->tenants, sizeof(struct tenant_record));
    ledger_init(&client->domains, sizeof(struct domain_record));
}

void upstream_client_finish(struct upstream_client *client)
{
    assert(client->in_flight == 0);
    ledger_finish(&client->tenants);
    ledger_finish(&client->domains);
}

void upstream_client_stop(struct upstream_client *client, void (*cancel)(struct list *link))
{
    client->is_stopping = true;
    for (struct list *link = client->operations.next; link != &client->operations;
         link = link->next)
        cancel(link);
}

struct tenant_record *upstream_hold_tenant(struct upstream_client *client, struct str tenant)
{
    return CONTAINER_OF(ledger_hold(&client->tenants, tenant), struct tenant_record, entry);
}

struct domain_record *upstream_hold_domain(struct upstream_client *client, struct str domain)
{
    return CONTAINER_OF(ledger_hold(&client->domains, domain), struct domain_record, entry);
}

void upstream_client_each_domain(const struct upstream_client *client, upstream_each_domain *each,
                                 void *data)
{
    int64_t now_ms = client->options.mono_ms();
    for (struct ledger_entry *entry = client->domains.entries; entry != NULL;
         entry = entry->hh.next) {
        const struct domain_record *record = CONTAINER_OF(entry, struct domain_record, entry);
        const struct upstream_domain domain = {
            .name = entry->name,
            .failures = record->circuit.failures,
            .is_open = record->circuit.failures >= client->domain_rule.failures_max,
            .held_ms = circuit_held_ms(&record->circuit, &client->domain_rule, now_ms),
            .clock_ahead_ms = record->clock_offset_ms,
        };
        each(data, &domain);
    }
}
