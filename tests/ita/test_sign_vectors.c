/* Request signing against the vectors of tests/vectors, stage by stage. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_every_vector_stage_by_stage),
        cmocka_unit_test(signs_disputed_vectors_to_the_letter),
        cmocka_unit_test(signs_disputed_vectors_or_says_why_not),
        cmocka_unit_test(stricter_rules_never_sign_another_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
