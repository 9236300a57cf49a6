#include "ita/operation.h"

#include <assert.h>

#include "base/log.h"
#include "base/mem.h"
#include "profile/code.h"

static void operation_next(struct ita_operation *op);

/* --- The end of an operation --- */

static void on_closed(uv_handle_t *handle)
{
    struct ita_operation *op = CONTAINER_OF((uv_timer_t *)handle, struct ita_operation, timer);
    ita_message_finish(&op->message);
    ita_answer_finish(&op->answer);
    mem_free(op->text);
    mem_free(op);
}

static void log_end(const struct ita_operation *op)
{
    static const char *const outcomes[] = {"accepted", "refused", "unknown"};
    LOG(LOG_DEBUG, "ITA operation ended", L_STR("tenant", op->account.tenant),
        L_TEXT("action", profile_action_name(op->action)),
        L_TEXT("outcome", outcomes[op->answer.outcome]), L_STR("code", op->answer.code),
        L_TEXT("why", op->answer.why), L_I64("attempts", op->attempts),
        L_I64("elapsed_ms", op->client->upstream.options.mono_ms() - op->started_ms));
}

static struct limit *limit_of(const struct ita_operation *op)
{
    switch (op->action) {
    case PROFILE_ACTION_PLACE:
        return &op->tenant->limit;
    case PROFILE_ACTION_RECORDING:
    case PROFILE_ACTION_BINDING_RECORDING:
        return &op->tenant->recordings;
    case PROFILE_ACTION_RELEASE:
    case PROFILE_ACTION_QUERY:
    case PROFILE_ACTION_BINDING:
    case PROFILE_ACTION_UNBINDING:
    case PROFILE_ACTIONS:
        break;
    }
    return &op->tenant->rest;
}

/* The only end. The operation itself stays until its timer is closed, its client may be gone. */
static void operation_finish(struct ita_operation *op)
{
    const struct ita_answer *answer = &op->answer;
    const struct ita_result result = {
        .outcome = answer->outcome,
        .code = answer->code,
        .native_code = answer->native_code,
        .native_message = str_of(answer->native_message),
        .call_id = answer->call_id,
        .tel_x = answer->tel_x,
        .url = answer->url,
        .why = answer->why,
        .attempts = op->attempts,
    };
    op->state = OPERATION_DONE;
    upstream_tally_add(&op->client->tallies[op->action], op->attempts, (int)answer->outcome,
                       op->client->upstream.options.mono_ms() - op->started_ms);
    log_end(op);
    if (op->is_counted)
        limit_leave(limit_of(op));
    ledger_release(&op->tenant->entry);
    ledger_release(&op->domain->entry);
    ledger_release(&op->key->entry);
    op->client->upstream.in_flight--;
    list_remove(&op->link);
    uv_close((uv_handle_t *)&op->timer, on_closed);
    op->on_result(op->data, &result);
}

/* Ends an operation without a further request. After an attempt its answer stands: it says more. */
static void operation_stop(struct ita_operation *op, const char *code, const char *why)
{
    if (op->attempts == 0)
        ita_answer_refuse(&op->answer, str_of(code), why);
    operation_finish(op);
}

/* --- One attempt --- */

static void on_fetched(void *data, const struct http_fetch_result *fetched);

/* Asks the guards of AccessKey and domain. */
static bool enter_circuits(struct ita_operation *op)
{
    int64_t now_ms = op->client->upstream.options.mono_ms();
    op->key_pass = circuit_enter(&op->key->circuit, &ita_key_rule, now_ms);
    if (op->key_pass == CIRCUIT_HELD) {
        operation_stop(op, ITA_CODE_AUTH_FAILED,
                       "held back: the ITA refused this AccessKey's signatures");
        return false;
    }
    op->domain_pass =
        circuit_enter(&op->domain->circuit, &op->client->upstream.domain_rule, now_ms);
    if (op->domain_pass == CIRCUIT_HELD) {
        circuit_left(&op->key->circuit, op->key_pass);
        operation_stop(op, ITA_CODE_SERVICE_UNAVAILABLE,
                       "held back: the ITA failed time after time");
        return false;
    }
    return true;
}

static void start_fetch(struct ita_operation *op)
{
    const struct upstream_options *options = &op->client->upstream.options;
    int64_t left_ms = op->deadline_ms - options->mono_ms();
    const struct http_fetch_request request = {
        .method = op->message.method,
        .url = op->message.url.ptr,
        .headers = op->message.headers,
        .header_count = op->message.header_count,
        .body = buf_str(&op->message.body),
        .trust = op->account.trust,
        .connect_timeout_ms =
            options->connect_timeout_ms < left_ms ? options->connect_timeout_ms : left_ms,
        .timeout_ms = left_ms,
        .answer_max = ITA_ANSWER_MAX,
    };
    op->attempts++;
    op->state = OPERATION_FETCHING;
    op->fetch = http_client_fetch(op->client->upstream.http, &request, on_fetched, op);
}

