/* Request signing against the vectors of tests/vectors, stage by stage, and what is refused. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "ita/sign.h"

enum { HEADERS_MAX = 16, VECTORS_MAX_BYTES = 1024 * 1024 };

static const char VECTORS[] = "tests/vectors/sdk-hmac-sha256.jsonl";
static const char DISPUTED[] = "tests/vectors/sdk-hmac-sha256-refuse-or-avoid.jsonl";

/* A vector as a request; borrows from its JSON. */
struct vector {
    struct json *json;
    struct str id;
    struct http_header headers[HEADERS_MAX];
    struct ita_request request;
    struct buf body;
};

static struct str member(const struct vector *vector, const char *path)
{
    return json_string(json_at(vector->json, path));
}

static void add_header(struct vector *vector, struct str name, struct str value)
{
    assert_true(vector->request.header_count < HEADERS_MAX);
    vector->headers[vector->request.header_count++] = (struct http_header){name, value};
}

/* "scheme://host:port/path?query": the host header is what stands in the URL. */
static void vector_open(struct vector *vector, struct str line, enum ita_target_rules rules)
{
    struct fault fault;
    *vector = (struct vector){0};
    buf_init(&vector->body, VECTORS_MAX_BYTES);
    assert_int_equal(json_parse(line, &vector->json, &fault), OK);
    vector->id = member(vector, "/id");
    struct str url = member(vector, "/url");
    url = str_slice(url, str_find(url, '/') + 2, url.len);
    size_t host_len = str_find(url, '/');
    const struct json *headers = json_get(vector->json, "headers");
    for (const struct json *h = json_first(headers); h != NULL; h = json_next(h))
        add_header(vector, str_of(json_name(h)), json_string(h));
    if (http_headers_count(vector->headers, vector->request.header_count, STR("host")) == 0)
        add_header(vector, STR("Host"), str_slice(url, 0, host_len));
    add_header(vector, STR("X-Sdk-Date"), member(vector, "/date"));
    if (json_get(vector->json, "body_b64") != NULL)
        assert_int_equal(base64_decode(member(vector, "/body_b64"), &vector->body), OK);
    else
        buf_append(&vector->body, member(vector, "/body"));
    vector->request.method = member(vector, "/method");
    vector->request.target = str_slice(url, host_len, url.len);
    vector->request.headers = vector->headers;
    vector->request.body = buf_str(&vector->body);
    vector->request.target_rules = rules;
}

static void vector_close(struct vector *vector)
{
    json_destroy(vector->json);
    buf_finish(&vector->body);
}

static void assert_str(struct str id, const char *stage, struct str found, struct str expected)
{
    if (!str_is(found, expected))
        fail_msg("%.*s: %s is\n%.*s\nnot\n%.*s", STR_ARGS(id), stage, STR_ARGS(found),
                 STR_ARGS(expected));
}

/* Runs every stage on its own and compares each with the vector; then all at once. */
static void check_stages(const struct vector *vector)
{
    struct buf out[5];
    struct fault fault;
    uint8_t mac[SHA256_SIZE];
    const struct ita_request *request = &vector->request;
    struct str path, query;
    for (size_t i = 0; i < COUNT_OF(out); i++)
        buf_init(&out[i], ITA_CANONICAL_MAX);

    ita_target_split(request->target, &path, &query);
    assert_int_equal(ita_target_append_path(path, request->target_rules, &out[0], &fault), OK);
    assert_str(vector->id, "canonical_uri", buf_str(&out[0]),
               member(vector, "/expected/canonical_uri"));
    buf_clear(&out[0]);
    assert_int_equal(ita_target_append_query(query, request->target_rules, &out[0], &fault), OK);
    assert_str(vector->id, "canonical_query", buf_str(&out[0]),
               member(vector, "/expected/canonical_query"));

    assert_int_equal(ita_sign_header_names(request, ITA_HEADERS_EVERY, &out[1], &fault), OK);
    assert_str(vector->id, "signed_headers", buf_str(&out[1]),
               member(vector, "/expected/signed_headers"));
    assert_int_equal(ita_sign_check_header_names(buf_str(&out[1]), &fault), OK);
    assert_int_equal(ita_sign_payload_hash(request, &out[2], &fault), OK);
    assert_str(vector->id, "payload_hash", buf_str(&out[2]),
               member(vector, "/expected/payload_hash"));
    assert_int_equal(
        ita_sign_canonical_request(request, buf_str(&out[1]), buf_str(&out[2]), &out[3], &fault),
        OK);
    assert_str(vector->id, "canonical_request", buf_str(&out[3]),
               member(vector, "/expected/canonical_request"));
    ita_sign_string_to_sign(member(vector, "/date"), buf_str(&out[3]), &out[4]);
    assert_str(vector->id, "string_to_sign", buf_str(&out[4]),
               member(vector, "/expected/string_to_sign"));
    hmac_sha256(member(vector, "/sk"), buf_str(&out[4]), mac);
    buf_clear(&out[2]);
    hex_append(&out[2], str_from(mac, sizeof(mac)));
    assert_str(vector->id, "signature", buf_str(&out[2]), member(vector, "/expected/signature"));
    buf_clear(&out[3]);
    ita_sign_authorization(member(vector, "/ak"), buf_str(&out[1]), mac, &out[3]);
    assert_str(vector->id, "authorization", buf_str(&out[3]),
               member(vector, "/expected/authorization"));
    for (size_t i = 0; i < COUNT_OF(out); i++)
        buf_finish(&out[i]);
}

