#include "gateway/call/place_call.h"

#include "aicc/client.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/call/cec_calls.h"
#include "gateway/store/store_number.h"
#include "profile/code.h"

enum {
    X_BLOCK_MS = 10 * 60 * 1000, /* an X that the carrier does not know is tried again then */
    NATIVE_CODE_MAX = 64,        /* that is kept: the 21 have eight digits */
    OUTCOME_TRIES_MAX = 5,       /* each waits for whoever has the database, 2 s at most */
};

/* One call to place: from place_call() to finish(). */
struct place_call {
    /* fixed at start */
    struct gateway *gateway;
    struct contract *contract; /* held */
    place_call_on_done *on_done;
    void *data;
    struct request_identity identity;
    struct number caller, called;
    struct number x; /* Specified; else empty */
    char serial_text[20];
    char *call_data, *callback_url;
    char *soft_phone, *shown_to_called, *shown_to_caller; /* of type CEC */
    int64_t begun_us;
    /* changes */
    enum {
        STORING_INTENT,  /* nothing may leave before it is on disk */
        ASKING,          /* the ITA or AICC: at most once on the wire */
        STORING_OUTCOME, /* nobody is told before it is on disk */
    } state;
    struct store_add_call intent;
    struct store_set_outcome outcome;
    int outcome_tries;
    char code[16], call_id[CALL_ID_MAX + 1], tel_x[NUMBER_TEXT_MAX + 1];
    char message[REPLY_MESSAGE_MAX]; /* of an AICC */
    char *native_code, *why;         /* unless it was accepted */
    int64_t asked_us;
    bool was_asked; /* not so when its circuit is open */
};

static void on_intent_stored(struct store_op *op);
static void on_ita_result(void *data, const struct ita_result *result);
static void on_aicc_result(void *data, const struct aicc_result *result);
static void start_storing_outcome(struct place_call *self, enum call_outcome outcome);
static void on_outcome_stored(struct store_op *op);
static void finish(struct place_call *self, enum place_call_result result);

/* What has happened to the call is on disk. */
static void tell_change(const struct place_call *self)
{
    const struct call_record *call = &self->intent.call;
    call_events_changed(self->gateway->events, call->tenant_id, call->serial);
}

static void count_outcome(const struct place_call *self, enum call_outcome outcome)
{
    const struct statistics_outcome counted = {
        .outcome = outcome,
        .code =
            outcome == CALL_OUTCOME_REFUSED ? str_of(self->code) : str_of(ITA_CODE_PROCESS_FAILURE),
        .latency_us = self->was_asked ? self->asked_us : -1,
    };
    statistics_outcome(self->gateway->statistics, self->intent.call.tenant_id,
                       self->outcome.outcome_ms, &counted);
}

static bool is_cec(const struct contract *contract)
{
    return contract->tenant.settings.type == CALL_TYPE_CEC;
}

/* X numbers are the ITA's. */
static bool is_specified(const struct contract *contract)
{
    return !is_cec(contract) && contract->tenant.settings.x_mode == X_MODE_SPECIFIED;
}

static bool is_listed(const struct contract *contract, enum agent_list list,
                      const struct number *caller)
{
    const struct number_set *numbers = contract->agent_numbers[list];
    return numbers != NULL && number_set_find(numbers, caller) != NULL;
}

/* Whose phone it is that calls. */
static enum place_call_result check_agent(const struct contract *contract,
                                          const struct number *caller)
{
    if (contract->agent_numbers[AGENT_LIST_OWN] != NULL &&
        !is_listed(contract, AGENT_LIST_OWN, caller))
        return PLACE_CALL_NO_AGENT;
    if (contract->tenant.is_trial && !is_listed(contract, AGENT_LIST_TRIAL, caller))
        return PLACE_CALL_NOT_ON_TRIAL;
    return PLACE_CALL_ACCEPTED;
}

/* What can be refused by looking. */
static enum place_call_result check(const struct place_call_request *request, struct number *caller,
                                    struct number *called, struct fault *fault)
{
    if (!contract_is_usable(request->contract))
        return PLACE_CALL_NO_TENANT;
    if (number_parse(request->caller, request->contract->home_country, caller, fault) != OK)
        return PLACE_CALL_BAD_CALLER;
    if (number_parse(request->called, request->contract->home_country, called, fault) != OK)
        return PLACE_CALL_BAD_CALLED;
    if (number_is_same(caller, called))
        return PLACE_CALL_SAME_NUMBERS;
    return check_agent(request->contract, caller);
}

