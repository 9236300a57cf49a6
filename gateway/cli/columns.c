#include "gateway/cli/columns.h"

#include "base/mem.h"

enum {
    TEXT_MAX = 64 * 1024 * 1024, /* as the output of a subcommand */
    GAP = 2,                     /* spaces between columns */
};

struct cell {
    size_t start, len; /* in the text */
    size_t width;
    enum tone tone;
};

struct columns {
    const struct column *columns;
    size_t column_count;
    size_t widths[COLUMNS_MAX];
    struct cell *cells; /* row after row */
    size_t cell_count, cell_capacity;
    struct buf text;
};

struct columns *columns_create(const struct column *columns, size_t count)
{
    struct columns *self = NEW(struct columns);
    self->columns = columns;
    self->column_count = count;
    buf_init(&self->text, TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t title = terminal_width_of(str_of(columns[i].title));
        self->widths[i] = columns[i].width_min > title ? columns[i].width_min : title;
    }
    return self;
}

void columns_destroy(struct columns *self)
{
    if (self == NULL)
        return;
    buf_finish(&self->text);
    mem_free(self->cells);
    mem_free(self);
}

/* The cell is what was appended to the text since `start`. */
static void end_cell(struct columns *self, size_t start, enum tone tone)
{
    if (self->cell_count == self->cell_capacity) {
        self->cell_capacity = self->cell_capacity == 0 ? 64 : self->cell_capacity * 2;
        self->cells = mem_resize(self->cells, self->cell_capacity * sizeof(*self->cells));
    }
    size_t column = self->cell_count % self->column_count;
    struct str text = str_slice(buf_str(&self->text), start, self->text.len - start);
    size_t width = terminal_width_of(text);
    if (width > self->widths[column])
        self->widths[column] = width;
    self->cells[self->cell_count++] = (struct cell){start, text.len, width, tone};
}

void columns_add_toned(struct columns *self, struct str cell, enum tone tone)
{
    size_t start = self->text.len;
    terminal_append_plain(&self->text, cell);
    end_cell(self, start, tone);
}

void columns_add(struct columns *self, struct str cell)
{
    columns_add_toned(self, cell, TONE_PLAIN);
}

void columns_format(struct columns *self, const char *format, ...)
{
    struct buf cell;
    va_list args;
    buf_init(&cell, TEXT_MAX);
    va_start(args, format);
    buf_format_v(&cell, format, args);
    va_end(args);
    columns_add(self, buf_str(&cell));
    buf_finish(&cell);
}

void tone_append(struct buf *out, const struct terminal *terminal, enum tone tone, struct str text)
{
    /* Select Graphic Rendition (ISO 6429, 8.3.117): green, yellow, red, bold. */
    static const char *const codes[] = {[TONE_PLAIN] = "",
                                        [TONE_GOOD] = "\x1b[32m",
                                        [TONE_WARNING] = "\x1b[33m",
                                        [TONE_BAD] = "\x1b[31m",
                                        [TONE_TITLE] = "\x1b[1m"};
    bool is_coloured = terminal->has_colour && tone != TONE_PLAIN;
    buf_append(out, str_of(is_coloured ? codes[tone] : ""));
    buf_append(out, text);
    buf_append(out, is_coloured ? STR("\x1b[0m") : STR(""));
}

static void append_spaces(struct buf *out, size_t count)
{
    for (; count > 0; count--)
        buf_append_byte(out, ' ');
}

/* One cell of a line, which has come as far as *at. */
static void append_cell(const struct columns *self, size_t column, struct str text, enum tone tone,
                        const struct terminal *terminal, size_t *at, struct buf *out)
{
    bool is_last = column + 1 == self->column_count;
    size_t width = terminal_width_of(text);
    size_t padding = width < self->widths[column] ? self->widths[column] - width : 0;
    if (is_last && terminal->width > *at + 1 && width > terminal->width - *at) {
        tone_append(out, terminal, tone, terminal_fit(text, terminal->width - *at - 1));
        buf_append(out, STR("…"));
        return;
    }
    if (self->columns[column].is_right)
        append_spaces(out, padding);
    tone_append(out, terminal, tone, text);
    if (is_last)
        return;
    append_spaces(out, GAP + (self->columns[column].is_right ? 0 : padding));
    *at += self->widths[column] + GAP;
}

void columns_write_titles(const struct columns *self, const struct terminal *terminal,
                          struct buf *out)
{
    size_t at = 0;
    if (!terminal->is_terminal)
        return;
    for (size_t i = 0; i < self->column_count; i++)
        append_cell(self, i, str_of(self->columns[i].title), TONE_TITLE, terminal, &at, out);
    buf_append_byte(out, '\n');
}

static void write_row(const struct columns *self, const struct cell *cells,
                      const struct terminal *terminal, struct buf *out)
{
    size_t at = 0;
    for (size_t i = 0; i < self->column_count; i++) {
        struct str text = str_slice(buf_str(&self->text), cells[i].start, cells[i].len);
        if (!terminal->is_terminal) {
            buf_append(out, i > 0 ? STR("\t") : STR(""));
            buf_append(out, text);
            continue;
        }
        append_cell(self, i, text.len > 0 ? text : STR("-"), cells[i].tone, terminal, &at, out);
    }
    buf_append_byte(out, '\n');
}

void columns_write(struct columns *self, const struct terminal *terminal, struct buf *out)
{
    for (size_t i = 0; i + self->column_count <= self->cell_count; i += self->column_count)
        write_row(self, self->cells + i, terminal, out);
    self->cell_count = 0;
    buf_clear(&self->text);
}

void columns_write_list(struct columns *self, const struct terminal *terminal, struct buf *out)
{
    if (self->cell_count == 0)
        return;
    columns_write_titles(self, terminal, out);
    columns_write(self, terminal, out);
}
