#ifndef GATEWAY_RECORDING_RECORDING_LINK_H
#define GATEWAY_RECORDING_RECORDING_LINK_H

/* What stands in the address of a recording (agent-api.md, section 8): a token that names one call
 * of one tenant for a while. It holds no number and no secret of the ITA, and every gateway node
 * with the same master key can read it. Pure. */

#include "gateway/model/recording.h"
#include "gateway/token.h"

/* signer: of TOKEN_OF_RECORDING. */
void recording_link_append(struct token_signer *signer, int64_t tenant_id, int64_t serial,
                           int64_t now_s, struct buf *out);
/* ERR_DENIED, whatever is wrong with it. */
MUST_CHECK enum status recording_link_read(struct token_signer *signer, struct str link,
                                           int64_t now_s, int64_t *tenant_id, int64_t *serial);

#endif
