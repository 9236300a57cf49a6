#include "base/digest.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "base/mem.h"

enum { SEAL_VERSION = 1, NONCE_SIZE = 12, TAG_SIZE = 16 };

/* Fetched once: OpenSSL 3 looks an algorithm up at every implicit fetch, which costs as much as a
 * short hash. */
static EVP_MD *sha256_md;
static EVP_MAC *hmac_mac;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

struct hmac_key {
    EVP_MAC_CTX *mac;
};

static void must(int is_ok)
{
    if (is_ok != 1) {
        fputs("OpenSSL failed on a built-in algorithm\n", stderr);
        abort();
    }
}

static void fetch(void)
{
    sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
    hmac_mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    must(sha256_md != NULL && hmac_mac != NULL);
}

void sha256(struct str data, uint8_t out[static SHA256_SIZE])
{
    pthread_once(&fetched, fetch);
    must(EVP_Digest(data.len > 0 ? data.ptr : "", data.len, out, NULL, sha256_md, NULL));
}

void sha256_hex_append(struct buf *out, struct str data)
{
    uint8_t hash[SHA256_SIZE];
    sha256(data, hash);
    hex_append(out, str_from(hash, sizeof(hash)));
}

struct hmac_key *hmac_key_create(struct str key)
{
    pthread_once(&fetched, fetch);
    struct hmac_key *self = NEW(struct hmac_key);
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    self->mac = EVP_MAC_CTX_new(hmac_mac);
    must(self->mac != NULL);
    /* OpenSSL takes a NULL key for "keep the old one". */
    must(EVP_MAC_init(self->mac, (const unsigned char *)(key.len > 0 ? key.ptr : ""), key.len,
                      params));
    return self;
}

void hmac_key_destroy(struct hmac_key *key)
{
    if (key == NULL)
        return;
    EVP_MAC_CTX_free(key->mac);
    mem_free(key);
}

void hmac_key_sign(struct hmac_key *key, struct str data, uint8_t out[static SHA256_SIZE])
{
    size_t len = 0;
    must(EVP_MAC_init(key->mac, NULL, 0, NULL));
    must(EVP_MAC_update(key->mac, (const unsigned char *)(data.len > 0 ? data.ptr : ""), data.len));
    must(EVP_MAC_final(key->mac, out, &len, SHA256_SIZE));
}

void hmac_sha256(struct str key, struct str data, uint8_t out[static SHA256_SIZE])
{
    struct hmac_key *once = hmac_key_create(key);
    hmac_key_sign(once, data, out);
    hmac_key_destroy(once);
}

bool bytes_are_equal_secretly(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

void random_bytes(void *out, size_t len)
{
    must(RAND_bytes(out, (int)len));
}

/* What is left is the thread's own, as the generator's state in OpenSSL is. */
void random_id(void *out, size_t len)
{
    static _Thread_local unsigned char bytes[64 * RANDOM_ID_MAX];
    static _Thread_local size_t left;
    assert(len <= RANDOM_ID_MAX);
    if (left < len) {
        random_bytes(bytes, sizeof(bytes));
        left = sizeof(bytes);
    }
    left -= len;
    memcpy(out, bytes + left, len);
}

void seal(const uint8_t key[static SEAL_KEY_SIZE], struct str context, struct str plain,
          struct buf *out)
{
    unsigned char *room = (unsigned char *)buf_reserve(out, plain.len + SEAL_OVERHEAD);
    if (room == NULL)
        return;
    unsigned char *nonce = room + 1;
    unsigned char *text = nonce + NONCE_SIZE;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int len = 0;
    must(cipher != NULL);
    room[0] = SEAL_VERSION;
    random_bytes(nonce, NONCE_SIZE);
    must(EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce));
    must(EVP_EncryptUpdate(cipher, NULL, &len, (const unsigned char *)context.ptr,
                           (int)context.len));
    must(EVP_EncryptUpdate(cipher, text, &len, (const unsigned char *)plain.ptr, (int)plain.len));
    must(EVP_EncryptFinal_ex(cipher, text + plain.len, &len));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, text + plain.len));
    EVP_CIPHER_CTX_free(cipher);
    buf_extend(out, plain.len + SEAL_OVERHEAD);
}

enum status seal_open(const uint8_t key[static SEAL_KEY_SIZE], struct str context,
                      struct str sealed, struct buf *plain)
{
    if (sealed.len < SEAL_OVERHEAD || sealed.ptr[0] != SEAL_VERSION)
        return ERR_CORRUPT;
    const unsigned char *nonce = (const unsigned char *)sealed.ptr + 1;
    const unsigned char *text = nonce + NONCE_SIZE;
    size_t text_len = sealed.len - SEAL_OVERHEAD;
    unsigned char tag[TAG_SIZE];
    memcpy(tag, text + text_len, TAG_SIZE);
    unsigned char *room = (unsigned char *)buf_reserve(plain, text_len > 0 ? text_len : 1);
    if (room == NULL)
        return ERR_TOO_BIG;

    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int len = 0;
    must(cipher != NULL);
    must(EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag));
    must(EVP_DecryptUpdate(cipher, NULL, &len, (const unsigned char *)context.ptr,
                           (int)context.len));
    must(EVP_DecryptUpdate(cipher, room, &len, text, (int)text_len));
    bool is_genuine = EVP_DecryptFinal_ex(cipher, room + len, &len) == 1;
    EVP_CIPHER_CTX_free(cipher);
    if (!is_genuine) {
        mem_wipe(room, text_len);
        return ERR_CORRUPT;
    }
    buf_extend(plain, text_len);
    return OK;
}
