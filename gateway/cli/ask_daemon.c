#include "gateway/cli/ask_daemon.h"

#include <signal.h>

#include "base/mem.h"
#include "gateway/cli/admin_client.h"
#include "gateway/master_key.h"
#include "gateway/store/store_admin_health.h"

/* Before the master key is looked for: none is made for a daemon that has never run. */
static enum status check_served(const struct config *config, struct fault *fault)
{
    bool is_served = false;
    enum status status = store_is_served(config->database, &is_served, fault);
    if (status != OK && status != ERR_NOT_FOUND)
        return status;
    if (is_served)
        return OK;
    return fault_set(fault, ERR_NOT_FOUND,
                     "no gateway runs with %s: start it (systemctl start ita-gateway, or "
                     "ita-gateway serve --config FILE)",
                     config->database);
}

static enum status open_client(const struct config *config, struct api_client **out,
                               struct fault *fault)
{
    uint8_t key[SEAL_KEY_SIZE] = {0};
    struct store_admin *store = NULL;
    enum status status;
    TRY(check_served(config, fault));
    TRY(admin_inspect_store(config, &store, fault)); /* the daemon's key opens it, no other */
    TRY(master_key_load(config->master_key_file, config->database, key, fault));
    TRY(admin_client_open(config, key, out, fault));
out:
    store_admin_close(store);
    mem_wipe(key, sizeof(key));
    return status;
}

enum status daemon_open(const struct admin_options *options, struct api_client **out,
                        struct fault *fault)
{
    struct config config;
    enum status status = admin_load_config(options, &config, fault);
    if (status != OK)
        return status;
    (void)signal(SIGPIPE, SIG_IGN);
    status = open_client(&config, out, fault);
    config_finish(&config);
    return status;
}

enum status ask_daemon(const struct admin_options *options, const char *path, struct str body,
                       struct json **answer, struct fault *fault)
{
    struct api_client *daemon = NULL;
    enum status status = daemon_open(options, &daemon, fault);
    if (status == OK)
        status = body.len > 0 ? api_client_put(daemon, path, body, answer, fault)
                              : api_client_get(daemon, path, answer, fault);
    api_client_close(daemon);
    return status;
}
