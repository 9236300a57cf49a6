#include "profile/q850.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* By cause. */
static const struct {
    const char *en, *zh;
} texts[] = {
    [0] = {"n/a", "不适用"},
    [1] = {"number not found", "号码不存在"},
    [2] = {"no route to network", "无到指定网络的路由"},
    [3] = {"no route to destination", "无到目的地的路由"},
    [4] = {"special message", "发送特殊信息音"},
    [5] = {"trunk prefix error", "误拨中继前缀"},
    [6] = {"channel not acceptable", "信道不可接受"},
    [7] = {"channel already established", "信道已建立"},
    [8] = {"pre-emption", "抢占"},
    [9] = {"pre-emption reserved", "抢占预留"},
    [16] = {"normal clearing", "正常清除"},
    [17] = {"user busy", "用户忙"},
    [18] = {"no response", "无响应"},
    [19] = {"no user answer", "用户无应答"},
    [20] = {"user not reachable", "用户不可及"},
    [21] = {"call rejected", "呼叫被拒绝"},
    [22] = {"number changed", "号码已变更"},
    [23] = {"redirected", "已改向"},
    [25] = {"exchange routing error", "交换路由错误"},
    [26] = {"no user permission", "无用户权限"},
    [27] = {"destination out of order", "目的地故障"},
    [28] = {"invalid number format", "号码格式无效"},
    [29] = {"facility rejected", "设施被拒绝"},
    [30] = {"status enquiry", "状态查询"},
    [31] = {"normal", "正常"},
    [34] = {"route not reachable", "路由不可达"},
    [38] = {"network bad", "网络故障"},
    [39] = {"service not connected", "业务未连接"},
    [40] = {"link in progress", "链路处理中"},
    [41] = {"temporary failure", "临时故障"},
    [42] = {"equipment congestion", "设备拥塞"},
    [43] = {"information discarded", "信息被丢弃"},
    [44] = {"channel not available", "信道不可用"},
    [46] = {"call blocked", "呼叫被阻塞"},
    [47] = {"no resource", "无资源"},
    [49] = {"quality invalid", "质量无效"},
    [50] = {"facility not subscribed", "未订购该设施"},
    [53] = {"CUG outgoing barred", "CUG 呼出被禁止"},
    [55] = {"CUG incoming barred", "CUG 呼入被禁止"},
    [57] = {"no right to send", "无权发送"},
    [58] = {"sending not available", "发送不可用"},
    [62] = {"class inconsistent", "类别不一致"},
    [63] = {"service invalid", "业务无效"},
    [65] = {"sending not implemented", "发送未实现"},
    [66] = {"channel not implemented", "信道未实现"},
    [69] = {"facility invalid", "设施无效"},
    [70] = {"sending valid", "发送有效"},
    [79] = {"service not set", "业务未设置"},
    [81] = {"illegal reference", "参考值非法"},
    [82] = {"channel does not exist", "信道不存在"},
    [83] = {"ID does not exist", "标识不存在"},
    [84] = {"call ID does not exist", "呼叫标识不存在"},
    [85] = {"no call waiting", "无等待呼叫"},
    [86] = {"hidden-number call", "隐藏号码呼叫"},
    [87] = {"CUG no member", "非 CUG 成员"},
    [88] = {"destination conflict", "目的地冲突"},
    [90] = {"CUG does not exist", "CUG 不存在"},
    [91] = {"invalid network", "网络无效"},
    [95] = {"invalid information", "信息无效"},
    [96] = {"mandatory element missing", "必选信元缺失"},
    [97] = {"type does not exist", "类型不存在"},
    [98] = {"message not implemented", "消息未实现"},
    [99] = {"element does not exist", "信元不存在"},
    [100] = {"invalid element", "信元无效"},
    [101] = {"call state inconsistent", "呼叫状态不一致"},
    [102] = {"timer expired", "定时器超时"},
    [103] = {"parameter does not exist", "参数不存在"},
    [110] = {"unrecognised parameter", "参数无法识别"},
    [111] = {"protocol error", "协议错误"},
    [127] = {"unspecified", "未指明"},
};

static bool is_listed(int64_t cause)
{
    return cause >= 0 && cause < (int64_t)COUNT_OF(texts);
}

const char *q850_text(int64_t cause)
{
    return is_listed(cause) ? texts[cause].en : NULL;
}

const char *q850_text_zh(int64_t cause)
{
    return is_listed(cause) ? texts[cause].zh : NULL;
}
