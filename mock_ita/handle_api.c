#include "base/mem.h"
#include "mock_ita/aicc/interface.h"
#include "mock_ita/handle.h"

enum { REASON_MAX = 16 * 1024 }; /* all violations of a request in one line */

static mock_action_handler *const handlers[PROFILE_ACTIONS] = {
    [PROFILE_ACTION_PLACE] = handle_place,
    [PROFILE_ACTION_RELEASE] = handle_release,
    [PROFILE_ACTION_RECORDING] = handle_record,
    [PROFILE_ACTION_QUERY] = handle_query,
    [PROFILE_ACTION_BINDING] = handle_bind,
    [PROFILE_ACTION_UNBINDING] = handle_unbind,
    [PROFILE_ACTION_BINDING_RECORDING] = handle_bind_record,
};

struct mock_call *mock_call_of_ita(const struct mock *mock, struct str call_id)
{
    struct mock_call *call = mock_calls_find(mock->calls, call_id);
    return call == NULL || call->cec != NULL ? NULL : call;
}

static void note_violations(struct mock_entry *entry, const struct mock_violations *violations)
{
    for (size_t i = 0; i < violations->count; i++)
        mock_entry_add_violation(entry, str_of(violations->items[i].path),
                                 str_of(violations->items[i].rule));
}

/* What the request says, and what is wrong with it. */
static void note_request(struct mock_entry *entry, const struct mock_wire *wire)
{
    static const struct {
        enum mock_entry_text which;
        enum profile_variable variable;
    } rows[] = {
        {MOCK_ENTRY_REQUEST_ID, PROFILE_VARIABLE_REQUEST_ID},
        {MOCK_ENTRY_CALL_ID, PROFILE_VARIABLE_CALL_ID},
        {MOCK_ENTRY_TEL_A, PROFILE_VARIABLE_TEL_A},
        {MOCK_ENTRY_TEL_B, PROFILE_VARIABLE_TEL_B},
        {MOCK_ENTRY_TEL_X, PROFILE_VARIABLE_TEL_X},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        mock_entry_set(entry, rows[i].which, wire->values.of[rows[i].variable]);
    note_violations(entry, &wire->violations);
    note_violations(entry, &wire->notes);
}

static void refuse(struct mock *mock, struct http_exchange *exchange, enum mock_code code,
                   const struct mock_wire *wire)
{
    const struct mock_told told = {
        .violations = mock->options->is_terse ? NULL : &wire->violations,
    };
    struct buf reason;
    buf_init(&reason, REASON_MAX);
    mock_violations_append(&wire->violations, &reason);
    mock_journal_count(mock->journal, MOCK_COUNT_REFUSED);
    mock_reply(exchange, mock, code, &told, buf_str(&reason));
    buf_finish(&reason);
}

/* As the scenario wants it: refused, answered and not done, or done. */
static void choose_and_handle(struct mock *mock, struct http_exchange *exchange,
                              const struct mock_wire *wire, int64_t now_ms)
{
    const struct mock_choice *choice = mock_choose(mock, exchange, wire);
    const struct mock_answer *answer = &choice->script.answer;
    if (answer->refusal != MOCK_OK) {
        mock_journal_count(mock->journal, MOCK_COUNT_REFUSED);
        mock_reply(exchange, mock, answer->refusal, NULL, mock_choice_reason(choice));
    } else if (answer->is_undone) {
        mock_reply(exchange, mock, MOCK_OK, NULL, mock_choice_reason(choice));
    } else {
        handlers[wire->action](mock, exchange, wire, now_ms);
    }
}

static void read_and_handle(struct mock *mock, struct http_exchange *exchange,
                            struct mock_wire *wire, int64_t now_ms)
{
    const struct mock_wire_options options = {
        .rules = {.profile = mock->profile,
                  .app_key = mock_signer(mock, exchange)->app_key,
                  .now_ms = now_ms},
        .notes_unknown_members = mock->options->unknown_members == MOCK_UNKNOWN_MEMBERS_NOTE,
    };
    enum mock_code code = mock_wire_read(wire, &options, http_exchange_request(exchange));
    note_request(mock_entry_of(mock, exchange), wire);
    mock_play(mock, now_ms);
    if (code == MOCK_OK)
        choose_and_handle(mock, exchange, wire, now_ms);
    else
        refuse(mock, exchange, code, wire);
}

void handle_api(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    int64_t now_ms = mock_clock_now_ms(mock->clock);
    struct mock_wire wire = {0};
    if (mock->tokens != NULL && mock_aicc_is_path(http_exchange_request(exchange)->path)) {
        handle_aicc(mock, exchange);
        return;
    }
    if (mock_wire_route(mock->profile, http_exchange_request(exchange), &wire) != OK) {
        handle_unknown(mock, exchange);
        return;
    }
    mock_entry_set(mock_entry_of(mock, exchange), MOCK_ENTRY_ACTION,
                   str_of(profile_action_name(wire.action)));
    if (mock_admit(mock, exchange, now_ms))
        read_and_handle(mock, exchange, &wire, now_ms);
    mock_wire_finish(&wire);
}
