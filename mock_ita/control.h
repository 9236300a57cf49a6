#ifndef MOCK_ITA_CONTROL_H
#define MOCK_ITA_CONTROL_H

/* The control API: what tests ask the mock and tell it. Plain HTTP on loopback, described by
 * openapi.json. control.c has the routes and what all of them have in common; the handlers stand in
 * control_*.c, by what they are about. */

#include "mock_ita/control_body.h"
#include "mock_ita/handle.h"

#define CONTROL_JSON_TYPE "application/json"

enum {
    CONTROL_BODY_MAX = 1024 * 1024, /* a scenario has some kilobytes */
    /* Of one answer: a list that is longer is told in pieces, so that writing one blocks nobody for
     * more than some milliseconds. */
    CONTROL_ANSWER_MAX = 16 * 1024 * 1024,
    CONTROL_ITEM_MAX = 1024 * 1024, /* of a list, written out: an entry with all of its texts */
    CONTROL_PARAMS_MAX = 2,
};

/* One request that has passed the checks of control.c. */
struct control_request {
    struct mock *mock;
    struct http_exchange *exchange; /* answered exactly once, by one of the functions below */
    struct str params[CONTROL_PARAMS_MAX]; /* what the path has in place of {...}, decoded */
    struct str text;                       /* the body */
    const struct json *body;               /* the same; NULL: none, or none was asked for */
    int64_t now_ms;     /* by the mock's clock; calls have been played up to it */
    struct buf storage; /* of texts decoded */
};

enum control_body_kind {
    CONTROL_NO_BODY,
    CONTROL_BODY_OPTIONAL, /* JSON, or nothing */
    CONTROL_BODY_JSON,
    CONTROL_BODY_TEXT, /* not looked at */
};

struct control_route {
    const char *method, *path; /* {name} stands for one segment of the path */
    enum control_body_kind body;
    const char *query; /* names of the parameters, divided by spaces; NULL: there are none */
    void (*handle)(struct control_request *request);
};

const struct control_route *control_routes(size_t *count);

/* --- For handlers --- */

void control_send(struct control_request *request, int status, struct str body); /* JSON, or none */
/* Takes a body that is over its maximum, too: it is answered 500. */
void control_answer(struct control_request *request, int status, const struct buf *body);
void control_answer_nothing(struct control_request *request); /* 204 */
/* {"error": "..."} */
void control_refuse(struct control_request *request, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* 405; allow: the methods that there are. */
void control_refuse_method(struct control_request *request, struct str allow);
/* The same, the HTTP status by the kind of failure. */
void control_refuse_fault(struct control_request *request, enum status status,
                          const struct fault *fault);
/* A parameter of the query; ptr NULL when it is not there. */
MUST_CHECK enum status control_query(struct control_request *request, const char *name,
                                     struct str *out, struct fault *fault);
/* A whole number of the query; *out stays when it is not there. */
MUST_CHECK enum status control_query_u64(struct control_request *request, const char *name,
                                         uint64_t *out, struct fault *fault);
void control_write_time(struct json_writer *w, const char *name, int64_t wall_ms);
void control_write_call(struct json_writer *w, const char *name, const struct mock_call *call);

/* --- Handlers --- */

typedef void control_handler(struct control_request *request);

control_handler control_get_health, control_reset, control_get_counters, control_get_openapi;
control_handler control_get_scenario, control_put_scenario, control_delete_scenario,
    control_restart_scenario;
control_handler control_get_requests, control_get_request, control_verify_requests,
    control_delete_requests;
control_handler control_get_calls, control_get_call, control_answer_leg, control_hang_up_leg,
    control_release_call, control_push_cdr, control_push_callback;
control_handler control_get_bindings, control_get_binding, control_dial_binding;
control_handler control_get_events; /* control_events.c */
control_handler control_get_clock, control_change_clock;
control_handler control_get_policy, control_put_policy;
control_handler control_get_x_numbers, control_add_x_number, control_change_x_number,
    control_delete_x_number;
control_handler control_get_keys, control_add_key, control_change_key, control_delete_key;
/* control_aicc.c */
control_handler control_change_app_key, control_delete_tokens;

#endif
