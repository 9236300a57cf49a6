#include "ita/verify.h"

#include <assert.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/failures.h"
#include "base/mem.h"
#include "base/table.h"
#include "ita/replay.h"

enum {
    DUMMY_SECRET_SIZE = 40, /* as long as Huawei's SecretKeys */
    PREPARED_MAX = 4096,    /* 3 MB; of more secrets in use, those come and go */
    TRIES_MIN = 2, /* MACs per request: as many for an unknown AccessKey as for one in its change */
};

/* A secret with its key schedule computed: 1 us less per MAC. */
struct prepared_key {
    char *secret; /* NUL-terminated */
    struct hmac_key *key;
    UT_hash_handle hh; /* by secret, in the order of insertion */
};

struct ita_verifier {
    struct ita_verifier_options options;
    struct hmac_key *dummy_key;
    struct prepared_key *keys;
    struct ita_replay *replay;
    struct failures *failures;
};

/* One request on its way through the steps. */
struct check {
    struct ita_verifier *verifier;
    struct ita_request request; /* as given, with the verifier's rules */
    struct str source;
    int64_t now_ms;
    struct str signed_headers;
    uint8_t said_mac[SHA256_SIZE];
    struct str sdk_date;
    struct str secrets[ITA_SECRETS_MAX];
    size_t secret_count;
    char payload_hash_bytes[ITA_PAYLOAD_HASH_MAX];
    struct buf payload_hash, *canonical_request, *string_to_sign;
    struct ita_verification *out;
};

const char *ita_verify_word(enum ita_verify_result result)
{
    static const char *const words[] = {
#define X(name, word, text) [name] = word,
        ITA_VERIFY_MAP(X)
#undef X
    };
    return words[result];
}

const char *ita_verify_text(enum ita_verify_result result)
{
    static const char *const texts[] = {
#define X(name, word, text) [name] = text,
        ITA_VERIFY_MAP(X)
#undef X
    };
    return texts[result];
}

void ita_verifier_options_init(struct ita_verifier_options *options)
{
    *options = (struct ita_verifier_options){
        .window_ms = ITA_WINDOW_MAX_MS,
        .body_max = ITA_BODY_MAX,
        .replay_cache_max = 1 << 20, /* 580 pushes a second for half an hour; 36 MB when full */
        .failure_pairs_max = 4096,   /* 1.3 MB */
        .failures_max = 5,           /* as the gateway locks (11.10) */
        .slow_ms = (int64_t)5 * 60 * 1000,
        .target_rules = ITA_TARGET_UNAMBIGUOUS,
    };
}

struct ita_verifier *ita_verifier_create(const struct ita_verifier_options *options)
{
    assert(options->window_ms > 0 && options->window_ms <= ITA_WINDOW_MAX_MS);
    assert(options->secrets_of != NULL);
    struct ita_verifier *verifier = NEW(struct ita_verifier);
    verifier->options = *options;
    char dummy_secret[DUMMY_SECRET_SIZE];
    random_bytes(dummy_secret, sizeof(dummy_secret));
    verifier->dummy_key = hmac_key_create(str_from(dummy_secret, sizeof(dummy_secret)));
    verifier->replay = ita_replay_create(options->replay_cache_max, options->window_ms);
    verifier->failures =
        failures_create(&(struct failures_options){.allowed = options->failures_max + 1,
                                                   .slow_ms = options->slow_ms,
                                                   .slowest_ms = options->slow_ms,
                                                   .entries_max = options->failure_pairs_max});
    return verifier;
}

static void forget_key(struct ita_verifier *verifier, struct prepared_key *prepared)
{
    HASH_DEL(verifier->keys, prepared);
    mem_wipe(prepared->secret, strlen(prepared->secret));
    mem_free(prepared->secret);
    hmac_key_destroy(prepared->key);
    mem_free(prepared);
}

/* Secrets are configured, not sent: whether one is prepared already tells a stranger nothing that
 * lasts. */
static struct hmac_key *prepare_key(struct ita_verifier *verifier, struct str secret)
{
    struct prepared_key *prepared;
    HASH_FIND(hh, verifier->keys, secret.ptr, secret.len, prepared);
    if (prepared != NULL)
        return prepared->key;
    if (HASH_COUNT(verifier->keys) >= PREPARED_MAX)
        forget_key(verifier, verifier->keys);
    prepared = NEW(struct prepared_key);
    prepared->secret = str_copy(secret);
    prepared->key = hmac_key_create(secret);
    HASH_ADD_KEYPTR(hh, verifier->keys, prepared->secret, secret.len, prepared);
    return prepared->key;
}

