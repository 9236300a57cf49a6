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

static void read_and_handle(struct mock *mock, struct http_exchange *exchange,
                            struct mock_wire *wire, int64_t now_ms)
{
    const struct mock_wire_options options = {
        .rules = {.profile = mock->profile,
                  .app_key = str_of(mock->options->app_key),
                  .now_ms = now_ms},
        .notes_unknown_members = mock->options->unknown_members == MOCK_UNKNOWN_MEMBERS_NOTE,
    };
    enum mock_code code = mock_wire_read(wire, &options, http_exchange_request(exchange));
    mock_play(mock, now_ms);
    if (code == MOCK_OK)
        handlers[wire->action](mock, exchange, wire, now_ms);
    else
        refuse(mock, exchange, code, wire);
}

void handle_api(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    int64_t now_ms = mock_clock_now_ms(mock->clock);
    struct mock_wire wire = {0};
    if (mock_wire_route(mock->profile, http_exchange_request(exchange), &wire) != OK) {
        handle_unknown(mock, exchange);
        return;
    }
    if (mock_admit(mock, exchange, now_ms))
        read_and_handle(mock, exchange, &wire, now_ms);
    mock_wire_finish(&wire);
}
