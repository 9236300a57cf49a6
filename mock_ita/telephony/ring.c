#include "mock_ita/telephony/ring.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"

void mock_ring_init(struct mock_ring *ring, size_t max, const char *word, uint32_t run)
{
    assert(max >= 1);
    *ring = (struct mock_ring){.slots = mem_alloc(max * sizeof(void *)), .max = max, .first = 1};
    snprintf(ring->id_prefix, sizeof(ring->id_prefix), "%.4s-%08" PRIx32 "-", word, run);
}

void mock_ring_finish(struct mock_ring *ring)
{
    mem_free(ring->slots);
    *ring = (struct mock_ring){0};
}

static void **slot(const struct mock_ring *ring, uint64_t number)
{
    return &ring->slots[number % ring->max];
}

bool mock_ring_is_full(const struct mock_ring *ring)
{
    return ring->last + 1 - ring->first == ring->max;
}

void mock_ring_add(struct mock_ring *ring, void *thing)
{
    assert(!mock_ring_is_full(ring));
    *slot(ring, ++ring->last) = thing;
}

void *mock_ring_take_first(struct mock_ring *ring)
{
    void *thing = mock_ring_first(ring);
    if (thing != NULL)
        *slot(ring, ring->first++) = NULL;
    return thing;
}

void *mock_ring_first(const struct mock_ring *ring)
{
    return mock_ring_of_number(ring, ring->first);
}

void *mock_ring_of_number(const struct mock_ring *ring, uint64_t number)
{
    return number < ring->first || number > ring->last ? NULL : *slot(ring, number);
}

void *mock_ring_of_id(const struct mock_ring *ring, struct str id)
{
    struct str prefix = str_of(ring->id_prefix);
    uint64_t number;
    if (id.len != MOCK_ID_LEN || !str_starts(id, prefix) ||
        str_parse_u64(str_slice(id, prefix.len, id.len), &number) != OK)
        return NULL;
    return mock_ring_of_number(ring, number);
}

void mock_ring_next_id(const struct mock_ring *ring, char out[static MOCK_ID_LEN])
{
    char text[sizeof(ring->id_prefix) + 20];
    int len = snprintf(text, sizeof(text), "%s%010" PRIu64, ring->id_prefix, ring->last + 1);
    assert(len == MOCK_ID_LEN);
    memcpy(out, text, MOCK_ID_LEN);
    (void)len;
}

struct str mock_keep_text(char **end, struct str text)
{
    struct str copy = {*end, text.len};
    if (text.len > 0)
        memcpy(*end, text.ptr, text.len);
    *end += text.len;
    return copy;
}
