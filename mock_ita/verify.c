#include "mock_ita/verify.h"

#include "base/clock.h"
#include "base/mem.h"
#include "mock_ita/signature.h"

enum { SIGNED_HEADERS_MAX = 64 }; /* signing.md, 11.1 */

struct mock_verifier {
    /* fixed at start */
    char *access_key, *app_key, *app_key_header; /* of the header its name, empty: none is sent */
    struct hmac_key *secret_key;
    bool is_locking, is_app_key_unsigned, is_content_type_unsigned, is_body_hash_empty;
    /* changes */
    struct buf canonical; /* of the request at hand; kept for its memory */
    int failures;         /* wrong signatures in a row */
    int64_t locked_until_ms;
};

/* One request under check. */
struct check {
    struct mock_verifier *verifier;
    const struct http_request *request;
    struct str access_key, signed_headers, signature; /* of the Authorization header */
    struct str sdk_date;
    struct buf *reason;
};

struct mock_verifier *mock_verifier_create(const struct mock_verifier_options *options)
{
    struct mock_verifier *verifier = NEW(struct mock_verifier);
    verifier->access_key = str_copy(options->access_key);
    verifier->app_key = str_copy(options->app_key);
    verifier->secret_key = hmac_key_create(options->secret_key);
    verifier->is_locking = options->is_locking;
    verifier->app_key_header = str_copy(options->app_key_header);
    verifier->is_app_key_unsigned = options->is_app_key_unsigned;
    verifier->is_content_type_unsigned = options->is_content_type_unsigned;
    verifier->is_body_hash_empty = options->is_body_hash_empty;
    buf_init(&verifier->canonical, MOCK_CANONICAL_MAX);
    return verifier;
}

void mock_verifier_destroy(struct mock_verifier *verifier)
{
    if (verifier == NULL)
        return;
    mem_free(verifier->access_key);
    mem_free(verifier->app_key);
    mem_free(verifier->app_key_header);
    hmac_key_destroy(verifier->secret_key);
    buf_finish(&verifier->canonical);
    mem_free(verifier);
}

void mock_verifier_reset(struct mock_verifier *verifier)
{
    verifier->failures = 0;
    verifier->locked_until_ms = 0;
}

static enum status refuse(struct check *check, const char *why)
{
    buf_append(check->reason, STR("Incorrect IAM authentication information: "));
    buf_append(check->reason, str_of(why));
    return ERR_DENIED;
}

static struct str header(const struct check *check, struct str name)
{
    return http_headers_find(check->request->headers, check->request->header_count, name);
}

static size_t header_count(const struct check *check, struct str name)
{
    return http_headers_count(check->request->headers, check->request->header_count, name);
}

/* --- The Authorization header (section 1) --- */

static bool take(struct str *rest, struct str prefix)
{
    if (!str_starts(*rest, prefix))
        return false;
    *rest = str_slice(*rest, prefix.len, rest->len);
    return true;
}

/* "Name=value" up to a comma or the end; the value must not be empty. */
static bool take_field(struct str *rest, struct str name, struct str *value)
{
    if (!take(rest, name))
        return false;
    *value = str_slice(*rest, 0, str_find(*rest, ','));
    *rest = str_slice(*rest, value->len, rest->len);
    return value->len > 0;
}

/* A comma and at most one space. */
static bool take_comma(struct str *rest)
{
    if (!take(rest, STR(",")))
        return false;
    (void)take(rest, STR(" "));
    return true;
}

static bool is_lower_hex(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= '0' && text.ptr[i] <= '9') ||
              (text.ptr[i] >= 'a' && text.ptr[i] <= 'f')))
            return false;
    return true;
}

static enum status parse_authorization(struct check *check)
{
    if (header_count(check, STR("authorization")) != 1)
        return refuse(check, "exactly one Authorization header is needed");
    struct str rest = header(check, STR("authorization"));
    bool is_good = take(&rest, STR("SDK-HMAC-SHA256 "));
    while (is_good && take(&rest, STR(" ")))
        continue;
    is_good =
        is_good && take_field(&rest, STR("Access="), &check->access_key) && take_comma(&rest) &&
        take_field(&rest, STR("SignedHeaders="), &check->signed_headers) && take_comma(&rest) &&
        take_field(&rest, STR("Signature="), &check->signature) && rest.len == 0;
    if (!is_good)
        return refuse(check, "Authorization header malformed");
    if (check->signature.len != MOCK_SIGNATURE_LEN || !is_lower_hex(check->signature))
        return refuse(check, "Signature must be 64 hexadecimal digits in lower case");
    return OK;
}

