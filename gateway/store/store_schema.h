#ifndef GATEWAY_STORE_STORE_SCHEMA_H
#define GATEWAY_STORE_STORE_SCHEMA_H

/* The tables, as numbered migrations: a database carries the number of the last one it has seen
 * (PRAGMA user_version), and each newer one runs in a transaction of its own. */

#include "base/fault.h"

struct sqlite3;

/* The version this program writes: the number of migrations. */
int store_schema_version(void);
/* Brings the database to store_schema_version(). A newer database, or one of another program, is
 * refused. */
MUST_CHECK enum status store_schema_migrate(struct sqlite3 *db, struct fault *fault);
/* Whether it has that version already; changes nothing. */
MUST_CHECK enum status store_schema_require(struct sqlite3 *db, struct fault *fault);
/* Looks for damage where the time does not grow with the number of calls. */
MUST_CHECK enum status store_schema_check(struct sqlite3 *db, struct fault *fault);

#endif
