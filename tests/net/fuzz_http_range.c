#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "net/http_range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as a Content-Range is written as one that says the same. */
static void check_content_range(struct str value)
{
    struct http_range range, again;
    uint64_t size, size_again;
    char storage[80];
    struct buf text;
    if (http_content_range_read(value, &range, &size) != OK)
        return;
    if (range.kind == HTTP_RANGE_PART && (range.from >= range.to || range.to > size))
        abort();
    buf_init_fixed(&text, storage, sizeof(storage));
    http_content_range_append(&text, &range, size);
    if (http_content_range_read(buf_str(&text), &again, &size_again) != OK || size != size_again ||
        range.kind != again.kind || range.from != again.from || range.to != again.to)
        abort();
}

/* Any Range header of a file of any of these sizes names bytes within it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_content_range(str_from(data, size));
    static const uint64_t sizes[] = {0, 1, 44, 48044, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct http_range range = http_range_read(str_from(data, size), sizes[i]);
        if (range.to > sizes[i] || range.from > range.to)
            abort();
        if (range.kind == HTTP_RANGE_PART && range.from == range.to)
            abort();
        if (range.kind == HTTP_RANGE_WHOLE && (range.from != 0 || range.to != sizes[i]))
            abort();
    }
    return 0;
}
