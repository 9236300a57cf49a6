#include "mock_ita/handle.h"

/* What the scenario, or a magic number, says to a request. */

/* The numbers of the request, or of the call or binding that it is about. */
static struct mock_question question_of(const struct mock *mock, const struct mock_wire *wire)
{
    const struct str *values = wire->values.of;
    const struct mock_call *call = NULL;
    const struct mock_binding *binding = NULL;
    if (values[PROFILE_VARIABLE_CALL_ID].len > 0)
        call = mock_calls_find(mock->calls, values[PROFILE_VARIABLE_CALL_ID]);
    else if (wire->action == PROFILE_ACTION_QUERY && values[PROFILE_VARIABLE_REQUEST_ID].len > 0)
        call = mock_calls_of_request(mock->calls, values[PROFILE_VARIABLE_REQUEST_ID]);
    else if (values[PROFILE_VARIABLE_SUB_ID].len > 0)
        binding = mock_bindings_find(mock->bindings, values[PROFILE_VARIABLE_SUB_ID]);
    struct str action = str_of(profile_action_name(wire->action));
    if (call != NULL)
        return (struct mock_question){action, call->tel_a, call->tel_b, call->tel_x};
    if (binding != NULL)
        return (struct mock_question){action, binding->tel_a, binding->tel_b, binding->tel_x};
    return (struct mock_question){action, values[PROFILE_VARIABLE_TEL_A],
                                  values[PROFILE_VARIABLE_TEL_B], values[PROFILE_VARIABLE_TEL_X]};
}

const struct mock_choice *mock_choose_for(struct mock *mock, struct http_exchange *exchange,
                                          const struct mock_question *question)
{
    struct mock_visit *visit = mock_visit_of(mock, exchange);
    mock_choice_finish(&visit->choice);
    visit->choice = mock_chooser_choose(mock->chooser, question);
    mock_entry_set(visit->entry, MOCK_ENTRY_RULE, visit->choice.rule);
    return &visit->choice;
}

const struct mock_choice *mock_choose(struct mock *mock, struct http_exchange *exchange,
                                      const struct mock_wire *wire)
{
    const struct mock_question question = question_of(mock, wire);
    return mock_choose_for(mock, exchange, &question);
}

struct str mock_choice_reason(const struct mock_choice *choice)
{
    return choice->scenario != NULL ? STR("by scenario") : STR("by magic number");
}

void mock_choose_no_magic(struct mock *mock, struct http_exchange *exchange)
{
    struct mock_visit *visit = mock_visit_of(mock, exchange);
    if (visit->choice.scenario != NULL)
        return;
    visit->choice = (struct mock_choice){.script = mock_script_ordinary()};
    mock_entry_set(visit->entry, MOCK_ENTRY_RULE, STR(""));
}
