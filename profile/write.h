#ifndef PROFILE_WRITE_H
#define PROFILE_WRITE_H

/* Requests, written by the wire profile. */

#include "profile/profile.h"

/* A time as the profile has {subTime}. */
void profile_append_time(const struct profile *profile, int64_t wall_ms, struct buf *out);
/* Appends the body of a request; nothing when the form has none. ERR_TOO_BIG when a member or the
 * whole is; the fault names the member. */
MUST_CHECK enum status profile_write_request(const struct profile_form *form,
                                             const struct profile_values *values, struct buf *out,
                                             struct fault *fault);

#endif
