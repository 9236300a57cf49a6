#ifndef GATEWAY_CLI_CALL_PRINT_H
#define GATEWAY_CLI_CALL_PRINT_H

/* Calls for people, as the admin API tells them. Numbers stand there in full, as in the console: an
 * operator is a system administrator. */

#include "base/json.h"
#include "gateway/cli/columns.h"

enum { CALL_COLUMN_COUNT = 9 };
extern const struct column call_columns[CALL_COLUMN_COUNT];

/* A row of call_columns. at: the time to show, a member of the call. */
void call_print_row(struct columns *columns, struct str tenant, const struct json *call,
                    const char *at);
/* The member that says when the call last changed. */
const char *call_last_change(const struct json *call);

/* All that is known of one: its members, timeline and CDRs. callbacks: items of the API's list. */
void call_print_detail(const struct json *call, struct str tenant, const struct json *callbacks,
                       const struct terminal *terminal, struct buf *out);

extern const struct column callback_columns[];
extern const size_t callback_column_count;
void callback_print_row(struct columns *columns, const struct json *callback);

/* A member in the operator's language, or as it stands: text, number, true or false; empty of
 * null. number: storage of JSON_TEXT_NUMBER_SIZE. */
struct str json_shown(const struct json *object, const char *member, char *number);

#endif
