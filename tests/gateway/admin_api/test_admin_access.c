/* Who may do what, with sessions and keys of a real store and routes made up. */

#include "tests/test.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_access.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/operator.h"
#include "tests/gateway/store/store_fixture.h"

static const char GOOD[] = "correct horse battery";

static const struct admin_route ROUTES[] = {
    [ADMIT_ANYONE] = {"GET", "/anyone", ADMIT_ANYONE, LANE_STORE, NULL, NULL, false},
    [ADMIT_NEWCOMER] = {"GET", "/newcomer", ADMIT_NEWCOMER, LANE_STORE, NULL, NULL, false},
    [ADMIT_SIGNED_IN] = {"GET", "/signed-in", ADMIT_SIGNED_IN, LANE_STORE, NULL, NULL, false},
    [ADMIT_TENANT] = {"GET", "/tenants/{tenant}/x", ADMIT_TENANT, LANE_STORE, NULL, NULL, false},
    [ADMIT_SYSADMIN] = {"GET", "/sysadmin", ADMIT_SYSADMIN, LANE_STORE, NULL, NULL, false},
};

struct rig {
    struct fixture fixture; /* its folder */
    struct store_admin *store;
    struct gateway gateway;
    struct admin_api api;
    struct fault fault;
    char root[SESSION_TOKEN_SIZE], tim[SESSION_TOKEN_SIZE], newcomer[SESSION_TOKEN_SIZE];
    struct new_api_key key; /* of acme */
};

/* A session of a user with a password of his own, or with a one-time one. */
static void sign_in(struct rig *rig, const char *name, enum role role, bool is_newcomer,
                    char token[static SESSION_TOKEN_SIZE])
{
    struct one_time_password made;
    struct new_session session;
    assert_status(store_admin_create_user(rig->store, name, role,
                                          role == ROLE_TENANT_ADMIN ? "acme" : NULL, &made,
                                          &rig->fault),
                  OK);
    if (is_newcomer)
        assert_status(store_admin_sign_in(rig->store, str_of(name), str_of(made.text),
                                          &rig->api.limits, clock_wall_ms(), &session, &rig->fault),
                      OK);
    else
        assert_status(store_admin_change_password(rig->store, name, str_of(made.text), str_of(GOOD),
                                                  &rig->api.limits, clock_wall_ms(), &session,
                                                  &rig->fault),
                      OK);
    memcpy(token, session.token, SESSION_TOKEN_SIZE);
}

static int setup(void **state)
{
    struct rig *rig = NEW(struct rig);
    fixture_make_folder(&rig->fixture);
    memcpy(rig->gateway.master_key, MASTER_KEY, sizeof(rig->gateway.master_key));
    rig->api.gateway = &rig->gateway;
    rig->api.limits = (struct session_limits){.idle_ms = 1800000, .longest_ms = 43200000};
    assert_status(
        store_admin_open(rig->fixture.path, MASTER_KEY, "cli:tester", &rig->store, &rig->fault),
        OK);
    assert_status(store_admin_create_tenant(rig->store, "acme", &rig->fault), OK);
    assert_status(store_admin_create_tenant(rig->store, "zeta", &rig->fault), OK);
    sign_in(rig, "root", ROLE_SYSADMIN, false, rig->root);
    sign_in(rig, "tim", ROLE_TENANT_ADMIN, false, rig->tim);
    sign_in(rig, "new", ROLE_SYSADMIN, true, rig->newcomer);
    assert_status(store_admin_create_api_key(rig->store, "bot", ROLE_TENANT_ADMIN, "acme", 0,
                                             &rig->key, &rig->fault),
                  OK);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    store_admin_close(rig->store);
    fixture_remove_folder(&rig->fixture);
    mem_free(rig);
    return 0;
}

/* What is asked for; NULL leaves a header out. */
struct asked {
    enum admission admission;
    const char *method, *tenant, *cookie, *csrf_token, *bearer;
};

