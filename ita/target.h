#ifndef ITA_TARGET_H
#define ITA_TARGET_H

/* The canonical form of a request target, as signing.md, section 4 signs it, and the rules by which
 * targets are refused. Pure. */

#include "base/buf.h"
#include "base/fault.h"

enum {
    ITA_TARGET_MAX =
        16 * 1024,            /* a target stands in a head of at most 16 KiB (net/http_server.h) */
    ITA_PARAMETERS_MAX = 128, /* of one query: they are sorted by insertion */
};

/* Each takes less than the one before. All refuse what section 4 gives no meaning: malformed '%',
 * NUL, '#', raw white space and control bytes, bytes that are not UTF-8. */
enum ita_target_rules {
    /* Our own requests: also none of the inputs of section 4.1, on which signers differ. */
    ITA_TARGET_AGREED,
    /* What we verify: also no path that two readers may take for different resources (section
     * 11.7): dot segments, empty segments, an encoded '/', '\', and no empty parameter names. */
    ITA_TARGET_UNAMBIGUOUS,
    /* Section 4 to the letter: for comparing with other signers. */
    ITA_TARGET_LITERAL,
};

/* Splits an origin-form target at its first '?'. An empty path is allowed and means "/". */
void ita_target_split(struct str target, struct str *path, struct str *query);

/* Appends CanonicalURI and CanonicalQuery. ERR_SYNTAX, ERR_INVALID or ERR_TOO_BIG; a full out is
 * for the caller to see (buf_is_over). */
MUST_CHECK enum status ita_target_append_path(struct str path, enum ita_target_rules rules,
                                              struct buf *out, struct fault *fault);
MUST_CHECK enum status ita_target_append_query(struct str query, enum ita_target_rules rules,
                                               struct buf *out, struct fault *fault);

#endif
