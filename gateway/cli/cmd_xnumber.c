/* ita-gateway xnumber: the numbers a tenant has bought from its ITA. */

#include "base/file.h"
#include "base/mem.h"
#include "gateway/cli/columns.h"
#include "gateway/cli/command.h"
#include "gateway/cli/daemon_path.h"
#include "gateway/model/number_lines.h"

enum { IMPORT_MAX = 1024 * 1024 }; /* as many numbers as a tenant may have, and room */

static const struct option rows[] = {ADMIN_OPTION_ROWS};

enum { X_NUMBERS_LISTED_MAX = 100000 }; /* over X_NUMBERS_MAX: all */

static const struct column shown[] = {{"X NUMBER", false, 0},
                                      {"STATE", false, 0},
                                      {"UNTIL", false, 0},
                                      {"CALLS", true, 0},
                                      {"LAST USED", false, 0}};

struct listing {
    struct admin *admin;
    struct columns *columns;
    size_t total, free;
};

/* What is known of an X number. */
struct told {
    struct str number, state, until, last_used; /* until: of a rest or a block */
    int64_t calls;                              /* negative when no daemon tells */
};

static void show_x(struct listing *listing, const struct told *x)
{
    struct json_writer *w = &listing->admin->json;
    listing->total++;
    listing->free += str_is(x->state, STR("free"));
    if (!listing->admin->is_json) {
        columns_add(listing->columns, x->number);
        columns_add_toned(listing->columns, x->state,
                          str_is(x->state, STR("blocked")) ? TONE_BAD : TONE_PLAIN);
        columns_add(listing->columns, x->until);
        if (x->calls < 0)
            columns_add(listing->columns, STR(""));
        else
            columns_format(listing->columns, "%lld", (long long)x->calls);
        columns_add(listing->columns, x->last_used);
        return;
    }
    json_write_object(w, NULL);
    json_write_str(w, "number", x->number);
    json_write_bool(w, "locked", str_is(x->state, STR("locked")));
    if (x->calls >= 0) {
        json_write_str(w, "state", x->state);
        json_write_i64(w, "calls", x->calls);
    }
    if (x->until.len > 0)
        json_write_str(w, "until", x->until);
    if (x->last_used.len > 0)
        json_write_str(w, "last_used", x->last_used);
    json_write_object_end(w);
}

static enum status show_stored(struct listing *listing, const char *name, struct fault *fault)
{
    struct tenant tenant = {0};
    enum status status = store_admin_read_tenant(listing->admin->store, name, &tenant, fault);
    if (status != OK)
        return status;
    for (size_t i = 0; i < tenant.x_number_count; i++) {
        const struct tenant_x_number *x = &tenant.x_numbers[i];
        struct admin_time last_used = admin_format_time(x->last_used_ms);
        show_x(listing, &(struct told){
                            .number = str_of(x->number),
                            .state = str_of(x->is_locked ? "locked" : ""),
                            .last_used = str_of(x->last_used_ms == 0 ? "" : last_used.text),
                            .calls = -1,
                        });
    }
    tenant_finish(&tenant);
    return OK;
}

static bool show_told(void *data, const struct json *x)
{
    struct str resting_until = json_string(json_get(x, "restingUntil"));
    struct told told = {
        .number = json_string(json_get(x, "number")),
        .state = json_string(json_get(x, "state")),
        .until = resting_until.len > 0 ? resting_until : json_string(json_get(x, "blockedUntil")),
        .last_used = json_string(json_get(x, "lastUsedAt")),
    };
    if (json_i64(json_get(x, "calls"), &told.calls) != OK)
        told.calls = 0;
    show_x(data, &told);
    return true;
}

/* ERR_NOT_FOUND: no daemon runs, or it does not tell of this tenant. */
static enum status ask_what_they_do(struct listing *listing, const char *name, struct fault *fault)
{
    struct api_client *daemon = NULL;
    struct daemon_path path;
    daemon_path_init(&path, "tenants", name, "x-numbers", NULL);
    enum status status = daemon_open(listing->admin->values, &daemon, fault);
    if (status == OK)
        status = daemon_each(daemon, &path, X_NUMBERS_LISTED_MAX, show_told, listing, fault);
    api_client_close(daemon);
    return status;
}