void ita_verifier_destroy(struct ita_verifier *verifier)
{
    if (verifier == NULL)
        return;
    while (verifier->keys != NULL)
        forget_key(verifier, verifier->keys);
    hmac_key_destroy(verifier->dummy_key);
    ita_replay_destroy(verifier->replay);
    failures_destroy(verifier->failures);
    mem_free(verifier);
}

static struct str header(const struct check *check, struct str name)
{
    return str_trim(http_headers_find(check->request.headers, check->request.header_count, name));
}

static size_t header_count(const struct check *check, struct str name)
{
    return http_headers_count(check->request.headers, check->request.header_count, name);
}

/* 11.1 */
static enum ita_verify_result check_bounds(struct check *check)
{
    const struct ita_request *request = &check->request;
    struct fault *fault = &check->out->fault;
    size_t head_len = 0;
    if (request->target.len > ITA_TARGET_MAX)
        fault_set(fault, ERR_TOO_BIG, "target: over %d bytes", ITA_TARGET_MAX);
    else if (request->body.len > check->verifier->options.body_max)
        fault_set(fault, ERR_TOO_BIG, "body: over %zu bytes", check->verifier->options.body_max);
    else if (request->header_count > ITA_SIGNED_HEADERS_MAX)
        fault_set(fault, ERR_TOO_BIG, "headers: over %d", ITA_SIGNED_HEADERS_MAX);
    else
        for (size_t i = 0; i < request->header_count; i++)
            head_len += request->headers[i].name.len + request->headers[i].value.len;
    if (head_len > ITA_HEAD_MAX)
        fault_set(fault, ERR_TOO_BIG, "headers: over %d bytes together", ITA_HEAD_MAX);
    return fault->text[0] == '\0' ? ITA_VERIFY_OK : ITA_VERIFY_BOUNDS;
}

/* Takes `literal` off the front of rest. */
static bool skip(struct str *rest, struct str literal)
{
    if (!str_starts(*rest, literal))
        return false;
    *rest = str_slice(*rest, literal.len, rest->len);
    return true;
}

/* Takes what stands before the next comma, the comma, and at most one space behind it. */
static bool take_field(struct str *rest, struct str *field)
{
    size_t comma = str_find(*rest, ',');
    if (comma == rest->len)
        return false;
    *field = str_slice(*rest, 0, comma);
    *rest = str_slice(*rest, comma + 1, rest->len);
    skip(rest, STR(" "));
    return true;
}

/* Lower case only (section 2): no signer writes another, and one signature has one text. */
static bool parse_mac(struct str hex, uint8_t mac[static SHA256_SIZE])
{
    for (size_t i = 0; i < hex.len; i++)
        if (hex.ptr[i] >= 'A' && hex.ptr[i] <= 'F')
            return false;
    return hex_decode(hex, mac, SHA256_SIZE) == OK;
}

/* Section 1. The algorithm is ours, not the header's: every other text is refused. */
static bool take_access_key(struct str *rest, struct str *access_key)
{
    if (!skip(rest, STR(ITA_SIGN_ALGORITHM " ")))
        return false;
    while (skip(rest, STR(" ")))
        continue;
    return skip(rest, STR("Access=")) && take_field(rest, access_key) &&
           ita_sign_is_access_key(*access_key);
}

struct str ita_verify_access_key(struct str authorization)
{
    struct str access_key;
    return take_access_key(&authorization, &access_key) ? access_key : STR("");
}

static bool parse_authorization(struct check *check, struct str rest)
{
    struct str access_key;
    if (!take_access_key(&rest, &access_key))
        return false;
    check->out->access_key = access_key;
    return skip(&rest, STR("SignedHeaders=")) && take_field(&rest, &check->signed_headers) &&
           skip(&rest, STR("Signature=")) && parse_mac(rest, check->said_mac);
}

/* 11.2 */
static enum ita_verify_result read_authorization(struct check *check)
{
    if (header_count(check, STR("authorization")) != 1 ||
        !parse_authorization(check, header(check, STR("authorization"))))
        return ITA_VERIFY_AUTHORIZATION;
    if (header_count(check, STR("x-sdk-date")) != 1)
        return ITA_VERIFY_DATE;
    check->sdk_date = header(check, STR("x-sdk-date"));
    return ITA_VERIFY_OK;
}

static bool is_signed(struct check *check, struct str name)
{
    if (ita_sign_lists(check->signed_headers, name))
        return true;
    fault_set(&check->out->fault, ERR_INVALID, "%.*s: must be signed", STR_ARGS(name));
    return false;
}