/* All at once: signs what the vector says, or refuses and says why. */
static enum status sign_vector(const struct vector *vector, struct fault *fault)
{
    struct buf authorization;
    *fault = (struct fault){0};
    buf_init(&authorization, ITA_AUTHORIZATION_MAX);
    enum status status = ita_sign(&vector->request, member(vector, "/ak"), member(vector, "/sk"),
                                  &authorization, fault);
    if (status == OK)
        assert_str(vector->id, "ita_sign", buf_str(&authorization),
                   member(vector, "/expected/authorization"));
    else
        assert_true(fault->text[0] != '\0');
    buf_finish(&authorization);
    return status;
}

typedef void with_vector(struct vector *vector);

static size_t each_vector(const char *path, enum ita_target_rules rules, with_vector *check)
{
    struct buf text;
    struct fault fault;
    struct str rest, line;
    size_t count = 0;
    buf_init(&text, VECTORS_MAX_BYTES);
    assert_int_equal(file_read(path, &text, &fault), OK);
    for (rest = buf_str(&text); str_next(&rest, '\n', &line);) {
        struct vector vector;
        if (line.len == 0)
            continue;
        vector_open(&vector, line, rules);
        check(&vector);
        vector_close(&vector);
        count++;
    }
    buf_finish(&text);
    return count;
}

static void check_signs(struct vector *vector)
{
    struct fault fault;
    check_stages(vector);
    assert_int_equal(sign_vector(vector, &fault), OK);
}

static void signs_every_vector_stage_by_stage(void **state)
{
    (void)state;
    assert_int_equal(each_vector(VECTORS, ITA_TARGET_LITERAL, check_signs), 290);
}

static void signs_disputed_vectors_to_the_letter(void **state)
{
    (void)state;
    assert_int_equal(each_vector(DISPUTED, ITA_TARGET_LITERAL, check_signs), 55);
}

/* What the stricter rules do with the disputed vectors: sign as the vector says, or refuse for this
 * reason. By the beginning of the id; the first row that fits. */
static const struct policy {
    const char *id;
    const char *unambiguous; /* NULL: signs */
    const char *agreed;
} policies[] = {
    {"path-unsafe-encoded-006", "path: holds a backslash", "path: holds a backslash"},
    {"path-encoded-slash", "path: holds an encoded '/'", "path: holds an encoded '/'"},
    {"path-encoded-?#", NULL, "path: holds an encoded '?' or '#'"},
    {"path-double-slash", "path: holds an empty segment", "path: holds an empty segment"},
    {"path-trailing-double-slash", "path: holds an empty segment", "path: holds an empty segment"},
    {"path-dot-segments-008", NULL, NULL}, /* "..." */
    {"path-dot-segments-009", NULL, NULL}, /* ".hidden" */
    {"path-dot-segments", "path: holds a dot segment", "path: holds a dot segment"},
    {"query-repeated-encoded-order", NULL,
     "query: a name is repeated; signers order its values differently"},
    {"query-key-encoded-order", NULL,
     "query: a name needs encoding; signers sort such names differently"},
    /* Faults of single SDKs, none of a gateway's (section 9): */
    {"path-space", NULL, NULL},
    {"path-subdelim-raw", NULL, NULL},
    {"path-subdelim-encoded", NULL, NULL},
    {"path-unsafe-encoded", NULL, NULL},
    {"hdr-content-type-multipart", NULL, NULL},
    {"hdr-outer-space", NULL, NULL},
    {"host-uppercase", NULL, NULL},
};

