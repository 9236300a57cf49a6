/* The instance lock of a database. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "gateway/store/store_engine.h"

enum {
    PATH_BYTES_MAX = 4096,
    PID_BYTES_MAX = 16, /* of a process id, its newline and NUL */
};

/* For whoever is refused: only the lock itself says that there is somebody. A full disk keeps none.
 */
static void tell_who(int fd)
{
    if (ftruncate(fd, 0) == 0)
        (void)dprintf(fd, "%d\n", (int)getpid());
}

static enum status refuse(int fd, const char *database, struct fault *fault)
{
    char text[PID_BYTES_MAX] = "";
    uint64_t pid = 0;
    ssize_t len = pread(fd, text, sizeof(text), 0);
    if (len < 2 || str_parse_u64(str_from(text, (size_t)len - 1), &pid) != OK)
        return fault_set(fault, ERR_BUSY, "%s: another ita-gateway serves from it", database);
    return fault_set(fault, ERR_BUSY, "%s: another ita-gateway, process %d, serves from it",
                     database, (int)pid);
}

enum status store_take_lock(const char *database, int *fd, struct fault *fault)
{
    char path[PATH_BYTES_MAX];
    int len = snprintf(path, sizeof(path), "%s.lock", database);
    if (len < 0 || (size_t)len >= sizeof(path))
        return fault_set(fault, ERR_TOO_BIG, "%s: path too long", database);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        return fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) {
        tell_who(*fd);
        return OK;
    }
    return errno == EWOULDBLOCK ? refuse(*fd, database, fault)
                                : fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
}
