#ifndef GATEWAY_ADMIN_API_CONSOLE_FILES_H
#define GATEWAY_ADMIN_API_CONSOLE_FILES_H

/* The console: the files of console/, compiled in and answered as they stand, at `/` (its page) and
 * `/console/...`. They hold nothing that is secret: what the console shows comes from the admin
 * API. */

#include "net/http_server.h"

struct console_files;

struct console_files *console_files_create(void);
/* Takes NULL. */
void console_files_destroy(struct console_files *files);
/* Answers GET / and GET /console/NAME. */
void console_files_answer(struct console_files *files, struct http_exchange *exchange);

#endif
