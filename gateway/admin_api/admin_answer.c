/* The answer of a request, as its handler writes it. */

#include "base/clock.h"
#include "base/log.h"
#include "gateway/admin_api/admin_route.h"

const char ADMIN_PROBLEM_TYPE[] = "application/problem+json";
static const char JSON_TYPE[] = "application/json";

enum { SENTENCE_MAX = 512, ERROR_ROOM = 1024 };

static void begin(struct admin_request *request, int status, const char *content_type)
{
    request->status = status;
    request->content_type = content_type;
    request->header_count = 0;
    buf_clear(&request->header_text);
    buf_clear(&request->out);
    json_write_init(&request->json, &request->out);
}

struct json_writer *admin_answer(struct admin_request *request, int status)
{
    begin(request, status, JSON_TYPE);
    return &request->json;
}

struct json_writer *admin_list_begin(struct admin_request *request)
{
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    json_write_array(w, "items");
    return w;
}

void admin_list_end(struct json_writer *w, const char *next)
{
    json_write_array_end(w);
    json_write_text(w, "next", next);
    json_write_object_end(w);
}

void admin_list_end_id(struct json_writer *w, int64_t next)
{
    char digits[24];
    struct buf text;
    buf_init_fixed(&text, digits, sizeof(digits));
    buf_append_i64(&text, next);
    admin_list_end(w, next == 0 ? NULL : buf_text(&text));
}

void admin_answer_bytes(struct admin_request *request, int status, const char *content_type,
                        struct str bytes)
{
    begin(request, status, content_type);
    buf_append(&request->out, bytes);
}

void admin_answer_empty(struct admin_request *request, int status)
{
    begin(request, status, NULL);
}

void admin_answer_header(struct admin_request *request, struct str name, const char *format, ...)
{
    struct buf *text = &request->header_text;
    size_t start = text->len;
    va_list args;
    if (request->header_count == ADMIN_HEADERS_MAX)
        return;
    va_start(args, format);
    buf_format_v(text, format, args);
    va_end(args);
    request->headers[request->header_count++] =
        (struct http_header){name, str_slice(buf_str(text), start, text->len - start)};
}

enum { DAY_LEN = 10, TIME_LEN = 24 };

/* The first so many characters of the time's text. */
static void write_time(struct json_writer *w, const char *name, int64_t wall_ms, size_t len)
{
    char storage[TIME_LEN];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    clock_append_rfc3339(&text, wall_ms);
    if (wall_ms == 0)
        json_write_null(w, name);
    else
        json_write_str(w, name, str_slice(buf_str(&text), 0, len));
}

void admin_write_time(struct json_writer *w, const char *name, int64_t wall_ms)
{
    write_time(w, name, wall_ms, TIME_LEN);
}

void admin_write_day(struct json_writer *w, const char *name, int64_t wall_ms)
{
    write_time(w, name, wall_ms, DAY_LEN);
}

void admin_write_str(struct json_writer *w, const char *name, struct str text)
{
    if (text.len == 0)
        json_write_null(w, name);
    else
        json_write_str(w, name, text);
}

void admin_write_words(struct json_writer *w, const char *name, const char *en, const char *zh)
{
    if (en == NULL) {
        json_write_null(w, name);
        return;
    }
    json_write_object(w, name);
    json_write_text(w, "en", en);
    json_write_text(w, "zh", zh);
    json_write_object_end(w);
}

void admin_answer_version(struct admin_request *request, int64_t version)
{
    admin_answer_header(request, STR("ETag"), "\"v%lld\"", (long long)version);
}

/* --- Problems --- */

static void write_problem(struct json_writer *w, int status, const char *detail, struct str errors)
{
    json_write_object(w, NULL);
    json_write_text(w, "type", "about:blank");
    json_write_text(w, "title", http_status_text(status));
    json_write_i64(w, "status", status);
    json_write_text(w, "detail", detail);
    if (errors.len > 0) {
        json_write_array(w, "errors");
        json_write_raw(w, NULL, errors);
        json_write_array_end(w);
    }
    json_write_object_end(w);
}

void admin_write_problem(int status, const char *detail, struct buf *body)
{
    struct json_writer w;
    json_write_init(&w, body);
    write_problem(&w, status, detail, STR(""));
}

void admin_refuse(struct admin_request *request, int status, const char *format, ...)
{
    char storage[SENTENCE_MAX];
    struct buf sentence;
    va_list args;
    buf_init_fixed(&sentence, storage, sizeof(storage) - 1);
    va_start(args, format);
    buf_format_v(&sentence, format, args);
    va_end(args);
    storage[sentence.len] = '\0';
    begin(request, status, ADMIN_PROBLEM_TYPE);
    write_problem(&request->json, status, storage, STR(""));
    if (status == 401)
        admin_answer_header(request, STR("WWW-Authenticate"), "Bearer");
    if (status == 503)
        admin_answer_header(request, STR("Retry-After"), "1");
}

/* Of class CALLER. */
static int http_status_of(enum status status)
{
    if (status == ERR_NOT_FOUND)
        return 404;
    if (status == ERR_EXISTS)
        return 409;
    if (status == ERR_STALE)
        return 412;
    return status == ERR_DENIED ? 403 : 422;
}

void admin_refuse_status(struct admin_request *request, enum status status,
                         const struct fault *fault)
{
    switch (status_class(status)) {
    case STATUS_CLASS_CALLER:
        admin_refuse(request, http_status_of(status), "%s", fault->text);
        break;
    case STATUS_CLASS_TEMPORARY:
        admin_refuse(request, 503, "busy, try again");
        break;
    case STATUS_CLASS_OURS:
    case STATUS_CLASS_NONE:
        LOG(LOG_ERROR, "admin request failed", L_TEXT("route", request->route->path),
            L_STATUS(status), L_TEXT("fault", fault->text));
        /* A disk that is full is no fault of the program, and passes. */
        if (status == ERR_IO)
            admin_refuse(request, 503, "this gateway can't use its disk; its log tells more");
        else
            admin_refuse(request, 500, "this gateway has a fault; its log tells more");
        break;
    }
}

bool admin_fields_end(struct admin_request *request, struct fields *fields)
{
    if (fields_end(fields))
        return true;
    begin(request, 422, ADMIN_PROBLEM_TYPE);
    write_problem(&request->json, 422, "some fields break a rule", buf_str(&request->errors.json));
    return false;
}
