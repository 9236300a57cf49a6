/* statusnotify, the ITA's CDR push: agent-api.md, section 9. 200 only when the CDR is on disk, and
 * no well-signed push is lost: one that is no CDR is kept, too, and answered with 400. Only the
 * gateway's own self-test (gateway/push_self_test.h) is kept nowhere. */

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"
#include "gateway/call/end_call.h"
#include "gateway/callback/callback_sender.h"
#include "gateway/push_self_test.h"
#include "profile/profile.h"

enum { SELF_TEST_ANSWER_MAX = 256 }; /* three members, a proof of 64 digits */

/* One push: from the handler to on_stored(). */
struct cdr_push {
    struct gateway *gateway;
    struct http_exchange *exchange; /* the body is borrowed from its request */
    struct ita_cdr cdr;
    struct fault fault; /* why the push is no CDR; empty when it is one */
    struct store_add_cdr store;
    int64_t tenant_ids[TENANTS_OF_ACCESS_KEY_MAX];
    unsigned callbacks[TENANTS_OF_ACCESS_KEY_MAX];
};

/* The tenants that this push may speak for, and what its remark says. */
struct signers {
    struct contract *contracts[TENANTS_OF_ACCESS_KEY_MAX];
    size_t count;
};

static bool is_known_key(const struct gateway *gateway, struct str access_key, int64_t now_ms)
{
    struct str secrets[ITA_SECRETS_MAX];
    return registry_secrets(gateway->registry, access_key, now_ms, secrets) > 0;
}

/* An ITA that pushes to a mistyped URL gets 404, and nobody here would learn of it. */
void agent_api_on_refused(void *data, const struct http_request *request, int status,
                          const char *reason)
{
    struct gateway *gateway = data;
    int64_t now_ms = clock_wall_ms();
    struct str access_key = ita_verify_access_key(
        http_headers_find(request->headers, request->header_count, STR("authorization")));
    if (access_key.len == 0)
        return;
    if (!is_known_key(gateway, access_key, now_ms))
        access_key = STR("");
    push_notes_astray(gateway->push_notes, access_key, request, status, now_ms);
    enum log_level level = refusal_log_level(gateway->refusals, request->peer, clock_mono_ms());
    LOG(level, "CDR push astray", L_STR("source", request->peer), L_I64("status", status),
        L_STR("path", str_slice(request->path, 0, PUSH_ASTRAY_PATH_MAX)), L_TEXT("why", reason));
}

/* For whoever asks later why no CDR comes. */
static void note_refused(struct gateway *gateway, const struct http_request *request,
                         const struct ita_verification *verified, int64_t now_ms)
{
    if (push_self_test_is(request->body)) {
        push_notes_refused_self_test(gateway->push_notes, verified, now_ms);
        return;
    }
    bool is_known = is_known_key(gateway, verified->access_key, now_ms);
    push_notes_refused(gateway->push_notes, is_known ? verified->access_key : STR(""), verified,
                       now_ms);
}

static bool verify(struct gateway *gateway, const struct http_request *request, int64_t now_ms,
                   struct ita_verification *out)
{
    const struct ita_request signed_request = {
        .method = request->method,
        .target = request->target,
        .headers = request->headers,
        .header_count = request->header_count,
        .body = request->body,
    };
    ita_verify(gateway->verifier, &signed_request, request->peer, now_ms, out, NULL, NULL);
    if (out->result == ITA_VERIFY_OK || out->result == ITA_VERIFY_REPEATED)
        return true;
    note_refused(gateway, request, out, now_ms);
    enum log_level level = refusal_log_level(gateway->refusals, request->peer, clock_mono_ms());
    LOG(level, "CDR push refused", L_STR("source", request->peer),
        L_TEXT("why", ita_verify_text(out->result)), L_TEXT("detail", out->fault.text));
    return false;
}

/* Which tenant's profile reads the remark as its own: the tenant and serial that it names. */
static const struct contract *read_remark(const struct signers *signers, struct str remark,
                                          int64_t *serial)
{
    *serial = 0;
    for (size_t i = 0; i < signers->count; i++) {
        const struct contract *contract = signers->contracts[i];
        struct str tenant = {"", 0}, serial_text = {"", 0};
        if (contract->profile == NULL ||
            profile_read_remark(contract->profile, remark, &tenant, &serial_text) != OK ||
            (tenant.len > 0 && !str_is(tenant, str_of(contract->tenant.name))))
            continue;
        if (tenant.len == 0 && signers->count > 1)
            continue; /* which of them it means is not said */
        if (str_parse_i64(serial_text, serial) != OK)
            *serial = 0;
        return contract;
    }
    return NULL;
}

/* Times are read in the zone of the tenant that the remark names; with one signer there is no
 * question. */
static enum status decode(const struct signers *signers, struct cdr_push *self, struct str body,
                          struct fault *fault)
{
    int32_t zone_s = signers->contracts[0]->zone_offset_s;
    enum status status = ita_cdr_decode(body, zone_s, &self->cdr, fault);
    if (status != OK)
        return status;
    const struct contract *named =
        read_remark(signers, self->cdr.remark, &self->store.remark_serial);
    if (named == NULL)
        return OK;
    self->store.remark_tenant_id = named->tenant.id;
    if (named->zone_offset_s == zone_s)
        return OK;
    ita_cdr_finish(&self->cdr);
    return ita_cdr_decode(body, named->zone_offset_s, &self->cdr, fault);
}

static void finish(struct cdr_push *self)
{
    ita_cdr_finish(&self->cdr);
    mem_free(self);
}

