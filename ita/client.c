#include "ita/client.h"

#include <assert.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "ita/operation.h"

/* Five signature refusals in a row lock an AccessKey at the ITA for 5 minutes (signing.md, section
 * 8): after four this client keeps the key back for as long, then lets one request try. */
const struct circuit_rule ita_key_rule = {.failures_max = 4, .open_ms = INT64_C(5) * 60 * 1000};

_Static_assert(ITA_UNKNOWN == UPSTREAM_OUTCOMES - 1, "a tally has them all");

struct ita_client *ita_client_create(struct uv_loop_s *loop, struct http_client *http,
                                     const struct upstream_options *options)
{
    struct ita_client *client = NEW(struct ita_client);
    upstream_client_init(&client->upstream, loop, http, options);
    ledger_init(&client->keys, sizeof(struct key_record));
    return client;
}

static void cancel(struct list *link)
{
    ita_operation_cancel(CONTAINER_OF(link, struct ita_operation, link));
}

void ita_client_stop(struct ita_client *client)
{
    upstream_client_stop(&client->upstream, cancel);
}

size_t ita_client_in_flight(const struct ita_client *client)
{
    return client->upstream.in_flight;
}

const struct upstream_tally *ita_client_tally(const struct ita_client *client,
                                              enum profile_action action)
{
    return &client->tallies[action];
}

void ita_client_close(struct ita_client *client)
{
    upstream_client_finish(&client->upstream);
    ledger_finish(&client->keys);
    mem_free(client);
}

/* --- What is remembered --- */

/* By the hash of the SecretKey, so that none stands in a table, and the AccessKey. */
struct key_record *ita_client_hold_key(struct ita_client *client, const struct ita_account *account)
{
    char storage[SHA256_SIZE + 256]; /* a longer AccessKey is not signed with */
    struct buf name;
    buf_init_fixed(&name, storage, sizeof(storage));
    sha256(account->secret_key, (uint8_t *)buf_reserve(&name, SHA256_SIZE));
    buf_extend(&name, SHA256_SIZE);
    buf_append(&name, account->access_key);
    return CONTAINER_OF(ledger_hold(&client->keys, buf_str(&name)), struct key_record, entry);
}

enum circuit_pass ita_client_enter_key(struct ita_client *client, const struct ita_account *account,
                                       int64_t *held_ms)
{
    struct key_record *key = ita_client_hold_key(client, account);
    int64_t now_ms = client->upstream.options.mono_ms();
    enum circuit_pass pass = circuit_enter(&key->circuit, &ita_key_rule, now_ms);
    *held_ms = circuit_held_ms(&key->circuit, &ita_key_rule, now_ms);
    ledger_release(&key->entry);
    return pass;
}

void ita_client_leave_key(struct ita_client *client, const struct ita_account *account,
                          enum circuit_pass pass, enum ita_key_verdict verdict)
{
    struct key_record *key = ita_client_hold_key(client, account);
    switch (verdict) {
    case ITA_KEY_GOOD:
        circuit_succeeded(&key->circuit);
        break;
    case ITA_KEY_REFUSED:
        circuit_failed(&key->circuit, &ita_key_rule, pass, client->upstream.options.mono_ms());
        break;
    case ITA_KEY_UNTOLD:
        circuit_left(&key->circuit, pass);
        break;
    }
    ledger_release(&key->entry);
}

void ita_client_each_domain(const struct ita_client *client, upstream_each_domain *each, void *data)
{
    upstream_client_each_domain(&client->upstream, each, data);
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
            [PROFILE_VARIABLE_TRACEPARENT] = given(place->traceparent),
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
