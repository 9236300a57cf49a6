#ifndef BASE_FILE_H
#define BASE_FILE_H

/* Whole small files: configuration, keys, certificates. Blocking: not for the loop thread once it
 * runs. */

#include "base/buf.h"
#include "base/fault.h"

/* Appends the file's bytes; ERR_TOO_BIG past buf->max. The fault names the path and the reason. */
MUST_CHECK enum status file_read(const char *path, struct buf *out, struct fault *fault);
/* Replaces the file in one step (temporary file, fsync, rename), with the mode given; of a link the
 * file that it leads to. A device or pipe is written to and stays what it is. */
MUST_CHECK enum status file_write(const char *path, struct str bytes, unsigned mode,
                                  struct fault *fault);
/* As file_write(), but ERR_EXISTS when the file is there already. */
MUST_CHECK enum status file_create(const char *path, struct str bytes, unsigned mode,
                                   struct fault *fault);
/* Gives a file its name in one step, durably: its bytes are synced already, and it lies in the same
 * folder. ERR_EXISTS when the name is taken and must not be replaced; then nothing has changed. */
MUST_CHECK enum status file_put(const char *fresh, const char *path, bool may_replace,
                                struct fault *fault);

#endif
