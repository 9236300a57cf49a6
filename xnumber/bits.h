#ifndef XNUMBER_BITS_H
#define XNUMBER_BITS_H

/* A set of small integers, a bit each. */

#include <stddef.h>
#include <stdint.h>

enum { BITS_PER_WORD = 64 };

/* Zeroed: empty. */
struct bits {
    uint64_t *words; /* NULL: never anything in it */
    size_t word_count;
};

void bits_finish(struct bits *bits); /* empty again */
void bits_add(struct bits *bits, size_t index);
void bits_remove(struct bits *bits, size_t index);

/* The members from word * BITS_PER_WORD on, lowest bit first. */
static inline uint64_t bits_word(const struct bits *bits, size_t word)
{
    return word < bits->word_count ? bits->words[word] : 0;
}

#endif
