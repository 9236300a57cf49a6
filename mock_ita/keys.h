#ifndef MOCK_ITA_KEYS_H
#define MOCK_ITA_KEYS_H

/* The customers' keys: what the ITA gave each of them, and whether it is locked. Nothing tells a
 * SecretKey again. No I/O; the time is passed in. */

#include "base/digest.h"
#include "base/fault.h"

enum {
    MOCK_KEYS_MAX = 1000,
    MOCK_KEY_TEXT_MAX = 256,          /* bytes of each of the three; real ones have 20 to 64 */
    MOCK_KEY_FAILURES_MAX = 5,        /* wrong signatures in a row that lock a key ... */
    MOCK_KEY_LOCK_MS = 5 * 60 * 1000, /* ... for so long (signing.md, section 8) */
};

/* What stands in a key. ptr NULL in a change: it stays. */
struct mock_key_texts {
    struct str access_key, secret_key, app_key;
};

/* Everybody may read; keys.c alone writes. Good until the key is removed. */
struct mock_key {
    struct str access_key, app_key;
    struct hmac_key *secret_key;
    int failures; /* wrong signatures in a row */
    bool is_locked_by_hand;
    int64_t locked_until_ms; /* 0: never was; counts only while it lies ahead */
};

struct mock_keys;

/* The rule for each of the three: what fits into a header, without the comma that ends an AccessKey
 * in Authorization (signing.md, section 1). */
MUST_CHECK enum status mock_key_check_text(struct str value, struct fault *fault);

/* is_locking: failures lock. */
struct mock_keys *mock_keys_create(bool is_locking);
void mock_keys_destroy(struct mock_keys *keys); /* takes NULL */

/* Copies the texts. ERR_INVALID (the fault names accessKey, secretKey or appKey), ERR_EXISTS,
 * ERR_EXHAUSTED. */
MUST_CHECK enum status mock_keys_add(struct mock_keys *keys, const struct mock_key_texts *texts,
                                     struct fault *fault);
/* Replaces the secret or the AppKey of the key with that AccessKey, and unlocks it when its secret
 * changes. ERR_INVALID, ERR_NOT_FOUND. */
MUST_CHECK enum status mock_keys_change(struct mock_keys *keys, const struct mock_key_texts *texts,
                                        struct fault *fault);
/* False when there is none. */
bool mock_keys_remove(struct mock_keys *keys, struct str access_key);
/* Removes all. */
void mock_keys_clear(struct mock_keys *keys);

/* NULL when there is none. */
struct mock_key *mock_keys_find(const struct mock_keys *keys, struct str access_key);
/* In the order in which they were added; NULL behind the last. */
struct mock_key *mock_keys_first(const struct mock_keys *keys);
struct mock_key *mock_keys_next(const struct mock_key *key);

/* Until it is unlocked, failures or not. */
void mock_key_lock(struct mock_key *key);
/* Forgets failures as well. */
void mock_key_unlock(struct mock_key *key);
bool mock_key_is_locked(const struct mock_key *key, int64_t now_ms);
/* What the verifier found: the fifth failure in a row locks. */
void mock_keys_note(const struct mock_keys *keys, struct mock_key *key, bool is_good,
                    int64_t now_ms);

#endif
