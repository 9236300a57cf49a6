#ifndef GATEWAY_CLI_SETTINGS_OPTIONS_H
#define GATEWAY_CLI_SETTINGS_OPTIONS_H

/* The options of `bidirectional-call set`, and the change of settings that they make. Secrets come
 * from files or standard input, never from the command line, which other users of the machine see.
 */

#include "base/option.h"
#include "gateway/cli/admin.h"

enum settings_secret { SECRET_KEY, SHARED_KEY, OAUTH_SECRET_KEY, AICC_APP_SECRET, SECRET_COUNT };

struct settings_values {
    struct admin_options admin;
    int64_t type, x_mode, authentication, connection_method, hangup_method; /* -1: not given */
    char *access_key, *app_key, *domain, *area_code, *zone, *home_country, *profile;
    char *connection_url, *hangup_url, *oauth_access_key, *oauth_login_url, *aicc_domain,
        *aicc_app_key;
    char *secret_files[SECRET_COUNT];
    bool is_recorded, is_not_recorded, are_urls_authenticated, are_urls_not_authenticated;
    int64_t in_flight_max, per_second_max; /* -1: not given */
    int64_t keep_old_secret_ms;
};

extern const struct option_table settings_options;
/* Nothing is given. */
void settings_values_init(struct settings_values *values);

/* What the change borrows from. Zeroed at first. */
struct settings_texts {
    struct buf secrets[SECRET_COUNT], profile;
};
MUST_CHECK enum status settings_values_read(const struct settings_values *values,
                                            struct settings_texts *texts,
                                            struct settings_change *change, struct fault *fault);
void settings_texts_finish(struct settings_texts *texts);

/* As the options are written. */
const char *settings_type_text(enum call_type type);
const char *settings_method_text(enum callback_method method);
const char *settings_authentication_text(enum callback_authentication authentication);

#endif
