#ifndef BASE_FAULT_H
#define BASE_FAULT_H

/* Why something was refused, in words for whoever sent it: the field and the rule, one line, no
 * secrets, no full phone numbers. Filled by the function that finds the fault; callers may put a
 * place before it. */

#include "base/status.h"

struct fault {
    char text[256]; /* a line that fits a terminal and an HTTP header */
};

/* Sets the text and returns status, so that a check is one line: return fault_set(fault,
 * ERR_INVALID, "..."). Takes a NULL fault. */
enum status fault_set(struct fault *fault, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts "place: " before the text. */
void fault_prefix(struct fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
