/* The header traceparent, which strangers send: what is taken is sent on in the one form that is
 * taken again, as the same trace. */

#include <stdlib.h>

#include "gateway/model/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_true)
{
    if (!is_true)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t span_id[SPAN_ID_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct str header = str_from(data, size);
    struct trace trace, again;
    if (trace_read(header, &trace) != OK)
        return 0;
    expect(trace_is_given(&trace) && trace.flags <= 1);
    struct traceparent sent = trace_parent(&trace, span_id);
    expect(strlen(sent.text) == TRACEPARENT_LEN);
    expect(trace_read(str_of(sent.text), &again) == OK);
    expect(memcmp(&trace, &again, sizeof(trace)) == 0);
    /* The digits are those that came. */
    struct trace_id_text id = trace_id_text(&trace);
    expect(str_is(str_slice(header, 3, TRACE_ID_LEN), str_of(id.text)));
    return 0;
}
