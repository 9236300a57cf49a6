#include "gateway/master_key.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/mem.h"

enum { FILE_SIZE = 2 * SEAL_KEY_SIZE + 1 }; /* digits and a newline */

static enum status create(const char *path, struct fault *fault)
{
    uint8_t key[SEAL_KEY_SIZE];
    char storage[FILE_SIZE];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    random_bytes(key, sizeof(key));
    hex_append(&text, str_from(key, sizeof(key)));
    buf_append_byte(&text, '\n');
    enum status status = file_create(path, buf_str(&text), 0600, fault);
    mem_wipe(storage, sizeof(storage));
    mem_wipe(key, sizeof(key));
    /* Another program was first: its key is as good. */
    return status == ERR_EXISTS ? OK : status;
}

static enum status check_mode(const char *path, struct fault *fault)
{
    struct stat seen;
    if (stat(path, &seen) != 0)
        return fault_set(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                         strerror(errno));
    if (!S_ISREG(seen.st_mode))
        return fault_set(fault, ERR_INVALID, "%s: the master key must be a regular file", path);
    if ((seen.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fault_set(fault, ERR_DENIED,
                         "%s: the master key must be for its owner only (chmod 600)", path);
    return OK;
}

static enum status read_key(const char *path, uint8_t key[static SEAL_KEY_SIZE],
                            struct fault *fault)
{
    char storage[FILE_SIZE];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    enum status status = file_read(path, &text, fault);
    if (status == OK || status == ERR_TOO_BIG) {
        struct str digits = buf_str(&text);
        if (str_ends(digits, STR("\n")))
            digits.len--;
        if (status == ERR_TOO_BIG || hex_decode(digits, key, SEAL_KEY_SIZE) != OK)
            status =
                fault_set(fault, ERR_SYNTAX,
                          "%s: the master key must be one line of 64 hexadecimal digits", path);
    }
    mem_wipe(storage, sizeof(storage));
    return status;
}

enum status master_key_load(const char *path, const char *database,
                            uint8_t key[static SEAL_KEY_SIZE], struct fault *fault)
{
    enum status status = check_mode(path, fault);
    if (status == ERR_NOT_FOUND && access(database, F_OK) == 0)
        return fault_set(fault, ERR_NOT_FOUND,
                         "%s: missing, but %s is there and was sealed with it; restore the key",
                         path, database);
    if (status == ERR_NOT_FOUND) {
        status = create(path, fault);
        if (status == OK)
            status = check_mode(path, fault);
    }
    return status == OK ? read_key(path, key, fault) : status;
}
