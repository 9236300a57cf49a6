#ifndef BASE_CSV_H
#define BASE_CSV_H

/* Writes CSV (RFC 4180) into a buf, straight on, for people who open it with a spreadsheet: text
 * that one would take for a formula gets an apostrophe in front, which shows it as it is. */

#include "base/buf.h"

struct csv_writer {
    struct buf *out;
    bool needs_comma;
};

void csv_write_init(struct csv_writer *w, struct buf *out);
void csv_write_str(struct csv_writer *w, struct str text);
void csv_write_text(struct csv_writer *w, const char *text); /* NULL: an empty cell */
void csv_write_u64(struct csv_writer *w, uint64_t value);
void csv_end_line(struct csv_writer *w);

#endif
