#include "mock_ita/scenario/code.h"

#include "base/mem.h"

static const struct {
    const char *digits, *text;
} codes[] = {[MOCK_OK] = {"0", "Success"},
#define X(name, digits, text, zh) [MOCK_##name] = {digits, text},
             ITA_CODE_MAP(X)
#undef X
};

const char *mock_code_digits(enum mock_code code)
{
    return codes[code].digits;
}

const char *mock_code_text(enum mock_code code)
{
    return codes[code].text;
}

enum mock_code mock_code_of_last_four(struct str digits)
{
    for (size_t i = MOCK_OK + 1; digits.len == 4 && i < COUNT_OF(codes); i++)
        if (str_ends(str_of(codes[i].digits), digits))
            return (enum mock_code)i;
    return MOCK_OK;
}
