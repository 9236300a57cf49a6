#include "mock_ita/telephony/recording.h"
#include "tests/mock_ita/world.h"

enum { TALK_MS = 1500, SIZE = MOCK_RECORDING_HEAD + TALK_MS * 8 * MOCK_RECORDING_FRAME };

static struct world world;
static struct answer answer;
static struct mock_call *call;

/* What came back of a recording; its bytes are no text. */
static struct download {
    bool is_done;
    int status;
    char body[BODY_MAX], content_range[64], content_type[64];
    size_t len;
} download;

static void keep_header(const struct http_fetch_result *result, struct str name, char out[64])
{
    snprintf(out, 64, "%.*s",
             STR_ARGS(http_headers_find(result->headers, result->header_count, name)));
}

static void on_downloaded(void *data, const struct http_fetch_result *result)
{
    (void)data;
    download = (struct download){.is_done = true, .status = result->status};
    download.len = result->body.len;
    if (result->body.len > 0)
        memcpy(download.body, result->body.ptr, result->body.len);
    keep_header(result, STR("content-range"), download.content_range);
    keep_header(result, STR("content-type"), download.content_type);
}

static void start_get(const char *name, const char *value)
{
    char url[128];
    struct http_header header = {str_of(name), str_of(value)};
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/recordings/%.*s", mock_port(world.mock),
             STR_ARGS(call->call_id));
    struct http_fetch_request request = {
        .method = "GET",
        .url = url,
        .headers = &header,
        .header_count = name == NULL ? 0 : 1,
        .connect_timeout_ms = PATIENCE_MS,
        .timeout_ms = PATIENCE_MS,
        .answer_max = BODY_MAX,
    };
    download.is_done = false;
    http_client_fetch(world.client, &request, on_downloaded, NULL);
}

static void get(const char *name, const char *value)
{
    start_get(name, value);
    run_until(&world, &download.is_done);
}

static void assert_part(size_t from, size_t len)
{
    static char expected[BODY_MAX];
    struct mock_recording recording;
    assert_true(mock_recording_of(call, &recording));
    assert_int_equal(download.len, len);
    assert_int_equal(mock_recording_read(&recording, from, expected, len), len);
    assert_memory_equal(download.body, expected, len);
}

/* One call of TALK_MS, ended. */
static int set_up(void **state)
{
    (void)state;
    struct mock_call_script script = {.a_answers = true, .b_answers = true, .talk_ms = TALK_MS};
    struct mock_order order = {
        .tel_a = STR("13800000001"), .tel_b = STR("13900000001"), .is_recorded = true};
    world_start(&world, 1);
    assert_int_equal(mock_calls_place(world.mock->calls, &order, &script,
                                      mock_clock_now_ms(world.mock->clock), &call),
                     MOCK_OK);
    mock_calls_finish(world.mock->calls, call);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_stop(&world);
    return 0;
}

static void sends_the_whole_recording(void **state)
{
    (void)state;
    get(NULL, NULL);
    assert_int_equal(download.status, 200);
    assert_string_equal(download.content_type, "audio/wav");
    assert_string_equal(download.content_range, "");
    assert_part(0, SIZE);
}

static void sends_a_part(void **state)
{
    (void)state;
    get("Range", "bytes=40-1039");
    assert_int_equal(download.status, 206);
    assert_string_equal(download.content_range, "bytes 40-1039/48044");
    assert_part(40, 1000);
    get("Range", "bytes=-10");
    assert_int_equal(download.status, 206);
    assert_string_equal(download.content_range, "bytes 48034-48043/48044");
    assert_part(SIZE - 10, 10);
}

static void refuses_a_part_behind_the_end(void **state)
{
    (void)state;
    get("Range", "bytes=48044-");
    assert_int_equal(download.status, 416);
    assert_string_equal(download.content_range, "bytes */48044");
    assert_int_equal(download.len, 0);
}

static void does_not_know_what_was_not_recorded(void **state)
{
    (void)state;
    call->is_recorded = false;
    get(NULL, NULL);
    assert_int_equal(download.status, 404);
    mock_reset(world.mock);
    ask(&world, "GET", "/recordings/mock-00000000-0000000001", &answer);
    assert_int_equal(answer.status, 404);
}

static void goes_on_with_a_recording_whose_call_is_forgotten(void **state)
{
    (void)state;
    start_get(NULL, NULL);
    const struct mock_entry *entry;
    while ((entry = mock_journal_first(world.mock->journal)) == NULL || !entry->is_answered)
        uv_run(&world.loop, UV_RUN_ONCE);
    mock_calls_reset(world.mock->calls);
    run_until(&world, &download.is_done);
    assert_int_equal(download.status, 200);
    assert_int_equal(download.len, SIZE);
}

static void stops_while_a_recording_is_sent(void **state)
{
    (void)state;
    call->ended_ms += MOCK_RECORDING_MAX_MS; /* 2.8 GB, of which the client takes 64 KiB */
    start_get(NULL, NULL);
    const struct mock_entry *entry;
    while ((entry = mock_journal_first(world.mock->journal)) == NULL || !entry->is_answered)
        uv_run(&world.loop, UV_RUN_ONCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sends_the_whole_recording, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sends_a_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_part_behind_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(does_not_know_what_was_not_recorded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(goes_on_with_a_recording_whose_call_is_forgotten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(stops_while_a_recording_is_sent, set_up, tear_down),
    };
    log_init(LOG_ERROR, LOG_FORMAT_JSON, false);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
