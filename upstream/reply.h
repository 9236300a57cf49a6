#ifndef UPSTREAM_REPLY_H
#define UPSTREAM_REPLY_H

/* What any server's answer to a request is looked at for, and when a request is tried again. */

#include "net/http_client.h"

enum { REPLY_MESSAGE_MAX = 200 }; /* of the server's own words, for a log line; with its NUL */

/* What Retry-After asks for, as seconds or a date (RFC 9110, 10.2.3); -1 when absent or unreadable.
 * now_ms: wall time. */
int64_t reply_wait_ms(const struct http_fetch_result *fetched, int64_t now_ms);
/* Whether the request may have been carried out all the same: a proxy may have given up waiting
 * while the server behind it went on (5xx, 408), or the answer lies elsewhere (303). A 503 that
 * says when to come back refuses the request before it is worked on; proxies also send one without
 * that word when the connection behind them broke after the request had gone through. */
bool reply_leaves_open(int status, int64_t wait_ms);
/* Cut, on one line, without the phone numbers that it may quote: of each run of seven digits or
 * more, which no area's subscriber number is shorter than, the first three stay. */
void reply_copy_message(struct str text, char out[static REPLY_MESSAGE_MAX]);

/* How long to wait before the next attempt, after so many: doubles with each; between half of it
 * and all of it, so that many do not come at once. */
int64_t retry_backoff_ms(int64_t first_ms, int attempts);

#endif
