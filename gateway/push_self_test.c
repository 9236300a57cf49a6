#include "gateway/push_self_test.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/mem.h"

enum { AUTHORIZATION_MAX = 1024 }; /* an AccessKey, three header names, 64 digits */

/* A signature is the MAC of a text that begins with its algorithm (signing.md, section 2): what is
 * proven with the same SecretKey can't be taken for one. */
static void prove(struct str secret_key, const uint8_t mac[static SHA256_SIZE],
                  uint8_t proof[static SHA256_SIZE])
{
    char storage[128];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    buf_append(&text, STR("ita-gateway verified the self-test "));
    hex_append(&text, str_from(mac, SHA256_SIZE));
    hmac_sha256(secret_key, buf_str(&text), proof);
}

/* --- Sent --- */

void push_self_test_init(struct push_self_test *test)
{
    *test = (struct push_self_test){0};
    buf_init(&test->authorization, AUTHORIZATION_MAX);
}

void push_self_test_finish(struct push_self_test *test)
{
    buf_wipe(&test->authorization);
}

/* As the HTTP client sends it: without the default port (signing.md, section 5). */
static struct str wire_host(struct str public_host)
{
    struct str port = STR(":443");
    return str_ends(public_host, port) ? str_slice(public_host, 0, public_host.len - port.len)
                                       : public_host;
}

enum status push_self_test_sign(struct push_self_test *test, const struct ita_account *account,
                                struct str public_host, struct str path, int64_t wall_ms,
                                struct fault *fault)
{
    uint8_t mac[SHA256_SIZE];
    enum status status;
    clock_format_sdk_date(wall_ms, test->sdk_date);
    struct http_header signed_headers[] = {
        {STR("Host"), wire_host(public_host)},
        {STR("Content-Type"), STR("application/json; charset=UTF-8")},
        {STR("X-Sdk-Date"), str_from(test->sdk_date, sizeof(test->sdk_date))},
    };
    const struct ita_request request = {
        .method = STR("POST"),
        .target = path,
        .headers = signed_headers,
        .header_count = COUNT_OF(signed_headers),
        .body = STR(PUSH_SELF_TEST_BODY),
    };
    buf_clear(&test->authorization);
    TRY(ita_sign(&request, account->access_key, account->secret_key, &test->authorization, fault));
    struct str authorization = buf_str(&test->authorization);
    size_t signature = authorization.len - ITA_SIGNATURE_HEX_LEN; /* stands at its end */
    TRY(hex_decode(str_slice(authorization, signature, ITA_SIGNATURE_HEX_LEN), mac, sizeof(mac)));
    prove(account->secret_key, mac, test->proof);
    test->headers[0] = signed_headers[1];
    test->headers[1] = signed_headers[2];
    test->headers[2] = (struct http_header){STR("Authorization"), authorization};
out:
    return status;
}

bool push_self_test_is_proven(const struct push_self_test *test, struct str answer)
{
    struct json *json = NULL;
    uint8_t proof[SHA256_SIZE];
    if (json_parse(answer, &json, NULL) != OK)
        return false;
    bool is_proven =
        hex_decode(json_string(json_get(json, "selfTest")), proof, sizeof(proof)) == OK &&
        bytes_are_equal_secretly(str_from(proof, sizeof(proof)),
                                 str_from(test->proof, sizeof(test->proof)));
    json_destroy(json);
    return is_proven;
}

/* --- Received --- */

bool push_self_test_is(struct str body)
{
    return str_is(body, STR(PUSH_SELF_TEST_BODY));
}

void push_self_test_answer(struct str secret_key, const uint8_t mac[static SHA256_SIZE],
                           struct buf *out)
{
    uint8_t proof[SHA256_SIZE];
    char storage[2 * SHA256_SIZE];
    struct buf hex;
    struct json_writer w;
    prove(secret_key, mac, proof);
    buf_init_fixed(&hex, storage, sizeof(storage));
    hex_append(&hex, str_from(proof, sizeof(proof)));
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_text(&w, "retCode", "0");
    json_write_text(&w, "retMsg", "success");
    json_write_str(&w, "selfTest", buf_str(&hex));
    json_write_object_end(&w);
}