static const struct policy *policy_of(struct str id)
{
    for (size_t i = 0; i < COUNT_OF(policies); i++)
        if (str_starts(id, str_of(policies[i].id)))
            return &policies[i];
    fail_msg("%.*s: no policy", STR_ARGS(id));
    return NULL;
}

/* sign_vector() fails the test when another signature than the vector's comes out. */
static void check_policy(struct vector *vector)
{
    const struct policy *policy = policy_of(vector->id);
    const char *expected =
        vector->request.target_rules == ITA_TARGET_AGREED ? policy->agreed : policy->unambiguous;
    struct fault fault = {0};
    enum status status = sign_vector(vector, &fault);
    if ((status == OK) != (expected == NULL) ||
        (expected != NULL && strcmp(fault.text, expected) != 0))
        fail_msg("%.*s: \"%s\", not \"%s\"", STR_ARGS(vector->id), fault.text,
                 expected == NULL ? "" : expected);
}

static void signs_disputed_vectors_or_says_why_not(void **state)
{
    (void)state;
    assert_int_equal(each_vector(DISPUTED, ITA_TARGET_UNAMBIGUOUS, check_policy), 55);
    assert_int_equal(each_vector(DISPUTED, ITA_TARGET_AGREED, check_policy), 55);
}

static void check_agreed(struct vector *vector)
{
    struct fault fault;
    enum status status = sign_vector(vector, &fault);
    bool is_dotted = str_is(vector->id, STR("mixed-002")); /* its first segment is ".." */
    if (vector->request.target_rules == ITA_TARGET_UNAMBIGUOUS)
        assert_int_equal(status == OK, !is_dotted);
    else if (status != OK && !is_dotted)
        assert_int_equal(strncmp(fault.text, "query: a name", 13), 0);
}

static void stricter_rules_never_sign_another_form(void **state)
{
    (void)state;
    assert_int_equal(each_vector(VECTORS, ITA_TARGET_UNAMBIGUOUS, check_agreed), 290);
    assert_int_equal(each_vector(VECTORS, ITA_TARGET_AGREED, check_agreed), 290);
}

#define HEADER(name, value) ((struct http_header){STR(name), STR(value)})

static const struct http_header good_headers[] = {
    {{"Host", 4}, {"ita.example.test", 16}},
    {{"X-Sdk-Date", 10}, {"20300102T030405Z", 16}},
};

static struct ita_request good_request(void)
{
    return (struct ita_request){.method = STR("POST"),
                                .target = STR("/v1/ngin/axmn"),
                                .headers = good_headers,
                                .header_count = COUNT_OF(good_headers),
                                .body = STR("{}")};
}

static enum status sign_with_secret(const struct ita_request *request, struct str secret,
                                    struct buf *out, struct fault *fault)
{
    buf_init(out, ITA_AUTHORIZATION_MAX);
    *fault = (struct fault){0};
    return ita_sign(request, STR("FAKEAKEXAMPLE0001"), secret, out, fault);
}

static void assert_refused(const struct ita_request *request, const char *reason)
{
    struct buf out;
    struct fault fault;
    assert_int_not_equal(sign_with_secret(request, STR("fake-secret"), &out, &fault), OK);
    assert_non_null(strstr(fault.text, reason));
    assert_int_equal(out.len, 0);
    buf_finish(&out);
}

/* The two good headers and one more. */
static void assert_header_refused(struct http_header header, const char *reason)
{
    struct http_header headers[3] = {good_headers[0], good_headers[1], header};
    struct ita_request request = good_request();
    request.headers = headers;
    request.header_count = 3;
    assert_refused(&request, reason);
}

static void refuses_headers_that_signers_join_differently(void **state)
{
    (void)state;
    assert_header_refused(HEADER("host", "ita.example.test"), "one stands twice");
    assert_header_refused(HEADER("x-sdk-date", "20300102T030405Z"), "one stands twice");
    assert_header_refused(HEADER("X A", "v"), "not a token");
    assert_header_refused(HEADER("", "v"), "not a token");
}

