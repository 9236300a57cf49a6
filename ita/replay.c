#include "ita/replay.h"

#include <assert.h>

#include "base/mem.h"
#include "ita/sign.h"

/* A queue of fixed size in the order of arrival, with chains of a hash table through it. Not
 * uthash: that allocates per entry, and its doubling at a million entries stops the loop for tens
 * of milliseconds. The keys are digests already, so a bucket is some bits of the key. */

enum {
    KEY_SIZE = 16,     /* of a digest: collisions would need 2^64 accepted signatures */
    EXPIRE_AT_ONCE = 8 /* entries dropped per insertion: more than one, so the queue drains, and
                          few, so that no insertion is slow */
};

struct entry {
    uint8_t key[KEY_SIZE];
    int64_t date_ms;
    uint32_t next; /* in its chain: index + 1, 0 at the end */
};

struct ita_replay {
    int64_t window_ms;    /* fixed at start */
    uint32_t max;         /* fixed at start */
    uint32_t bucket_mask; /* fixed at start */
    struct entry *entries;
    uint32_t *buckets; /* index + 1 of the first entry, 0: none */
    uint32_t head;     /* the oldest */
    uint32_t count;
    int64_t forgotten_ms; /* dates up to it may have been here and gone */
};

struct ita_replay *ita_replay_create(size_t max, int64_t window_ms)
{
    assert(max > 0 && max <= INT32_MAX && window_ms >= 0);
    struct ita_replay *replay = NEW(struct ita_replay);
    uint32_t bucket_count = 1;
    while (bucket_count < max)
        bucket_count *= 2;
    replay->window_ms = window_ms;
    replay->max = (uint32_t)max;
    replay->bucket_mask = bucket_count - 1;
    replay->entries = mem_alloc(max * sizeof(*replay->entries));
    replay->buckets = mem_alloc(bucket_count * sizeof(*replay->buckets));
    replay->forgotten_ms = INT64_MIN;
    return replay;
}

void ita_replay_destroy(struct ita_replay *replay)
{
    if (replay == NULL)
        return;
    mem_free(replay->entries);
    mem_free(replay->buckets);
    mem_free(replay);
}

size_t ita_replay_count(const struct ita_replay *replay)
{
    return replay->count;
}

void ita_replay_close(struct ita_replay *replay, int64_t date_ms)
{
    if (date_ms > replay->forgotten_ms)
        replay->forgotten_ms = date_ms;
}

static void make_key(struct str access_key, const uint8_t mac[static SHA256_SIZE],
                     uint8_t key[static KEY_SIZE])
{
    char bytes[SHA256_SIZE + ITA_ACCESS_KEY_MAX];
    struct buf both;
    uint8_t digest[SHA256_SIZE];
    buf_init_fixed(&both, bytes, sizeof(bytes));
    buf_append(&both, str_from(mac, SHA256_SIZE));
    buf_append(&both, access_key);
    assert(!buf_is_over(&both));
    sha256(buf_str(&both), digest);
    memcpy(key, digest, KEY_SIZE);
}

static uint32_t *bucket_of(struct ita_replay *replay, const uint8_t key[static KEY_SIZE])
{
    uint32_t bits;
    memcpy(&bits, key, sizeof(bits));
    return &replay->buckets[bits & replay->bucket_mask];
}

static bool has(struct ita_replay *replay, const uint8_t key[static KEY_SIZE])
{
    for (uint32_t at = *bucket_of(replay, key); at != 0; at = replay->entries[at - 1].next)
        if (memcmp(replay->entries[at - 1].key, key, KEY_SIZE) == 0)
            return true;
    return false;
}

static void drop_head(struct ita_replay *replay)
{
    struct entry *entry = &replay->entries[replay->head];
    uint32_t *link = bucket_of(replay, entry->key);
    while (*link != replay->head + 1)
        link = &replay->entries[*link - 1].next;
    *link = 0; /* chains grow at their front, so the oldest is the last of its own */
    ita_replay_close(replay, entry->date_ms);
    replay->head = replay->head + 1 == replay->max ? 0 : replay->head + 1;
    replay->count--;
}

/* From the oldest arrival on. One whose date lies ahead keeps those behind it for at most two
 * windows more: that costs room, never safety. */
static void expire(struct ita_replay *replay, int64_t now_ms)
{
    for (int i = 0; i < EXPIRE_AT_ONCE && replay->count > 0; i++) {
        if (now_ms - replay->entries[replay->head].date_ms <= replay->window_ms)
            return;
        drop_head(replay);
    }
}

static void append(struct ita_replay *replay, const uint8_t key[static KEY_SIZE], int64_t date_ms)
{
    uint32_t index = (uint32_t)(((uint64_t)replay->head + replay->count) % replay->max);
    struct entry *entry = &replay->entries[index];
    uint32_t *bucket = bucket_of(replay, key);
    memcpy(entry->key, key, KEY_SIZE);
    entry->date_ms = date_ms;
    entry->next = *bucket;
    *bucket = index + 1;
    replay->count++;
}

enum ita_replay_result ita_replay_insert(struct ita_replay *replay, struct str access_key,
                                         const uint8_t mac[static SHA256_SIZE], int64_t date_ms,
                                         int64_t now_ms)
{
    uint8_t key[KEY_SIZE];
    make_key(access_key, mac, key);
    expire(replay, now_ms);
    if (has(replay, key))
        return ITA_REPLAY_SEEN;
    if (date_ms <= replay->forgotten_ms)
        return ITA_REPLAY_FORGOTTEN;
    if (replay->count == replay->max)
        return ITA_REPLAY_FULL;
    append(replay, key, date_ms);
    return ITA_REPLAY_NEW;
}
