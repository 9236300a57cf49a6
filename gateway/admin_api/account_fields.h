#ifndef GATEWAY_ADMIN_API_ACCOUNT_FIELDS_H
#define GATEWAY_ADMIN_API_ACCOUNT_FIELDS_H

/* What users and API keys have in common: name, role and tenant, and lists by name. */

#include "gateway/admin_api/admin_request.h"

struct account {
    const char *name;
    enum role role;
    const char *tenant; /* NULL: none */
};

/* Reads the three; errors stay in the fields. name_member is what the name is called. */
void account_read(struct fields *fields, const char *name_member, struct account *out);
/* Answers what the store said about somebody new: at its field, if it is about one. */
void account_refuse(struct admin_request *request, struct fields *fields, const char *name_member,
                    enum status status, const struct fault *fault);

/* {"items":[...],"next":...}: one item more than the limit is read, to know whether there is one.
 */
struct account_page {
    int64_t limit, count;
    char last[USER_NAME_MAX + 1];
};
void account_page_begin(struct json_writer *w);
/* Whether the item of that name is still of this page. */
bool account_page_takes(struct account_page *page, const char *name);
void account_page_end(struct json_writer *w, const struct account_page *page);

#endif