static void refuses_a_value_that_forges_a_line(void **state)
{
    (void)state;
    assert_header_refused(HEADER("X-A", "v\nhost:other.example.test"), "x-a holds a control byte");
    assert_header_refused(HEADER("X-A", "v\r"), "x-a holds a control byte");
    assert_header_refused(HEADER("X-A", "v\0w"), "x-a holds a control byte");
    assert_header_refused(HEADER("X-A", "\x7F"), "x-a holds a control byte");
}

static void refuses_an_empty_body_hash_header(void **state)
{
    (void)state;
    assert_header_refused(HEADER("X-Sdk-Content-Sha256", " "), "X-Sdk-Content-Sha256: empty");
}

static void refuses_a_request_without_host_or_date(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    request.header_count = 1;
    assert_refused(&request, "host and x-sdk-date must be signed");
    request.headers = good_headers + 1;
    assert_refused(&request, "host and x-sdk-date must be signed");
}

static void refuses_a_date_that_is_none(void **state)
{
    (void)state;
    static const char *const dates[] = {"20300102T030405",  "20300230T030405Z", "20300102T240000Z",
                                        "20300102T030460Z", "2030-01-02T03:04", ""};
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        struct http_header headers[] = {good_headers[0], HEADER("X-Sdk-Date", "")};
        struct ita_request request = good_request();
        headers[1].value = str_of(dates[i]);
        request.headers = headers;
        assert_refused(&request, "X-Sdk-Date: must be");
    }
}

static void refuses_methods_that_are_not_upper_case(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    request.method = STR("Post");
    assert_refused(&request, "method: must be upper-case");
    request.method = STR("POST\nX");
    assert_refused(&request, "method: must be upper-case");
    request.method = STR("");
    assert_refused(&request, "method: empty");
}

static void refuses_keys_that_can_not_be_used(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    struct buf out;
    struct fault fault;
    char longest[ITA_ACCESS_KEY_MAX + 1];
    assert_int_equal(sign_with_secret(&request, STR(""), &out, &fault), ERR_INVALID);
    memset(longest, 'a', sizeof(longest));
    assert_true(ita_sign_is_access_key(str_from(longest, ITA_ACCESS_KEY_MAX)));
    assert_false(ita_sign_is_access_key(str_from(longest, ITA_ACCESS_KEY_MAX + 1)));
    assert_false(ita_sign_is_access_key(STR("")));
    assert_false(ita_sign_is_access_key(STR("a,b")));
    assert_false(ita_sign_is_access_key(STR("a b")));
    assert_false(ita_sign_is_access_key(STR("a\n")));
    assert_int_equal(ita_sign(&request, STR("a,b"), STR("fake-secret"), &out, &fault), ERR_INVALID);
    buf_finish(&out);
}

static void signs_the_headers_that_were_chosen(void **state)
{
    (void)state;
    struct http_header headers[] = {good_headers[0], good_headers[1], HEADER("AppKey", "fake"),
                                    HEADER("User-Agent", "u"), HEADER("Authorization", "old")};
    struct ita_request request = good_request();
    struct buf names, out;
    struct fault fault;
    request.headers = headers;
    request.header_count = COUNT_OF(headers);
    buf_init(&names, ITA_SIGNED_NAMES_MAX);
    assert_int_equal(ita_sign_header_names(&request, ITA_HEADERS_STABLE, &names, &fault), OK);
    assert_str(STR("stable"), "names", buf_str(&names), STR("appkey;host;x-sdk-date"));
    buf_clear(&names);
    assert_int_equal(ita_sign_header_names(&request, ITA_HEADERS_EVERY, &names, &fault), OK);
    assert_str(STR("every"), "names", buf_str(&names), STR("appkey;host;user-agent;x-sdk-date"));
    buf_finish(&names);
    request.signed_headers = STR("host;x-sdk-date");
    assert_int_equal(sign_with_secret(&request, STR("fake-secret"), &out, &fault), OK);
    assert_non_null(memmem(out.ptr, out.len, "SignedHeaders=host;x-sdk-date,", 30));
    buf_finish(&out);
    request.signed_headers = STR("content-type;host;x-sdk-date");
    assert_refused(&request, "content-type is signed, so it must stand there exactly once");
    request.signed_headers = STR("x-sdk-date;host");
    assert_refused(&request, "names must ascend");
}

