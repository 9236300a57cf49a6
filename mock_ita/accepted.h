#ifndef MOCK_ITA_ACCEPTED_H
#define MOCK_ITA_ACCEPTED_H

/* The signed requests that were carried out, so that an identical one is known for a replay while
 * its date still holds (signing.md, 11.9). Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"

enum {
    MOCK_ACCEPTED_MAX = 100000, /* some 15 MB. The oldest makes room: a test tool refuses no request
                                   that is good, however many there are. */
};

struct mock_accepted;

struct mock_accepted *mock_accepted_create(void);
void mock_accepted_destroy(struct mock_accepted *accepted); /* takes NULL */
void mock_accepted_add(struct mock_accepted *accepted, const uint8_t identity[static SHA256_SIZE],
                       int64_t valid_until_ms);
/* Forgets what is no longer valid. */
bool mock_accepted_has(struct mock_accepted *accepted, const uint8_t identity[static SHA256_SIZE],
                       int64_t now_ms);
void mock_accepted_clear(struct mock_accepted *accepted);

#endif
