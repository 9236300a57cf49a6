#ifndef PROFILE_COMPILE_H
#define PROFILE_COMPILE_H

/* From a profile's JSON to what encoding and decoding read: every rule of docs/wire-profile.md. */

#include "profile/profile.h"

/* Fills the profile from profile->json, which has every member. On a fault what was filled so far
 * stays for profile_release(). */
MUST_CHECK enum status profile_compile(struct profile *profile, struct fault *fault);

#endif
