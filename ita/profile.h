#ifndef ITA_PROFILE_H
#define ITA_PROFILE_H

/* The wire profile: everything that may differ between ITA deployments, as data (ita-api.md, "the
 * wire profile"). Immutable, shared by reference count. */

#include "base/buf.h"
#include "base/fault.h"
#include "base/json.h"

struct ita_profile;

/* The built-in default, as JSON text and ready for use. */
struct str ita_profile_default_text(void);
struct ita_profile *ita_profile_default(void); /* a reference for the caller */
/* The fault names the JSON path and the rule. Members that are absent keep the default's value;
 * unknown ones are a fault. */
MUST_CHECK enum status ita_profile_parse(struct str text, struct ita_profile **out,
                                         struct fault *fault);
struct ita_profile *ita_profile_hold(struct ita_profile *profile);
void ita_profile_release(struct ita_profile *profile); /* takes NULL */
/* Pretty JSON with every member, defaults filled in. */
void ita_profile_print(const struct ita_profile *profile, struct buf *out);

#endif
