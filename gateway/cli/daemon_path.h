#ifndef GATEWAY_CLI_DAEMON_PATH_H
#define GATEWAY_CLI_DAEMON_PATH_H

/* Paths of the admin API, made of what an operator typed: each part is escaped. */

#include "gateway/cli/ask_daemon.h"

enum { DAEMON_PATH_MAX = 2048 };

struct daemon_path {
    char storage[DAEMON_PATH_MAX];
    struct buf text;
    bool has_query;
};

/* "/admin/v1" with these segments behind it, up to a NULL. */
void daemon_path_make(struct daemon_path *path, const char *const *segments);
#define daemon_path_init(path, ...) daemon_path_make(path, (const char *const[]){__VA_ARGS__, NULL})
/* Nothing when value is NULL. */
void daemon_path_query(struct daemon_path *path, const char *name, const char *value);
/* The text; ERR_TOO_BIG when an argument was too long for any name or number. */
MUST_CHECK enum status daemon_path_end(struct daemon_path *path, const char **text,
                                       struct fault *fault);

/* Asks for a list page by page, until each() has taken limit items, says false, or there are no
 * more. The path has no limit and no cursor. An item is borrowed within each(). */
MUST_CHECK enum status daemon_each(struct api_client *daemon, const struct daemon_path *path,
                                   int64_t limit, bool (*each)(void *data, const struct json *item),
                                   void *data, struct fault *fault);

#endif
