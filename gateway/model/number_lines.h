#ifndef GATEWAY_MODEL_NUMBER_LINES_H
#define GATEWAY_MODEL_NUMBER_LINES_H

/* A CSV file of phone numbers: one in the first column of each line; other columns are passed over.
 * The first line may be a header, whose first column is `number`. Pure. */

#include "base/fault.h"
#include "base/str.h"

struct number_lines {
    char **items; /* one for each line behind the header; an empty line is an empty text */
    size_t count;
    size_t first; /* the number of the first one's line */
};

/* Zeroed at first. ERR_SYNTAX for what is no text, ERR_INVALID for nothing in it. */
MUST_CHECK enum status number_lines_read(struct str csv, struct number_lines *out,
                                         struct fault *fault);
void number_lines_finish(struct number_lines *lines);

#endif
