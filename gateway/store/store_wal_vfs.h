#ifndef GATEWAY_STORE_STORE_WAL_VFS_H
#define GATEWAY_STORE_STORE_WAL_VFS_H

/* SQLite writes each page of a commit to its write-ahead log with two system calls. Through this
 * VFS they are collected and written with one, before the sync that makes the commit durable. All
 * else, and every other file, is left to SQLite's own VFS.
 *
 * For connections with synchronous = FULL only: what is collected must be in the file before other
 * connections are told of it, and only the sync shows when that is. */

#include <stdint.h>

struct sqlite3;

/* The name to open a database with; NULL is SQLite's own VFS, which does as well. */
const char *store_wal_vfs(void);
/* What a transaction that was rolled back had collected must never be written: another process may
 * have written to the same place since. Installs itself as the connection's rollback hook. */
void store_wal_watch(struct sqlite3 *db);
/* What syncing the connection's log has taken since this was last asked; 0: it was not synced, or
 * the VFS is another. */
int64_t store_wal_sync_us(struct sqlite3 *db);

#endif
