#ifndef GATEWAY_RECORDING_FETCH_RECORDING_H
#define GATEWAY_RECORDING_FETCH_RECORDING_H

/* The operation that fetches a recording from where the ITA or AICC says it is, piece by piece:
 * nothing of it is kept. Fetches have an HTTP client of their own, so that no number of slow
 * listeners takes the connections that calls are placed on. */

#include "gateway/gateway.h"
#include "gateway/model/recording.h"

enum {
    /* A fetch costs two connections and at most half a MiB of what waits on them. */
    FETCH_RECORDINGS_MAX = 256,
    FETCH_RECORDINGS_OF_TENANT_MAX = 64, /* a tenant's share, so that none takes all */
};
/* Where a WAV file ends; a day of one channel at 8 kHz has a third of it. */
#define FETCH_RECORDING_BYTES_MAX UINT32_MAX

struct recordings;

struct recordings_options {
    const struct option_list *hosts; /* besides the server's own; each was checked */
    int64_t connect_timeout_ms;
    int64_t timeout_ms; /* for the head, and for each piece */
    struct net_guard guard;
};
struct recordings *recordings_create(struct uv_loop_s *loop,
                                     const struct recordings_options *options);
/* As http_client_forget_trust(). */
void recordings_forget_trust(struct recordings *recordings, const struct tls_trust *trust);
/* Cancels all that are under way: those who wait for them are told. */
void recordings_stop(struct recordings *recordings);
/* When none is under way; the loop has to run for its close callbacks. */
void recordings_close(struct recordings *recordings);

enum fetch_recording_result {
    FETCH_RECORDING_BEGUN,
    FETCH_RECORDING_OUTSIDE,     /* of the recording is the range: head tells its size */
    FETCH_RECORDING_GONE,        /* it is not there */
    FETCH_RECORDING_BUSY,        /* too many at a time */
    FETCH_RECORDING_NOT_ALLOWED, /* the URL is not one to fetch from */
    FETCH_RECORDING_LATE,
    FETCH_RECORDING_BROKEN, /* no connection, or no proper answer */
};

struct fetch_recording_callbacks {
    /* Once, first. The head is borrowed for the call; NULL but for BEGUN, which alone is followed
     * by the others, and OUTSIDE. */
    void (*on_head)(void *data, enum fetch_recording_result result,
                    const struct recording_head *head);
    void (*on_piece)(void *data, struct str bytes);
    void (*on_end)(void *data, bool is_whole); /* once, last */
};

struct fetch_recording_request {
    struct contract *contract;             /* held */
    const struct recording_server *server; /* of that contract */
    int64_t serial;                        /* for the log, as the trace */
    struct trace trace;
    struct str url;      /* as the server gave it; copied, as are the rest */
    struct str range;    /* Range header, or empty */
    struct str if_range; /* If-Range header, or empty */
};

struct fetch_recording;
/* BEGUN: the callbacks (kept) run from the loop, never within this call, and *out is valid until
 * the last of them begins. Else none runs: BUSY, NOT_ALLOWED. */
MUST_CHECK enum fetch_recording_result
fetch_recording(struct gateway *gateway, const struct fetch_recording_request *request,
                const struct fetch_recording_callbacks *callbacks, void *data,
                struct fetch_recording **out);
/* After on_head. While it is paused nothing is read from the server. */
void fetch_recording_pause(struct fetch_recording *fetch);
void fetch_recording_resume(struct fetch_recording *fetch);
/* No callback runs any more. */
void fetch_recording_cancel(struct fetch_recording *fetch);

#endif
