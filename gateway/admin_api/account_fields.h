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

/* A page of a list by name. */
struct account_page {
    struct json_writer *w;
    int64_t limit, count;
    char after[ADMIN_PARAM_SIZE], last[USER_NAME_MAX + 1];
};
/* Answers 400 when it gives false. Else one item more than the limit is read, to know whether there
 * is one. */
bool account_page_begin(struct admin_request *request, struct account_page *page);
/* Whether the item of that name is still of this page. */
bool account_page_takes(struct account_page *page, const char *name);
/* Or refuses with what the store said. */
void account_page_end(struct admin_request *request, const struct account_page *page,
                      enum status status, const struct fault *fault);

#endif
