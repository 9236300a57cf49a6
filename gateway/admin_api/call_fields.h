#ifndef GATEWAY_ADMIN_API_CALL_FIELDS_H
#define GATEWAY_ADMIN_API_CALL_FIELDS_H

/* Calls and CDRs as the admin API tells them, and the query that looks for calls. */

#include "gateway/admin_api/admin_request.h"
#include "gateway/store/store_admin_calls.h"

/* What the query asks for; the search borrows from it. */
struct call_query {
    struct call_search search;
    char number[CALL_TEXT_MAX], code[CALL_TEXT_MAX], id[CALL_ID_MAX]; /* not ended by NUL */
};

/* The names of a query that looks for calls. */
extern const char *const CALL_QUERY_NAMES[];
extern const size_t CALL_QUERY_NAME_COUNT;
/* Answers 400 when it gives false. The tenant is left to the caller, and whether other names may
 * stand in the query. */
bool call_query_read(struct admin_request *request, struct call_query *out);

const char *call_type_text(enum call_type type);
const char *call_state_text(enum call_state state);
const char *call_outcome_text(enum call_outcome outcome); /* NULL: none yet */
/* Below 0 is null. */
void call_write_number(struct json_writer *w, const char *name, int64_t value);
/* The members that lists and details have in common. */
void call_write_members(struct json_writer *w, const struct call_record *call);
/* Times are read in that zone. A body that is no CDR has a fault and no members. */
void cdr_write_members(struct json_writer *w, const struct kept_cdr *kept, const char *zone);

#endif
