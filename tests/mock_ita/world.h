#ifndef TESTS_MOCK_ITA_WORLD_H
#define TESTS_MOCK_ITA_WORLD_H

/* The whole mock in one process, on one loop: a client that places signed calls, and a server that
 * receives the CDRs and checks their signatures. Functions stand here because a test program is one
 * object; none uses all of them. */
#pragma GCC diagnostic ignored "-Wunused-function"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <uv.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "mock_ita/mock.h"
#include "mock_ita/signature.h"
#include "net/http_client.h"

enum { PATIENCE_MS = 10000, BODY_MAX = 64 * 1024, TARGET_MAX = 128 };

#define PLACE "/v1/ngin/axmn"

struct world {
    uv_loop_t loop;
    uv_timer_t patience;
    struct http_client *client;
    struct http_server *receiver;
    struct mock_keys *keys; /* of pushes, as is the verifier */
    struct mock_verifier *verifier;
    struct mock_options options;
    struct mock *mock;
    int pushes_to_refuse, pushes, bad_pushes;
    bool holds_pushes;             /* unanswered, for the test to end ... */
    struct http_exchange *held[8]; /* ... as many as `pushes` says */
    const char *remark_end;        /* of orders; NULL: nothing more */
    char last_push[BODY_MAX];
};

struct answer {
    bool is_done;
    enum http_outcome outcome;
    int status;
    char body[BODY_MAX];
};

/* --- The world --- */

static void handle_push(void *data, struct http_exchange *exchange)
{
    struct world *world = data;
    const struct http_request *request = http_exchange_request(exchange);
    struct mock_verdict verdict;
    mock_verifier_check(world->verifier, request, clock_wall_ms(), &verdict);
    if (verdict.check != MOCK_CHECK_PASSED)
        world->bad_pushes++;
    world->pushes++;
    snprintf(world->last_push, sizeof(world->last_push), "%.*s", STR_ARGS(request->body));
    if (world->holds_pushes) {
        assert_true(world->pushes <= (int)COUNT_OF(world->held));
        world->held[world->pushes - 1] = exchange;
        return;
    }
    struct http_response response = {.status = world->pushes_to_refuse-- > 0 ? 503 : 200};
    http_exchange_answer(exchange, &response);
}

static void write_error(int status, const char *reason, struct buf *body)
{
    buf_format(body, "%d %s", status, reason);
}

static void on_impatient(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing came for %d ms", PATIENCE_MS);
}

static void receiver_start(struct world *world)
{
    static const struct http_route routes[] = {{"POST", "/push", handle_push, 0}};
    struct http_server_options options;
    struct fault fault;
    http_server_options_init(&options);
    options.address = "127.0.0.1:0";
    options.routes = routes;
    options.route_count = 1;
    options.data = world;
    options.write_error = write_error;
    options.error_content_type = "text/plain";
    assert_int_equal(http_server_start(&world->loop, &options, &world->receiver, &fault), OK);
}

/* speed: 1000 where calls are to end by themselves, 1 where they must not while a test asks. word:
 * a further option, or NULL. */
