#include "base/csv.h"

#include "base/mem.h"

void csv_write_init(struct csv_writer *w, struct buf *out)
{
    *w = (struct csv_writer){.out = out};
}

static void begin_cell(struct csv_writer *w)
{
    if (w->needs_comma)
        buf_append_byte(w->out, ',');
    w->needs_comma = true;
}

/* OWASP, CSV Injection: also with blanks before it, and in the full-width forms, which a
 * spreadsheet takes for the same in East Asian languages. */
static bool looks_like_formula(struct str text)
{
    static const char *const signs[] = {"=", "+", "-", "@", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
    size_t blanks = 0;
    while (blanks < text.len && (unsigned char)text.ptr[blanks] <= ' ')
        blanks++;
    struct str rest = str_slice(text, blanks, text.len);
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (str_starts(rest, str_of(signs[i])))
            return true;
    return false;
}

static bool needs_quotes(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(",\"\r\n", text.ptr[i]) != NULL && text.ptr[i] != '\0')
            return true;
    return false;
}

static void append_doubled(struct buf *out, struct str text)
{
    struct str piece;
    for (bool is_first = true; str_next(&text, '"', &piece); is_first = false) {
        if (!is_first)
            buf_append(out, STR("\"\""));
        buf_append(out, piece);
    }
}

void csv_write_str(struct csv_writer *w, struct str text)
{
    bool is_quoted = needs_quotes(text);
    begin_cell(w);
    if (is_quoted)
        buf_append_byte(w->out, '"');
    if (looks_like_formula(text))
        buf_append_byte(w->out, '\'');
    append_doubled(w->out, text);
    if (is_quoted)
        buf_append_byte(w->out, '"');
}

void csv_write_text(struct csv_writer *w, const char *text)
{
    csv_write_str(w, str_of(text));
}

void csv_write_u64(struct csv_writer *w, uint64_t value)
{
    begin_cell(w);
    buf_append_u64(w->out, value);
}

void csv_end_line(struct csv_writer *w)
{
    buf_append(w->out, STR("\r\n"));
    w->needs_comma = false;
}
