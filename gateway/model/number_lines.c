#include "gateway/model/number_lines.h"

#include "base/mem.h"

/* Without the mark that spreadsheets put before UTF-8, and the line end of the last line. */
static struct str trim(struct str csv)
{
    const struct str mark = STR("\xEF\xBB\xBF");
    if (str_starts(csv, mark))
        csv = str_slice(csv, mark.len, csv.len);
    while (str_ends(csv, STR("\n")) || str_ends(csv, STR("\r")))
        csv.len--;
    return csv;
}

/* RFC 4180: fields may be quoted. A quoted number holds no quote. */
static struct str first_column(struct str line)
{
    struct str field = str_trim(str_slice(line, 0, str_find(line, ',')));
    if (field.len > 0 && field.ptr[field.len - 1] == '\r')
        field = str_trim(str_slice(field, 0, field.len - 1));
    if (field.len >= 2 && str_starts(field, STR("\"")) && str_ends(field, STR("\"")))
        field = str_slice(field, 1, field.len - 2);
    return field;
}

enum status number_lines_read(struct str csv, struct number_lines *out, struct fault *fault)
{
    struct str rest = trim(csv), line;
    size_t lines = 1;
    if (!str_is_utf8(csv) || memchr(csv.ptr, '\0', csv.len) != NULL)
        return fault_set(fault, ERR_SYNTAX, "CSV: must be UTF-8 text");
    if (rest.len == 0)
        return fault_set(fault, ERR_INVALID, "CSV: must hold at least one number");
    for (size_t i = 0; i < rest.len; i++)
        lines += rest.ptr[i] == '\n';
    out->items = mem_alloc(lines * sizeof(*out->items));
    out->first = 1;
    while (str_next(&rest, '\n', &line)) {
        struct str field = first_column(line);
        if (out->count == 0 && out->first == 1 && str_is_nocase(field, STR("number")))
            out->first = 2;
        else
            out->items[out->count++] = str_copy(field);
    }
    return out->count > 0 ? OK : fault_set(fault, ERR_INVALID, "CSV: must hold a number");
}

void number_lines_finish(struct number_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        mem_free(lines->items[i]);
    mem_free(lines->items);
    *lines = (struct number_lines){0};
}
