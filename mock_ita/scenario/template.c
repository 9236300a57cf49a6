#include "mock_ita/scenario/template.h"

#include <ctype.h>

#include "base/mem.h"

static const struct str names[MOCK_VARIABLES] = {
#define X(name, text) [MOCK_VARIABLE_##name] = {text, sizeof(text) - 1},
    MOCK_VARIABLE_MAP(X)
#undef X
};

enum { NAME_SHOWN_MAX = 32 };

/* Splits text at its first {word}: what stands before it, the word, what stands behind. False when
 * there is none. */
static bool next_word(struct str text, struct str *before, struct str *word, struct str *behind)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '{')
            continue;
        size_t end = i + 1;
        while (end < text.len && isalpha((unsigned char)text.ptr[end]))
            end++;
        if (end == i + 1 || end == text.len || text.ptr[end] != '}')
            continue;
        *before = str_slice(text, 0, i);
        *word = str_slice(text, i + 1, end - i - 1);
        *behind = str_slice(text, end + 1, text.len);
        return true;
    }
    return false;
}

/* MOCK_VARIABLES when there is none of that name. */
static size_t find(struct str word)
{
    size_t i = 0;
    while (i < MOCK_VARIABLES && !str_is(names[i], word))
        i++;
    return i;
}

enum status mock_template_check(struct str text, struct fault *fault)
{
    struct str before, word;
    while (next_word(text, &before, &word, &text))
        if (find(word) == MOCK_VARIABLES)
            return fault_set(fault, ERR_INVALID, "unknown variable {%.*s}",
                             STR_ARGS(str_slice(word, 0, NAME_SHOWN_MAX)));
    return OK;
}

void mock_template_fill(struct str text, const struct str values[static MOCK_VARIABLES],
                        struct buf *out)
{
    struct str before, word;
    while (next_word(text, &before, &word, &text)) {
        size_t variable = find(word);
        buf_append(out, before);
        if (variable < MOCK_VARIABLES)
            buf_append(out, values[variable]);
    }
    buf_append(out, text);
}
