#include "gateway/gateway.h"

#include "base/clock.h"
#include "base/digest.h"

int64_t gateway_steady_ms(const struct gateway *gateway)
{
    return gateway->started_wall_ms + clock_mono_ms() - gateway->started_mono_ms;
}

static void write_request_id(struct gateway *gateway, char out[static REQUEST_ID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t count = gateway->request_count++;
    memcpy(out, gateway->request_prefix, 16);
    for (int i = REQUEST_ID_LEN - 1; i >= 16; i--) {
        out[i] = digits[count & 15];
        count >>= 4;
    }
    out[REQUEST_ID_LEN] = '\0';
}

/* Sent twice, it names no trace ("traceparent Header" of Trace Context). */
static enum status read_trace(const struct http_request *request, struct trace *out)
{
    const struct str name = STR("traceparent");
    if (http_headers_count(request->headers, request->header_count, name) != 1)
        return ERR_INVALID;
    return trace_read(http_headers_find(request->headers, request->header_count, name), out);
}

void gateway_identify(struct gateway *gateway, const struct http_request *request,
                      struct request_identity *out)
{
    uint8_t random[TRACE_ID_SIZE];
    write_request_id(gateway, out->id);
    if (read_trace(request, &out->trace) != OK) {
        random_id(random, sizeof(random));
        trace_begin(&out->trace, random);
    }
    out->trace_id = trace_id_text(&out->trace);
}

struct traceparent gateway_traceparent(const struct trace *trace)
{
    uint8_t span_id[SPAN_ID_SIZE];
    random_id(span_id, sizeof(span_id));
    return trace_parent(trace, span_id);
}

void gateway_call_begins(struct gateway *gateway)
{
    gateway->calls_being_placed++;
}

void gateway_call_ended(struct gateway *gateway)
{
    if (--gateway->calls_being_placed == 0 && gateway->on_none_being_placed != NULL)
        gateway->on_none_being_placed(gateway);
}
