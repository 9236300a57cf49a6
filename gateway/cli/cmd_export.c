/* ita-gateway export: calls as a table, straight from the database, of one tenant or all. Read in
 * pages, each a short look, so that the gateway is not kept from its work. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/call_csv.h"
#include "gateway/admin_api/call_fields.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"
#include "gateway/cli/progress.h"
#include "gateway/config.h"
#include "gateway/store/store_admin_calls.h"

enum {
    PAGE_BYTES = 256 * 1024,
    PAGE_BYTES_MAX = 512 * 1024,
    TENANTS_PAGE = 100,
    PARTS_MAX = 1000, /* of the progress: thousandths of a tenant's time */
};

enum format { FORMAT_CSV, FORMAT_JSONL };

struct export_options {
    struct admin_options admin;
    char *from, *to, *tenant, *output;
    int64_t format;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "from",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct export_options, from),
     .value_name = "TIME",
     .help = "calls created then or later: 2026-11-22, or 2026-11-22T08:00:00Z"},
    {.name = "to",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct export_options, to),
     .value_name = "TIME",
     .help = "calls created before then"},
    {.name = "tenant",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct export_options, tenant),
     .value_name = "TENANT",
     .help = "only this tenant's; else those of all, with a column that names it"},
    {.name = "format",
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct export_options, format),
     .fallback = "csv",
     .choices = "csv|jsonl",
     .help = "a table, or one JSON object a line"},
    {.name = "output",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct export_options, output),
     .value_name = "FILE",
     .help = "instead of standard output, also as -o; must not be there yet"},
};

struct export
{
    struct store_admin *store;
    enum format format;
    bool names_tenant;
    FILE *out;
    struct progress progress;
    struct call_search search;
    const char *tenant; /* the one that is exported */
    struct buf page;
    struct csv_writer csv;
    struct json_writer json;
    int64_t newest_ms, last_ms, count;
    size_t tenants, tenants_done;
};

/* A tenant to export; names by turns, so that no list grows with them. */
struct tenant_page {
    struct {
        char name[TENANT_NAME_MAX + 1];
        int64_t id;
    } items[TENANTS_PAGE];
    size_t count;
};

/* --- Rows --- */

static void write_json(struct export *self, const struct call_record *call)
{
    struct json_writer *w = &self->json;
    json_write_init(w, &self->page);
    json_write_object(w, NULL);
    if (self->names_tenant)
        json_write_text(w, "tenant", self->tenant);
    call_write_members(w, call);
    json_write_str(w, "calledDisplay", call->called_display);
    json_write_str(w, "callData", call->call_data);
    json_write_object_end(w);
    buf_append_byte(&self->page, '\n');
}

static bool take_call(void *data, const struct call_record *call)
{
    struct export *self = data;
    if (self->format == FORMAT_JSONL) {
        write_json(self, call);
    } else {
        if (self->names_tenant)
            csv_write_text(&self->csv, self->tenant);
        call_csv_write(&self->csv, call);
    }
    if (self->newest_ms == 0)
        self->newest_ms = call->created_ms;
    self->last_ms = call->created_ms;
    self->count++;
    return self->page.len < PAGE_BYTES;
}

static enum status flush(struct export *self, struct fault *fault)
{
    bool is_written = fwrite(self->page.ptr, 1, self->page.len, self->out) == self->page.len;
    buf_clear(&self->page);
    return is_written ? OK : fault_set(fault, ERR_IO, "not written: %s", strerror(errno));
}

/* --- Tenants --- */

/* By time: calls are read from the newest to the oldest, which are as many in a day as in the next,
 * as far as anybody knows. */
static void tell(struct export *self)
{
    int64_t oldest_ms = self->search.from_ms != 0 ? self->search.from_ms : call_serial_ms(0);
    int64_t span_ms = self->newest_ms - oldest_ms, done = PARTS_MAX;
    if (self->search.below != 0 && span_ms > 0)
        done = (int64_t)((double)(self->newest_ms - self->last_ms) / (double)span_ms * PARTS_MAX);
    progress_tell(&self->progress, (int64_t)self->tenants_done * PARTS_MAX + done,
                  (int64_t)self->tenants * PARTS_MAX);
}

static enum status export_tenant(struct export *self, const char *name, int64_t id,
                                 struct fault *fault)
{
    enum status status;
    self->tenant = name;
    self->newest_ms = 0;
    self->search.tenant_id = id;
    self->search.below = 0;
    do {
        TRY(store_admin_search_calls(self->store, &self->search, take_call, self, fault));
        self->search.below = self->search.next;
        TRY(flush(self, fault));
        tell(self);
    } while (self->search.below != 0);
    self->tenants_done++;
out:
    return status;
}

static void take_tenant(void *data, const struct tenant *tenant)
{
    struct tenant_page *page = data;
    page->items[page->count].id = tenant->id;
    memcpy(page->items[page->count++].name, tenant->name, strlen(tenant->name) + 1);
}

