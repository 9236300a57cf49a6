#ifndef GATEWAY_TOKEN_H
#define GATEWAY_TOKEN_H

/* Tokens that carry what they say, for how long, and a MAC, so that every gateway node with the
 * same master key can check them alone: access tokens, which say an app key (agent-api.md, section
 * 2), the links of gateway/recording/recording_link.h, and what a subcommand shows the daemon of
 * its machine (gateway/operator.h). What has changed since is looked up by the caller. Pure. */

#include "base/buf.h"
#include "base/digest.h"

enum {
    TOKEN_DEFAULT_S = 600, /* agent-api.md, section 2 */
    TOKEN_LONGEST_S = 3600,
    TOKEN_TEXT_MAX = 256, /* an app key and two numbers in Base64 */
};

enum token_kind { TOKEN_OF_ACCESS, TOKEN_OF_RECORDING, TOKEN_OF_OPERATOR };

struct token_signer;
/* Derives the key of this kind of token from the master key, so that neither tells the other, and
 * no token of one kind is one of another. */
struct token_signer *token_signer_create(const uint8_t master_key[static SEAL_KEY_SIZE],
                                         enum token_kind kind);
void token_signer_destroy(struct token_signer *signer);

/* Appends the token. */
void token_issue(struct token_signer *signer, struct str subject, int64_t now_s, int64_t lifetime_s,
                 struct buf *out);
/* ERR_DENIED when it is not ours, changed, or expired. The subject is appended. */
MUST_CHECK enum status token_check(struct token_signer *signer, struct str token, int64_t now_s,
                                   struct buf *subject);

#endif
