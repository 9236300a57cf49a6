#include "ita/message.h"

#include <ctype.h>

#include "base/clock.h"
#include "ita/sign.h"
#include "profile/write.h"

enum {
    URL_MAX = 4096,           /* far below the 32 KB of signing.md, section 6 */
    AUTHORIZATION_MAX = 1024, /* an AccessKey, four header names, 64 digits */
    REMARK_MAX = 256,         /* what a CDR may bring back: ITA_CDR_TEXT_MAX */
};

void ita_message_init(struct ita_message *message)
{
    *message = (struct ita_message){0};
    buf_init(&message->url, URL_MAX);
    buf_init(&message->body, ITA_REQUEST_BODY_MAX);
    buf_init(&message->authorization, AUTHORIZATION_MAX);
}

void ita_message_finish(struct ita_message *message)
{
    buf_finish(&message->url);
    buf_finish(&message->body);
    buf_wipe(&message->authorization);
}

/* --- What may be sent --- */

/* The bytes on which signers and proxies differ once they stand in a path (signing.md, section
 * 4.1), encoded or not. */
static bool is_call_id_sendable(struct str call_id)
{
    if (call_id.len == 0 || str_is(call_id, STR(".")) || str_is(call_id, STR("..")))
        return false;
    for (size_t i = 0; i < call_id.len; i++)
        if (call_id.ptr[i] <= ' ' || call_id.ptr[i] > '~' ||
            strchr("/\\?#%;+", call_id.ptr[i]) != NULL)
            return false;
    return true;
}

static bool is_domain(struct str domain)
{
    for (size_t i = 0; i < domain.len; i++)
        if (!isalnum((unsigned char)domain.ptr[i]) && strchr(".-:[]", domain.ptr[i]) == NULL)
            return false;
    return domain.len > 0;
}

static bool is_header_value(struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < ' ' || value.ptr[i] > '~')
            return false;
    return true;
}

static enum status check(const struct ita_account *account, enum profile_action action,
                         const struct profile_values *values, struct fault *fault)
{
    struct str call_id = values->of[PROFILE_VARIABLE_CALL_ID];
    if (account->profile->forms[action].path.count == 0)
        return fault_set(fault, ERR_NOT_FOUND, "the wire profile does not offer this action");
    if (!is_domain(account->domain))
        return fault_set(fault, ERR_INVALID, "ITA domain: must be host or host:port");
    if (!is_header_value(account->app_key))
        return fault_set(fault, ERR_INVALID, "AppKey: must be printable ASCII");
    if (call_id.ptr != NULL && !is_call_id_sendable(call_id))
        return fault_set(fault, ERR_INVALID, "callID: holds bytes that cannot stand in a path");
    return OK;
}

/* --- Headers and signature --- */

/* The Host that the HTTP client sends: without a default port, which no client sends (signing.md,
 * section 5). */
static struct str wire_host(const struct ita_account *account)
{
    struct str domain = account->domain;
    struct str port = account->is_plain ? STR(":80") : STR(":443");
    return str_ends(domain, port) ? str_slice(domain, 0, domain.len - port.len) : domain;
}

static void add_header(struct ita_message *message, struct str name, struct str value)
{
    message->headers[message->header_count++] = (struct http_header){name, value};
}

static enum status sign(struct ita_message *message, const struct ita_account *account,
                        struct str host, struct str target, struct fault *fault)
{
    const struct profile *profile = account->profile;
    struct str date = str_from(message->sdk_date, sizeof(message->sdk_date));
    struct http_header headers[ITA_MESSAGE_HEADERS_MAX] = {{STR("Host"), host},
                                                           {STR("X-Sdk-Date"), date}};
    size_t count = 2;
    if (profile->is_app_key_signed)
        headers[count++] = (struct http_header){profile->app_key_header, account->app_key};
    if (profile->is_content_type_signed)
        headers[count++] = (struct http_header){STR("Content-Type"), profile->content_type};
    const struct ita_request request = {
        .method = str_of(message->method),
        .target = target,
        .headers = headers,
        .header_count = count,
        .body = buf_str(&message->body),
        .signs_empty_body = profile->is_body_hash_empty,
    };
    if (account->signer != NULL)
        return ita_sign_with(&request, account->access_key, account->signer,
                             &message->authorization, fault);
    return ita_sign(&request, account->access_key, account->secret_key, &message->authorization,
                    fault);
}

/* traceparent is not signed: what proxies before the ITA may change (Trace Context lets them) can't
 * be. */
static void set_headers(struct ita_message *message, const struct ita_account *account,
                        struct str traceparent)
{
    const struct profile *profile = account->profile;
    message->header_count = 0;
    if (profile->app_key_header.len > 0)
        add_header(message, profile->app_key_header, account->app_key);
    add_header(message, STR("X-Sdk-Date"), str_from(message->sdk_date, sizeof(message->sdk_date)));
    add_header(message, STR("Content-Type"), profile->content_type);
    add_header(message, STR("Authorization"), buf_str(&message->authorization));
    if (profile->has_traceparent && traceparent.len > 0)
        add_header(message, STR("traceparent"), traceparent);
}

/* --- All of it --- */

/* Text of the values that are made here. */
struct made_values {
    char sub_time[24]; /* 20 digits at most */
    char remark[REMARK_MAX];
};

static enum status make_values(const struct ita_account *account, int64_t wall_ms,
                               struct profile_values *values, struct made_values *made,
                               struct fault *fault)
{
    struct buf sub_time, remark;
    buf_init_fixed(&sub_time, made->sub_time, sizeof(made->sub_time));
    buf_init_fixed(&remark, made->remark, sizeof(made->remark));
    profile_append_time(account->profile, wall_ms, &sub_time);
    values->of[PROFILE_VARIABLE_TENANT] = account->tenant;
    values->of[PROFILE_VARIABLE_APP_KEY] = account->app_key;
    values->of[PROFILE_VARIABLE_SUB_TIME] = buf_str(&sub_time);
    profile_template_append(&account->profile->remark, values, &remark);
    values->of[PROFILE_VARIABLE_REMARK] = buf_str(&remark);
    if (buf_is_over(&remark))
        return fault_set(fault, ERR_TOO_BIG, "remark: over %d bytes", REMARK_MAX);
    return OK;
}

enum status ita_message_encode(struct ita_message *message, const struct ita_account *account,
                               enum profile_action action, const struct profile_values *values,
                               int64_t wall_ms, struct fault *fault)
{
    struct str scheme = account->is_plain ? STR("http://") : STR("https://");
    const struct profile_form *form = &account->profile->forms[action];
    struct str host = wire_host(account);
    struct profile_values all = *values;
    struct made_values made;
    enum status status;

    TRY(check(account, action, values, fault));
    TRY(make_values(account, wall_ms, &all, &made, fault));
    message->method = form->method;
    clock_format_sdk_date(wall_ms, message->sdk_date);
    buf_clear(&message->url);
    buf_append(&message->url, scheme);
    buf_append(&message->url, host);
    profile_template_append_encoded(&form->path, &all, &message->url);
    if (buf_text(&message->url) == NULL)
        TRY(fault_set(fault, ERR_TOO_BIG, "URL: over %d bytes", URL_MAX));
    buf_clear(&message->body);
    TRY(profile_write_request(form, &all, &message->body, fault));
    buf_clear(&message->authorization);
    struct str target = str_slice(buf_str(&message->url), scheme.len + host.len, URL_MAX);
    TRY(sign(message, account, host, target, fault));
    set_headers(message, account, values->of[PROFILE_VARIABLE_TRACEPARENT]);
out:
    return status;
}
