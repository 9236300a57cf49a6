/* The reader gives one result however the bytes arrive, stays within them, and what it accepts has
 * the promised form. */

#include <stdint.h>
#include <stdlib.h>

#include "tests/net/http_reader_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static void check_request(const struct played *played)
{
    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_request request = {0};
    http_reader_request(&played->reader, played->bytes.ptr, headers, &request);
    must(request.method.len > 0 && str_starts(request.target, STR("/")));
    must(request.path.len + request.query.len + (request.query.ptr != NULL) == request.target.len);
    must(request.body.len <= PLAY_BODY_MAX);
    size_t lengths = http_headers_count(headers, request.header_count, STR("Content-Length"));
    size_t codings = http_headers_count(headers, request.header_count, STR("Transfer-Encoding"));
    must(lengths + codings <= 1 && (lengths + codings == 1 || request.body.len == 0));
    must(http_headers_count(headers, request.header_count, STR("Host")) <= 1);
    for (size_t i = 0; i < request.header_count; i++) {
        must(headers[i].name.len > 0);
        must(str_find(headers[i].value, '\r') == headers[i].value.len);
        must(str_find(headers[i].value, '\n') == headers[i].value.len);
        must(str_find(headers[i].value, '\0') == headers[i].value.len);
    }
}

static void must_be_alike(const struct played *a, const struct played *b, struct str wire)
{
    must(a->result == b->result && a->is_head_done == b->is_head_done);
    must(a->reader.error_status == b->reader.error_status);
    must(a->reader.error_reason == b->reader.error_reason);
    if (a->result != HTTP_READ_DONE)
        return;
    must(a->reader.is_keep_alive == b->reader.is_keep_alive);
    must(a->reader.body_len == b->reader.body_len);
    size_t whole = a->reader.head_len + a->reader.body_len;
    must(str_is(str_slice(buf_str(&a->bytes), 0, whole), str_slice(buf_str(&b->bytes), 0, whole)));
    /* a was fed whole: its rest is exact. */
    must(play_rest_is(b, wire, str_slice(wire, a->reader.taken, SIZE_MAX)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str wire = str_slice(str_from(data, size), 0, PLAY_BYTES_MAX);
    struct played whole, split;
    play(wire, piece_whole, NULL, &whole);
    if (whole.result == HTTP_READ_DONE)
        check_request(&whole);
    uint32_t seed = (uint32_t)size * 2654435761U + (size > 0 ? data[size - 1] : 0);
    play(wire, piece_random, &seed, &split);
    must_be_alike(&whole, &split, wire);
    play_finish(&split);
    if (size < 2048) { /* moving the bytes for each of them is quadratic here, not in the reader */
        play(wire, piece_byte, NULL, &split);
        must_be_alike(&whole, &split, wire);
        play_finish(&split);
    }
    play_finish(&whole);
    return 0;
}
