/* ita-gateway app-key: with what agents' systems sign in. */

#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"

struct app_key_values {
    struct admin_options admin;
    int64_t overlap_ms;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "overlap",
     .kind = OPTION_DURATION,
     .offset = offsetof(struct app_key_values, overlap_ms),
     .fallback = "24h",
     .max = APP_KEY_OVERLAP_MAX_MS,
     .help = "of rotate: how long the old key stays good"},
};

static void print_made(struct admin *admin, struct new_app_key *made)
{
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_text(&admin->json, "app_key", made->key);
        json_write_text(&admin->json, "app_secret", made->secret);
        json_write_object_end(&admin->json);
    } else {
        buf_format(&admin->out, "app_key=%s\napp_secret=%s\n", made->key, made->secret);
    }
    mem_wipe(made, sizeof(*made));
}

static enum status run_create(struct admin *admin, struct fault *fault)
{
    struct new_app_key made;
    enum status status = store_admin_create_app_key(admin->store, admin->operands[0], &made, fault);
    if (status == OK)
        print_made(admin, &made);
    return status;
}

static enum status run_rotate(struct admin *admin, struct fault *fault)
{
    const struct app_key_values *values = admin->values;
    struct new_app_key made;
    enum status status = store_admin_rotate_app_key(
        admin->store, admin->operands[0], admin->operands[1], values->overlap_ms, &made, fault);
    if (status == OK)
        print_made(admin, &made);
    return status;
}

static enum status run_disable(struct admin *admin, struct fault *fault)
{
    enum status status =
        store_admin_disable_app_key(admin->store, admin->operands[0], admin->operands[1], fault);
    if (status == OK && admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_text(&admin->json, "app_key", admin->operands[1]);
        json_write_bool(&admin->json, "enabled", false);
        json_write_object_end(&admin->json);
    } else if (status == OK) {
        buf_format(&admin->out, "app key %s is disabled\n", admin->operands[1]);
    }
    return status;
}

int cmd_app_key(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"create", "TENANT", 1, 1, run_create,
         "makes a key and prints it with its secret, which is not shown again", false},
        {"rotate", "TENANT APP_KEY", 2, 2, run_rotate,
         "makes another key and prints it; the old one ends after --overlap", false},
        {"disable", "TENANT APP_KEY", 2, 2, run_disable,
         "refuses the key and every token that was issued to it", false},
    };
    struct app_key_values values = {.overlap_ms = APP_KEY_OVERLAP_MS};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
