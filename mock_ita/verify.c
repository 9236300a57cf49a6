#include "mock_ita/verify.h"

#include "base/clock.h"
#include "base/mem.h"
#include "mock_ita/accepted.h"
#include "mock_ita/signature.h"

enum {
    SIGNED_HEADERS_MAX = 64, /* signing.md, 11.1 */
    DETAIL_MAX = 512,        /* a sentence with a header's name; longer is cut */
    HEADER_NAME_SHOWN = 128,
};

struct mock_verifier {
    /* fixed at start */
    struct mock_verifier_options options;
    char *app_key_header;
    /* changes; texts of the request at hand, kept for their memory */
    struct buf detail, canonical, string_to_sign;
    struct mock_accepted *accepted;
};

/* One request under check. */
struct check {
    struct mock_verifier *verifier;
    const struct http_request *request;
    int64_t now_ms;
    struct str access_key, signed_headers, signature; /* of the Authorization header */
    struct str sdk_date;
    char payload_hash[MOCK_SIGNATURE_LEN];
    struct mock_verdict *verdict;
};

const char *mock_check_text(enum mock_check check)
{
    static const char *const texts[] = {
#define X(name, text) text,
        MOCK_CHECK_MAP(X)
#undef X
    };
    return texts[check];
}

struct mock_verifier *mock_verifier_create(const struct mock_verifier_options *options)
{
    struct mock_verifier *verifier = NEW(struct mock_verifier);
    verifier->options = *options;
    verifier->app_key_header = str_copy(options->app_key_header);
    verifier->options.app_key_header = str_of(verifier->app_key_header);
    buf_init(&verifier->detail, DETAIL_MAX);
    buf_init(&verifier->canonical, MOCK_CANONICAL_MAX);
    buf_init(&verifier->string_to_sign, MOCK_CANONICAL_MAX);
    verifier->accepted = mock_accepted_create();
    return verifier;
}

void mock_verifier_destroy(struct mock_verifier *verifier)
{
    if (verifier == NULL)
        return;
    mem_free(verifier->app_key_header);
    buf_finish(&verifier->detail);
    buf_finish(&verifier->canonical);
    buf_finish(&verifier->string_to_sign);
    mock_accepted_destroy(verifier->accepted);
    mem_free(verifier);
}

void mock_verifier_reset(struct mock_verifier *verifier)
{
    mock_accepted_clear(verifier->accepted);
}

__attribute__((format(printf, 3, 4))) static enum status
refuse(struct check *check, enum mock_check which, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_format_v(&check->verifier->detail, format, args);
    va_end(args);
    check->verdict->check = which;
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
    size_t count = header_count(check, STR("authorization"));
    if (count == 0)
        return refuse(check, MOCK_CHECK_AUTHORIZATION_MISSING,
                      "exactly one Authorization header is needed, there is none");
    if (count > 1)
        return refuse(check, MOCK_CHECK_AUTHORIZATION_MALFORMED,
                      "exactly one Authorization header is needed, there are more");
    struct str rest = header(check, STR("authorization"));
    bool is_good = take(&rest, STR("SDK-HMAC-SHA256 "));
    while (is_good && take(&rest, STR(" ")))
        continue;
    is_good =
        is_good && take_field(&rest, STR("Access="), &check->access_key) && take_comma(&rest) &&
        take_field(&rest, STR("SignedHeaders="), &check->signed_headers) && take_comma(&rest) &&
        take_field(&rest, STR("Signature="), &check->signature) && rest.len == 0;
    if (!is_good)
        return refuse(check, MOCK_CHECK_AUTHORIZATION_MALFORMED,
                      "Authorization header malformed, it must be: SDK-HMAC-SHA256 Access=KEY, "
                      "SignedHeaders=a;b, Signature=HEX");
    check->verdict->access_key = check->access_key;
    if (check->signature.len != MOCK_SIGNATURE_LEN || !is_lower_hex(check->signature))
        return refuse(check, MOCK_CHECK_AUTHORIZATION_MALFORMED,
                      "Signature must be 64 hexadecimal digits in lower case");
    return OK;
}

/* --- What should have been signed --- */

/* Computed before anything is judged, so that every refusal can show it. ERR_NOT_FOUND: a listed
 * header is not there; ERR_SYNTAX, ERR_TOO_BIG: the target. */
