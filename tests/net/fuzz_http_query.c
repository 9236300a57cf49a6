/* A query. What is found is text, and is found again when it is encoded anew; what is refused is
 * refused with a fault, and only then. */

#include <stdlib.h>

#include "base/encoding.h"
#include "base/mem.h"
#include "net/http_query.h"

enum { VALUE_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_value(struct str value)
{
    char encoded_text[2 + 3 * VALUE_MAX], again_text[VALUE_MAX];
    struct buf encoded, again;
    for (size_t i = 0; i < value.len; i++)
        expect((unsigned char)value.ptr[i] >= ' ');
    expect(str_is_utf8(value));
    buf_init_fixed(&encoded, encoded_text, sizeof(encoded_text));
    buf_init_fixed(&again, again_text, sizeof(again_text));
    buf_append(&encoded, STR("a="));
    percent_append(&encoded, value);
    expect(http_query_find(buf_str(&encoded), "a", &again, NULL) == OK);
    expect(str_is(buf_str(&again), value));
}

static void check_name(struct str query, const char *name, bool are_names_known)
{
    char text[VALUE_MAX];
    struct buf value;
    struct fault fault = {""};
    buf_init_fixed(&value, text, sizeof(text));
    enum status status = http_query_find(query, name, &value, &fault);
    expect((fault.text[0] == '\0') == (status == OK || status == ERR_NOT_FOUND));
    if (status == OK)
        check_value(buf_str(&value));
    if (are_names_known && fault.text[0] != '\0')
        expect(str_starts(str_of(fault.text), str_of(name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const NAMES[] = {"a", "limit"};
    struct str query = str_from(data, size);
    struct fault fault = {""};
    bool are_names_known = http_query_check(query, NAMES, COUNT_OF(NAMES), &fault) == OK;
    expect(are_names_known == (fault.text[0] == '\0'));
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        check_name(query, NAMES[i], are_names_known);
    return 0;
}
