#ifndef MOCK_ITA_BANNER_H
#define MOCK_ITA_BANNER_H

/* What mock-ita says of itself once it serves: where, with which keys, and a curl command that
 * places a call. Pure. */

#include "mock_ita/options.h"
#include "profile/profile.h"

enum { MOCK_BANNER_MAX = 512 * 1024 }; /* a request as long as its profile, quoted, and the rest */

struct mock_banner {
    const struct mock_options *options;
    const struct profile *profile;
    uint16_t port, control_port;
    int64_t now_ms; /* of the signature */
};

/* The URL of what listens on `address`, as a client on this machine reaches it. */
void mock_banner_append_url(struct buf *out, const char *scheme, const char *address,
                            uint16_t port);
/* Several lines; the SecretKey is told only when it was made up. */
void mock_banner_append(struct buf *out, const struct mock_banner *banner);
/* One line. */
void mock_banner_append_line(struct buf *out, const struct mock_banner *banner);
/* A curl command that places a call, signed here: curl can't. Nothing when the profile asks for
 * more than can be made up. */
void mock_banner_append_curl(struct buf *out, const struct mock_banner *banner);
/* {"port","controlPort","url","controlUrl"} and a line feed, for test harnesses. */
void mock_banner_append_ready(struct buf *out, const struct mock_banner *banner);

#endif
