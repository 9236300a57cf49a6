#ifndef GATEWAY_ADMIN_API_SETTINGS_FIELDS_H
#define GATEWAY_ADMIN_API_SETTINGS_FIELDS_H

/* The form of console.md as JSON, both ways. */

#include "gateway/admin_api/admin_request.h"

/* What is left out is not set any more, but a secret, and what neither the type nor the
 * authentication mode uses: those stay. Borrows from the fields' object and from profile, which
 * holds the wire profile as text. */
void settings_fields_read(struct fields *fields, struct buf *profile,
                          struct settings_change *change);
/* Members of an object; secrets only as whether they are set, and since when. */
void settings_fields_write(struct json_writer *w, const struct tenant *tenant);
/* "warnings": [...] */
void settings_fields_write_warnings(struct json_writer *w, const struct violations *warnings);

#endif
