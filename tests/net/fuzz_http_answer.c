/* The reader gives one answer however the bytes arrive, stays within them, and what it accepts has
 * the promised form. */

#include <stdint.h>
#include <stdlib.h>

#include "net/http_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 256 };

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static enum http_read play(struct str wire, size_t piece, struct http_answer *answer)
{
    enum http_read result = HTTP_READ_MORE;
    http_answer_init(answer, BODY_MAX);
    for (size_t at = 0; at < wire.len && result == HTTP_READ_MORE; at += piece)
        result = http_answer_take(answer, str_slice(wire, at, piece));
    return result == HTTP_READ_MORE ? http_answer_end(answer) : result;
}

static void check(const struct http_answer *answer)
{
    must(answer->status >= 200 && answer->status <= 999);
    must(answer->body.len <= BODY_MAX);
    for (size_t i = 0; i < answer->header_count; i++) {
        struct str value = answer->headers[i].value;
        must(answer->headers[i].name.len > 0);
        must(str_find(value, '\r') == value.len && str_find(value, '\n') == value.len);
    }
}

static void must_be_alike(const struct http_answer *a, const struct http_answer *b)
{
    must(a->status == b->status && a->header_count == b->header_count);
    must(str_is(buf_str(&a->body), buf_str(&b->body)));
    must(str_is(buf_str(&a->head), buf_str(&b->head)));
}

/* The same when the body is taken out as it comes, as far as it is well-formed. */
static void must_be_alike_in_pieces(struct str wire, const struct http_answer *whole,
                                    enum http_read expected)
{
    struct http_answer answer;
    enum http_read result = HTTP_READ_MORE;
    char storage[BODY_MAX];
    struct buf body;
    buf_init_fixed(&body, storage, sizeof(storage));
    http_answer_init(&answer, BODY_MAX);
    for (size_t at = 0; at < wire.len && result == HTTP_READ_MORE; at += 5) {
        result = http_answer_take(&answer, str_slice(wire, at, 5));
        if (result != HTTP_READ_REFUSED && answer.has_head)
            buf_append(&body, http_answer_take_body(&answer));
    }
    if (result == HTTP_READ_MORE)
        result = http_answer_end(&answer);
    must(result == expected && !buf_is_over(&body));
    if (result == HTTP_READ_DONE)
        must(answer.status == whole->status && str_is(buf_str(&body), buf_str(&whole->body)));
    http_answer_finish(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str wire = str_slice(str_from(data, size), 0, HTTP_ANSWER_PIECE_MAX);
    struct http_answer whole, split;
    enum http_read result = play(wire, wire.len > 0 ? wire.len : 1, &whole);
    must(result != HTTP_READ_MORE);
    must((result == HTTP_READ_REFUSED) == (whole.fault != NULL));
    if (result == HTTP_READ_DONE)
        check(&whole);
    for (size_t piece = 1; piece <= 7; piece += 3) {
        must(play(wire, piece, &split) == result);
        if (result == HTTP_READ_DONE)
            must_be_alike(&whole, &split);
        http_answer_finish(&split);
    }
    must_be_alike_in_pieces(wire, &whole, result);
    http_answer_finish(&whole);
    return 0;
}
