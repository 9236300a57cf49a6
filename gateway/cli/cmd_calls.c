/* ita-gateway calls: which calls there are, what is known of one, and what happens now. Asks the
 * running daemon. */

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/cli/call_hits.h"
#include "gateway/cli/call_print.h"
#include "gateway/cli/call_tail.h"
#include "gateway/cli/command.h"

enum { LIST_USUAL = 50, TAIL_USUAL = 10 };

static enum status open_daemon(struct admin *admin, struct api_client **out, struct fault *fault)
{
    const struct call_query_options *options = admin->values;
    enum status status = call_query_check(options, clock_wall_ms(), fault);
    return status == OK ? daemon_open(&options->admin, out, fault) : status;
}

static enum status print_hits(struct admin *admin, const struct call_hits *hits,
                              struct fault *fault)
{
    struct terminal terminal = terminal_look();
    struct columns *columns = columns_create(call_columns, CALL_COLUMN_COUNT);
    enum status status = OK;
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    for (size_t i = 0; i < hits->count && status == OK; i++) {
        struct json *call = NULL;
        status = json_parse(str_of(hits->items[i].json), &call, fault);
        if (status == OK && admin->is_json)
            json_write_value(&admin->json, NULL, call);
        else if (status == OK)
            call_print_row(columns, json_string(json_get(call, "tenant")), call, "createdAt");
        json_destroy(call);
    }
    if (admin->is_json)
        json_write_array_end(&admin->json);
    columns_write_list(columns, &terminal, &admin->out);
    columns_destroy(columns);
    return status;
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    const struct call_query_options *options = admin->values;
    int64_t limit = options->limit > 0 ? options->limit : LIST_USUAL;
    struct api_client *daemon = NULL;
    struct call_hits hits = {0};
    enum status status;
    TRY(open_daemon(admin, &daemon, fault));
    TRY(call_hits_find(daemon, options, limit, &hits, fault));
    TRY(print_hits(admin, &hits, fault));
    if (options->limit == 0 && hits.count == LIST_USUAL && terminal_look().is_terminal)
        fprintf(stderr, "the newest %d; --limit shows more\n", LIST_USUAL);
out:
    api_client_close(daemon);
    call_hits_finish(&hits);
    return status;
}

/* --- One call --- */

struct looking {
    struct api_client *daemon;
    const char *serial;
    struct json *call;
    char *tenant; /* whose it is; NULL: not found yet */
};

static enum status look_in_tenant(void *data, const char *tenant, struct fault *fault)
{
    struct looking *looking = data;
    struct daemon_path path;
    const char *text;
    if (looking->tenant != NULL)
        return OK;
    daemon_path_init(&path, "tenants", tenant, "calls", looking->serial);
    enum status status = daemon_path_end(&path, &text, fault);
    if (status == OK)
        status = api_client_get(looking->daemon, text, &looking->call, fault);
    if (status == OK)
        looking->tenant = str_copy(str_of(tenant));
    return status == ERR_NOT_FOUND ? OK : status;
}

static enum status ask_callbacks(const struct looking *looking, struct json **out,
                                 struct fault *fault)
{
    struct daemon_path path;
    const char *text;
    daemon_path_init(&path, "tenants", looking->tenant, "callbacks");
    daemon_path_query(&path, "callSerialNo", looking->serial);
    daemon_path_query(&path, "limit", "200");
    enum status status = daemon_path_end(&path, &text, fault);
    return status == OK ? api_client_get(looking->daemon, text, out, fault) : status;
}

static void print_call(struct admin *admin, const struct looking *looking,
                       const struct json *callbacks)
{
    struct terminal terminal = terminal_look();
    if (!admin->is_json) {
        call_print_detail(looking->call, str_of(looking->tenant), json_get(callbacks, "items"),
                          &terminal, &admin->out);
        return;
    }
    json_write_object(&admin->json, NULL);
    json_write_text(&admin->json, "tenant", looking->tenant);
    for (const struct json *member = json_first(looking->call); member != NULL;
         member = json_next(member))
        json_write_value(&admin->json, json_name(member), member);
    json_write_value(&admin->json, "callbacks", json_get(callbacks, "items"));
    json_write_object_end(&admin->json);
}

static enum status run_show(struct admin *admin, struct fault *fault)
{
    struct looking looking = {.serial = admin->operands[0]};
    struct json *callbacks = NULL;
    enum status status;
    if (!str_is_digits(str_of(looking.serial)))
        return fault_set(fault, ERR_INVALID, "a callSerialNo is digits only");
    TRY(open_daemon(admin, &looking.daemon, fault));
    TRY(call_each_tenant(looking.daemon, admin->values, look_in_tenant, &looking, fault));
    if (looking.tenant == NULL)
        TRY(fault_set(fault, ERR_NOT_FOUND, "there is no call %.32s", looking.serial));
    TRY(ask_callbacks(&looking, &callbacks, fault));
    print_call(admin, &looking, callbacks);
out:
    api_client_close(looking.daemon);
    json_destroy(looking.call);
    json_destroy(callbacks);
    mem_free(looking.tenant);
    return status;
}

/* --- The end of the list, and what follows --- */

/* Oldest first, as lines are added to a file. */
static enum status print_last(const struct call_query_options *options,
                              const struct call_hits *hits, struct fault *fault)
{
    enum status status = OK;
    for (size_t i = hits->count; i > 0 && status == OK; i--) {
        struct json *call = NULL;
        TRY(json_parse(str_of(hits->items[i - 1].json), &call, fault));
        status = call_tail_print(options, call, fault);
        json_destroy(call);
    }
out:
    return status;
}

static enum status run_tail(struct admin *admin, struct fault *fault)
{
    const struct call_query_options *options = admin->values;
    struct terminal terminal = terminal_look();
    struct api_client *daemon = NULL;
    struct call_hits hits = {0};
    struct columns *columns = columns_create(call_columns, CALL_COLUMN_COUNT);
    enum status status;
    TRY(open_daemon(admin, &daemon, fault));
    TRY(call_hits_find(daemon, options, options->limit > 0 ? options->limit : TAIL_USUAL, &hits,
                       fault));
    if (!admin->is_json) {
        columns_write_titles(columns, &terminal, &admin->out);
        (void)command_print("calls", buf_str(&admin->out));
        buf_clear(&admin->out);
    }
    admin->is_json = false; /* each line was printed already */
    TRY(print_last(options, &hits, fault));
    api_client_close(daemon);
    daemon = NULL;
    if (options->is_followed)
        TRY(call_tail_follow(options, fault));
out:
    columns_destroy(columns);
    api_client_close(daemon);
    call_hits_finish(&hits);
    return status;
}

int cmd_calls(int argc, char **argv)
{
    static char follow[] = "--follow";
    static const struct admin_verb verbs[] = {
        {"list", "[OPTION]...", 0, 0, run_list, "the newest first", true},
        {"show", "SERIAL", 1, 1, run_show, "one, with its timeline, CDRs and callbacks", true},
        {"tail", "[-f] [OPTION]...", 0, 0, run_tail,
         "the newest last; with -f each change of a call as it happens", true},
    };
    struct call_query_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), call_query_rows, &values};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-f") == 0)
            argv[i] = follow;
    return admin_run(&command, argc, argv);
}
