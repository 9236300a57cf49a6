#include "mock_ita/banner.h"

#include <assert.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "mock_ita/handle.h"
#include "mock_ita/signature.h"

enum {
    URL_MAX = 512,   /* an address has no more than 64 bytes */
    BODY_MAX = 2048, /* an AppKey of 256 bytes, each escaped to six, and the rest */
};

/* --- Where --- */

static const char *scheme(const struct mock_options *options)
{
    return options->is_tls ? "https" : "http";
}

/* "HOST:PORT": a wildcard can be listened on but not called. */
static void append_authority(struct buf *out, const char *address, uint16_t port)
{
    struct str host = str_slice(str_of(address), 0, (size_t)(strrchr(address, ':') - address));
    if (str_is(host, STR("0.0.0.0")))
        host = STR("127.0.0.1");
    else if (str_is(host, STR("[::]")))
        host = STR("[::1]");
    buf_format(out, "%.*s:%u", STR_ARGS(host), port);
}

void mock_banner_append_url(struct buf *out, const char *scheme_name, const char *address,
                            uint16_t port)
{
    buf_format(out, "%s://", scheme_name);
    append_authority(out, address, port);
}

static void append_ita_url(struct buf *out, const struct mock_banner *banner)
{
    mock_banner_append_url(out, scheme(banner->options), banner->options->listen, banner->port);
}

static void append_control_url(struct buf *out, const struct mock_banner *banner)
{
    mock_banner_append_url(out, "http", banner->options->control, banner->control_port);
}

/* --- The curl command --- */

static void write_order(struct buf *out, const struct mock_banner *banner)
{
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_text(&w, "appKey", banner->options->app_key);
    json_write_text(&w, "requestId", "first-call");
    json_write_text(&w, "telA", "13800000001");
    json_write_text(&w, "telB", "057100000002");
    json_write_text(&w, "telXMode", "0");
    json_write_object_end(&w);
}

static void append_authorization(struct buf *out, const struct mock_banner *banner,
                                 const struct http_header *headers, size_t header_count,
                                 struct str body)
{
    char hash[MOCK_SIGNATURE_LEN], signature[MOCK_SIGNATURE_LEN];
    struct buf hex, canonical;
    buf_init_fixed(&hex, hash, sizeof(hash));
    buf_init(&canonical, MOCK_CANONICAL_MAX);
    sha256_hex_append(&hex, banner->options->body_hash == MOCK_BODY_HASH_EMPTY ? STR("") : body);
    struct mock_signed_request request = {
        .method = STR("POST"),
        .target = STR(MOCK_PATH_PLACE),
        .headers = headers,
        .header_count = header_count,
        .signed_headers = STR("appkey;content-type;host;x-sdk-date"),
        .payload_hash = buf_str(&hex),
    };
    enum status status = mock_signature_canonical(&request, &canonical);
    assert(status == OK); /* all of it is ours */
    struct hmac_key *secret_key = hmac_key_create(str_of(banner->options->secret_key));
    mock_signature_compute(secret_key, http_headers_find(headers, header_count, STR("X-Sdk-Date")),
                           buf_str(&canonical), signature);
    hmac_key_destroy(secret_key);
    buf_format(out, "SDK-HMAC-SHA256 Access=%s, SignedHeaders=%.*s, Signature=%.*s",
               banner->options->access_key, STR_ARGS(request.signed_headers), MOCK_SIGNATURE_LEN,
               signature);
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

static void append_header(struct buf *out, struct http_header header)
{
    char storage[MOCK_BANNER_MAX / 4];
    struct buf line;
    buf_init_fixed(&line, storage, sizeof(storage));
    buf_format(&line, "%.*s: %.*s", STR_ARGS(header.name), STR_ARGS(header.value));
    buf_append(out, STR(" \\\n  -H "));
    append_quoted(out, buf_str(&line));
}

void mock_banner_append_curl(struct buf *out, const struct mock_banner *banner)
{
    const struct mock_options *options = banner->options;
    char host[URL_MAX], order[BODY_MAX], value[BODY_MAX], date[SDK_DATE_LEN];
    struct buf authority, body, authorization;
    buf_init_fixed(&authority, host, sizeof(host));
    buf_init_fixed(&body, order, sizeof(order));
    buf_init_fixed(&authorization, value, sizeof(value));
    append_authority(&authority, options->listen, banner->port);
    write_order(&body, banner);
    clock_format_sdk_date(banner->now_ms, date);
    struct http_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("AppKey"), str_of(options->app_key)},
        {STR("X-Sdk-Date"), str_from(date, sizeof(date))},
        {STR("Host"), buf_str(&authority)},
    };
    append_authorization(&authorization, banner, headers, COUNT_OF(headers), buf_str(&body));
    /* curl sends Host by itself, exactly so. */
    headers[3] = (struct http_header){STR("Authorization"), buf_str(&authorization)};
    buf_append(out, STR("curl -sS"));
    if (options->is_tls && options->cert_pem != NULL) {
        buf_append(out, STR(" --cacert "));
        append_quoted(out, str_of(options->cert_pem));
    } else if (options->is_tls) {
        buf_append(out, STR(" --insecure"));
    }
    buf_append_byte(out, ' ');
    append_ita_url(out, banner);
    buf_append(out, STR(MOCK_PATH_PLACE));
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        append_header(out, headers[i]);
    buf_append(out, STR(" \\\n  --data-raw "));
    append_quoted(out, buf_str(&body));
    buf_append_byte(out, '\n');
}

/* --- The whole --- */

void mock_banner_append(struct buf *out, const struct mock_banner *banner)
{
    const struct mock_options *options = banner->options;
    buf_append(out, STR("mock-ita is ready; Ctrl-C stops it.\n\n  ITA API    "));
    append_ita_url(out, banner);
    buf_append(out, STR(MOCK_PATH_PLACE "\n  live page  "));
    append_control_url(out, banner);
    buf_append(out, STR("/\n"));
    buf_format(out, "  AccessKey  %s\n  SecretKey  %s\n  AppKey     %s\n  CDRs go    %s\n",
               options->access_key,
               options->is_secret_key_made_up ? options->secret_key : "(as given)",
               options->app_key,
               options->push_url == NULL ? "nowhere (--push-url sends them)" : options->push_url);
    buf_append(out, STR("\nA call, signed for the next 15 minutes and once:\n\n"));
    mock_banner_append_curl(out, banner);
    buf_append_byte(out, '\n');
}

void mock_banner_append_line(struct buf *out, const struct mock_banner *banner)
{
    buf_append(out, STR("mock-ita: ITA "));
    append_ita_url(out, banner);
    buf_append(out, STR(" control "));
    append_control_url(out, banner);
    buf_append_byte(out, '\n');
}

void mock_banner_append_ready(struct buf *out, const struct mock_banner *banner)
{
    char storage[URL_MAX];
    struct buf url;
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_i64(&w, "port", banner->port);
    json_write_i64(&w, "controlPort", banner->control_port);
    buf_init_fixed(&url, storage, sizeof(storage));
    append_ita_url(&url, banner);
    json_write_str(&w, "url", buf_str(&url));
    buf_clear(&url);
    append_control_url(&url, banner);
    json_write_str(&w, "controlUrl", buf_str(&url));
    json_write_object_end(&w);
    buf_append_byte(out, '\n');
}
