#include "gateway/model/timeline.h"

#include <assert.h>

#include "gateway/model/call_cause.h"
#include "profile/code.h"

enum { SECOND_MS = 1000 };

/* Behind all that happened before, and all of the same second. */
static struct timeline_event *insert(struct timeline *out, int64_t at_ms)
{
    size_t place = out->count++;
    assert(out->count <= TIMELINE_EVENTS_MAX);
    for (; place > 0 && out->events[place - 1].at_ms / SECOND_MS > at_ms / SECOND_MS; place--)
        out->events[place] = out->events[place - 1];
    return &out->events[place];
}

static void print(char *text, size_t size, const char *words, const char *meaning, struct str code)
{
    struct buf out;
    buf_init_fixed(&out, text, size - 1);
    buf_append(&out, str_of(words));
    if (meaning != NULL)
        buf_format(&out, ": %s", meaning);
    if (code.len > 0)
        buf_format(&out, " (%.*s)", STR_ARGS(code));
    text[out.len] = '\0';
}

/* A time that was not told is no event. */
static struct timeline_event *add(struct timeline *out, int64_t at_ms, const char *name,
                                  const char *en, const char *zh)
{
    if (at_ms == 0)
        return NULL;
    struct timeline_event *event = insert(out, at_ms);
    event->at_ms = at_ms;
    event->name = name;
    event->leg = NULL;
    print(event->en, sizeof(event->en), en, NULL, STR(""));
    print(event->zh, sizeof(event->zh), zh, NULL, STR(""));
    return event;
}

static void add_outcome(struct timeline *out, const struct call_record *call)
{
    struct timeline_event *event;
    switch (call->outcome) {
    case CALL_OUTCOME_ACCEPTED:
        (void)add(out, call->outcome_ms, "accepted", "accepted", "已受理");
        break;
    case CALL_OUTCOME_REFUSED:
        event = add(out, call->outcome_ms, "refused", "", "");
        if (event == NULL)
            break;
        print(event->en, sizeof(event->en), "refused", ita_code_text(call->code), call->code);
        print(event->zh, sizeof(event->zh), "被拒绝", ita_code_text_zh(call->code), call->code);
        break;
    case CALL_OUTCOME_UNKNOWN:
        (void)add(out, call->outcome_ms, "unknown",
                  "no certain answer: the call may have been placed",
                  "未得到明确应答，呼叫可能已发起");
        break;
    case CALL_OUTCOME_NONE:
        break;
    }
}

static void add_of_leg(struct timeline *out, int64_t at_ms, const char *leg, const char *name,
                       const char *en, const char *zh)
{
    struct timeline_event *event = add(out, at_ms, name, en, zh);
    if (event != NULL)
        event->leg = leg;
}

/* Leg by leg, as within a second one follows the other; both are connected from the second answer
 * on. */
static void add_legs(struct timeline *out, const struct call_record *call)
{
    int64_t a_ms = call->caller_answer_ms, b_ms = call->called_answer_ms;
    add_of_leg(out, call->caller_alerting_ms, "a", "ring", "the caller's phone rings", "主叫振铃");
    add_of_leg(out, a_ms, "a", "answer", "the caller answered", "主叫应答");
    add_of_leg(out, call->called_alerting_ms, "b", "ring", "the called's phone rings", "被叫振铃");
    add_of_leg(out, b_ms, "b", "answer", "the called answered", "被叫应答");
    if (a_ms > 0 && b_ms > 0)
        (void)add(out, a_ms > b_ms ? a_ms : b_ms, "talk", "both are connected", "双方通话");
}

static void add_end(struct timeline *out, const struct call_record *call)
{
    struct timeline_event *event = add(out, call->finish_ms, "end", "ended", "通话结束");
    char digits[24];
    struct buf cause;
    if (event == NULL || call->reason_code < 0)
        return;
    buf_init_fixed(&cause, digits, sizeof(digits));
    buf_append_i64(&cause, call->reason_code);
    struct call_cause_text text = call_cause_text(call);
    print(event->en, sizeof(event->en), "ended", text.en, buf_str(&cause));
    print(event->zh, sizeof(event->zh), "通话结束", text.zh, buf_str(&cause));
}

void timeline_make(const struct call_record *call, const int64_t *received_ms, size_t cdr_count,
                   struct timeline *out)
{
    out->count = 0;
    (void)add(out, call->created_ms, "created", "createCall was received", "收到 createCall 请求");
    add_outcome(out, call);
    (void)add(out, call->start_ms, "start", "the call started", "呼叫开始");
    add_legs(out, call);
    add_end(out, call);
    for (size_t i = 0; i < cdr_count; i++)
        (void)add(out, received_ms[i], "cdr", "a CDR was received", "收到话单");
    if (call->state == CALL_ENDED && cdr_count == 0 &&
        call->reason_code == CALL_CAUSE_TIMER_EXPIRED)
        (void)add(out, call->ended_ms, "expired", "nobody told of its end in time: taken for ended",
                  "超时未获知结束，按结束处理");
}
