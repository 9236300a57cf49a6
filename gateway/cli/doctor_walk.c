#include "gateway/cli/doctor_walk.h"

#include <errno.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "gateway/cli/admin_client.h"
#include "gateway/diagnostics/gateway_diagnosis.h"
#include "gateway/diagnostics/tenant_diagnosis.h"
#include "gateway/master_key.h"

enum {
    TENANTS_MAX = 20, /* each takes seconds: more are asked for by name */
    REPORT_MAX = 1024 * 1024,
    PATH_MAX_BYTES = 512,
};

struct doctor_walk {
    const struct doctor_walk_options *options;
    uint8_t key[SEAL_KEY_SIZE];
    bool is_served;
    struct store_admin *store; /* NULL: not usable */
    struct tenant_list tenants;
    struct api_client *daemon; /* NULL: it does not run or does not answer */
    struct gateway_facts facts;
};

/* --- Reports --- */

static void report(const struct doctor_walk_options *options, const char *tenant,
                   const struct diagnosis *diagnosis)
{
    struct buf text;
    struct json_writer w;
    struct json *json = NULL;
    buf_init(&text, REPORT_MAX);
    json_write_init(&w, &text);
    json_write_object(&w, NULL);
    diagnosis_write(&w, diagnosis);
    json_write_object_end(&w);
    if (json_parse(buf_str(&text), &json, NULL) == OK)
        options->on_report(options->data, tenant, json);
    json_destroy(json);
    buf_finish(&text);
}

void doctor_report_config(const struct fault *why, doctor_on_report *on_report, void *data)
{
    static const struct diagnosis_kind kind = {"config", "Configuration", "配置", 0};
    const struct doctor_walk_options options = {.on_report = on_report, .data = data};
    struct diagnosis *diagnosis = NEW(struct diagnosis);
    diagnosis_init(diagnosis, &kind, 1);
    struct diagnosis_step *step = diagnosis_begin(diagnosis, 0);
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "%s.", "%s。", why->text);
    diagnosis_say(
        &step->remedy,
        "Correct what it names, or give the file that the daemon runs with (--config FILE); "
        "`ita-gateway serve --print-example` shows what may stand in it.",
        "请更正所指之处，或给出守护进程所用的配置文件（--config FILE）；`ita-gateway serve "
        "--print-example` 显示可用的配置项。");
    report(&options, NULL, diagnosis);
    mem_free(diagnosis);
}

/* --- What the files say --- */

/* The key is not made when it is missing, as the daemon does at its first start. */
static enum status open_store(struct doctor_walk *self, struct fault *fault)
{
    const struct config *config = self->options->config;
    enum status status;
    if (access(config->master_key_file, F_OK) != 0)
        return fault_set(fault, ERR_NOT_FOUND, "%s: %s", config->master_key_file, strerror(errno));
    TRY(master_key_load(config->master_key_file, config->database, self->key, fault));
    self->facts.master_key = self->key;
    TRY(store_admin_inspect(config->database, self->key, &self->store, fault));
    TRY(store_admin_read(self->store, &self->tenants, fault));
    TRY(store_admin_examine(self->store, &self->facts.store, fault));
out:
    return status;
}

static void look(struct doctor_walk *self)
{
    struct gateway_facts *facts = &self->facts;
    struct fault ignored;
    int64_t began_ms = clock_mono_ms();
    facts->config = self->options->config;
    facts->now_ms = clock_wall_ms();
    facts->tenants = &self->tenants;
    machine_look(&facts->machine, facts->config);
    if (store_is_served(facts->config->database, &self->is_served, &ignored) != OK)
        self->is_served = false;
    facts->is_served = self->is_served;
    facts->store_status = open_store(self, &facts->store_fault);
    facts->store_ms = clock_mono_ms() - began_ms;
}

/* --- In this process --- */

static void on_tenant_done(void *data, const struct diagnosis *diagnosis)
{
    *(struct diagnosis *)data = *diagnosis;
}

