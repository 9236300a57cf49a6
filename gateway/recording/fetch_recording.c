#include "gateway/recording/fetch_recording.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"

/* How many a tenant has under way; there while it is more than none. */
struct tenant_share {
    int64_t tenant_id;
    size_t count;
    UT_hash_handle hh;
};

struct recordings {
    /* fixed at start */
    struct http_client *http;
    struct callback_trust hosts;
    int64_t connect_timeout_ms, timeout_ms;
    /* changes */
    struct tenant_share *shares;
    struct list fetches;
    size_t count;
};

/* From fetch_recording() to finish(), also when nobody waits for it any more. */
struct fetch_recording {
    /* fixed at start */
    struct gateway *gateway;
    struct contract *contract; /* held */
    struct tenant_share *share;
    struct fetch_recording_callbacks callbacks;
    void *data;
    int64_t serial;
    struct trace_id_text trace_id;
    char *url, *range;
    bool is_conditional;
    struct http_fetch *fetch;
    /* changes */
    struct list link; /* among recordings->fetches */
    bool is_told;     /* on_head has run */
    bool is_over;     /* nothing is to be told any more */
    uint64_t skip;    /* bytes that nobody asked for, before those that somebody did */
    uint64_t left;    /* of those asked for */
    uint64_t sent;
};

/* --- All of them --- */

struct recordings *recordings_create(struct uv_loop_s *loop,
                                     const struct recordings_options *options)
{
    struct http_client_options http;
    struct recordings *recordings = NEW(struct recordings);
    http_client_options_init(&http);
    http.connections_max = FETCH_RECORDINGS_MAX;
    http.guard = options->guard;
    recordings->http = http_client_create(loop, &http);
    recordings->connect_timeout_ms = options->connect_timeout_ms;
    recordings->timeout_ms = options->timeout_ms;
    list_init(&recordings->fetches);
    for (size_t i = 0; i < options->hosts->count; i++) {
        struct callback_trust_entry entry;
        const struct rule *broken;
        if (callback_trust_entry_read(str_of(options->hosts->items[i]), &entry, &broken) == OK)
            callback_trust_add(&recordings->hosts, &entry);
    }
    return recordings;
}

void recordings_forget_trust(struct recordings *recordings, const struct tls_trust *trust)
{
    http_client_forget_trust(recordings->http, trust);
}

void recordings_stop(struct recordings *recordings)
{
    /* Canceling ends nothing at once, so the list stands still. */
    for (struct list *link = recordings->fetches.next; link != &recordings->fetches;
         link = link->next)
        http_fetch_cancel(CONTAINER_OF(link, struct fetch_recording, link)->fetch);
}

void recordings_close(struct recordings *recordings)
{
    http_client_close(recordings->http);
    callback_trust_finish(&recordings->hosts);
    mem_free(recordings);
}

/* --- Shares --- */

/* NULL: there are too many already. */
static struct tenant_share *enter(struct recordings *recordings, int64_t tenant_id)
{
    struct tenant_share *share;
    HASH_FIND(hh, recordings->shares, &tenant_id, sizeof(tenant_id), share);
    if (recordings->count == FETCH_RECORDINGS_MAX ||
        (share != NULL && share->count == FETCH_RECORDINGS_OF_TENANT_MAX))
        return NULL;
    if (share == NULL) {
        share = NEW(struct tenant_share);
        share->tenant_id = tenant_id;
        HASH_ADD(hh, recordings->shares, tenant_id, sizeof(share->tenant_id), share);
    }
    share->count++;
    recordings->count++;
    return share;
}

static void leave(struct recordings *recordings, struct tenant_share *share)
{
    recordings->count--;
    if (--share->count > 0)
        return;
    HASH_DEL(recordings->shares, share);
    mem_free(share);
}

/* --- One of them --- */

static void log_end(const struct fetch_recording *self, const struct http_fetch_result *result)
{
    bool is_whole = self->left == 0 || result->outcome == HTTP_ANSWERED;
    LOG(LOG_INFO, "recording fetched", L_TEXT("tenant", self->contract->tenant.name),
        L_I64("callSerialNo", self->serial), L_TEXT("trace", self->trace_id.text),
        L_I64("bytes", self->sent), L_TEXT("end", is_whole ? "whole" : result->why));
}

static void tell_failure(struct fetch_recording *self, enum fetch_recording_result result,
                         const char *why)
{
    self->is_told = self->is_over = true;
    LOG(LOG_WARN, "recording not fetched", L_TEXT("tenant", self->contract->tenant.name),
        L_I64("callSerialNo", self->serial), L_TEXT("trace", self->trace_id.text),
        L_TEXT("why", why));
    self->callbacks.on_head(self->data, result, NULL);
}

static void tell_end(struct fetch_recording *self, bool is_whole)
{
    self->is_over = true;
    self->callbacks.on_end(self->data, is_whole);
}

static void on_head(void *data, const struct http_fetch_result *answer)
{
    struct fetch_recording *self = data;
    struct recording_head head;
    if (self->is_over)
        return;
    recording_head_read(answer, str_of(self->url), str_of(self->range), self->is_conditional,
                        &head);
    self->skip = head.skip;
    self->left = head.length;
    switch (head.verdict) {
    case RECORDING_WHOLE:
    case RECORDING_PART:
        self->is_told = true;
        self->callbacks.on_head(self->data, FETCH_RECORDING_BEGUN, &head);
        return;
    case RECORDING_OUTSIDE:
        self->is_told = self->is_over = true;
        self->callbacks.on_head(self->data, FETCH_RECORDING_OUTSIDE, &head);
        break;
    case RECORDING_GONE:
        tell_failure(self, FETCH_RECORDING_GONE, "the server does not have it");
        break;
    case RECORDING_BROKEN:
        tell_failure(self, FETCH_RECORDING_BROKEN, head.why);
        break;
    }
    http_fetch_cancel(self->fetch);
}

