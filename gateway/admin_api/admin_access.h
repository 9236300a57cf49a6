#ifndef GATEWAY_ADMIN_API_ADMIN_ACCESS_H
#define GATEWAY_ADMIN_API_ADMIN_ACCESS_H

/* Who makes a request, and whether he may: credentials, CSRF, the route's admission. */

#include "gateway/admin_api/admin_request.h"
#include "gateway/store/store_accounts.h"

enum { CSRF_TOKEN_SIZE = 43 + 1 };

/* What was shown to be let in, to be looked at again later. A secret: whoever has it wipes it. */
struct admin_credential {
    bool is_api_key;
    char text[ADMIN_PARAM_SIZE];
    bool is_operator; /* a subcommand's: the text is good for a minute, who opened with it stays */
};

extern const char ADMIN_SESSION_COOKIE[];

/* It is for metrics, and metrics-access lets whoever it comes from read them. */
bool admin_access_is_scraper(const struct admin_request *request);
/* A number for what is shown to be let in, good or not; 0 when nothing is. */
uint64_t admin_access_owner(const struct admin_request *request);
/* On the lane's thread, before the handler: fills request->who. Answers when it gives false. */
bool admin_access_check(struct admin_request *request);
/* Of a request that was let in. */
void admin_access_credential(const struct admin_request *request, struct admin_credential *out);
/* On a lane's thread: whether its holder would still be let in to what is the tenant's
 * (ADMIT_TENANT). No use of his session. */
bool admin_access_is_good(struct store_admin *store, const struct session_limits *limits,
                          const struct admin_credential *credential, const char *tenant,
                          struct administrator *who);
/* The value of the request's cookie of that name; ptr NULL when there is none, or more than one. */
struct str admin_access_cookie(const struct admin_request *request, struct str name);
/* Headers of the answer, which has begun. */
void admin_access_set_cookie(struct admin_request *request, const char *token);
void admin_access_forget_cookie(struct admin_request *request);
/* What X-CSRF-Token must say: it follows from the session's token, so nothing more is stored, and
 * tells nothing about it. */
void admin_access_csrf_token(struct str session_token, char out[static CSRF_TOKEN_SIZE]);

#endif
