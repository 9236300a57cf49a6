#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>

enum status fault_set(struct fault *fault, enum status status, const char *format, ...)
{
    if (fault == NULL)
        return status;
    va_list args;
    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
    return status;
}

void fault_prefix(struct fault *fault, const char *format, ...)
{
    if (fault == NULL)
        return;
    struct fault inner = *fault;
    char place[128];
    va_list args;
    va_start(args, format);
    vsnprintf(place, sizeof(place), format, args);
    va_end(args);
    /* The inner text may be cut: the place matters more than the end of a long sentence. */
    snprintf(fault->text, sizeof(fault->text), "%s: %.*s", place,
             (int)(sizeof(fault->text) - sizeof(place) - 3), inner.text);
}
