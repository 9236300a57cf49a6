#include "ita/failures.h"

#include "base/list.h"
#include "base/mem.h"
#include "ita/sign.h"

#define uthash_malloc(size) mem_alloc(size)
#define uthash_free(ptr, size) mem_free(ptr)
#include <uthash.h>

enum { KEY_MAX = ITA_ACCESS_KEY_MAX + 1 + ITA_SOURCE_MAX };

struct pair {
    char key[KEY_MAX]; /* AccessKey, LF, source */
    unsigned key_len;
    int count; /* up to limit + 1 */
    int64_t last_ms;
    struct list link; /* of all pairs, by last failure */
    UT_hash_handle hh;
};

struct ita_failures {
    size_t max;      /* fixed at start */
    int limit;       /* fixed at start */
    int64_t slow_ms; /* fixed at start */
    struct pair *pairs;
    struct list by_age;
};

struct ita_failures *ita_failures_create(size_t max, int limit, int64_t slow_ms)
{
    struct ita_failures *failures = NEW(struct ita_failures);
    failures->max = max;
    failures->limit = limit;
    failures->slow_ms = slow_ms;
    list_init(&failures->by_age);
    return failures;
}

static void drop(struct ita_failures *failures, struct pair *pair)
{
    HASH_DEL(failures->pairs, pair);
    list_remove(&pair->link);
    mem_free(pair);
}

static struct pair *oldest(const struct ita_failures *failures)
{
    struct list *link = list_first(&failures->by_age);
    return link == NULL ? NULL : CONTAINER_OF(link, struct pair, link);
}

void ita_failures_destroy(struct ita_failures *failures)
{
    if (failures == NULL)
        return;
    for (struct pair *pair; (pair = oldest(failures)) != NULL;)
        drop(failures, pair);
    mem_free(failures);
}

size_t ita_failures_count(const struct ita_failures *failures)
{
    return HASH_COUNT(failures->pairs);
}

static unsigned make_key(struct str access_key, struct str source, char key[static KEY_MAX])
{
    struct buf both;
    buf_init_fixed(&both, key, KEY_MAX);
    buf_append(&both, str_slice(access_key, 0, ITA_ACCESS_KEY_MAX));
    buf_append_byte(&both, '\n');
    buf_append(&both, str_slice(source, 0, ITA_SOURCE_MAX));
    return (unsigned)both.len;
}

static struct pair *find(const struct ita_failures *failures, const char *key, unsigned key_len)
{
    struct pair *pair;
    HASH_FIND(hh, failures->pairs, key, key_len, pair);
    return pair;
}

static struct pair *append(struct ita_failures *failures, const char *key, unsigned key_len)
{
    if (ita_failures_count(failures) >= failures->max)
        drop(failures, oldest(failures));
    struct pair *pair = NEW(struct pair);
    memcpy(pair->key, key, key_len);
    pair->key_len = key_len;
    list_append(&failures->by_age, &pair->link);
    HASH_ADD(hh, failures->pairs, key, pair->key_len, pair);
    return pair;
}

bool ita_failures_add(struct ita_failures *failures, struct str access_key, struct str source,
                      int64_t now_ms)
{
    char key[KEY_MAX];
    unsigned key_len = make_key(access_key, source, key);
    struct pair *pair = find(failures, key, key_len);
    if (pair == NULL)
        pair = append(failures, key, key_len);
    if (now_ms - pair->last_ms >= failures->slow_ms)
        pair->count = 0;
    if (pair->count <= failures->limit)
        pair->count++;
    pair->last_ms = now_ms;
    list_remove(&pair->link);
    list_append(&failures->by_age, &pair->link);
    return pair->count > failures->limit;
}

void ita_failures_clear(struct ita_failures *failures, struct str access_key, struct str source)
{
    char key[KEY_MAX];
    if (failures->pairs == NULL)
        return;
    struct pair *pair = find(failures, key, make_key(access_key, source, key));
    if (pair != NULL)
        drop(failures, pair);
}
