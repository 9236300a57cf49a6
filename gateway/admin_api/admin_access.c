#include "gateway/admin_api/admin_access.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/operator.h"

/* The prefix has browsers refuse the cookie without Secure, with Domain, or of another path. */
const char ADMIN_SESSION_COOKIE[] = "__Host-ita_session";

/* Of any case (RFC 9110, 11.1). */
static const struct str BEARER = {"Bearer ", 7};

struct str admin_access_cookie(const struct admin_request *request, struct str name)
{
    const struct str none = {NULL, 0};
    struct str rest = admin_header(request, STR("Cookie")), pair, found = none;
    while (str_next(&rest, ';', &pair)) {
        pair = str_trim(pair);
        size_t end = str_find(pair, '=');
        if (end == pair.len || !str_is(str_slice(pair, 0, end), name))
            continue;
        if (found.ptr != NULL)
            return none;
        found = str_slice(pair, end + 1, pair.len);
    }
    return found;
}

void admin_access_set_cookie(struct admin_request *request, const char *token)
{
    admin_answer_header(request, STR("Set-Cookie"),
                        "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict", ADMIN_SESSION_COOKIE,
                        token);
}

void admin_access_forget_cookie(struct admin_request *request)
{
    admin_answer_header(request, STR("Set-Cookie"),
                        "%s=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict",
                        ADMIN_SESSION_COOKIE);
}

void admin_access_csrf_token(struct str session_token, char out[static CSRF_TOKEN_SIZE])
{
    uint8_t mac[SHA256_SIZE];
    struct buf text;
    hmac_sha256(session_token, STR("X-CSRF-Token"), mac);
    buf_init_fixed(&text, out, CSRF_TOKEN_SIZE - 1);
    base64url_append(&text, str_from(mac, sizeof(mac)));
    out[text.len] = '\0';
}

static bool is_reading(const struct admin_request *request)
{
    return str_is(request->http->method, STR("GET")) || str_is(request->http->method, STR("HEAD"));
}

static bool check_csrf(struct admin_request *request, struct str session_token)
{
    char wanted[CSRF_TOKEN_SIZE];
    if (is_reading(request))
        return true;
    admin_access_csrf_token(session_token, wanted);
    if (bytes_are_equal_secretly(admin_header(request, STR("X-CSRF-Token")), str_of(wanted)))
        return true;
    admin_refuse(request, 403, "X-CSRF-Token: must be the session's csrfToken");
    return false;
}

/* 401, and the browser is told to forget its cookie. */
static void refuse_session(struct admin_request *request)
{
    admin_refuse(request, 401, "the session has ended, sign in again");
    admin_access_forget_cookie(request);
}

/* What a page asks by itself for as long as it is open does not keep its session alive: a stream of
 * events, which a browser opens again whenever it breaks, and what the page says of. */
static bool is_background(const struct admin_request *request)
{
    return str_is(admin_header(request, STR("Accept")), STR("text/event-stream")) ||
           admin_header(request, STR("X-Background")).ptr != NULL;
}

static bool check_session(struct admin_request *request, struct str token)
{
    const struct session_limits *limits = &request->api->limits;
    struct fault fault = {""};
    enum status status = is_background(request)
                             ? store_admin_look_at_session(request->store, token, limits,
                                                           clock_wall_ms(), &request->who, &fault)
                             : store_admin_find_session(request->store, token, limits,
                                                        clock_wall_ms(), &request->who, &fault);
    if (status == OK)
        return check_csrf(request, token);
    if (status == ERR_NOT_FOUND)
        refuse_session(request);
    else
        admin_refuse_status(request, status, &fault);
    return false;
}

/* An API key, or the token of a subcommand on this machine. */
static bool check_api_key(struct admin_request *request, struct str header)
{
    struct fault fault = {""};
    enum status status = ERR_NOT_FOUND;
    struct str key = str_slice(header, BEARER.len, header.len);
    int64_t now_ms = clock_wall_ms();
    bool is_bearer = str_is_nocase(str_slice(header, 0, BEARER.len), BEARER);
    if (is_bearer)
        status = operator_token_check(request->api->gateway->master_key, key, now_ms / 1000,
                                      &request->who);
    if (is_bearer && status != OK)
        status = store_admin_find_api_key(request->store, key, now_ms, &request->who, &fault);
    if (status == OK)
        return true;
    if (status == ERR_NOT_FOUND)
        admin_refuse(request, 401, "Authorization: the API key is unknown, disabled or expired");
    else
        admin_refuse_status(request, status, &fault);
    return false;
}

