#ifndef GATEWAY_CLI_API_CLIENT_H
#define GATEWAY_CLI_API_CLIENT_H

/* A blocking client of the agent API and the admin API, for subcommands. */

#include "base/fault.h"
#include "base/json.h"

struct api_client;
struct tls_trust;

/* url: "https://host:port". ca_file: PEM, or NULL for the system's bundle. */
MUST_CHECK enum status api_client_open(const char *url, const char *ca_file,
                                       struct api_client **out, struct fault *fault);
/* Holds the trust; NULL: the system's bundle. */
struct api_client *api_client_create(const char *url, struct tls_trust *trust);
void api_client_close(struct api_client *client); /* takes NULL */

/* Signs in; later requests carry the token. */
MUST_CHECK enum status api_client_sign_in(struct api_client *client, const char *app_key,
                                          const char *app_secret, struct fault *fault);
/* Posts JSON; the answer's document is the caller's. Anything but HTTP 200 with an object is a
 * fault that says what came back: ERR_NOT_FOUND of 404, ERR_DENIED of other answers, ERR_IO of
 * none. */
MUST_CHECK enum status api_client_post(struct api_client *client, const char *path, struct str body,
                                       struct json **answer, struct fault *fault);
MUST_CHECK enum status api_client_get(struct api_client *client, const char *path,
                                      struct json **answer, struct fault *fault);
MUST_CHECK enum status api_client_put(struct api_client *client, const char *path, struct str body,
                                      struct json **answer, struct fault *fault);
/* An answer of HTTP 200 that is no JSON; appended. */
MUST_CHECK enum status api_client_get_text(struct api_client *client, const char *path,
                                           struct buf *out, struct fault *fault);
/* Later requests carry it. */
void api_client_set_bearer(struct api_client *client, const char *token);
/* Lets the loop run for so long: the pause between two looks at a call. Streams go on. */
void api_client_wait(struct api_client *client, int64_t ms);

/* How long an answer may take from now on; a minute unless set. */
void api_client_set_timeout(struct api_client *client, int64_t ms);

/* An answer that goes on and on: a stream of events. */
struct api_stream {
    void (*on_piece)(void *data, struct str bytes); /* of an answer of HTTP 200; borrowed */
    void (*on_end)(void *data, const char *why);    /* once; not when the client is closed */
    void *data;
    struct api_client *client; /* set by api_client_stream(), as the rest */
    bool is_refused;
};
/* The stream stays in the caller's memory until its end or the client's. It runs while another
 * function of this header waits. */
void api_client_stream(struct api_client *client, const char *path, struct api_stream *stream);
/* api_client_wait() returns; for callbacks of a stream. */
void api_client_stop_waiting(struct api_client *client);

#endif
