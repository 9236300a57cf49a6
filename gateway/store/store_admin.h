#ifndef GATEWAY_STORE_STORE_ADMIN_H
#define GATEWAY_STORE_STORE_ADMIN_H

/* Changing tenants, keys, numbers and certificates: blocking, on a connection of its own, for
 * subcommands. A running daemon sees each change within a second. Every change is one transaction
 * with an audit entry: who, when, which fields, never a secret's value. Faults name the field. */

#include "base/digest.h"
#include "gateway/model/settings.h"
#include "gateway/model/violation.h"

struct store_admin;

enum {
    APP_KEY_SIZE = 3 + 24 + 1, /* "ak_", 96 random bits in hexadecimal, NUL */
    APP_SECRET_SIZE = 43 + 1,  /* 256 random bits in Base64url, NUL */
    X_NUMBERS_MAX = 10000,     /* of one tenant: each is looked at when a call claims one */
    AGENT_NUMBERS_MAX = 10000, /* of one list */
    APP_KEYS_MAX = 100,        /* of one tenant, that can be used: one for each of its systems */
    APP_KEYS_DEAD_MAX = 100,   /* of one tenant, the last: then the audit log alone tells of them */
    APP_KEY_OVERLAP_MS = 24 * 60 * 60 * 1000, /* usual: a working day for changing over */
    CERTIFICATE_MAX = 16 * 1024,
};

/* A month: who needs longer makes a second key and disables the first himself. */
#define APP_KEY_OVERLAP_MAX_MS (INT64_C(30) * 24 * 60 * 60 * 1000)

/* Creates or opens; who goes into the audit, "cli:root". Keeps path and key no longer than the
 * call. */
MUST_CHECK enum status store_admin_open(const char *path,
                                        const uint8_t master_key[static SEAL_KEY_SIZE],
                                        const char *who, struct store_admin **out,
                                        struct fault *fault);
/* As above in the daemon, beside its writer, for whoever store_admin_set_who() says: makes nothing.
 */
MUST_CHECK enum status store_admin_join(const char *path,
                                        const uint8_t master_key[static SEAL_KEY_SIZE],
                                        struct store_admin **out, struct fault *fault);
void store_admin_close(struct store_admin *admin); /* takes NULL */
/* Between two uses of a connection that stays open: keeps the write-ahead log from growing. */
void store_admin_tidy(struct store_admin *admin);
/* Who makes the changes from now on, for the audit. */
void store_admin_set_who(struct store_admin *admin, const char *who);

/* An audit entry for a change of something that is not stored. */
MUST_CHECK enum status store_admin_note(struct store_admin *admin, const char *action,
                                        const char *detail, struct fault *fault);

/* Everything; the caller ends it with tenant_list_finish(). */
MUST_CHECK enum status store_admin_read(struct store_admin *admin, struct tenant_list *out,
                                        struct fault *fault);
/* One; ERR_NOT_FOUND. The caller ends it with tenant_finish(). */
MUST_CHECK enum status store_admin_read_tenant(struct store_admin *admin, const char *name,
                                               struct tenant *out, struct fault *fault);

/* Likewise, without its settings, keys and numbers. */
MUST_CHECK enum status store_admin_find_tenant(struct store_admin *admin, const char *name,
                                               struct tenant *out, struct fault *fault);

/* As store_admin_read(), without tenants. */
MUST_CHECK enum status store_admin_read_certificates(struct store_admin *admin,
                                                     struct tenant_list *out, struct fault *fault);
/* By name, those after the one given (NULL: from the first), at most limit; without their settings,
 * keys and numbers. The tenant is borrowed within each(). */
MUST_CHECK enum status
store_admin_list_tenants(struct store_admin *admin, const char *after, int64_t limit,
                         void (*each)(void *data, const struct tenant *tenant), void *data,
                         struct fault *fault);

/* Enabled, the bidirectional call feature as well. */
MUST_CHECK enum status store_admin_create_tenant(struct store_admin *admin, const char *name,
                                                 struct fault *fault);
MUST_CHECK enum status store_admin_create_tenant_with(struct store_admin *admin, const char *name,
                                                      const struct tenant_flags *flags,
                                                      struct fault *fault);
/* A version of 0 stands for whichever there is; another than the tenant's gives ERR_STALE. So
 * below. */
MUST_CHECK enum status store_admin_set_tenant(struct store_admin *admin, const char *name,
                                              const struct tenant_flags *flags, int64_t version,
                                              struct fault *fault);
MUST_CHECK enum status store_admin_enable_tenant(struct store_admin *admin, const char *name,
                                                 bool is_enabled, struct fault *fault);
MUST_CHECK enum status store_admin_set_trial(struct store_admin *admin, const char *name,
                                             bool is_trial, struct fault *fault);