static bool has_authorization(const struct admin_request *request)
{
    const struct http_request *http = request->http;
    return http_headers_count(http->headers, http->header_count, STR("Authorization")) > 0;
}

/* An Authorization header speaks alone: a cookie beside it is not looked at. */
static bool identify(struct admin_request *request)
{
    struct str cookie = admin_access_cookie(request, str_of(ADMIN_SESSION_COOKIE));
    if (has_authorization(request))
        return check_api_key(request, admin_header(request, STR("Authorization")));
    if (cookie.ptr != NULL)
        return check_session(request, cookie);
    admin_refuse(request, 401, "sign in first");
    return false;
}

static bool is_own_tenant(const struct admin_request *request)
{
    return request->route->admission == ADMIT_TENANT &&
           strcmp(admin_param(request, "tenant"), request->who.tenant) == 0;
}

static bool admits(struct admin_request *request)
{
    const struct administrator *who = &request->who;
    enum admission admission = request->route->admission;
    if (who->must_change_password && admission != ADMIT_NEWCOMER) {
        admin_refuse(request, 403, "change the one-time password first");
        return false;
    }
    if (who->role == ROLE_SYSADMIN || admission == ADMIT_NEWCOMER || admission == ADMIT_SIGNED_IN ||
        is_own_tenant(request))
        return true;
    if (admission == ADMIT_TENANT)
        admin_refuse(request, 404, "there is no such tenant");
    else
        admin_refuse(request, 403, "only a system administrator may");
    return false;
}

/* The peer is an address as inet_ntop(3) writes it. */
static bool is_on_this_machine(struct str peer)
{
    return str_starts(peer, STR("127.")) || str_starts(peer, STR("::ffff:127.")) ||
           str_is(peer, STR("::1"));
}

bool admin_access_is_scraper(const struct admin_request *request)
{
    if (request->route->admission != ADMIT_SCRAPER)
        return false;
    int64_t access = request->api->gateway->config->metrics_access;
    return access == METRICS_FOR_ANYONE ||
           (access == METRICS_FOR_LOCAL && is_on_this_machine(request->http->peer));
}

bool admin_access_check(struct admin_request *request)
{
    if (request->route->admission == ADMIT_ANYONE || admin_access_is_scraper(request))
        return true;
    return identify(request) && admits(request);
}

/* --- Those who stay --- */

/* ptr NULL: none, or several. */
static struct str credential_text(const struct admin_request *request)
{
    struct str header = admin_header(request, STR("Authorization"));
    return has_authorization(request) ? str_slice(header, BEARER.len, header.len)
                                      : admin_access_cookie(request, str_of(ADMIN_SESSION_COOKIE));
}

uint64_t admin_access_owner(const struct admin_request *request)
{
    struct str text = credential_text(request);
    uint8_t digest[SHA256_SIZE];
    uint64_t owner;
    if (text.len == 0)
        return 0;
    sha256(text, digest);
    memcpy(&owner, digest, sizeof(owner));
    return owner;
}

void admin_access_credential(const struct admin_request *request, struct admin_credential *out)
{
    struct str header = admin_header(request, STR("Authorization"));
    struct buf text;
    out->is_api_key = has_authorization(request);
    buf_init_fixed(&text, out->text, sizeof(out->text) - 1);
    buf_append(&text, credential_text(request));
    out->text[text.len] = '\0';
    struct administrator operator;
    out->is_operator =
        out->is_api_key && operator_token_check(request->api->gateway->master_key,
                                                str_slice(header, BEARER.len, header.len),
                                                clock_wall_ms() / 1000, &operator) == OK;
}

bool admin_access_is_good(struct store_admin *store, const struct session_limits *limits,
                          const struct admin_credential *credential, const char *tenant,
                          struct administrator *who)
{
    struct str text = str_of(credential->text);
    struct fault fault;
    if (credential->is_operator) {
        who->role = ROLE_SYSADMIN;
        return true;
    }
    enum status status =
        credential->is_api_key
            ? store_admin_find_api_key(store, text, clock_wall_ms(), who, &fault)
            : store_admin_look_at_session(store, text, limits, clock_wall_ms(), who, &fault);
    return status == OK && !who->must_change_password &&
           (who->role == ROLE_SYSADMIN || strcmp(tenant, who->tenant) == 0);
}