static enum status compute(struct check *check)
{
    struct mock_verifier *verifier = check->verifier;
    const struct http_request *sent = check->request;
    struct buf hex;
    buf_init_fixed(&hex, check->payload_hash, sizeof(check->payload_hash));
    sha256_hex_append(&hex, verifier->options.is_body_hash_empty ? STR("") : sent->body);
    struct mock_signed_request request = {
        .method = sent->method,
        .target = sent->target,
        .headers = sent->headers,
        .header_count = sent->header_count,
        .signed_headers = check->signed_headers,
        .payload_hash = buf_str(&hex),
    };
    enum status status = mock_signature_canonical(&request, &verifier->canonical);
    if (status != OK) {
        buf_clear(&verifier->canonical);
        return status;
    }
    mock_signature_append_string_to_sign(header(check, STR("x-sdk-date")),
                                         buf_str(&verifier->canonical), &verifier->string_to_sign);
    return OK;
}

/* --- Key and date --- */

static enum status check_key(struct check *check)
{
    struct mock_key *key = mock_keys_find(check->verifier->options.keys, check->access_key);
    check->verdict->key = key;
    if (key == NULL)
        return refuse(check, MOCK_CHECK_KEY_UNKNOWN, "Get secretKey failed: ak not exist");
    if (mock_key_is_locked(key, check->now_ms))
        return refuse(check, MOCK_CHECK_KEY_LOCKED,
                      "AK access failed to reach the limit,forbidden");
    return OK;
}

static enum status check_date(struct check *check)
{
    int64_t signed_ms;
    size_t count = header_count(check, STR("x-sdk-date"));
    if (count == 0)
        return refuse(check, MOCK_CHECK_DATE_MISSING, "an X-Sdk-Date header is needed");
    check->sdk_date = header(check, STR("x-sdk-date"));
    if (count > 1 || clock_parse_sdk_date(check->sdk_date, &signed_ms) != OK)
        return refuse(check, MOCK_CHECK_DATE_MALFORMED,
                      "X-Sdk-Date must be there once and be a time YYYYMMDDTHHMMSSZ");
    check->verdict->request.valid_until_ms = signed_ms + MOCK_VERIFY_WINDOW_MS;
    bool is_old = check->now_ms - signed_ms > MOCK_VERIFY_WINDOW_MS;
    if (!is_old && signed_ms - check->now_ms <= MOCK_VERIFY_WINDOW_MS)
        return OK;
    char server_date[SDK_DATE_LEN];
    clock_format_sdk_date(check->now_ms, server_date);
    return refuse(check, is_old ? MOCK_CHECK_DATE_TOO_OLD : MOCK_CHECK_DATE_TOO_NEW,
                  "signature expired, signature time:%.*s,server time:%.*s",
                  STR_ARGS(check->sdk_date), SDK_DATE_LEN, server_date);
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
    struct str shown = str_slice(name, 0, HEADER_NAME_SHOWN);
    if (!is_token(name))
        return refuse(check, MOCK_CHECK_SIGNED_HEADERS_MALFORMED,
                      "SignedHeaders: names in lower case, joined by ';'");
    if (before.ptr != NULL && str_compare(before, name) >= 0)
        return refuse(check, MOCK_CHECK_SIGNED_HEADERS_MALFORMED,
                      "SignedHeaders: names must ascend, each once; %.*s does not",
                      STR_ARGS(shown));
    for (size_t i = 0; i < COUNT_OF(never); i++)
        if (str_is(name, str_of(never[i])))
            return refuse(check, MOCK_CHECK_SIGNED_HEADERS_MALFORMED,
                          "SignedHeaders: %s is a header that a proxy may change", never[i]);
    if (header_count(check, name) != 1)
        return refuse(check, MOCK_CHECK_SIGNED_HEADER_MISSING,
                      "SignedHeaders: %.*s must be in the request exactly once", STR_ARGS(shown));
    return OK;
}

static bool is_signed(const struct check *check, struct str wanted)
{
    struct str rest = check->signed_headers, name;
    while (str_next(&rest, ';', &name))
        if (str_is_nocase(name, wanted))
            return true;
    return false;
}

static enum status require_signed(struct check *check, struct str name)
{
    if (is_signed(check, name))
        return OK;
    return refuse(check, MOCK_CHECK_HEADER_UNSIGNED, "SignedHeaders: %.*s must be signed",
                  STR_ARGS(name));
}

static enum status check_required(struct check *check)
{
    const struct mock_verifier_options *options = &check->verifier->options;
    bool has_content = header_count(check, STR("content-type")) > 0 || check->request->body.len > 0;
    enum status status = OK;
    TRY(require_signed(check, STR("x-sdk-date")));
    TRY(require_signed(check, STR("host")));
    if (options->app_key_header.len > 0 && !options->is_app_key_unsigned)
        TRY(require_signed(check, options->app_key_header));
    if (has_content && !options->is_content_type_unsigned)
        TRY(require_signed(check, STR("content-type")));
out:
    return status;
}

