#include "gateway/diagnostics/ask_ita.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "ita/message.h"

enum { CALL_ID_SIZE = 64 };

/* From ask_ita_start() to on_done. */
struct ask_ita {
    /* fixed at start */
    struct ask_ita_options options;
    ask_ita_on_done *on_done;
    void *data;
    enum profile_action action;
    char call_id[CALL_ID_SIZE];
    enum circuit_pass pass; /* of the guard */
    /* changes */
    struct http_fetch *fetch;
    struct ita_message message;
    bool is_canceled;
    int64_t asked_ms; /* wall time */
    struct judge_request request;
};

static void on_answered(void *data, const struct http_fetch_result *fetched);

/* What does the least, first. */
static bool choose_action(const struct profile *profile, struct ask_ita *self)
{
    static const struct {
        enum profile_action action;
        const char *text;
    } rows[] = {
        {PROFILE_ACTION_QUERY, "query of a call that cannot exist"},
        {PROFILE_ACTION_RECORDING, "recording of a call that cannot exist"},
        {PROFILE_ACTION_RELEASE, "release of a call that cannot exist"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (profile->forms[rows[i].action].path.count == 0)
            continue;
        self->action = rows[i].action;
        self->request.operation = rows[i].text;
        return true;
    }
    return false;
}

static void make_call_id(struct ask_ita *self)
{
    uint8_t random[8];
    struct buf text;
    random_bytes(random, sizeof(random));
    buf_init_fixed(&text, self->call_id, sizeof(self->call_id) - 1);
    buf_append(&text, STR("ita-gateway-diagnosis-"));
    hex_append(&text, str_from(random, sizeof(random)));
}

static enum status send_request(struct ask_ita *self, struct fault *fault)
{
    const struct ita_account *account = self->options.account;
    const struct profile_values values = {
        .of = {[PROFILE_VARIABLE_CALL_ID] = str_of(self->call_id),
               [PROFILE_VARIABLE_REQUEST_ID] = str_of(self->call_id),
               [PROFILE_VARIABLE_CALL_SERIAL] = STR("0")}}; /* no call has it */
    self->asked_ms = clock_wall_ms();
    int64_t ita_ms =
        self->asked_ms + (self->request.was_resigned ? self->request.clock_ahead_ms : 0);
    enum status status =
        ita_message_encode(&self->message, account, self->action, &values, ita_ms, fault);
    if (status != OK)
        return status;
    const struct http_fetch_request request = {
        .method = self->message.method,
        .url = buf_text(&self->message.url),
        .headers = self->message.headers,
        .header_count = self->message.header_count,
        .body = buf_str(&self->message.body),
        .trust = account->trust,
        .connect_timeout_ms = self->options.connect_timeout_ms,
        .timeout_ms = self->options.timeout_ms,
        .answer_max = ITA_ANSWER_MAX,
    };
    self->fetch = http_client_fetch(self->options.http, &request, on_answered, self);
    return OK;
}

static void finish(struct ask_ita *self)
{
    if (self->options.guard != NULL)
        ita_client_leave_key(self->options.guard, self->options.account, self->pass,
                             judge_key(&self->request));
    self->on_done(self->data, &self->request);
    ita_message_finish(&self->message);
    mem_free(self);
}

/* The time that the ITA told when it refused ours, else that of its answer. */
static void read_clock(struct ask_ita *self, const struct ita_answer *answer,
                       const struct http_fetch_result *fetched)
{
    struct judge_request *request = &self->request;
    int64_t now_ms = clock_wall_ms(), told_ms = answer->server_ms;
    struct str date = http_headers_find(fetched->headers, fetched->header_count, STR("Date"));
    if (request->was_resigned) /* the first answer told it; this one's Date may be a proxy's */
        return;
    if (told_ms == 0 && clock_parse_http_date(date, &told_ms) != OK)
        return;
    request->has_clock = true;
    request->clock_ahead_ms = told_ms - (self->asked_ms + now_ms) / 2;
    request->clock_error_ms = (now_ms - self->asked_ms) / 2 + 1000; /* told in seconds */
}

static void keep_answer(struct ask_ita *self, const struct ita_answer *answer,
                        const struct http_fetch_result *fetched)
{
    struct judge_request *request = &self->request;
    request->outcome = fetched->outcome;
    request->status = fetched->status;
    request->meaning = answer->outcome;
    (void)snprintf(request->why, sizeof(request->why), "%s", fetched->why);
    (void)snprintf(request->native_code, sizeof(request->native_code), "%.*s",
                   STR_ARGS(answer->native_code));
    (void)snprintf(request->native_message, sizeof(request->native_message), "%s",
                   answer->native_message);
    read_clock(self, answer, fetched);
}

static void on_answered(void *data, const struct http_fetch_result *fetched)
{
    struct ask_ita *self = data;
    const struct ita_account *account = self->options.account;
    struct ita_answer answer;
    self->fetch = NULL;
    ita_answer_read(account->profile, self->action, fetched, clock_wall_ms(), &answer);
    ita_answer_hide(&answer, account->access_key);
    ita_answer_hide(&answer, account->app_key);
    keep_answer(self, &answer, fetched);
    bool is_again =
        answer.again == ITA_AGAIN_RESIGN && !self->request.was_resigned && !self->is_canceled;
    ita_answer_finish(&answer);
    if (is_again) {
        self->request.was_resigned = true;
        if (send_request(self, NULL) == OK)
            return;
    }
    finish(self);
}

/* Whether the AccessKey may be used now. */
static bool enter_key(struct ask_ita *self)
{
    if (self->options.guard == NULL)
        return true;
    self->pass =
        ita_client_enter_key(self->options.guard, self->options.account, &self->request.held_ms);
    self->request.is_held = self->pass == CIRCUIT_HELD;
    return !self->request.is_held;
}

static enum status start(struct ask_ita *self, struct fault *fault)
{
    if (!choose_action(self->options.account->profile, self))
        return ERR_NOT_FOUND;
    if (!enter_key(self))
        return ERR_BUSY;
    make_call_id(self);
    enum status status = send_request(self, fault);
    if (status != OK && self->options.guard != NULL)
        ita_client_leave_key(self->options.guard, self->options.account, self->pass,
                             ITA_KEY_UNTOLD);
    return status;
}

struct ask_ita *ask_ita_start(const struct ask_ita_options *options, ask_ita_on_done *on_done,
                              void *data, struct judge_request *why)
{
    struct ask_ita *self = NEW(struct ask_ita);
    struct fault fault = {""};
    self->options = *options;
    self->on_done = on_done;
    self->data = data;
    self->request.outcome = HTTP_NOT_SENT;
    ita_message_init(&self->message);
    if (start(self, &fault) == OK)
        return self;
    *why = self->request;
    (void)snprintf(why->why, sizeof(why->why), "%s", fault.text);
    ita_message_finish(&self->message);
    mem_free(self);
    return NULL;
}

void ask_ita_cancel(struct ask_ita *self)
{
    if (self->is_canceled)
        return;
    self->is_canceled = true;
    http_fetch_cancel(self->fetch);
}
