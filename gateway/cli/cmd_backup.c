/* ita-gateway backup and restore: a copy of the whole database, and putting one back. */

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"
#include "gateway/cli/progress.h"
#include "gateway/config.h"
#include "gateway/master_key.h"
#include "gateway/store/store_backup.h"

struct backup_options {
    struct admin_options admin;
    bool is_forced;
};

struct restore_options {
    struct admin_options admin;
    int64_t x_hold_ms;
};

enum { MINUTE_MS = 60 * 1000 };

static const struct option backup_rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "force",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct backup_options, is_forced),
     .help = "replace FILE if it is there"},
};

static const struct option restore_rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "x-hold",
     .kind = OPTION_DURATION,
     .offset = offsetof(struct restore_options, x_hold_ms),
     .fallback = "10m",
     .min = 0,
     .max = 24LL * 60 * MINUTE_MS,
     .help =
         "how long after the last call that was placed X numbers are not given out: longer than "
         "calls usually last"},
};

static char make[] = "make", put_back[] = "put-back";

/* What it has sealed must be there: no key is made now, which would open nothing. */
static enum status load_key(const struct config *config, const char *sealed,
                            uint8_t key[static SEAL_KEY_SIZE], struct fault *fault)
{
    if (access(sealed, F_OK) != 0)
        return fault_set(fault, ERR_NOT_FOUND, "%s: %s", sealed, strerror(errno));
    return master_key_load(config->master_key_file, sealed, key, fault);
}

static void write_made(struct admin *admin, const struct store_backup *made)
{
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_text(&admin->json, "file", made->file);
        json_write_i64(&admin->json, "bytes", made->bytes);
        json_write_text(&admin->json, "made_at", admin_format_time(made->made_ms).text);
        json_write_object_end(&admin->json);
        return;
    }
    buf_format(&admin->out,
               "%s: %lld bytes, as of %s\n"
               "Its secrets are sealed with the master key, which is not in it: keep a copy of the "
               "key file elsewhere, or they are lost.\n",
               made->file, (long long)made->bytes, admin_format_time(made->made_ms).text);
}

static enum status run_backup(struct admin *admin, struct fault *fault)
{
    const struct backup_options *options = admin->values;
    struct config config;
    struct progress progress;
    uint8_t key[SEAL_KEY_SIZE];
    enum status status = admin_load_config(&options->admin, &config, fault);
    if (status != OK)
        return status;
    struct store_backup backup = {.database = config.database,
                                  .file = admin->operands[0],
                                  .master_key = key,
                                  .may_replace = options->is_forced,
                                  .progress = {progress_tell, &progress}};
    status = load_key(&config, config.database, key, fault);
    if (status == OK) {
        progress_begin(&progress, "backup");
        status = store_backup(&backup, fault);
        progress_end(&progress);
    }
    if (status == OK)
        write_made(admin, &backup);
    mem_wipe(key, sizeof(key));
    config_finish(&config);
    return status;
}

static void write_restored(struct admin *admin, const struct store_restore *restored)
{
    struct admin_time made = admin_format_time(restored->made_ms);
    struct admin_time held = admin_format_time(restored->x_held_until_ms);
    if (admin->is_json) {
        json_write_object(&admin->json, NULL);
        json_write_text(&admin->json, "made_at", restored->made_ms == 0 ? NULL : made.text);
        json_write_text(&admin->json, "x_held_until",
                        restored->x_held_until_ms == 0 ? NULL : held.text);
        json_write_text(&admin->json, "replaced",
                        restored->replaced[0] == '\0' ? NULL : restored->replaced);
        json_write_object_end(&admin->json);
        return;
    }
    buf_format(&admin->out, "%s is the backup of %s.\n", restored->database,
               restored->made_ms == 0 ? "an unknown time" : made.text);
    if (restored->replaced[0] != '\0')
        buf_format(&admin->out, "What it was before is kept as %s.\n", restored->replaced);
    if (restored->x_held_until_ms != 0)
        buf_format(&admin->out, "X numbers are not given out before %s.\n", held.text);
    buf_format(
        &admin->out,
        "All sessions have ended. Users, keys and settings are those of the backup: what was "
        "disabled since is enabled again, see docs/data.md.\n");
}

static enum status run_restore(struct admin *admin, struct fault *fault)
{
    const struct restore_options *options = admin->values;
    struct config config;
    struct progress progress;
    uint8_t key[SEAL_KEY_SIZE];
    struct admin_who who = admin_who();
    enum status status = admin_load_config(&options->admin, &config, fault);
    if (status != OK)
        return status;
    struct store_restore restore = {.database = config.database,
                                    .file = admin->operands[0],
                                    .master_key = key,
                                    .who = who.text,
                                    .x_hold_ms = options->x_hold_ms,
                                    .progress = {progress_tell, &progress}};
    status = load_key(&config, restore.file, key, fault);
    if (status == OK) {
        progress_begin(&progress, "restore");
        status = store_restore(&restore, fault);
        progress_end(&progress);
    }
    if (status == OK)
        write_restored(admin, &restore);
    mem_wipe(key, sizeof(key));
    config_finish(&config);
    return status;
}

int cmd_backup(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {make, "FILE", 1, 1, run_backup,
         "copies the database into FILE, while the gateway may run; `backup FILE` does the same",
         true},
    };
    struct backup_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(backup_rows),
                                          &values};
    return admin_run_verb(&command, make, argc, argv);
}

int cmd_restore(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {put_back, "FILE", 1, 1, run_restore,
         "makes the backup FILE the database, while the gateway is stopped; `restore FILE` does "
         "the "
         "same",
         true},
    };
    struct restore_options values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(restore_rows),
                                          &values};
    options_init(command.options, &values);
    return admin_run_verb(&command, put_back, argc, argv);
}
