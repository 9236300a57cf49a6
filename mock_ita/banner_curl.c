#include <assert.h>
#include <ctype.h>

#include "base/clock.h"
#include "mock_ita/banner.h"
#include "mock_ita/signature.h"
#include "profile/write.h"

/* The curl command that places a call, by the wire profile. */

enum {
    HEADERS_MAX = 4, /* AppKey, Content-Type, Host, X-Sdk-Date */
    TIME_MAX = 32,
    REMARK_MAX = 256,
};

static void append_base_url(struct buf *out, const struct mock_banner *banner)
{
    mock_banner_append_url(out, banner->options->is_tls ? "https" : "http", banner->options->listen,
                           banner->port);
}

/* What stands behind "https://". */
static struct str authority_of(struct str base_url)
{
    size_t begin = str_find(base_url, '/') + 2;
    return str_slice(base_url, begin, base_url.len);
}

static void append_lower(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_append_byte(out, (char)tolower((unsigned char)text.ptr[i]));
}

/* What the order says; the profile takes what it has a place for. */
struct order {
    struct profile_values values;
    char sub_time[TIME_MAX], remark[REMARK_MAX];
};

static void order_init(struct order *order, const struct mock_banner *banner)
{
    const struct profile *profile = banner->profile;
    struct buf sub_time, remark;
    *order = (struct order){0};
    struct str *values = order->values.of;
    buf_init_fixed(&sub_time, order->sub_time, sizeof(order->sub_time));
    buf_init_fixed(&remark, order->remark, sizeof(order->remark));
    profile_append_time(profile, banner->now_ms, &sub_time);
    values[PROFILE_VARIABLE_TENANT] = STR("demo");
    values[PROFILE_VARIABLE_CALL_SERIAL] = STR("1");
    values[PROFILE_VARIABLE_APP_KEY] = str_of(banner->options->app_key);
    values[PROFILE_VARIABLE_REQUEST_ID] = STR("first-call");
    values[PROFILE_VARIABLE_SUB_TIME] = buf_str(&sub_time);
    values[PROFILE_VARIABLE_TEL_A] = STR("13800000001");
    values[PROFILE_VARIABLE_TEL_B] = STR("057100000002");
    values[PROFILE_VARIABLE_TEL_X_MODE] = profile->automatic;
    values[PROFILE_VARIABLE_CALL_RECORDING] = profile->recorded;
    profile_template_append(&profile->remark, &order->values, &remark);
    values[PROFILE_VARIABLE_REMARK] = buf_str(&remark);
}

/* Adds to headers that stand in the order in which they are signed: by name. */
static void add_header(struct http_header *headers, size_t *count, struct str name,
                       struct str value)
{
    size_t at = (*count)++;
    for (; at > 0 && str_compare(headers[at - 1].name, name) > 0; at--)
        headers[at] = headers[at - 1];
    headers[at] = (struct http_header){name, value};
}

/* "appkey;content-type;host;x-sdk-date" */
static void append_names(struct buf *out, const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_format(out, "%s%.*s", i == 0 ? "" : ";", STR_ARGS(headers[i].name));
}

static void append_authorization(struct buf *out, const struct mock_banner *banner,
                                 const struct mock_signed_request *unsigned_request,
                                 struct str body)
{
    struct mock_signed_request request = *unsigned_request;
    char hash[MOCK_SIGNATURE_LEN], signature[MOCK_SIGNATURE_LEN];
    struct buf hex, names, canonical;
    buf_init_fixed(&hex, hash, sizeof(hash));
    buf_init(&names, MOCK_BANNER_MAX);
    buf_init(&canonical, MOCK_CANONICAL_MAX);
    sha256_hex_append(&hex, banner->profile->is_body_hash_empty ? STR("") : body);
    append_names(&names, request.headers, request.header_count);
    request.signed_headers = buf_str(&names);
    request.payload_hash = buf_str(&hex);
    enum status status = mock_signature_canonical(&request, &canonical);
    assert(status == OK); /* all of it is ours */
    struct hmac_key *secret_key = hmac_key_create(str_of(banner->options->secret_key));
    mock_signature_compute(
        secret_key, http_headers_find(request.headers, request.header_count, STR("x-sdk-date")),
        buf_str(&canonical), signature);
    hmac_key_destroy(secret_key);
    buf_format(out, "SDK-HMAC-SHA256 Access=%s, SignedHeaders=%.*s, Signature=%.*s",
               banner->options->access_key, STR_ARGS(request.signed_headers), MOCK_SIGNATURE_LEN,
               signature);
    buf_finish(&names);
    buf_finish(&canonical);
}

