#ifndef BASE_PASSWORD_H
#define BASE_PASSWORD_H

/* Passwords of people: argon2id (RFC 9106). Takes about a tenth of a second and PASSWORD_MEMORY, so
 * never on the loop, and only a few at a time. From any thread. */

#include "base/str.h"

enum {
    /* RFC 9106, 4, the second of its recommendations: three passes over 64 MiB. OWASP's Password
     * Storage Cheat Sheet asks for 19 MiB and two passes at least. */
    PASSWORD_PASSES = 3,
    PASSWORD_MEMORY = 64 * 1024 * 1024,
    PASSWORD_HASH_SIZE = 128, /* "$argon2id$v=19$m=65536,t=3,p=1$SALT$HASH" and its NUL */
};

/* The text to store. ERR_EXHAUSTED: no memory for it now. */
MUST_CHECK enum status password_hash(struct str password, char out[static PASSWORD_HASH_SIZE]);
/* OK or ERR_DENIED. A NULL hash is nobody's: denied after the same work, so that time does not tell
 * who exists. ERR_EXHAUSTED as above; ERR_CORRUPT: that is no hash. */
MUST_CHECK enum status password_check(struct str password, const char *hash);

#endif
