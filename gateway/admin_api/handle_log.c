/* /admin/v1/log-level: how much the log says, until the gateway is started again.
 * /admin/v1/flight-recorder: the last lines of all levels, whatever it says. */

#include "base/flight_recorder.h"
#include "gateway/admin_api/admin_parts.h"

static void answer_level(struct admin_request *request)
{
    const struct config *config = request->api->gateway->config;
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    json_write_text(w, "level", log_level_texts[log_level()]);
    json_write_text(w, "configured", log_level_texts[config->log_level]);
    json_write_object_end(w);
}

void handle_log_level_show(struct admin_request *request)
{
    answer_level(request);
}

void handle_log_level_put(struct admin_request *request)
{
    struct fields fields;
    struct fault fault = {""};
    admin_fields(request, &fields);
    int level = fields_choice(&fields, "level", FIELD_REQUIRED, log_level_texts, LOG_LEVELS);
    if (!admin_fields_end(request, &fields))
        return;
    /* On a full disk the audit takes nothing, and that is when more is to be logged: it says who.
     */
    if (store_admin_note(request->store, "log-level", log_level_texts[level], &fault) != OK)
        LOG(LOG_ERROR, "not in the audit log", L_TEXT("action", "log-level"),
            L_TEXT("fault", fault.text));
    log_set_level((enum log_level)level, request->who.who);
    answer_level(request);
}

static void write_line(void *data, struct str line)
{
    json_write_str(data, NULL, line);
}

void handle_flight_recorder(struct admin_request *request)
{
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    json_write_array(w, "lines");
    flight_recorder_read(write_line, w);
    json_write_array_end(w);
    json_write_i64(w, "most", FLIGHT_RECORDER_LINES);
    json_write_object_end(w);
}
