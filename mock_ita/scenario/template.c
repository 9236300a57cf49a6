#include "mock_ita/scenario/template.h"

#include <ctype.h>

#include "base/json.h"
#include "base/mem.h"

static const struct str names[MOCK_VARIABLES] = {
#define X(name, text) [MOCK_VARIABLE_##name] = {text, sizeof(text) - 1},
    MOCK_VARIABLE_MAP(X)
#undef X
};

enum {
    NAME_SHOWN_MAX = 32,
    ESCAPED_MAX = 128 * 1024, /* a header of 16 KiB, each byte escaped to six */
};

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

/* As between the quotes of a JSON string. */
static void append_escaped(struct buf *out, struct str value)
{
    struct buf quoted;
    struct json_writer w;
    buf_init(&quoted, ESCAPED_MAX);
    json_write_init(&w, &quoted);
    json_write_str(&w, NULL, value);
    buf_append(out, str_slice(buf_str(&quoted), 1, quoted.len - 2));
    buf_finish(&quoted);
}

void mock_template_fill(struct str text, bool is_json,
                        const struct str values[static MOCK_VARIABLES], struct buf *out)
{
    struct str before, word;
    while (next_word(text, &before, &word, &text)) {
        size_t variable = find(word);
        buf_append(out, before);
        if (variable < MOCK_VARIABLES && is_json)
            append_escaped(out, values[variable]);
        else if (variable < MOCK_VARIABLES)
            buf_append(out, values[variable]);
    }
    buf_append(out, text);
}
