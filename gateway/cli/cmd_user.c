/* ita-gateway user: the people who administer. */

#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/columns.h"
#include "gateway/cli/command.h"
#include "gateway/store/store_accounts.h"

struct user_options {
    struct admin_options admin;
    char *role, *tenant;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "role",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct user_options, role),
     .value_name = "sysadmin|tenant-admin",
     .help = "of a new user"},
    {.name = "tenant",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct user_options, tenant),
     .value_name = "TENANT",
     .help = "of a new tenant-admin"},
};

static void write_user(struct json_writer *w, const struct user *user)
{
    json_write_object(w, NULL);
    json_write_text(w, "user", user->name);
    json_write_text(w, "role", role_text(user->role));
    if (user->tenant[0] != '\0')
        json_write_text(w, "tenant", user->tenant);
    json_write_bool(w, "enabled", user->is_enabled);
    if (user->one_time_until_ms != 0)
        json_write_text(w, "one_time_password_until",
                        admin_format_time(user->one_time_until_ms).text);
    json_write_text(w, "created", admin_format_time(user->created_ms).text);
    if (user->signed_in_ms != 0)
        json_write_text(w, "signed_in", admin_format_time(user->signed_in_ms).text);
    json_write_object_end(w);
}

struct listing {
    struct admin *admin;
    struct columns *columns;
};

static struct admin_time time_or_none(int64_t wall_ms)
{
    const struct admin_time never = {""};
    return wall_ms == 0 ? never : admin_format_time(wall_ms);
}

static void add_row(struct columns *columns, const struct user *user)
{
    columns_add(columns, str_of(user->name));
    columns_add(columns, str_of(role_text(user->role)));
    columns_add(columns, str_of(user->tenant));
    columns_add_toned(columns, str_of(user->is_enabled ? "yes" : "disabled"),
                      user->is_enabled ? TONE_PLAIN : TONE_WARNING);
    columns_add(columns, str_of(time_or_none(user->one_time_until_ms).text));
    columns_add(columns, str_of(time_or_none(user->signed_in_ms).text));
}

static void show_user(void *data, const struct user *user)
{
    struct listing *listing = data;
    if (listing->admin->is_json)
        write_user(&listing->admin->json, user);
    else
        add_row(listing->columns, user);
}

static void begin_list(struct listing *listing, struct admin *admin)
{
    static const struct column shown[] = {{"USER", false, 0},
                                          {"ROLE", false, 0},
                                          {"TENANT", false, 0},
                                          {"ENABLED", false, 0},
                                          {"ONE-TIME PASSWORD UNTIL", false, 0},
                                          {"SIGNED IN", false, 0}};
    *listing = (struct listing){admin, columns_create(shown, COUNT_OF(shown))};
}

static void end_list(struct listing *listing)
{
    struct terminal terminal = terminal_look();
    columns_write_list(listing->columns, &terminal, &listing->admin->out);
    columns_destroy(listing->columns);
}

static enum status show(struct admin *admin, struct fault *fault)
{
    struct listing listing;
    struct user user;
    begin_list(&listing, admin);
    enum status status = store_admin_read_user(admin->store, admin->operands[0], &user, fault);
    if (status == OK)
        show_user(&listing, &user);
    end_list(&listing);
    return status;
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    struct listing listing;
    begin_list(&listing, admin);
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    enum status status = store_admin_list_users(admin->store, "", -1, show_user, &listing, fault);
    if (admin->is_json)
        json_write_array_end(&admin->json);
    end_list(&listing);
    return status;
}

static void print_password(struct admin *admin, const struct one_time_password *made)
{
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_text(&admin->json, "user", admin->operands[0]);
        json_write_text(&admin->json, "one_time_password", made->text);
        json_write_text(&admin->json, "until", admin_format_time(made->until_ms).text);
        json_write_object_end(&admin->json);
    } else {
        buf_format(&admin->out, "one_time_password=%s\nuntil=%s\n", made->text,
                   admin_format_time(made->until_ms).text);
    }
}

static enum status run_create(struct admin *admin, struct fault *fault)
{
    const struct user_options *options = admin->values;
    struct one_time_password made;
    enum role role;
    if (options->role == NULL)
        return fault_set(fault, ERR_INVALID, "role: must be given");
    enum status status = role_parse(str_of(options->role), &role, fault);
    if (status == OK)
        status = store_admin_create_user(admin->store, admin->operands[0], role, options->tenant,
                                         &made, fault);
    if (status != OK)
        return status;
    print_password(admin, &made);
    mem_wipe(&made, sizeof(made));
    return OK;
}

static enum status run_reset_password(struct admin *admin, struct fault *fault)
{
    struct one_time_password made;
    enum status status = store_admin_reset_password(admin->store, admin->operands[0], &made, fault);
    if (status != OK)
        return status;
    print_password(admin, &made);
    mem_wipe(&made, sizeof(made));
    return OK;
}

static enum status enable(struct admin *admin, bool is_enabled, struct fault *fault)
{
    enum status status =
        store_admin_enable_user(admin->store, admin->operands[0], is_enabled, 0, fault);
    return status == OK ? show(admin, fault) : status;
}

static enum status run_enable(struct admin *admin, struct fault *fault)
{
    return enable(admin, true, fault);
}

static enum status run_disable(struct admin *admin, struct fault *fault)
{
    return enable(admin, false, fault);
}

static enum status run_delete(struct admin *admin, struct fault *fault)
{
    enum status status = store_admin_delete_user(admin->store, admin->operands[0], fault);
    if (status == OK && admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_text(&admin->json, "deleted", admin->operands[0]);
        json_write_object_end(&admin->json);
    } else if (status == OK) {
        buf_format(&admin->out, "user %s is deleted\n", admin->operands[0]);
    }
    return status;
}

int cmd_user(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"create", "NAME --role ROLE [--tenant TENANT]", 1, 1, run_create,
         "makes a user and prints a one-time password, which is not shown again", false},
        {"list", "", 0, 0, run_list, "shows all users", false},
        {"disable", "NAME", 1, 1, run_disable, "ends the user's sessions and refuses new ones",
         false},
        {"enable", "NAME", 1, 1, run_enable, "lets the user sign in again", false},
        {"reset-password", "NAME", 1, 1, run_reset_password,
         "prints a one-time password; the old one and all sessions end", false},
        {"delete", "NAME", 1, 1, run_delete, "removes the user; the audit log keeps the name",
         false},
    };
    struct user_options values = {.role = NULL};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