static enum status walk_tenant_here(struct doctor_walk *self, const char *name, struct fault *fault)
{
    struct diagnosis *diagnosis = NEW(struct diagnosis);
    struct tenant tenant = {0};
    struct tenant_list system = {0};
    uv_loop_t loop;
    struct tenant_diagnosis_options options = {
        .loop = &loop, .config = self->options->config, .tenant = &tenant, .system = &system};
    enum status status;
    uv_loop_init(&loop);
    TRY(store_admin_read_tenant(self->store, name, &tenant, fault));
    TRY(store_admin_read_certificates(self->store, &system, fault));
    TRY(store_admin_last_push(self->store, tenant.id, &options.last_push_ms, fault));
    tenant_diagnosis_start(&options, on_tenant_done, diagnosis);
    uv_run(&loop, UV_RUN_DEFAULT);
    report(self->options, name, diagnosis);
out:
    uv_loop_close(&loop);
    tenant_finish(&tenant);
    tenant_list_finish(&system);
    mem_free(diagnosis);
    return status;
}

static void walk_gateway_here(struct doctor_walk *self)
{
    struct diagnosis *diagnosis = NEW(struct diagnosis);
    gateway_diagnose(&self->facts, diagnosis);
    report(self->options, NULL, diagnosis);
    mem_free(diagnosis);
}

/* --- By the daemon --- */

/* False when it does not answer: then the walk goes on here. */
static bool walk_gateway_there(struct doctor_walk *self)
{
    struct json *json = NULL;
    struct fault why;
    if (api_client_get(self->daemon, "/admin/v1/diagnostics", &json, &why) != OK)
        return false;
    self->options->on_report(self->options->data, NULL, json);
    json_destroy(json);
    return true;
}

static bool walk_tenant_there(struct doctor_walk *self, const char *name)
{
    char storage[PATH_MAX_BYTES];
    struct buf path;
    struct json *json = NULL;
    struct fault why;
    buf_init_fixed(&path, storage, sizeof(storage));
    buf_append(&path, STR("/admin/v1/tenants/"));
    percent_append(&path, str_of(name));
    buf_append(&path, STR("/bidirectional-call/test"));
    if (buf_text(&path) == NULL ||
        api_client_post(self->daemon, buf_text(&path), STR(""), &json, &why) != OK)
        return false;
    self->options->on_report(self->options->data, name, json);
    json_destroy(json);
    return true;
}

/* --- The walk --- */

static void reach_daemon(struct doctor_walk *self)
{
    struct fault why;
    if (!self->is_served || self->store == NULL ||
        admin_client_open(self->options->config, self->key, &self->daemon, &why) != OK)
        self->daemon = NULL;
}

static void leave_daemon(struct doctor_walk *self)
{
    api_client_close(self->daemon);
    self->daemon = NULL;
}

static enum status walk_tenant(struct doctor_walk *self, const char *name, struct fault *fault)
{
    if (self->daemon != NULL && walk_tenant_there(self, name))
        return OK;
    return walk_tenant_here(self, name, fault);
}

static enum status walk_tenants(struct doctor_walk *self, size_t *left_out, struct fault *fault)
{
    enum status status = OK;
    size_t walked = 0;
    for (size_t i = 0; i < self->tenants.count && status == OK; i++) {
        const struct tenant *tenant = &self->tenants.tenants[i];
        if (!tenant->is_enabled || !tenant->is_bidirectional_enabled || !tenant->is_configured)
            continue; /* told of in the step "tenants", if it is not meant to be */
        if (walked == TENANTS_MAX)
            ++*left_out;
        else
            status = walk_tenant(self, tenant->name, fault);
        walked += walked < TENANTS_MAX;
    }
    return status;
}

enum status doctor_walk(const struct doctor_walk_options *options, size_t *left_out,
                        struct fault *fault)
{
    struct doctor_walk *self = NEW(struct doctor_walk);
    enum status status = OK;
    self->options = options;
    *left_out = 0;
    look(self);
    reach_daemon(self);
    bool is_told = self->daemon != NULL && options->tenant == NULL && walk_gateway_there(self);
    if (!is_told && options->tenant == NULL) {
        leave_daemon(self);
        walk_gateway_here(self);
    }
    if (options->tenant == NULL)
        status = walk_tenants(self, left_out, fault);
    else if (self->store == NULL)
        status = fault_set(fault, self->facts.store_status, "%s", self->facts.store_fault.text);
    else
        status = walk_tenant(self, options->tenant, fault);
    leave_daemon(self);
    store_admin_close(self->store);
    tenant_list_finish(&self->tenants);
    mem_wipe(self->key, sizeof(self->key));
    mem_free(self);
    return status;
}