/* The call is live afterwards and counts. */
static enum place_call_result begin(struct gateway *gateway, const struct contract *contract,
                                    const struct live_call_request *call, int64_t now_ms,
                                    struct number *x)
{
    bool is_trial = contract->tenant.is_trial;
    if (is_trial &&
        !trials_begin(gateway->trials, call->tenant_id, now_ms, contract->zone_offset_s))
        return PLACE_CALL_TRIAL_OVER;
    enum status status = live_calls_begin(gateway->live, call, gateway_steady_ms(gateway), x);
    if (status == OK)
        return PLACE_CALL_ACCEPTED;
    if (is_trial)
        trials_give_back(gateway->trials, call->tenant_id, now_ms);
    return status == ERR_EXISTS ? PLACE_CALL_DUPLICATE : PLACE_CALL_NO_X;
}

/* It was surely not placed: as if it had never begun. */
static void undo(struct place_call *self)
{
    struct gateway *gateway = self->gateway;
    const struct call_record *call = &self->intent.call;
    live_calls_end(gateway->live, call->serial, gateway_steady_ms(gateway), false);
    if (self->contract->tenant.is_trial)
        trials_give_back(gateway->trials, call->tenant_id, call->created_ms);
}

static void log_refusal(const struct place_call_request *request, const char *why)
{
    struct number_masked caller = number_mask(request->caller);
    struct number_masked called = number_mask(request->called);
    LOG(LOG_INFO, "call refused", L_TEXT("tenant", request->contract->tenant.name),
        L_TEXT("requestId", request->identity->id),
        L_TEXT("trace", request->identity->trace_id.text), L_TEXT("caller", caller.text),
        L_TEXT("called", called.text), L_TEXT("why", why));
}

static struct place_call *create(struct gateway *gateway, const struct place_call_request *request,
                                 const struct number *caller, const struct number *called)
{
    struct place_call *self = NEW(struct place_call);
    gateway_call_begins(gateway);
    self->gateway = gateway;
    self->contract = contract_hold(request->contract);
    self->identity = *request->identity;
    self->caller = *caller;
    self->called = *called;
    self->call_data = str_copy(request->call_data);
    self->callback_url = str_copy(request->callback_url);
    if (is_cec(self->contract)) {
        self->soft_phone = str_copy(request->soft_phone);
        self->shown_to_called = str_copy(request->shown_to_called);
        self->shown_to_caller = str_copy(request->shown_to_caller);
    }
    self->begun_us = clock_mono_us();
    return self;
}

static void start_storing_intent(struct place_call *self, int64_t serial, int64_t agent_work_no,
                                 int64_t now_ms)
{
    struct buf text;
    buf_init_fixed(&text, self->serial_text, sizeof(self->serial_text));
    buf_append_i64(&text, serial);
    self->state = STORING_INTENT;
    self->intent.op.on_done = on_intent_stored;
    self->intent.callback_url = str_of(self->callback_url);
    self->intent.call = (struct call_record){
        .serial = serial,
        .tenant_id = self->contract->tenant.id,
        .type = self->contract->tenant.settings.type,
        .state = CALL_WAITING,
        .agent_work_no = agent_work_no,
        .caller = str_of(self->caller.text),
        .called = str_of(self->called.text),
        .call_data = str_of(self->call_data),
        .tel_x = str_of(is_cec(self->contract) ? self->shown_to_caller : self->x.text),
        .called_display = str_of(self->shown_to_called),
        .is_x_claimed = is_specified(self->contract),
        .created_ms = now_ms,
        .duration_s = -1,
        .reason_code = -1,
        .trace = self->identity.trace,
    };
    store_add_call(self->gateway->store, &self->intent);
}

void place_call(struct gateway *gateway, const struct place_call_request *request,
                place_call_on_done *on_done, void *data)
{
    struct place_call_outcome refused = {0};
    struct number caller, called, x = {{0}, {0}};
    int64_t now_ms = clock_wall_ms();

    refused.result = check(request, &caller, &called, &refused.fault);
    if (refused.result == PLACE_CALL_ACCEPTED) {
        int64_t serial = call_serial_next(&gateway->serial, now_ms);
        struct live_call_request claim = {.tenant_id = request->contract->tenant.id,
                                          .serial = serial,
                                          .caller = &caller,
                                          .called = &called,
                                          .needs_x = is_specified(request->contract)};
        refused.result = begin(gateway, request->contract, &claim, now_ms, &x);
        if (refused.result == PLACE_CALL_ACCEPTED) {
            struct place_call *self = create(gateway, request, &caller, &called);
            self->on_done = on_done;
            self->data = data;
            self->x = x;
            start_storing_intent(self, serial, request->agent_work_no, now_ms);
            return;
        }
    }
    static const char *const whys[] = {
        [PLACE_CALL_BAD_CALLER] = "caller is not dialable",
        [PLACE_CALL_BAD_CALLED] = "called is not dialable",
        [PLACE_CALL_SAME_NUMBERS] = "caller and called are one number",
        [PLACE_CALL_NO_TENANT] = "tenant not usable",
        [PLACE_CALL_NO_AGENT] = "caller is not among the tenant's agents",
        [PLACE_CALL_NOT_ON_TRIAL] = "caller is not in the trial's trustlist",
        [PLACE_CALL_TRIAL_OVER] = "the trial's calls of the day are used up",
        [PLACE_CALL_DUPLICATE] = "the same call has not ended",
        [PLACE_CALL_NO_X] = "no X number is free",
    };
    log_refusal(request, whys[refused.result]);
    on_done(data, &refused);
}

