/* The instance lock of a database. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "gateway/store/store_engine.h"

enum { PATH_BYTES_MAX = 4096 };

enum status store_take_lock(const char *database, int *fd, struct fault *fault)
{
    char path[PATH_BYTES_MAX];
    int len = snprintf(path, sizeof(path), "%s.lock", database);
    if (len < 0 || (size_t)len >= sizeof(path))
        return fault_set(fault, ERR_TOO_BIG, "%s: path too long", database);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        return fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return OK;
    return errno == EWOULDBLOCK
               ? fault_set(fault, ERR_BUSY, "%s: another ita-gateway serves from it", database)
               : fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
}
