#include "mock_ita/keys.h"

#include "base/table.h"

struct kept_key {
    struct mock_key key;
    char *access_key, *app_key;
    UT_hash_handle hh; /* by access_key; in the order of their adding */
};

struct mock_keys {
    bool is_locking;
    struct kept_key *table;
};

struct mock_keys *mock_keys_create(bool is_locking)
{
    struct mock_keys *keys = NEW(struct mock_keys);
    keys->is_locking = is_locking;
    return keys;
}

static void forget(struct mock_keys *keys, struct kept_key *kept)
{
    HASH_DEL(keys->table, kept);
    hmac_key_destroy(kept->key.secret_key);
    mem_free(kept->access_key);
    mem_free(kept->app_key);
    mem_free(kept);
}

void mock_keys_clear(struct mock_keys *keys)
{
    struct kept_key *kept, *next;
    HASH_ITER(hh, keys->table, kept, next)
    forget(keys, kept);
}

void mock_keys_destroy(struct mock_keys *keys)
{
    if (keys == NULL)
        return;
    mock_keys_clear(keys);
    mem_free(keys);
}

/* --- Rules --- */

enum status mock_key_check_text(struct str value, struct fault *fault)
{
    bool is_good = value.len > 0 && value.len <= MOCK_KEY_TEXT_MAX;
    for (size_t i = 0; is_good && i < value.len; i++)
        is_good = value.ptr[i] > ' ' && value.ptr[i] < 0x7f && value.ptr[i] != ',';
    if (is_good)
        return OK;
    return fault_set(fault, ERR_INVALID,
                     "must be 1 to %d characters of ASCII without spaces and commas",
                     MOCK_KEY_TEXT_MAX);
}

static enum status check(const char *name, struct str value, struct fault *fault)
{
    enum status status = mock_key_check_text(value, fault);
    if (status != OK)
        fault_prefix(fault, "/%s", name);
    return status;
}

/* --- Changes --- */

static struct kept_key *find(const struct mock_keys *keys, struct str access_key)
{
    struct kept_key *kept;
    HASH_FIND(hh, keys->table, access_key.ptr, access_key.len, kept);
    return kept;
}

static void set_secret_key(struct kept_key *kept, struct str secret_key)
{
    hmac_key_destroy(kept->key.secret_key);
    kept->key.secret_key = hmac_key_create(secret_key);
}

static void set_app_key(struct kept_key *kept, struct str app_key)
{
    mem_free(kept->app_key);
    kept->app_key = str_copy(app_key);
    kept->key.app_key = str_of(kept->app_key);
}

enum status mock_keys_add(struct mock_keys *keys, const struct mock_key_texts *texts,
                          struct fault *fault)
{
    enum status status = OK;
    TRY(check("accessKey", texts->access_key, fault));
    TRY(check("secretKey", texts->secret_key, fault));
    TRY(check("appKey", texts->app_key, fault));
    if (find(keys, texts->access_key) != NULL)
        return fault_set(fault, ERR_EXISTS, "accessKey: there is a key with it");
    if (HASH_COUNT(keys->table) == MOCK_KEYS_MAX)
        return fault_set(fault, ERR_EXHAUSTED, "there are %d keys, no more are kept",
                         MOCK_KEYS_MAX);
    struct kept_key *kept = NEW(struct kept_key);
    kept->access_key = str_copy(texts->access_key);
    kept->key.access_key = str_of(kept->access_key);
    set_secret_key(kept, texts->secret_key);
    set_app_key(kept, texts->app_key);
    HASH_ADD_KEYPTR(hh, keys->table, kept->access_key, kept->key.access_key.len, kept);
out:
    return status;
}

enum status mock_keys_change(struct mock_keys *keys, const struct mock_key_texts *texts,
                             struct fault *fault)
{
    struct kept_key *kept = find(keys, texts->access_key);
    enum status status = OK;
    if (kept == NULL)
        return fault_set(fault, ERR_NOT_FOUND, "accessKey: there is no such key");
    if (texts->secret_key.ptr != NULL)
        TRY(check("secretKey", texts->secret_key, fault));
    if (texts->app_key.ptr != NULL)
        TRY(check("appKey", texts->app_key, fault));
    if (texts->secret_key.ptr != NULL) {
        set_secret_key(kept, texts->secret_key);
        mock_key_unlock(&kept->key);
    }
    if (texts->app_key.ptr != NULL)
        set_app_key(kept, texts->app_key);
out:
    return status;
}

bool mock_keys_remove(struct mock_keys *keys, struct str access_key)
{
    struct kept_key *kept = find(keys, access_key);
    if (kept != NULL)
        forget(keys, kept);
    return kept != NULL;
}

/* --- Reading --- */

static struct mock_key *key_of(struct kept_key *kept)
{
    return kept == NULL ? NULL : &kept->key;
}

struct mock_key *mock_keys_find(const struct mock_keys *keys, struct str access_key)
{
    return key_of(find(keys, access_key));
}

struct mock_key *mock_keys_first(const struct mock_keys *keys)
{
    return key_of(keys->table);
}

struct mock_key *mock_keys_next(const struct mock_key *key)
{
    return key_of(CONTAINER_OF(key, const struct kept_key, key)->hh.next);
}

/* --- Locks --- */

void mock_key_lock(struct mock_key *key)
{
    key->is_locked_by_hand = true;
}

void mock_key_unlock(struct mock_key *key)
{
    key->is_locked_by_hand = false;
    key->locked_until_ms = 0;
    key->failures = 0;
}

bool mock_key_is_locked(const struct mock_key *key, int64_t now_ms)
{
    return key->is_locked_by_hand || now_ms < key->locked_until_ms;
}

void mock_keys_note(const struct mock_keys *keys, struct mock_key *key, bool is_good,
                    int64_t now_ms)
{
    key->failures = is_good ? 0 : key->failures + 1;
    if (!keys->is_locking || key->failures < MOCK_KEY_FAILURES_MAX)
        return;
    key->locked_until_ms = now_ms + MOCK_KEY_LOCK_MS;
    key->failures = 0;
}