/* Numbers as somebody gave them, and how he is told which one is meant: "numbers/3". */
struct number_list {
    char *const *items;
    size_t count;
    const char *field; /* "numbers/" */
    size_t first;      /* what the first one is called */
};
/* All of them or none: what is wrong is told of each. */
MUST_CHECK enum status store_admin_add_agent_numbers(struct store_admin *admin, const char *tenant,
                                                     enum agent_list list,
                                                     const struct number_list *numbers,
                                                     struct violations *violations,
                                                     struct fault *fault);
MUST_CHECK enum status store_admin_remove_agent_number(struct store_admin *admin,
                                                       const char *tenant, enum agent_list list,
                                                       const char *number, struct fault *fault);

struct new_app_key {
    char key[APP_KEY_SIZE];
    char secret[APP_SECRET_SIZE]; /* only its SHA-256 is kept; the caller wipes it */
};
MUST_CHECK enum status store_admin_create_app_key(struct store_admin *admin, const char *tenant,
                                                  struct new_app_key *out, struct fault *fault);
/* Makes another one; the old one, and what was issued to it, is good for so long yet. */
MUST_CHECK enum status store_admin_rotate_app_key(struct store_admin *admin, const char *tenant,
                                                  const char *key, int64_t overlap_ms,
                                                  struct new_app_key *out, struct fault *fault);
MUST_CHECK enum status store_admin_disable_app_key(struct store_admin *admin, const char *tenant,
                                                   const char *key, struct fault *fault);

/* The violations may hold some already: of rules that only the caller can check. */
MUST_CHECK enum status store_admin_change_settings(struct store_admin *admin, const char *tenant,
                                                   const struct settings_change *change,
                                                   int64_t version, struct violations *violations,
                                                   struct fault *fault);
/* When the ITA last pushed a CDR of the tenant, among its last thousand calls and the last thousand
 * CDRs of all; 0: never, or longer ago. */
MUST_CHECK enum status store_admin_last_push(struct store_admin *admin, int64_t tenant_id,
                                             int64_t *at_ms, struct fault *fault);

/* All of them or none: what is wrong is told of each. */
MUST_CHECK enum status store_admin_add_x_numbers(struct store_admin *admin, const char *tenant,
                                                 const struct number_list *numbers,
                                                 struct violations *violations,
                                                 struct fault *fault);
/* The last one stays while the allocation mode is Specified. */
MUST_CHECK enum status store_admin_remove_x_numbers(struct store_admin *admin, const char *tenant,
                                                    char *const *numbers, size_t count,
                                                    struct fault *fault);

/* A locked one gets no new calls; those that stand on it go on. */
MUST_CHECK enum status store_admin_lock_x_number(struct store_admin *admin, const char *tenant,
                                                 const char *number, bool is_locked,
                                                 struct fault *fault);

/* DER or PEM. Replaces the one of that name. The name is CERT_ITA
 * (console.md) or CERT_AICC. */
MUST_CHECK enum status store_admin_install_certificate(struct store_admin *admin, const char *name,
                                                       struct str certificate, struct fault *fault);

/* The callback address trustlist; the caller ends it with callback_trust_finish(). */
MUST_CHECK enum status store_admin_read_callback_trust(struct store_admin *admin,
                                                       struct callback_trust *out,
                                                       struct fault *fault);
MUST_CHECK enum status store_admin_add_callback_trust(struct store_admin *admin, struct str entry,
                                                      struct callback_trust_entry *out,
                                                      struct violations *violations,
                                                      struct fault *fault);
enum { CALLBACK_TRUST_AFFECTED_MAX = 100 }; /* more are counted only */
/* Tenants with a saved URL that no entry admits any more. */
struct callback_trust_affected {
    size_t count;
    char tenants[CALLBACK_TRUST_AFFECTED_MAX][TENANT_NAME_MAX + 1];
};
/* In whatever way the entry is written. Trust can be withdrawn at any time: callbacks to URLs that
 * needed it fail from then on. */
MUST_CHECK enum status store_admin_remove_callback_trust(struct store_admin *admin,
                                                         struct str entry,
                                                         struct callback_trust_affected *out,
                                                         struct fault *fault);

struct audit_page {
    const char *tenant; /* NULL: of all */
    int64_t before_id;  /* 0: from the newest */
    int64_t limit;
};
/* Newest first; text is borrowed within each(). */
struct audit_entry {
    int64_t id;
    int64_t at_ms;
    struct str who, tenant, action, detail;
};
MUST_CHECK enum status
store_admin_read_audit(struct store_admin *admin, const struct audit_page *page,
                       void (*each)(void *data, const struct audit_entry *entry), void *data,
                       struct fault *fault);

#endif
