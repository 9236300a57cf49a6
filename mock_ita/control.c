#include "base/clock.h"
#include "base/json.h"
#include "mock_ita/handle.h"

/* The control API: what tests ask the mock. Plain HTTP on loopback. */

enum {
    CALLS_PER_ANSWER = 100000, /* some 40 MB: an answer has a limit (http_server.h) */
    COUNTERS_MAX_BYTES = 4096,
};

static void answer_text(struct http_exchange *exchange, int status, struct str body)
{
    struct http_response response = {
        .status = status, .content_type = MOCK_JSON_TYPE, .body = body};
    http_exchange_answer(exchange, &response);
}

static void answer(struct http_exchange *exchange, const struct buf *body)
{
    if (buf_is_over(body))
        answer_text(exchange, 500, STR("{\"error\":\"too many at once: ?first=NUMBER&limit=N\"}"));
    else
        answer_text(exchange, 200, buf_str(body));
}

/* The whole number of a query's "name=N", or what stands in *value already. */
static enum status read_parameter(struct str query, struct str name, uint64_t *value)
{
    struct str piece;
    while (str_next(&query, '&', &piece)) {
        size_t equals = str_find(piece, '=');
        if (str_is(str_slice(piece, 0, equals), name))
            return str_parse_u64(str_slice(piece, equals + 1, piece.len), value);
    }
    return OK;
}

static void write_call(struct json_writer *w, const struct mock_call *call)
{
    char storage[32];
    struct buf at;
    buf_init_fixed(&at, storage, sizeof(storage));
    clock_append_rfc3339(&at, call->accepted_ms);
    json_write_object(w, NULL);
    json_write_i64(w, "number", (int64_t)call->number);
    json_write_str(w, "callID", call->call_id);
    json_write_str(w, "requestId", call->request_id);
    json_write_str(w, "remark", call->remark);
    json_write_str(w, "telA", call->tel_a);
    json_write_str(w, "telB", call->tel_b);
    json_write_str(w, "telX", call->tel_x);
    json_write_text(w, "state", mock_call_state_text(call->state));
    json_write_i64(w, "releaseCause", call->release_cause);
    json_write_str(w, "acceptedAt", buf_str(&at));
    json_write_array(w, "pushes");
    for (size_t i = 0; i < call->push_count; i++) {
        json_write_object(w, NULL);
        json_write_i64(w, "status", call->push_statuses[i]);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_object_end(w);
}

/* GET /calls?first=NUMBER&limit=N. "next" tells where to go on, when there are more. */
void handle_control_calls(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    struct str query = http_exchange_request(exchange)->query;
    uint64_t first = 0, limit = CALLS_PER_ANSWER;
    struct buf body;
    struct json_writer w;
    if (read_parameter(query, STR("first"), &first) != OK ||
        read_parameter(query, STR("limit"), &limit) != OK) {
        answer_text(exchange, 400, STR("{\"error\":\"first and limit: whole numbers\"}"));
        return;
    }
    mock_play(mock, mock_clock_now_ms(mock->clock));
    buf_init(&body, HTTP_ANSWER_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    if (first < mock_calls_first(mock->calls))
        first = mock_calls_first(mock->calls);
    json_write_array(&w, "calls");
    for (const struct mock_call *call;
         limit > 0 && (call = mock_calls_of_number(mock->calls, first)) != NULL; limit--, first++)
        write_call(&w, call);
    json_write_array_end(&w);
    if (first <= mock_calls_last(mock->calls))
        json_write_i64(&w, "next", (int64_t)first);
    json_write_object_end(&w);
    answer(exchange, &body);
    buf_finish(&body);
}

void handle_control_requests(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    struct buf body;
    struct json_writer w;
    buf_init(&body, HTTP_ANSWER_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_array(&w, "requests");
    for (const struct mock_entry *entry = mock_journal_first(mock->journal); entry != NULL;
         entry = mock_journal_next(mock->journal, entry))
        mock_entry_write(&w, NULL, entry);
    json_write_array_end(&w);
    json_write_object_end(&w);
    answer(exchange, &body);
    buf_finish(&body);
}

void handle_control_counters(void *data, struct http_exchange *exchange)
{
    struct mock *mock = data;
    struct buf body;
    struct json_writer w;
    buf_init(&body, COUNTERS_MAX_BYTES);
    mock_play(mock, mock_clock_now_ms(mock->clock));
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    for (enum mock_counter i = 0; i < MOCK_COUNTERS; i++)
        json_write_i64(&w, mock_counter_name(i), (int64_t)mock_journal_counter(mock->journal, i));
    json_write_object_end(&w);
    answer(exchange, &body);
    buf_finish(&body);
}

void handle_control_reset(void *data, struct http_exchange *exchange)
{
    mock_reset(data);
    answer_text(exchange, 200, STR("{}"));
}
