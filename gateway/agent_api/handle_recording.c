/* The recordings themselves: GET and HEAD of the addresses that getRecordingAddress gives. They are
 * passed on as they come: when the client takes nothing, nothing more is asked of the server that
 * keeps them. */

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/agent_api/agent_api.h"
#include "gateway/recording/fetch_recording.h"
#include "gateway/recording/find_recording.h"
#include "gateway/recording/recording_link.h"
#include "net/http_route.h"
#include "net/http_stream.h"
#include "profile/code.h"

enum { HEADERS_MAX = 7, FILE_NAME_MAX = 96, CONTENT_RANGE_MAX = 80 };

/* One request: from the handler to its answer, or to the end of the stream. */
struct recording {
    struct gateway *gateway;
    struct http_exchange *exchange; /* until it is answered */
    struct contract *contract;      /* held */
    int64_t serial;
    struct fetch_recording *fetch;
    struct http_stream *stream;
};

static void on_found(void *data, const struct find_recording_outcome *outcome);
static void on_head(void *data, enum fetch_recording_result result,
                    const struct recording_head *head);
static void on_piece(void *data, struct str bytes);
static void on_end(void *data, bool is_whole);

static void finish(struct recording *self)
{
    contract_release(self->contract);
    mem_free(self);
}

static void refuse(struct recording *self, int status, const char *reason)
{
    agent_api_error(self->exchange, status, reason);
    finish(self);
}

static void refuse_for_now(struct recording *self)
{
    agent_api_error_with(self->exchange, 503, "too many at a time",
                         &(struct http_header){STR("Retry-After"), STR("5")});
    finish(self);
}

static void refuse_fetch(struct recording *self, enum fetch_recording_result result)
{
    switch (result) {
    case FETCH_RECORDING_GONE:
        refuse(self, 404, "the recording is not there any more");
        return;
    case FETCH_RECORDING_BUSY:
        refuse_for_now(self);
        return;
    case FETCH_RECORDING_LATE:
        refuse(self, 504, "the recording did not come in time");
        return;
    case FETCH_RECORDING_BEGUN:
    case FETCH_RECORDING_OUTSIDE:
    case FETCH_RECORDING_NOT_ALLOWED:
    case FETCH_RECORDING_BROKEN:
        break;
    }
    refuse(self, 502, "the recording could not be fetched");
}

/* --- The address --- */

void handle_recording(void *data, struct http_exchange *exchange)
{
    struct gateway *gateway = data;
    const struct http_request *request = http_exchange_request(exchange);
    struct str link =
        http_route_parameter(http_exchange_route(exchange), request->path, STR("link"));
    int64_t tenant_id, serial;
    struct contract *contract = NULL;
    if (recording_link_read(gateway->recording_links, link, clock_wall_ms() / 1000, &tenant_id,
                            &serial) == OK)
        contract = registry_by_id(gateway->registry, tenant_id);
    if (contract == NULL || !(contract_has_ita(contract) || contract_has_aicc(contract))) {
        agent_api_error(exchange, 404, "not an address of a recording, or over its 5 minutes");
        return;
    }
    struct recording *self = NEW(struct recording);
    *self = (struct recording){.gateway = gateway,
                               .exchange = exchange,
                               .contract = contract_hold(contract),
                               .serial = serial};
    find_recording(gateway, contract, serial, on_found, self);
}

/* Of HEAD there is none (RFC 9110, 14.2). */
static struct str header_of_get(const struct http_request *request, struct str name)
{
    if (!str_is(request->method, STR("GET")))
        return STR("");
    struct str value = http_headers_find(request->headers, request->header_count, name);
    return value.ptr != NULL ? value : STR("");
}

/* HEAD is a fetch that is given up behind the head: stores of objects sign an address for one
 * method. */
static void start_fetch(struct recording *self, const struct find_recording_outcome *found)
{
    static const struct fetch_recording_callbacks callbacks = {on_head, on_piece, on_end};
    const struct http_request *request = http_exchange_request(self->exchange);
    const struct fetch_recording_request fetch = {
        .contract = self->contract,
        .server = &found->server,
        .serial = self->serial,
        .trace = found->trace,
        .url = found->url,
        .range = header_of_get(request, STR("Range")),
        .if_range = header_of_get(request, STR("If-Range")),
    };
    enum fetch_recording_result result =
        fetch_recording(self->gateway, &fetch, &callbacks, self, &self->fetch);
    if (result != FETCH_RECORDING_BEGUN)
        refuse_fetch(self, result);
}

