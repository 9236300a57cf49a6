#include "upstream/reply.h"

#include <ctype.h>

#include "base/clock.h"
#include "base/digest.h"

int64_t reply_wait_ms(const struct http_fetch_result *fetched, int64_t now_ms)
{
    struct str text =
        http_headers_find(fetched->headers, fetched->header_count, STR("Retry-After"));
    uint64_t seconds;
    int64_t at_ms;
    if (str_parse_u64(text, &seconds) == OK)
        return seconds < INT32_MAX ? (int64_t)seconds * 1000 : INT64_MAX;
    if (clock_parse_http_date(text, &at_ms) == OK)
        return at_ms > now_ms ? at_ms - now_ms : 0;
    return -1;
}

bool reply_leaves_open(int status, int64_t wait_ms)
{
    enum { SEE_OTHER = 303, REQUEST_TIMEOUT = 408, UNAVAILABLE = 503 };
    if (status == SEE_OTHER || status == REQUEST_TIMEOUT)
        return true;
    return status >= 500 && !(status == UNAVAILABLE && wait_ms >= 0);
}

void reply_copy_message(struct str text, char out[static REPLY_MESSAGE_MAX])
{
    enum { RUN_MIN = 7, KEPT = 3 };
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < REPLY_MESSAGE_MAX - 1;) {
        size_t run = 0;
        while (i + run < text.len && isdigit((unsigned char)text.ptr[i + run]))
            run++;
        size_t count = run > 0 ? run : 1;
        for (size_t k = 0; k < count && len < REPLY_MESSAGE_MAX - 1; k++) {
            unsigned char byte = (unsigned char)text.ptr[i + k];
            if (run >= RUN_MIN && k >= KEPT)
                byte = '*';
            out[len++] = (char)(byte < ' ' || byte == 0x7F ? ' ' : byte);
        }
        i += count;
    }
    while (len > 0 && !str_is_utf8(str_from(out, len))) /* cut within a character */
        len--;
    out[len] = '\0';
}

int64_t retry_backoff_ms(int64_t first_ms, int attempts)
{
    enum { DOUBLINGS_MAX = 6 };
    int doublings = attempts - 1 < DOUBLINGS_MAX ? attempts - 1 : DOUBLINGS_MAX;
    int64_t full_ms = first_ms << doublings;
    uint32_t random;
    random_bytes(&random, sizeof(random));
    return full_ms / 2 + (int64_t)(random % (uint64_t)(full_ms / 2 + 1));
}
