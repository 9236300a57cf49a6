/* The time of one signature and one verification of a typical request: "sign: N ns, verify: N ns".
 */

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ita/verify.h"

enum { ROUNDS = 100000 };

#define SECRET "fake-secret-key-for-tests-only-0001"
#define BODY                                                                                       \
    "{\"appKey\":\"fake\",\"requestId\":\"1\",\"telA\":\"13800000001\",\"telB\":\"057100000002\"," \
    "\"telXMode\":\"0\",\"remark\":\"tenant:1\",\"subTime\":\"20300102T030405Z\"}"

static size_t secrets_of(void *data, struct str access_key,
                         struct str secrets[static ITA_SECRETS_MAX])
{
    (void)data;
    (void)access_key;
    secrets[0] = STR(SECRET);
    return 1;
}

static int64_t time_signing(const struct ita_request *request, struct buf *authorization)
{
    struct hmac_key *key = hmac_key_create(STR(SECRET));
    enum status status = OK;
    int64_t start_us = clock_mono_us();
    for (int i = 0; i < ROUNDS && status == OK; i++) {
        buf_clear(authorization);
        status = ita_sign_with(request, STR("FAKEAKEXAMPLE0001"), key, authorization, NULL);
    }
    int64_t spent_us = clock_mono_us() - start_us;
    hmac_key_destroy(key);
    return status == OK ? spent_us * 1000 / ROUNDS : -1;
}

static int64_t time_verifying(const struct ita_request *request, int64_t now_ms)
{
    struct ita_verifier_options options;
    struct ita_verification verification;
    ita_verifier_options_init(&options);
    options.secrets_of = secrets_of;
    struct ita_verifier *verifier = ita_verifier_create(&options);
    int64_t start_us = clock_mono_us();
    /* The first is OK, the others are repeats of it: the same work. */
    for (int i = 0; i < ROUNDS; i++)
        ita_verify(verifier, request, STR("192.0.2.1"), now_ms, &verification, NULL, NULL);
    int64_t spent_us = clock_mono_us() - start_us;
    ita_verifier_destroy(verifier);
    return verification.result == ITA_VERIFY_REPEATED ? spent_us * 1000 / ROUNDS : -1;
}

int main(void)
{
    int64_t now_ms = clock_wall_ms();
    char date[SDK_DATE_LEN];
    struct buf authorization;
    clock_format_sdk_date(now_ms, date);
    buf_init(&authorization, ITA_AUTHORIZATION_MAX);
    struct http_header headers[] = {
        {STR("Host"), STR("ita.example.test")},
        {STR("Content-Type"), STR("application/json;charset=utf-8")},
        {STR("AppKey"), STR("fake-app-key-0001")},
        {STR("X-Sdk-Date"), str_from(date, sizeof(date))},
        {STR("Authorization"), {NULL, 0}},
    };
    struct ita_request request = {.method = STR("POST"),
                                  .target = STR("/v1/ngin/axmn"),
                                  .headers = headers,
                                  .header_count = COUNT_OF(headers),
                                  .body = STR(BODY)};
    int64_t sign_ns = time_signing(&request, &authorization);
    headers[4].value = buf_str(&authorization);
    int64_t verify_ns = time_verifying(&request, now_ms);
    printf("sign: %lld ns, verify: %lld ns\n", (long long)sign_ns, (long long)verify_ns);
    buf_finish(&authorization);
    return sign_ns < 0 || verify_ns < 0;
}
