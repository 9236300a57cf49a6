#include "gateway/model/trace.h"

#include "base/encoding.h"

enum {
    /* Places in the header: "version-format". */
    TRACE_ID_AT = 3,
    SPAN_ID_AT = TRACE_ID_AT + TRACE_ID_LEN + 1,
    FLAGS_AT = SPAN_ID_AT + 2 * SPAN_ID_SIZE + 1,
    FLAG_SAMPLED = 0x01, /* the only one of version 00: "Other Flags" are sent as zeros */
};

static const uint8_t no_id[TRACE_ID_SIZE];

/* HEXDIGLC: upper case is invalid. */
static bool read_hex(struct str text, size_t at, void *bytes, size_t size)
{
    struct str digits = str_slice(text, at, 2 * size);
    for (size_t i = 0; i < digits.len; i++)
        if (digits.ptr[i] >= 'A' && digits.ptr[i] <= 'F')
            return false;
    return hex_decode(digits, bytes, size) == OK;
}

static bool is_any(const uint8_t *bytes, size_t size)
{
    return memcmp(bytes, no_id, size) != 0;
}

/* "Versioning of traceparent": of later versions more may follow, behind a dash. */
static bool has_form(struct str text, uint8_t version)
{
    if (text.len < TRACEPARENT_LEN || (version == 0 && text.len > TRACEPARENT_LEN))
        return false;
    if (text.len > TRACEPARENT_LEN && text.ptr[TRACEPARENT_LEN] != '-')
        return false;
    return text.ptr[TRACE_ID_AT - 1] == '-' && text.ptr[SPAN_ID_AT - 1] == '-' &&
           text.ptr[FLAGS_AT - 1] == '-';
}

enum status trace_read(struct str traceparent, struct trace *out)
{
    enum { VERSION_FORBIDDEN = 0xFF };
    uint8_t version, span_id[SPAN_ID_SIZE];
    struct trace trace;
    if (!read_hex(traceparent, 0, &version, 1) || version == VERSION_FORBIDDEN ||
        !has_form(traceparent, version))
        return ERR_INVALID;
    if (!read_hex(traceparent, TRACE_ID_AT, trace.id, sizeof(trace.id)) ||
        !read_hex(traceparent, SPAN_ID_AT, span_id, sizeof(span_id)) ||
        !read_hex(traceparent, FLAGS_AT, &trace.flags, 1))
        return ERR_INVALID;
    if (!trace_is_given(&trace) || !is_any(span_id, sizeof(span_id)))
        return ERR_INVALID;
    trace.flags &= FLAG_SAMPLED;
    *out = trace;
    return OK;
}

void trace_begin(struct trace *out, const uint8_t random[static TRACE_ID_SIZE])
{
    memcpy(out->id, random, sizeof(out->id));
    out->flags = FLAG_SAMPLED;
}

bool trace_is_given(const struct trace *trace)
{
    return is_any(trace->id, sizeof(trace->id));
}

struct trace_id_text trace_id_text(const struct trace *trace)
{
    struct trace_id_text out = {""};
    struct buf text;
    if (!trace_is_given(trace))
        return out;
    buf_init_fixed(&text, out.text, TRACE_ID_LEN);
    hex_append(&text, str_from(trace->id, sizeof(trace->id)));
    return out;
}

struct traceparent trace_parent(const struct trace *trace,
                                const uint8_t span_id[static SPAN_ID_SIZE])
{
    struct traceparent out = {""};
    struct buf text;
    if (!trace_is_given(trace))
        return out;
    buf_init_fixed(&text, out.text, TRACEPARENT_LEN);
    buf_append(&text, STR("00-"));
    hex_append(&text, str_from(trace->id, sizeof(trace->id)));
    buf_append_byte(&text, '-');
    hex_append(&text, str_from(span_id, SPAN_ID_SIZE));
    buf_append_byte(&text, '-');
    hex_append(&text, str_from(&trace->flags, 1));
    return out;
}
