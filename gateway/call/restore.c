#include "gateway/call/restore.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/call/cec_calls.h"
#include "gateway/gateway.h"

enum { REPLAY_WINDOW_MS = 2 * ITA_WINDOW_MAX_MS }; /* the window, both sides (signing.md, 11.9) */

/* A stored number was dialable when it was stored; after a change of the home country it may only
 * be so without one. */
static bool read_number(struct str text, struct str home_country, struct number *out)
{
    return number_parse(text, home_country, out, NULL) == OK ||
           number_parse(text, STR(""), out, NULL) == OK;
}

static bool read_numbers(const struct gateway *gateway, const struct call_record *call,
                         struct number *caller, struct number *called, struct number *x,
                         bool *has_x)
{
    const struct contract *contract = registry_by_id(gateway->registry, call->tenant_id);
    struct str home_country = contract == NULL ? STR("86") : contract->home_country;
    *has_x = call->is_x_claimed && read_number(call->tel_x, home_country, x);
    return read_number(call->caller, home_country, caller) &&
           read_number(call->called, home_country, called);
}

/* Lease and guard count from when the call was placed; from now, if the clock was ahead then and
 * has been set right since: else they would hold the X and the pair for as long as it was ahead. */
static struct call_record begun_by(const struct call_record *call, int64_t now_ms)
{
    struct call_record begun = *call;
    if (begun.created_ms > now_ms)
        begun.created_ms = now_ms;
    return begun;
}

static void restore_call(void *data, const struct call_record *stored)
{
    struct gateway *gateway = data;
    const struct call_record begun = begun_by(stored, gateway_steady_ms(gateway)), *call = &begun;
    struct number caller, called, x;
    bool has_x;
    if (!read_numbers(gateway, call, &caller, &called, &x, &has_x))
        LOG(LOG_ERROR, "numbers of a stored call can't be read",
            L_I64("callSerialNo", call->serial));
    else if (live_calls_restore(gateway->live, call, &caller, &called, has_x ? &x : NULL) != OK)
        LOG(LOG_ERROR, "X number of a stored call is claimed already",
            L_I64("callSerialNo", call->serial));
    /* One without an AICC's serial is of unknown outcome. */
    if (call->type == CALL_TYPE_CEC && call->call_id.len > 0)
        cec_calls_add(gateway->cec, call, NULL);
}

/* What is restored of CDRs. */
struct of_cdrs {
    struct gateway *gateway;
    int64_t rests, signatures;
};

static void restore_rest(void *data, const struct call_record *call)
{
    struct of_cdrs *restored = data;
    struct gateway *gateway = restored->gateway;
    struct number caller, called, x;
    bool has_x;
    if (!read_numbers(gateway, call, &caller, &called, &x, &has_x) || !has_x)
        return;
    live_calls_restore_rest(gateway->live, call, &caller, &called, &x);
    restored->rests++;
}

static void remember_signature(void *data, struct str access_key, const uint8_t mac[static 32],
                               int64_t date_ms)
{
    struct of_cdrs *restored = data;
    ita_verifier_remember(restored->gateway->verifier, access_key, mac, date_ms);
    restored->signatures++;
}

/* A clock that is behind must not make all CDRs of that time new: reading millions of them would
 * take longer than a start may. What they say of each other still holds. */
static enum status find_now(struct store *store, int64_t *now_ms, struct fault *fault)
{
    int64_t last_ms = 0;
    enum status status = store_load_last_received(store, &last_ms, fault);
    *now_ms = clock_wall_ms();
    if (last_ms > *now_ms)
        *now_ms = last_ms;
    return status;
}

enum status restore_calls(struct gateway *gateway, struct fault *fault)
{
    struct store *store = gateway->store;
    struct of_cdrs of_cdrs = {.gateway = gateway};
    int64_t now_ms;
    enum status status = OK;
    TRY(store_load_live_calls(store, restore_call, gateway, fault));
    TRY(find_now(store, &now_ms, fault));
    TRY(store_load_resting_calls(store, now_ms - gateway->config->x_rest_ms, restore_rest, &of_cdrs,
                                 fault));
    TRY(store_load_signatures(store, now_ms - REPLAY_WINDOW_MS, remember_signature, &of_cdrs,
                              fault));
    gateway->serial.node = (int)gateway->config->node;
    TRY(store_load_last_serial(store, &gateway->serial.last, fault));
    LOG(LOG_INFO, "calls restored", L_I64("live", live_calls_count(gateway->live)),
        L_I64("rests", of_cdrs.rests), L_I64("signatures", of_cdrs.signatures));
out:
    return status;
}
