#include "gateway/diagnostics/look_up.h"

#include <stdio.h>
#include <uv.h>

#include "base/mem.h"
#include "gateway/settings_save.h"

/* From look_up_start() until the thread is done. */
struct look_up {
    uv_work_t work;
    look_up_on_done *on_done; /* the loop's; NULL: nobody waits any more */
    void *data;
    /* the thread's while it works */
    struct callback_trust trust;
    struct callback_host hosts[SETTINGS_URLS];
    struct judge_callback callbacks[SETTINGS_URLS];
    size_t count;
};

static void destroy(struct look_up *self)
{
    callback_trust_finish(&self->trust);
    mem_free(self);
}

static void work(uv_work_t *request)
{
    struct look_up *self = CONTAINER_OF(request, struct look_up, work);
    for (size_t i = 0; i < self->count; i++) {
        enum settings_lookup found = SETTINGS_LOOKUP_FINE;
        /* Only what the trustlist has: nobody else's names are asked for. */
        if (self->callbacks[i].state == JUDGE_CALLBACK_FINE)
            found = settings_lookup(&self->hosts[i], &self->trust);
        if (found == SETTINGS_LOOKUP_UNRESOLVED)
            self->callbacks[i].state = JUDGE_CALLBACK_UNRESOLVED;
        else if (found == SETTINGS_LOOKUP_FORBIDDEN)
            self->callbacks[i].state = JUDGE_CALLBACK_FORBIDDEN;
    }
}

static void on_worked(uv_work_t *request, int canceled)
{
    struct look_up *self = CONTAINER_OF(request, struct look_up, work);
    (void)canceled; /* nobody cancels it */
    if (self->on_done != NULL)
        self->on_done(self->data, self->callbacks, self->count);
    destroy(self);
}

static void add_url(struct look_up *self, const struct settings_url *setting)
{
    struct callback_url url;
    const struct rule *broken;
    if (setting->url == NULL || !setting->is_used ||
        callback_url_read(str_of(setting->url), &url, &broken) != OK)
        return;
    struct judge_callback *callback = &self->callbacks[self->count];
    self->hosts[self->count++] = url.host;
    callback->field = setting->field;
    (void)snprintf(callback->host, sizeof(callback->host), "%s", url.host.name);
    if (callback_trust_match(&self->trust, &url) == NULL)
        callback->state = JUDGE_CALLBACK_UNTRUSTED;
}

struct look_up *look_up_start(struct uv_loop_s *loop, const struct bidirectional_call *settings,
                              const struct callback_trust *trust, look_up_on_done *on_done,
                              void *data)
{
    struct look_up *self = NEW(struct look_up);
    struct settings_url urls[SETTINGS_URLS];
    self->on_done = on_done;
    self->data = data;
    for (size_t i = 0; i < trust->count; i++)
        callback_trust_add(&self->trust, &trust->entries[i]);
    settings_urls(settings, urls);
    for (size_t i = 0; i < SETTINGS_URLS; i++)
        add_url(self, &urls[i]);
    if (self->count > 0 && uv_queue_work(loop, &self->work, work, on_worked) == 0)
        return self;
    destroy(self);
    return NULL;
}

void look_up_forget(struct look_up *self)
{
    if (self != NULL)
        self->on_done = NULL;
}
