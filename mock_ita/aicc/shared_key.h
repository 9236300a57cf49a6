#ifndef MOCK_ITA_AICC_SHARED_KEY_H
#define MOCK_ITA_AICC_SHARED_KEY_H

/* The Shared Key signature of a callback (agent-api.md, section 10), written from the contract and
 * from nothing else, so that it checks others. Pure. */

#include "base/buf.h"

enum { MOCK_AICC_MEMBERS_MAX = 32, MOCK_AICC_SIGNATURE_LEN = 44 };

struct mock_aicc_member {
    const char *name; /* a literal */
    struct str value; /* ptr NULL: null */
};

struct mock_aicc_signing {
    struct str key, timestamp, nonce;
};

/* Appends the signature of all members but timestamp, nonce and signature themselves. Sorts the
 * members by name. */
void mock_aicc_sign(struct mock_aicc_member *members, size_t count,
                    const struct mock_aicc_signing *signing, struct buf *out);

#endif
