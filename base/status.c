#include "base/status.h"

#include <stddef.h>

static const struct {
    enum status_class class;
    const char *text;
} statuses[] = {
#define X(name, class, text) [name] = {STATUS_CLASS_##class, text},
    STATUS_MAP(X)
#undef X
};

enum status_class status_class(enum status status)
{
    return statuses[status].class;
}

const char *status_text(enum status status)
{
    return statuses[status].text;
}
