#ifndef ITA_MISTAKE_H
#define ITA_MISTAKE_H

/* The mistakes that signers make, each as what it does to one line of the canonical request:
 * whoever compares two of them can say not only where they differ but what the peer does wrong.
 * Pure. */

#include "ita/sign.h"

/* The lines of a canonical request (signing.md, section 3). */
#define ITA_PART_MAP(X)                                                                            \
    X(ITA_PART_METHOD, "method")                                                                   \
    X(ITA_PART_URI, "canonical URI")                                                               \
    X(ITA_PART_QUERY, "canonical query")                                                           \
    X(ITA_PART_HEADER, "canonical headers")                                                        \
    X(ITA_PART_GAP, "empty line after the headers")                                                \
    X(ITA_PART_NAMES, "list of signed headers")                                                    \
    X(ITA_PART_HASH, "hash of the body")

enum ita_part {
#define X(name, text) name,
    ITA_PART_MAP(X)
#undef X
};
const char *ita_part_text(enum ita_part part);

/* What turns our line into theirs, in words; NULL when no mistake does that is known. */
const char *ita_mistake_find(enum ita_part part, const struct ita_request *request, struct str ours,
                             struct str theirs);
/* What turns our canonical request into one with that SHA-256 (hexadecimal): a mistake in one of
 * its lines. The part goes to *part. */
const char *ita_mistake_find_by_hash(const struct ita_request *request, struct str canonical,
                                     struct str hash_hex, enum ita_part *part);

/* Which part line number `index` (from 0) is of a canonical request with so many signed headers. */
enum ita_part ita_part_of_line(size_t index, size_t header_count);

#endif
