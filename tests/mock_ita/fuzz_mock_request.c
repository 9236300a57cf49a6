/* Whatever a client sends: its signature is checked. Input: the target, headers
 * as "Name: value", an empty line, the body. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mock_ita/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The signature of the seeds was made with these. */
#define NOW_MS INT64_C(1893553445000)

static void read_head(struct str *rest, struct http_request *request, struct http_header *headers)
{
    struct str line;
    if (!str_next(rest, '\n', &request->target))
        return;
    while (str_next(rest, '\n', &line) && line.len > 0) {
        size_t colon = str_find(line, ':');
        if (request->header_count == HTTP_HEADERS_MAX || colon == line.len)
            continue;
        headers[request->header_count++] = (struct http_header){
            str_slice(line, 0, colon), str_trim(str_slice(line, colon + 1, line.len))};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct mock_key_texts key = {STR("FAKEAK0001"), STR("fake-secret-0001"),
                                       STR("fake-app-0001")};
    struct mock_keys *keys = mock_keys_create(true);
    struct mock_verifier_options options = {.keys = keys, .app_key_header = STR("AppKey")};
    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_request request = {.method = STR("POST"), .headers = headers};
    struct str rest = str_from(data, size);
    read_head(&rest, &request, headers);
    request.body = rest;
    if (mock_keys_add(keys, &key, NULL) != OK)
        abort();
    struct mock_verifier *verifier = mock_verifier_create(&options);
    struct mock_verdict verdict;
    mock_verifier_check(verifier, &request, NOW_MS, &verdict);
    assert((verdict.check == MOCK_CHECK_PASSED) == (verdict.detail.len == 0));
    assert(verdict.check != MOCK_CHECK_SIGNATURE_WRONG || verdict.string_to_sign.len > 0);
    mock_verifier_destroy(verifier);
    mock_keys_destroy(keys);
    return 0;
}
