#include "mock_ita/aicc/shared_key.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/encoding.h"

enum { TO_SIGN_MAX = 64 * 1024 }; /* callData of 1,024 characters is the longest member */

static int compare_names(const void *a, const void *b)
{
    const struct mock_aicc_member *left = a, *right = b;
    return str_compare(str_of(left->name), str_of(right->name));
}

/* "Every space removed, also inside values; null prints as null." */
static void append_value(struct buf *out, struct str value)
{
    struct str rest = value.ptr == NULL ? STR("null") : value, piece;
    while (str_next(&rest, ' ', &piece))
        buf_append(out, piece);
}

void mock_aicc_sign(struct mock_aicc_member *members, size_t count,
                    const struct mock_aicc_signing *signing, struct buf *out)
{
    uint8_t mac[SHA256_SIZE];
    struct buf text;
    buf_init(&text, TO_SIGN_MAX);
    buf_format(&text, "%.*s_%.*s_%.*s_", STR_ARGS(signing->key), STR_ARGS(signing->timestamp),
               STR_ARGS(signing->nonce));
    qsort(members, count, sizeof(members[0]), compare_names);
    for (size_t i = 0; i < count; i++) {
        buf_format(&text, "%s%s=", i == 0 ? "" : ",", members[i].name);
        append_value(&text, members[i].value);
    }
    hmac_sha256(signing->key, buf_str(&text), mac);
    base64_append(out, str_from(mac, sizeof(mac)));
    buf_finish(&text);
}
