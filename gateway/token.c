#include "gateway/token.h"

#include "base/encoding.h"
#include "base/mem.h"

/* The form: base64url("EXPIRES SUBJECT" MAC). The MAC covers what stands before it. */

enum { PAYLOAD_MAX = TOKEN_TEXT_MAX * 3 / 4 };

struct token_signer {
    struct hmac_key *key;
};

struct token_signer *token_signer_create(const uint8_t master_key[static SEAL_KEY_SIZE],
                                         enum token_kind kind)
{
    static const char *const names[] = {
        [TOKEN_OF_ACCESS] = "ita-gateway access token 1",
        [TOKEN_OF_RECORDING] = "ita-gateway recording token 1",
        [TOKEN_OF_OPERATOR] = "ita-gateway operator token 1",
    };
    uint8_t derived[SHA256_SIZE];
    struct token_signer *signer = NEW(struct token_signer);
    hmac_sha256(str_from(master_key, SEAL_KEY_SIZE), str_of(names[kind]), derived);
    signer->key = hmac_key_create(str_from(derived, sizeof(derived)));
    mem_wipe(derived, sizeof(derived));
    return signer;
}

void token_signer_destroy(struct token_signer *signer)
{
    if (signer == NULL)
        return;
    hmac_key_destroy(signer->key);
    mem_free(signer);
}

void token_issue(struct token_signer *signer, struct str subject, int64_t now_s, int64_t lifetime_s,
                 struct buf *out)
{
    char storage[PAYLOAD_MAX];
    struct buf payload;
    uint8_t mac[SHA256_SIZE];
    buf_init_fixed(&payload, storage, sizeof(storage));
    buf_append_i64(&payload, now_s + lifetime_s);
    buf_append_byte(&payload, ' ');
    buf_append(&payload, subject);
    hmac_key_sign(signer->key, buf_str(&payload), mac);
    buf_append(&payload, str_from(mac, sizeof(mac)));
    base64url_append(out, buf_str(&payload));
}

enum status token_check(struct token_signer *signer, struct str token, int64_t now_s,
                        struct buf *subject)
{
    char storage[PAYLOAD_MAX];
    struct buf payload;
    uint8_t mac[SHA256_SIZE];
    buf_init_fixed(&payload, storage, sizeof(storage));
    if (base64url_decode(token, &payload) != OK || payload.len <= SHA256_SIZE)
        return ERR_DENIED;
    struct str said = str_slice(buf_str(&payload), 0, payload.len - SHA256_SIZE);
    struct str said_mac = str_slice(buf_str(&payload), said.len, SHA256_SIZE);
    hmac_key_sign(signer->key, said, mac);
    if (!bytes_are_equal_secretly(str_from(mac, sizeof(mac)), said_mac))
        return ERR_DENIED;

    struct str expires;
    int64_t expires_s;
    if (!str_next(&said, ' ', &expires) || str_parse_i64(expires, &expires_s) != OK ||
        now_s >= expires_s)
        return ERR_DENIED;
    buf_append(subject, said);
    return buf_is_over(subject) ? ERR_DENIED : OK;
}