/* 11.3. X-Sdk-Content-Sha256 is refused unsigned rather than ignored: only an attacker adds it. */
static enum ita_verify_result check_required_headers(struct check *check)
{
    const struct ita_verifier_options *options = &check->verifier->options;
    struct str hash = STR("x-sdk-content-sha256");
    if (ita_sign_check_header_names(check->signed_headers, &check->out->fault) != OK)
        return ITA_VERIFY_SIGNED_HEADERS;
    if (!is_signed(check, STR("x-sdk-date")) || !is_signed(check, STR("host")) ||
        (header_count(check, hash) > 0 && !is_signed(check, hash)))
        return ITA_VERIFY_REQUIRED_HEADER;
    for (size_t i = 0; i < options->required_count; i++) {
        struct str name = str_of(options->required[i]);
        if (header_count(check, name) > 0 && !is_signed(check, name))
            return ITA_VERIFY_REQUIRED_HEADER;
    }
    return ITA_VERIFY_OK;
}

/* 11.3, the names against the request. */
static enum ita_verify_result check_present_headers(struct check *check)
{
    struct str rest = check->signed_headers, name;
    while (str_next(&rest, ';', &name)) {
        size_t count = header_count(check, name);
        if (count == 1)
            continue;
        fault_set(&check->out->fault, ERR_INVALID, "%.*s: stands there %zu times",
                  STR_ARGS(str_slice(name, 0, 64)), count);
        return ITA_VERIFY_ABSENT_HEADER;
    }
    return ITA_VERIFY_OK;
}

/* 11.7, last sentence. */
static enum ita_verify_result check_host(struct check *check)
{
    struct str host = check->verifier->options.host;
    if (host.len > 0 && !str_is_nocase(header(check, STR("host")), host))
        return ITA_VERIFY_HOST;
    return ITA_VERIFY_OK;
}

/* 11.4 */
static enum ita_verify_result check_date(struct check *check)
{
    int64_t window_ms = check->verifier->options.window_ms;
    if (clock_parse_sdk_date(check->sdk_date, &check->out->date_ms) != OK)
        return ITA_VERIFY_DATE;
    int64_t age_ms = check->now_ms - check->out->date_ms;
    if (age_ms >= -window_ms && age_ms <= window_ms)
        return ITA_VERIFY_OK;
    fault_set(&check->out->fault, ERR_INVALID, "X-Sdk-Date: %" PRId64 " ms %s, %" PRId64 " allowed",
              age_ms < 0 ? -age_ms : age_ms, age_ms < 0 ? "ahead" : "old", window_ms);
    return ITA_VERIFY_EXPIRED;
}

/* 11.5. Whether there are any is told only after the same work is done. */
static enum ita_verify_result find_secrets(struct check *check)
{
    struct ita_verifier *verifier = check->verifier;
    check->secret_count = verifier->options.secrets_of(verifier->options.data,
                                                       check->out->access_key, check->secrets);
    assert(check->secret_count <= ITA_SECRETS_MAX);
    return ITA_VERIFY_OK;
}

/* 11.6. The bytes are always hashed here, never believed. */
static enum ita_verify_result check_body(struct check *check)
{
    struct str name = STR("x-sdk-content-sha256");
    struct str said = header(check, name);
    sha256_hex_append(&check->payload_hash, check->request.body);
    if (header_count(check, name) == 0 || str_is(said, buf_str(&check->payload_hash)))
        return ITA_VERIFY_OK;
    if (!str_is(said, STR("UNSIGNED-PAYLOAD")))
        return ITA_VERIFY_BODY_HASH;
    if (!check->verifier->options.is_unsigned_payload_ok)
        return ITA_VERIFY_UNSIGNED_PAYLOAD;
    buf_clear(&check->payload_hash);
    buf_append(&check->payload_hash, said);
    return ITA_VERIFY_OK;
}

/* 11.7 */
static enum ita_verify_result rebuild(struct check *check)
{
    enum status status = ita_sign_canonical_request(&check->request, check->signed_headers,
                                                    buf_str(&check->payload_hash),
                                                    check->canonical_request, &check->out->fault);
    if (status != OK) {
        buf_clear(check->canonical_request);
        return status == ERR_TOO_BIG ? ITA_VERIFY_BOUNDS : ITA_VERIFY_REQUEST;
    }
    ita_sign_string_to_sign(check->sdk_date, buf_str(check->canonical_request),
                            check->string_to_sign);
    if (buf_is_over(check->string_to_sign))
        return ITA_VERIFY_BOUNDS;
    return ITA_VERIFY_OK;
}

/* 11.5 and 11.8: every secret is tried, with no early end, and as many dummies as make TRIES_MIN.
 */
