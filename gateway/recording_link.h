#ifndef GATEWAY_RECORDING_LINK_H
#define GATEWAY_RECORDING_LINK_H

/* What stands in the address of a recording (agent-api.md, section 8): a token that names one call
 * of one tenant for a while. It holds no number and no secret of the ITA, and every gateway node
 * with the same master key can read it. Pure. */

#include "gateway/token.h"

/* Where the link follows. */
#define RECORDING_PATH "/apiaccess/recording/"

enum {
    RECORDING_LINK_S = 5 * 60, /* agent-api.md, section 8 */
    /* The Base64 of: seconds of 10 digits, a row of 19, a serial of 16, 2 spaces, the MAC. */
    RECORDING_LINK_MAX = ((10 + 19 + 16 + 2 + SHA256_SIZE) * 8 + 5) / 6,
    RECORDING_URL_MAX = 200, /* agent-api.md, section 8 */
    RECORDING_BASE_MAX = RECORDING_URL_MAX - (int)sizeof(RECORDING_PATH) + 1 - RECORDING_LINK_MAX,
};

/* signer: of TOKEN_OF_RECORDING. */
void recording_link_append(struct token_signer *signer, int64_t tenant_id, int64_t serial,
                           int64_t now_s, struct buf *out);
/* ERR_DENIED, whatever is wrong with it. */
MUST_CHECK enum status recording_link_read(struct token_signer *signer, struct str link,
                                           int64_t now_s, int64_t *tenant_id, int64_t *serial);

#endif
