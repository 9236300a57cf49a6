#include "gateway/admin_api/admin_request.h"

#include <assert.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_access.h"
#include "gateway/admin_api/admin_parts.h"
#include "net/http_query.h"
#include "net/http_route.h"

enum { QUERY_NAMES_MAX = 16 };

/* --- What was asked --- */

/* The next `{name}` of a route's path. */
static bool next_parameter(struct str *path, struct str *name)
{
    struct str segment;
    while (str_next(path, '/', &segment)) {
        if (!str_starts(segment, STR("{")))
            continue;
        *name = str_slice(segment, 1, segment.len - 2);
        return true;
    }
    return false;
}

const char *admin_param(const struct admin_request *request, const char *name)
{
    struct str path = str_of(request->route->path), parameter;
    for (int at = 0; next_parameter(&path, &parameter); at++)
        if (str_is(parameter, str_of(name)))
            return request->params[at];
    assert(false && "the route has such a parameter");
    return "";
}

struct str admin_header(const struct admin_request *request, struct str name)
{
    const struct http_request *http = request->http;
    if (http_headers_count(http->headers, http->header_count, name) != 1)
        return (struct str){NULL, 0};
    return http_headers_find(http->headers, http->header_count, name);
}

void admin_fields(struct admin_request *request, struct fields *fields)
{
    fields_init(fields, request->body, "", &request->errors);
}

/* One entity tag; of a list, which nobody sends here, none matches. */
static int64_t parse_version(struct str tag)
{
    int64_t version;
    if (str_is(tag, STR("*")))
        return 0;
    if (!str_starts(tag, STR("\"v")) || !str_ends(tag, STR("\"")) || tag.len < 4)
        return -1;
    return str_parse_i64(str_slice(tag, 2, tag.len - 3), &version) == OK && version > 0 ? version
                                                                                        : -1;
}

bool admin_if_match(struct admin_request *request, int64_t *version)
{
    struct str tag = admin_header(request, STR("If-Match"));
    if (tag.ptr == NULL) {
        admin_refuse(request, 428, "If-Match: must name the ETag of what is to be replaced");
        return false;
    }
    *version = parse_version(tag);
    return true;
}

bool admin_query(struct admin_request *request, const char *name, char *storage, size_t size,
                 const char **out)
{
    struct buf value;
    struct fault fault;
    buf_init_fixed(&value, storage, size - 1);
    enum status status = http_query_find(request->http->query, name, &value, &fault);
    storage[value.len] = '\0';
    *out = status == OK ? storage : NULL;
    if (status == OK || status == ERR_NOT_FOUND)
        return true;
    admin_refuse(request, 400, "%s", fault.text);
    return false;
}

static enum status read_limit(struct str query, int64_t *out, struct fault *fault)
{
    char storage[24];
    struct buf value;
    buf_init_fixed(&value, storage, sizeof(storage));
    *out = ADMIN_PAGE_USUAL;
    enum status status = http_query_find(query, "limit", &value, fault);
    if (status == OK)
        status = str_parse_i64(buf_str(&value), out);
    if (status == ERR_NOT_FOUND)
        return OK;
    if (status == OK && *out >= 1 && *out <= ADMIN_PAGE_MAX)
        return OK;
    return fault_set(fault, ERR_INVALID, "limit: must be a number from 1 to %d", ADMIN_PAGE_MAX);
}

static enum status read_cursor(struct str query, char out[static ADMIN_PARAM_SIZE],
                               struct fault *fault)
{
    struct buf value;
    buf_init_fixed(&value, out, ADMIN_PARAM_SIZE - 1);
    enum status status = http_query_find(query, "cursor", &value, fault);
    out[value.len] = '\0';
    if (status == OK || status == ERR_NOT_FOUND)
        return OK;
    return fault_set(fault, ERR_INVALID, "cursor: must be what the last page gave as next");
}

bool admin_page_read(struct admin_request *request, const char *const *more, size_t more_count,
                     struct admin_page *out)
{
    const char *names[QUERY_NAMES_MAX] = {"limit", "cursor"};
    struct str query = request->http->query;
    struct fault fault = {""};
    enum status status;
    assert(more_count <= QUERY_NAMES_MAX - 2);
    for (size_t i = 0; i < more_count; i++)
        names[i + 2] = more[i];
    TRY(http_query_check(query, names, more_count + 2, &fault));
    TRY(read_limit(query, &out->limit, &fault));
    TRY(read_cursor(query, out->cursor, &fault));
out:
    if (status != OK)
        admin_refuse(request, 400, "%s", fault.text);
    return status == OK;
}

bool admin_page_id(struct admin_request *request, const struct admin_page *page, int64_t *id)
{
    *id = 0;
    if (page->cursor[0] == '\0' || (str_parse_i64(str_of(page->cursor), id) == OK && *id > 0))
        return true;
    admin_refuse(request, 400, "cursor: must be what the last page gave as next");
    return false;
}

/* --- The way of a request: begin, run, finish --- */

static struct admin_request *create(struct admin_api *api, struct http_exchange *exchange)
{
    struct admin_request *request = NEW(struct admin_request);
    request->api = api;
    request->exchange = exchange;
    request->http = http_exchange_request(exchange);
    request->route = &admin_routes[http_exchange_route(exchange) - api->http_routes];
    buf_init(&request->out, ADMIN_ANSWER_MAX);
    buf_init_fixed(&request->header_text, request->header_storage, sizeof(request->header_storage));
    field_errors_init(&request->errors);
    return request;
}

