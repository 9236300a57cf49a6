#ifndef GATEWAY_STORE_STORE_ACCOUNT_ROWS_H
#define GATEWAY_STORE_STORE_ACCOUNT_ROWS_H

/* What the files of store_accounts.h share. For store*.c only. */

#include "gateway/store/store_accounts.h"
#include "gateway/store/store_admin_change.h"

/* Stored text into an array of that size; what would not fit, which is never stored, is cut. */
void store_copy_text(sqlite3_stmt *row, int at, char *out, size_t size);
/* A row of USER_COLUMNS. */
void store_read_user_row(sqlite3_stmt *row, struct user *out);
/* ERR_NOT_FOUND with a fault. In whatever transaction there is. */
MUST_CHECK enum status store_find_user(struct store_admin *admin, struct str name, struct user *out,
                                       struct fault *fault);
/* So many random bytes in Base64url, behind the prefix; out has room for both and a NUL. */
void store_random_text(const char *prefix, size_t bytes, char *out, size_t size);
/* ERR_STALE unless the version is 0 or the row's. */
MUST_CHECK enum status store_check_version(int64_t version, int64_t found, struct fault *fault);
/* Role and name of somebody new; the tenant may be NULL. */
MUST_CHECK enum status store_check_account(const char *name, enum role role, const char *tenant,
                                           struct fault *fault);

#endif
