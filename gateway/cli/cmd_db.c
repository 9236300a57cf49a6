/* ita-gateway db: looks through the whole database. */

#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"
#include "gateway/cli/progress.h"
#include "gateway/config.h"
#include "gateway/master_key.h"
#include "gateway/store/store_admin_check.h"
#include "gateway/store/store_admin_health.h"

static const struct option rows[] = {ADMIN_OPTION_ROWS};

struct check {
    struct admin *admin;
    struct progress progress;
};

static void on_step(void *data, const char *what)
{
    struct check *self = data;
    progress_step(&self->progress, what);
}

static void on_work(void *data)
{
    struct check *self = data;
    progress_tell(&self->progress, 0, 0);
}

static void on_found(void *data, const char *what, int64_t count, const char *detail)
{
    struct check *self = data;
    struct admin *admin = self->admin;
    admin->has_failed = true;
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_text(&admin->json, "what", what);
        json_write_i64(&admin->json, "count", count);
        json_write_text(&admin->json, "detail", detail);
        json_write_object_end(&admin->json);
    } else if (detail != NULL) {
        buf_format(&admin->out, "%s: %s\n", what, detail);
    } else {
        buf_format(&admin->out, "%s: %lld\n", what, (long long)count);
    }
}

static void write_growth(struct admin *admin, const struct store_checks *checks)
{
    int64_t used = checks->bytes - checks->free_bytes;
    int64_t per_call = checks->calls == 0 ? 0 : used / checks->calls;
    if (admin->is_json) {
        json_write_array_end(&admin->json);
        json_write_i64(&admin->json, "calls", checks->calls);
        json_write_i64(&admin->json, "bytes", checks->bytes);
        json_write_i64(&admin->json, "free_bytes", checks->free_bytes);
        json_write_i64(&admin->json, "bytes_per_call", per_call);
        json_write_object_end(&admin->json);
        return;
    }
    if (!admin->has_failed)
        buf_format(&admin->out, "nothing is wrong\n");
    buf_format(&admin->out, "%lld calls, %lld bytes, of them %lld free for the next calls",
               (long long)checks->calls, (long long)checks->bytes, (long long)checks->free_bytes);
    if (checks->calls > 0)
        buf_format(&admin->out, "; %lld bytes a call, with all that belongs to it",
                   (long long)per_call);
    buf_append_byte(&admin->out, '\n');
}

static enum status inspect(const struct admin_options *options, struct store_admin **out,
                           struct fault *fault)
{
    struct config config;
    enum status status = admin_load_config(options, &config, fault);
    if (status != OK)
        return status;
    status = admin_inspect_store(&config, out, fault);
    config_finish(&config);
    return status;
}

static enum status run_check(struct admin *admin, struct fault *fault)
{
    struct store_admin *store = NULL;
    struct check self = {.admin = admin};
    struct store_checks checks = {
        .on_step = on_step, .on_work = on_work, .on_found = on_found, .data = &self};
    enum status status = inspect(admin->values, &store, fault);
    if (status != OK)
        return status;
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_array(&admin->json, "found");
    }
    progress_begin(&self.progress, "db check");
    status = store_admin_check(store, &checks, fault);
    progress_end(&self.progress);
    store_admin_close(store);
    if (status == OK)
        write_growth(admin, &checks);
    return status;
}

int cmd_db(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"check", "", 0, 0, run_check,
         "reads all of it, while the gateway may run: damage, rows that contradict each other, and "
         "how it grows; exit code 1 when something is wrong",
         true},
    };
    struct admin_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
