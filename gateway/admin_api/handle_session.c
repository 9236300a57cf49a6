/* /admin/v1/session: signing in and out, who am I, changing one's password. */

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_access.h"
#include "gateway/admin_api/admin_parts.h"

static const char DEVICE_COOKIE[] = "__Host-ita_device";

enum { DEVICE_LASTS_S = 365 * 24 * 60 * 60 };

/* The token is empty for an API key. */
static void write_session(struct json_writer *w, const struct administrator *who, struct str token)
{
    char csrf_token[CSRF_TOKEN_SIZE];
    admin_access_csrf_token(token, csrf_token);
    json_write_object(w, NULL);
    json_write_text(w, "user", who->is_api_key ? NULL : who->name);
    json_write_text(w, "apiKey", who->is_api_key ? who->name : NULL);
    json_write_text(w, "role", role_text(who->role));
    json_write_text(w, "tenant", who->tenant[0] == '\0' ? NULL : who->tenant);
    json_write_text(w, "csrfToken", token.len > 0 ? csrf_token : NULL);
    json_write_bool(w, "mustChangePassword", who->must_change_password);
    admin_write_time(w, "endsAt", who->session_until_ms);
    json_write_object_end(w);
}

void handle_session_show(struct admin_request *request)
{
    struct str token = admin_access_cookie(request, str_of(ADMIN_SESSION_COOKIE));
    if (request->who.is_api_key)
        token = STR("");
    write_session(admin_answer(request, 200), &request->who, token);
}

/* --- Attempts --- */

/* Names are in lower case; people's keyboards begin with a capital. */
static void begin_attempt(const struct admin_request *request, const char *name,
                          char lower[static ADMIN_PARAM_SIZE], struct attempt *out)
{
    size_t len = 0;
    for (; len < ADMIN_PARAM_SIZE - 1 && name[len] != '\0'; len++)
        lower[len] = (char)(name[len] >= 'A' && name[len] <= 'Z' ? name[len] + 32 : name[len]);
    lower[len] = '\0';
    out->name = str_of(lower);
    out->peer = request->http->peer;
    out->device = admin_access_cookie(request, str_of(DEVICE_COOKIE));
}

/* Answers when it gives false. */
static bool may_try(struct admin_request *request, const struct attempt *attempt)
{
    int64_t wait_ms = slow_down_wait_ms(request->api->slow_down, attempt, clock_mono_ms());
    if (wait_ms == 0)
        return true;
    admin_refuse(request, 429, "too many wrong passwords; try again later");
    admin_answer_header(request, STR("Retry-After"), "%lld", (long long)(wait_ms + 999) / 1000);
    return false;
}

static void count_failure(const struct admin_request *request, const struct attempt *attempt)
{
    slow_down_failed(request->api->slow_down, attempt, clock_mono_ms());
    LOG(LOG_WARN, "administrator's password refused", L_STR("source", attempt->peer));
}

static void answer_new_session(struct admin_request *request, const struct attempt *attempt,
                               const struct new_session *session)
{
    char device[DEVICE_COOKIE_SIZE];
    slow_down_succeeded(request->api->slow_down, attempt);
    slow_down_make_device(request->api->slow_down, attempt->name, device);
    write_session(admin_answer(request, 200), &session->who, str_of(session->token));
    admin_access_set_cookie(request, session->token);
    admin_answer_header(request, STR("Set-Cookie"),
                        "%s=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Strict",
                        DEVICE_COOKIE, device, DEVICE_LASTS_S);
}

/* --- Signing in and out --- */

static bool sign_out(struct admin_request *request)
{
    struct fault fault = {""};
    enum status status = store_admin_sign_out(
        request->store, admin_access_cookie(request, str_of(ADMIN_SESSION_COOKIE)), &fault);
    if (status != OK)
        admin_refuse_status(request, status, &fault);
    return status == OK;
}

