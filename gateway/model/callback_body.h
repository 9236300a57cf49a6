#ifndef GATEWAY_MODEL_CALLBACK_BODY_H
#define GATEWAY_MODEL_CALLBACK_BODY_H

/* What a callback says (agent-api.md, section 10), and its Shared Key signature. Pure. */

#include "base/json.h"
#include "gateway/model/callback.h"

enum {
    CALLBACK_MEMBERS_MAX = 24,
    /* callData and its escapes, in JSON six bytes for one at most, are most of it. */
    CALLBACK_BODY_MAX = 32 * 1024,
    CALLBACK_NONCE_LEN = 32,
};

struct callback_member {
    const char *name; /* a literal */
    struct str value; /* ptr NULL: null */
};

/* All values are strings; what is not known is left out. */
struct callback_body {
    struct callback_member members[CALLBACK_MEMBERS_MAX];
    size_t count;
    char storage[512]; /* of values that are made here */
    struct buf text;
};

/* Why the call ended, as callbacks say it: 0 to 5, or -1 when neither its cause nor its times
 * tell. */
int callback_release_reason(const struct call_record *call);

/* Borrows from the call; times are told in a zone offset_s east of UTC. The body must not be moved
 * while it is used. */
void callback_body_init(struct callback_body *body, enum callback_kind kind,
                        const struct call_record *call, int32_t offset_s);
/* Borrows the value, and the name. */
void callback_body_add(struct callback_body *body, const char *name, struct str value);
/* Adds timestamp, nonce (borrowed) and signature. Once, last. */
void callback_body_sign(struct callback_body *body, struct str key, int64_t now_ms,
                        struct str nonce);
void callback_body_write(const struct callback_body *body, struct buf *out);

/* The text that a signature is made of, without its key: "a=1,b=2". */
void callback_body_append_signed(const struct callback_body *body, struct buf *out);

#endif