static enum ita_verify_result compare(struct check *check)
{
    struct str said = str_from(check->said_mac, SHA256_SIZE);
    bool is_good = false;
    for (size_t i = 0; i < check->secret_count || i < TRIES_MIN; i++) {
        uint8_t mac[SHA256_SIZE];
        bool is_real = i < check->secret_count && check->secrets[i].len > 0;
        struct hmac_key *key =
            is_real ? prepare_key(check->verifier, check->secrets[i]) : check->verifier->dummy_key;
        hmac_key_sign(key, buf_str(check->string_to_sign), mac);
        if (bytes_are_equal_secretly(str_from(mac, SHA256_SIZE), said) && is_real) {
            check->out->secret = check->secrets[i];
            is_good = true;
        }
    }
    if (is_good)
        return ITA_VERIFY_OK;
    return check->secret_count == 0 ? ITA_VERIFY_UNKNOWN_KEY : ITA_VERIFY_SIGNATURE;
}

/* 11.9 */
static enum ita_verify_result check_replay(struct check *check)
{
    memcpy(check->out->mac, check->said_mac, SHA256_SIZE);
    switch (ita_replay_insert(check->verifier->replay, check->out->access_key, check->said_mac,
                              check->out->date_ms, check->now_ms)) {
    case ITA_REPLAY_SEEN:
        return ITA_VERIFY_REPEATED;
    case ITA_REPLAY_FULL:
        return ITA_VERIFY_CACHE_FULL;
    case ITA_REPLAY_FORGOTTEN:
        return ITA_VERIFY_EXPIRED;
    case ITA_REPLAY_NEW:
        break;
    }
    return ITA_VERIFY_OK;
}

static enum ita_verify_result run(struct check *check)
{
    static enum ita_verify_result (*const steps[])(struct check *) = {
        check_bounds,
        read_authorization,
        check_required_headers,
        check_present_headers,
        check_host,
        check_date,
        find_secrets,
        check_body,
        rebuild,
        compare,
        check_replay,
    };
    enum ita_verify_result result = ITA_VERIFY_OK;
    for (size_t i = 0; i < COUNT_OF(steps) && result == ITA_VERIFY_OK; i++)
        result = steps[i](check);
    return result;
}

/* 11.10. Only a wrong MAC counts: the other faults cost less than telling them apart is worth. */
static enum ita_verify_result count_failure(struct check *check, enum ita_verify_result result)
{
    struct failures *failures = check->verifier->failures;
    struct str access_key = result == ITA_VERIFY_UNKNOWN_KEY ? STR("") : check->out->access_key;
    if (result == ITA_VERIFY_OK)
        failures_clear(failures, access_key, check->source);
    if (result != ITA_VERIFY_UNKNOWN_KEY && result != ITA_VERIFY_SIGNATURE)
        return result;
    failures_add(failures, access_key, check->source, check->now_ms);
    if (failures_slowed_ms(failures, access_key, check->source, check->now_ms) > 0)
        return ITA_VERIFY_SLOWED;
    return result;
}

void ita_verify(struct ita_verifier *verifier, const struct ita_request *request, struct str source,
                int64_t now_ms, struct ita_verification *out, struct buf *canonical_request,
                struct buf *string_to_sign)
{
    char canonical_bytes[ITA_CANONICAL_MAX], text_bytes[ITA_STRING_TO_SIGN_MAX];
    struct buf canonical, text;
    struct check check = {.verifier = verifier,
                          .request = *request,
                          .source = source,
                          .now_ms = now_ms,
                          .canonical_request = canonical_request,
                          .string_to_sign = string_to_sign,
                          .out = out};
    *out = (struct ita_verification){0};
    check.request.target_rules = verifier->options.target_rules;
    buf_init_fixed(&check.payload_hash, check.payload_hash_bytes, sizeof(check.payload_hash_bytes));
    buf_init_fixed(&canonical, canonical_bytes, sizeof(canonical_bytes));
    buf_init_fixed(&text, text_bytes, sizeof(text_bytes));
    if (check.canonical_request == NULL)
        check.canonical_request = &canonical;
    if (check.string_to_sign == NULL)
        check.string_to_sign = &text;
    out->result = count_failure(&check, run(&check));
}

void ita_verifier_remember(struct ita_verifier *verifier, struct str access_key,
                           const uint8_t mac[static SHA256_SIZE], int64_t date_ms)
{
    /* The earliest time at which it can have been accepted, so that nothing expires too early. */
    int64_t now_ms = date_ms - verifier->options.window_ms;
    if (ita_replay_insert(verifier->replay, access_key, mac, date_ms, now_ms) == ITA_REPLAY_FULL)
        ita_replay_close(verifier->replay, date_ms);
}
