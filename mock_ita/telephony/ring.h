#ifndef MOCK_ITA_TELEPHONY_RING_H
#define MOCK_ITA_TELEPHONY_RING_H

/* Things that are numbered from 1 on, of which the youngest are kept, and whose IDs tell their
 * number: found in one step, and in memory that does not grow. Pure. */

#include "base/str.h"

enum { MOCK_ID_LEN = 24 }; /* a word of four letters "-" 8 digits of the run "-" 10 of the number */

struct mock_ring {
    void **slots; /* the thing of number n stands at n % max */
    size_t max;
    uint64_t first, last; /* kept; last < first when there is none */
    char id_prefix[16];
};

/* run: told apart in the IDs, so that no two runs of the program give the same ones. */
void mock_ring_init(struct mock_ring *ring, size_t max, const char *word, uint32_t run);
/* Frees the ring, not the things. */
void mock_ring_finish(struct mock_ring *ring);
bool mock_ring_is_full(const struct mock_ring *ring);
/* Its number is ring->last then. The ring must not be full. */
void mock_ring_add(struct mock_ring *ring, void *thing);
/* Takes the oldest out; NULL when there is none. Numbers go on. */
void *mock_ring_take_first(struct mock_ring *ring);

/* NULL when there is none. */
void *mock_ring_first(const struct mock_ring *ring);
void *mock_ring_of_number(const struct mock_ring *ring, uint64_t number);
void *mock_ring_of_id(const struct mock_ring *ring, struct str id);
/* The ID of the next one to be added. */
void mock_ring_next_id(const struct mock_ring *ring, char out[static MOCK_ID_LEN]);

/* Copies text to *end and moves *end behind it: a thing's texts stand in one piece with it. */
struct str mock_keep_text(char **end, struct str text);

#endif
