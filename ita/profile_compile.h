#ifndef ITA_PROFILE_COMPILE_H
#define ITA_PROFILE_COMPILE_H

/* From a profile's JSON to what encoding and decoding read: every rule of docs/wire-profile.md. */

#include "ita/profile.h"

/* Fills the profile from profile->json, which has every member. On a fault what was filled so far
 * stays for ita_profile_release(). */
MUST_CHECK enum status ita_profile_compile(struct ita_profile *profile, struct fault *fault);

#endif
