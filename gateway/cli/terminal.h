#ifndef GATEWAY_CLI_TERMINAL_H
#define GATEWAY_CLI_TERMINAL_H

/* What standard output is, and text that may be shown on it. */

#include "base/buf.h"

struct terminal {
    bool is_terminal; /* else a file or a pipe: for programs */
    bool has_colour;  /* a terminal, and NO_COLOR (no-color.org) is not set */
    size_t width, height;
};
/* Of standard output, as it is now. */
struct terminal terminal_look(void);

/* What strangers said (a CDR's remark, a server's certificate) must not reach the terminal as a
 * command: each control character becomes a '?'. */
void terminal_append_plain(struct buf *out, struct str text);

/* How many columns UTF-8 takes on a terminal: two for East Asian wide characters, none for what
 * combines with the character before it (Unicode Standard Annex 11). */
size_t terminal_width_of(struct str text);
/* The longest beginning of whole characters that takes at most that many columns. */
struct str terminal_fit(struct str text, size_t columns);

#endif