/* The status of the refusal, or 0 when the request is let in; its body when wanted. */
static int ask(struct rig *rig, const struct asked *asked, struct buf *body)
{
    struct admin_request *request = NEW(struct admin_request);
    char cookie[256], bearer[256];
    struct http_header headers[3];
    struct http_request http = {.method = str_of(asked->method == NULL ? "GET" : asked->method),
                                .headers = headers};
    (void)snprintf(cookie, sizeof(cookie), "a=b; %s=%s", ADMIN_SESSION_COOKIE, asked->cookie);
    (void)snprintf(bearer, sizeof(bearer), "Bearer %s", asked->bearer);
    if (asked->cookie != NULL)
        headers[http.header_count++] = (struct http_header){STR("cookie"), str_of(cookie)};
    if (asked->csrf_token != NULL)
        headers[http.header_count++] =
            (struct http_header){STR("x-csrf-token"), str_of(asked->csrf_token)};
    if (asked->bearer != NULL)
        headers[http.header_count++] = (struct http_header){STR("authorization"), str_of(bearer)};
    request->api = &rig->api;
    request->http = &http;
    request->route = &ROUTES[asked->admission];
    request->store = rig->store;
    buf_init(&request->out, 4096);
    buf_init_fixed(&request->header_text, request->header_storage, sizeof(request->header_storage));
    if (asked->tenant != NULL)
        (void)snprintf(request->params[0], ADMIN_PARAM_SIZE, "%s", asked->tenant);
    bool is_in = admin_access_check(request);
    int status = request->status;
    assert_int_equal(is_in, status == 0);
    if (body != NULL)
        buf_append(body, buf_str(&request->out));
    buf_finish(&request->out);
    mem_free(request);
    return status;
}

#define ASK(rig, ...) ask(rig, &(struct asked){__VA_ARGS__}, NULL)

TEST(each_is_let_in_where_the_table_says)
{
    struct rig *rig = *state;
    /* By admission: anyone, newcomer, signed in, tenant (acme), sysadmin. */
    static const int nobody[] = {0, 401, 401, 401, 401}, newcomer[] = {0, 0, 403, 403, 403},
                     tim[] = {0, 0, 0, 0, 403}, root[] = {0, 0, 0, 0, 0};
    for (enum admission i = ADMIT_ANYONE; i <= ADMIT_SYSADMIN; i++) {
        assert_int_equal(ASK(rig, i, .tenant = "acme"), nobody[i]);
        assert_int_equal(ASK(rig, i, .tenant = "acme", .cookie = rig->newcomer), newcomer[i]);
        assert_int_equal(ASK(rig, i, .tenant = "acme", .cookie = rig->tim), tim[i]);
        assert_int_equal(ASK(rig, i, .tenant = "acme", .bearer = rig->key.text), tim[i]);
        assert_int_equal(ASK(rig, i, .tenant = "acme", .cookie = rig->root), root[i]);
    }
}

TEST(another_tenant_is_not_there_whether_it_is_or_not)
{
    struct rig *rig = *state;
    static const char *const others[] = {"zeta", "nosuch", "ACME", "acme ", "acm", "acmee", ""};
    struct buf first, other;
    buf_init(&first, 4096);
    (void)ask(rig, &(struct asked){ADMIT_TENANT, .tenant = "zeta", .cookie = rig->tim}, &first);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        const struct asked asked = {ADMIT_TENANT, .tenant = others[i], .cookie = rig->tim};
        buf_init(&other, 4096);
        assert_int_equal(ask(rig, &asked, &other), 404);
        assert_true(str_is(buf_str(&first), buf_str(&other)));
        buf_finish(&other);
        assert_int_equal(ASK(rig, ADMIT_TENANT, .tenant = others[i], .bearer = rig->key.text), 404);
    }
    buf_finish(&first);
}

