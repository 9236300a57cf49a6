#include "profile/code.h"

#include "base/mem.h"

#define X(name, digits, text, zh) const char ITA_CODE_##name[] = digits;
ITA_CODE_MAP(X)
#undef X
const char ITA_CODE_SUCCESS[] = "0";

static const struct {
    const char *code, *text, *zh;
} codes[] = {
#define X(name, digits, text, zh) {digits, text, zh},
    ITA_CODE_MAP(X)
#undef X
};

/* The row of the code, or COUNT_OF(codes). */
static size_t find(struct str code)
{
    size_t row = 0;
    while (row < COUNT_OF(codes) && !str_is(code, str_of(codes[row].code)))
        row++;
    return row;
}

const char *ita_code_text(struct str code)
{
    size_t row = find(code);
    return row < COUNT_OF(codes) ? codes[row].text : NULL;
}

const char *ita_code_text_zh(struct str code)
{
    size_t row = find(code);
    return row < COUNT_OF(codes) ? codes[row].zh : NULL;
}
