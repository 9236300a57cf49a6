#ifndef MOCK_ITA_VIOLATION_H
#define MOCK_ITA_VIOLATION_H

/* What is wrong with a request: for each fault where it is and the rule that it breaks. */

#include "base/buf.h"
#include "base/json.h"

enum { MOCK_VIOLATIONS_MAX = 32 }; /* of one request; the last one then says that there are more */

struct mock_violation {
    char *path; /* "/telA" in the body, "{callID}" in the request target, "Content-Type" */
    char *rule;
};

struct mock_violations {
    struct mock_violation items[MOCK_VIOLATIONS_MAX];
    size_t count;
};

void mock_violations_finish(struct mock_violations *self);
/* Copies path and rule. */
void mock_violations_add(struct mock_violations *self, struct str path, struct str rule);
/* An array of {"path","rule"}. */
void mock_violations_write(const struct mock_violations *self, struct json_writer *w,
                           const char *name);
/* "/telA: must be there; /telB: ..." */
void mock_violations_append(const struct mock_violations *self, struct buf *out);

#endif