static void operation_attempt(struct ita_operation *op)
{
    struct fault fault;
    if (op->is_canceled) {
        operation_stop(op, ITA_CODE_SERVICE_UNAVAILABLE, "canceled");
        return;
    }
    if (op->deadline_ms <= op->client->upstream.options.mono_ms()) {
        operation_stop(op, ITA_CODE_SERVICE_UNAVAILABLE, "no time left");
        return;
    }
    if (!enter_circuits(op))
        return;
    op->clock_offset_ms = op->domain->clock_offset_ms;
    int64_t ita_ms = op->client->upstream.options.wall_ms() + op->clock_offset_ms;
    if (ita_message_encode(&op->message, &op->account, op->action, &op->values, ita_ms, &fault) !=
        OK) {
        circuit_left(&op->key->circuit, op->key_pass);
        circuit_left(&op->domain->circuit, op->domain_pass);
        operation_stop(op, ITA_CODE_BAD_REQUEST, fault.text);
        return;
    }
    start_fetch(op);
}

/* --- The answer --- */

/* What keeps recordings may be down while calls are placed: no failure of the former holds back the
 * latter. */
static void tell_domain(struct ita_operation *op, int64_t now_ms)
{
    struct circuit *circuit = &op->domain->circuit;
    if (op->answer.is_answered && !op->answer.is_failing)
        circuit_succeeded(circuit);
    else if (op->is_canceled || op->action == PROFILE_ACTION_RECORDING)
        circuit_left(circuit, op->domain_pass);
    else
        circuit_failed(circuit, &op->client->upstream.domain_rule, op->domain_pass, now_ms);
}

/* A signature was good when the ITA itself spoke: its own code, not one of the gateway before it.
 */
static void tell_key(struct ita_operation *op, int64_t now_ms)
{
    struct circuit *circuit = &op->key->circuit;
    const struct ita_answer *answer = &op->answer;
    if (answer->is_answered && str_is(answer->code, str_of(ITA_CODE_AUTH_FAILED)))
        circuit_failed(circuit, &ita_key_rule, op->key_pass, now_ms);
    else if (answer->outcome == ITA_ACCEPTED || ita_code_text(answer->native_code) != NULL)
        circuit_succeeded(circuit);
    else
        circuit_left(circuit, op->key_pass);
}

/* What a refused release means after one that was not answered: a call that the first has ended is
 * not found by the second; any other refusal leaves open what the first did. */
static void settle_release(struct ita_operation *op)
{
    if (op->action != PROFILE_ACTION_RELEASE || !op->is_doubtful ||
        op->answer.outcome != ITA_REFUSED)
        return;
    if (str_is(op->answer.code, str_of(ITA_CODE_NOT_FOUND)) ||
        str_is(op->answer.code, str_of(ITA_CODE_BINDING_NOT_EXISTS))) {
        ita_answer_accept(&op->answer, "released by an earlier attempt");
        return;
    }
    op->answer.outcome = ITA_UNKNOWN;
    op->answer.code = str_of(ITA_CODE_PROCESS_FAILURE);
}

static void on_fetched(void *data, const struct http_fetch_result *fetched)
{
    struct ita_operation *op = data;
    const struct upstream_options *options = &op->client->upstream.options;
    int64_t wall_ms = options->wall_ms(), now_ms = options->mono_ms();
    op->fetch = NULL;
    ita_answer_finish(&op->answer);
    ita_answer_read(op->account.profile, op->action, fetched, wall_ms, &op->answer);
    ita_answer_hide(&op->answer, op->account.access_key);
    tell_domain(op, now_ms);
    tell_key(op, now_ms);
    if (op->answer.again == ITA_AGAIN_RESIGN)
        op->domain->clock_offset_ms = op->answer.server_ms - wall_ms;
    settle_release(op);
    if (op->answer.outcome == ITA_UNKNOWN)
        op->is_doubtful = true;
    operation_next(op);
}

/* A clock that is right by the second cannot be what was refused. */
static bool may_resign(const struct ita_operation *op)
{
    enum { CLOCK_STEP_MS = 1000 }; /* X-Sdk-Date tells seconds */
    int64_t change_ms = op->domain->clock_offset_ms - op->clock_offset_ms;
    return !op->was_resigned && (change_ms >= CLOCK_STEP_MS || change_ms <= -CLOCK_STEP_MS);
}

