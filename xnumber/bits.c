#include "xnumber/bits.h"

#include <string.h>

#include "base/mem.h"

static uint64_t mask_of(size_t index)
{
    return UINT64_C(1) << (index % BITS_PER_WORD);
}

void bits_finish(struct bits *bits)
{
    mem_free(bits->words);
    *bits = (struct bits){0};
}

void bits_add(struct bits *bits, size_t index)
{
    size_t word = index / BITS_PER_WORD;
    if (word >= bits->word_count) {
        size_t grown = word + word / 2 + 1;
        bits->words = mem_resize(bits->words, grown * sizeof(uint64_t));
        memset(bits->words + bits->word_count, 0, (grown - bits->word_count) * sizeof(uint64_t));
        bits->word_count = grown;
    }
    bits->words[word] |= mask_of(index);
}

void bits_remove(struct bits *bits, size_t index)
{
    size_t word = index / BITS_PER_WORD;
    if (word < bits->word_count)
        bits->words[word] &= ~mask_of(index);
}