static void print_columns(struct listing *listing, bool is_told)
{
    struct terminal terminal = terminal_look();
    struct buf *out = &listing->admin->out;
    columns_write_list(listing->columns, &terminal, out);
    if (listing->total > 0 && is_told && terminal.is_terminal)
        buf_format(out, "%zu of %zu free\n", listing->free, listing->total);
}

/* What each is doing only the daemon knows; without it, what is stored. */
static enum status print_list(struct admin *admin, bool asks_daemon, struct fault *fault)
{
    struct listing listing = {.admin = admin, .columns = columns_create(shown, COUNT_OF(shown))};
    enum status status = ERR_NOT_FOUND;
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    if (asks_daemon)
        status = ask_what_they_do(&listing, admin->operands[0], fault);
    bool is_told = status == OK;
    if (status == ERR_NOT_FOUND)
        status = show_stored(&listing, admin->operands[0], fault);
    if (admin->is_json)
        json_write_array_end(&admin->json);
    else if (status == OK)
        print_columns(&listing, is_told);
    columns_destroy(listing.columns);
    return status;
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    return print_list(admin, true, fault);
}

/* After a change: the daemon may not have seen it yet. */
static enum status print_stored(struct admin *admin, struct fault *fault)
{
    return print_list(admin, false, fault);
}

static enum status add(struct admin *admin, const struct number_list *numbers, struct fault *fault)
{
    struct violations violations = {0};
    enum status status =
        store_admin_add_x_numbers(admin->store, admin->operands[0], numbers, &violations, fault);
    if (status == OK)
        return print_stored(admin, fault);
    admin_print_violations("xnumber", &violations);
    return status;
}

static enum status run_add(struct admin *admin, struct fault *fault)
{
    const struct number_list numbers = {admin->operands + 1, admin->operand_count - 1, "number ",
                                        1};
    return add(admin, &numbers, fault);
}

static enum status run_import(struct admin *admin, struct fault *fault)
{
    struct buf text;
    struct number_lines lines = {0};
    enum status status;
    buf_init(&text, IMPORT_MAX);
    TRY(file_read(admin->operands[1], &text, fault));
    TRY(number_lines_read(buf_str(&text), &lines, fault));
    const struct number_list numbers = {lines.items, lines.count, "line ", lines.first};
    status = add(admin, &numbers, fault);
out:
    number_lines_finish(&lines);
    buf_finish(&text);
    return status;
}

static enum status lock(struct admin *admin, bool is_locked, struct fault *fault)
{
    enum status status = store_admin_lock_x_number(admin->store, admin->operands[0],
                                                   admin->operands[1], is_locked, fault);
    return status == OK ? print_stored(admin, fault) : status;
}

static enum status run_lock(struct admin *admin, struct fault *fault)
{
    return lock(admin, true, fault);
}

static enum status run_unlock(struct admin *admin, struct fault *fault)
{
    return lock(admin, false, fault);
}

static enum status run_remove(struct admin *admin, struct fault *fault)
{
    enum status status = store_admin_remove_x_numbers(
        admin->store, admin->operands[0], admin->operands + 1, admin->operand_count - 1, fault);
    return status == OK ? print_stored(admin, fault) : status;
}

int cmd_xnumber(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"add", "TENANT NUMBER...", 2, ADMIN_OPERANDS_MAX, run_add,
         "adds them to the pool of allocation mode Specified", false},
        {"remove", "TENANT NUMBER...", 2, ADMIN_OPERANDS_MAX, run_remove,
         "takes them out; calls on them go on", false},
        {"import", "TENANT FILE", 2, 2, run_import, "adds those of a CSV file, one in a line",
         false},
        {"lock", "TENANT NUMBER", 2, 2, run_lock, "gives it no new calls; those on it go on",
         false},
        {"unlock", "TENANT NUMBER", 2, 2, run_unlock, "gives it calls again", false},
        {"list", "TENANT", 1, 1, run_list, "shows them, and what each is doing now", false},
    };
    struct admin_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
