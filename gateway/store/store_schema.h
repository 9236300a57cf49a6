#ifndef GATEWAY_STORE_STORE_SCHEMA_H
#define GATEWAY_STORE_STORE_SCHEMA_H

/* The tables, as numbered migrations: a database carries the number of the last one it has seen
 * (PRAGMA user_version), and each newer one runs in a transaction of its own. */

#include <stdint.h>

#include "base/fault.h"

struct sqlite3;

/* The version this program writes: the number of migrations. */
int store_schema_version(void);
/* Brings the database to store_schema_version(). A newer database, or one of another program, is
 * refused. */
MUST_CHECK enum status store_schema_migrate(struct sqlite3 *db, struct fault *fault);
/* Whether it has that version already; changes nothing. */
MUST_CHECK enum status store_schema_require(struct sqlite3 *db, struct fault *fault);
/* The version that a database of ours has, which may be an older one. ERR_INVALID: it is empty,
 * another program's, or newer than this one. */
MUST_CHECK enum status store_schema_read(struct sqlite3 *db, int64_t *version, struct fault *fault);
/* The number that a statement gives in its first column of its first row. */
MUST_CHECK enum status store_schema_number(struct sqlite3 *db, const char *sql, int64_t *out,
                                           struct fault *fault);
/* Looks for damage where the time does not grow with the number of calls. */
MUST_CHECK enum status store_schema_check(struct sqlite3 *db, struct fault *fault);

#endif
