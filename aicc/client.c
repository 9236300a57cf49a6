#include "aicc/client.h"

#include <uv.h>

#include "aicc/session.h"
#include "base/log.h"
#include "profile/code.h"

enum { URL_MAX = 512 }; /* a host name and the longest path */

struct aicc_client {
    struct upstream_client upstream;
    struct aicc_sessions *sessions;
    struct upstream_tally tallies[AICC_ACTIONS];
};

/* One request from its start to its result, all attempts included. */
struct aicc_operation {
    /* fixed at start */
    struct aicc_client *client;
    struct list link; /* in client->upstream.operations */
    struct aicc_account account;
    enum aicc_action action;
    struct buf body;
    char *traceparent; /* NULL: none */
    aicc_on_result *on_result;
    void *data;
    struct tenant_record *tenant;
    struct domain_record *domain;
    struct aicc_session *session;
    int64_t started_ms; /* monotonic */
    uv_timer_t timer;

    /* changes */
    enum {
        STARTED,        /* the timer brings the first attempt to the loop */
        AWAITING_TOKEN, /* domain_pass is held */
        FETCHING,       /* likewise; a request is under way */
        WAITING,        /* the timer brings the next attempt */
        DONE,           /* on_result has run; lives until the timer is closed */
    } state;
    int64_t waited_ms;       /* for tokens: does not count */
    int64_t wait_started_ms; /* while AWAITING_TOKEN */
    struct aicc_session_wait wait;
    struct http_fetch *fetch; /* while FETCHING */
    char *token;              /* that it was sent with */
    enum circuit_pass domain_pass;
    struct aicc_answer answer; /* of the last attempt, or why there was none */
    int attempts;
    bool is_counted; /* among the tenant's requests in flight */
    bool is_canceled;
    bool was_renewed; /* the one attempt with another token was used */
    bool is_doubtful; /* an attempt's outcome was unknown */
};

static void attempt(struct aicc_operation *op);

_Static_assert(AICC_UNKNOWN == UPSTREAM_OUTCOMES - 1, "a tally has them all");

struct aicc_client *aicc_client_create(struct uv_loop_s *loop, struct http_client *http,
                                       const struct upstream_options *options)
{
    struct aicc_client *client = NEW(struct aicc_client);
    upstream_client_init(&client->upstream, loop, http, options);
    client->sessions = aicc_sessions_create(http, options);
    return client;
}

static void cancel(struct list *link)
{
    aicc_operation_cancel(CONTAINER_OF(link, struct aicc_operation, link));
}

void aicc_client_stop(struct aicc_client *client)
{
    upstream_client_stop(&client->upstream, cancel);
}

size_t aicc_client_in_flight(const struct aicc_client *client)
{
    return client->upstream.in_flight;
}

const struct upstream_tally *aicc_client_tally(const struct aicc_client *client,
                                               enum aicc_action action)
{
    return &client->tallies[action];
}

void aicc_client_close(struct aicc_client *client)
{
    upstream_client_finish(&client->upstream);
    aicc_sessions_close(client->sessions);
    mem_free(client);
}

enum circuit_pass aicc_client_enter_app_key(struct aicc_client *client,
                                            const struct aicc_account *account, int64_t *held_ms)
{
    struct aicc_session *session = aicc_session_hold(client->sessions, account);
    enum circuit_pass pass = aicc_session_enter(session, held_ms);
    aicc_session_release(session);
    return pass;
}

void aicc_client_leave_app_key(struct aicc_client *client, const struct aicc_account *account,
                               enum circuit_pass pass, const struct aicc_answer *answer)
{
    struct aicc_session *session = aicc_session_hold(client->sessions, account);
    aicc_session_leave(session, pass, answer);
    aicc_session_release(session);
}

void aicc_client_each_domain(const struct aicc_client *client, upstream_each_domain *each,
                             void *data)
{
    upstream_client_each_domain(&client->upstream, each, data);
}

/* --- The end of an operation --- */

static int64_t now_ms(const struct aicc_operation *op)
{
    return op->client->upstream.options.mono_ms();
}

static void forget_token(struct aicc_operation *op)
{
    if (op->token != NULL)
        mem_wipe(op->token, strlen(op->token));
    mem_free(op->token);
    op->token = NULL;
}

