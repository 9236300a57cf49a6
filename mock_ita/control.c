#include "mock_ita/control.h"

#include "base/encoding.h"
#include "base/mem.h"
#include "net/http_query.h"

enum {
    ALLOW_MAX = 64, /* "GET, PUT, PATCH, POST, DELETE" */
    QUERY_NAMES_MAX = MOCK_ENTRY_TEXTS + 4,
};

#define JOURNAL_QUERY                                                                              \
    "method path peer action check accessKey requestId telA telB telX callID callSerialNo rule "   \
    "code fault reason status since limit"

static const struct control_route routes[] = {
    {"GET", "/health", CONTROL_NO_BODY, NULL, control_get_health},
    {"GET", "/openapi.json", CONTROL_NO_BODY, NULL, control_get_openapi},
    {"GET", "/counters", CONTROL_NO_BODY, NULL, control_get_counters},
    {"POST", "/reset", CONTROL_NO_BODY, NULL, control_reset},
    {"GET", "/scenario", CONTROL_NO_BODY, NULL, control_get_scenario},
    {"PUT", "/scenario", CONTROL_BODY_TEXT, NULL, control_put_scenario},
    {"DELETE", "/scenario", CONTROL_NO_BODY, NULL, control_delete_scenario},
    {"POST", "/scenario/restart", CONTROL_NO_BODY, NULL, control_restart_scenario},
    {"GET", "/requests", CONTROL_NO_BODY, JOURNAL_QUERY, control_get_requests},
    {"DELETE", "/requests", CONTROL_NO_BODY, NULL, control_delete_requests},
    {"POST", "/requests/verify", CONTROL_BODY_JSON, NULL, control_verify_requests},
    {"GET", "/requests/{number}", CONTROL_NO_BODY, NULL, control_get_request},
    {"GET", "/events", CONTROL_NO_BODY, NULL, control_get_events},
    {"GET", "/calls", CONTROL_NO_BODY, "first limit state telA telB telX requestId",
     control_get_calls},
    {"GET", "/calls/{callID}", CONTROL_NO_BODY, NULL, control_get_call},
    {"POST", "/calls/{callID}/legs/{leg}/answer", CONTROL_NO_BODY, NULL, control_answer_leg},
    {"POST", "/calls/{callID}/legs/{leg}/hang-up", CONTROL_BODY_OPTIONAL, NULL,
     control_hang_up_leg},
    {"POST", "/calls/{callID}/release", CONTROL_NO_BODY, NULL, control_release_call},
    {"POST", "/calls/{callID}/cdr", CONTROL_BODY_OPTIONAL, NULL, control_push_cdr},
    {"POST", "/calls/{callID}/callbacks/{kind}", CONTROL_BODY_OPTIONAL, NULL,
     control_push_callback},
    {"GET", "/bindings", CONTROL_NO_BODY, "first limit state", control_get_bindings},
    {"GET", "/bindings/{subId}", CONTROL_NO_BODY, NULL, control_get_binding},
    {"POST", "/bindings/{subId}/dial", CONTROL_BODY_JSON, NULL, control_dial_binding},
    {"GET", "/clock", CONTROL_NO_BODY, NULL, control_get_clock},
    {"PATCH", "/clock", CONTROL_BODY_JSON, NULL, control_change_clock},
    {"GET", "/policy", CONTROL_NO_BODY, NULL, control_get_policy},
    {"PUT", "/policy", CONTROL_BODY_JSON, NULL, control_put_policy},
    {"GET", "/x-numbers", CONTROL_NO_BODY, NULL, control_get_x_numbers},
    {"POST", "/x-numbers", CONTROL_BODY_JSON, NULL, control_add_x_number},
    {"PATCH", "/x-numbers/{number}", CONTROL_BODY_JSON, NULL, control_change_x_number},
    {"DELETE", "/x-numbers/{number}", CONTROL_NO_BODY, NULL, control_delete_x_number},
    {"PATCH", "/aicc/app-key", CONTROL_BODY_JSON, NULL, control_change_app_key},
    {"DELETE", "/aicc/tokens", CONTROL_NO_BODY, NULL, control_delete_tokens},
    {"GET", "/keys", CONTROL_NO_BODY, NULL, control_get_keys},
    {"POST", "/keys", CONTROL_BODY_JSON, NULL, control_add_key},
    {"PATCH", "/keys/{accessKey}", CONTROL_BODY_JSON, NULL, control_change_key},
    {"DELETE", "/keys/{accessKey}", CONTROL_NO_BODY, NULL, control_delete_key},
};

const struct control_route *control_routes(size_t *count)
{
    *count = COUNT_OF(routes);
    return routes;
}

/* --- The query --- */

static enum status check_query(const struct control_route *route, struct str query,
                               struct fault *fault)
{
    char text[sizeof(JOURNAL_QUERY)];
    const char *names[QUERY_NAMES_MAX];
    size_t count = 0;
    if (route->query != NULL) {
        memcpy(text, route->query, strlen(route->query) + 1);
        char *rest = text;
        for (char *name; (name = strsep(&rest, " ")) != NULL;)
            names[count++] = name;
    }
    return http_query_check(query, names, count, fault);
}

/* --- Who may ask --- */

