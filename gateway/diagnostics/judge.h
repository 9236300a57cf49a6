#ifndef GATEWAY_DIAGNOSTICS_JUDGE_H
#define GATEWAY_DIAGNOSTICS_JUDGE_H

/* From what was seen to a step's result, cause and remedy. Pure: whoever looked hands in values.
 * Each function fills one step. */

#include "gateway/aicc_notes.h"
#include "gateway/diagnostics/diagnosis.h"
#include "gateway/push_notes.h"
#include "gateway/registry.h"
#include "ita/client.h"
#include "net/tls_probe.h"

/* When people should begin to act: a new certificate takes them some weeks (issue of the console,
 * and what authorities warn at). */
#define JUDGE_EXPIRY_WARNING_MS (INT64_C(30) * 24 * 60 * 60 * 1000)

/* --- judge_connection.c: the way to a server --- */

/* What is called what; the same words in both languages. */
struct judge_peer {
    const char *name;        /* "ITA" */
    const char *certificate; /* "CERT_ITA" */
    const char *path;        /* of what is asked there: its certificate is downloaded from there */
    const char *file;        /* ... into this */
};
extern const struct judge_peer judge_ita, judge_aicc;

struct judge_server {
    const struct judge_peer *peer;
    const char *host; /* without brackets */
    uint16_t port;
    bool is_plain;
    bool has_certificate; /* the peer's is installed, and all that is trusted */
    const struct tls_certificate *certificate; /* it, when it is installed */
};
void judge_name(struct diagnosis_step *step, const struct judge_server *server,
                const struct tls_probe_result *seen);
void judge_tcp(struct diagnosis_step *step, const struct judge_server *server,
               const struct tls_probe_result *seen);
void judge_tls(struct diagnosis_step *step, const struct judge_server *server,
               const struct tls_probe_result *seen, int64_t now_ms);

/* --- judge_answer.c: what the ITA said to the harmless request --- */

struct judge_request {
    const char *operation; /* "recording of a call that cannot exist"; NULL: none can be asked */
    enum http_outcome outcome;
    char why[HTTP_WHY_MAX]; /* when not answered */
    int status;
    bool is_held; /* not asked at all: the AccessKey is held back for held_ms more */
    int64_t held_ms;
    char native_code[64], native_message[REPLY_MESSAGE_MAX];
    enum ita_outcome meaning;
    bool has_clock;         /* the ITA told its time: */
    int64_t clock_ahead_ms; /* it is ahead of ours by so much */
    int64_t clock_error_ms; /* give or take */
    bool was_resigned;      /* asked a second time, signed with the ITA's time */
};
void judge_answer(struct diagnosis_step *step, const struct judge_request *request);
void judge_clock(struct diagnosis_step *step, const struct judge_request *request);
void judge_credentials(struct diagnosis_step *step, const struct judge_request *request);
/* What the answer tells of the AccessKey. */
enum ita_key_verdict judge_key(const struct judge_request *request);

/* --- judge_aicc.c: what an AICC made of the app key, and what it sends --- */

struct judge_token {
    bool is_held; /* not asked at all: the app key is held back for held_ms more */
    int64_t held_ms;
    enum http_outcome outcome;
    char why[HTTP_WHY_MAX]; /* when not answered */
    int status;
    int64_t wait_ms;               /* what Retry-After asks for; -1: nothing */
    char words[REPLY_MESSAGE_MAX]; /* the AICC's, masked */
    bool is_granted;
    int64_t good_s; /* for how long, when it was granted */
};
void judge_token(struct diagnosis_step *step, const struct judge_token *token);
/* unknown: those whose path names no tenant. */
void judge_aicc_callbacks(struct diagnosis_step *step, const struct aicc_note *note,
                          const struct aicc_note *unknown);

/* --- judge_tenant.c: what is saved, and what has been seen of the tenant --- */

void judge_settings(struct diagnosis_step *step, const struct contract *contract,
                    const struct callback_trust *callback_trust);

struct judge_x_numbers {
    size_t count, locked;
    bool is_live; /* the daemon counted the following, too */
    size_t free, claimed, resting, blocked;
};
void judge_x_numbers(struct diagnosis_step *step, enum x_mode mode,
                     const struct judge_x_numbers *numbers);

struct judge_pushes {
    int64_t received_ms;             /* the last of the tenant; 0: none */
    const struct push_note *refused; /* with the tenant's AccessKey; NULL: only the daemon knows */
    const struct push_note *unknown; /* with no AccessKey that any tenant has */
    const char *public_host;         /* NULL: any */
};
void judge_pushes(struct diagnosis_step *step, const struct judge_pushes *pushes);

/* Those that named no AccessKey of a tenant's: for the system administrator. */
void judge_unknown_pushes(struct diagnosis_step *step, const struct push_note *unknown,
                          const char *public_host);

enum judge_callback_state {
    JUDGE_CALLBACK_FINE,
    JUDGE_CALLBACK_UNTRUSTED, /* by the callback address trustlist */
    JUDGE_CALLBACK_UNRESOLVED,
    JUDGE_CALLBACK_FORBIDDEN, /* an address that callbacks never go to */
};
struct judge_callback {
    const char *field; /* "hangupCallbackUrl" */
    char host[CALLBACK_HOST_MAX + 1];
    enum judge_callback_state state;
};
void judge_callbacks(struct diagnosis_step *step, const struct judge_callback *callbacks,
                     size_t count);

/* --- judge_public_url.c: a signed push that was sent to the gateway's own public URL --- */

struct judge_public_url {
    const char *url;
    enum http_outcome outcome;
    char why[HTTP_WHY_MAX]; /* when not answered */
    int status;
    bool is_proven; /* the answer proves that the push was verified */
    bool is_ours;   /* the answer has the shape of a gateway's refusal; anybody can give it that */
    const struct push_note *refused; /* what this gateway noted of the push; NULL: nothing, or only
                                        the daemon knows */
};
void judge_public_url(struct diagnosis_step *step, const struct judge_public_url *seen);

#endif
