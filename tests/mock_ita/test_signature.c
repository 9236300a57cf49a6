#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "mock_ita/signature.h"

enum { VECTORS_MAX = 8 * 1024 * 1024, HEADERS_MAX = 64 };

static const char VECTORS[] = "tests/vectors/sdk-hmac-sha256.jsonl";

static void assert_str(struct str got, struct str wanted)
{
    if (!str_is(got, wanted))
        fail_msg("got \"%.*s\", wanted \"%.*s\"", STR_ARGS(got), STR_ARGS(wanted));
}

/* The headers of a vector, and the two that every request has. */
static size_t read_headers(const struct json *vector, struct str host, struct http_header *headers)
{
    size_t count = 0;
    for (const struct json *header = json_first(json_get(vector, "headers")); header != NULL;
         header = json_next(header)) {
        assert_true(count < HEADERS_MAX - 2);
        struct str value = json_string(header);
        headers[count++] = (struct http_header){str_of(json_name(header)), str_trim(value)};
    }
    if (http_headers_find(headers, count, STR("host")).ptr == NULL)
        headers[count++] = (struct http_header){STR("Host"), host};
    headers[count++] =
        (struct http_header){STR("X-Sdk-Date"), json_string(json_get(vector, "date"))};
    return count;
}

static struct str target_of(struct str url, struct str *host)
{
    size_t scheme_len = str_find(url, ':') + STR("://").len, end = 0;
    struct str rest = str_slice(url, scheme_len, url.len);
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?')
        end++;
    *host = str_slice(rest, 0, end);
    return str_slice(rest, end, rest.len);
}

static void read_body(const struct json *vector, struct buf *body)
{
    buf_append(body, json_string(json_get(vector, "body")));
    if (json_get(vector, "body_b64") != NULL)
        assert_int_equal(base64_decode(json_string(json_get(vector, "body_b64")), body), OK);
}

static void check_vector(const struct json *vector)
{
    struct http_header headers[HEADERS_MAX];
    char hash[MOCK_SIGNATURE_LEN], signature[MOCK_SIGNATURE_LEN];
    struct str host, url = json_string(json_get(vector, "url"));
    struct str target = target_of(url, &host);
    struct buf hex, canonical, body;
    buf_init_fixed(&hex, hash, sizeof(hash));
    buf_init(&canonical, MOCK_CANONICAL_MAX);
    buf_init(&body, VECTORS_MAX);
    read_body(vector, &body);
    size_t header_count = read_headers(vector, host, headers);
    struct str given_hash = http_headers_find(headers, header_count, STR("x-sdk-content-sha256"));
    if (given_hash.ptr == NULL)
        sha256_hex_append(&hex, buf_str(&body));
    struct mock_signed_request request = {
        .method = json_string(json_get(vector, "method")),
        .target = target,
        .headers = headers,
        .header_count = header_count,
        .signed_headers = json_string(json_at(vector, "/expected/signed_headers")),
        .payload_hash = given_hash.ptr == NULL ? buf_str(&hex) : given_hash,
    };
    assert_int_equal(mock_signature_canonical(&request, &canonical), OK);
    assert_str(buf_str(&canonical), json_string(json_at(vector, "/expected/canonical_request")));
    struct hmac_key *key = hmac_key_create(json_string(json_get(vector, "sk")));
    mock_signature_compute(key, json_string(json_get(vector, "date")), buf_str(&canonical),
                           signature);
    assert_str(str_from(signature, sizeof(signature)),
               json_string(json_at(vector, "/expected/signature")));
    hmac_key_destroy(key);
    buf_finish(&canonical);
    buf_finish(&body);
}

static void agrees_with_the_official_signers(void **state)
{
    (void)state;
    struct buf text;
    struct fault fault;
    buf_init(&text, VECTORS_MAX);
    assert_int_equal(file_read(VECTORS, &text, &fault), OK);
    struct str rest = buf_str(&text), line;
    size_t count = 0;
    while (str_next(&rest, '\n', &line)) {
        struct json *vector = NULL;
        if (line.len == 0)
            continue;
        assert_int_equal(json_parse(line, &vector, &fault), OK);
        check_vector(vector);
        json_destroy(vector);
        count++;
    }
    assert_true(count > 100);
    buf_finish(&text);
}

static enum status canonical_of(struct str target, struct str signed_headers, struct buf *out)
{
    const struct http_header host = {STR("Host"), STR("ita.example.test")};
    struct mock_signed_request request = {.method = STR("GET"),
                                          .target = target,
                                          .headers = &host,
                                          .header_count = 1,
                                          .signed_headers = signed_headers,
                                          .payload_hash = STR("hash")};
    return mock_signature_canonical(&request, out);
}

static void refuses_what_has_no_canonical_form(void **state)
{
    (void)state;
    static const char *const targets[] = {"/a%", "/a%4", "/%zz", "/?a=%", "/?%g1=b", "/?a=b&c=%1"};
    struct buf out;
    buf_init(&out, MOCK_CANONICAL_MAX);
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        assert_int_equal(canonical_of(str_of(targets[i]), STR("host"), &out), ERR_SYNTAX);
    assert_int_equal(canonical_of(STR("/a"), STR("host;x-sdk-date"), &out), ERR_NOT_FOUND);
    buf_finish(&out);
}

static void refuses_too_many_parameters_and_too_long_a_text(void **state)
{
    (void)state;
    struct buf target, out;
    buf_init(&target, 4096);
    buf_init(&out, MOCK_CANONICAL_MAX);
    buf_append(&target, STR("/?a"));
    for (int i = 0; i < 128; i++)
        buf_append(&target, STR("&a"));
    assert_int_equal(canonical_of(buf_str(&target), STR("host"), &out), ERR_TOO_BIG);
    assert_int_equal(
        canonical_of(str_slice(buf_str(&target), 0, target.len - 2), STR("host"), &out), OK);
    buf_finish(&out);
    buf_init(&out, 20);
    assert_int_equal(canonical_of(STR("/a"), STR("host"), &out), ERR_TOO_BIG);
    buf_finish(&out);
    buf_finish(&target);
}

static void sorts_parameters_and_gives_each_an_equals_sign(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, MOCK_CANONICAL_MAX);
    assert_int_equal(canonical_of(STR("/a/?b=2&&B&b=1&a=%2f+"), STR("host"), &out), OK);
    assert_str(buf_str(&out), STR("GET\n/a/\nB=&a=%2F%2B&b=1&b=2\nhost:ita.example.test\n\nhost\n"
                                  "hash"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_official_signers),
        cmocka_unit_test(refuses_what_has_no_canonical_form),
        cmocka_unit_test(refuses_too_many_parameters_and_too_long_a_text),
        cmocka_unit_test(sorts_parameters_and_gives_each_an_equals_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
