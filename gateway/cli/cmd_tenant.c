/* ita-gateway tenant: tenant spaces. */

#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/columns.h"
#include "gateway/cli/command.h"

static const struct option rows[] = {ADMIN_OPTION_ROWS};

static void write_numbers(struct json_writer *w, const char *name, const struct agent_numbers *list)
{
    json_write_array(w, name);
    for (size_t i = 0; i < list->count; i++)
        json_write_text(w, NULL, list->numbers[i]);
    json_write_array_end(w);
}

static void write_tenant(struct json_writer *w, const struct tenant *tenant)
{
    json_write_object(w, NULL);
    json_write_text(w, "name", tenant->name);
    json_write_bool(w, "enabled", tenant->is_enabled);
    json_write_bool(w, "bidirectional_call_enabled", tenant->is_bidirectional_enabled);
    json_write_bool(w, "trial", tenant->is_trial);
    json_write_bool(w, "configured", tenant->is_configured);
    write_numbers(w, "trial_numbers", &tenant->agent_numbers[AGENT_LIST_TRIAL]);
    write_numbers(w, "agent_numbers", &tenant->agent_numbers[AGENT_LIST_OWN]);
    json_write_array(w, "app_keys");
    for (size_t i = 0; i < tenant->app_key_count; i++) {
        json_write_object(w, NULL);
        json_write_text(w, "app_key", tenant->app_keys[i].key);
        json_write_bool(w, "enabled", tenant->app_keys[i].is_enabled);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_array(w, "x_numbers");
    for (size_t i = 0; i < tenant->x_number_count; i++)
        json_write_text(w, NULL, tenant->x_numbers[i].number);
    json_write_array_end(w);
    json_write_object_end(w);
}

static const char *yes_or_no(bool value)
{
    return value ? "yes" : "no";
}

static void print_tenant(struct buf *out, const struct tenant *tenant)
{
    buf_format(out, "name: %s\nenabled: %s\nbidirectional call enabled: %s\nconfigured: %s\n",
               tenant->name, yes_or_no(tenant->is_enabled),
               yes_or_no(tenant->is_bidirectional_enabled), yes_or_no(tenant->is_configured));
    for (size_t i = 0; i < tenant->app_key_count; i++)
        buf_format(out, "app key: %s%s\n", tenant->app_keys[i].key,
                   tenant->app_keys[i].is_enabled ? "" : " (disabled)");
    buf_format(out, "X numbers: %zu\ntrial: %s\ntrial numbers: %zu\nagent numbers: %zu\n",
               tenant->x_number_count, yes_or_no(tenant->is_trial),
               tenant->agent_numbers[AGENT_LIST_TRIAL].count,
               tenant->agent_numbers[AGENT_LIST_OWN].count);
}

static enum status run_show(struct admin *admin, struct fault *fault)
{
    struct tenant tenant = {0};
    enum status status = store_admin_read_tenant(admin->store, admin->operands[0], &tenant, fault);
    if (status != OK)
        return status;
    if (admin->is_json)
        write_tenant(&admin->json, &tenant);
    else
        print_tenant(&admin->out, &tenant);
    tenant_finish(&tenant);
    return OK;
}

static void add_row(struct columns *columns, const struct tenant *tenant)
{
    columns_add(columns, str_of(tenant->name));
    columns_add_toned(columns, str_of(tenant->is_enabled ? "yes" : "disabled"),
                      tenant->is_enabled ? TONE_PLAIN : TONE_WARNING);
    columns_add(columns, str_of(tenant->is_configured ? "yes" : "not configured"));
    columns_add(columns, str_of(yes_or_no(tenant->is_trial)));
    columns_format(columns, "%zu", tenant->x_number_count);
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    static const struct column shown[] = {{"TENANT", false, 0},
                                          {"ENABLED", false, 0},
                                          {"CONFIGURED", false, 0},
                                          {"TRIAL", false, 0},
                                          {"X NUMBERS", true, 0}};
    struct tenant_list list = {0};
    enum status status = store_admin_read(admin->store, &list, fault);
    if (status != OK)
        return status;
    struct terminal terminal = terminal_look();
    struct columns *columns = columns_create(shown, COUNT_OF(shown));
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    for (size_t i = 0; i < list.count; i++) {
        if (admin->is_json)
            write_tenant(&admin->json, &list.tenants[i]);
        else
            add_row(columns, &list.tenants[i]);
    }
    if (admin->is_json)
        json_write_array_end(&admin->json);
    columns_write_list(columns, &terminal, &admin->out);
    columns_destroy(columns);
    tenant_list_finish(&list);
    return OK;
}

/* Every change answers with the tenant as it is now. */
static enum status run_create(struct admin *admin, struct fault *fault)
{
    enum status status = store_admin_create_tenant(admin->store, admin->operands[0], fault);
    return status == OK ? run_show(admin, fault) : status;
}

static enum status run_enable(struct admin *admin, struct fault *fault)
{
    enum status status = store_admin_enable_tenant(admin->store, admin->operands[0], true, fault);
    return status == OK ? run_show(admin, fault) : status;
}

static enum status run_disable(struct admin *admin, struct fault *fault)
{
    enum status status = store_admin_enable_tenant(admin->store, admin->operands[0], false, fault);
    return status == OK ? run_show(admin, fault) : status;
}

static enum status run_trial(struct admin *admin, struct fault *fault)
{
    bool is_on = strcmp(admin->operands[1], "on") == 0;
    if (!is_on && strcmp(admin->operands[1], "off") != 0)
        return fault_set(fault, ERR_INVALID, "trial: must be on or off");
    enum status status = store_admin_set_trial(admin->store, admin->operands[0], is_on, fault);
    return status == OK ? run_show(admin, fault) : status;
}

static enum status read_list(const char *name, int *out, struct fault *fault)
{
    *out = strcmp(name, "trial") == 0 ? AGENT_LIST_TRIAL : AGENT_LIST_OWN;
    if (*out == AGENT_LIST_TRIAL || strcmp(name, "own") == 0)
        return OK;
    return fault_set(fault, ERR_INVALID, "the list must be trial or own");
}

static enum status run_add_agents(struct admin *admin, struct fault *fault)
{
    const struct number_list numbers = {admin->operands + 2, admin->operand_count - 2, "number ",
                                        1};
    struct violations violations = {0};
    int list;
    enum status status;
    TRY(read_list(admin->operands[1], &list, fault));
    TRY(store_admin_add_agent_numbers(admin->store, admin->operands[0], (enum agent_list)list,
                                      &numbers, &violations, fault));
    TRY(run_show(admin, fault));
out:
    admin_print_violations("tenant", &violations);
    return status;
}

static enum status run_remove_agent(struct admin *admin, struct fault *fault)
{
    int list;
    enum status status;
    TRY(read_list(admin->operands[1], &list, fault));
    TRY(store_admin_remove_agent_number(admin->store, admin->operands[0], (enum agent_list)list,
                                        admin->operands[2], fault));
    TRY(run_show(admin, fault));
out:
    return status;
}

int cmd_tenant(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"create", "NAME", 1, 1, run_create, "makes a tenant that is enabled", false},
        {"show", "TENANT", 1, 1, run_show, "shows it with its app keys", false},
        {"list", "", 0, 0, run_list, "names all tenants", false},
        {"enable", "TENANT", 1, 1, run_enable, "lets it place calls and sign in", false},
        {"trial", "TENANT on|off", 2, 2, run_trial,
         "a trial tenant calls from its trustlist only, ten times a day", false},
        {"add-agents", "TENANT trial|own NUMBER...", 3, ADMIN_OPERANDS_MAX, run_add_agents,
         "adds agents' phones to the trial's trustlist, or to those that may call at all", false},
        {"remove-agent", "TENANT trial|own NUMBER", 3, 3, run_remove_agent, "takes one out", false},
        {"disable", "TENANT", 1, 1, run_disable, "refuses its calls and sign-ins from now on",
         false},
    };
    struct admin_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
