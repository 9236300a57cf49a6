#ifndef ITA_ANSWER_H
#define ITA_ANSWER_H

/* What the ITA's answer to a request, or its absence, means: the outcome, and whether asking again
 * is safe (ita-api.md, "Calling safely"). Pure: the time is passed in. */

#include "net/http_client.h"
#include "profile/profile.h"
#include "upstream/reply.h"

enum {
    ITA_ANSWER_MAX = 64 * 1024, /* bytes of body; a larger one is not read */
    ITA_CALL_ID_MAX = 128,      /* CALL_ID_MAX of gateway/call.h */
    ITA_TEL_X_MAX = 32,
    ITA_URL_MAX = 2048,
};

enum ita_outcome {
    ITA_ACCEPTED,
    ITA_REFUSED, /* surely not done; `code` says why */
    ITA_UNKNOWN, /* may have been done: never try again, wait for the CDR */
};

enum ita_again {
    ITA_AGAIN_NEVER,
    ITA_AGAIN_SAFE,   /* it was surely not done, or doing it twice is no harm */
    ITA_AGAIN_RESIGN, /* refused because our clock differs from server_ms: once, with its time */
};

struct ita_answer {
    struct json *json; /* owns the text that came from the ITA; NULL when none did */
    enum ita_outcome outcome;
    struct str code;                         /* one of the 21, or "0" */
    struct str native_code;                  /* as the ITA said it; may be empty */
    char code_digits[JSON_TEXT_NUMBER_SIZE]; /* of a native code that came as a number */
    char native_message[REPLY_MESSAGE_MAX];  /* NUL-terminated; long runs of digits are masked */
    struct str call_id, tel_x, url;
    char why[160]; /* one line for the log */
    enum ita_again again;
    int64_t wait_ms;   /* what Retry-After asks for; -1: nothing */
    int64_t server_ms; /* the ITA's clock, for ITA_AGAIN_RESIGN */
    bool is_answered;  /* a whole HTTP answer came */
    bool is_failing;   /* and says that the ITA or a proxy before it is not well */
};

/* now_ms: wall time, for Retry-After as a date. *out must not move; the caller ends it with
 * ita_answer_finish(). */
void ita_answer_read(const struct profile *profile, enum profile_action action,
                     const struct http_fetch_result *fetched, int64_t now_ms,
                     struct ita_answer *out);
/* A verdict of the client's own. */
void ita_answer_refuse(struct ita_answer *answer, struct str code, const char *why);
void ita_answer_accept(struct ita_answer *answer, const char *why);
/* Blots a word out of the native message: the gateway before the ITA quotes AccessKeys. */
void ita_answer_hide(struct ita_answer *answer, struct str word);
void ita_answer_finish(struct ita_answer *answer); /* takes a zeroed one */

#endif
