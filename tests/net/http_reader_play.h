#ifndef TESTS_NET_HTTP_READER_PLAY_H
#define TESTS_NET_HTTP_READER_PLAY_H

/* Feeds a request to the reader in pieces, as a connection does, and keeps what came of it. */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/http_reader.h"

enum { PLAY_BODY_MAX = 1024, PLAY_BYTES_MAX = 64 * 1024 };

struct played {
    enum http_read result; /* HTTP_READ_MORE: the bytes end before the request does */
    bool is_head_done;
    struct http_reader reader;
    struct buf bytes; /* as the reader left them */
    size_t fed;       /* bytes handed to the reader */
};

/* The length of the next piece, of those that are left. */
typedef size_t play_piece(void *data, size_t left);

static inline void play_step(struct played *played)
{
    if (!played->is_head_done) {
        played->result = http_reader_head(&played->reader, played->bytes.ptr, played->bytes.len);
        played->is_head_done = played->result == HTTP_READ_DONE;
    }
    if (played->is_head_done)
        played->result =
            http_reader_body(&played->reader, PLAY_BODY_MAX, played->bytes.ptr, &played->bytes.len);
}

static inline void play(struct str wire, play_piece *piece, void *data, struct played *played)
{
    *played = (struct played){0};
    buf_init(&played->bytes, PLAY_BYTES_MAX);
    http_reader_init(&played->reader);
    while (played->fed < wire.len && played->result == HTTP_READ_MORE) {
        size_t len = piece(data, wire.len - played->fed);
        /* Moved on every step: the reader must not keep pointers. */
        struct buf moved;
        buf_init(&moved, PLAY_BYTES_MAX);
        buf_append(&moved, buf_str(&played->bytes));
        buf_append(&moved, str_slice(wire, played->fed, len));
        buf_finish(&played->bytes);
        played->bytes = moved;
        played->fed += len;
        play_step(played);
    }
}

static inline void play_finish(struct played *played)
{
    buf_finish(&played->bytes);
}

static inline size_t piece_whole(void *data, size_t left)
{
    (void)data;
    return left;
}

static inline size_t piece_byte(void *data, size_t left)
{
    (void)data;
    return left > 0;
}

/* Lengths from a simple generator whose state is data, small ones more often. */
static inline size_t piece_random(void *data, size_t left)
{
    uint32_t *state = data;
    *state = *state * 1664525U + 1013904223U;
    size_t len = 1 + (*state >> 16) % (*state % 5 == 0 ? 300 : 9);
    return len < left ? len : left;
}

/* What follows the request: the rest of its last piece, and what was not fed. */
static inline bool play_rest_is(const struct played *played, struct str wire, struct str rest)
{
    struct str left = str_slice(buf_str(&played->bytes), played->reader.taken, SIZE_MAX);
    struct str unfed = str_slice(wire, played->fed, SIZE_MAX);
    return rest.len == left.len + unfed.len && str_starts(rest, left) && str_ends(rest, unfed);
}

#endif
