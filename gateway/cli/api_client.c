#include "gateway/cli/api_client.h"

#include <stdio.h>
#include <uv.h>

#include "base/file.h"
#include "base/mem.h"
#include "net/http_client.h"
#include "net/tls.h"

enum {
    CONNECT_TIMEOUT_MS = 5000,
    TIMEOUT_MS =
        60000, /* createCall answers when the ITA has: longer than its longest timeout in use */
    ANSWER_MAX = 4 * 1024 * 1024,
    CA_FILE_MAX = 1024 * 1024,
    TOKEN_HEADER_MAX = 1024,
    URL_MAX = 4096,
    /* Three of the comments that an idle stream brings (gateway/admin_api/admin_streams.h). */
    STREAM_SILENCE_MS = 45000,
    CONNECTIONS_MAX = 32, /* as many streams as one administrator may have, and requests */
};

struct api_client {
    uv_loop_t loop;
    uv_timer_t timer;
    struct http_client *http;
    struct tls_trust *trust;
    char *url;
    char authorization[TOKEN_HEADER_MAX];
    bool is_closing;
    int64_t timeout_ms;
};

/* One answer, waited for. */
struct answer {
    bool is_done;
    enum status status;
    struct json *json;
    struct buf *text; /* the answer is no JSON and is appended here; or NULL */
    struct fault *fault;
};

struct api_client *api_client_create(const char *url, struct tls_trust *trust)
{
    struct http_client_options options;
    struct api_client *client = NEW(struct api_client);
    uv_loop_init(&client->loop);
    uv_timer_init(&client->loop, &client->timer);
    http_client_options_init(&options);
    options.connections_max = CONNECTIONS_MAX;
    client->http = http_client_create(&client->loop, &options);
    client->trust = trust == NULL ? NULL : tls_trust_hold(trust);
    client->url = str_copy(str_of(url));
    client->timeout_ms = TIMEOUT_MS;
    return client;
}

enum status api_client_open(const char *url, const char *ca_file, struct api_client **out,
                            struct fault *fault)
{
    struct tls_trust *trust = NULL;
    if (ca_file != NULL) {
        struct buf pem;
        buf_init(&pem, CA_FILE_MAX);
        enum status status = file_read(ca_file, &pem, fault);
        if (status == OK)
            status = tls_trust_create(buf_str(&pem), &trust, fault);
        buf_finish(&pem);
        if (status != OK)
            return status;
    }
    *out = api_client_create(url, trust);
    tls_trust_release(trust);
    return OK;
}

void api_client_close(struct api_client *client)
{
    if (client == NULL)
        return;
    client->is_closing = true;
    http_client_close(client->http);
    uv_close((uv_handle_t *)&client->timer, NULL);
    uv_run(&client->loop, UV_RUN_DEFAULT);
    uv_loop_close(&client->loop);
    tls_trust_release(client->trust);
    mem_wipe(client->authorization, sizeof(client->authorization));
    mem_free(client->url);
    mem_free(client);
}

static void on_fetched(void *data, const struct http_fetch_result *result)
{
    struct answer *answer = data;
    struct fault fault = {{0}};
    answer->is_done = true;
    if (result->outcome != HTTP_ANSWERED) {
        answer->status = fault_set(answer->fault, ERR_IO, "no answer: %s", result->why);
        return;
    }
    if (answer->text != NULL && result->status == 200) {
        buf_append(answer->text, result->body);
        return;
    }
    answer->status = json_parse(result->body, &answer->json, &fault);
    if (answer->status != OK) {
        fault_set(answer->fault, ERR_IO, "HTTP %d with a body that is no JSON", result->status);
    } else if (result->status != 200) {
        struct str why = json_string(json_get(answer->json, "exceptionInfo"));
        if (why.len == 0) /* of the admin API */
            why = json_string(json_get(answer->json, "detail"));
        answer->status =
            fault_set(answer->fault, result->status == 404 ? ERR_NOT_FOUND : ERR_DENIED,
                      "HTTP %d: %.*s", result->status, STR_ARGS(why));
    } else if (!json_is_object(answer->json)) {
        answer->status = fault_set(answer->fault, ERR_IO, "the answer is no JSON object");
    }
    if (answer->status != OK) {
        json_destroy(answer->json);
        answer->json = NULL;
    }
}

static void fetch(struct api_client *client, const char *method, const char *path, struct str body,
                  const struct http_fetch_pieces *pieces, http_on_fetched *on_done, void *data)
{
    struct http_header headers[2];
    size_t count = 0;
    if (body.len > 0)
        headers[count++] = (struct http_header){STR("Content-Type"), STR("application/json")};
    if (client->authorization[0] != '\0')
        headers[count++] =
            (struct http_header){STR("Authorization"), str_of(client->authorization)};
    struct buf url;
    buf_init(&url, URL_MAX);
    buf_append(&url, str_of(client->url));
    buf_append(&url, str_of(path));
    struct http_fetch_request request = {
        .method = method,
        .url = buf_text(&url),
        .headers = headers,
        .header_count = count,
        .body = body,
        .trust = client->trust,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = client->timeout_ms,
        .answer_max = pieces == NULL ? ANSWER_MAX : SIZE_MAX,
        .pieces = pieces,
    };
    http_client_fetch(client->http, &request, on_done, data);
    buf_finish(&url);
}

