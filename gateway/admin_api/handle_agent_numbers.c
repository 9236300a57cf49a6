/* /admin/v1/tenants/{tenant}/trial-numbers and .../agent-numbers: lists of agents' phones. */

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"

/* In the order of their texts, those behind the cursor. */
static void list(struct admin_request *request, enum agent_list which)
{
    struct admin_page page;
    struct tenant tenant;
    const char *last = NULL, *next = NULL;
    int64_t count = 0;
    if (!admin_page_read(request, NULL, 0, &page) || !tenant_read_with_feature(request, &tenant))
        return;
    const struct agent_numbers *numbers = &tenant.agent_numbers[which];
    struct json_writer *w = admin_list_begin(request);
    for (size_t i = 0; i < numbers->count && next == NULL; i++) {
        if (strcmp(numbers->numbers[i], page.cursor) <= 0)
            continue;
        if (count++ == page.limit) {
            next = last;
            continue;
        }
        last = numbers->numbers[i];
        json_write_text(w, NULL, last);
    }
    admin_list_end(w, next);
    tenant_finish(&tenant);
}

static void add(struct admin_request *request, enum agent_list which)
{
    struct violations violations = {0};
    struct fault fault = {""};
    char **items;
    size_t count;
    if (!tenant_has_feature(request) || !tenant_read_numbers(request, &items, &count))
        return;
    const struct number_list numbers = {items, count, "numbers/", 0};
    enum status status = store_admin_add_agent_numbers(
        request->store, admin_param(request, "tenant"), which, &numbers, &violations, &fault);
    if (status == OK)
        tenant_answer_added(request, count);
    else
        tenant_refuse(request, status, &violations, &fault);
    mem_free((void *)items);
}

static void remove_one(struct admin_request *request, enum agent_list which)
{
    struct fault fault = {""};
    if (!tenant_has_feature(request))
        return;
    enum status status =
        store_admin_remove_agent_number(request->store, admin_param(request, "tenant"), which,
                                        admin_param(request, "number"), &fault);
    if (status == OK)
        admin_answer_empty(request, 204);
    else
        admin_refuse_status(request, status, &fault);
}

void handle_trial_numbers_list(struct admin_request *request)
{
    list(request, AGENT_LIST_TRIAL);
}

void handle_trial_numbers_add(struct admin_request *request)
{
    add(request, AGENT_LIST_TRIAL);
}

void handle_trial_numbers_remove(struct admin_request *request)
{
    remove_one(request, AGENT_LIST_TRIAL);
}

void handle_agent_numbers_list(struct admin_request *request)
{
    list(request, AGENT_LIST_OWN);
}

void handle_agent_numbers_add(struct admin_request *request)
{
    add(request, AGENT_LIST_OWN);
}

void handle_agent_numbers_remove(struct admin_request *request)
{
    remove_one(request, AGENT_LIST_OWN);
}
