/* What a receiver of callbacks or a giver of tokens may answer: any bytes. */

#include <assert.h>

#include "gateway/model/callback_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct http_fetch_result answer = {
        .outcome = HTTP_ANSWERED, .why = "", .status = 200, .body = str_from(data, size)};
    struct callback_result result;
    struct buf token;
    int64_t good_ms = -1;
    callback_answer_judge(&answer, &result);
    assert(result.failure == CALLBACK_TAKEN || result.failure == CALLBACK_GARBAGE);
    assert((result.failure == CALLBACK_TAKEN) == (result.detail[0] == '\0'));
    /* It goes into logs and to people. */
    for (const char *c = result.detail; *c != '\0'; c++)
        assert(*c >= ' ' && *c <= '~');

    buf_init(&token, CALLBACK_TOKEN_MAX);
    callback_token_read(&answer, &token, &good_ms, &result);
    assert((result.failure == CALLBACK_TAKEN) == (token.len > 0));
    assert(token.len == 0 || (good_ms >= 0 && !buf_is_over(&token)));
    /* It goes into headers. */
    for (size_t i = 0; i < token.len; i++)
        assert(token.ptr[i] > ' ' && token.ptr[i] <= '~');
    buf_finish(&token);
    return 0;
}
