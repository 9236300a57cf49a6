#ifndef BASE_ENCODING_H
#define BASE_ENCODING_H

/* Bytes as text and back: hexadecimal, Base64 (RFC 4648, section 4 and the URL alphabet of section
 * 5), percent. */

#include "base/buf.h"

void hex_append(struct buf *out, struct str bytes); /* lower case */
/* Both cases; exactly 2 * size digits. */
MUST_CHECK enum status hex_decode(struct str text, void *bytes, size_t size);

void base64_append(struct buf *out, struct str bytes);
void base64url_append(struct buf *out, struct str bytes); /* without padding */
/* Strict: canonical padding (base64) or none (base64url), no white space, no stray bits. */
MUST_CHECK enum status base64_decode(struct str text, struct buf *out);
MUST_CHECK enum status base64url_decode(struct str text, struct buf *out);

/* Keeps A-Z a-z 0-9 - _ . ~ and writes %XX, upper case, for every other byte (RFC 3986, 2.3). */
void percent_append(struct buf *out, struct str bytes);
/* ERR_SYNTAX on a '%' without two hexadecimal digits. A '+' stays a '+'. */
MUST_CHECK enum status percent_decode(struct str text, struct buf *out);

#endif
