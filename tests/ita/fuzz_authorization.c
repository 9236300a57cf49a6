/* Authorization header and request target of a push, through the whole verification with a fixed
 * key: input is "Authorization value LF target LF body". Whatever passes must be what we would have
 * signed ourselves. */

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ita/verify.h"

#define DATE "20300102T030405Z"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t secrets_of(void *data, struct str access_key,
                         struct str secrets[static ITA_SECRETS_MAX])
{
    (void)data;
    secrets[0] = STR("fake-secret-key-for-tests-only-0001");
    return str_is(access_key, STR("FAKEAKEXAMPLE0001")) ? 1 : 0;
}

static void must(bool is_true, const char *what)
{
    if (is_true)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* The header may have other white space than we write, so the signatures are compared. */
static void check_signature(const struct ita_request *request,
                            const struct ita_verification *verification, struct str authorization)
{
    struct ita_request again = *request;
    struct buf ours;
    struct fault fault;
    size_t names = 0;
    while (!str_starts(str_slice(authorization, names, authorization.len), STR("SignedHeaders=")))
        names++;
    again.target_rules = ITA_TARGET_UNAMBIGUOUS;
    again.signed_headers =
        str_slice(authorization, names + strlen("SignedHeaders="), authorization.len);
    again.signed_headers.len = str_find(again.signed_headers, ',');
    buf_init(&ours, ITA_AUTHORIZATION_MAX);
    must(ita_sign(&again, verification->access_key, STR("fake-secret-key-for-tests-only-0001"),
                  &ours, &fault) == OK,
         "accepted what we would not sign");
    must(str_ends(authorization, str_slice(buf_str(&ours), ours.len - ITA_SIGNATURE_HEX_LEN,
                                           ITA_SIGNATURE_HEX_LEN)),
         "accepted another signature than ours");
    buf_finish(&ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ita_verifier_options options;
    struct ita_verification verification;
    struct str rest = str_from(data, size), authorization = {0}, target = {0};
    int64_t now_ms = 0;
    str_next(&rest, '\n', &authorization);
    str_next(&rest, '\n', &target);
    authorization = str_trim(authorization);
    const struct http_header headers[] = {
        {STR("Host"), STR("gateway.example.test")},
        {STR("Content-Type"), STR("application/json")},
        {STR("X-Sdk-Date"), STR(DATE)},
        {STR("Authorization"), authorization},
    };
    struct ita_request request = {.method = STR("POST"),
                                  .target = target,
                                  .headers = headers,
                                  .header_count = COUNT_OF(headers),
                                  .body = rest};
    must(clock_parse_sdk_date(STR(DATE), &now_ms) == OK, "date");
    ita_verifier_options_init(&options);
    options.secrets_of = secrets_of;
    options.replay_cache_max = 2;
    struct ita_verifier *verifier = ita_verifier_create(&options);
    ita_verify(verifier, &request, STR("192.0.2.1"), now_ms, &verification, NULL, NULL);
    if (verification.result == ITA_VERIFY_OK) {
        check_signature(&request, &verification, authorization);
        ita_verify(verifier, &request, STR("192.0.2.1"), now_ms, &verification, NULL, NULL);
        must(verification.result == ITA_VERIFY_REPEATED, "a repeat was not seen");
    }
    ita_verifier_destroy(verifier);
    return 0;
}
