#include "base/json.h"
#include "base/mem.h"
#include "mock_ita/handle.h"

/* The two ends of a request to the ITA's API: its entry in the journal, and its signature. */

enum {
    ERROR_MSG_MAX = 20 * 1024,
    CANONICAL_SHOWN_MAX = 16 * 1024, /* of error_msg; a usual one has 300 bytes */
    HINTS_MAX = 512 * 1024, /* canonical request and string to sign, each byte escaped to six */
};

struct mock_visit *mock_visit_of(struct mock *mock, struct http_exchange *exchange)
{
    struct mock_visit *visit = http_exchange_data(exchange);
    if (visit == NULL) {
        visit = NEW(struct mock_visit);
        visit->entry = mock_journal_begin(mock->journal, http_exchange_request(exchange),
                                          mock_clock_now_ms(mock->clock));
        http_exchange_set_data(exchange, visit);
    }
    return visit;
}

struct mock_entry *mock_entry_of(struct mock *mock, struct http_exchange *exchange)
{
    return mock_visit_of(mock, exchange)->entry;
}

void mock_entry_end(struct mock *mock, struct http_exchange *exchange, int status, const char *code,
                    struct str reason)
{
    struct mock_visit *visit = mock_visit_of(mock, exchange);
    mock_entry_set(visit->entry, MOCK_ENTRY_CODE, str_of(code));
    mock_entry_set(visit->entry, MOCK_ENTRY_REASON, reason);
    mock_journal_end(mock->journal, visit->entry, status, mock_clock_now_ms(mock->clock));
    http_exchange_set_data(exchange, NULL);
    mock_choice_finish(&visit->choice);
    mem_free(visit);
}

const struct mock_key *mock_signer(struct mock *mock, struct http_exchange *exchange)
{
    return mock_keys_find(mock->keys, mock_entry_of(mock, exchange)->texts[MOCK_ENTRY_ACCESS_KEY]);
}

void mock_carried_out(struct mock *mock, struct http_exchange *exchange)
{
    mock_verifier_accept(mock->verifier, &mock_entry_of(mock, exchange)->signed_request);
}

/* LF as '|', the AppKey starred out (signing.md, section 8: log it, redact). */
static void append_canonical(struct buf *out, struct str canonical)
{
    struct str rest = str_slice(canonical, 0, CANONICAL_SHOWN_MAX), line;
    for (bool is_first = true; str_next(&rest, '\n', &line); is_first = false) {
        if (!is_first)
            buf_append_byte(out, '|');
        buf_append(out, str_starts(line, STR("appkey:")) ? STR("appkey:***") : line);
    }
}

/* For whoever searches the difference; the real platform tells less. */
static void write_hints(struct buf *out, const struct mock_verdict *verdict)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_text(&w, "check", mock_check_text(verdict->check));
    json_write_str(&w, "canonicalRequest", verdict->canonical);
    json_write_str(&w, "stringToSign", verdict->string_to_sign);
    json_write_object_end(&w);
}

static void deny(struct mock *mock, struct http_exchange *exchange,
                 const struct mock_verdict *verdict)
{
    struct buf message, hints;
    buf_init(&message, ERROR_MSG_MAX);
    buf_init(&hints, HINTS_MAX);
    buf_append(&message, STR("Incorrect IAM authentication information: "));
    buf_append(&message, verdict->detail);
    if (!mock->options->is_terse) {
        write_hints(&hints, verdict);
        if (verdict->check == MOCK_CHECK_SIGNATURE_WRONG) {
            buf_append(&message, STR(", canonicalRequest:"));
            append_canonical(&message, verdict->canonical);
        }
    }
    mock_journal_count(mock->journal, MOCK_COUNT_BAD_SIGNATURES);
    mock_reply_denied(exchange, mock, 401, "APIGW.0301", buf_str(&message), buf_str(&hints));
    buf_finish(&message);
    buf_finish(&hints);
}

bool mock_admit(struct mock *mock, struct http_exchange *exchange, int64_t now_ms)
{
    struct mock_verdict verdict;
    mock_verifier_check(mock->verifier, http_exchange_request(exchange), now_ms, &verdict);
    mock_entry_set_verdict(mock_entry_of(mock, exchange), &verdict);
    if (verdict.check != MOCK_CHECK_PASSED)
        deny(mock, exchange, &verdict);
    return verdict.check == MOCK_CHECK_PASSED;
}

void mock_note_refused(void *data, const struct http_request *request, int status,
                       const char *reason)
{
    struct mock *mock = data;
    mock_journal_add_refused(mock->journal, request, status, str_of(reason),
                             mock_clock_now_ms(mock->clock));
}

static void note_connection(struct mock *mock, struct str peer, const char *fault, struct str rule)
{
    const struct http_request none = {.peer = peer};
    int64_t now_ms = mock_clock_now_ms(mock->clock);
    struct mock_entry *entry = mock_journal_begin(mock->journal, &none, now_ms);
    mock_entry_set(entry, MOCK_ENTRY_FAULT, str_of(fault));
    mock_entry_set(entry, MOCK_ENTRY_RULE, rule);
    mock_entry_set(entry, MOCK_ENTRY_REASON, STR("connection not served, by scenario"));
    mock_journal_count(mock->journal, MOCK_COUNT_FAULTS);
    mock_journal_end(mock->journal, entry, 0, now_ms);
}

enum http_accept mock_let_in(void *data, struct str peer)
{
    static const enum http_accept accepts[] = {
        [MOCK_CONNECTION_SERVED] = HTTP_ACCEPT_SERVE,
        [MOCK_CONNECTION_CLOSED] = HTTP_ACCEPT_CLOSE,
        [MOCK_CONNECTION_CLOSED_SECURED] = HTTP_ACCEPT_CLOSE_SECURED,
        [MOCK_CONNECTION_RESET] = HTTP_ACCEPT_RESET,
        [MOCK_CONNECTION_STALLED] = HTTP_ACCEPT_HOLD,
    };
    struct mock *mock = data;
    struct str rule;
    enum mock_connection chosen = mock_chooser_connection(mock->chooser, &rule);
    if (chosen != MOCK_CONNECTION_SERVED)
        note_connection(mock, peer, mock_connection_text(chosen), rule);
    return accepts[chosen];
}