static void log_cdr(const struct cdr_push *self)
{
    static const char *const events[] = {
        [CDR_MATCHED] = "CDR stored",
        [CDR_REPEATED] = "CDR repeated",
        [CDR_LATER] = "CDR kept beside an earlier one",
        [CDR_UNMATCHED] = "CDR unmatched",
    };
    bool is_odd = self->store.match == CDR_LATER || self->store.match == CDR_UNMATCHED ||
                  self->store.has_other_name;
    const struct contract *contract =
        registry_by_id(self->gateway->registry, self->store.tenant_id);
    struct trace_id_text trace_id = trace_id_text(&self->store.trace);
    LOG(is_odd ? LOG_WARN : LOG_INFO, events[self->store.match],
        L_TEXT("tenant", contract == NULL ? "" : contract->tenant.name),
        L_I64("callSerialNo", self->store.serial), L_TEXT("trace", trace_id.text),
        L_STR("callID", self->cdr.call_id),
        L_TEXT("odd", self->store.has_other_name ? "another callID or X than the call had" : ""),
        L_I64("releaseCause", self->cdr.release_cause), L_I64("duration_s", self->cdr.duration_s));
}

static void on_stored(struct store_op *op)
{
    struct cdr_push *self = CONTAINER_OF(op, struct cdr_push, store.op);
    if (op->status != OK) {
        self->gateway->counts.cdrs_unstored++;
        LOG(LOG_ERROR, "CDR not stored", L_STR("callID", self->cdr.call_id), L_STATUS(op->status));
        agent_api_error(self->exchange, 500, "the CDR could not be stored: send it again");
        finish(self);
        return;
    }
    self->gateway->counts.cdrs[self->store.match]++;
    if (self->store.match == CDR_MATCHED)
        end_call(self->gateway, &(struct call_end){
                                    .tenant_id = self->store.tenant_id,
                                    .serial = self->store.serial,
                                    .at_ms = self->store.received_ms,
                                    .is_answered = self->cdr.called_answer_ms != 0,
                                    .cause = self->cdr.release_cause,
                                });
    callback_sender_wake(self->gateway->callbacks, &self->store.owed);
    log_cdr(self);
    if (self->fault.text[0] != '\0')
        agent_api_error(self->exchange, 400, self->fault.text);
    else
        agent_api_answer_code(self->exchange, NULL, "0", "success");
    finish(self);
}

static void store(struct cdr_push *self, const struct signers *signers,
                  const struct ita_verification *verified, struct str body, int64_t now_ms)
{
    struct store_add_cdr *op = &self->store;
    for (size_t i = 0; i < signers->count; i++) {
        self->tenant_ids[i] = signers->contracts[i]->tenant.id;
        self->callbacks[i] = tenant_callbacks(&signers->contracts[i]->tenant);
    }
    op->op.on_done = on_stored;
    op->cdr = &self->cdr;
    op->body = body;
    op->tenant_ids = self->tenant_ids;
    op->tenant_count = signers->count;
    op->callbacks = self->callbacks;
    op->access_key = verified->access_key;
    memcpy(op->mac, verified->mac, sizeof(op->mac));
    op->date_ms = verified->date_ms;
    op->received_ms = now_ms;
    op->call_lifetime_ms = self->gateway->config->call_lease_ms;
    store_add_cdr(self->gateway->store, op);
}

/* From here on nothing is kept of it, so a repeat is answered alike. */
static void answer_self_test(struct http_exchange *exchange,
                             const struct ita_verification *verified)
{
    char storage[SELF_TEST_ANSWER_MAX];
    struct buf body;
    buf_init_fixed(&body, storage, sizeof(storage));
    push_self_test_answer(verified->secret, verified->mac, &body);
    LOG(LOG_INFO, "CDR push self-test verified",
        L_STR("source", http_exchange_request(exchange)->peer));
    agent_api_answer(exchange, NULL, buf_str(&body));
}

void handle_cdr_push(void *data, struct http_exchange *exchange)
{
    struct gateway *gateway = data;
    const struct http_request *request = http_exchange_request(exchange);
    struct ita_verification verified;
    struct signers signers;
    int64_t now_ms = clock_wall_ms();
    if (!verify(gateway, request, now_ms, &verified)) {
        if (verified.result == ITA_VERIFY_CACHE_FULL)
            agent_api_error_with(exchange, 503, "too many pushes: send it again later",
                                 &(struct http_header){STR("Retry-After"), STR("60")});
        else
            agent_api_error(exchange, 401, "not authorised");
        return;
    }
    if (push_self_test_is(request->body)) {
        answer_self_test(exchange, &verified);
        return;
    }
    signers.count = registry_signers(gateway->registry, verified.access_key, verified.secret,
                                     now_ms, signers.contracts);
    if (signers.count == 0) { /* the secret's time was over between two looks at the clock */
        agent_api_error(exchange, 401, "not authorised");
        return;
    }
    struct cdr_push *self = NEW(struct cdr_push);
    self->gateway = gateway;
    self->exchange = exchange;
    /* Whoever holds the secret tells of a call: what can't be read is kept for a human, unmatched,
     * and the sender is told all the same. */
    if (decode(&signers, self, request->body, &self->fault) != OK)
        LOG(LOG_ERROR, "CDR malformed", L_STR("source", request->peer),
            L_TEXT("fault", self->fault.text));
    else if (self->cdr.unread != NULL)
        LOG(LOG_WARN, "CDR with a member that can't be read", L_STR("source", request->peer),
            L_STR("callID", self->cdr.call_id), L_TEXT("member", self->cdr.unread));
    store(self, &signers, &verified, request->body, now_ms);
}
