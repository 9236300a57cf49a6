/* /admin/v1/tenants/{tenant}/x-numbers: the numbers bought from the ITA, and what each is doing. */

#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"
#include "gateway/model/number_lines.h"

/* --- Reading: what there is comes from the store, what it is doing from the loop --- */

struct listing {
    struct tenant tenant;
    struct admin_page page;
};

static void free_listing(void *kept)
{
    struct listing *listing = kept;
    tenant_finish(&listing->tenant);
    mem_free(listing);
}

void handle_x_numbers_list(struct admin_request *request)
{
    struct listing *listing = NEW(struct listing);
    request->kept = listing;
    request->free_kept = free_listing;
    if (admin_page_read(request, NULL, 0, &listing->page))
        (void)tenant_read_with_feature(request, &listing->tenant);
}

static void write_x(struct admin_request *request, const struct tenant *tenant,
                    const struct tenant_x_number *x)
{
    const struct gateway *gateway = request->api->gateway;
    struct xnumber_doing doing = {.state = XNUMBER_OUTSIDE};
    struct number number;
    if (number_parse(str_of(x->number), tenant_home_country(tenant), &number, NULL) == OK)
        doing = live_calls_x_doing(gateway->live, tenant->id, &number, gateway_steady_ms(gateway));
    json_write_object(&request->json, NULL);
    json_write_text(&request->json, "number", x->number);
    tenant_write_x_doing(&request->json, gateway, x->is_locked, &doing);
    admin_write_time(&request->json, "lastUsedAt", x->last_used_ms);
    json_write_object_end(&request->json);
}

void handle_x_numbers_list_on_loop(struct admin_request *request)
{
    const struct listing *listing = request->kept;
    const struct tenant *tenant = &listing->tenant;
    const char *last = NULL, *next = NULL;
    int64_t count = 0;
    struct json_writer *w = admin_list_begin(request);
    for (size_t i = 0; i < tenant->x_number_count && next == NULL; i++) {
        const struct tenant_x_number *x = &tenant->x_numbers[i];
        if (strcmp(x->number, listing->page.cursor) <= 0)
            continue;
        if (count++ == listing->page.limit) {
            next = last;
            continue;
        }
        last = x->number;
        write_x(request, tenant, x);
    }
    admin_list_end(w, next);
    admin_request_finish(request);
}

/* --- Changing --- */

static void add(struct admin_request *request, const struct number_list *numbers)
{
    struct violations violations = {0};
    struct fault fault = {""};
    enum status status = store_admin_add_x_numbers(request->store, admin_param(request, "tenant"),
                                                   numbers, &violations, &fault);
    if (status == OK)
        tenant_answer_added(request, numbers->count);
    else
        tenant_refuse(request, status, &violations, &fault);
}

void handle_x_numbers_add(struct admin_request *request)
{
    char **items;
    size_t count;
    if (!tenant_has_feature(request) || !tenant_read_numbers(request, &items, &count))
        return;
    const struct number_list numbers = {items, count, "numbers/", 0};
    add(request, &numbers);
    mem_free((void *)items);
}

/* An error's pointer is the line: "/lines/3". */
void handle_x_numbers_import(struct admin_request *request)
{
    struct number_lines lines = {0};
    struct fault fault = {""};
    struct str type = admin_header(request, STR("Content-Type"));
    if (!tenant_has_feature(request))
        return;
    if (!str_is_nocase(str_trim(str_slice(type, 0, str_find(type, ';'))), STR("text/csv"))) {
        admin_refuse(request, 415, "Content-Type: must be text/csv");
    } else if (number_lines_read(request->http->body, &lines, &fault) != OK) {
        admin_refuse(request, 400, "%s", fault.text);
    } else {
        const struct number_list numbers = {lines.items, lines.count, "lines/", lines.first};
        add(request, &numbers);
    }
    number_lines_finish(&lines);
}

static void answer_change(struct admin_request *request, enum status status,
                          const struct fault *fault)
{
    if (status == OK)
        admin_answer_empty(request, 204);
    else if (status == ERR_SYNTAX || (status == ERR_INVALID && fault->text[0] == 'X'))
        admin_refuse(request, 404, "the tenant does not have it"); /* what is no number is none */
    else if (status == ERR_INVALID)
        admin_refuse(request, 409, "%s", fault->text);
    else
        admin_refuse_status(request, status, fault);
}

void handle_x_numbers_put(struct admin_request *request)
{
    struct fields fields;
    struct fault fault = {""};
    if (!tenant_has_feature(request))
        return;
    admin_fields(request, &fields);
    bool is_locked = fields_bool(&fields, "locked", FIELD_REQUIRED, false);
    if (!admin_fields_end(request, &fields))
        return;
    enum status status =
        store_admin_lock_x_number(request->store, admin_param(request, "tenant"),
                                  admin_param(request, "number"), is_locked, &fault);
    answer_change(request, status, &fault);
}

void handle_x_numbers_remove(struct admin_request *request)
{
    char number[ADMIN_PARAM_SIZE], *numbers[] = {number};
    struct fault fault = {""};
    if (!tenant_has_feature(request))
        return;
    memcpy(number, admin_param(request, "number"), sizeof(number));
    enum status status = store_admin_remove_x_numbers(
        request->store, admin_param(request, "tenant"), numbers, 1, &fault);
    answer_change(request, status, &fault);
}