/* How long to wait for the next attempt, or -1 for none. */
static int64_t next_wait_ms(const struct ita_operation *op)
{
    const struct upstream_options *options = &op->client->upstream.options;
    int64_t wait_ms = -1;
    if (op->is_canceled || op->attempts >= options->attempts_max)
        return -1;
    switch (op->answer.again) {
    case ITA_AGAIN_NEVER:
        return -1;
    case ITA_AGAIN_RESIGN:
        wait_ms = may_resign(op) ? 0 : -1;
        break;
    case ITA_AGAIN_SAFE:
        wait_ms = op->answer.wait_ms >= 0 ? op->answer.wait_ms
                                          : retry_backoff_ms(options->backoff_ms, op->attempts);
        break;
    }
    return wait_ms < op->deadline_ms - options->mono_ms() ? wait_ms : -1;
}

/* --- States --- */

static void on_timer(uv_timer_t *timer)
{
    operation_next(CONTAINER_OF(timer, struct ita_operation, timer));
}

static void operation_admit(struct ita_operation *op)
{
    struct limit *limit = limit_of(op);
    op->is_counted = limit_enter(limit, op->account.in_flight_max);
    if (!op->is_counted) {
        operation_stop(op, ITA_CODE_TOO_MANY_REQUESTS, "over the tenant's requests at a time");
        return;
    }
    if (op->action == PROFILE_ACTION_PLACE &&
        !limit_take(limit, op->account.per_second_max, op->client->upstream.options.mono_ms())) {
        operation_stop(op, ITA_CODE_TOO_MANY_REQUESTS, "over the tenant's calls per second");
        return;
    }
    operation_attempt(op);
}

static void operation_next(struct ita_operation *op)
{
    int64_t wait_ms;
    switch (op->state) {
    case OPERATION_STARTED:
        operation_admit(op);
        break;
    case OPERATION_WAITING:
        operation_attempt(op);
        break;
    case OPERATION_FETCHING:
        wait_ms = next_wait_ms(op);
        if (wait_ms < 0) {
            operation_finish(op);
            break;
        }
        if (op->answer.again == ITA_AGAIN_RESIGN)
            op->was_resigned = true;
        op->state = OPERATION_WAITING;
        uv_timer_start(&op->timer, on_timer, (uint64_t)wait_ms, 0);
        break;
    case OPERATION_DONE:
        assert(false);
        break;
    }
}

/* --- Starting and canceling --- */

/* Copies the values' text into one block. */
static void keep_values(struct ita_operation *op, const struct profile_values *values)
{
    size_t len = 0;
    for (size_t i = 0; i < PROFILE_VARIABLES; i++)
        len += values->of[i].len;
    char *at = op->text = mem_alloc(len + 1);
    for (size_t i = 0; i < PROFILE_VARIABLES; i++) {
        struct str value = values->of[i];
        if (value.ptr == NULL)
            continue;
        memcpy(at, value.ptr, value.len);
        op->values.of[i] = str_from(at, value.len);
        at += value.len;
    }
}

struct ita_operation *ita_operation_start(struct ita_client *client,
                                          const struct ita_account *account,
                                          enum profile_action action,
                                          const struct profile_values *values,
                                          ita_on_result *on_result, void *data)
{
    struct ita_operation *op = NEW(struct ita_operation);
    op->client = client;
    op->account = *account;
    op->action = action;
    keep_values(op, values);
    op->on_result = on_result;
    op->data = data;
    op->tenant = upstream_hold_tenant(&client->upstream, account->tenant);
    op->domain = upstream_hold_domain(&client->upstream, account->domain);
    op->key = ita_client_hold_key(client, account);
    op->started_ms = client->upstream.options.mono_ms();
    op->deadline_ms = op->started_ms + client->upstream.options.timeout_ms;
    ita_message_init(&op->message);
    uv_timer_init(client->upstream.loop, &op->timer);
    uv_timer_start(&op->timer, on_timer, 0, 0);
    client->upstream.in_flight++;
    list_append(&client->upstream.operations, &op->link);
    op->is_canceled = client->upstream.is_stopping;
    return op;
}

void ita_operation_cancel(struct ita_operation *op)
{
    if (op->is_canceled || op->state == OPERATION_DONE)
        return;
    op->is_canceled = true;
    if (op->state == OPERATION_FETCHING)
        http_fetch_cancel(op->fetch);
    else
        uv_timer_start(&op->timer, on_timer, 0, 0);
}
