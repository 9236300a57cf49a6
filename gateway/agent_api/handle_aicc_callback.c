/* The callbacks of an AICC that carries a tenant's calls (type CEC): docs/cec.md.
 *
 * They tell nothing that is believed: whatever one says, the AICC is asked how its call stands,
 * with our token and over TLS. So one that is repeated, late or made up changes nothing, and one
 * that is lost only makes the news come later. In the mode Shared Key they must be signed all the
 * same. */

#include "base/clock.h"
#include "base/failures.h"
#include "base/log.h"
#include "gateway/agent_api/agent_api.h"
#include "gateway/call/cec_calls.h"
#include "gateway/model/callback_signature.h"

/* NULL, or why it is refused. In other modes an AICC signs nothing, and neither is what its console
 * sets called with a signature. */
static const char *check(const struct contract *contract, const struct json *body)
{
    const struct bidirectional_call *settings;
    if (contract == NULL)
        return "no such tenant";
    settings = &contract->tenant.settings;
    if (settings->authentication != CALLBACK_AUTHENTICATION_SHARED_KEY ||
        settings->shared_key == NULL)
        return NULL;
    switch (callback_signature_check(body, str_of(settings->shared_key))) {
    case CALLBACK_SIGNED:
        return NULL;
    case CALLBACK_UNSIGNED:
        return "no signature";
    case CALLBACK_FORGED:
        break;
    }
    return "signature is wrong";
}

/* A stranger who goes on guessing must not be able to fill the log. */
static void refuse(struct gateway *gateway, struct http_exchange *exchange, struct str tenant,
                   const char *why)
{
    struct str source = http_exchange_request(exchange)->peer;
    int64_t now_ms = clock_mono_ms();
    bool is_slowed = failures_slowed_ms(gateway->sign_in_failures, tenant, source, now_ms) > 0;
    if (!is_slowed)
        failures_add(gateway->sign_in_failures, tenant, source, now_ms);
    LOG(is_slowed ? LOG_DEBUG : LOG_WARN, "AICC callback refused", L_STR("source", source),
        L_TEXT("why", why));
    agent_api_error(exchange, 401, "the callback is not signed with the tenant's Shared Key");
}

static void take(struct gateway *gateway, struct http_exchange *exchange, struct str tenant,
                 const struct json *body)
{
    const struct contract *contract = registry_by_name(gateway->registry, tenant);
    char digits[JSON_TEXT_NUMBER_SIZE];
    struct str serial;
    const char *why = check(contract, body);
    if (why != NULL) {
        refuse(gateway, exchange, tenant, why);
        return;
    }
    if (json_text(json_get(body, "callSerialNo"), digits, &serial) != OK || serial.len == 0) {
        agent_api_error(exchange, 400, "callSerialNo: must be given");
        return;
    }
    cec_calls_hurry(gateway->cec, contract->tenant.id, serial);
    agent_api_answer_code(exchange, NULL, "0", "success");
}

/* Behind ".../callback/" stand the tenant and "connection" or "release". */
void handle_aicc_callback(void *data, struct http_exchange *exchange)
{
    struct str path = http_exchange_request(exchange)->path;
    struct str kind = {0}, tenant = {0};
    struct json *body;
    for (struct str rest = path, piece; str_next(&rest, '/', &piece); kind = piece)
        tenant = kind;
    if (!str_is(kind, STR("connection")) && !str_is(kind, STR("release"))) {
        agent_api_error(exchange, 404, "no such callback: connection or release");
        return;
    }
    if (!agent_api_read_object(exchange, &body))
        return;
    take(data, exchange, tenant, body);
    json_destroy(body);
}