static void ask_ita(struct place_call *self)
{
    const struct bidirectional_call *settings = &self->contract->tenant.settings;
    struct traceparent traceparent = {""};
    if (self->contract->account.profile->has_traceparent)
        traceparent = gateway_traceparent(&self->identity.trace);
    struct ita_place place = {
        .tel_a = str_of(self->caller.text),
        .tel_b = str_of(self->called.text),
        .tel_x = str_of(self->x.text),
        .area_code = str_of(settings->area_code),
        .request_id = str_of(self->identity.id),
        .call_serial = str_of(self->serial_text),
        .traceparent = str_of(traceparent.text),
        .expiration_s = self->gateway->config->call_lease_ms / 1000, /* then nobody waits for it */
        .is_recorded = settings->is_recorded,
    };
    ita_client_place(self->gateway->ita, &self->contract->account, &place, on_ita_result, self);
}

static void ask_aicc(struct place_call *self)
{
    struct traceparent traceparent = gateway_traceparent(&self->identity.trace);
    struct aicc_place place = {
        .caller = str_of(self->caller.text),
        .called = str_of(self->called.text),
        .soft_phone = str_of(self->soft_phone),
        .call_data = str_of(self->call_data),
        .caller_present = str_of(self->shown_to_called),
        .agent_present = str_of(self->shown_to_caller),
        .agent_work_no = self->intent.call.agent_work_no,
        .traceparent = str_of(traceparent.text),
    };
    aicc_client_place(self->gateway->aicc, &self->contract->aicc, &place, on_aicc_result, self);
}

static void copy_text(char *out, size_t size, struct str text)
{
    size_t len = text.len < size ? text.len : size - 1;
    memcpy(out, text.len > 0 ? text.ptr : "", len);
    out[len] = '\0';
}

/* Whoever asked has been waiting for so long that he may have given up and dialled: the call would
 * ring out of the blue. */
static bool is_stale(const struct place_call *self)
{
    return clock_mono_us() - self->begun_us > self->gateway->config->ita_timeout_ms * 1000;
}

static void on_intent_stored(struct store_op *op)
{
    struct place_call *self = CONTAINER_OF(op, struct place_call, intent.op);
    if (op->status != OK) {
        LOG(LOG_ERROR, "call not stored", L_TEXT("tenant", self->contract->tenant.name),
            L_TEXT("callSerialNo", self->serial_text),
            L_TEXT("trace", self->identity.trace_id.text), L_STATUS(op->status));
        undo(self);
        finish(self, PLACE_CALL_NOT_STORED);
        return;
    }
    tell_change(self);
    statistics_placed(self->gateway->statistics, self->intent.call.tenant_id,
                      self->intent.call.created_ms);
    if (is_stale(self)) {
        copy_text(self->code, sizeof(self->code), str_of(ITA_CODE_SERVICE_UNAVAILABLE));
        self->why = str_copy(STR("not asked: the disk took too long to store the call"));
        start_storing_outcome(self, CALL_OUTCOME_REFUSED);
        return;
    }
    self->state = ASKING;
    self->asked_us = clock_mono_us();
    if (is_cec(self->contract))
        ask_aicc(self);
    else
        ask_ita(self);
}

/* In the words of whom was asked, or ours when it did not answer: bounded, numbers masked. What is
 * longer than any code is none. */
static void keep_why(struct place_call *self, struct str native_code, struct str message,
                     const char *why)
{
    char text[REPLY_MESSAGE_MAX];
    if (native_code.len <= NATIVE_CODE_MAX)
        self->native_code = str_copy(native_code);
    reply_copy_message(message.len > 0 ? message : str_of(why), text);
    self->why = str_copy(str_of(text));
}