static enum status check_signed_headers(struct check *check)
{
    struct str rest = check->signed_headers, name, before = {0};
    for (int count = 0; str_next(&rest, ';', &name); count++) {
        if (count == SIGNED_HEADERS_MAX)
            return refuse(check, MOCK_CHECK_SIGNED_HEADERS_MALFORMED, "SignedHeaders: more than %d",
                          SIGNED_HEADERS_MAX);
        enum status status = check_signed_name(check, name, before);
        if (status != OK)
            return status;
        before = name;
    }
    return check_required(check);
}

/* --- AppKey, body, signature, replay --- */

static enum status check_app_key(struct check *check)
{
    struct str name = check->verifier->options.app_key_header;
    if (name.len == 0)
        return OK;
    if (header_count(check, name) == 1 && str_is(header(check, name), check->verdict->key->app_key))
        return OK;
    return refuse(check, MOCK_CHECK_APP_KEY_WRONG,
                  "app not found, the %.*s header is not the one agreed on", STR_ARGS(name));
}

/* Section 6: a hash in a header counts only when it is signed, and it must be the right one. */
static enum status check_content_hash(struct check *check)
{
    struct str name = STR("x-sdk-content-sha256");
    if (header_count(check, name) == 0)
        return OK;
    enum status status = require_signed(check, name);
    if (status != OK)
        return status;
    if (!str_is(header(check, name), str_from(check->payload_hash, sizeof(check->payload_hash))))
        return refuse(check, MOCK_CHECK_BODY_HASH_WRONG,
                      "X-Sdk-Content-Sha256 is not the hash of the body");
    return OK;
}

static enum status check_signature(struct check *check)
{
    struct mock_verifier *verifier = check->verifier;
    char expected[MOCK_SIGNATURE_LEN];
    mock_signature_compute(check->verdict->key->secret_key, check->sdk_date,
                           buf_str(&verifier->canonical), expected);
    bool is_good = bytes_are_equal_secretly(check->signature, str_from(expected, sizeof(expected)));
    mock_keys_note(verifier->options.keys, check->verdict->key, is_good, check->now_ms);
    return is_good ? OK : refuse(check, MOCK_CHECK_SIGNATURE_WRONG, "verify aksk signature fail");
}

/* The signature covers all that matters, and the date within it (section 11.9). */
static enum status check_replay(struct check *check)
{
    struct buf text;
    buf_init(&text, HTTP_HEAD_MAX);
    buf_append(&text, check->access_key);
    buf_append_byte(&text, ' ');
    buf_append(&text, check->signature);
    sha256(buf_str(&text), check->verdict->request.identity);
    buf_finish(&text);
    if (!mock_accepted_has(check->verifier->accepted, check->verdict->request.identity,
                           check->now_ms) ||
        check->verifier->options.allows_replay)
        return OK;
    return refuse(check, MOCK_CHECK_REPLAYED,
                  "replayed: an identical request with this signature has been accepted");
}

static enum status check_all(struct check *check)
{
    enum status status = OK;
    TRY(parse_authorization(check));
    enum status computed = compute(check);
    TRY(check_key(check));
    TRY(check_date(check));
    TRY(check_signed_headers(check));
    TRY(check_app_key(check));
    if (computed != OK)
        TRY(refuse(check, MOCK_CHECK_TARGET_MALFORMED, "request target malformed"));
    TRY(check_content_hash(check));
    TRY(check_signature(check));
    TRY(check_replay(check));
out:
    return status;
}

void mock_verifier_check(struct mock_verifier *verifier, const struct http_request *request,
                         int64_t now_ms, struct mock_verdict *out)
{
    struct check check = {
        .verifier = verifier, .request = request, .now_ms = now_ms, .verdict = out};
    *out = (struct mock_verdict){.check = MOCK_CHECK_PASSED};
    buf_clear(&verifier->detail);
    buf_clear(&verifier->canonical);
    buf_clear(&verifier->string_to_sign);
    (void)!check_all(&check);
    out->detail = buf_str(&verifier->detail);
    out->canonical = buf_str(&verifier->canonical);
    out->string_to_sign = buf_str(&verifier->string_to_sign);
}

void mock_verifier_accept(struct mock_verifier *verifier, const struct mock_signed *request)
{
    mock_accepted_add(verifier->accepted, request->identity, request->valid_until_ms);
}