static void on_closed(uv_handle_t *handle)
{
    struct aicc_operation *op = CONTAINER_OF((uv_timer_t *)handle, struct aicc_operation, timer);
    aicc_answer_finish(&op->answer);
    buf_finish(&op->body);
    mem_free(op->traceparent);
    forget_token(op);
    mem_free(op);
}

/* The only end. The operation itself stays until its timer is closed, its client may be gone. */
static void finish(struct aicc_operation *op)
{
    static const char *const outcomes[] = {"accepted", "refused", "unknown"};
    const struct aicc_result result = {
        .outcome = op->answer.outcome,
        .code = op->answer.code,
        .message = op->answer.message,
        .serial = op->answer.serial,
        .url = op->answer.url,
        .json = op->answer.json,
        .is_not_offered = op->answer.is_not_offered,
        .why = op->answer.why,
        .attempts = op->attempts,
    };
    op->state = DONE;
    upstream_tally_add(&op->client->tallies[op->action], op->attempts, (int)result.outcome,
                       now_ms(op) - op->started_ms);
    LOG(LOG_DEBUG, "AICC operation ended", L_STR("tenant", op->account.tenant),
        L_TEXT("action", aicc_action_name(op->action)), L_TEXT("outcome", outcomes[result.outcome]),
        L_TEXT("code", result.code), L_TEXT("why", result.why), L_I64("attempts", op->attempts),
        L_I64("elapsed_ms", now_ms(op) - op->started_ms));
    if (op->is_counted)
        limit_leave(&op->tenant->limit);
    ledger_release(&op->tenant->entry);
    ledger_release(&op->domain->entry);
    aicc_session_release(op->session);
    op->client->upstream.in_flight--;
    list_remove(&op->link);
    uv_close((uv_handle_t *)&op->timer, on_closed);
    op->on_result(op->data, &result);
}

/* Ends an operation without a further request. After an attempt its answer stands: it says more. */
static void stop(struct aicc_operation *op, const char *code, const char *why)
{
    if (op->attempts == 0)
        aicc_answer_refuse(&op->answer, code, why);
    finish(op);
}

/* --- What comes of an attempt --- */

static void on_timer(uv_timer_t *timer)
{
    attempt(CONTAINER_OF(timer, struct aicc_operation, timer));
}

static int64_t left_ms(const struct aicc_operation *op)
{
    return op->client->upstream.options.timeout_ms - (now_ms(op) - op->started_ms - op->waited_ms);
}

/* How long to wait for the next attempt, or -1 for none. */
static int64_t next_wait_ms(const struct aicc_operation *op)
{
    const struct upstream_options *options = &op->client->upstream.options;
    if (op->is_canceled || op->attempts >= options->attempts_max || !op->answer.is_safe)
        return -1;
    int64_t wait_ms = op->answer.wait_ms >= 0 ? op->answer.wait_ms
                                              : retry_backoff_ms(options->backoff_ms, op->attempts);
    return wait_ms < left_ms(op) ? wait_ms : -1;
}

static void wait_or_finish(struct aicc_operation *op, int64_t wait_ms)
{
    if (wait_ms < 0) {
        finish(op);
        return;
    }
    op->state = WAITING;
    uv_timer_start(&op->timer, on_timer, (uint64_t)wait_ms, 0);
}

/* What keeps recordings may be down while calls are placed: no failure of the former holds back the
 * latter. */
static void tell_domain(struct aicc_operation *op, const struct aicc_answer *answer)
{
    struct circuit *circuit = &op->domain->circuit;
    if (answer->is_answered && !answer->is_failing)
        circuit_succeeded(circuit);
    else if (op->is_canceled || op->action == AICC_RECORDING)
        circuit_left(circuit, op->domain_pass);
    else
        circuit_failed(circuit, &op->client->upstream.domain_rule, op->domain_pass, now_ms(op));
}

/* What a refused release means after one that was not answered: that one may have ended the call.
 */
static void settle_release(struct aicc_operation *op)
{
    struct aicc_answer *answer = &op->answer;
    if (answer->outcome == AICC_UNKNOWN)
        op->is_doubtful = true;
    if (op->action == AICC_RELEASE && op->is_doubtful && answer->outcome == AICC_REFUSED)
        aicc_answer_leave_unknown(answer, "refused, after an attempt that was not answered");
}

