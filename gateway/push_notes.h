#ifndef GATEWAY_PUSH_NOTES_H
#define GATEWAY_PUSH_NOTES_H

/* Why CDR pushes were refused since the start: by the AccessKey that they named, which proves
 * nothing, but tells an operator whom to ask. In memory, bounded; no signature, no secret. */

#include "base/str.h"
#include "ita/verify.h"
#include "net/http_server.h"

struct push_notes;

enum {
    PUSH_NOTE_REASONS = ITA_VERIFY_SLOWED + 1,
    PUSH_ASTRAY_PATH_MAX = 160, /* of a path that is shown: the right one has 72 characters */
};

struct push_note {
    uint64_t count;
    int64_t last_ms; /* wall time; 0: none */
    enum ita_verify_result last;
    bool is_astray;      /* instead: the last came by no route */
    struct fault detail; /* of the last; may be empty. Astray: "POST /path: 404" */
};

struct push_notes *push_notes_create(void);
void push_notes_destroy(struct push_notes *notes); /* takes NULL */
/* access_key: empty for a push that named none of a tenant's. */
void push_notes_refused(struct push_notes *notes, struct str access_key,
                        const struct ita_verification *verified, int64_t now_ms);
/* A push with the body of a self-test: kept apart, as it tells nothing of the ITA and would hide
 * what does. */
void push_notes_refused_self_test(struct push_notes *notes, const struct ita_verification *verified,
                                  int64_t now_ms);
/* A signed request that the server answered by itself: most often a push to a URL that is not the
 * gateway's. Nothing of it was checked. */
void push_notes_astray(struct push_notes *notes, struct str access_key,
                       const struct http_request *request, int status, int64_t now_ms);
uint64_t push_notes_astray_count(const struct push_notes *notes);
/* How many were refused for that reason, whatever they named or held. */
uint64_t push_notes_count(const struct push_notes *notes, enum ita_verify_result reason);
/* A copy; zeroed when none was refused. */
void push_notes_find(struct push_notes *notes, struct str access_key, struct push_note *out);
/* Of self-tests, whatever AccessKey they named. */
void push_notes_find_self_test(const struct push_notes *notes, struct push_note *out);

#endif
