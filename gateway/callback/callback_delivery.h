#ifndef GATEWAY_CALLBACK_CALLBACK_DELIVERY_H
#define GATEWAY_CALLBACK_CALLBACK_DELIVERY_H

/* One try of one callback: where it goes by the settings of now, how it shows who sends it, and
 * what came of it. */

#include "gateway/callback/callback_courier.h"
#include "gateway/store/store_callbacks.h"

struct callback_tokens;
struct callback_delivery;

struct callback_target {
    struct contract *contract; /* borrowed from the registry */
    struct callback_destination to;
    enum callback_method method;
    enum callback_authentication authentication;
};
/* A failure says why it goes nowhere. */
bool callback_target_find(const struct callback_courier *courier,
                          const struct store_callback *callback, struct callback_target *out,
                          struct callback_result *failure);

/* From the loop. The result is borrowed. */
typedef void callback_on_delivered(void *data, const struct callback_result *result);

/* The callback is kept, borrowed, until on_delivered. False: it can't be sent, for the reason
 * given, and on_delivered won't run. */
bool callback_delivery_start(const struct callback_courier *courier, struct callback_tokens *tokens,
                             const struct store_callback *callback,
                             const struct callback_target *target,
                             callback_on_delivered *on_delivered, void *data,
                             struct callback_result *failure);

#endif
