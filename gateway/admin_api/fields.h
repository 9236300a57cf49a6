#ifndef GATEWAY_ADMIN_API_FIELDS_H
#define GATEWAY_ADMIN_API_FIELDS_H

/* Reads the members of a JSON object and collects every error there is, each at its field, in
 * English and Chinese. Pure. A member that no function below asked for is unknown, and refused by
 * fields_end(). */

#include "base/json.h"

enum {
    FIELDS_MAX = 64,       /* members of one object that may be asked for */
    FIELD_ERRORS_MAX = 50, /* more are not told */
    FIELD_ERRORS_BYTES_MAX = 64 * 1024,
    FIELD_PATH_MAX = 256,
};

/* [{"pointer":"/name","rule":"required","detail":{"en":"...","zh":"..."}}, ...] */
struct field_errors {
    struct buf json; /* the items, without brackets */
    struct json_writer writer;
    size_t count;
};

void field_errors_init(struct field_errors *errors);
void field_errors_finish(struct field_errors *errors);

enum field_presence { FIELD_OPTIONAL, FIELD_REQUIRED };

struct fields {
    const struct json *object;
    const char *path; /* JSON pointer of the object, "" for the whole body */
    struct field_errors *errors;
    const char *asked[FIELDS_MAX];
    size_t asked_count;
};

/* Keeps all three; the path is a literal or outlives the fields. */
void fields_init(struct fields *fields, const struct json *object, const char *path,
                 struct field_errors *errors);

/* NULL when the member is absent, null, or wrong, which is then an error; absent is one only when
 * the member is required. Text has no control characters and at most so many characters; a required
 * one is not empty. Borrowed from the object. */
const char *fields_text(struct fields *fields, const char *name, enum field_presence presence,
                        size_t characters_max);
/* The index among the choices, or -1. */
int fields_choice(struct fields *fields, const char *name, enum field_presence presence,
                  const char *const *choices, size_t count);
bool fields_bool(struct fields *fields, const char *name, enum field_presence presence,
                 bool fallback);
int64_t fields_number(struct fields *fields, const char *name, enum field_presence presence,
                      int64_t min, int64_t max, int64_t fallback);
/* For an object or array of the caller's own reading, or NULL. */
const struct json *fields_object(struct fields *fields, const char *name,
                                 enum field_presence presence);
const struct json *fields_array(struct fields *fields, const char *name,
                                enum field_presence presence);

/* An error of a rule that is the caller's own. The rule is one lower-case word. */
void fields_refuse(struct fields *fields, const char *name, const char *rule, const char *en,
                   const char *zh);
/* Refuses members that nothing asked for. Whether there is no error at all, in this object or
 * another of the same errors. */
bool fields_end(struct fields *fields);

#endif
