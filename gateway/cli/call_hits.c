#include "gateway/cli/call_hits.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { CALL_JSON_MAX = 64 * 1024, TENANTS_MAX = 100000, NAMES_MAX = 16 * 1024 * 1024 };

/* --- Tenants --- */

static bool keep_name(void *data, const struct json *tenant)
{
    struct buf *names = data;
    buf_append(names, json_string(json_get(tenant, "tenant")));
    buf_append_byte(names, '\n');
    return true;
}

static enum status walk_names(struct str names,
                              enum status (*each)(void *data, const char *tenant,
                                                  struct fault *fault),
                              void *data, struct fault *fault)
{
    struct str name;
    enum status status = OK;
    while (status == OK && str_next(&names, '\n', &name) && name.len > 0) {
        char *tenant = str_copy(name);
        status = each(data, tenant, fault);
        mem_free(tenant);
    }
    return status;
}

enum status call_each_tenant(struct api_client *daemon, const struct call_query_options *options,
                             enum status (*each)(void *data, const char *tenant,
                                                 struct fault *fault),
                             void *data, struct fault *fault)
{
    struct daemon_path path;
    struct buf names;
    if (options->tenant != NULL)
        return each(data, options->tenant, fault);
    daemon_path_init(&path, "tenants");
    buf_init(&names, NAMES_MAX);
    enum status status = daemon_each(daemon, &path, TENANTS_MAX, keep_name, &names, fault);
    if (status == OK)
        status = walk_names(buf_str(&names), each, data, fault);
    buf_finish(&names);
    return status;
}

/* --- Calls --- */

struct search {
    struct api_client *daemon;
    const struct call_query_options *options;
    int64_t limit, now_ms;
    const char *tenant; /* whose are being read */
    struct call_hits *hits;
    size_t capacity;
};

static bool keep_call(void *data, const struct json *call)
{
    struct search *search = data;
    struct call_hits *hits = search->hits;
    struct json_writer w;
    struct buf text;
    int64_t serial;
    if (json_i64(json_get(call, "callSerialNo"), &serial) != OK)
        serial = 0;
    buf_init(&text, CALL_JSON_MAX);
    json_write_init(&w, &text);
    json_write_object(&w, NULL);
    json_write_text(&w, "tenant", search->tenant);
    for (const struct json *member = json_first(call); member != NULL; member = json_next(member))
        json_write_value(&w, json_name(member), member);
    json_write_object_end(&w);
    if (hits->count == search->capacity) {
        search->capacity = search->capacity == 0 ? 64 : search->capacity * 2;
        hits->items = mem_resize(hits->items, search->capacity * sizeof(*hits->items));
    }
    hits->items[hits->count++] = (struct call_hit){serial, str_copy(buf_str(&text))};
    buf_finish(&text);
    return true;
}

static int compare_hits(const void *a, const void *b)
{
    const struct call_hit *left = a, *right = b;
    return left->serial > right->serial ? -1 : left->serial < right->serial;
}

/* After each tenant, so that what many tenants have does not pile up. */
static void cut(struct call_hits *hits, size_t limit)
{
    if (hits->count > 1)
        qsort(hits->items, hits->count, sizeof(*hits->items), compare_hits);
    while (hits->count > limit)
        mem_free(hits->items[--hits->count].json);
}

static enum status find_in_tenant(void *data, const char *tenant, struct fault *fault)
{
    struct search *search = data;
    struct daemon_path path;
    search->tenant = tenant;
    call_query_path(search->options, tenant, search->now_ms, &path);
    enum status status =
        daemon_each(search->daemon, &path, search->limit, keep_call, search, fault);
    cut(search->hits, (size_t)search->limit);
    /* Of all tenants, one that was deleted or lost the feature meanwhile is no failure. */
    return status == ERR_NOT_FOUND && search->options->tenant == NULL ? OK : status;
}

enum status call_hits_find(struct api_client *daemon, const struct call_query_options *options,
                           int64_t limit, struct call_hits *out, struct fault *fault)
{
    struct search search = {.daemon = daemon,
                            .options = options,
                            .limit = limit,
                            .now_ms = clock_wall_ms(),
                            .hits = out};
    return call_each_tenant(daemon, options, find_in_tenant, &search, fault);
}

void call_hits_finish(struct call_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++)
        mem_free(hits->items[i].json);
    mem_free(hits->items);
    *hits = (struct call_hits){0};
}
