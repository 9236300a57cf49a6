#ifndef ITA_FAILURES_H
#define ITA_FAILURES_H

/* Failed signatures in a row, per AccessKey and source (signing.md, 11.10). Bounded: the pair that
 * failed longest ago makes room. Being counted here never refuses a good signature, so that nobody
 * gains by filling the table or by failing in another's name. Pure; for one thread. */

#include "base/str.h"

struct ita_failures;

enum { ITA_SOURCE_MAX = 64 }; /* an IPv6 address as text has 45; a longer source is cut */

/* max pairs are kept. Over limit failures in a row a pair is slowed, until slow_ms have passed
 * without one. */
struct ita_failures *ita_failures_create(size_t max, int limit, int64_t slow_ms);
void ita_failures_destroy(struct ita_failures *failures); /* takes NULL */

/* Counts one; whether the pair is slowed now. An unknown AccessKey is given as empty, so that all
 * of one source share a count and inventing names fills nothing. */
bool ita_failures_add(struct ita_failures *failures, struct str access_key, struct str source,
                      int64_t now_ms);
/* After a good signature. */
void ita_failures_clear(struct ita_failures *failures, struct str access_key, struct str source);
size_t ita_failures_count(const struct ita_failures *failures); /* pairs */

#endif
