/* ita-gateway callback-trustlist: where callbacks may go, for all tenants. */

#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"

static const struct option rows[] = {ADMIN_OPTION_ROWS};

static void write_entry(struct admin *admin, const struct callback_trust_entry *entry)
{
    json_write_object(&admin->json, NULL);
    json_write_text(&admin->json, "entry", entry->text);
    json_write_text(&admin->json, "kind", callback_trust_kind_text(entry->kind));
    json_write_text(&admin->json, "created", admin_format_time(entry->created_ms).text);
    json_write_object_end(&admin->json);
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    struct callback_trust trust = {0};
    enum status status = store_admin_read_callback_trust(admin->store, &trust, fault);
    if (status != OK)
        return status;
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    for (size_t i = 0; i < trust.count; i++) {
        if (admin->is_json)
            write_entry(admin, &trust.entries[i]);
        else
            buf_format(&admin->out, "%s\n", trust.entries[i].text);
    }
    if (admin->is_json)
        json_write_array_end(&admin->json);
    callback_trust_finish(&trust);
    return OK;
}

static enum status run_add(struct admin *admin, struct fault *fault)
{
    struct callback_trust_entry entry;
    struct violations violations = {0};
    enum status status = store_admin_add_callback_trust(admin->store, str_of(admin->operands[0]),
                                                        &entry, &violations, fault);
    return status == OK ? run_list(admin, fault) : status;
}

/* Whoever is affected is told on the other output: the list is the answer. */
static void print_affected(const struct callback_trust_affected *affected)
{
    for (size_t i = 0; i < affected->count && i < CALLBACK_TRUST_AFFECTED_MAX; i++) {
        struct fault fault;
        fault_set(&fault, OK, "warning: tenant %s has a callback URL that is not trusted any more",
                  affected->tenants[i]);
        (void)command_failed("callback-trustlist", fault.text);
    }
}

static enum status run_remove(struct admin *admin, struct fault *fault)
{
    struct callback_trust_affected affected;
    enum status status = store_admin_remove_callback_trust(admin->store, str_of(admin->operands[0]),
                                                           &affected, fault);
    if (status != OK)
        return status;
    print_affected(&affected);
    return run_list(admin, fault);
}

int cmd_callback_trustlist(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"list", "", 0, 0, run_list, "shows it", false},
        {"add", "ENTRY", 1, 1, run_add,
         "lets callbacks go to example.com, *.example.com or 192.0.2.1:8443", false},
        {"remove", "ENTRY", 1, 1, run_remove, "callbacks that needed it fail from then on", false},
    };
    struct admin_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
