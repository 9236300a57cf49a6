#ifndef GATEWAY_SETTINGS_SAVE_H
#define GATEWAY_SETTINGS_SAVE_H

/* Saving bidirectional call settings: the hosts of callback URLs are looked up first, then one
 * transaction of the store checks all rules and saves. The one way for the admin API and for
 * subcommands. */

#include "gateway/store/store_admin.h"

/* Blocking, for seconds when name servers don't answer; no lock is held while looking up. What
 * breaks a rule is told in violations; warnings are of what was saved. The version as for
 * store_admin_change_settings(). */
MUST_CHECK enum status settings_save(struct store_admin *store, const char *tenant,
                                     const struct settings_change *change, int64_t version,
                                     struct violations *violations, struct violations *warnings,
                                     struct fault *fault);

/* The look-up itself: whether a connection to this host may be made as far as one can tell now. */
enum settings_lookup {
    SETTINGS_LOOKUP_FINE,
    SETTINGS_LOOKUP_UNRESOLVED,
    SETTINGS_LOOKUP_FORBIDDEN, /* one of its addresses is, and the trustlist does not name it */
};
enum settings_lookup settings_lookup(const struct callback_host *host,
                                     const struct callback_trust *trust);

#endif
