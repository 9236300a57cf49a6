#include "gateway/recording/recording_link.h"

enum { SUBJECT_MAX = 19 + 1 + 19 }; /* "TENANT_ID SERIAL" */

void recording_link_append(struct token_signer *signer, int64_t tenant_id, int64_t serial,
                           int64_t now_s, struct buf *out)
{
    char storage[SUBJECT_MAX];
    struct buf subject;
    buf_init_fixed(&subject, storage, sizeof(storage));
    buf_append_i64(&subject, tenant_id);
    buf_append_byte(&subject, ' ');
    buf_append_i64(&subject, serial);
    token_issue(signer, buf_str(&subject), now_s, RECORDING_LINK_S, out);
}

enum status recording_link_read(struct token_signer *signer, struct str link, int64_t now_s,
                                int64_t *tenant_id, int64_t *serial)
{
    char storage[SUBJECT_MAX];
    struct buf subject;
    struct str tenant;
    buf_init_fixed(&subject, storage, sizeof(storage));
    if (token_check(signer, link, now_s, &subject) != OK)
        return ERR_DENIED;
    struct str rest = buf_str(&subject);
    if (!str_next(&rest, ' ', &tenant) || str_parse_i64(tenant, tenant_id) != OK ||
        str_parse_i64(rest, serial) != OK)
        return ERR_DENIED;
    return OK;
}
