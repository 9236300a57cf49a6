/* ita-gateway api-key: with what programs use the admin API. */

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/columns.h"
#include "gateway/cli/command.h"
#include "gateway/store/store_accounts.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, DATE_LEN = 10 /* of a time: 2026-11-22 */ };

struct api_key_options {
    struct admin_options admin;
    char *role, *tenant;
    int64_t days;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "role",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct api_key_options, role),
     .value_name = "sysadmin|tenant-admin",
     .help = "of a new key"},
    {.name = "tenant",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct api_key_options, tenant),
     .value_name = "TENANT",
     .help = "of a new key of a tenant-admin"},
    {.name = "expires-in-days",
     .kind = OPTION_NUMBER,
     .offset = offsetof(struct api_key_options, days),
     .fallback = "0",
     .min = 0,
     .max = 3650,
     .help = "how long a new key is good; 0 is without end"},
};

static void write_key(struct json_writer *w, const struct api_key *key)
{
    json_write_object(w, NULL);
    json_write_text(w, "name", key->name);
    json_write_text(w, "role", role_text(key->role));
    if (key->tenant[0] != '\0')
        json_write_text(w, "tenant", key->tenant);
    json_write_bool(w, "enabled", key->is_enabled);
    json_write_text(w, "created", admin_format_time(key->created_ms).text);
    if (key->expires_ms != 0)
        json_write_text(w, "expires", admin_format_time(key->expires_ms).text);
    if (key->used_ms != 0)
        json_write_str(w, "used_on",
                       str_slice(str_of(admin_format_time(key->used_ms).text), 0, DATE_LEN));
    json_write_object_end(w);
}

struct listing {
    struct admin *admin;
    struct columns *columns;
};

static void add_row(struct columns *columns, const struct api_key *key)
{
    struct admin_time expires = admin_format_time(key->expires_ms);
    struct admin_time used = admin_format_time(key->used_ms);
    columns_add(columns, str_of(key->name));
    columns_add(columns, str_of(role_text(key->role)));
    columns_add(columns, str_of(key->tenant));
    columns_add_toned(columns, str_of(key->is_enabled ? "yes" : "disabled"),
                      key->is_enabled ? TONE_PLAIN : TONE_WARNING);
    columns_add(columns, str_of(key->expires_ms == 0 ? "" : expires.text));
    columns_add(columns, key->used_ms == 0 ? STR("") : str_slice(str_of(used.text), 0, DATE_LEN));
}

static void show_key(void *data, const struct api_key *key)
{
    struct listing *listing = data;
    if (listing->admin->is_json)
        write_key(&listing->admin->json, key);
    else
        add_row(listing->columns, key);
}

static void begin_list(struct listing *listing, struct admin *admin)
{
    static const struct column shown[] = {{"API KEY", false, 0}, {"ROLE", false, 0},
                                          {"TENANT", false, 0},  {"ENABLED", false, 0},
                                          {"EXPIRES", false, 0}, {"USED ON", false, 0}};
    *listing = (struct listing){admin, columns_create(shown, COUNT_OF(shown))};
}

static void end_list(struct listing *listing)
{
    struct terminal terminal = terminal_look();
    columns_write_list(listing->columns, &terminal, &listing->admin->out);
    columns_destroy(listing->columns);
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    struct listing listing;
    begin_list(&listing, admin);
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    enum status status = store_admin_list_api_keys(admin->store, "", -1, show_key, &listing, fault);
    if (admin->is_json)
        json_write_array_end(&admin->json);
    end_list(&listing);
    return status;
}

static enum status run_create(struct admin *admin, struct fault *fault)
{
    const struct api_key_options *options = admin->values;
    struct new_api_key made;
    enum role role;
    if (options->role == NULL)
        return fault_set(fault, ERR_INVALID, "role: must be given");
    enum status status = role_parse(str_of(options->role), &role, fault);
    int64_t expires_ms = options->days == 0 ? 0 : clock_wall_ms() + options->days * DAY_MS;
    if (status == OK)
        status = store_admin_create_api_key(admin->store, admin->operands[0], role, options->tenant,
                                            expires_ms, &made, fault);
    if (status != OK)
        return status;
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_text(&admin->json, "name", admin->operands[0]);
        json_write_text(&admin->json, "key", made.text);
        json_write_object_end(&admin->json);
    } else {
        buf_format(&admin->out, "key=%s\n", made.text);
    }
    mem_wipe(&made, sizeof(made));
    return OK;
}

static enum status run_disable(struct admin *admin, struct fault *fault)
{
    struct api_key key;
    enum status status =
        store_admin_enable_api_key(admin->store, admin->operands[0], false, 0, fault);
    if (status == OK)
        status = store_admin_read_api_key(admin->store, admin->operands[0], &key, fault);
    struct listing listing;
    begin_list(&listing, admin);
    if (status == OK)
        show_key(&listing, &key);
    end_list(&listing);
    return status;
}

int cmd_api_key(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"create", "NAME --role ROLE [--tenant TENANT]", 1, 1, run_create,
         "makes a key and prints it; it is not shown again", false},
        {"list", "", 0, 0, run_list, "shows all keys, not their secrets", false},
        {"disable", "NAME", 1, 1, run_disable, "refuses the key from now on", false},
    };
    struct api_key_options values = {.days = 0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
