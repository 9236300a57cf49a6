#ifndef GATEWAY_ADMIN_API_ADMIN_REQUEST_H
#define GATEWAY_ADMIN_API_ADMIN_REQUEST_H

/* One request of the admin API as its handler sees it, and the handler's answer.
 *
 * A handler is plain blocking code: it runs on a thread of its lane, when the request was found to
 * be allowed, with a connection to the store, and writes one answer. The request, its body and
 * path stay as they are until then. What lives on the loop (struct gateway) is not its to touch: a
 * route's on_loop does that afterwards. */

#include "gateway/admin_api/admin_task.h"
#include "gateway/admin_api/fields.h"
#include "gateway/model/user.h"
#include "net/http_stream.h"

struct admin_api;
struct admin_route;

enum {
    ADMIN_PARAMS_MAX = 2,
    ADMIN_PARAM_SIZE = 255 + 1, /* decoded; a trusted wildcard is the longest name of ours */
    ADMIN_HEADERS_MAX = 12,
    ADMIN_HEADER_BYTES_MAX = 2048,
    ADMIN_ANSWER_MAX = 16 * 1024 * 1024,
    ADMIN_BODY_MAX = 64 * 1024,
};

/* From the loop's handler to the answer. */
struct admin_request {
    /* fixed when the handler runs */
    struct admin_api *api;
    struct http_exchange *exchange;
    const struct http_request *http;
    const struct admin_route *route;
    struct json *body; /* an object; NULL when the request has none */
    struct administrator who;
    struct store_admin *store;
    void *kept; /* what the handler leaves for on_loop; freed by free_kept */
    void (*free_kept)(void *kept);

    /* the answer */
    int status; /* 0: none yet */
    const char *content_type;
    struct http_header headers[ADMIN_HEADERS_MAX];
    size_t header_count;
    struct buf out; /* its body */
    struct json_writer json;

    /* private */
    struct admin_task task;
    struct field_errors errors;
    struct buf header_text;
    char header_storage[ADMIN_HEADER_BYTES_MAX];
    char params[ADMIN_PARAMS_MAX][ADMIN_PARAM_SIZE]; /* in the order of the route's path */
};

/* --- What was asked --- */

/* The path's `{name}`, decoded: text without control characters. */
const char *admin_param(const struct admin_request *request, const char *name);
/* The value of the header, or ptr NULL when it is absent or there are several. */
struct str admin_header(const struct admin_request *request, struct str name);

/* The body's members; an absent body is an empty object. Ends with admin_fields_end(), which
 * answers 422 with every error when it gives false. */
void admin_fields(struct admin_request *request, struct fields *fields);
bool admin_fields_end(struct admin_request *request, struct fields *fields);

/* The version that If-Match names, for the store to compare: 0 for `*`, -1 for one that no row has.
 * Answers 428 and gives false without the header. */
bool admin_if_match(struct admin_request *request, int64_t *version);

enum { ADMIN_PAGE_MAX = 200, ADMIN_PAGE_USUAL = 50 };

/* Which part of a list is asked for: `?limit=` up to ADMIN_PAGE_MAX, and `?cursor=`, what the
 * answer before gave as next. */
struct admin_page {
    int64_t limit;
    char cursor[ADMIN_PARAM_SIZE]; /* empty: from the beginning */
};

/* Reads limit and cursor; `more` are the other names that the query may hold. Answers 400 when it
 * gives false. */
bool admin_page_read(struct admin_request *request, const char *const *more, size_t more_count,
                     struct admin_page *out);
/* The id that a list by ids goes on from; 0: from the beginning. Answers 400 when it gives false.
 */
bool admin_page_id(struct admin_request *request, const struct admin_page *page, int64_t *id);
/* The value of another name of the query, in the storage; NULL when it is absent. Answers 400 when
 * it gives false: the value is too long, no text, or stands there twice. */
bool admin_query(struct admin_request *request, const char *name, char *storage, size_t size,
                 const char **out);

/* --- The answer. Each of these begins it; what was begun before is dropped. --- */

/* JSON: the caller writes one value. */
struct json_writer *admin_answer(struct admin_request *request, int status);
/* {"items":[...],"next":...} with 200: the caller writes the items in between. */
struct json_writer *admin_list_begin(struct admin_request *request);
void admin_list_end(struct json_writer *w, const char *next); /* NULL: nothing more */
void admin_list_end_id(struct json_writer *w, int64_t next);  /* 0: nothing more */
/* Bytes that are there already. */
void admin_answer_bytes(struct admin_request *request, int status, const char *content_type,
                        struct str bytes);
/* Without a body. */
void admin_answer_empty(struct admin_request *request, int status);
/* problem+json (RFC 9457) with one sentence. */
void admin_refuse(struct admin_request *request, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What a store function returned: 404, 409, 422, 503 or 500. A fault of ours is logged, not told.
 */
void admin_refuse_status(struct admin_request *request, enum status status,
                         const struct fault *fault);
/* For http_server_options. */
void admin_write_problem(int status, const char *detail, struct buf *body);
extern const char ADMIN_PROBLEM_TYPE[];

/* Adds a header; the name is a literal. */
void admin_answer_header(struct admin_request *request, struct str name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A time, or its day, as RFC 3339 text; 0 is null. */
void admin_write_time(struct json_writer *w, const char *name, int64_t wall_ms);
void admin_write_day(struct json_writer *w, const char *name, int64_t wall_ms);
/* Empty is null. */
void admin_write_str(struct json_writer *w, const char *name, struct str text);
/* {"en":"...","zh":"..."}; null when there are none. */
void admin_write_words(struct json_writer *w, const char *name, const char *en, const char *zh);
/* ETag of a row that counts its changes. */
void admin_answer_version(struct admin_request *request, int64_t version);

/* --- The way of a request --- */

/* Of every route, on the loop; data is the admin API. */
void admin_request_begin(void *data, struct http_exchange *exchange);
/* Sends what was answered and frees the request: the end of a route's on_loop. */
void admin_request_finish(struct admin_request *request);
/* Instead of it: sends the head of what was answered and frees the request; the body is written
 * piece by piece. As http_exchange_stream(). */
struct http_stream *admin_request_stream(struct admin_request *request,
                                         const struct http_stream_options *options);

#endif
