#ifndef GATEWAY_STORE_STORE_ACCOUNTS_H
#define GATEWAY_STORE_STORE_ACCOUNTS_H

/* Users, their passwords and sessions, and API keys: blocking, as store_admin.h. What is secret is
 * stored as its SHA-256 (tokens and keys of 256 random bits) or as the hash of base/password.h, and
 * handed out once; the caller wipes it. A function that says so hashes a password, which takes a
 * tenth of a second.
 *
 * A version of 0 stands for whichever there is; another than the row's gives ERR_STALE. */

#include "gateway/model/user.h"
#include "gateway/store/store_admin.h"

/* How long a session lasts without being used, and at all. */
struct session_limits {
    int64_t idle_ms, longest_ms;
};

enum {
    SESSION_TOKEN_SIZE = 43 + 1,    /* 256 random bits in Base64url, NUL */
    API_KEY_SIZE = 4 + 43 + 1,      /* "ita_" and as above */
    ONE_TIME_PASSWORD_SIZE = 4 * 6, /* 100 random bits, four groups of five characters, NUL */
    /* Long enough to reach somebody, short enough not to lie about. */
    ONE_TIME_PASSWORD_MS = 72 * 60 * 60 * 1000,
};

/* --- Users --- */

struct one_time_password {
    char text[ONE_TIME_PASSWORD_SIZE];
    int64_t until_ms;
};

/* Enabled, with a one-time password. The tenant is NULL or empty for a system administrator.
 * Hashes. */
MUST_CHECK enum status store_admin_create_user(struct store_admin *admin, const char *name,
                                               enum role role, const char *tenant,
                                               struct one_time_password *out, struct fault *fault);
/* ERR_NOT_FOUND */
MUST_CHECK enum status store_admin_read_user(struct store_admin *admin, const char *name,
                                             struct user *out, struct fault *fault);
/* By name, those after the one given ("": from the first), at most limit. */
MUST_CHECK enum status store_admin_list_users(struct store_admin *admin, const char *after,
                                              int64_t limit,
                                              void (*each)(void *data, const struct user *user),
                                              void *data, struct fault *fault);
/* Disabling ends his sessions. ERR_INVALID for the last enabled system administrator; so below. */
MUST_CHECK enum status store_admin_enable_user(struct store_admin *admin, const char *name,
                                               bool is_enabled, int64_t version,
                                               struct fault *fault);
MUST_CHECK enum status store_admin_delete_user(struct store_admin *admin, const char *name,
                                               struct fault *fault);
/* Gives him a one-time password and ends his sessions. Hashes. */
MUST_CHECK enum status store_admin_reset_password(struct store_admin *admin, const char *name,
                                                  struct one_time_password *out,
                                                  struct fault *fault);

/* --- Passwords and sessions --- */

struct new_session {
    char token[SESSION_TOKEN_SIZE];
    struct administrator who;
};

/* ERR_DENIED, with the same work and words, for an unknown or disabled user, a wrong password, and
 * a one-time password that is too old. Ends the oldest sessions of a user who has many, and those
 * whose time is over. Hashes. */
MUST_CHECK enum status store_admin_sign_in(struct store_admin *admin, struct str name,
                                           struct str password, const struct session_limits *limits,
                                           int64_t now_ms, struct new_session *out,
                                           struct fault *fault);
/* ERR_DENIED: the old one is wrong. ERR_INVALID: the new one breaks a rule. Ends all his sessions
 * and begins another. Hashes twice. */
MUST_CHECK enum status store_admin_change_password(struct store_admin *admin, const char *name,
                                                   struct str old_password, struct str new_password,
                                                   const struct session_limits *limits,
                                                   int64_t now_ms, struct new_session *out,
                                                   struct fault *fault);
/* One that has ended already is none to end. */
MUST_CHECK enum status store_admin_sign_out(struct store_admin *admin, struct str token,
                                            struct fault *fault);

/* --- API keys --- */

struct new_api_key {
    char text[API_KEY_SIZE];
};

MUST_CHECK enum status store_admin_create_api_key(struct store_admin *admin, const char *name,
                                                  enum role role, const char *tenant,
                                                  int64_t expires_ms, struct new_api_key *out,
                                                  struct fault *fault);
MUST_CHECK enum status store_admin_read_api_key(struct store_admin *admin, const char *name,
                                                struct api_key *out, struct fault *fault);
MUST_CHECK enum status
store_admin_list_api_keys(struct store_admin *admin, const char *after, int64_t limit,
                          void (*each)(void *data, const struct api_key *key), void *data,
                          struct fault *fault);
MUST_CHECK enum status store_admin_enable_api_key(struct store_admin *admin, const char *name,
                                                  bool is_enabled, int64_t version,
                                                  struct fault *fault);

/* --- Who asks --- */

/* The user of a session that has not ended, and marks it as used; ERR_NOT_FOUND. */
MUST_CHECK enum status store_admin_find_session(struct store_admin *admin, struct str token,
                                                const struct session_limits *limits, int64_t now_ms,
                                                struct administrator *out, struct fault *fault);
/* The same, without a use of the session: what a page does by itself must not keep it alive. */
MUST_CHECK enum status store_admin_look_at_session(struct store_admin *admin, struct str token,
                                                   const struct session_limits *limits,
                                                   int64_t now_ms, struct administrator *out,
                                                   struct fault *fault);
/* An API key that is good now, and marks it as used today; ERR_NOT_FOUND. */
MUST_CHECK enum status store_admin_find_api_key(struct store_admin *admin, struct str text,
                                                int64_t now_ms, struct administrator *out,
                                                struct fault *fault);

#endif
