#include "gateway/model/call_cause.h"

#include "base/mem.h"
#include "profile/q850.h"

static const struct call_cause_text cec[] = {
    {"called hung up", "被叫挂机"},
    {"caller hung up", "主叫挂机"},
    {"call to caller failed", "呼叫主叫失败"},
    {"call to called failed", "呼叫被叫失败"},
    {"caller did not answer", "主叫未应答"},
    {"called did not answer", "被叫未应答"},
    {"failed to start", "启动失败"},
};

struct call_cause_text call_cause_text(const struct call_record *call)
{
    int64_t cause = call->reason_code;
    if (call->type == CALL_TYPE_CEC && cause >= 0 && cause < (int64_t)COUNT_OF(cec))
        return cec[cause];
    if (call->type == CALL_TYPE_CEC && cause != CALL_CAUSE_TIMER_EXPIRED)
        return (struct call_cause_text){NULL, NULL};
    return (struct call_cause_text){q850_text(cause), q850_text_zh(cause)};
}
