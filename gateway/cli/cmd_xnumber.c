/* ita-gateway xnumber: the numbers a tenant has bought from its ITA. */

#include "base/file.h"
#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"
#include "gateway/model/number_lines.h"

enum { IMPORT_MAX = 1024 * 1024 }; /* as many numbers as a tenant may have, and room */

static const struct option rows[] = {ADMIN_OPTION_ROWS};

static void write_x(struct admin *admin, const struct tenant_x_number *x)
{
    json_write_object(&admin->json, NULL);
    json_write_text(&admin->json, "number", x->number);
    json_write_bool(&admin->json, "locked", x->is_locked);
    if (x->last_used_ms != 0)
        json_write_text(&admin->json, "last_used", admin_format_time(x->last_used_ms).text);
    json_write_object_end(&admin->json);
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    struct tenant tenant = {0};
    enum status status = store_admin_read_tenant(admin->store, admin->operands[0], &tenant, fault);
    if (status != OK)
        return status;
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    for (size_t i = 0; i < tenant.x_number_count; i++) {
        const struct tenant_x_number *x = &tenant.x_numbers[i];
        if (admin->is_json)
            write_x(admin, x);
        else
            buf_format(&admin->out, "%s%s%s%s\n", x->number, x->is_locked ? " (locked)" : "",
                       x->last_used_ms != 0 ? " last used " : "",
                       x->last_used_ms != 0 ? admin_format_time(x->last_used_ms).text : "");
    }
    if (admin->is_json)
        json_write_array_end(&admin->json);
    tenant_finish(&tenant);
    return OK;
}

static enum status add(struct admin *admin, const struct number_list *numbers, struct fault *fault)
{
    struct violations violations = {0};
    enum status status =
        store_admin_add_x_numbers(admin->store, admin->operands[0], numbers, &violations, fault);
    if (status == OK)
        return run_list(admin, fault);
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
    return status == OK ? run_list(admin, fault) : status;
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
    return status == OK ? run_list(admin, fault) : status;
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
        {"list", "TENANT", 1, 1, run_list, "shows them", false},
    };
    struct admin_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
