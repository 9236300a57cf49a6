#ifndef MOCK_ITA_CALLBACK_PUSH_H
#define MOCK_ITA_CALLBACK_PUSH_H

/* How the callbacks of the AICC are sent (agent-api.md, section 10): to the URLs of its console, or
 * the hang-up callback to what createCall named. */

#include "mock_ita/pusher.h"

struct mock_callback_push;

struct mock_callback_push_options {
    const char *connection_url, *hang_up_url; /* NULL: there is none */
    const char *shared_key;                   /* NULL: nothing is signed; else everything */
};

/* Keeps the texts. */
struct mock_callback_push *
mock_callback_push_create(const struct mock_callback_push_options *options);
void mock_callback_push_destroy(struct mock_callback_push *self); /* takes NULL */
struct mock_push_writer mock_callback_push_writer(struct mock_callback_push *self);

#endif