/* Code, callID, X and why stand in self. */
static void start_storing_outcome(struct place_call *self, enum call_outcome outcome)
{
    self->state = STORING_OUTCOME;
    self->outcome = (struct store_set_outcome){
        .op = {.on_done = on_outcome_stored},
        .tenant_id = self->intent.call.tenant_id,
        .serial = self->intent.call.serial,
        .outcome = outcome,
        .code = str_of(self->code),
        .call_id = str_of(self->call_id),
        .tel_x = str_of(self->tel_x),
        .native_code = str_of(self->native_code),
        .why = str_of(self->why),
        .outcome_ms = clock_wall_ms(),
    };
    store_set_outcome(self->gateway->store, &self->outcome);
}

/* Mode Specified: the users stand on an X number that the ITA may not have used. */
static void check_x(const struct place_call *self)
{
    struct str told = str_of(self->tel_x);
    if (!store_number_contradicts(told, str_of(self->x.text)))
        return;
    LOG(LOG_WARN, "the ITA used another X number than it was given",
        L_TEXT("tenant", self->contract->tenant.name), L_TEXT("callSerialNo", self->serial_text),
        L_TEXT("given", number_mask(str_of(self->x.text)).text),
        L_TEXT("used", number_mask(told).text));
}

static void on_ita_result(void *data, const struct ita_result *result)
{
    static const enum call_outcome outcomes[] = {
        [ITA_ACCEPTED] = CALL_OUTCOME_ACCEPTED,
        [ITA_REFUSED] = CALL_OUTCOME_REFUSED,
        [ITA_UNKNOWN] = CALL_OUTCOME_UNKNOWN,
    };
    struct place_call *self = data;
    self->asked_us = clock_mono_us() - self->asked_us;
    self->was_asked = result->attempts > 0;
    copy_text(self->code, sizeof(self->code), result->code);
    copy_text(self->call_id, sizeof(self->call_id), result->call_id);
    if (result->tel_x.len <= NUMBER_TEXT_MAX) /* what is longer is no number */
        copy_text(self->tel_x, sizeof(self->tel_x), result->tel_x);
    check_x(self);
    LOG(result->outcome == ITA_ACCEPTED ? LOG_DEBUG : LOG_WARN, "ITA answered",
        L_TEXT("tenant", self->contract->tenant.name), L_TEXT("callSerialNo", self->serial_text),
        L_TEXT("requestId", self->identity.id), L_TEXT("trace", self->identity.trace_id.text),
        L_STR("code", result->code), L_STR("nativeCode", result->native_code),
        L_STR("message", result->native_message), L_TEXT("why", result->why),
        L_I64("attempts", result->attempts));
    if (result->outcome != ITA_ACCEPTED)
        keep_why(self, result->native_code, result->native_message, result->why);
    start_storing_outcome(self, outcomes[result->outcome]);
}

static void on_aicc_result(void *data, const struct aicc_result *result)
{
    static const enum call_outcome outcomes[] = {
        [AICC_ACCEPTED] = CALL_OUTCOME_ACCEPTED,
        [AICC_REFUSED] = CALL_OUTCOME_REFUSED,
        [AICC_UNKNOWN] = CALL_OUTCOME_UNKNOWN,
    };
    struct place_call *self = data;
    self->asked_us = clock_mono_us() - self->asked_us;
    self->was_asked = result->attempts > 0;
    copy_text(self->code, sizeof(self->code), str_of(result->code));
    copy_text(self->message, sizeof(self->message), str_of(result->message));
    copy_text(self->call_id, sizeof(self->call_id), result->serial);
    LOG(result->outcome == AICC_ACCEPTED ? LOG_DEBUG : LOG_WARN, "AICC answered",
        L_TEXT("tenant", self->contract->tenant.name), L_TEXT("callSerialNo", self->serial_text),
        L_TEXT("requestId", self->identity.id), L_TEXT("trace", self->identity.trace_id.text),
        L_TEXT("code", result->code), L_TEXT("message", result->message),
        L_TEXT("why", result->why), L_I64("attempts", result->attempts));
    if (result->outcome != AICC_ACCEPTED)
        keep_why(self, STR(""), str_of(result->message), result->why);
    start_storing_outcome(self, outcomes[result->outcome]);
}

/* Its state is asked for from now on. */
static void watch_cec(const struct place_call *self)
{
    struct call_record call = self->intent.call;
    call.call_id = str_of(self->call_id);
    cec_calls_add(self->gateway->cec, &call, self->contract);
}

/* What is known, if not on disk, still holds for this process: of an accepted call the pair is
 * guarded to its end, and its AICC asked. */
