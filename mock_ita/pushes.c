#include "mock_ita/pushes.h"

#include "base/file.h"
#include "base/mem.h"
#include "mock_ita/callback_push.h"
#include "mock_ita/cdr_push.h"
#include "mock_ita/mock.h"
#include "net/tls.h"

enum { CA_MAX = 1024 * 1024 }; /* a bundle of all public authorities has 200 KiB */

struct mock_pushes {
    struct mock_cdr_push *cdrs;
    struct mock_callback_push *callbacks;
    struct mock_pusher *ita, *aicc; /* NULL: the start did not come so far */
};

/* NULL: none is named, those of the system. */
static enum status load_trust(const char *path, struct tls_trust **out, struct fault *fault)
{
    struct buf certificates;
    enum status status = OK;
    *out = NULL;
    if (path == NULL)
        return OK;
    buf_init(&certificates, CA_MAX);
    TRY(file_read(path, &certificates, fault));
    status = tls_trust_create(buf_str(&certificates), out, fault);
    if (status != OK)
        fault_prefix(fault, "%s", path);
out:
    buf_finish(&certificates);
    return status;
}

enum status mock_pushes_start(struct uv_loop_s *loop, const struct mock *mock,
                              struct mock_pushes **out, struct fault *fault)
{
    const struct mock_options *options = mock->options;
    const struct mock_callback_push_options callbacks = {
        .connection_url = options->aicc_connection_url,
        .hang_up_url = options->aicc_hang_up_url,
        .shared_key = options->aicc_shared_key,
    };
    struct mock_pusher_options pusher = {
        .retries = options->push_retries,
        .speed = options->speed,
        .timeout_ms = options->push_timeout_ms,
        .clock = mock->clock,
        .calls = mock->calls,
        .journal = mock->journal,
    };
    struct mock_pushes *pushes = NEW(struct mock_pushes);
    *out = pushes;
    enum status status = load_trust(options->push_ca, &pusher.trust, fault);
    if (status != OK)
        return status;
    pushes->cdrs = mock_cdr_push_create(options->push_url, mock->keys);
    pusher.writer = mock_cdr_push_writer(pushes->cdrs);
    pushes->ita = mock_pusher_create(loop, &pusher);
    pushes->callbacks = mock_callback_push_create(&callbacks);
    pusher.writer = mock_callback_push_writer(pushes->callbacks);
    pushes->aicc = mock_pusher_create(loop, &pusher);
    tls_trust_release(pusher.trust);
    return OK;
}

static struct mock_pusher *pusher_of(const struct mock_pushes *pushes, const struct mock_call *call)
{
    return call->cec == NULL ? pushes->ita : pushes->aicc;
}

void mock_pushes_connected(struct mock_pushes *pushes, const struct mock_call *call)
{
    if (call->cec != NULL) /* of an ITA's call the CDR tells it */
        mock_pusher_add(pushes->aicc, call, MOCK_PUSH_CONNECTION, NULL, NULL);
}

void mock_pushes_ended(struct mock_pushes *pushes, const struct mock_call *call,
                       void (*on_pushed)(void *data), void *data)
{
    mock_pusher_add(pusher_of(pushes, call), call,
                    call->cec == NULL ? MOCK_PUSH_CDR : MOCK_PUSH_HANG_UP, on_pushed, data);
}

bool mock_pushes_by_hand(struct mock_pushes *pushes, const struct mock_call *call,
                         enum mock_push_kind kind, const struct mock_push_script *script)
{
    return mock_pusher_add_by_hand(pusher_of(pushes, call), call, kind, script);
}

void mock_pushes_wake(struct mock_pushes *pushes)
{
    mock_pusher_wake(pushes->ita);
    mock_pusher_wake(pushes->aicc);
}

void mock_pushes_reset(struct mock_pushes *pushes)
{
    mock_pusher_reset(pushes->ita);
    mock_pusher_reset(pushes->aicc);
}

void mock_pushes_close(struct mock_pushes *pushes)
{
    if (pushes == NULL || pushes->ita == NULL)
        return;
    mock_pusher_close(pushes->ita);
    mock_pusher_close(pushes->aicc);
}

void mock_pushes_destroy(struct mock_pushes *pushes)
{
    if (pushes == NULL)
        return;
    mock_pusher_destroy(pushes->ita);
    mock_pusher_destroy(pushes->aicc);
    mock_cdr_push_destroy(pushes->cdrs);
    mock_callback_push_destroy(pushes->callbacks);
    mem_free(pushes);
}
