#include "gateway/diagnostics/ask_aicc.h"

#include <stdio.h>

#include "aicc/client.h"
#include "aicc/token.h"
#include "base/clock.h"
#include "base/mem.h"

/* From ask_aicc_start() to on_done. */
struct ask_aicc {
    /* fixed at start */
    struct ask_aicc_options options;
    ask_aicc_on_done *on_done;
    void *data;
    enum circuit_pass pass; /* of the guard */
    struct http_fetch *fetch;
    /* changes */
    bool is_canceled;
    struct judge_token token;
};

/* What it says of a refusal: agent-api.md, section 1, and what API gateways before an AICC say. A
 * secret that it repeats is not shown. */
static void read_words(struct ask_aicc *self, const struct aicc_answer *answer)
{
    static const char *const names[] = {"exceptionInfo", "error_msg", "resultDesc", "retMsg",
                                        "message"};
    struct str words = STR("");
    for (size_t i = 0; i < COUNT_OF(names) && words.len == 0; i++)
        words = json_string(json_get(answer->json, names[i]));
    reply_copy_message(words, self->token.words);
    char *secret = str_copy(self->options.account->app_secret);
    if (strstr(self->token.words, secret) != NULL)
        self->token.words[0] = '\0';
    mem_wipe(secret, strlen(secret));
    mem_free(secret);
}

static void keep_answer(struct ask_aicc *self, struct aicc_answer *answer,
                        const struct http_fetch_result *fetched)
{
    struct judge_token *token = &self->token;
    int64_t good_ms = 0;
    struct buf text;
    buf_init(&text, AICC_TOKEN_MAX);
    token->outcome = fetched->outcome;
    token->status = fetched->status;
    token->wait_ms = answer->wait_ms;
    (void)snprintf(token->why, sizeof(token->why), "%s", fetched->why);
    read_words(self, answer);
    if (answer->outcome == AICC_ACCEPTED)
        aicc_answer_read_token(answer, &text, &good_ms);
    token->is_granted = answer->outcome == AICC_ACCEPTED;
    token->good_s = good_ms / 1000;
    buf_wipe(&text);
}

static void on_answered(void *data, const struct http_fetch_result *fetched)
{
    struct ask_aicc *self = data;
    struct aicc_answer answer;
    aicc_answer_read(AICC_TOKEN, fetched, clock_wall_ms(), &answer);
    keep_answer(self, &answer, fetched);
    if (self->options.guard != NULL)
        aicc_client_leave_app_key(self->options.guard, self->options.account, self->pass, &answer);
    aicc_answer_finish(&answer);
    self->on_done(self->data, &self->token);
    mem_free(self);
}

struct ask_aicc *ask_aicc_start(const struct ask_aicc_options *options, ask_aicc_on_done *on_done,
                                void *data, struct judge_token *why)
{
    const struct aicc_token_limits limits = {options->connect_timeout_ms, options->timeout_ms};
    enum circuit_pass pass = CIRCUIT_PASSED;
    *why = (struct judge_token){.wait_ms = -1};
    if (options->guard != NULL)
        pass = aicc_client_enter_app_key(options->guard, options->account, &why->held_ms);
    why->is_held = pass == CIRCUIT_HELD;
    if (why->is_held)
        return NULL;
    struct ask_aicc *self = NEW(struct ask_aicc);
    self->options = *options;
    self->on_done = on_done;
    self->data = data;
    self->pass = pass;
    self->fetch = aicc_token_fetch(options->http, options->account, &limits, on_answered, self);
    return self;
}

void ask_aicc_cancel(struct ask_aicc *self)
{
    if (self->is_canceled)
        return;
    self->is_canceled = true;
    http_fetch_cancel(self->fetch);
}
