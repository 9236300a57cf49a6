#include "gateway/store/store_secret.h"

enum { CONTEXT_MAX = 64 }; /* the words below and a 64-bit number */

static struct str context_of(struct buf *storage, int64_t tenant_id, enum store_secret which)
{
    static const char *const places[] = {
        [STORE_SECRET_CURRENT] = ":secret_key",    [STORE_SECRET_PREVIOUS] = ":previous_secret_key",
        [STORE_SECRET_SHARED_KEY] = ":shared_key", [STORE_SECRET_OAUTH] = ":oauth_secret_key",
        [STORE_SECRET_AICC] = ":aicc_app_secret",
    };
    buf_append(storage, STR("tenant:"));
    buf_append_i64(storage, tenant_id);
    buf_append(storage, str_of(places[which]));
    return buf_str(storage);
}

void store_secret_seal(const struct store_connection *connection, int64_t tenant_id,
                       enum store_secret which, struct str secret, struct buf *sealed)
{
    char storage[CONTEXT_MAX];
    struct buf context;
    buf_init_fixed(&context, storage, sizeof(storage));
    seal(connection->master_key, context_of(&context, tenant_id, which), secret, sealed);
}

enum status store_secret_open(const struct store_connection *connection, int64_t tenant_id,
                              enum store_secret which, struct str sealed, char **secret)
{
    char storage[CONTEXT_MAX], plain_storage[STORE_SECRET_SEALED_MAX];
    struct buf context, plain;
    *secret = NULL;
    if (sealed.len == 0)
        return OK;
    buf_init_fixed(&context, storage, sizeof(storage));
    buf_init_fixed(&plain, plain_storage, sizeof(plain_storage));
    enum status status =
        seal_open(connection->master_key, context_of(&context, tenant_id, which), sealed, &plain);
    if (status == OK)
        *secret = str_copy(buf_str(&plain));
    buf_wipe(&plain);
    return status;
}
