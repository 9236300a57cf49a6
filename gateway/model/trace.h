#ifndef GATEWAY_MODEL_TRACE_H
#define GATEWAY_MODEL_TRACE_H

/* Distributed traces: the header traceparent of W3C's recommendation Trace Context (Level 1, 23
 * November 2021), whose sections are named here. A call belongs to one trace, that of its
 * createCall; each request that leaves us for it is a span of its own. tracestate is not carried
 * along: nothing in it is ours, and it would have to be kept with each call for as long as
 * callbacks may be owed. Pure. */

#include "base/str.h"

enum {
    TRACE_ID_SIZE = 16, /* "trace-id" */
    SPAN_ID_SIZE = 8,   /* "parent-id" */
    TRACE_ID_LEN = 2 * TRACE_ID_SIZE,
    TRACEPARENT_LEN = 55, /* "00-TRACE-SPAN-FLAGS" */
};

/* Stored as it stands. An id of zeros: none, as of calls from before traces were. */
struct trace {
    uint8_t id[TRACE_ID_SIZE];
    uint8_t flags; /* "Sampled flag" or 0 */
};
_Static_assert(sizeof(struct trace) == TRACE_ID_SIZE + 1, "no padding");

/* The trace that a request belongs to, by the header it came with. Anything that the recommendation
 * calls invalid is refused (ERR_INVALID); of versions to come, what this one knows is read. */
MUST_CHECK enum status trace_read(struct str traceparent, struct trace *out);
/* A new one, sampled: its calls and log lines are kept. */
void trace_begin(struct trace *out, const uint8_t random[static TRACE_ID_SIZE]);
bool trace_is_given(const struct trace *trace);

/* 32 hexadecimal digits, or "" for none. */
struct trace_id_text {
    char text[TRACE_ID_LEN + 1];
};
struct trace_id_text trace_id_text(const struct trace *trace);

/* The header for a request of ours; "" for no trace. */
struct traceparent {
    char text[TRACEPARENT_LEN + 1];
};
struct traceparent trace_parent(const struct trace *trace,
                                const uint8_t span_id[static SPAN_ID_SIZE]);

#endif