static void end_unstored(struct place_call *self)
{
    bool is_accepted = self->outcome.outcome == CALL_OUTCOME_ACCEPTED;
    copy_text(self->code, sizeof(self->code), str_of(ITA_CODE_PROCESS_FAILURE));
    self->outcome.outcome = CALL_OUTCOME_UNKNOWN;
    count_outcome(self, CALL_OUTCOME_UNKNOWN);
    if (is_accepted && is_cec(self->contract))
        watch_cec(self);
    else if (!is_accepted)
        live_calls_set_unknown(self->gateway->live, self->outcome.serial,
                               gateway_steady_ms(self->gateway));
    finish(self, PLACE_CALL_UNKNOWN);
}

static void on_outcome_stored(struct store_op *op)
{
    struct place_call *self = CONTAINER_OF(op, struct place_call, outcome.op);
    struct live_calls *live = self->gateway->live;
    int64_t serial = self->outcome.serial, now_ms = gateway_steady_ms(self->gateway);
    if (op->status != OK && ++self->outcome_tries < OUTCOME_TRIES_MAX) {
        store_set_outcome(self->gateway->store, &self->outcome);
        return;
    }
    if (op->status != OK) {
        /* The ITA has answered, but nobody may be told what is not on disk. The call stays live: it
         * can't be placed again, and its CDR or its lease ends it. */
        LOG(LOG_ERROR, "outcome of a call not stored",
            L_TEXT("tenant", self->contract->tenant.name),
            L_TEXT("callSerialNo", self->serial_text),
            L_TEXT("trace", self->identity.trace_id.text), L_STATUS(op->status));
        end_unstored(self);
        return;
    }
    count_outcome(self, self->outcome.outcome);
    switch (self->outcome.outcome) {
    case CALL_OUTCOME_ACCEPTED:
        if (is_cec(self->contract))
            watch_cec(self);
        finish(self, PLACE_CALL_ACCEPTED);
        return;
    case CALL_OUTCOME_REFUSED:
        if (str_is(str_of(self->code), str_of(ITA_CODE_NUMBER_NOT_FOUND)))
            live_calls_block_x(live, serial, now_ms + X_BLOCK_MS);
        undo(self);
        finish(self, PLACE_CALL_REFUSED);
        return;
    case CALL_OUTCOME_NONE:
    case CALL_OUTCOME_UNKNOWN:
        live_calls_set_unknown(live, serial, now_ms);
        finish(self, PLACE_CALL_UNKNOWN);
        return;
    }
}

static void log_end(const struct place_call *self, enum place_call_result result)
{
    static const char *const events[] = {
        [PLACE_CALL_ACCEPTED] = "call accepted",
        [PLACE_CALL_REFUSED] = "call refused by the ITA or AICC",
        [PLACE_CALL_UNKNOWN] = "call of unknown outcome",
        [PLACE_CALL_NOT_STORED] = "call not placed",
    };
    struct number_masked caller = number_mask(str_of(self->caller.text));
    struct number_masked called = number_mask(str_of(self->called.text));
    struct number_masked x =
        number_mask(str_of(self->tel_x[0] != '\0' ? self->tel_x : self->x.text));
    LOG(result == PLACE_CALL_ACCEPTED ? LOG_INFO : LOG_WARN, events[result],
        L_TEXT("tenant", self->contract->tenant.name), L_TEXT("callSerialNo", self->serial_text),
        L_TEXT("requestId", self->identity.id), L_TEXT("trace", self->identity.trace_id.text),
        L_TEXT("caller", caller.text), L_TEXT("called", called.text), L_TEXT("x", x.text),
        L_TEXT("code", self->code), L_I64("asked_us", self->asked_us),
        L_I64("total_us", clock_mono_us() - self->begun_us));
}

/* The one way out of a call whose intent was started. */
static void finish(struct place_call *self, enum place_call_result result)
{
    struct place_call_outcome outcome = {
        .result = result,
        .serial = result == PLACE_CALL_NOT_STORED ? 0 : self->intent.call.serial,
        .code = str_of(self->code),
        .message = self->message,
    };
    log_end(self, result);
    if (result != PLACE_CALL_NOT_STORED)
        tell_change(self);
    self->on_done(self->data, &outcome);
    gateway_call_ended(self->gateway);
    contract_release(self->contract);
    mem_free(self->call_data);
    mem_free(self->callback_url);
    mem_free(self->soft_phone);
    mem_free(self->shown_to_called);
    mem_free(self->shown_to_caller);
    mem_free(self->native_code);
    mem_free(self->why);
    mem_free(self);
}
