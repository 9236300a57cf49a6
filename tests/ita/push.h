#ifndef TESTS_ITA_PUSH_H
#define TESTS_ITA_PUSH_H

/* A signed push that a test may change byte by byte, and a verifier that knows its key: what the
 * programs test_verify*.c share. Include the headers of cmocka first. */

#include "base/clock.h"
#include "base/mem.h"
#include "ita/verify.h"

#define ACCESS_KEY "FAKEAKEXAMPLE0001"
#define SECRET "fake-secret-key-for-tests-only-0001"
#define OLD_SECRET "fake-secret-key-for-tests-only-0000"
#define DATE "20300102T030405Z"
#define SOURCE "192.0.2.1"

enum { TEXT_MAX = 512, HEADERS_MAX = 70, WINDOW_MS = ITA_WINDOW_MAX_MS };
enum { HOST, CONTENT_TYPE, SDK_DATE, APP_KEY, AUTHORIZATION, FIRST_FREE };

/* A signed push with storage of its own, so that a test may change any byte. */
struct push {
    char method[TEXT_MAX], target[TEXT_MAX], body[TEXT_MAX];
    char values[HEADERS_MAX][TEXT_MAX];
    struct http_header headers[HEADERS_MAX];
    struct ita_request request;
    int64_t date_ms;
};

/* What the verifier knows, and how it is set up. */
static struct ita_verifier_options options;
static struct ita_verifier *verifier;
static struct str known_secrets[ITA_SECRETS_MAX];
static size_t known_count;

static inline size_t secrets_of(void *data, struct str access_key,
                                struct str secrets[static ITA_SECRETS_MAX])
{
    (void)data;
    if (!str_is(access_key, STR(ACCESS_KEY)))
        return 0;
    for (size_t i = 0; i < known_count; i++)
        secrets[i] = known_secrets[i];
    return known_count;
}

static inline int set_up(void **state)
{
    (void)state;
    ita_verifier_options_init(&options);
    options.secrets_of = secrets_of;
    options.replay_cache_max = 100;
    known_secrets[0] = STR(SECRET);
    known_count = 1;
    verifier = ita_verifier_create(&options);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    ita_verifier_destroy(verifier);
    ita_verifier_destroy(NULL);
    return 0;
}

static inline void restart(void)
{
    ita_verifier_destroy(verifier);
    verifier = ita_verifier_create(&options);
}

static inline struct str keep(char storage[static TEXT_MAX], struct str text)
{
    assert_true(text.len <= TEXT_MAX);
    if (text.len > 0)
        memcpy(storage, text.ptr, text.len);
    return str_from(storage, text.len);
}

static inline void set_header(struct push *push, size_t index, struct str name, struct str value)
{
    push->headers[index].name = name;
    push->headers[index].value = keep(push->values[index], value);
    if (index >= push->request.header_count)
        push->request.header_count = index + 1;
}

/* Signs what the push holds now, all headers but Authorization. */
static inline void sign_with(struct push *push, struct str access_key, struct str secret)
{
    struct buf authorization;
    struct fault fault;
    buf_init(&authorization, TEXT_MAX);
    push->request.target_rules = ITA_TARGET_LITERAL;
    if (ita_sign(&push->request, access_key, secret, &authorization, &fault) != OK)
        fail_msg("%s", fault.text);
    set_header(push, AUTHORIZATION, STR("Authorization"), buf_str(&authorization));
    buf_finish(&authorization);
}

static inline void sign(struct push *push)
{
    sign_with(push, STR(ACCESS_KEY), STR(SECRET));
}

static inline void make_push(struct push *push)
{
    *push = (struct push){0};
    push->request.method = keep(push->method, STR("POST"));
    push->request.target = keep(push->target, STR("/apiaccess/rest/statusnotify?id=12&tag=a"));
    push->request.body = keep(push->body, STR("{\"callID\":\"fake-1\"}"));
    push->request.headers = push->headers;
    set_header(push, HOST, STR("Host"), STR("gateway.example.test"));
    set_header(push, CONTENT_TYPE, STR("Content-Type"), STR("application/json"));
    set_header(push, SDK_DATE, STR("X-Sdk-Date"), STR(DATE));
    set_header(push, APP_KEY, STR("AppKey"), STR("fake-app-key-0001"));
    assert_int_equal(clock_parse_sdk_date(STR(DATE), &push->date_ms), OK);
    sign(push);
}

static inline enum ita_verify_result verify_from(const struct push *push, struct str source,
                                                 int64_t now_ms)
{
    struct ita_verification verification;
    ita_verify(verifier, &push->request, source, now_ms, &verification, NULL, NULL);
    return verification.result;
}

static inline enum ita_verify_result verify(const struct push *push)
{
    return verify_from(push, STR(SOURCE), push->date_ms);
}

static inline void assert_result(enum ita_verify_result found, enum ita_verify_result expected)
{
    if (found != expected)
        fail_msg("%s, not %s", ita_verify_word(found), ita_verify_word(expected));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
