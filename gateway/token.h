#ifndef GATEWAY_TOKEN_H
#define GATEWAY_TOKEN_H

/* Access tokens (agent-api.md, section 2). A token carries what it says and a MAC, so that every
 * gateway node with the same master key can check it alone; whether its app key is still enabled is
 * looked up by the caller. Pure. */

#include "base/buf.h"
#include "base/digest.h"

enum {
    TOKEN_DEFAULT_S = 600, /* agent-api.md, section 2 */
    TOKEN_LONGEST_S = 3600,
    TOKEN_TEXT_MAX = 256, /* an app key and two numbers in Base64 */
};

struct token_signer;
/* Derives the token key from the master key, so that neither tells the other. */
struct token_signer *token_signer_create(const uint8_t master_key[static SEAL_KEY_SIZE]);
void token_signer_destroy(struct token_signer *signer);

/* Appends the token. */
void token_issue(struct token_signer *signer, struct str app_key, int64_t now_s, int64_t lifetime_s,
                 struct buf *out);
/* ERR_DENIED when it is not ours, changed, or expired. app_key is written to storage. */
MUST_CHECK enum status token_check(struct token_signer *signer, struct str token, int64_t now_s,
                                   struct buf *app_key);

#endif
