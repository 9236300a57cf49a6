#ifndef GATEWAY_CLI_COLUMNS_H
#define GATEWAY_CLI_COLUMNS_H

/* Lists for people: columns under titles on a terminal. Into a file or pipe the same cells go with
 * a tab between them and without titles, for cut(1) and awk(1). */

#include "gateway/cli/terminal.h"

enum { COLUMNS_MAX = 16 };

struct column {
    const char *title;
    bool is_right;    /* numbers */
    size_t width_min; /* for lists that are written row by row */
};

enum tone { TONE_PLAIN, TONE_GOOD, TONE_WARNING, TONE_BAD, TONE_TITLE };

struct columns;

/* Keeps columns. */
struct columns *columns_create(const struct column *columns, size_t count);
void columns_destroy(struct columns *self); /* takes NULL */

/* The next cell, from left to right; the last one ends the row. Empty: there is nothing to say. */
void columns_add(struct columns *self, struct str cell);
void columns_add_toned(struct columns *self, struct str cell, enum tone tone);
void columns_format(struct columns *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends the whole rows and forgets them. The last cell of a row is shortened to the terminal's
 * width; no other is, since part of a number is worse than a line that wraps. */
void columns_write(struct columns *self, const struct terminal *terminal, struct buf *out);
/* The line of titles; nothing for programs. */
void columns_write_titles(const struct columns *self, const struct terminal *terminal,
                          struct buf *out);

/* A list that is whole: its titles and rows, nothing when it has no row. */
void columns_write_list(struct columns *self, const struct terminal *terminal, struct buf *out);

/* Text in that tone, where the terminal has colours. */
void tone_append(struct buf *out, const struct terminal *terminal, enum tone tone, struct str text);

#endif
