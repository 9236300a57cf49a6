#include "mock_ita/control.h"

/* /scenario: what the mock does with which request. */

enum { ANSWER_MAX = MOCK_SCENARIO_TEXT_MAX + CONTROL_ITEM_MAX }; /* the document, and the tallies */

static void answer_scenario(struct control_request *request)
{
    const struct mock_chooser *chooser = request->mock->chooser;
    const struct mock_scenario *scenario = mock_chooser_scenario(chooser);
    struct buf body;
    struct json_writer w;
    buf_init(&body, ANSWER_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    if (scenario == NULL)
        json_write_null(&w, "document");
    else
        json_write_raw(&w, "document", mock_scenario_text(scenario));
    mock_chooser_write(chooser, &w, "state");
    json_write_object_end(&w);
    control_answer(request, 200, &body);
    buf_finish(&body);
}

static void load(struct control_request *request, struct mock_scenario *scenario)
{
    struct fault fault;
    enum status status = mock_load_scenario(request->mock, scenario, &fault);
    if (status == OK)
        answer_scenario(request);
    else
        control_refuse_fault(request, status, &fault);
}

void control_get_scenario(struct control_request *request)
{
    answer_scenario(request);
}

void control_put_scenario(struct control_request *request)
{
    struct mock_scenario *scenario;
    struct fault fault;
    enum status status = mock_scenario_parse(request->text, &scenario, &fault);
    if (status != OK) {
        control_refuse_fault(request, status, &fault);
        return;
    }
    load(request, scenario);
    mock_scenario_release(scenario);
}

void control_delete_scenario(struct control_request *request)
{
    load(request, NULL);
}

void control_restart_scenario(struct control_request *request)
{
    load(request, mock_chooser_scenario(request->mock->chooser));
}
