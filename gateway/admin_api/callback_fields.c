#include "gateway/admin_api/callback_fields.h"

#include "base/mem.h"
#include "gateway/admin_api/admin_request.h"
#include "gateway/model/callback_body.h"
#include "gateway/model/callback_url.h"

enum { SHOWN_URL_MAX = CALLBACK_URL_MAX + sizeof("?***") };

bool callback_state_read(const char *text, enum callback_state *out)
{
    static const enum callback_state states[] = {CALLBACK_WAITING, CALLBACK_DELIVERED,
                                                 CALLBACK_DEAD};
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (strcmp(text, callback_state_text(states[i])) == 0) {
            *out = states[i];
            return true;
        }
    return false;
}

bool callback_kind_read(const char *text, enum callback_kind *out)
{
    static const enum callback_kind kinds[] = {CALLBACK_CONNECTION, CALLBACK_HANGUP};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(text, callback_kind_text(kinds[i])) == 0) {
            *out = kinds[i];
            return true;
        }
    return false;
}

/* null when a console's URL is not set any more. */
static void write_url(struct json_writer *w, const struct kept_callback *callback,
                      const struct bidirectional_call *settings)
{
    char storage[SHOWN_URL_MAX];
    struct buf shown;
    struct str url = callback->url;
    if (url.len == 0)
        url = str_of(callback->kind == CALLBACK_HANGUP ? settings->hangup_url
                                                       : settings->connection_url);
    buf_init_fixed(&shown, storage, sizeof(storage));
    callback_url_append_shown(url, &shown);
    admin_write_str(w, "url", buf_str(&shown));
}

/* "no connection: Could not resolve host"; the detail is English in either. */
static void write_error(struct json_writer *w, const char *name,
                        const struct callback_failed_try *failed)
{
    struct callback_failure_text text = callback_failure_text(failed->failure);
    const char *mark = failed->detail.len > 0 ? ": " : "";
    struct buf en, zh;
    buf_init(&en, 1024);
    buf_init(&zh, 1024);
    buf_format(&en, "%s%s%.*s", text.en, mark, STR_ARGS(failed->detail));
    buf_format(&zh, "%s%s%.*s", text.zh, mark, STR_ARGS(failed->detail));
    admin_write_words(w, name, buf_text(&en), buf_text(&zh));
    buf_finish(&en);
    buf_finish(&zh);
}

void callback_write_members(struct json_writer *w, const struct kept_callback *callback,
                            const struct bidirectional_call *settings)
{
    char id[CALLBACK_EVENT_ID_SIZE];
    bool is_delivered = callback->state == CALLBACK_DELIVERED;
    callback_event_id(&callback->key, id);
    json_write_text(w, "id", id);
    json_write_i64_text(w, "callSerialNo", callback->key.serial);
    json_write_text(w, "kind", callback_kind_text(callback->kind));
    write_url(w, callback, settings);
    json_write_text(w, "state", callback_state_text(callback->state));
    json_write_i64(w, "attempts", callback->tries);
    admin_write_time(w, "createdAt", callback->created_ms);
    /* One that is due now has waited since it was written. */
    admin_write_time(w, "nextAttemptAt",
                     callback->next_ms < 0    ? 0
                     : callback->next_ms == 0 ? callback->created_ms
                                              : callback->next_ms);
    admin_write_time(w, "deliveredAt", is_delivered ? callback->ended_ms : 0);
    if (callback->has_failed)
        write_error(w, "lastError", &callback->last);
    else
        json_write_null(w, "lastError");
}

/* --- Details --- */

static void write_body(struct json_writer *w, const struct callback_detail *detail,
                       const struct bidirectional_call *settings)
{
    struct callback_body body;
    struct buf text;
    int32_t zone_s = 0;
    if (tenant_zone_offset(settings->zone, &zone_s) != OK) {
        json_write_null(w, "body");
        return;
    }
    callback_body_init(&body, detail->callback.kind, &detail->call, zone_s);
    buf_init(&text, CALLBACK_BODY_MAX);
    callback_body_write(&body, &text);
    json_write_raw(w, "body", buf_str(&text));
    buf_finish(&text);
}

static void write_failure(struct json_writer *w, const struct callback_failed_try *failed)
{
    json_write_object(w, NULL);
    admin_write_time(w, "at", failed->at_ms);
    json_write_i64(w, "durationMs", failed->took_ms);
    if (failed->status > 0)
        json_write_i64(w, "status", failed->status);
    else
        json_write_null(w, "status");
    json_write_text(w, "result", "failed");
    write_error(w, "error", failed);
    json_write_object_end(w);
}

static void write_delivery(struct json_writer *w, const struct kept_callback *callback)
{
    json_write_object(w, NULL);
    admin_write_time(w, "at", callback->ended_ms);
    json_write_i64(w, "durationMs", callback->took_ms);
    json_write_i64(w, "status", 200);
    json_write_text(w, "result", "delivered");
    json_write_null(w, "error");
    json_write_object_end(w);
}

void callback_write_detail(struct json_writer *w, const struct callback_detail *detail,
                           const struct bidirectional_call *settings)
{
    callback_write_members(w, &detail->callback, settings);
    write_body(w, detail, settings);
    json_write_array(w, "history");
    for (size_t i = detail->failure_count; i > 0; i--)
        write_failure(w, &detail->failures[i - 1]);
    if (detail->callback.state == CALLBACK_DELIVERED)
        write_delivery(w, &detail->callback);
    json_write_array_end(w);
}
