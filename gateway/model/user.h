#ifndef GATEWAY_MODEL_USER_H
#define GATEWAY_MODEL_USER_H

/* Who administers: people with a password, programs with an API key, and the two roles of
 * console.md. Values and their rules; pure. */

#include "base/digest.h"
#include "base/fault.h"
#include "gateway/model/call.h"

enum {
    USER_NAME_MAX = 64,
    /* In characters. Length is what resists guessing; NIST SP 800-63B, 3.1.1.2 asks for 8 at least
     * and no other rule of composition. */
    PASSWORD_MIN = 12,
    PASSWORD_MAX = 128,
    PASSWORD_BYTES_MAX = 4 * PASSWORD_MAX, /* UTF-8 */
    WHO_SIZE = 8 + USER_NAME_MAX + 1,      /* "user:" or "api-key:" and the name */
};

enum role {
    ROLE_SYSADMIN = 1,     /* system administrator */
    ROLE_TENANT_ADMIN = 2, /* tenant administrator, of one tenant */
};

/* "sysadmin", "tenant-admin" */
const char *role_text(enum role role);
MUST_CHECK enum status role_parse(struct str text, enum role *out, struct fault *fault);

/* A person. version counts the changes, for ETag. */
struct user {
    int64_t id, version;
    char name[USER_NAME_MAX + 1];
    enum role role;
    char tenant[TENANT_NAME_MAX + 1]; /* of a tenant administrator, else empty */
    bool is_enabled;
    int64_t one_time_until_ms; /* the password is a one-time one, good until then; 0: his own */
    int64_t created_ms, signed_in_ms; /* last; 0: never */
};

/* A program's key, for automation. Its secret text is shown once. */
struct api_key {
    int64_t id, version;
    char name[USER_NAME_MAX + 1];
    enum role role;
    char tenant[TENANT_NAME_MAX + 1];
    bool is_enabled;
    int64_t created_ms, expires_ms; /* 0: never */
    int64_t used_ms;                /* the day of its last use, its first millisecond; 0: never */
};

/* Whoever makes a request of the admin API. */
struct administrator {
    char who[WHO_SIZE]; /* as the audit names him: "user:NAME", "api-key:NAME"; empty: nobody */
    char name[USER_NAME_MAX + 1];
    bool is_api_key;
    enum role role;
    char tenant[TENANT_NAME_MAX + 1];
    bool must_change_password;
    int64_t session_until_ms; /* of a user, if nothing more comes from him */
};

/* Letters in lower case, digits, '-', '_', '.', '@'; 1 to USER_NAME_MAX, the first a letter or a
 * digit. Of users and of API keys. */
MUST_CHECK enum status user_check_name(struct str name, struct fault *fault);
/* Of a password that somebody chose. */
MUST_CHECK enum status user_check_password(struct str name, struct str password,
                                           struct fault *fault);
/* A role and its tenant fit together: a tenant administrator has one, a system administrator none.
 */
MUST_CHECK enum status user_check_role(enum role role, struct str tenant, struct fault *fault);

#endif