static void sign_in(struct admin_request *request, const struct attempt *attempt,
                    const char *password)
{
    struct new_session session;
    struct fault fault = {""};
    enum status status =
        store_admin_sign_in(request->store, attempt->name, str_of(password), &request->api->limits,
                            clock_wall_ms(), &session, &fault);
    if (status == ERR_DENIED) {
        count_failure(request, attempt);
        admin_refuse(request, 401, "user or password is wrong");
    } else if (status != OK) {
        admin_refuse_status(request, status, &fault);
    } else if (sign_out(request)) { /* of a session that this browser had before */
        LOG(LOG_INFO, "administrator signed in", L_TEXT("user", session.who.name),
            L_STR("source", attempt->peer));
        answer_new_session(request, attempt, &session);
    }
    mem_wipe(&session, sizeof(session));
}

void handle_session_create(struct admin_request *request)
{
    struct fields fields;
    struct attempt attempt;
    char lower[ADMIN_PARAM_SIZE];
    admin_fields(request, &fields);
    const char *user = fields_text(&fields, "user", FIELD_REQUIRED, USER_NAME_MAX);
    const char *password = fields_text(&fields, "password", FIELD_REQUIRED, PASSWORD_MAX);
    if (!admin_fields_end(request, &fields))
        return;
    begin_attempt(request, user, lower, &attempt);
    if (may_try(request, &attempt))
        sign_in(request, &attempt, password);
}

/* An API key has no session. Answers when it gives false. */
static bool is_user(struct admin_request *request)
{
    if (request->who.is_api_key)
        admin_refuse(request, 403, "an API key has neither session nor password");
    return !request->who.is_api_key;
}

void handle_session_delete(struct admin_request *request)
{
    if (!is_user(request))
        return;
    if (sign_out(request))
        admin_answer_empty(request, 204);
    admin_access_forget_cookie(request); /* also when the disk keeps the session */
}

/* --- Changing the password --- */

static void check_new_password(struct fields *fields, const char *name, const char *old_password,
                               const char *new_password)
{
    struct fault fault;
    if (old_password == NULL || new_password == NULL)
        return;
    if (strcmp(old_password, new_password) == 0)
        fields_refuse(fields, "newPassword", "same", "must be another one than before",
                      "不能与旧密码相同");
    else if (user_check_password(str_of(name), str_of(new_password), &fault) != OK)
        fields_refuse(fields, "newPassword", "password",
                      "must have 12 to 128 characters and not be the user's name",
                      "必须有 12 到 128 个字符，且不能是用户名");
}

static void change_password(struct admin_request *request, const struct attempt *attempt,
                            struct fields *fields, struct str old_password, struct str new_password)
{
    struct new_session session;
    struct fault fault = {""};
    enum status status =
        store_admin_change_password(request->store, request->who.name, old_password, new_password,
                                    &request->api->limits, clock_wall_ms(), &session, &fault);
    if (status == ERR_DENIED) {
        count_failure(request, attempt);
        fields_refuse(fields, "oldPassword", "wrong", "is wrong", "旧密码错误");
        (void)admin_fields_end(request, fields);
    } else if (status != OK) {
        admin_refuse_status(request, status, &fault);
    } else {
        answer_new_session(request, attempt, &session);
    }
    mem_wipe(&session, sizeof(session));
}

void handle_session_password(struct admin_request *request)
{
    struct fields fields;
    struct attempt attempt;
    char lower[ADMIN_PARAM_SIZE];
    if (!is_user(request))
        return;
    admin_fields(request, &fields);
    const char *old_password = fields_text(&fields, "oldPassword", FIELD_REQUIRED, PASSWORD_MAX);
    const char *new_password = fields_text(&fields, "newPassword", FIELD_REQUIRED, PASSWORD_MAX);
    check_new_password(&fields, request->who.name, old_password, new_password);
    if (!admin_fields_end(request, &fields))
        return;
    begin_attempt(request, request->who.name, lower, &attempt);
    if (may_try(request, &attempt))
        change_password(request, &attempt, &fields, str_of(old_password), str_of(new_password));
}
