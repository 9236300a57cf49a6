#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Time: now, and times as text. Modules that decide take the time as an argument; only those that
 * do I/O read the clock. Wall time is milliseconds since 1970-01-01 UTC; monotonic time has no
 * epoch and never steps back. */

#include "base/buf.h"

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

/* `YYYYMMDDTHHMMSSZ`, 16 bytes: the X-Sdk-Date of signing.md, section 2. */
enum { SDK_DATE_LEN = 16 };
void clock_format_sdk_date(int64_t wall_ms, char out[static SDK_DATE_LEN]);
/* Exactly that form and a real calendar time. */
MUST_CHECK enum status clock_parse_sdk_date(struct str text, int64_t *wall_ms);

/* `YYYYMMDDHHmmss` in a zone offset_s seconds east of UTC: the times of a CDR (agent-api.md,
 * section 9). */
void clock_append_compact(struct buf *out, int64_t wall_ms, int32_t offset_s);
MUST_CHECK enum status clock_parse_compact(struct str text, int32_t offset_s, int64_t *wall_ms);

/* `2026-11-22T14:05:21.123Z` (RFC 3339). */
void clock_append_rfc3339(struct buf *out, int64_t wall_ms);

/* That form, with or without the milliseconds. */
MUST_CHECK enum status clock_parse_rfc3339(struct str text, int64_t *wall_ms);

/* `Sun, 22 Nov 2026 14:05:21 GMT`, 29 bytes: the Date header (RFC 9110, 5.6.7). */
enum { HTTP_DATE_LEN = 29 };
void clock_format_http_date(int64_t wall_ms, char out[static HTTP_DATE_LEN]);
/* That form only, not the two obsolete ones. */
MUST_CHECK enum status clock_parse_http_date(struct str text, int64_t *wall_ms);

/* A zone by name: `UTC`, `Asia/Shanghai`, or an offset `+08:00`, `-03:30`. Zones with daylight
 * saving have no single offset and are refused. */
MUST_CHECK enum status clock_parse_zone(struct str text, int32_t *offset_s);

/* A length of time as people write it: a whole number with ms, s, m, h or d behind it. */
MUST_CHECK enum status clock_parse_duration(struct str text, int64_t *ms);

#endif
