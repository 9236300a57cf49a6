#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mock_ita/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any Range header of a file of any of these sizes names bytes within it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t sizes[] = {0, 1, 44, 48044, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct mock_range range = mock_range_read(str_from(data, size), sizes[i]);
        if (range.to > sizes[i] || range.from > range.to)
            abort();
        if (range.kind == MOCK_RANGE_PART && range.from == range.to)
            abort();
        if (range.kind == MOCK_RANGE_WHOLE && (range.from != 0 || range.to != sizes[i]))
            abort();
    }
    return 0;
}
