#include "aicc/session.h"

#include "aicc/token.h"
#include "base/digest.h"
#include "base/log.h"
#include "profile/code.h"

/* Before a token ends another is fetched: a request may take its time limit to arrive, and clocks
 * differ. */
enum { MARGIN_MS = 30 * 1000 };

/* An app key that is refused goes on being refused, and an AICC slows or locks who insists: after
 * four in a row it is kept back for a minute, then one request tries. */
static const struct circuit_rule refusal_rule = {.failures_max = 4, .open_ms = 60 * 1000};

struct aicc_sessions {
    struct http_client *http;
    struct upstream_options options;
    struct ledger ledger;
    size_t fetches; /* under way */
    bool is_closed;
};

static void forget_token(struct aicc_session *session)
{
    if (session->token != NULL)
        mem_wipe(session->token, strlen(session->token));
    mem_free(session->token);
    session->token = NULL;
}

static void on_forget(struct ledger_entry *entry)
{
    forget_token(CONTAINER_OF(entry, struct aicc_session, entry));
}

struct aicc_sessions *aicc_sessions_create(struct http_client *http,
                                           const struct upstream_options *options)
{
    struct aicc_sessions *sessions = NEW(struct aicc_sessions);
    sessions->http = http;
    sessions->options = *options;
    ledger_init(&sessions->ledger, sizeof(struct aicc_session));
    sessions->ledger.on_forget = on_forget;
    return sessions;
}

static void destroy_if_done(struct aicc_sessions *sessions)
{
    if (!sessions->is_closed || sessions->fetches > 0)
        return;
    ledger_finish(&sessions->ledger);
    mem_free(sessions);
}

void aicc_sessions_close(struct aicc_sessions *sessions)
{
    sessions->is_closed = true;
    destroy_if_done(sessions);
}

/* By hashes, so that no secret stands in a table. */
struct aicc_session *aicc_session_hold(struct aicc_sessions *sessions,
                                       const struct aicc_account *account)
{
    uint8_t digests[3][SHA256_SIZE];
    sha256(account->domain, digests[0]);
    sha256(account->app_key, digests[1]);
    sha256(account->app_secret, digests[2]);
    struct aicc_session *session =
        CONTAINER_OF(ledger_hold(&sessions->ledger, str_from(digests, sizeof(digests))),
                     struct aicc_session, entry);
    if (session->waiting.next == NULL)
        list_init(&session->waiting);
    session->sessions = sessions;
    return session;
}

void aicc_session_release(struct aicc_session *session)
{
    ledger_release(&session->entry);
}

const char *aicc_session_token(const struct aicc_session *session)
{
    return session->sessions->options.mono_ms() < session->good_until_ms ? session->token : NULL;
}

void aicc_session_reject(struct aicc_session *session, struct str token)
{
    if (session->token != NULL && str_is(str_of(session->token), token))
        forget_token(session);
}

/* A token that is good for less than two margins is used for half of its time. */
static int64_t margin_of(int64_t good_ms)
{
    return good_ms / 2 < MARGIN_MS ? good_ms / 2 : MARGIN_MS;
}

static void keep_token(struct aicc_session *session, struct str token, int64_t good_ms)
{
    forget_token(session);
    session->token = str_copy(token);
    session->good_until_ms = session->sessions->options.mono_ms() + good_ms - margin_of(good_ms);
}

enum circuit_pass aicc_session_enter(struct aicc_session *session, int64_t *held_ms)
{
    int64_t now_ms = session->sessions->options.mono_ms();
    enum circuit_pass pass = circuit_enter(&session->circuit, &refusal_rule, now_ms);
    *held_ms = circuit_held_ms(&session->circuit, &refusal_rule, now_ms);
    return pass;
}

void aicc_session_leave(struct aicc_session *session, enum circuit_pass pass,
                        const struct aicc_answer *answer)
{
    if (answer->outcome == AICC_ACCEPTED)
        circuit_succeeded(&session->circuit);
    else if (answer->is_answered && str_is(str_of(answer->code), str_of(ITA_CODE_AUTH_FAILED)))
        circuit_failed(&session->circuit, &refusal_rule, pass,
                       session->sessions->options.mono_ms());
    else
        circuit_left(&session->circuit, pass);
}

/* Those that begin to wait meanwhile wait for the next fetch. */
static void tell_waiting(struct aicc_session *session, const struct aicc_answer *answer)
{
    struct list batch, *link;
    list_init(&batch);
    while ((link = list_first(&session->waiting)) != NULL) {
        list_remove(link);
        list_append(&batch, link);
    }
    while ((link = list_first(&batch)) != NULL) {
        struct aicc_session_wait *wait = CONTAINER_OF(link, struct aicc_session_wait, link);
        list_remove(link);
        wait->on_token(wait, answer);
    }
}

static void on_fetched(void *data, const struct http_fetch_result *fetched)
{
    struct aicc_session *session = data;
    struct aicc_answer answer;
    struct buf token;
    int64_t good_ms = 0;
    buf_init(&token, AICC_TOKEN_MAX);
    session->fetch = NULL;
    aicc_answer_read(AICC_TOKEN, fetched, session->sessions->options.wall_ms(), &answer);
    if (answer.outcome == AICC_ACCEPTED)
        aicc_answer_read_token(&answer, &token, &good_ms);
    aicc_session_leave(session, session->pass, &answer);
    if (answer.outcome == AICC_ACCEPTED)
        keep_token(session, buf_str(&token), good_ms);
    else
        LOG(LOG_WARN, "no token from the AICC", L_TEXT("code", answer.code),
            L_TEXT("why", answer.why));
    tell_waiting(session, &answer);
    aicc_answer_finish(&answer);
    buf_wipe(&token);
    struct aicc_sessions *sessions = session->sessions;
    aicc_session_release(session);
    sessions->fetches--;
    destroy_if_done(sessions);
}

static void start_fetch(struct aicc_session *session, const struct aicc_account *account)
{
    const struct upstream_options *options = &session->sessions->options;
    const struct aicc_token_limits limits = {options->connect_timeout_ms, options->timeout_ms};
    session->entry.users++; /* held until on_fetched() */
    session->sessions->fetches++;
    session->fetch =
        aicc_token_fetch(session->sessions->http, account, &limits, on_fetched, session);
}

bool aicc_session_await(struct aicc_session *session, const struct aicc_account *account,
                        struct aicc_session_wait *wait)
{
    if (session->fetch == NULL) {
        int64_t held_ms;
        session->pass = aicc_session_enter(session, &held_ms);
        if (session->pass == CIRCUIT_HELD)
            return false;
        start_fetch(session, account);
    }
    list_append(&session->waiting, &wait->link);
    return true;
}
