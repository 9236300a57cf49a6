#include "ita/client.h"

#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ita/operation.h"

void ita_client_options_init(struct ita_client_options *options)
{
    *options = (struct ita_client_options){
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

struct ita_client *ita_client_create(struct uv_loop_s *loop, struct http_client *http,
                                     const struct ita_client_options *options)
{
    struct ita_client *client = NEW(struct ita_client);
    client->loop = loop;
    client->http = http;
    client->options = *options;
    client->domain_rule = (struct circuit_rule){.failures_max = options->circuit_failures,
                                                .open_ms = options->circuit_open_ms};
    list_init(&client->operations);
    ledger_init(&client->tenants, sizeof(struct tenant_record));
    ledger_init(&client->domains, sizeof(struct domain_record));
    ledger_init(&client->keys, sizeof(struct key_record));
    return client;
}

void ita_client_stop(struct ita_client *client)
{
    client->is_stopping = true;
    /* Canceling completes nothing at once, so the list stands still. */
    for (struct list *link = client->operations.next; link != &client->operations;
         link = link->next)
        ita_operation_cancel(CONTAINER_OF(link, struct ita_operation, link));
}

size_t ita_client_in_flight(const struct ita_client *client)
{
    return client->in_flight;
}

void ita_client_close(struct ita_client *client)
{
    assert(client->in_flight == 0);
    ledger_finish(&client->tenants);
    ledger_finish(&client->domains);
    ledger_finish(&client->keys);
    mem_free(client);
}

/* --- Actions --- */

/* Empty text is no value. */
static struct str given(struct str text)
{
    return text.len > 0 ? text : (struct str){0};
}

struct ita_operation *ita_client_place(struct ita_client *client, const struct ita_account *account,
                                       const struct ita_place *place, ita_on_result *on_result,
                                       void *data)
{
    const struct profile *profile = account->profile;
    char storage[24]; /* 20 digits at most */
    struct buf expiration;
    buf_init_fixed(&expiration, storage, sizeof(storage));
    if (place->expiration_s > 0)
        buf_append_i64(&expiration, place->expiration_s);
    const struct profile_values values = {
        .of = {
            [PROFILE_VARIABLE_CALL_SERIAL] = given(place->call_serial),
            [PROFILE_VARIABLE_REQUEST_ID] = given(place->request_id),
            [PROFILE_VARIABLE_TEL_A] = given(place->tel_a),
            [PROFILE_VARIABLE_TEL_B] = given(place->tel_b),
            [PROFILE_VARIABLE_TEL_X] = given(place->tel_x),
            [PROFILE_VARIABLE_TEL_X_MODE] =
                place->tel_x.len > 0 ? profile->specified : profile->automatic,
            [PROFILE_VARIABLE_AREA_CODE] = given(place->area_code),
            [PROFILE_VARIABLE_EXPIRATION] = given(buf_str(&expiration)),
            [PROFILE_VARIABLE_CALL_RECORDING] =
                place->is_recorded ? profile->recorded : profile->not_recorded,
        }};
    return ita_operation_start(client, account, PROFILE_ACTION_PLACE, &values, on_result, data);
}

/* An empty callID is kept as a value: without one there is nothing to ask for, and it is refused.
 */
static struct profile_values values_of_call(struct str call_id)
{
    return (struct profile_values){
        .of = {[PROFILE_VARIABLE_CALL_ID] = call_id.len > 0 ? call_id : STR("")}};
}

struct ita_operation *ita_client_release(struct ita_client *client,
                                         const struct ita_account *account, struct str call_id,
                                         ita_on_result *on_result, void *data)
{
    const struct profile_values values = values_of_call(call_id);
    return ita_operation_start(client, account, PROFILE_ACTION_RELEASE, &values, on_result, data);
}

struct ita_operation *ita_client_recording(struct ita_client *client,
                                           const struct ita_account *account, struct str call_id,
                                           ita_on_result *on_result, void *data)
{
    const struct profile_values values = values_of_call(call_id);
    return ita_operation_start(client, account, PROFILE_ACTION_RECORDING, &values, on_result, data);
}

struct ita_operation *ita_client_query(struct ita_client *client, const struct ita_account *account,
                                       const struct ita_query *query, ita_on_result *on_result,
                                       void *data)
{
    const struct profile_values values = {
        .of = {
            [PROFILE_VARIABLE_CALL_SERIAL] = given(query->call_serial),
            [PROFILE_VARIABLE_REQUEST_ID] = given(query->request_id),
            [PROFILE_VARIABLE_CALL_ID] = given(query->call_id),
        }};
    return ita_operation_start(client, account, PROFILE_ACTION_QUERY, &values, on_result, data);
}