/* In single quotes, as a shell takes it for one word. */
static void append_quoted(struct buf *out, struct str text)
{
    buf_append_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\'')
            buf_append(out, STR("'\\''"));
        else
            buf_append_byte(out, text.ptr[i]);
    buf_append_byte(out, '\'');
}

static void append_header(struct buf *out, struct str name, struct str value)
{
    struct buf line;
    buf_init(&line, MOCK_BANNER_MAX);
    buf_format(&line, "%.*s: %.*s", STR_ARGS(name), STR_ARGS(value));
    buf_append(out, STR(" \\\n  -H "));
    append_quoted(out, buf_str(&line));
    buf_finish(&line);
}

static void append_trust(struct buf *out, const struct mock_options *options)
{
    if (options->is_tls && options->cert_pem != NULL) {
        buf_append(out, STR(" --cacert "));
        append_quoted(out, str_of(options->cert_pem));
    } else if (options->is_tls) {
        buf_append(out, STR(" --insecure"));
    }
}

/* The request's head and body, as curl is told them. */
static void append_request(struct buf *out, const struct mock_banner *banner,
                           const struct mock_signed_request *request, struct str body)
{
    struct buf authorization;
    buf_init(&authorization, MOCK_BANNER_MAX);
    append_authorization(&authorization, banner, request, body);
    if (!str_is(request->method, STR("POST")) || body.len == 0)
        buf_format(out, " -X %.*s", STR_ARGS(request->method));
    buf_append_byte(out, ' ');
    struct buf url;
    buf_init(&url, MOCK_BANNER_MAX);
    append_base_url(&url, banner);
    buf_append(&url, request->target);
    append_quoted(out, buf_str(&url));
    buf_finish(&url);
    for (size_t i = 0; i < request->header_count; i++)
        if (!str_is(request->headers[i].name, STR("host"))) /* curl sends it by itself */
            append_header(out, request->headers[i].name, request->headers[i].value);
    append_header(out, STR("Authorization"), buf_str(&authorization));
    if (body.len > 0) {
        buf_append(out, STR(" \\\n  --data-raw "));
        append_quoted(out, body);
    }
    buf_finish(&authorization);
}

void mock_banner_append_curl(struct buf *out, const struct mock_banner *banner)
{
    const struct profile *profile = banner->profile;
    const struct profile_form *form = &profile->forms[PROFILE_ACTION_PLACE];
    char date[SDK_DATE_LEN];
    struct http_header headers[HEADERS_MAX];
    struct mock_signed_request request = {.method = str_of(form->method), .headers = headers};
    struct order order;
    struct buf base_url, target, body, app_key_name;
    buf_init(&base_url, MOCK_BANNER_MAX);
    buf_init(&target, MOCK_BANNER_MAX);
    buf_init(&body, MOCK_BANNER_MAX);
    buf_init(&app_key_name, MOCK_BANNER_MAX);
    order_init(&order, banner);
    append_base_url(&base_url, banner);
    profile_template_append_encoded(&form->path, &order.values, &target);
    enum status status = profile_write_request(form, &order.values, &body, NULL);
    clock_format_sdk_date(banner->now_ms, date);
    append_lower(&app_key_name, profile->app_key_header);
    if (app_key_name.len > 0)
        add_header(headers, &request.header_count, buf_str(&app_key_name),
                   str_of(banner->options->app_key));
    if (body.len > 0)
        add_header(headers, &request.header_count, STR("content-type"), profile->content_type);
    add_header(headers, &request.header_count, STR("host"), authority_of(buf_str(&base_url)));
    add_header(headers, &request.header_count, STR("x-sdk-date"), str_from(date, sizeof(date)));
    request.target = buf_str(&target);
    if (status == OK) {
        buf_append(out, STR("curl -sS"));
        append_trust(out, banner->options);
        append_request(out, banner, &request, buf_str(&body));
        buf_append_byte(out, '\n');
    }
    buf_finish(&base_url);
    buf_finish(&target);
    buf_finish(&body);
    buf_finish(&app_key_name);
}
