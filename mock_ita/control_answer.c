#include "base/clock.h"
#include "base/mem.h"
#include "mock_ita/control.h"
#include "net/http_query.h"

/* How the control API answers, and reads its query. */

enum { ERROR_MAX = 8 * 1024 }; /* a fault, each byte escaped to six */

/* header: one more; without a name: none. */
static void send_with(struct control_request *request, int status, struct str body,
                      struct http_header header)
{
    /* A browser must take nothing of this for a script or a page. */
    const struct http_header headers[] = {{STR("X-Content-Type-Options"), STR("nosniff")},
                                          {STR("Cache-Control"), STR("no-store")},
                                          header};
    struct http_response response = {
        .status = status,
        .content_type = body.len > 0 ? CONTROL_JSON_TYPE : NULL,
        .headers = headers,
        .header_count = COUNT_OF(headers) - (header.name.len == 0),
        .body = body,
    };
    http_exchange_answer(request->exchange, &response);
}

void control_send(struct control_request *request, int status, struct str body)
{
    send_with(request, status, body, (struct http_header){0});
}

void control_answer(struct control_request *request, int status, const struct buf *body)
{
    if (buf_is_over(body))
        control_refuse(request, 500, "the answer has become too long");
    else
        control_send(request, status, buf_str(body));
}

void control_answer_nothing(struct control_request *request)
{
    control_send(request, 204, STR(""));
}

static void write_error(struct buf *body, struct str text)
{
    struct json_writer w;
    json_write_init(&w, body);
    json_write_object(&w, NULL);
    json_write_str(&w, "error", text);
    json_write_object_end(&w);
}

static void refuse(struct control_request *request, int status, struct str text, struct str allow)
{
    char storage[ERROR_MAX];
    struct buf body;
    buf_init_fixed(&body, storage, sizeof(storage));
    write_error(&body, text);
    send_with(request, status, buf_str(&body),
              (struct http_header){allow.len > 0 ? STR("Allow") : STR(""), allow});
}

void control_refuse(struct control_request *request, int status, const char *format, ...)
{
    char storage[sizeof(((struct fault *)NULL)->text)];
    struct buf text;
    va_list args;
    buf_init_fixed(&text, storage, sizeof(storage));
    va_start(args, format);
    buf_format_v(&text, format, args);
    va_end(args);
    refuse(request, status, buf_str(&text), STR(""));
}

void control_refuse_method(struct control_request *request, struct str allow)
{
    refuse(request, 405, STR("the path does not take this method"), allow);
}

void control_refuse_fault(struct control_request *request, enum status status,
                          const struct fault *fault)
{
    int http_status = 400;
    if (status == ERR_NOT_FOUND)
        http_status = 404;
    else if (status == ERR_EXISTS || status == ERR_EXHAUSTED)
        http_status = 409;
    else if (status_class(status) == STATUS_CLASS_OURS)
        http_status = 500;
    refuse(request, http_status, str_of(fault->text), STR(""));
}

void control_write_error(int status, const char *reason, struct buf *body)
{
    (void)status;
    write_error(body, str_of(reason));
}

/* --- The query --- */

enum status control_query(struct control_request *request, const char *name, struct str *out,
                          struct fault *fault)
{
    struct buf *storage = &request->storage;
    size_t start = storage->len;
    *out = (struct str){0};
    enum status status =
        http_query_find(http_exchange_request(request->exchange)->query, name, storage, fault);
    if (status == OK)
        *out = str_from(storage->ptr + start, storage->len - start);
    return status == ERR_NOT_FOUND ? OK : status;
}

enum status control_query_u64(struct control_request *request, const char *name, uint64_t *out,
                              struct fault *fault)
{
    struct str text;
    enum status status = control_query(request, name, &text, fault);
    if (status != OK || text.ptr == NULL)
        return status;
    if (str_parse_u64(text, out) != OK)
        return fault_set(fault, ERR_INVALID, "%s: must be a whole number", name);
    return OK;
}

/* --- What several answers hold --- */

void control_write_time(struct json_writer *w, const char *name, int64_t wall_ms)
{
    char storage[32];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    clock_append_rfc3339(&text, wall_ms);
    json_write_str(w, name, buf_str(&text));
}