static void on_piece(void *data, struct str bytes)
{
    struct fetch_recording *self = data;
    if (self->is_over)
        return;
    struct str wanted = str_slice(bytes, self->skip, self->left);
    self->skip -= bytes.len < self->skip ? bytes.len : self->skip;
    if (wanted.len == 0)
        return;
    self->left -= self->left == HTTP_SIZE_UNKNOWN ? 0 : wanted.len;
    self->sent += wanted.len;
    self->callbacks.on_piece(self->data, wanted);
    if (self->left > 0 || self->is_over)
        return;
    tell_end(self, true);
    http_fetch_cancel(self->fetch); /* what may follow was not asked for */
}

static void finish(struct fetch_recording *self)
{
    list_remove(&self->link);
    leave(self->gateway->recordings, self->share);
    gateway_call_ended(self->gateway);
    contract_release(self->contract);
    mem_free(self->url);
    mem_free(self->range);
    mem_free(self);
}

static void on_fetched(void *data, const struct http_fetch_result *result)
{
    struct fetch_recording *self = data;
    bool is_whole =
        result->outcome == HTTP_ANSWERED && (self->left == 0 || self->left == HTTP_SIZE_UNKNOWN);
    if (self->is_told)
        log_end(self, result);
    if (!self->is_over && self->is_told)
        tell_end(self, is_whole);
    else if (!self->is_over)
        tell_failure(self, result->is_late ? FETCH_RECORDING_LATE : FETCH_RECORDING_BROKEN,
                     result->why);
    finish(self);
}

static void start_fetch(struct fetch_recording *self, struct tls_trust *trust, struct str if_range)
{
    static const struct http_fetch_pieces pieces = {on_head, on_piece, 0};
    struct recordings *recordings = self->gateway->recordings;
    struct http_fetch_pieces timed = pieces;
    struct http_header headers[3] = {{STR("Accept-Encoding"), STR("identity")}};
    size_t count = 1;
    timed.idle_timeout_ms = recordings->timeout_ms;
    if (self->range[0] != '\0')
        headers[count++] = (struct http_header){STR("Range"), str_of(self->range)};
    if (self->is_conditional)
        headers[count++] = (struct http_header){STR("If-Range"), if_range};
    const struct http_fetch_request request = {
        .method = "GET",
        .url = self->url,
        .headers = headers,
        .header_count = count,
        .trust = trust,
        .connect_timeout_ms = recordings->connect_timeout_ms,
        .timeout_ms = recordings->timeout_ms,
        .answer_max = FETCH_RECORDING_BYTES_MAX,
        .pieces = &timed,
    };
    self->fetch = http_client_fetch(recordings->http, &request, on_fetched, self);
}

/* What the operator has to list; nothing else of the URL, which is a permission. */
static void log_not_allowed(const struct fetch_recording_request *request)
{
    struct callback_url url;
    const struct rule *broken;
    bool is_url = callback_url_read(request->url, &url, &broken) == OK;
    LOG(LOG_WARN,
        "recording not fetched: not of the ITA's or AICC's domain nor of recording-host, or plain",
        L_TEXT("tenant", request->contract->tenant.name), L_I64("callSerialNo", request->serial),
        L_TEXT("trace", trace_id_text(&request->trace).text),
        L_TEXT("host", is_url ? url.host.name : ""), L_I64("port", is_url ? url.host.port : 0));
}

enum fetch_recording_result fetch_recording(struct gateway *gateway,
                                            const struct fetch_recording_request *request,
                                            const struct fetch_recording_callbacks *callbacks,
                                            void *data, struct fetch_recording **out)
{
    struct recordings *recordings = gateway->recordings;
    /* Several ranges would come in a form of their own, of which nobody has need here. */
    bool is_part = http_range_read(request->range, HTTP_SIZE_UNKNOWN).kind != HTTP_RANGE_WHOLE;
    char storage[CALLBACK_URL_MAX + 1];
    struct buf url;
    bool is_own;
    buf_init_fixed(&url, storage, sizeof(storage));
    if (!recording_url_read(request->url, request->server, &recordings->hosts, &url, &is_own)) {
        log_not_allowed(request);
        return FETCH_RECORDING_NOT_ALLOWED;
    }
    struct tenant_share *share = enter(recordings, request->contract->tenant.id);
    if (share == NULL)
        return FETCH_RECORDING_BUSY;
    struct fetch_recording *self = NEW(struct fetch_recording);
    gateway_call_begins(gateway);
    self->gateway = gateway;
    self->contract = contract_hold(request->contract);
    self->share = share;
    self->callbacks = *callbacks;
    self->data = data;
    self->serial = request->serial;
    self->trace_id = trace_id_text(&request->trace);
    self->url = str_copy(buf_str(&url));
    self->range = str_copy(is_part ? request->range : STR(""));
    self->is_conditional = is_part && request->if_range.len > 0;
    list_append(&recordings->fetches, &self->link);
    start_fetch(self, is_own ? request->server->trust : NULL, request->if_range);
    *out = self;
    return FETCH_RECORDING_BEGUN;
}

void fetch_recording_pause(struct fetch_recording *fetch)
{
    http_fetch_pause(fetch->fetch);
}

void fetch_recording_resume(struct fetch_recording *fetch)
{
    http_fetch_resume(fetch->fetch);
}

void fetch_recording_cancel(struct fetch_recording *fetch)
{
    fetch->is_over = true;
    http_fetch_cancel(fetch->fetch);
}
