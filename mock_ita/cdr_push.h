#ifndef MOCK_ITA_CDR_PUSH_H
#define MOCK_ITA_CDR_PUSH_H

/* How a CDR is pushed to the gateway (agent-api.md, section 9): its body, signed with the key of
 * the call's order. */

#include "mock_ita/keys.h"
#include "mock_ita/pusher.h"

struct mock_cdr_push;

/* Copies the URL, which passed mock_url_parse(); NULL: they go nowhere. Keeps the keys. */
struct mock_cdr_push *mock_cdr_push_create(const char *url, const struct mock_keys *keys);
void mock_cdr_push_destroy(struct mock_cdr_push *self); /* takes NULL */
struct mock_push_writer mock_cdr_push_writer(struct mock_cdr_push *self);

#endif
