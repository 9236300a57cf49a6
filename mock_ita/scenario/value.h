#ifndef MOCK_ITA_SCENARIO_VALUE_H
#define MOCK_ITA_SCENARIO_VALUE_H

/* Reads objects by tables of their members, and knows where in the document it reads: every fault
 * names the JSON path (RFC 6901). */

#include "base/fault.h"
#include "base/json.h"

/* A value and the way to it. Lives on the stack of whoever reads it. */
struct mock_value {
    const struct json *json;
    const struct mock_value *outer; /* NULL: the whole document */
    size_t index;                   /* among an array's elements, which have no name */
    struct fault *fault;            /* where faults go; may be NULL */
};

enum mock_member_kind {
    MOCK_MEMBER_SWITCH,   /* bool */
    MOCK_MEMBER_WHOLE,    /* int64_t, within min..max */
    MOCK_MEMBER_NUMBER,   /* double, within min..max */
    MOCK_MEMBER_DURATION, /* int64_t milliseconds, within min..max */
    MOCK_MEMBER_TEXT,     /* struct str, borrowed from the document, min..max bytes */
    MOCK_MEMBER_CHOICE,   /* an enum: the index among `choices` */
    MOCK_MEMBER_OWN,      /* whatever read() makes of it */
};

struct mock_member {
    const char *name;
    enum mock_member_kind kind;
    size_t offset; /* of the field in the struct that is read; what read() is handed */
    int64_t min, max;
    const char *const *choices; /* NULL ends them */
    enum status (*read)(const struct mock_value *value, void *field);
};

/* Always ERR_INVALID: the value's path and the rule that it breaks. */
enum status mock_value_refuse(const struct mock_value *value, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The value must be an object and have no other members. Absent ones leave their field. */
MUST_CHECK enum status mock_value_read(const struct mock_value *value,
                                       const struct mock_member *members, size_t count,
                                       void *fields);
/* The value must be an array of at most max; each element goes to read() with `data`. */
MUST_CHECK enum status
mock_value_read_items(const struct mock_value *value, size_t max,
                      enum status (*read)(const struct mock_value *item, void *data), void *data);
/* Of an array's elements. */
size_t mock_value_count(const struct mock_value *value);
/* The object's member of that name; its json is NULL when it is absent. */
struct mock_value mock_value_member(const struct mock_value *value, const char *name);
/* Single values, for a read() of one's own. */
MUST_CHECK enum status mock_value_switch(const struct mock_value *value, bool *out);
MUST_CHECK enum status mock_value_whole(const struct mock_value *value, int64_t min, int64_t max,
                                        int64_t *out);
MUST_CHECK enum status mock_value_duration(const struct mock_value *value, int64_t min_ms,
                                           int64_t max_ms, int64_t *out);
/* One of the texts, of which NULL is the last; *out is its index. */
MUST_CHECK enum status mock_value_choice(const struct mock_value *value, const char *const *choices,
                                         unsigned *out);

#endif
