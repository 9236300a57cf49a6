#ifndef BASE_TABLE_H
#define BASE_TABLE_H

/* Hash tables are uthash (HASH_ADD, HASH_FIND, HASH_ITER ...) on memory from base/mem.h. Include
 * this, never <uthash.h>. Keys that strangers choose: uthash's hash has no secret, so such a table
 * must be bounded (uthash stops expanding a table whose chains stay long and then walks them). */

#include "base/mem.h"

#define uthash_malloc(size) mem_alloc(size)
#define uthash_free(ptr, size) mem_free(ptr)

#include <uthash.h>

#endif
