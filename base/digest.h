#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

/* SHA-256, HMAC-SHA256, AES-256-GCM and random bytes over OpenSSL. A failure inside OpenSSL on
 * these fixed algorithms means a broken machine, not bad input: it aborts. */

#include "base/buf.h"

enum { SHA256_SIZE = 32, SEAL_KEY_SIZE = 32, SEAL_OVERHEAD = 1 + 12 + 16 };

void sha256(struct str data, uint8_t out[static SHA256_SIZE]);
/* Hexadecimal, lower case, 64 digits. */
void sha256_hex_append(struct buf *out, struct str data);

void hmac_sha256(struct str key, struct str data, uint8_t out[static SHA256_SIZE]);

/* A key whose schedule is computed once. Not for use by two threads at a time. */
struct hmac_key;
struct hmac_key *hmac_key_create(struct str key);
void hmac_key_destroy(struct hmac_key *key); /* takes NULL */
void hmac_key_sign(struct hmac_key *key, struct str data, uint8_t out[static SHA256_SIZE]);

/* In constant time for equal lengths; the length itself is no secret. */
bool bytes_are_equal_secretly(struct str a, struct str b);

void random_bytes(void *out, size_t len);
/* For ids that must differ and are no secret: from bytes that were made many at a time, since
 * asking for a few costs 7,000 instructions. At most RANDOM_ID_MAX. */
enum { RANDOM_ID_MAX = 16 };
void random_id(void *out, size_t len);

/* Encrypts and authenticates: appends version byte, random nonce, ciphertext, tag (SEAL_OVERHEAD
 * more bytes than plain). `context` is authenticated beside it (say, table and row), so that a
 * sealed value can't be moved. */
void seal(const uint8_t key[static SEAL_KEY_SIZE], struct str context, struct str plain,
          struct buf *out);
/* ERR_CORRUPT when the key or the context is another one or a bit has changed. */
MUST_CHECK enum status seal_open(const uint8_t key[static SEAL_KEY_SIZE], struct str context,
                                 struct str sealed, struct buf *plain);

#endif