static void world_start_with(struct world *world, int speed, char *word)
{
    struct http_client_options client_options;
    struct mock_key_texts key = {STR("FAKEAK0001"), STR("fake-secret-0001"), STR("fake-app-0001")};
    struct fault fault;
    *world = (struct world){0};
    assert_int_equal(uv_loop_init(&world->loop), 0);
    uv_timer_init(&world->loop, &world->patience);
    uv_timer_start(&world->patience, on_impatient, PATIENCE_MS, 0);
    http_client_options_init(&client_options);
    world->client = http_client_create(&world->loop, &client_options);
    world->keys = mock_keys_create(true);
    assert_int_equal(mock_keys_add(world->keys, &key, &fault), OK);
    struct mock_verifier_options verifier = {.keys = world->keys, .app_key_header = STR("AppKey")};
    world->verifier = mock_verifier_create(&verifier);
    receiver_start(world);
    char push_url[64], speed_text[32];
    snprintf(speed_text, sizeof(speed_text), "--speed=%d", speed);
    snprintf(push_url, sizeof(push_url), "--push-url=http://127.0.0.1:%u/push",
             http_server_port(world->receiver));
    static char arguments[][32] = {"--listen=127.0.0.1:0",          "--control=127.0.0.1:0",
                                   "--access-key=FAKEAK0001",       "--app-key=fake-app-0001",
                                   "--secret-key=fake-secret-0001", "--x-number=700000000000001"};
    char *argv[COUNT_OF(arguments) + 3];
    for (size_t i = 0; i < COUNT_OF(arguments); i++)
        argv[i] = arguments[i];
    argv[COUNT_OF(arguments)] = push_url;
    argv[COUNT_OF(arguments) + 1] = speed_text;
    argv[COUNT_OF(arguments) + 2] = word;
    int count = (int)COUNT_OF(argv) - (word == NULL);
    assert_int_equal(mock_options_read(&world->options, count, argv, &fault), OK);
    assert_int_equal(mock_start(&world->loop, &world->options, &world->mock, &fault), OK);
}

static void world_start(struct world *world, int speed)
{
    world_start_with(world, speed, NULL);
}

static void on_stopped(void *data)
{
    (void)data;
}

static void world_stop(struct world *world)
{
    mock_stop(world->mock);
    mock_stop(world->mock);
    http_client_close(world->client);
    http_server_stop(world->receiver, 0, on_stopped, NULL);
    uv_close((uv_handle_t *)&world->patience, NULL);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    mock_destroy(world->mock);
    http_server_destroy(world->receiver);
    mock_verifier_destroy(world->verifier);
    mock_keys_destroy(world->keys);
    mock_options_finish(&world->options);
    assert_int_equal(uv_loop_close(&world->loop), 0);
}

/* --- Requests --- */

static void on_fetched(void *data, const struct http_fetch_result *result)
{
    struct answer *answer = data;
    answer->is_done = true;
    answer->outcome = result->outcome;
    answer->status = result->status;
    snprintf(answer->body, sizeof(answer->body), "%.*s", STR_ARGS(result->body));
}

/* Fills in what all requests have in common. */
static void fetch(struct world *world, uint16_t port, const char *target,
                  struct http_fetch_request *request, struct answer *answer)
{
    char url[64 + TARGET_MAX];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, target);
    request->url = url;
    request->connect_timeout_ms = PATIENCE_MS;
    request->timeout_ms = PATIENCE_MS;
    request->answer_max = BODY_MAX;
    *answer = (struct answer){0};
    http_client_fetch(world->client, request, on_fetched, answer);
}

static void run_until(struct world *world, const bool *is_done)
{
    while (!*is_done)
        uv_run(&world->loop, UV_RUN_ONCE);
}