/* "127.1.2.3", "[::1]" or "localhost", with a port or without. A page of another site that makes
 * its own name mean 127.0.0.1 still sends that name. */
static bool is_loopback(struct str host)
{
    struct str rest = host, name = {0};
    if (str_starts(host, STR("[::1]")))
        return host.len == 5 || host.ptr[5] == ':';
    (void)str_next(&rest, ':', &name);
    if (str_is_nocase(name, STR("localhost")))
        return true;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] != '.' && (name.ptr[i] < '0' || name.ptr[i] > '9'))
            return false;
    return str_starts(name, STR("127."));
}

/* A browser says in Origin which page asks; only our own may. */
static bool is_own_page(struct str origin, struct str host)
{
    return str_starts(origin, STR("http://")) &&
           str_is_nocase(str_slice(origin, STR("http://").len, origin.len), host);
}

static bool may_ask(const struct http_request *request)
{
    struct str host = http_headers_find(request->headers, request->header_count, STR("host"));
    struct str origin = http_headers_find(request->headers, request->header_count, STR("origin"));
    return is_loopback(host) && (origin.ptr == NULL || is_own_page(origin, host));
}

/* --- Routing --- */

static bool is_param(struct str segment)
{
    return str_starts(segment, STR("{"));
}

/* Segment by segment; params receives what stands in place of {...}, encoded. */
static bool path_fits(struct str pattern, struct str path, struct str *params)
{
    struct str wanted, got;
    while (str_next(&pattern, '/', &wanted)) {
        if (!str_next(&path, '/', &got))
            return false;
        if (is_param(wanted) && got.len > 0)
            *params++ = got;
        else if (!str_is(wanted, got))
            return false;
    }
    return path.ptr == NULL;
}

static bool method_fits(const char *method, struct str asked)
{
    return str_is(asked, str_of(method)) ||
           (strcmp(method, "GET") == 0 && str_is(asked, STR("HEAD")));
}

/* NULL: allow lists the methods that there are; none when there is no such path. */
static const struct control_route *find_route(const struct http_request *asked, struct str *params,
                                              struct buf *allow)
{
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (!path_fits(str_of(routes[i].path), asked->path, params))
            continue;
        if (method_fits(routes[i].method, asked->method))
            return &routes[i];
        buf_format(allow, "%s%s", allow->len > 0 ? ", " : "", routes[i].method);
    }
    return NULL;
}

static enum status decode_params(struct control_request *request, struct fault *fault)
{
    for (size_t i = 0; i < CONTROL_PARAMS_MAX; i++) {
        size_t start = request->storage.len;
        if (request->params[i].len == 0)
            continue;
        if (percent_decode(request->params[i], &request->storage) != OK)
            return fault_set(fault, ERR_SYNTAX, "the path is not well encoded");
        request->params[i] = str_from(request->storage.ptr + start, request->storage.len - start);
    }
    return OK;
}

/* --- Bodies --- */

static enum status parse_body(const struct control_route *route, const struct http_request *asked,
                              struct json **out, struct fault *fault)
{
    struct str type = http_headers_find(asked->headers, asked->header_count, STR("content-type"));
    if (route->body == CONTROL_NO_BODY && asked->body.len > 0)
        return fault_set(fault, ERR_INVALID, "this takes no body");
    if (route->body == CONTROL_NO_BODY ||
        (route->body == CONTROL_BODY_OPTIONAL && asked->body.len == 0))
        return OK;
    if (!str_starts(type, STR(CONTROL_JSON_TYPE)))
        return fault_set(fault, ERR_INVALID, "Content-Type: must be " CONTROL_JSON_TYPE);
    if (route->body == CONTROL_BODY_TEXT)
        return OK;
    return json_parse(asked->body, out, fault);
}

static void carry_out(struct control_request *request, const struct control_route *route)
{
    const struct http_request *asked = http_exchange_request(request->exchange);
    struct json *body = NULL;
    struct fault fault;
    enum status status = OK;
    TRY(decode_params(request, &fault));
    TRY(check_query(route, asked->query, &fault));
    TRY(parse_body(route, asked, &body, &fault));
    request->text = asked->body;
    request->body = body;
    request->now_ms = mock_clock_now_ms(request->mock->clock);
    mock_play(request->mock, request->now_ms);
    route->handle(request);
out:
    if (status != OK)
        control_refuse_fault(request, status, &fault);
    json_destroy(body);
}

void handle_control(void *data, struct http_exchange *exchange)
{
    const struct http_request *asked = http_exchange_request(exchange);
    struct control_request request = {.mock = data, .exchange = exchange};
    char storage[HTTP_HEAD_MAX], methods[ALLOW_MAX];
    struct buf allow;
    buf_init_fixed(&request.storage, storage, sizeof(storage));
    buf_init_fixed(&allow, methods, sizeof(methods));
    if (!may_ask(asked)) {
        control_refuse(&request, 403,
                       "only programs on this machine and this server's own page may ask");
        return;
    }
    const struct control_route *route = find_route(asked, request.params, &allow);
    if (route != NULL)
        carry_out(&request, route);
    else if (allow.len > 0)
        control_refuse_method(&request, buf_str(&allow));
    else
        control_refuse(&request, 404, "there is no such path; GET /openapi.json lists all");
}