TEST(a_change_with_a_cookie_needs_the_token_of_its_session)
{
    struct rig *rig = *state;
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "anything"};
    char roots[CSRF_TOKEN_SIZE], tims[CSRF_TOKEN_SIZE];
    admin_access_csrf_token(str_of(rig->root), roots);
    admin_access_csrf_token(str_of(rig->tim), tims);
    assert_string_not_equal(roots, tims);
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        struct asked asked = {ADMIT_SYSADMIN, .method = methods[i], .cookie = rig->root};
        const char *const wrong[] = {NULL, "", tims, rig->root, "x"};
        for (size_t k = 0; k < COUNT_OF(wrong); k++) {
            asked.csrf_token = wrong[k];
            assert_int_equal(ask(rig, &asked, NULL), 403);
        }
        asked.csrf_token = roots;
        assert_int_equal(ask(rig, &asked, NULL), 0);
    }
    assert_int_equal(ASK(rig, ADMIT_SIGNED_IN, .method = "POST", .bearer = rig->key.text), 0);
    assert_int_equal(ASK(rig, ADMIT_SIGNED_IN, .method = "HEAD", .cookie = rig->root), 0);
}

TEST(an_authorization_header_speaks_alone)
{
    struct rig *rig = *state;
    assert_int_equal(ASK(rig, ADMIT_SIGNED_IN, .cookie = rig->root, .bearer = "ita_x"), 401);
    assert_int_equal(ASK(rig, ADMIT_SYSADMIN, .cookie = rig->root, .bearer = rig->key.text), 403);
}

TEST(what_is_no_token_is_nobodys)
{
    struct rig *rig = *state;
    char other[SESSION_TOKEN_SIZE];
    memcpy(other, rig->root, sizeof(other));
    other[0] = other[0] == 'A' ? 'B' : 'A';
    const char *const tokens[] = {"", other, "x", rig->key.text, "a=b", "\xFF"};
    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        assert_int_equal(ASK(rig, ADMIT_NEWCOMER, .cookie = tokens[i]), 401);
    assert_int_equal(ASK(rig, ADMIT_NEWCOMER, .bearer = rig->root), 401);
    assert_int_equal(ASK(rig, ADMIT_NEWCOMER, .bearer = ""), 401);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST(a_subcommand_with_the_master_key_may_everything)
{
    struct rig *rig = *state;
    static const uint8_t other_key[SEAL_KEY_SIZE] = "another master key of tests....";
    char good[OPERATOR_TOKEN_SIZE], strange[OPERATOR_TOKEN_SIZE], old[OPERATOR_TOKEN_SIZE];
    int64_t now_s = clock_wall_ms() / 1000;
    operator_token_issue(MASTER_KEY, STR("root"), now_s, good);
    operator_token_issue(other_key, STR("root"), now_s, strange);
    operator_token_issue(MASTER_KEY, STR("root"), now_s - 3600, old);
    assert_int_equal(ask(rig, &(struct asked){.admission = ADMIT_SYSADMIN, .bearer = good}, NULL),
                     0);
    assert_int_equal(
        ask(rig, &(struct asked){.admission = ADMIT_TENANT, .tenant = "zeta", .bearer = good},
            NULL),
        0);
    assert_int_equal(
        ask(rig, &(struct asked){.admission = ADMIT_SYSADMIN, .bearer = strange}, NULL), 401);
    assert_int_equal(ask(rig, &(struct asked){.admission = ADMIT_SYSADMIN, .bearer = old}, NULL),
                     401);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(each_is_let_in_where_the_table_says),
        RIG_TEST(another_tenant_is_not_there_whether_it_is_or_not),
        RIG_TEST(a_change_with_a_cookie_needs_the_token_of_its_session),
        RIG_TEST(an_authorization_header_speaks_alone),
        RIG_TEST(what_is_no_token_is_nobodys),
        RIG_TEST(a_subcommand_with_the_master_key_may_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
