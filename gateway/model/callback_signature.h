#ifndef GATEWAY_MODEL_CALLBACK_SIGNATURE_H
#define GATEWAY_MODEL_CALLBACK_SIGNATURE_H

/* The Shared Key signature of a callback that somebody sent us, as our own are signed
 * (callback_body.h; agent-api.md, section 10). Pure. */

#include "base/json.h"

enum callback_signature {
    CALLBACK_UNSIGNED,
    CALLBACK_SIGNED,
    CALLBACK_FORGED, /* or of a form that is not signed: more members, or deeper ones */
};
enum callback_signature callback_signature_check(const struct json *body, struct str key);

#endif