static void on_fetched(void *data, const struct http_fetch_result *fetched)
{
    struct aicc_operation *op = data;
    op->fetch = NULL;
    aicc_answer_finish(&op->answer);
    aicc_answer_read(op->action, fetched, op->client->upstream.options.wall_ms(), &op->answer);
    tell_domain(op, &op->answer);
    if (op->answer.is_token_denied)
        aicc_session_reject(op->session, str_of(op->token));
    settle_release(op);
    forget_token(op);
    if (op->answer.is_token_denied && !op->was_renewed && !op->is_canceled) {
        op->was_renewed = true;
        wait_or_finish(op, 0);
        return;
    }
    wait_or_finish(op, next_wait_ms(op));
}

/* --- One attempt --- */

static void start_fetch(struct aicc_operation *op, const char *token)
{
    const struct upstream_options *options = &op->client->upstream.options;
    struct buf url, authorization;
    buf_init(&url, URL_MAX);
    buf_init(&authorization, AICC_TOKEN_MAX + sizeof("Bearer "));
    aicc_write_url(&op->account, op->action, &url);
    buf_append(&authorization, STR("Bearer "));
    buf_append(&authorization, str_of(token));
    const struct http_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("Authorization"), buf_str(&authorization)},
        {STR("X-APP-Key"), op->account.app_key},
        {STR("traceparent"), str_of(op->traceparent)},
    };
    int64_t timeout_ms = left_ms(op);
    const struct http_fetch_request request = {
        .method = "POST",
        .url = buf_text(&url),
        .headers = headers,
        .header_count = COUNT_OF(headers) - (op->traceparent == NULL),
        .body = buf_str(&op->body),
        .trust = op->account.trust,
        .connect_timeout_ms =
            options->connect_timeout_ms < timeout_ms ? options->connect_timeout_ms : timeout_ms,
        .timeout_ms = timeout_ms,
        .answer_max = AICC_ANSWER_MAX,
    };
    op->attempts++;
    op->state = FETCHING;
    op->token = str_copy(str_of(token));
    op->fetch = http_client_fetch(op->client->upstream.http, &request, on_fetched, op);
    buf_finish(&url);
    buf_wipe(&authorization);
}

/* A request for a token that the AICC did not answer says the same of it as any other. */
static void on_token(struct aicc_session_wait *wait, const struct aicc_answer *answer)
{
    struct aicc_operation *op = CONTAINER_OF(wait, struct aicc_operation, wait);
    op->waited_ms += now_ms(op) - op->wait_started_ms;
    if (answer->outcome != AICC_ACCEPTED) {
        tell_domain(op, answer);
        const char *code =
            answer->outcome == AICC_REFUSED ? answer->code : ITA_CODE_SERVICE_UNAVAILABLE;
        aicc_answer_finish(&op->answer);
        aicc_answer_refuse(&op->answer, code, answer->why);
        settle_release(op);
        finish(op);
        return;
    }
    circuit_left(&op->domain->circuit, op->domain_pass);
    wait_or_finish(op, 0);
}

static void await_token(struct aicc_operation *op)
{
    op->state = AWAITING_TOKEN;
    op->wait.on_token = on_token;
    op->wait_started_ms = now_ms(op);
    if (aicc_session_await(op->session, &op->account, &op->wait))
        return;
    circuit_left(&op->domain->circuit, op->domain_pass);
    stop(op, ITA_CODE_AUTH_FAILED, "held back: the AICC refused this app key and secret");
}

static bool admit(struct aicc_operation *op)
{
    struct limit *limit = &op->tenant->limit;
    if (op->state != STARTED || (op->action != AICC_PLACE && op->action != AICC_PLACE_V3))
        return true;
    op->is_counted = limit_enter(limit, op->account.in_flight_max);
    return op->is_counted && limit_take(limit, op->account.per_second_max, now_ms(op));
}

