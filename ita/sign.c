#include "ita/sign.h"

#include <assert.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mem.h"

/* Section 5: never to be signed, as proxies and client libraries add or change them. */
static const char *const UNSTABLE[] = {
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* RFC 9110, 5.6.2. */
static bool is_token_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_char(s.ptr[i]))
            return false;
    return s.len > 0;
}

static bool has_upper_case(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != lower(s.ptr[i]))
            return true;
    return false;
}

/* A line feed in a value would forge lines of the canonical request. */
static bool is_field_value(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (((unsigned char)s.ptr[i] < ' ' && s.ptr[i] != '\t') || s.ptr[i] == 0x7F)
            return false;
    return true;
}

/* Orders names as if both were lower case. */
static int compare_names(struct str a, struct str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int order = (unsigned char)lower(a.ptr[i]) - (unsigned char)lower(b.ptr[i]);
        if (order != 0)
            return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

static bool is_chosen(struct str name, enum ita_header_choice choice)
{
    if (str_is_nocase(name, STR("authorization")))
        return false;
    for (size_t i = 0; choice == ITA_HEADERS_STABLE && i < COUNT_OF(UNSTABLE); i++)
        if (str_is_nocase(name, str_of(UNSTABLE[i])))
            return false;
    return true;
}

enum status ita_sign_check_header_names(struct str names, struct fault *fault)
{
    struct str rest = names, name, before = {NULL, 0};
    if (names.len == 0)
        return fault_set(fault, ERR_SYNTAX, "SignedHeaders: empty");
    for (size_t count = 1; str_next(&rest, ';', &name); count++) {
        if (count > ITA_SIGNED_HEADERS_MAX)
            return fault_set(fault, ERR_TOO_BIG, "SignedHeaders: over %d names",
                             ITA_SIGNED_HEADERS_MAX);
        if (!is_token(name) || has_upper_case(name))
            return fault_set(fault, ERR_SYNTAX,
                             "SignedHeaders: names must be lower-case tokens joined by ';'");
        if (str_compare(before, name) >= 0)
            return fault_set(fault, ERR_INVALID, "SignedHeaders: names must ascend, none twice");
        if (str_is(name, STR("authorization")))
            return fault_set(fault, ERR_INVALID, "SignedHeaders: holds authorization");
        before = name;
    }
    return OK;
}

bool ita_sign_lists(struct str names, struct str wanted)
{
    struct str name;
    while (str_next(&names, ';', &name))
        if (str_is(name, wanted))
            return true;
    return false;
}

/* Inserts into names, which stay sorted; names of requests are few. */
static enum status insert_name(struct str *names, size_t *count, struct str name,
                               struct fault *fault)
{
    if (!is_token(name))
        return fault_set(fault, ERR_SYNTAX, "headers: a name is not a token");
    if (*count == ITA_SIGNED_HEADERS_MAX)
        return fault_set(fault, ERR_TOO_BIG, "headers: over %d to sign", ITA_SIGNED_HEADERS_MAX);
    size_t at = *count;
    for (; at > 0; at--) {
        int order = compare_names(names[at - 1], name);
        if (order == 0)
            return fault_set(fault, ERR_INVALID,
                             "headers: one stands twice; signers join them differently");
        if (order < 0)
            break;
        names[at] = names[at - 1];
    }
    names[at] = name;
    ++*count;
    return OK;
}

enum status ita_sign_header_names(const struct ita_request *request, enum ita_header_choice choice,
                                  struct buf *out, struct fault *fault)
{
    struct str names[ITA_SIGNED_HEADERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        struct str name = request->headers[i].name;
        if (!is_chosen(name, choice))
            continue;
        enum status status = insert_name(names, &count, name, fault);
        if (status != OK)
            return status;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_byte(out, ';');
        for (size_t k = 0; k < names[i].len; k++)
            buf_append_byte(out, lower(names[i].ptr[k]));
    }
    if (buf_is_over(out))
        return fault_set(fault, ERR_TOO_BIG, "headers: names too long");
    return OK;
}

enum status ita_sign_payload_hash(const struct ita_request *request, struct buf *out,
                                  struct fault *fault)
{
    struct str name = STR("x-sdk-content-sha256");
    struct str said = str_trim(http_headers_find(request->headers, request->header_count, name));
    if (http_headers_count(request->headers, request->header_count, name) > 0) {
        if (said.len == 0)
            return fault_set(fault, ERR_INVALID, "X-Sdk-Content-Sha256: empty");
        buf_append(out, said);
    } else {
        sha256_hex_append(out, request->signs_empty_body ? STR("") : request->body);
    }
    if (buf_is_over(out))
        return fault_set(fault, ERR_TOO_BIG, "X-Sdk-Content-Sha256: too long");
    return OK;
}

/* CanonicalHeaders of section 5. */
static enum status append_headers(const struct ita_request *request, struct str signed_headers,
                                  struct buf *out, struct fault *fault)
{
    struct str rest = signed_headers, name;
    while (str_next(&rest, ';', &name)) {
        if (http_headers_count(request->headers, request->header_count, name) != 1)
            return fault_set(fault, ERR_INVALID,
                             "headers: %.*s is signed, so it must stand there exactly once",
                             STR_ARGS(str_slice(name, 0, 64)));
        struct str value = http_headers_find(request->headers, request->header_count, name);
        if (!is_field_value(value))
            return fault_set(fault, ERR_INVALID, "headers: %.*s holds a control byte",
                             STR_ARGS(str_slice(name, 0, 64)));
        buf_append(out, name);
        buf_append_byte(out, ':');
        buf_append(out, str_trim(value));
        buf_append_byte(out, '\n');
    }
    return OK;
}

enum status ita_sign_canonical_request(const struct ita_request *request, struct str signed_headers,
                                       struct str payload_hash, struct buf *out,
                                       struct fault *fault)
{
    enum status status;
    struct str path, query;
    /* Three of ten signers turn it into upper case, seven copy it (section 3). */
    for (size_t i = 0; i < request->method.len; i++)
        if (request->method.ptr[i] < 'A' || request->method.ptr[i] > 'Z')
            return fault_set(fault, ERR_INVALID, "method: must be upper-case letters");
    if (request->method.len == 0)
        return fault_set(fault, ERR_INVALID, "method: empty");

    ita_target_split(request->target, &path, &query);
    buf_append(out, request->method);
    buf_append_byte(out, '\n');
    TRY(ita_target_append_path(path, request->target_rules, out, fault));
    buf_append_byte(out, '\n');
    TRY(ita_target_append_query(query, request->target_rules, out, fault));
    buf_append_byte(out, '\n');
    TRY(append_headers(request, signed_headers, out, fault));
    buf_append_byte(out, '\n');
    buf_append(out, signed_headers);
    buf_append_byte(out, '\n');
    buf_append(out, payload_hash);
    if (buf_is_over(out))
        status = fault_set(fault, ERR_TOO_BIG, "canonical request: too long");
out:
    return status;
}

void ita_sign_string_to_sign(struct str sdk_date, struct str canonical_request, struct buf *out)
{
    buf_append(out, STR(ITA_SIGN_ALGORITHM "\n"));
    buf_append(out, sdk_date);
    buf_append_byte(out, '\n');
    sha256_hex_append(out, canonical_request);
}

void ita_sign_authorization(struct str access_key, struct str signed_headers,
                            const uint8_t mac[static SHA256_SIZE], struct buf *out)
{
    buf_append(out, STR(ITA_SIGN_ALGORITHM " Access="));
    buf_append(out, access_key);
    buf_append(out, STR(", SignedHeaders="));
    buf_append(out, signed_headers);
    buf_append(out, STR(", Signature="));
    hex_append(out, str_from(mac, SHA256_SIZE));
}

bool ita_sign_is_access_key(struct str access_key)
{
    for (size_t i = 0; i < access_key.len; i++)
        if (access_key.ptr[i] <= ' ' || access_key.ptr[i] >= 0x7F || access_key.ptr[i] == ',')
            return false;
    return access_key.len > 0 && access_key.len <= ITA_ACCESS_KEY_MAX;
}

/* The headers without which a signature proves nothing (section 5). */
static enum status check_signable(const struct ita_request *request, struct str signed_headers,
                                  struct str sdk_date, struct fault *fault)
{
    int64_t date_ms;
    struct str hash_header = STR("x-sdk-content-sha256");
    enum status status = ita_sign_check_header_names(signed_headers, fault);
    if (status != OK)
        return status;
    if (!ita_sign_lists(signed_headers, STR("host")) ||
        !ita_sign_lists(signed_headers, STR("x-sdk-date")))
        return fault_set(fault, ERR_INVALID, "headers: host and x-sdk-date must be signed");
    if (http_headers_count(request->headers, request->header_count, hash_header) > 0 &&
        !ita_sign_lists(signed_headers, hash_header))
        return fault_set(fault, ERR_INVALID, "headers: x-sdk-content-sha256 must be signed");
    if (clock_parse_sdk_date(sdk_date, &date_ms) != OK)
        return fault_set(fault, ERR_INVALID, "X-Sdk-Date: must be a real YYYYMMDDTHHMMSSZ");
    return OK;
}

enum status ita_sign_with(const struct ita_request *request, struct str access_key,
                          struct hmac_key *secret_key, struct buf *authorization,
                          struct fault *fault)
{
    char names_bytes[ITA_SIGNED_NAMES_MAX], hash_bytes[ITA_PAYLOAD_HASH_MAX];
    char canonical_bytes[ITA_CANONICAL_MAX], text_bytes[ITA_STRING_TO_SIGN_MAX];
    struct buf names, hash, canonical, text;
    uint8_t mac[SHA256_SIZE];
    enum status status;
    struct str signed_headers = request->signed_headers;
    struct str sdk_date =
        str_trim(http_headers_find(request->headers, request->header_count, STR("x-sdk-date")));
    buf_init_fixed(&names, names_bytes, sizeof(names_bytes));
    buf_init_fixed(&hash, hash_bytes, sizeof(hash_bytes));
    buf_init_fixed(&canonical, canonical_bytes, sizeof(canonical_bytes));
    buf_init_fixed(&text, text_bytes, sizeof(text_bytes));

    if (!ita_sign_is_access_key(access_key))
        return fault_set(fault, ERR_INVALID,
                         "AccessKey: must be 1 to %d visible ASCII characters without a comma",
                         ITA_ACCESS_KEY_MAX);
    if (signed_headers.len == 0) {
        TRY(ita_sign_header_names(request, ITA_HEADERS_STABLE, &names, fault));
        signed_headers = buf_str(&names);
    }
    TRY(check_signable(request, signed_headers, sdk_date, fault));
    TRY(ita_sign_payload_hash(request, &hash, fault));
    TRY(ita_sign_canonical_request(request, signed_headers, buf_str(&hash), &canonical, fault));
    ita_sign_string_to_sign(sdk_date, buf_str(&canonical), &text);
    assert(!buf_is_over(&text));
    hmac_key_sign(secret_key, buf_str(&text), mac);
    ita_sign_authorization(access_key, signed_headers, mac, authorization);
    if (buf_is_over(authorization))
        status = fault_set(fault, ERR_TOO_BIG, "Authorization: too long");
out:
    return status;
}

enum status ita_sign(const struct ita_request *request, struct str access_key,
                     struct str secret_key, struct buf *authorization, struct fault *fault)
{
    if (secret_key.len == 0)
        return fault_set(fault, ERR_INVALID, "SecretKey: empty");
    struct hmac_key *key = hmac_key_create(secret_key);
    enum status status = ita_sign_with(request, access_key, key, authorization, fault);
    hmac_key_destroy(key);
    return status;
}