static void on_found(void *data, const struct find_recording_outcome *outcome)
{
    struct recording *self = data;
    switch (outcome->result) {
    case FIND_RECORDING_FOUND:
        start_fetch(self, outcome);
        break;
    case FIND_RECORDING_NONE:
    case FIND_RECORDING_NO_TENANT:
        refuse(self, 404, "the recording is not there any more");
        break;
    case FIND_RECORDING_REFUSED:
        if (str_is(outcome->code, str_of(ITA_CODE_TOO_MANY_REQUESTS)))
            refuse_for_now(self);
        else if (str_is(outcome->code, str_of(ITA_CODE_PROCESS_FAILURE)))
            refuse(self, 504, "it was not said in time where the recording is");
        else
            refuse(self, 502, "it was not said where the recording is");
        break;
    case FIND_RECORDING_NOT_READ:
        refuse(self, 500, "the call could not be read");
        break;
    }
}

/* --- The head --- */

static void append_content_range(struct buf *out, const struct recording_head *head)
{
    if (head->range.kind == HTTP_RANGE_PART || head->size != HTTP_SIZE_UNKNOWN)
        http_content_range_append(out, &head->range, head->size);
}

static void refuse_outside(struct recording *self, const struct recording_head *head)
{
    char storage[CONTENT_RANGE_MAX];
    struct buf range;
    buf_init_fixed(&range, storage, sizeof(storage));
    append_content_range(&range, head);
    agent_api_error_with(
        self->exchange, 416, "Range: begins behind the end of the recording",
        range.len == 0 ? NULL : &(struct http_header){STR("Content-Range"), buf_str(&range)});
    finish(self);
}

static void on_ready(void *data)
{
    struct recording *self = data;
    fetch_recording_resume(self->fetch);
}

/* The client has left, or takes nothing. */
static void on_closed(void *data)
{
    struct recording *self = data;
    fetch_recording_cancel(self->fetch);
    finish(self);
}

static void add(struct http_response *response, struct http_header *headers, struct str name,
                struct str value)
{
    if (value.len > 0)
        headers[response->header_count++] = (struct http_header){name, value};
}

static void begin_stream(struct recording *self, const struct recording_head *head)
{
    char range_storage[CONTENT_RANGE_MAX], name_storage[FILE_NAME_MAX];
    struct http_header headers[HEADERS_MAX];
    struct buf range, name;
    struct http_response response = {.status = head->verdict == RECORDING_PART ? 206 : 200,
                                     .content_type = head->content_type,
                                     .headers = headers};
    const struct http_stream_options options = {
        .content_length =
            head->length == HTTP_SIZE_UNKNOWN ? HTTP_LENGTH_UNKNOWN : (int64_t)head->length,
        .on_ready = on_ready,
        .on_closed = on_closed,
        .data = self,
    };
    buf_init_fixed(&range, range_storage, sizeof(range_storage));
    buf_init_fixed(&name, name_storage, sizeof(name_storage));
    if (head->verdict == RECORDING_PART)
        append_content_range(&range, head);
    buf_format(&name, "attachment; filename=\"recording-%lld%s\"", (long long)self->serial,
               head->extension);
    add(&response, headers, STR("Content-Disposition"), buf_str(&name));
    add(&response, headers, STR("Content-Range"), buf_str(&range));
    /* Where the size is known, ranges are served even if the ITA's server does not. */
    add(&response, headers, STR("Accept-Ranges"),
        head->size != HTTP_SIZE_UNKNOWN ? STR("bytes") : STR(""));
    add(&response, headers, STR("ETag"), head->etag);
    add(&response, headers, STR("Last-Modified"), head->last_modified);
    add(&response, headers, STR("X-Content-Type-Options"), STR("nosniff"));
    add(&response, headers, STR("Cache-Control"), STR("private, no-store"));
    self->stream = http_exchange_stream(self->exchange, &response, &options);
    if (self->stream != NULL)
        return;
    fetch_recording_cancel(self->fetch); /* it was HEAD, or the client has left */
    finish(self);
}

static void on_head(void *data, enum fetch_recording_result result,
                    const struct recording_head *head)
{
    if (result == FETCH_RECORDING_BEGUN)
        begin_stream(data, head);
    else if (result == FETCH_RECORDING_OUTSIDE)
        refuse_outside(data, head);
    else
        refuse_fetch(data, result);
}

/* --- The body --- */

static void on_piece(void *data, struct str bytes)
{
    struct recording *self = data;
    http_stream_write(self->stream, bytes);
    if (http_stream_waiting(self->stream) > HTTP_STREAM_SLICE)
        fetch_recording_pause(self->fetch);
}

/* Who gets less than all must not take it for all. */
static void on_end(void *data, bool is_whole)
{
    struct recording *self = data;
    if (is_whole)
        http_stream_end(self->stream);
    else
        http_stream_reset(self->stream);
    finish(self);
}
