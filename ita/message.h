#ifndef ITA_MESSAGE_H
#define ITA_MESSAGE_H

/* A request to the ITA as it goes onto the wire: URL, headers, signature, body, by the account's
 * wire profile. Pure: the time is passed in. */

#include "ita/account.h"
#include "net/http.h"

enum {
    ITA_MESSAGE_HEADERS_MAX = 5, /* AppKey, X-Sdk-Date, Content-Type, Authorization, traceparent */
    ITA_REQUEST_BODY_MAX = 64 * 1024, /* as PROFILE_TEXT_MAX: a body is hardly longer than its
                                         template */
};

struct ita_message {
    const char *method;
    struct buf url; /* NUL-terminated */
    struct buf body;
    struct http_header
        headers[ITA_MESSAGE_HEADERS_MAX]; /* point into this struct and the account */
    size_t header_count;
    char sdk_date[16];
    struct buf authorization;
};

void ita_message_init(struct ita_message *message);
void ita_message_finish(struct ita_message *message);

/* Encodes and signs anew, replacing what the message held: a signature is good for one date
 * (signing.md, section 5). Sets tenant, appKey, subTime and remark itself; the values hold the
 * rest. wall_ms is the ITA's time. The message must not move afterwards. ERR_INVALID for values
 * that cannot be sent, ERR_NOT_FOUND when the profile does not offer the action. */
MUST_CHECK enum status ita_message_encode(struct ita_message *message,
                                          const struct ita_account *account,
                                          enum profile_action action,
                                          const struct profile_values *values, int64_t wall_ms,
                                          struct fault *fault);

#endif
