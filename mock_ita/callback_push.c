#include "mock_ita/callback_push.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "mock_ita/aicc/callback.h"
#include "mock_ita/aicc/request.h"
#include "mock_ita/aicc/serial.h"

enum { EXPIRED_MS = 3600 * 1000 }; /* script.h */

struct mock_callback_push {
    struct mock_callback_push_options options;
    /* Of the request at hand. */
    struct buf body, url;
};

struct mock_callback_push *
mock_callback_push_create(const struct mock_callback_push_options *options)
{
    struct mock_callback_push *self = NEW(struct mock_callback_push);
    self->options = *options;
    buf_init(&self->body, MOCK_AICC_CALLBACK_MAX);
    buf_init(&self->url, MOCK_AICC_URL_MAX + 1);
    return self;
}

void mock_callback_push_destroy(struct mock_callback_push *self)
{
    if (self == NULL)
        return;
    buf_finish(&self->body);
    buf_finish(&self->url);
    mem_free(self);
}

static const char *url_of(void *data, const struct mock_call *call, enum mock_push_kind kind)
{
    struct mock_callback_push *self = data;
    if (kind == MOCK_PUSH_CONNECTION)
        return self->options.connection_url;
    if (call->cec->callback_url.len == 0)
        return self->options.hang_up_url;
    buf_clear(&self->url);
    buf_append(&self->url, call->cec->callback_url);
    return buf_text(&self->url);
}

static struct str key_of(const struct mock_callback_push *self,
                         const struct mock_push_script *script)
{
    if (self->options.shared_key == NULL || script->signature == MOCK_PUSH_UNSIGNED)
        return STR("");
    return script->signature == MOCK_PUSH_WRONG ? STR("FAKE-wrong-shared-key")
                                                : str_of(self->options.shared_key);
}

/* It is dated by the system's clock: that of who receives it was not moved. */
static bool write_request(void *data, const struct mock_call *call, enum mock_push_kind kind,
                          const struct mock_push_script *script, struct mock_push_request *out)
{
    struct mock_callback_push *self = data;
    uint8_t random[MOCK_AICC_NONCE_LEN / 2];
    char hex[MOCK_AICC_NONCE_LEN];
    struct buf nonce;
    random_bytes(random, sizeof(random));
    buf_init_fixed(&nonce, hex, sizeof(hex));
    hex_append(&nonce, str_from(random, sizeof(random)));
    const struct mock_aicc_callback callback = {
        .call = call,
        .serial = mock_aicc_serial(call),
        .kind = kind,
        .script = script,
        .shared_key = key_of(self, script),
        .signed_ms = clock_wall_ms() - (script->signature == MOCK_PUSH_EXPIRED ? EXPIRED_MS : 0),
        .nonce = buf_str(&nonce),
    };
    buf_clear(&self->body);
    mock_aicc_callback_write(&callback, &self->body);
    out->url = url_of(self, call, kind);
    out->headers[0] =
        (struct http_header){STR("Content-Type"), STR("application/json; charset=UTF-8")};
    out->header_count = 1;
    out->body = buf_str(&self->body);
    return true;
}

struct mock_push_writer mock_callback_push_writer(struct mock_callback_push *self)
{
    return (struct mock_push_writer){.url = url_of, .write = write_request, .data = self};
}
