#include "base/password.h"

#include <sodium.h>

#include "base/digest.h"
#include "base/encoding.h"

/* libsodium's own functions for stored hashes say the same when memory is short and when the
 * password is wrong; so only its algorithm is used, and the usual text form is made here. */

enum { SALT_SIZE = crypto_pwhash_argon2id_SALTBYTES, DIGEST_SIZE = 32 };

/* A stored hash, taken apart. libsodium has one lane (p=1). */
struct stored {
    uint64_t memory, passes;
    uint8_t salt[SALT_SIZE], digest[DIGEST_SIZE];
};

static enum status derive(struct str password, const struct stored *parameters,
                          uint8_t digest[static DIGEST_SIZE])
{
    if (sodium_init() < 0)
        return ERR_CRYPTO;
    int result = crypto_pwhash_argon2id(
        digest, DIGEST_SIZE, password.len > 0 ? password.ptr : "", password.len, parameters->salt,
        parameters->passes, (size_t)parameters->memory, crypto_pwhash_argon2id_ALG_ARGON2ID13);
    return result == 0 ? OK : ERR_EXHAUSTED;
}

/* Base64 without padding, and with the standard alphabet, as others write it. */
static void append_bytes(struct buf *out, const uint8_t *bytes, size_t size)
{
    buf_append_byte(out, '$');
    base64_append(out, str_from(bytes, size));
    while (out->len > 0 && out->ptr[out->len - 1] == '=')
        out->len--;
}

enum status password_hash(struct str password, char out[static PASSWORD_HASH_SIZE])
{
    struct stored made = {.memory = PASSWORD_MEMORY, .passes = PASSWORD_PASSES};
    struct buf text;
    random_bytes(made.salt, sizeof(made.salt));
    enum status status = derive(password, &made, made.digest);
    if (status != OK)
        return status;
    buf_init_fixed(&text, out, PASSWORD_HASH_SIZE - 1);
    buf_format(&text, "$argon2id$v=19$m=%d,t=%d,p=1", PASSWORD_MEMORY / 1024, PASSWORD_PASSES);
    append_bytes(&text, made.salt, sizeof(made.salt));
    append_bytes(&text, made.digest, sizeof(made.digest));
    out[text.len] = '\0';
    return OK;
}

static bool read_bytes(struct str text, uint8_t *bytes, size_t size)
{
    size_t len;
    return sodium_base642bin(bytes, size, text.ptr, text.len, NULL, &len, NULL,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           len == size;
}

/* "m=65536,t=3,p=1" */
static bool read_parameters(struct str text, struct stored *out)
{
    struct str m, t, p;
    if (!str_next(&text, ',', &m) || !str_next(&text, ',', &t) || !str_next(&text, ',', &p) ||
        !str_starts(m, STR("m=")) || !str_starts(t, STR("t=")) || !str_is(p, STR("p=1")) ||
        str_parse_u64(str_slice(m, 2, m.len), &out->memory) != OK ||
        str_parse_u64(str_slice(t, 2, t.len), &out->passes) != OK)
        return false;
    bool is_usual = out->memory <= PASSWORD_MEMORY / 1024 && out->passes <= PASSWORD_PASSES;
    out->memory *= 1024;
    return is_usual && out->passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN &&
           out->memory >= crypto_pwhash_argon2id_MEMLIMIT_MIN;
}

static bool read_stored(struct str text, struct stored *out)
{
    struct str parameters, salt, digest;
    const struct str prefix = STR("$argon2id$v=19$");
    if (!str_starts(text, prefix))
        return false;
    text = str_slice(text, prefix.len, text.len);
    return str_next(&text, '$', &parameters) && str_next(&text, '$', &salt) &&
           str_next(&text, '$', &digest) && text.ptr == NULL && read_parameters(parameters, out) &&
           read_bytes(salt, out->salt, SALT_SIZE) && read_bytes(digest, out->digest, DIGEST_SIZE);
}

enum status password_check(struct str password, const char *hash)
{
    struct stored stored = {.memory = PASSWORD_MEMORY, .passes = PASSWORD_PASSES};
    uint8_t digest[DIGEST_SIZE];
    bool is_somebodys = hash != NULL;
    if (is_somebodys && !read_stored(str_of(hash), &stored))
        return ERR_CORRUPT;
    enum status status = derive(password, &stored, digest);
    if (status != OK)
        return status;
    bool is_right = bytes_are_equal_secretly(str_from(digest, sizeof(digest)),
                                             str_from(stored.digest, sizeof(stored.digest)));
    return is_somebodys && is_right ? OK : ERR_DENIED;
}