static void destroy(struct admin_request *request)
{
    if (request->kept != NULL)
        request->free_kept(request->kept);
    json_destroy(request->body);
    buf_wipe(&request->out);
    field_errors_finish(&request->errors);
    mem_wipe(request->header_storage, sizeof(request->header_storage));
    mem_free(request);
}

static bool is_text(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7F)
            return false;
    return text.len > 0 && str_is_utf8(text);
}

static bool decode_param(struct str sent, char out[static ADMIN_PARAM_SIZE])
{
    struct buf decoded;
    buf_init_fixed(&decoded, out, ADMIN_PARAM_SIZE - 1);
    return percent_decode(sent, &decoded) == OK && !buf_is_over(&decoded) &&
           is_text(buf_str(&decoded));
}

/* What is no text is no name either: there is no such thing. */
static bool read_params(struct admin_request *request)
{
    const struct http_route *route = http_exchange_route(request->exchange);
    struct str path = str_of(route->path), name;
    for (int at = 0; next_parameter(&path, &name); at++) {
        assert(at < ADMIN_PARAMS_MAX);
        if (!decode_param(http_route_parameter(route, request->http->path, name),
                          request->params[at])) {
            admin_refuse(request, 404, "there is no such thing");
            return false;
        }
    }
    return true;
}

/* Said, and without parameters other than of JSON's own: a form on another site can't say it. */
static bool is_json_content(const struct admin_request *request)
{
    struct str type = admin_header(request, STR("Content-Type"));
    return str_is_nocase(str_trim(str_slice(type, 0, str_find(type, ';'))),
                         STR("application/json"));
}

/* On the loop: the JSON library is not for two threads at a time. */
static bool read_body(struct admin_request *request)
{
    struct fault fault;
    if (request->http->body.len == 0 || request->route->takes_bytes)
        return true;
    if (!is_json_content(request)) {
        admin_refuse(request, 415, "Content-Type: must be application/json");
    } else if (json_parse(request->http->body, &request->body, &fault) != OK) {
        request->body = NULL;
        admin_refuse(request, 400, "%s", fault.text);
    } else if (!json_is_object(request->body)) {
        admin_refuse(request, 400, "JSON: must be an object");
    } else {
        return true;
    }
    return false;
}

static void run(struct admin_task *task, struct store_admin *store)
{
    struct admin_request *request = CONTAINER_OF(task, struct admin_request, task);
    request->store = store;
    /* Metrics are asked for when something is broken, too. */
    if (store == NULL && !admin_access_is_scraper(request)) {
        admin_refuse(request, 503, "the database can't be opened, try again");
        return;
    }
    if (!admin_access_check(request))
        return;
    if (store != NULL)
        store_admin_set_who(store, request->who.who);
    if (request->route->handle != NULL)
        request->route->handle(request);
}

static void go_on(struct admin_request *request)
{
    if (request->status == 0 && request->route->on_loop != NULL)
        request->route->on_loop(request);
    else
        admin_request_finish(request);
}

static void on_done(struct admin_task *task)
{
    struct admin_request *request = CONTAINER_OF(task, struct admin_request, task);
    request->store = NULL;
    go_on(request);
}

static void queue(struct admin_request *request)
{
    enum status status =
        admin_lane_queue(request->api->lanes[request->route->lane], &request->task);
    if (status == OK)
        return;
    admin_refuse(request, 503, "%s",
                 status == ERR_EXHAUSTED
                     ? "too many of your own requests wait, ask for less at a time"
                     : "too many requests wait, try again");
    admin_request_finish(request);
}

void admin_request_begin(void *data, struct http_exchange *exchange)
{
    struct admin_api *api = data;
    struct admin_request *request = create(api, exchange);
    const struct admin_route *route = request->route;
    request->task =
        (struct admin_task){.run = run, .on_done = on_done, .owner = admin_access_owner(request)};
    if (!read_params(request) || !read_body(request)) {
        admin_request_finish(request);
    } else if (route->admission == ADMIT_ANYONE && route->handle == NULL) {
        go_on(request);
    } else {
        queue(request);
    }
}

/* What one does with one's own session concerns no call. */
static bool is_change(const struct admin_request *request)
{
    return request->route->admission >= ADMIT_SIGNED_IN && request->status >= 200 &&
           request->status <= 299 && !str_is(request->http->method, STR("GET")) &&
           !str_is(request->http->method, STR("HEAD"));
}

static void add_safety_headers(struct admin_request *request)
{
    admin_answer_header(request, STR("Cache-Control"), "no-store");
    admin_answer_header(request, STR("X-Content-Type-Options"), "nosniff");
}

void admin_request_finish(struct admin_request *request)
{
    struct admin_api *api = request->api;
    if (request->status == 0 || buf_is_over(&request->out) || buf_is_over(&request->header_text)) {
        LOG(LOG_ERROR, "admin request not answered", L_TEXT("route", request->route->path));
        admin_refuse(request, 500, "this gateway has a fault; its log tells more");
    }
    add_safety_headers(request);
    if (is_change(request) && api->options.on_changed != NULL)
        api->options.on_changed(api->options.data);
    http_exchange_answer(request->exchange, &(struct http_response){
                                                .status = request->status,
                                                .content_type = request->content_type,
                                                .headers = request->headers,
                                                .header_count = request->header_count,
                                                .body = buf_str(&request->out),
                                            });
    destroy(request);
}

struct http_stream *admin_request_stream(struct admin_request *request,
                                         const struct http_stream_options *options)
{
    add_safety_headers(request);
    struct http_stream *stream =
        http_exchange_stream(request->exchange,
                             &(struct http_response){.status = request->status,
                                                     .content_type = request->content_type,
                                                     .headers = request->headers,
                                                     .header_count = request->header_count},
                             options);
    destroy(request);
    return stream;
}
