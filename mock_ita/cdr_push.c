#include "mock_ita/cdr_push.h"

#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mock_ita/signature.h"
#include "mock_ita/telephony/cdr.h"
#include "mock_ita/url.h"

enum {
    AUTHORIZATION_MAX = 1024,
    EXPIRED_MS = 3600 * 1000, /* script.h */
};

struct mock_cdr_push {
    char *url; /* NULL: none */
    const struct mock_keys *keys;
    struct hmac_key *wrong_key;
    /* Of the request at hand; kept for their memory. */
    struct buf body, canonical;
    char date[SDK_DATE_LEN], authorization[AUTHORIZATION_MAX];
};

struct mock_cdr_push *mock_cdr_push_create(const char *url, const struct mock_keys *keys)
{
    struct mock_cdr_push *self = NEW(struct mock_cdr_push);
    self->url = url == NULL ? NULL : str_copy(str_of(url));
    self->keys = keys;
    self->wrong_key = hmac_key_create(STR("FAKE-wrong-secret-key"));
    buf_init(&self->body, MOCK_CDR_MAX);
    buf_init(&self->canonical, MOCK_CANONICAL_MAX);
    return self;
}

void mock_cdr_push_destroy(struct mock_cdr_push *self)
{
    if (self == NULL)
        return;
    mem_free(self->url);
    hmac_key_destroy(self->wrong_key);
    buf_finish(&self->body);
    buf_finish(&self->canonical);
    mem_free(self);
}

/* The Authorization value for these headers. */
static struct str sign(struct mock_cdr_push *self, struct str access_key,
                       struct hmac_key *secret_key, struct str target,
                       const struct http_header *headers, size_t header_count)
{
    char hash[MOCK_SIGNATURE_LEN], signature[MOCK_SIGNATURE_LEN];
    struct buf hex, authorization;
    buf_init_fixed(&hex, hash, sizeof(hash));
    buf_init_fixed(&authorization, self->authorization, sizeof(self->authorization));
    sha256_hex_append(&hex, buf_str(&self->body));
    struct mock_signed_request request = {
        .method = STR("POST"),
        .target = target,
        .headers = headers,
        .header_count = header_count,
        .signed_headers = STR("appkey;content-type;host;x-sdk-date"),
        .payload_hash = buf_str(&hex),
    };
    buf_clear(&self->canonical);
    enum status status = mock_signature_canonical(&request, &self->canonical);
    assert(status == OK); /* mock_url_parse() lets no bad target pass */
    mock_signature_compute(secret_key, http_headers_find(headers, header_count, STR("X-Sdk-Date")),
                           buf_str(&self->canonical), signature);
    buf_format(&authorization, "SDK-HMAC-SHA256 Access=%.*s, SignedHeaders=%.*s, Signature=%.*s",
               STR_ARGS(access_key), STR_ARGS(request.signed_headers), MOCK_SIGNATURE_LEN,
               signature);
    return buf_str(&authorization);
}

/* That of the customer whose call it is; the oldest one when it was removed, or the call names
 * none. NULL: there is none at all. */
static const struct mock_key *key_of(const struct mock_cdr_push *self, const struct mock_call *call)
{
    const struct mock_key *key = mock_keys_find(self->keys, call->access_key);
    return key == NULL ? mock_keys_first(self->keys) : key;
}

static const char *url_of(void *data, const struct mock_call *call, enum mock_push_kind kind)
{
    (void)call, (void)kind;
    return ((struct mock_cdr_push *)data)->url;
}

/* It is dated by the system's clock: that of who receives it was not moved. */
static bool write_request(void *data, const struct mock_call *call, enum mock_push_kind kind,
                          const struct mock_push_script *script, struct mock_push_request *out)
{
    struct mock_cdr_push *self = data;
    const struct mock_key *key = key_of(self, call);
    struct mock_url url = {0};
    (void)kind;
    if (key == NULL)
        return false;
    enum status status = mock_url_parse(str_of(self->url), &url, NULL);
    assert(status == OK);
    buf_clear(&self->body);
    mock_cdr_write(call, key->app_key, script, &self->body);
    bool is_expired = script->signature == MOCK_PUSH_EXPIRED;
    clock_format_sdk_date(clock_wall_ms() - (is_expired ? EXPIRED_MS : 0), self->date);
    /* The client sends Host by itself, exactly so; in its place among the sent ones stands the
     * signature. */
    struct http_header headers[MOCK_PUSH_HEADERS_MAX] = {
        {STR("Host"), url.host},
        {STR("AppKey"), key->app_key},
        {STR("Content-Type"), STR("application/json;charset=utf-8")},
        {STR("X-Sdk-Date"), str_from(self->date, sizeof(self->date))},
    };
    bool is_wrong = script->signature == MOCK_PUSH_WRONG;
    struct str authorization =
        sign(self, key->access_key, is_wrong ? self->wrong_key : key->secret_key, url.target,
             headers, COUNT_OF(headers));
    headers[0] = (struct http_header){STR("Authorization"), authorization};
    size_t left_out = script->signature == MOCK_PUSH_UNSIGNED ? 1 : 0;
    out->url = self->url;
    out->header_count = COUNT_OF(headers) - left_out;
    memcpy(out->headers, headers + left_out, out->header_count * sizeof(headers[0]));
    out->body = buf_str(&self->body);
    return true;
}

struct mock_push_writer mock_cdr_push_writer(struct mock_cdr_push *self)
{
    return (struct mock_push_writer){.url = url_of, .write = write_request, .data = self};
}
