#ifndef GATEWAY_CALLBACK_CALLBACK_TRIMMER_H
#define GATEWAY_CALLBACK_CALLBACK_TRIMMER_H

/* Deletes callbacks of long ago that are delivered or dead, in small steps. */

#include <stdint.h>

struct callback_trimmer;
struct gateway;

/* keep_ms: counted from the beginning of their call. */
struct callback_trimmer *callback_trimmer_create(struct gateway *gateway, int64_t keep_ms);
/* The store is closed after it. */
void callback_trimmer_stop(struct callback_trimmer *trimmer); /* takes NULL */
/* When the loop has ended. */
void callback_trimmer_destroy(struct callback_trimmer *trimmer); /* takes NULL */

#endif
