#include "base/failures.h"

#include "base/digest.h"
#include "base/list.h"
#include "base/table.h"

enum {
    ENTRY_KEY_SIZE = 16
}; /* of a keyed hash: strangers choose names, and must not choose collisions */

struct failure_entry {
    uint8_t key[ENTRY_KEY_SIZE];
    int count;
    int64_t failed_ms, slowed_until_ms;
    struct list link; /* by failed_ms, oldest first */
    UT_hash_handle hh;
};

struct failures {
    struct failures_options options;
    struct hmac_key *hash;
    struct failure_entry *entries;
    struct list by_age;
    uint64_t total;
};

struct failures *failures_create(const struct failures_options *options)
{
    uint8_t seed[SHA256_SIZE];
    struct failures *failures = NEW(struct failures);
    random_bytes(seed, sizeof(seed));
    failures->options = *options;
    failures->hash = hmac_key_create(str_from(seed, sizeof(seed)));
    list_init(&failures->by_age);
    return failures;
}

static void forget(struct failures *failures, struct failure_entry *entry)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is in the list is in the table. */
    HASH_DEL(failures->entries, entry);
    list_remove(&entry->link);
    mem_free(entry);
}

void failures_destroy(struct failures *failures)
{
    if (failures == NULL)
        return;
    struct list *first;
    while ((first = list_first(&failures->by_age)) != NULL)
        forget(failures, CONTAINER_OF(first, struct failure_entry, link));
    hmac_key_destroy(failures->hash);
    mem_free(failures);
}

/* Without failures, the usual case, nothing is hashed. */
static bool is_empty(const struct failures *failures)
{
    return failures->entries == NULL;
}

static struct failure_entry *find(struct failures *failures, struct str name, struct str source,
                                  uint8_t key[static SHA256_SIZE])
{
    struct failure_entry *entry;
    struct buf both;
    char storage[1024]; /* longer names are cut: they are not names of ours */
    buf_init_fixed(&both, storage, sizeof(storage));
    buf_append(&both, str_slice(source, 0, 64)); /* an address as text is shorter */
    buf_append_byte(&both, '\0');
    buf_append(&both, str_slice(name, 0, 512));
    hmac_key_sign(failures->hash, buf_str(&both), key);
    HASH_FIND(hh, failures->entries, key, ENTRY_KEY_SIZE, entry);
    return entry;
}

int64_t failures_slowed_ms(struct failures *failures, struct str name, struct str source,
                           int64_t now_ms)
{
    uint8_t key[SHA256_SIZE];
    if (is_empty(failures))
        return 0;
    const struct failure_entry *entry = find(failures, name, source, key);
    return entry == NULL || now_ms >= entry->slowed_until_ms ? 0 : entry->slowed_until_ms - now_ms;
}

/* Doubles with each failure past the allowed ones; never shifts out of range. */
static int64_t slow_down_ms(const struct failures_options *options, int count)
{
    int64_t ms = options->slow_ms;
    for (int i = options->allowed; i < count && ms < options->slowest_ms; i++)
        ms *= 2;
    return ms < options->slowest_ms ? ms : options->slowest_ms;
}

void failures_add(struct failures *failures, struct str name, struct str source, int64_t now_ms)
{
    uint8_t key[SHA256_SIZE];
    struct failure_entry *entry = find(failures, name, source, key);
    failures->total++;
    if (entry == NULL) {
        if (HASH_COUNT(failures->entries) >= failures->options.entries_max)
            forget(failures,
                   CONTAINER_OF(list_first(&failures->by_age), struct failure_entry, link));
        entry = NEW(struct failure_entry);
        memcpy(entry->key, key, sizeof(entry->key));
        HASH_ADD(hh, failures->entries, key, sizeof(entry->key), entry);
        list_init(&entry->link);
    }
    if (now_ms - entry->failed_ms >= failures->options.slowest_ms)
        entry->count = 0;
    entry->count++;
    entry->failed_ms = now_ms;
    if (entry->count >= failures->options.allowed)
        entry->slowed_until_ms = now_ms + slow_down_ms(&failures->options, entry->count);
    list_remove(&entry->link);
    list_append(&failures->by_age, &entry->link);
}

void failures_clear(struct failures *failures, struct str name, struct str source)
{
    uint8_t key[SHA256_SIZE];
    if (is_empty(failures))
        return;
    struct failure_entry *entry = find(failures, name, source, key);
    if (entry != NULL)
        forget(failures, entry);
}

uint64_t failures_total(const struct failures *failures)
{
    return failures->total;
}
