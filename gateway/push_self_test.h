#ifndef GATEWAY_PUSH_SELF_TEST_H
#define GATEWAY_PUSH_SELF_TEST_H

/* The signed push that a diagnosis sends to its gateway's public URL, and the answer to it: both
 * ends. It is known by its body, which the signature covers, and tells of no call. The answer
 * proves that whoever gave it holds the SecretKey and has verified this very request, so that no
 * proxy and no other server can pass for the gateway. Pure: the time is passed in. */

#include "base/clock.h"
#include "ita/account.h"
#include "ita/sign.h"

/* Exactly these bytes: with a space more it is a push as any other. */
#define PUSH_SELF_TEST_BODY "{\"selfTest\":\"ita-gateway\"}"

enum { PUSH_SELF_TEST_HEADERS = 3 }; /* Content-Type, X-Sdk-Date, Authorization */

/* From push_self_test_init() to push_self_test_finish(); must not move once it is signed. */
struct push_self_test {
    struct http_header headers[PUSH_SELF_TEST_HEADERS]; /* Host comes by the HTTP client */
    char sdk_date[SDK_DATE_LEN];
    struct buf authorization;
    uint8_t proof[SHA256_SIZE]; /* what the answer must hold */
};

void push_self_test_init(struct push_self_test *test);
void push_self_test_finish(struct push_self_test *test); /* takes a zeroed one */
/* Signs as an ITA signs its pushes. public_host: HOST[:PORT] of an https URL. ERR_INVALID when the
 * AccessKey or SecretKey is empty, or they or the host can't be signed. */
MUST_CHECK enum status push_self_test_sign(struct push_self_test *test,
                                           const struct ita_account *account,
                                           struct str public_host, struct str path, int64_t wall_ms,
                                           struct fault *fault);
/* Whether the body of an answer with status 200 holds the proof. */
bool push_self_test_is_proven(const struct push_self_test *test, struct str answer);

/* Whether a push has this body; who sent it only its signature tells. */
bool push_self_test_is(struct str body);
/* Appends the answer to one whose signature, `mac`, was verified with this SecretKey: that of any
 * push that was taken, with the proof. */
void push_self_test_answer(struct str secret_key, const uint8_t mac[static SHA256_SIZE],
                           struct buf *out);

#endif
