#ifndef GATEWAY_ADMIN_API_CALLBACK_FIELDS_H
#define GATEWAY_ADMIN_API_CALLBACK_FIELDS_H

/* Callbacks as the admin API and the subcommand tell them. */

#include "base/json.h"
#include "gateway/model/tenant.h"
#include "gateway/store/store_admin_callbacks.h"

/* "waiting", "delivered", "dead"; false for anything else. */
bool callback_state_read(const char *text, enum callback_state *out);
/* "connection", "hangup" */
bool callback_kind_read(const char *text, enum callback_kind *out);

/* The members that lists and details have in common. The console's URL is that of the settings. */
void callback_write_members(struct json_writer *w, const struct kept_callback *callback,
                            const struct bidirectional_call *settings);
/* And those of a detail: its body, as it was or would be sent, without signature, and its tries. */
void callback_write_detail(struct json_writer *w, const struct callback_detail *detail,
                           const struct bidirectional_call *settings);

#endif
