/* Whatever a client sends: its signature is checked. Input: the target, headers as "Name: value",
 * an empty line, the body. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

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
    struct mock_verifier_options keys = {.access_key = STR("FAKEAK0001"),
                                         .secret_key = STR("fake-secret-0001"),
                                         .app_key = STR("fake-app-0001"),
                                         .app_key_header = STR("AppKey"),
                                         .is_locking = true};
    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_request request = {.method = STR("POST"), .headers = headers};
    struct str rest = str_from(data, size);
    read_head(&rest, &request, headers);
    request.body = rest;
    struct mock_verifier *verifier = mock_verifier_create(&keys);
    struct buf reason;
    buf_init(&reason, MOCK_VERIFY_REASON_MAX);
    enum status status = mock_verifier_check(verifier, &request, NOW_MS, &reason);
    assert((status == OK) == (reason.len == 0));
    assert(!buf_is_over(&reason));
    buf_finish(&reason);
    mock_verifier_destroy(verifier);
    return 0;
}
