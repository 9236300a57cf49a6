#ifndef GATEWAY_MODEL_CALLBACK_H
#define GATEWAY_MODEL_CALLBACK_H

/* Callbacks, by which an agents' system is told what became of a call (agent-api.md, section 10):
 * which there are, when one is tried again, and why a try failed. Pure. */

#include "gateway/model/call.h"

enum callback_kind {
    CALLBACK_CONNECTION, /* the called has answered */
    CALLBACK_HANGUP,     /* the call has ended */
};
/* "connection", "hangup" */
const char *callback_kind_text(enum callback_kind kind);

/* As stored. */
enum callback_state {
    CALLBACK_WAITING,   /* for its next try */
    CALLBACK_DELIVERED, /* the receiver has taken it */
    CALLBACK_DEAD,      /* all tries are used up: an operator may send it again */
    CALLBACK_BEHIND,    /* waits until the one before it, of the same call, is delivered or dead */
};
/* "waiting", "delivered", "dead", "waiting": to people, waiting is waiting. */
const char *callback_state_text(enum callback_state state);

/* The callbacks that a tenant's settings ask for, as bits. */
enum {
    CALLBACK_WANTS_CONNECTION = 1 << CALLBACK_CONNECTION,
    CALLBACK_WANTS_HANGUP = 1 << CALLBACK_HANGUP
};

/* Which callback of which call. */
struct callback_key {
    int64_t tenant_id, serial;
    int64_t number; /* 1 ... among the call's, in the order in which they are to arrive */
};

enum { CALLBACK_EVENT_ID_SIZE = 40 + 1 };
/* X-Event-Id: "callSerialNo-number". The same for every try; unique over nodes and restarts, as the
 * serial is. */
void callback_event_id(const struct callback_key *key, char out[static CALLBACK_EVENT_ID_SIZE]);
/* Reads one; the tenant is left alone. */
MUST_CHECK enum status callback_event_id_read(struct str text, struct callback_key *out);

/* Callbacks that wait for the same receiver form a queue, which is named by a number: that of a
 * tenant's console URL of a kind, or of a host that its callBackUrls name. A receiver that is slow
 * or dead holds up its own queue only. */
int64_t callback_queue_of_console(int64_t tenant_id, enum callback_kind kind);
int64_t callback_queue_of_host(int64_t tenant_id, const char *host, uint16_t port);

/* --- When it is tried again --- */

enum { CALLBACK_TRIES_MAX = 20 };

struct callback_schedule {
    int64_t after_ms[CALLBACK_TRIES_MAX]; /* of each try, counted from the first; ascending */
    size_t count;
};
/* "0s,5s,30s,1m": the first is 0. */
MUST_CHECK enum status callback_schedule_read(struct str text, struct callback_schedule *out,
                                              struct fault *fault);
/* When so many tries have failed, the last one at now_ms. False: there are no more. A try that came
 * late, because many others waited, does not bring the next one nearer. */
bool callback_schedule_next(const struct callback_schedule *schedule, int64_t tries, int64_t now_ms,
                            int64_t *next_ms);

/* --- Why a try failed --- */

#define CALLBACK_FAILURE_MAP(X)                                                                    \
    X(CALLBACK_TAKEN, "", "")                                                                      \
    X(CALLBACK_NO_URL, "no URL for it is set any more", "已不再设置其回调地址")                    \
    X(CALLBACK_BAD_URL, "its URL is refused", "回调地址被拒绝")                                    \
    X(CALLBACK_UNTRUSTED, "its host is not in the callback address trustlist any more",            \
      "主机已不在回调地址信任列表中")                                                              \
    X(CALLBACK_NO_KEY, "what the authentication mode needs is not set",                            \
      "未设置认证方式所需的内容")                                                                  \
    X(CALLBACK_NO_TOKEN, "the authentication login URL gave no token", "认证登录地址未返回令牌")   \
    X(CALLBACK_NO_CONNECTION, "no connection", "无法建立连接")                                     \
    X(CALLBACK_NO_ANSWER, "no whole answer", "未收到完整的应答")                                   \
    X(CALLBACK_REDIRECTED, "answered with a redirect, which is not followed",                      \
      "应答为重定向，不予跟随")                                                                    \
    X(CALLBACK_REFUSED, "answered with another status than 200", "应答状态码不是 200")             \
    X(CALLBACK_GARBAGE, "answered with something else than {\"retCode\":\"0\"}",                   \
      "应答内容不是 {\"retCode\":\"0\"}")                                                          \
    X(CALLBACK_FORBIDDEN, "its host leads to an address that callbacks must not go to",            \
      "主机指向回调不允许访问的地址")

/* Stored: new ones go last. */
enum callback_failure {
#define X(name, en, zh) name,
    CALLBACK_FAILURE_MAP(X)
#undef X
};

struct callback_failure_text {
    const char *en, *zh;
};
/* Takes any number, as a newer version may have stored it. */
struct callback_failure_text callback_failure_text(int64_t failure);

/* What a try came to. */
enum { CALLBACK_DETAIL_MAX = 200 };
struct callback_result {
    enum callback_failure failure;        /* CALLBACK_TAKEN: none */
    int status;                           /* HTTP; 0: no answer */
    char detail[CALLBACK_DETAIL_MAX + 1]; /* one line that says more, or "" */
};
void callback_result_set(struct callback_result *result, enum callback_failure failure,
                         const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
