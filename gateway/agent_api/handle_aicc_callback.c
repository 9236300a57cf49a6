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

/* In other modes an AICC signs nothing, and neither is what its console sets called with a
 * signature. False: *why it is refused. */
static bool check(const struct contract *contract, const struct json *body, enum aicc_refusal *why)
{
    const struct bidirectional_call *settings;
    *why = AICC_REFUSAL_TENANT;
    if (contract == NULL)
        return false;
    settings = &contract->tenant.settings;
    if (settings->authentication != CALLBACK_AUTHENTICATION_SHARED_KEY ||
        settings->shared_key == NULL)
        return true;
    enum callback_signature signature =
        callback_signature_check(body, str_of(settings->shared_key));
    *why = signature == CALLBACK_UNSIGNED ? AICC_REFUSAL_UNSIGNED : AICC_REFUSAL_FORGED;
    return signature == CALLBACK_SIGNED;
}

static void refuse(struct gateway *gateway, struct http_exchange *exchange, struct str tenant,
                   enum aicc_refusal why)
{
    static const char *const texts[] = {
        [AICC_REFUSAL_TENANT] = "no such tenant",
        [AICC_REFUSAL_UNSIGNED] = "no signature",
        [AICC_REFUSAL_FORGED] = "signature is wrong",
    };
    struct str source = http_exchange_request(exchange)->peer;
    int64_t now_ms = clock_mono_ms();
    enum log_level level = refusal_log_level(gateway->refusals, source, now_ms);
    failures_add(gateway->sign_in_failures, tenant, source, now_ms);
    LOG(level, "AICC callback refused", L_STR("source", source), L_TEXT("why", texts[why]));
    agent_api_error(exchange, 401, "the callback is not signed with the tenant's Shared Key");
}

static void take(struct gateway *gateway, struct http_exchange *exchange, struct str tenant,
                 const struct json *body)
{
    const struct contract *contract = registry_by_name(gateway->registry, tenant);
    char digits[JSON_TEXT_NUMBER_SIZE];
    struct str serial;
    int64_t tenant_id = contract == NULL ? 0 : contract->tenant.id, now_ms = clock_wall_ms();
    enum aicc_refusal why;
    if (!check(contract, body, &why)) {
        aicc_notes_refused(gateway->aicc_notes, tenant_id, why, now_ms);
        refuse(gateway, exchange, tenant, why);
        return;
    }
    if (json_text(json_get(body, "callSerialNo"), digits, &serial) != OK || serial.len == 0) {
        aicc_notes_refused(gateway->aicc_notes, tenant_id, AICC_REFUSAL_NO_SERIAL, now_ms);
        agent_api_error(exchange, 400, "callSerialNo: must be given");
        return;
    }
    aicc_notes_taken(gateway->aicc_notes, tenant_id, now_ms);
    cec_calls_hurry(gateway->cec, tenant_id, serial);
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