/* --- SignedHeaders (sections 5 and 11.3) --- */

static bool is_token(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return name.len > 0;
}

static enum status check_signed_name(struct check *check, struct str name, struct str before)
{
    static const char *const never[] = {"authorization",     "connection", "content-length",
                                        "transfer-encoding", "user-agent", "accept-encoding"};
    if (!is_token(name))
        return refuse(check, "SignedHeaders: names in lower case, joined by ';'");
    if (before.ptr != NULL && str_compare(before, name) >= 0)
        return refuse(check, "SignedHeaders: names must ascend, each once");
    for (size_t i = 0; i < COUNT_OF(never); i++)
        if (str_is(name, str_of(never[i])))
            return refuse(check, "SignedHeaders: holds a header that a proxy may change");
    if (header_count(check, name) != 1)
        return refuse(check, "SignedHeaders: each must be in the request exactly once");
    return OK;
}

/* Signed names are in lower case, those of a profile in any. */
static bool is_signed(const struct check *check, struct str wanted)
{
    struct str rest = check->signed_headers, name;
    while (str_next(&rest, ';', &name))
        if (str_is_nocase(name, wanted))
            return true;
    return false;
}

static enum status check_signed_headers(struct check *check)
{
    struct str rest = check->signed_headers, name, before = {0};
    for (int count = 0; str_next(&rest, ';', &name); count++) {
        if (count == SIGNED_HEADERS_MAX)
            return refuse(check, "SignedHeaders: too many");
        enum status status = check_signed_name(check, name, before);
        if (status != OK)
            return status;
        before = name;
    }
    if (!is_signed(check, STR("x-sdk-date")) || !is_signed(check, STR("host")))
        return refuse(check, "x-sdk-date and host must be signed");
    struct str app_key_header = str_of(check->verifier->app_key_header);
    if (app_key_header.len > 0 && !check->verifier->is_app_key_unsigned &&
        !is_signed(check, app_key_header))
        return refuse(check, "the AppKey header must be signed");
    bool has_type = header_count(check, STR("content-type")) > 0;
    if ((has_type || check->request->body.len > 0) && !check->verifier->is_content_type_unsigned &&
        !is_signed(check, STR("content-type")))
        return refuse(check, "content-type must be signed");
    return OK;
}

/* --- Keys, date, body --- */

static enum status check_date(struct check *check, int64_t now_ms)
{
    int64_t signed_ms;
    if (header_count(check, STR("x-sdk-date")) != 1)
        return refuse(check, "exactly one X-Sdk-Date header is needed");
    check->sdk_date = header(check, STR("x-sdk-date"));
    if (clock_parse_sdk_date(check->sdk_date, &signed_ms) != OK)
        return refuse(check, "X-Sdk-Date must be a time YYYYMMDDTHHMMSSZ");
    if (now_ms - signed_ms <= MOCK_VERIFY_WINDOW_MS && signed_ms - now_ms <= MOCK_VERIFY_WINDOW_MS)
        return OK;
    char server_date[SDK_DATE_LEN];
    clock_format_sdk_date(now_ms, server_date);
    (void)refuse(check, "");
    buf_format(check->reason, "signature expired, signature time:%.*s,server time:%.*s",
               STR_ARGS(check->sdk_date), SDK_DATE_LEN, server_date);
    return ERR_DENIED;
}

static enum status check_keys(struct check *check, int64_t now_ms)
{
    if (!str_is(check->access_key, str_of(check->verifier->access_key)))
        return refuse(check, "Get secretKey failed: ak not exist");
    if (now_ms < check->verifier->locked_until_ms)
        return refuse(check, "AK access failed to reach the limit,forbidden");
    return OK;
}