static void attempt(struct aicc_operation *op)
{
    const struct upstream_options *options = &op->client->upstream.options;
    if (op->is_canceled) {
        stop(op, ITA_CODE_SERVICE_UNAVAILABLE, "canceled");
        return;
    }
    if (!admit(op)) {
        stop(op, ITA_CODE_TOO_MANY_REQUESTS, "over the tenant's limits");
        return;
    }
    if (left_ms(op) <= 0) {
        stop(op, ITA_CODE_SERVICE_UNAVAILABLE, "no time left");
        return;
    }
    op->domain_pass =
        circuit_enter(&op->domain->circuit, &op->client->upstream.domain_rule, options->mono_ms());
    if (op->domain_pass == CIRCUIT_HELD) {
        stop(op, ITA_CODE_SERVICE_UNAVAILABLE, "held back: the AICC failed time after time");
        return;
    }
    const char *token = aicc_session_token(op->session);
    if (token == NULL)
        await_token(op);
    else
        start_fetch(op, token);
}

/* --- Starting and canceling --- */

static struct aicc_operation *create(struct aicc_client *client, const struct aicc_account *account,
                                     enum aicc_action action, aicc_on_result *on_result, void *data)
{
    struct aicc_operation *op = NEW(struct aicc_operation);
    op->client = client;
    op->account = *account;
    op->action = action;
    buf_init(&op->body, AICC_MESSAGE_MAX);
    op->on_result = on_result;
    op->data = data;
    op->tenant = upstream_hold_tenant(&client->upstream, account->tenant);
    op->domain = upstream_hold_domain(&client->upstream, account->domain);
    op->session = aicc_session_hold(client->sessions, account);
    op->started_ms = client->upstream.options.mono_ms();
    uv_timer_init(client->upstream.loop, &op->timer);
    uv_timer_start(&op->timer, on_timer, 0, 0);
    client->upstream.in_flight++;
    list_append(&client->upstream.operations, &op->link);
    op->is_canceled = client->upstream.is_stopping;
    return op;
}

struct aicc_operation *aicc_client_place(struct aicc_client *client,
                                         const struct aicc_account *account,
                                         const struct aicc_place *place, aicc_on_result *on_result,
                                         void *data)
{
    enum aicc_action action = place->soft_phone.len > 0 ? AICC_PLACE_V3 : AICC_PLACE;
    struct aicc_operation *op = create(client, account, action, on_result, data);
    aicc_write_place(place, &op->body);
    if (place->traceparent.len > 0)
        op->traceparent = str_copy(place->traceparent);
    return op;
}

static struct aicc_operation *ask_of_call(struct aicc_client *client,
                                          const struct aicc_account *account,
                                          enum aicc_action action, struct str serial,
                                          aicc_on_result *on_result, void *data)
{
    struct aicc_operation *op = create(client, account, action, on_result, data);
    aicc_write_serial(serial, &op->body);
    return op;
}

struct aicc_operation *aicc_client_state(struct aicc_client *client,
                                         const struct aicc_account *account, struct str serial,
                                         aicc_on_result *on_result, void *data)
{
    return ask_of_call(client, account, AICC_STATE, serial, on_result, data);
}

struct aicc_operation *aicc_client_recording(struct aicc_client *client,
                                             const struct aicc_account *account, struct str serial,
                                             aicc_on_result *on_result, void *data)
{
    return ask_of_call(client, account, AICC_RECORDING, serial, on_result, data);
}

struct aicc_operation *aicc_client_release(struct aicc_client *client,
                                           const struct aicc_account *account, struct str serial,
                                           aicc_on_result *on_result, void *data)
{
    return ask_of_call(client, account, AICC_RELEASE, serial, on_result, data);
}

struct aicc_operation *aicc_client_record(struct aicc_client *client,
                                          const struct aicc_account *account,
                                          const struct aicc_span *span, aicc_on_result *on_result,
                                          void *data)
{
    struct aicc_operation *op = create(client, account, AICC_RECORD, on_result, data);
    aicc_write_record(span, &op->body);
    return op;
}

void aicc_operation_cancel(struct aicc_operation *op)
{
    if (op->is_canceled || op->state == DONE)
        return;
    op->is_canceled = true;
    if (op->state == FETCHING) {
        http_fetch_cancel(op->fetch);
        return;
    }
    if (op->state == AWAITING_TOKEN) {
        list_remove(&op->wait.link);
        circuit_left(&op->domain->circuit, op->domain_pass);
    }
    uv_timer_start(&op->timer, on_timer, 0, 0);
}
