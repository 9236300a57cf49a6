/* /admin/v1/cdrs/unmatched: CDRs that no call was found for, and giving one to its call by hand. */

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/call_fields.h"
#include "gateway/admin_api/tenant_fields.h"
#include "gateway/call/end_call.h"

/* --- The list --- */

struct listing {
    struct json_writer *w;
    int64_t limit, count, last_id;
};

static void write_reason(struct json_writer *w, enum cdr_reason reason)
{
    static const struct {
        const char *name, *en, *zh;
    } rows[] = {
        [CDR_REASON_NONE] = {NULL, NULL, NULL},
        [CDR_REASON_NO_CDR] = {"noCdr", "the push is no CDR", "推送内容不是话单"},
        [CDR_REASON_UNKNOWN_CALL] = {"unknownCall", "its remark names a call that does not exist",
                                     "remark 所指的呼叫不存在"},
        [CDR_REASON_OTHER_NUMBERS] = {"otherNumbers",
                                      "its remark names a call between other numbers",
                                      "remark 所指呼叫的号码与话单不符"},
        [CDR_REASON_SEVERAL] = {"several", "several calls fit", "有多个呼叫与其相符"},
        [CDR_REASON_NO_CALL] = {"noCall", "no call fits its callID and numbers",
                                "没有呼叫与其 callID 和号码相符"},
    };
    size_t row = (size_t)reason < COUNT_OF(rows) ? (size_t)reason : CDR_REASON_NONE;
    json_write_text(w, "reason", rows[row].name);
    admin_write_words(w, "reasonText", rows[row].en, rows[row].zh);
}

static bool write_item(void *data, const struct unmatched_cdr *cdr)
{
    struct listing *listing = data;
    struct json_writer *w = listing->w;
    struct str rest = cdr->tenants, name;
    if (listing->count++ == listing->limit)
        return false;
    listing->last_id = cdr->cdr.id;
    json_write_object(w, NULL);
    cdr_write_members(w, &cdr->cdr, cdr->zone);
    json_write_array(w, "tenants");
    while (str_next(&rest, ',', &name))
        json_write_str(w, NULL, name);
    json_write_array_end(w);
    write_reason(w, cdr->cdr.reason);
    json_write_object_end(w);
    return true;
}

void handle_cdrs_list_unmatched(struct admin_request *request)
{
    struct admin_page page;
    struct fault fault = {""};
    int64_t before_id;
    if (!admin_page_read(request, NULL, 0, &page) || !admin_page_id(request, &page, &before_id))
        return;
    struct listing listing = {.w = admin_list_begin(request), .limit = page.limit};
    enum status status = store_admin_list_unmatched(request->store, before_id, page.limit + 1,
                                                    write_item, &listing, &fault);
    admin_list_end_id(listing.w, listing.count > listing.limit ? listing.last_id : 0);
    if (status != OK)
        admin_refuse_status(request, status, &fault);
}

/* --- Attaching --- */

static void check_serial(struct fields *fields, const char *text, int64_t *serial)
{
    if (text != NULL && (str_parse_i64(str_of(text), serial) != OK || *serial < 0))
        fields_refuse(fields, "callSerialNo", "digits", "must be digits", "必须是数字");
}

static void refuse(struct admin_request *request, enum status status,
                   const struct violations *violations, const struct fault *fault)
{
    if (status == ERR_INVALID && violations->count == 0)
        admin_refuse(request, 409, "%s", fault->text);
    else
        tenant_refuse(request, status, violations, fault);
}

void handle_cdrs_attach(struct admin_request *request)
{
    struct cdr_attachment attachment = {0};
    struct violations violations = {0};
    struct fields fields;
    struct fault fault = {""};
    admin_fields(request, &fields);
    attachment.tenant = fields_text(&fields, "tenant", FIELD_REQUIRED, TENANT_NAME_MAX);
    check_serial(&fields, fields_text(&fields, "callSerialNo", FIELD_REQUIRED, CALL_TEXT_MAX),
                 &attachment.serial);
    if (!admin_fields_end(request, &fields))
        return;
    if (str_parse_i64(str_of(admin_param(request, "id")), &attachment.cdr_id) != OK) {
        admin_refuse(request, 404, "there is no such CDR");
        return;
    }
    enum status status = store_admin_attach_cdr(request->store, &attachment, &violations, &fault);
    if (status != OK) {
        refuse(request, status, &violations, &fault);
        return;
    }
    request->kept = NEW(struct cdr_attachment);
    request->free_kept = mem_free;
    *(struct cdr_attachment *)request->kept = attachment;
}

/* The end is on disk: now the pair may be called again, and its users rest on X. */
void handle_cdrs_attach_on_loop(struct admin_request *request)
{
    const struct cdr_attachment *attachment = request->kept;
    if (attachment->has_ended_call)
        end_call(request->api->gateway, &(struct call_end){.tenant_id = attachment->tenant_id,
                                                           .serial = attachment->serial,
                                                           .at_ms = clock_wall_ms(),
                                                           .is_answered = attachment->is_answered,
                                                           .cause = attachment->cause});
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    json_write_text(w, "tenant", attachment->tenant);
    json_write_i64_text(w, "callSerialNo", attachment->serial);
    json_write_bool(w, "endedCall", attachment->has_ended_call);
    json_write_object_end(w);
    admin_request_finish(request);
}