static enum status check_app_key(struct check *check)
{
    struct str name = str_of(check->verifier->app_key_header);
    if (name.len > 0 && (header_count(check, name) != 1 ||
                         !str_is(header(check, name), str_of(check->verifier->app_key))))
        return refuse(check, "app not found, the AppKey header is not the one agreed on");
    return OK;
}

/* Section 6: a hash in a header counts only when it is signed, and it must be the right one. */
static enum status check_content_hash(struct check *check, struct str payload_hash)
{
    struct str name = STR("x-sdk-content-sha256");
    if (header_count(check, name) == 0)
        return OK;
    if (!is_signed(check, name))
        return refuse(check, "X-Sdk-Content-Sha256 must be signed");
    if (!str_is(header(check, name), payload_hash))
        return refuse(check, "X-Sdk-Content-Sha256 is not the hash of the body");
    return OK;
}

/* --- The signature --- */

/* Whether it is the AppKey's line among the canonical headers. */
static bool is_app_key_line(const struct mock_verifier *verifier, struct str line)
{
    struct str name = str_slice(line, 0, str_find(line, ':'));
    return name.len > 0 && name.len < line.len &&
           str_is_nocase(name, str_of(verifier->app_key_header));
}

/* LF as '|', the AppKey starred out (section 8: log it, redact). */
static void append_canonical(const struct mock_verifier *verifier, struct buf *out)
{
    struct str canonical = buf_str(&verifier->canonical);
    struct str rest = str_slice(canonical, 0, MOCK_VERIFY_REASON_MAX / 2), line;
    for (bool is_first = true; str_next(&rest, '\n', &line); is_first = false) {
        if (!is_first)
            buf_append_byte(out, '|');
        buf_append(out, is_app_key_line(verifier, line) ? STR("appkey:***") : line);
    }
}

static enum status refuse_signature(struct check *check, int64_t now_ms)
{
    struct mock_verifier *verifier = check->verifier;
    if (verifier->is_locking && ++verifier->failures >= MOCK_VERIFY_FAILURES_MAX) {
        verifier->locked_until_ms = now_ms + MOCK_VERIFY_LOCK_MS;
        verifier->failures = 0;
    }
    (void)refuse(check, "verify aksk signature fail, canonicalRequest:");
    append_canonical(verifier, check->reason);
    return ERR_DENIED;
}

static enum status check_signature(struct check *check, int64_t now_ms)
{
    struct mock_verifier *verifier = check->verifier;
    char hash[MOCK_SIGNATURE_LEN], expected[MOCK_SIGNATURE_LEN];
    struct buf hex;
    buf_init_fixed(&hex, hash, sizeof(hash));
    sha256_hex_append(&hex, verifier->is_body_hash_empty ? STR("") : check->request->body);
    enum status status = check_content_hash(check, buf_str(&hex));
    if (status != OK)
        return status;
    struct mock_signed_request request = {
        .method = check->request->method,
        .target = check->request->target,
        .headers = check->request->headers,
        .header_count = check->request->header_count,
        .signed_headers = check->signed_headers,
        .payload_hash = buf_str(&hex),
    };
    buf_clear(&verifier->canonical);
    if (mock_signature_canonical(&request, &verifier->canonical) != OK)
        return refuse(check, "request target malformed");
    mock_signature_compute(verifier->secret_key, check->sdk_date, buf_str(&verifier->canonical),
                           expected);
    if (!bytes_are_equal_secretly(check->signature, str_from(expected, sizeof(expected))))
        return refuse_signature(check, now_ms);
    verifier->failures = 0;
    return OK;
}

enum status mock_verifier_check(struct mock_verifier *verifier, const struct http_request *request,
                                int64_t now_ms, struct buf *reason)
{
    struct check check = {.verifier = verifier, .request = request, .reason = reason};
    enum status status = OK;
    TRY(parse_authorization(&check));
    TRY(check_keys(&check, now_ms));
    TRY(check_signed_headers(&check));
    TRY(check_date(&check, now_ms));
    TRY(check_app_key(&check));
    TRY(check_signature(&check, now_ms));
out:
    return status;
}
