#ifndef ITA_REPLAY_H
#define ITA_REPLAY_H

/* The signatures that were accepted and could be accepted again: signing.md, 11.9. Bounded, and a
 * live signature is never dropped for a new one. Pure; for one thread. */

#include "base/digest.h"
#include "base/str.h"

struct ita_replay;

enum ita_replay_result {
    ITA_REPLAY_NEW,       /* it is kept from now on */
    ITA_REPLAY_SEEN,      /* it is there already */
    ITA_REPLAY_FULL,      /* no room: it can't be told apart from its repeat later */
    ITA_REPLAY_FORGOTTEN, /* so old that it may have been here and gone (the clock stepped back) */
};

/* Room for max signatures at 32 bytes, taken from the system as it fills. A signature lives until
 * its date is over window_ms old. */
struct ita_replay *ita_replay_create(size_t max, int64_t window_ms);
void ita_replay_destroy(struct ita_replay *replay); /* takes NULL */

/* Looks up and keeps, in one step. The AccessKey belongs to the key, as the MAC does not cover it:
 * two AccessKeys may share a SecretKey. */
enum ita_replay_result ita_replay_insert(struct ita_replay *replay, struct str access_key,
                                         const uint8_t mac[static SHA256_SIZE], int64_t date_ms,
                                         int64_t now_ms);
/* From now on every signature dated up to then is ITA_REPLAY_FORGOTTEN, unless it is kept. */
void ita_replay_close(struct ita_replay *replay, int64_t date_ms);
size_t ita_replay_count(const struct ita_replay *replay);

#endif