static void refuses_malformed_lists_of_names(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "",
        ";",
        "a;",
        ";a",
        "a;;b",
        "b;a",
        "a;a",
        "A",
        "a,b",
        "a b",
        "a;b\n",
        "a;\xC3\xA4",
        "a;authorization",
        "host ;x-sdk-date",
    };
    struct fault fault;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        assert_int_not_equal(ita_sign_check_header_names(str_of(lists[i]), &fault), OK);
    assert_int_equal(ita_sign_check_header_names(STR("host;x-sdk-date"), &fault), OK);
    assert_true(ita_sign_lists(STR("host;x-sdk-date"), STR("x-sdk-date")));
    assert_false(ita_sign_lists(STR("host;x-sdk-date"), STR("x-sdk")));
}

static void refuses_more_names_than_the_bound(void **state)
{
    (void)state;
    struct buf names;
    struct fault fault;
    buf_init(&names, 4096);
    for (int i = 0; i < ITA_SIGNED_HEADERS_MAX; i++)
        buf_format(&names, "%sa%02d", i > 0 ? ";" : "", i);
    assert_int_equal(ita_sign_check_header_names(buf_str(&names), &fault), OK);
    buf_append(&names, STR(";b"));
    assert_int_equal(ita_sign_check_header_names(buf_str(&names), &fault), ERR_TOO_BIG);
    buf_finish(&names);
}

static void signs_the_hash_of_an_empty_body_when_told(void **state)
{
    (void)state;
    struct ita_request with_body = good_request(), without = good_request();
    struct buf a, b, c;
    struct fault fault;
    with_body.signs_empty_body = true;
    without.body = STR("");
    assert_int_equal(sign_with_secret(&with_body, STR("fake-secret"), &a, &fault), OK);
    assert_int_equal(sign_with_secret(&without, STR("fake-secret"), &b, &fault), OK);
    with_body.signs_empty_body = false;
    assert_int_equal(sign_with_secret(&with_body, STR("fake-secret"), &c, &fault), OK);
    assert_true(str_is(buf_str(&a), buf_str(&b)));
    assert_false(str_is(buf_str(&a), buf_str(&c)));
    buf_finish(&a);
    buf_finish(&b);
    buf_finish(&c);
}

static void a_kept_key_signs_the_same(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    struct buf once, kept;
    struct fault fault;
    struct hmac_key *key = hmac_key_create(STR("fake-secret"));
    assert_int_equal(sign_with_secret(&request, STR("fake-secret"), &once, &fault), OK);
    buf_init(&kept, ITA_AUTHORIZATION_MAX);
    for (int i = 0; i < 2; i++) {
        buf_clear(&kept);
        assert_int_equal(ita_sign_with(&request, STR("FAKEAKEXAMPLE0001"), key, &kept, &fault), OK);
        assert_true(str_is(buf_str(&once), buf_str(&kept)));
    }
    hmac_key_destroy(key);
    buf_finish(&once);
    buf_finish(&kept);
}

static void says_when_there_is_no_room(void **state)
{
    (void)state;
    struct ita_request request = good_request();
    char storage[100];
    struct buf out;
    struct fault fault;
    buf_init_fixed(&out, storage, sizeof(storage));
    assert_int_equal(ita_sign(&request, STR("FAKE"), STR("fake-secret"), &out, &fault),
                     ERR_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_every_vector_stage_by_stage),
        cmocka_unit_test(signs_disputed_vectors_to_the_letter),
        cmocka_unit_test(signs_disputed_vectors_or_says_why_not),
        cmocka_unit_test(stricter_rules_never_sign_another_form),
        cmocka_unit_test(refuses_headers_that_signers_join_differently),
        cmocka_unit_test(refuses_a_value_that_forges_a_line),
        cmocka_unit_test(refuses_an_empty_body_hash_header),
        cmocka_unit_test(refuses_a_request_without_host_or_date),
        cmocka_unit_test(refuses_a_date_that_is_none),
        cmocka_unit_test(refuses_methods_that_are_not_upper_case),
        cmocka_unit_test(refuses_keys_that_can_not_be_used),
        cmocka_unit_test(signs_the_headers_that_were_chosen),
        cmocka_unit_test(refuses_malformed_lists_of_names),
        cmocka_unit_test(refuses_more_names_than_the_bound),
        cmocka_unit_test(signs_the_hash_of_an_empty_body_when_told),
        cmocka_unit_test(a_kept_key_signs_the_same),
        cmocka_unit_test(says_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
