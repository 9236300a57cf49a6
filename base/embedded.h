#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

/* Files that the Makefile compiles in (EMBEDDED_PART there). The name is the path with '_' for
 * every other character: EMBEDDED_FILE(mock_ita_openapi_json) declares it, EMBEDDED_STR(...) is its
 * bytes.
 */

#include "base/str.h"

#define EMBEDDED_FILE(name)                                                                        \
    extern const char name[];                                                                      \
    extern const uint64_t name##_size

#define EMBEDDED_STR(name) str_from(name, (size_t)name##_size)

#endif
