/* The JSON gate: any bytes, and what it accepts must be readable again after writing. */

#include <assert.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json *json = NULL, *again = NULL;
    struct fault fault;
    if (json_parse(str_from(data, size), &json, &fault) != OK)
        return 0;
    struct buf out;
    struct json_writer w;
    buf_init(&out, 1 << 24);
    json_write_init(&w, &out);
    json_write_value(&w, NULL, json);
    enum status status = json_parse(buf_str(&out), &again, &fault);
    if (status != OK)
        abort();
    json_destroy(again);
    json_destroy(json);
    buf_finish(&out);
    return 0;
}
