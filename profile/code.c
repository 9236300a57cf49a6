#include "profile/code.h"

#include "base/mem.h"

#define X(name, digits, text) const char ITA_CODE_##name[] = digits;
ITA_CODE_MAP(X)
#undef X
const char ITA_CODE_SUCCESS[] = "0";

static const struct {
    const char *code, *text;
} codes[] = {
#define X(name, digits, text) {digits, text},
    ITA_CODE_MAP(X)
#undef X
};

const char *ita_code_text(struct str code)
{
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (str_is(code, str_of(codes[i].code)))
            return codes[i].text;
    return NULL;
}