static enum status ask(struct api_client *client, const char *method, const char *path,
                       struct str body, struct answer *answer)
{
    fetch(client, method, path, body, NULL, on_fetched, answer);
    while (!answer->is_done)
        uv_run(&client->loop, UV_RUN_ONCE);
    return answer->status;
}

static enum status ask_json(struct api_client *client, const char *method, const char *path,
                            struct str body, struct json **out, struct fault *fault)
{
    struct answer answer = {.fault = fault};
    enum status status = ask(client, method, path, body, &answer);
    if (status == OK)
        *out = answer.json;
    return status;
}

enum status api_client_get_text(struct api_client *client, const char *path, struct buf *out,
                                struct fault *fault)
{
    struct answer answer = {.fault = fault, .text = out};
    return ask(client, "GET", path, STR(""), &answer);
}

enum status api_client_post(struct api_client *client, const char *path, struct str body,
                            struct json **out, struct fault *fault)
{
    return ask_json(client, "POST", path, body, out, fault);
}

enum status api_client_put(struct api_client *client, const char *path, struct str body,
                           struct json **out, struct fault *fault)
{
    return ask_json(client, "PUT", path, body, out, fault);
}

enum status api_client_get(struct api_client *client, const char *path, struct json **out,
                           struct fault *fault)
{
    return ask_json(client, "GET", path, STR(""), out, fault);
}

void api_client_set_bearer(struct api_client *client, const char *token)
{
    struct buf header;
    buf_init_fixed(&header, client->authorization, sizeof(client->authorization) - 1);
    buf_format(&header, "Bearer %s", token);
    client->authorization[header.len] = '\0';
}

enum status api_client_sign_in(struct api_client *client, const char *app_key,
                               const char *app_secret, struct fault *fault)
{
    struct buf body, header;
    struct json_writer w;
    struct json *answer = NULL;
    buf_init(&body, 4096);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_text(&w, "app_key", app_key);
    json_write_text(&w, "app_secret", app_secret);
    json_write_object_end(&w);
    client->authorization[0] = '\0';
    enum status status = api_client_post(client, "/apigovernance/api/oauth/tokenByAkSk",
                                         buf_str(&body), &answer, fault);
    buf_wipe(&body);
    if (status != OK)
        return status;
    buf_init_fixed(&header, client->authorization, sizeof(client->authorization));
    buf_append(&header, STR("Bearer "));
    buf_append(&header, json_string(json_get(answer, "AccessToken")));
    if (buf_text(&header) == NULL)
        status = fault_set(fault, ERR_TOO_BIG, "the access token is too long");
    json_destroy(answer);
    return status;
}

static void on_timer(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

void api_client_wait(struct api_client *client, int64_t ms)
{
    uv_timer_start(&client->timer, on_timer, (uint64_t)ms, 0);
    uv_run(&client->loop, UV_RUN_DEFAULT);
}

void api_client_set_timeout(struct api_client *client, int64_t ms)
{
    client->timeout_ms = ms;
}

void api_client_stop_waiting(struct api_client *client)
{
    uv_stop(&client->loop);
}

/* --- Streams --- */

static void on_stream_head(void *data, const struct http_fetch_result *head)
{
    struct api_stream *stream = data;
    stream->is_refused = head->status != 200;
}

static void on_stream_piece(void *data, struct str bytes)
{
    struct api_stream *stream = data;
    if (!stream->is_refused)
        stream->on_piece(stream->data, bytes);
}

static void on_stream_end(void *data, const struct http_fetch_result *result)
{
    struct api_stream *stream = data;
    char why[HTTP_WHY_MAX];
    if (stream->client->is_closing)
        return;
    if (stream->is_refused)
        (void)snprintf(why, sizeof(why), "HTTP %d", result->status);
    else
        (void)snprintf(why, sizeof(why), "%s",
                       result->outcome == HTTP_ANSWERED ? "the gateway ended it" : result->why);
    stream->on_end(stream->data, why);
}

void api_client_stream(struct api_client *client, const char *path, struct api_stream *stream)
{
    const struct http_fetch_pieces pieces = {on_stream_head, on_stream_piece, STREAM_SILENCE_MS};
    stream->client = client;
    stream->is_refused = false;
    fetch(client, "GET", path, STR(""), &pieces, on_stream_end, stream);
}
