#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status io_fault(struct fault *fault, const char *path)
{
    enum status status = errno == ENOENT ? ERR_NOT_FOUND : errno == EEXIST ? ERR_EXISTS : ERR_IO;
    return fault_set(fault, status, "%s: %s", path, strerror(errno));
}

enum status file_read(const char *path, struct buf *out, struct fault *fault)
{
    enum status status = OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return io_fault(fault, path);
    for (;;) {
        char chunk[4096];
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = io_fault(fault, path);
        if (got <= 0)
            break;
        buf_append(out, str_from(chunk, (size_t)got));
        if (buf_is_over(out)) {
            status = fault_set(fault, ERR_TOO_BIG, "%s: larger than %zu bytes", path, out->max);
            break;
        }
    }
    close(fd);
    return status;
}

static enum status write_whole(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.ptr, bytes.len);
        if (wrote < 0 && errno != EINTR)
            return ERR_IO;
        if (wrote > 0)
            bytes = str_slice(bytes, (size_t)wrote, bytes.len);
    }
    return OK;
}

/* A new file beside path holding bytes; its name in fresh. */
static enum status write_beside(const char *path, struct str bytes, unsigned mode, char *fresh,
                                size_t fresh_size, struct fault *fault)
{
    int len = snprintf(fresh, fresh_size, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= fresh_size)
        return fault_set(fault, ERR_TOO_BIG, "%s: path too long", path);
    int fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0)
        return io_fault(fault, path);
    enum status status = OK;
    if (write_whole(fd, bytes) != OK || fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0) {
        status = io_fault(fault, path);
        unlink(fresh);
    }
    close(fd);
    return status;
}

/* The new name itself must be on disk, or a power cut brings the old file back. */
static enum status sync_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    int len = slash == NULL ? snprintf(folder, sizeof(folder), ".")
                            : snprintf(folder, sizeof(folder), "%.*s/", (int)(slash - path), path);
    if (len < 0 || (size_t)len >= sizeof(folder))
        return ERR_TOO_BIG;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    enum status status = fsync(fd) == 0 ? OK : ERR_IO;
    close(fd);
    return status;
}

/* A terminal, a pipe, /dev/null: to be written to, and never to be replaced by a file. */
static bool is_device(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

static enum status write_device(const char *path, struct str bytes, struct fault *fault)
{
    int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return io_fault(fault, path);
    enum status status = write_whole(fd, bytes) == OK ? OK : io_fault(fault, path);
    close(fd);
    return status;
}

enum status file_write(const char *path, struct str bytes, unsigned mode, struct fault *fault)
{
    char fresh[4096], target[PATH_MAX];
    if (is_device(path))
        return write_device(path, bytes, fault);
    if (realpath(path, target) != NULL) /* not the link that leads there */
        path = target;
    enum status status = write_beside(path, bytes, mode, fresh, sizeof(fresh), fault);
    if (status != OK)
        return status;
    if (rename(fresh, path) != 0 || sync_folder(path) != OK) {
        status = io_fault(fault, path);
        unlink(fresh);
    }
    return status;
}

enum status file_create(const char *path, struct str bytes, unsigned mode, struct fault *fault)
{
    char fresh[4096];
    enum status status = write_beside(path, bytes, mode, fresh, sizeof(fresh), fault);
    if (status != OK)
        return status;
    /* link() refuses an existing name, so two programs that start at once agree on one file. */
    if (link(fresh, path) != 0 || sync_folder(path) != OK)
        status = io_fault(fault, path);
    unlink(fresh);
    return status;
}

enum status file_put(const char *fresh, const char *path, bool may_replace, struct fault *fault)
{
    /* link() refuses an existing name, which rename() would replace. */
    if (may_replace ? rename(fresh, path) != 0 : link(fresh, path) != 0)
        return io_fault(fault, path);
    if (!may_replace)
        unlink(fresh);
    return sync_folder(path) == OK ? OK : io_fault(fault, path);
}