/* Starts a signed request to the ITA's API. */
static void send_signed(struct world *world, const char *method, const char *target,
                        struct str body, const char *secret_key, struct answer *answer)
{
    char date[SDK_DATE_LEN], host[32], hash[MOCK_SIGNATURE_LEN], signature[MOCK_SIGNATURE_LEN];
    char authorization[512];
    struct buf hex, canonical;
    clock_format_sdk_date(clock_wall_ms(), date);
    snprintf(host, sizeof(host), "127.0.0.1:%u", mock_port(world->mock));
    buf_init_fixed(&hex, hash, sizeof(hash));
    sha256_hex_append(&hex, body);
    struct http_header headers[] = {
        {STR("Host"), str_of(host)},
        {STR("AppKey"), STR("fake-app-0001")},
        {STR("X-Sdk-Date"), str_from(date, sizeof(date))},
        {STR("Content-Type"), STR("application/json;charset=utf-8")},
    };
    struct mock_signed_request request = {.method = str_of(method),
                                          .target = str_of(target),
                                          .headers = headers,
                                          .header_count = COUNT_OF(headers),
                                          .signed_headers =
                                              STR("appkey;content-type;host;x-sdk-date"),
                                          .payload_hash = buf_str(&hex)};
    buf_init(&canonical, MOCK_CANONICAL_MAX);
    assert_int_equal(mock_signature_canonical(&request, &canonical), OK);
    struct hmac_key *key = hmac_key_create(str_of(secret_key));
    mock_signature_compute(key, headers[2].value, buf_str(&canonical), signature);
    hmac_key_destroy(key);
    buf_finish(&canonical);
    snprintf(authorization, sizeof(authorization),
             "SDK-HMAC-SHA256 Access=FAKEAK0001, SignedHeaders=%.*s, Signature=%.*s",
             STR_ARGS(request.signed_headers), MOCK_SIGNATURE_LEN, signature);
    headers[0] = (struct http_header){STR("Authorization"), str_of(authorization)};
    struct http_fetch_request sent = {
        .method = method, .headers = headers, .header_count = COUNT_OF(headers), .body = body};
    fetch(world, mock_port(world->mock), target, &sent, answer);
}

static void tell(struct world *world, const char *method, const char *target, struct str body,
                 struct answer *answer)
{
    send_signed(world, method, target, body, "fake-secret-0001", answer);
    run_until(world, &answer->is_done);
}

static void ask(struct world *world, const char *method, const char *target, struct answer *answer)
{
    tell(world, method, target, STR(""), answer);
}

static void start_call(struct world *world, int n, const char *tel_b, struct answer *answer)
{
    char body[512], now[SDK_DATE_LEN];
    clock_format_sdk_date(mock_clock_now_ms(world->mock->clock), now);
    snprintf(body, sizeof(body),
             "{\"appKey\":\"fake-app-0001\",\"requestId\":\"r-%d\",\"telA\":\"1380000%04d\","
             "\"telB\":\"%s\",\"telXMode\":\"0\",\"remark\":\"demo:%d%s\","
             "\"subTime\":\"%.*s\",\"extra\":{\"callRecording\":\"1\"}}",
             n, n, tel_b, n, world->remark_end == NULL ? "" : world->remark_end, SDK_DATE_LEN, now);
    send_signed(world, "POST", PLACE, str_of(body), "fake-secret-0001", answer);
}

static void place(struct world *world, int n, const char *tel_b, struct answer *answer)
{
    start_call(world, n, tel_b, answer);
    run_until(world, &answer->is_done);
}

static void control(struct world *world, const char *method, const char *target,
                    struct answer *answer)
{
    struct http_fetch_request request = {.method = method};
    fetch(world, mock_control_port(world->mock), target, &request, answer);
    run_until(world, &answer->is_done);
    assert_int_equal(answer->outcome, HTTP_ANSWERED);
}

static uint64_t counter(const struct world *world, enum mock_counter which)
{
    return mock_journal_counter(world->mock->journal, which);
}

static void run_until_acknowledged(struct world *world, uint64_t count)
{
    while (counter(world, MOCK_COUNT_PUSHES_ACKNOWLEDGED) < count)
        uv_run(&world->loop, UV_RUN_ONCE);
}

static void assert_member(const char *text, const char *path, const char *value)
{
    struct json *json;
    struct fault fault;
    if (json_parse(str_of(text), &json, &fault) != OK)
        fail_msg("no JSON: %s", text);
    struct str got = json_string(json_at(json, path));
    if (!str_is(got, str_of(value)))
        fail_msg("%s: \"%.*s\" instead of \"%s\" in %s", path, STR_ARGS(got), value, text);
    json_destroy(json);
}

static void assert_code(const struct answer *answer, enum mock_code code)
{
    assert_int_equal(answer->outcome, HTTP_ANSWERED);
    assert_int_equal(answer->status, 200);
    assert_member(answer->body, "/code", mock_code_digits(code));
    assert_member(answer->body, "/message", mock_code_text(code));
}

#endif