static void count_tenant(void *data, const struct tenant *tenant)
{
    (void)tenant;
    (*(size_t *)data)++;
}

static enum status export_all(struct export *self, struct fault *fault)
{
    struct tenant_page page;
    char after[TENANT_NAME_MAX + 1] = "";
    enum status status;
    TRY(store_admin_list_tenants(self->store, NULL, INT64_MAX, count_tenant, &self->tenants,
                                 fault));
    do {
        page.count = 0;
        TRY(store_admin_list_tenants(self->store, after[0] == '\0' ? NULL : after, TENANTS_PAGE,
                                     take_tenant, &page, fault));
        for (size_t i = 0; i < page.count; i++)
            TRY(export_tenant(self, page.items[i].name, page.items[i].id, fault));
        if (page.count > 0)
            memcpy(after, page.items[page.count - 1].name, sizeof(after));
    } while (page.count == TENANTS_PAGE);
out:
    return status;
}

static enum status export_one(struct export *self, const char *name, struct fault *fault)
{
    struct tenant tenant;
    enum status status = store_admin_find_tenant(self->store, name, &tenant, fault);
    if (status != OK)
        return status;
    self->tenants = 1;
    status = export_tenant(self, name, tenant.id, fault);
    tenant_finish(&tenant);
    return status;
}

/* --- The command --- */

static enum status read_time(struct admin *admin, const char *name, const char *text, int64_t *out,
                             struct fault *fault)
{
    char storage[48];
    bool is_day = text != NULL && strlen(text) == 10;
    *out = 0;
    if (text == NULL)
        return OK;
    int len = snprintf(storage, sizeof(storage), "%s%s", text, is_day ? "T00:00:00Z" : "");
    if (len > 0 && (size_t)len < sizeof(storage) &&
        clock_parse_rfc3339(str_from(storage, (size_t)len), out) == OK)
        return OK;
    admin->is_wrong_argument = true;
    return fault_set(fault, ERR_INVALID,
                     "%s: must be a day as 2026-11-22 or a time as 2026-11-22T08:00:00Z", name);
}

/* Full numbers stand in it: nobody else reads it. */
static enum status open_output(struct export *self, const char *path, struct fault *fault)
{
    self->out = stdout;
    if (path == NULL)
        return OK;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    self->out = fd < 0 ? NULL : fdopen(fd, "w");
    return self->out != NULL ? OK : fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
}

/* What is not whole is not left. */
static enum status close_output(struct export *self, const char *path, enum status status,
                                struct fault *fault)
{
    if (fflush(self->out) != 0 && status == OK)
        status = fault_set(fault, ERR_IO, "not written: %s", strerror(errno));
    if (path == NULL)
        return status;
    if (status == OK && fsync(fileno(self->out)) != 0)
        status = fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
    if (fclose(self->out) != 0 && status == OK)
        status = fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
    if (status != OK)
        unlink(path);
    return status;
}

static enum status write_all(struct export *self, const char *tenant, struct fault *fault)
{
    if (self->format == FORMAT_CSV) {
        if (self->names_tenant)
            buf_append(&self->page, STR("tenant,"));
        buf_append(&self->page, str_of(CALL_CSV_HEADER));
    }
    enum status status = tenant != NULL ? export_one(self, tenant, fault) : export_all(self, fault);
    return status == OK ? flush(self, fault) : status;
}

static enum status run_calls(struct admin *admin, struct fault *fault)
{
    const struct export_options *options = admin->values;
    struct export self = {.format = (enum format)options->format,
                          .names_tenant = options->tenant == NULL};
    struct config config = {0};
    enum status status;
    call_filter_init(&self.search.filter);
    buf_init(&self.page, PAGE_BYTES_MAX);
    csv_write_init(&self.csv, &self.page);
    TRY(read_time(admin, "from", options->from, &self.search.from_ms, fault));
    TRY(read_time(admin, "to", options->to, &self.search.to_ms, fault));
    TRY(admin_load_config(&options->admin, &config, fault));
    status = admin_inspect_store(&config, &self.store, fault);
    config_finish(&config);
    TRY(status);
    TRY(open_output(&self, options->output, fault));
    progress_begin(&self.progress, "export");
    status = write_all(&self, options->tenant, fault);
    progress_end(&self.progress);
    status = close_output(&self, options->output, status, fault);
out:
    store_admin_close(self.store);
    buf_finish(&self.page);
    return status;
}

/* -o is as long as --output. */
int cmd_export(int argc, char **argv)
{
    static char output[] = "--output";
    static const struct admin_verb verbs[] = {
        {"calls", "", 0, 0, run_calls, "newest first, tenant by tenant", true},
    };
    struct export_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-o") == 0)
            argv[i] = output;
    return admin_run(&command, argc, argv);
}
