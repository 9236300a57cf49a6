#include "gateway/diagnostics/explain.h"

#include <stdio.h>

#include "base/mem.h"
#include "profile/code.h"
#include "profile/q850.h"

/* Cause and remedy of a code. */
struct advice {
    const char *code;
    const char *cause_en, *cause_zh, *remedy_en, *remedy_zh;
};

/* --- The ITA's codes --- */

static const struct advice ita_codes[] = {
    {ITA_CODE_INVALID_PARAMETER,
     "The ITA does not take a member of the request, or a number in it.",
     "ITA 不接受请求中的某个成员或号码。",
     "See the ITA's own message in the log; compare the wire profile (`ita-gateway profile show`) "
     "with the ITA's document.",
     "请查看日志中 ITA 的原始信息；将协议配置（`ita-gateway profile show`）与 ITA 文档核对。"},
    {ITA_CODE_AUTH_FAILED, "AccessKey, SecretKey, AppKey or the time of the signature is wrong.",
     "AccessKey、SecretKey、AppKey 或签名时间有误。",
     "`ita-gateway doctor --tenant NAME`, or Test under Bidirectional Call, tells which.",
     "`ita-gateway doctor --tenant NAME` 或“双呼”页面的“测试”可指出是哪一项。"},
    {ITA_CODE_BAD_REQUEST, "The request is malformed for this ITA.", "请求格式不被该 ITA 接受。",
     "Compare the wire profile with the ITA's document.", "请将协议配置与 ITA 文档核对。"},
    {ITA_CODE_NOT_FOUND, "The ITA does not know the call, or the path.", "ITA 不认识该呼叫或路径。",
     "For every call: the domain name or the wire profile's path is wrong. For one: it is long "
     "over.",
     "若所有呼叫如此：域名或协议配置中的路径有误；若仅个别呼叫：该呼叫早已结束。"},
    {ITA_CODE_INTERNAL_ERROR,
     "The ITA failed, and has not said how far it came: the call may have been placed. Its pair is "
     "guarded as after 90104008.",
     "ITA 内部故障，且未说明处理进度：呼叫可能已发起。与 90104008 "
     "一样，暂不允许再次呼叫同一对号码。",
     "Tell its operator the time and the callSerialNo.",
     "请将时间和 callSerialNo 告知 ITA 运营方。"},
    {ITA_CODE_INSUFFICIENT_BALANCE, "The account with the ITA is empty.", "ITA 账户余额不足。",
     "Pay it in.", "请充值。"},
    {ITA_CODE_REQUEST_RESTRICTION, "The ITA restricts this customer for now.",
     "ITA 暂时限制了该客户。", "Ask the ITA's operator for the restriction and its reason.",
     "请向 ITA 运营方询问限制内容及原因。"},
    {ITA_CODE_INSUFFICIENT_PERMISSION, "The keys are right, but not allowed to use this API.",
     "密钥正确，但无权使用该接口。",
     "Ask the ITA's operator to authorise the AppKey for two-party calls.",
     "请 ITA 运营方为该 AppKey 开通双呼权限。"},
    {ITA_CODE_REQUEST_FORBIDDEN, "The ITA forbids this request.", "ITA 禁止该请求。",
     "Ask the ITA's operator why; often this machine's address is not on its list.",
     "请询问 ITA 运营方；常见原因是本机地址不在其白名单中。"},
    {ITA_CODE_SERVICE_UNAVAILABLE,
     "The ITA is not reached, or the gateway holds calls back because it failed time after time. "
     "The "
     "call was not placed.",
     "无法访问 ITA，或因其连续失败网关暂停呼叫。呼叫未发起。",
     "`ita-gateway doctor`: DNS, TCP, TLS, and the circuits.",
     "请执行 `ita-gateway doctor`：检查域名解析、TCP、TLS 和熔断状态。"},
    {ITA_CODE_PROCESS_FAILURE,
     "The ITA answered nothing usable in time, or this code itself: the call may have been placed. "
     "It is never placed again by itself; its CDR settles it.",
     "ITA 未及时给出可用的应答，或返回了此代码：呼叫可能已发起。网关不会自动重拨，由话单确定结果。",
     "If it happens often, look at the ITA's latency and raise ita-timeout.",
     "若经常发生，请检查 ITA 的延迟并提高 ita-timeout。"},
    {ITA_CODE_TOO_MANY_REQUESTS, "The ITA's limit, or the tenant's own limit of the settings.",
     "达到 ITA 的限制，或设置中该租户自身的限制。",
     "Compare the limits of the settings with what was bought from the ITA.",
     "请将设置中的限制与向 ITA 购买的配额核对。"},
    {ITA_CODE_BINDING_EXISTS, "The ITA still holds the two numbers together from a call before.",
     "ITA 仍保留这两个号码此前的绑定。", "Wait until that call is over, or some seconds longer.",
     "请等待该呼叫结束，或再等几秒。"},
    {ITA_CODE_BINDING_NOT_EXISTS, "The ITA holds no such pair any more.", "ITA 已没有该绑定。",
     "The call is over: nothing to do.", "呼叫已结束：无须处理。"},
    {ITA_CODE_NUMBERS_EXHAUSTED,
     "No X number fits: all are locked or blocked, or caller and called stand on all of them.",
     "没有合适的 X 号码：均已锁定或被阻断，或主被叫已占用全部号码。",
     "See X Numbers: unlock, wait for those that rest, or buy more.",
     "请查看“X 号码”：解锁、等待休息中的号码，或购买更多。"},
    {ITA_CODE_NUMBER_NOT_FOUND, "The ITA does not know the X number as yours.",
     "ITA 不认为该 X 号码属于您。", "Compare X Numbers with what was bought.",
     "请将“X 号码”与已购买的号码核对。"},
    {ITA_CODE_BINDING_INCONSISTENT, "The numbers do not belong together at the ITA.",
     "号码在 ITA 侧的绑定数据不一致。", "Tell its operator the callSerialNo.",
     "请将 callSerialNo 告知 ITA 运营方。"},
    {ITA_CODE_OTHER_ERROR, "The ITA gave a code that nobody has listed.",
     "ITA 返回了未列出的代码。",
     "See its own code and message in the log; map it in the wire profile (`codes`).",
     "请查看日志中的原始代码和信息；可在协议配置的 `codes` 中映射。"},
    {ITA_CODE_POLICY_FORBID, "A policy of the carrier: frequency, hours or area.",
     "运营商策略：频次、时段或地区限制。", "Call later; ask the carrier for its policy.",
     "请稍后再拨；请向运营商了解其策略。"},
    {ITA_CODE_CALLER_FORBID, "The agent's number may not call.", "主叫号码被禁止呼叫。",
     "Ask the carrier; register the number if it must be.", "请咨询运营商；必要时登记该号码。"},
    {ITA_CODE_CALLEE_FORBID, "The customer's number may not be called.", "被叫号码被禁止呼叫。",
     "Do not call it: it is on a do-not-call list, or the carrier protects it.",
     "请勿呼叫：该号码在免打扰名单中或受运营商保护。"},
};

/* --- retCodes of our own, beside the ITA's: agent-api.md, sections 5 to 8 --- */

struct ret_code {
    const char *meaning_en, *meaning_zh;
    struct advice advice;
};

static const struct ret_code ret_codes[] = {
    {"success",
     "成功",
     {"0", "The call was accepted, or the query answered.", "呼叫已被接受，或查询已应答。",
      "Nothing to do.", "无须处理。"}},
    {"the same call is under way, or no data",
     "同一呼叫正在进行，或无数据",
     {"1",
      "createCall: a call between these two numbers has not ended, or its outcome is not known "
      "yet. "
      "queryCallDetailRecord: no call fits. queryCallState: the query failed.",
      "createCall：这两个号码之间的呼叫尚未结束，或结果未知。queryCallDetailRecord：没有符合的呼叫"
      "。"
      "queryCallState：查询失败。",
      "Wait for its CDR, unknown-guard or call-lease; see Calls for the one that stands in the "
      "way.",
      "请等待其话单，或 unknown-guard、call-lease 到期；可在“呼叫”中查看该呼叫。"}},
    {"call data, or time span",
     "随路数据或时间范围有误",
     {"2",
      "createCall: callData is longer than 1024 characters. queryCallDetailRecord: startTime and "
      "endTime are wrong, or more than 7 days apart.",
      "createCall：callData 超过 1024 个字符。queryCallDetailRecord：startTime、endTime "
      "有误或相差超过 7 天。",
      "Correct the agent's system.", "请更正业务系统。"}},
    {"serial number wrong",
     "流水号有误",
     {"3", "callSerialNo is missing, malformed, or of another tenant.",
      "callSerialNo 缺失、格式错误或属于其他租户。",
      "Use the callSerialNo that createCall answered, with the same app key.",
      "请使用 createCall 返回的 callSerialNo，并使用同一 app key。"}},
    {"limit or offset wrong",
     "limit 或 offset 有误",
     {"4", "queryCallDetailRecord: limit or offset is no whole number, or below its least.",
      "queryCallDetailRecord：limit 或 offset 不是整数，或小于最小值。",
      "Correct the agent's system.", "请更正业务系统。"}},
    {"number or callBackUrl wrong, or no recording",
     "号码或 callBackUrl 有误，或没有录音",
     {"5",
      "createCall: caller or called is no dialable number, both are the same, or callBackUrl is "
      "malformed or outside the trustlist; retMsg says which. getRecordingAddress: no such record.",
      "createCall：主叫或被叫不是可拨号码、两者相同，或 callBackUrl 格式错误或不在信任列表中（见 "
      "retMsg）。getRecordingAddress：没有该记录。",
      "See retMsg; enter the callback's host under Trustlist, or correct the number.",
      "请查看 retMsg；在“信任列表”中添加回调主机，或更正号码。"}},
    {"VDN not available",
     "VDN 不可用",
     {"6",
      "The tenant is disabled, lacks the bidirectional call feature, or its settings are not "
      "complete.",
      "租户已停用、未启用双呼功能，或设置不完整。",
      "`ita-gateway doctor --tenant NAME`: the first step says which.",
      "请执行 `ita-gateway doctor --tenant NAME`：第一步会说明原因。"}},
    {"caller may not use two-party calls",
     "主叫不在坐席号码列表中",
     {"8", "The tenant keeps a list of its agents' numbers, and caller is not on it.",
      "租户设置了坐席号码列表，主叫不在其中。",
      "Add it: `ita-gateway tenant add-agents NAME own NUMBER`.",
      "请添加：`ita-gateway tenant add-agents NAME own NUMBER`。"}},
    {"caller not usable, or serial number too long",
     "主叫不可用，或流水号过长",
     {"12",
      "queryCallDetailRecord: caller is no number. getRecordingAddress: callSerialNo is longer "
      "than 50 characters.",
      "queryCallDetailRecord：caller 不是号码。getRecordingAddress：callSerialNo 超过 50 个字符。",
      "Correct the agent's system.", "请更正业务系统。"}},
    {"trial: caller not in the trustlist",
     "试用租户：主叫不在信任列表中",
     {"16", "The tenant is on trial, and caller is not in its trustlist.",
      "试用租户的主叫不在信任列表中。",
      "Add it: `ita-gateway tenant add-agents NAME trial NUMBER`, or end the trial.",
      "请添加：`ita-gateway tenant add-agents NAME trial NUMBER`，或结束试用。"}},
    {"trial: over 10 calls in a day",
     "试用租户：当日超过 10 个呼叫",
     {"21", "The tenant is on trial and has had its calls of the day.",
      "试用租户当日呼叫次数已用完。", "Wait for tomorrow, or end the trial.",
      "请次日再试，或结束试用。"}},
};

/* --- The API gateway before the ITA: behind APIGW., APIG. or APIC. --- */

static const struct ret_code gateway_errors[] = {
    {"no such API",
     "接口不存在",
     {"0101", "The domain name is not the ITA's, or the wire profile's path is wrong.",
      "域名不是 ITA 的域名，或协议配置中的路径有误。",
      "Compare both with what the ITA's operator gave.", "请与 ITA 运营方提供的内容核对。"}},
    {"malformed, too large, or the service behind is slow",
     "格式错误、过大或后端超时",
     {"0201", "With HTTP 502 or 504 the ITA did not answer in time: whether it acted is open.",
      "HTTP 502 或 504 表示 ITA 未及时应答：是否已处理未知。", "Tell the ITA's operator the time.",
      "请将时间告知 ITA 运营方。"}},
    {"signature refused",
     "签名被拒绝",
     {"0301",
      "AccessKey unknown or locked, SecretKey wrong, or the clocks are more than 15 minutes apart; "
      "the message says which. Five failures in a row lock the key for five minutes.",
      "AccessKey 不存在或被锁定、SecretKey 错误，或时钟相差超过 15 "
      "分钟（见原始信息）。连续五次失败会锁定密钥五分钟。",
      "`ita-gateway doctor --tenant NAME`.", "请执行 `ita-gateway doctor --tenant NAME`。"}},
    {"not authorised",
     "未授权",
     {"0302", "The user of the keys is on a list of those who may not.",
      "密钥所属用户被访问控制拒绝。", "Ask the ITA's operator.", "请联系 ITA 运营方。"}},
    {"app refused",
     "应用认证失败",
     {"0303", "AppKey unknown, or its signature is wrong.", "AppKey 不存在，或其签名错误。",
      "Enter the AppKey as the ITA's operator gave it.", "请按 ITA 运营方提供的内容填写 AppKey。"}},
    {"app not authorised for the API",
     "应用未获接口授权",
     {"0304", "The AppKey is right and was not given this API.", "AppKey 正确，但未获该接口授权。",
      "Ask the ITA's operator to authorise it.", "请 ITA 运营方授权。"}},
    {"the token must be updated",
     "令牌需更新",
     {"0307", "The ITA expects a token instead of a signature.", "ITA 要求使用令牌而非签名。",
      "Ask the ITA's operator for signing by AccessKey and SecretKey.",
      "请 ITA 运营方开通 AccessKey/SecretKey 签名方式。"}},
    {"too many requests",
     "请求过多",
     {"0308", "The limit of the API was reached.", "已达到接口流量上限。",
      "Lower the limit per second of the settings, or ask for more.",
      "请降低设置中的每秒限制，或申请更高配额。"}},
    {"the gateway could not sign to its backend",
     "网关无法计算后端签名",
     {"0705", "A fault of the ITA's own.", "ITA 自身故障。", "Tell its operator.",
      "请告知 ITA 运营方。"}},
};

/* --- Release causes: by range, the first that fits --- */

static const struct {
    int64_t first, last;
    struct advice advice;
} causes[] = {
    {16, 16, {NULL, "Somebody hung up.", "正常挂机。", "Nothing to do.", "无须处理。"}},
    {17, 17, {NULL, "The line is busy.", "线路占线。", "Call again later.", "请稍后再拨。"}},
    {18, 19, {NULL, "Nobody answered.", "无人接听。", "Call again later.", "请稍后再拨。"}},
    {20,
     20,
     {NULL, "The phone is off or has no network.", "手机关机或无信号。", "Call again later.",
      "请稍后再拨。"}},
    {21,
     21,
     {NULL, "The call was rejected by hand, or by a block on the phone.",
      "被用户手动或被手机拦截拒接。", "Do not call again at once.", "请勿立即重拨。"}},
    {31,
     31,
     {NULL, "Ended without a more exact cause.", "正常结束，无更具体原因。", "Nothing to do.",
      "无须处理。"}},
    {0, 0, {NULL, "The ITA told no cause.", "ITA 未提供原因。", "Nothing to do.", "无须处理。"}},
    {1, 1, {NULL, "There is no such number.", "空号。", "Correct the number.", "请更正号码。"}},
    {22,
     23,
     {NULL, "The number has changed or is redirected.", "号码已变更或转移。",
      "Find the new number.", "请获取新号码。"}},
    {28,
     28,
     {NULL, "The number is not complete or has a wrong prefix.", "号码不完整或前缀错误。",
      "Correct the number; see the home country of the settings.",
      "请更正号码；检查设置中的国家码。"}},
    {102,
     102,
     {NULL,
      "A timer of the network ran out. The gateway writes it itself when the CDR of a call never "
      "came "
      "before call-lease.",
      "网络定时器超时。若话单在 call-lease 之前一直未到，网关也会记为此原因。",
      "When many calls end so, the CDR pushes do not arrive: see `ita-gateway doctor`, CDR push.",
      "若大量呼叫如此，说明话单推送未到达：请查看 `ita-gateway doctor` 的“话单推送”。"}},
    {26,
     26,
     {NULL, "The user may not make or take such calls.", "用户无此呼叫权限。", "Ask the carrier.",
      "请咨询运营商。"}},
    {2,
     47,
     {NULL, "The carrier's network had no way or no room for the call.",
      "运营商网络无路由或资源不足。", "Call again; if it stays, ask the carrier.",
      "请重拨；若持续出现，请咨询运营商。"}},
    {49,
     79,
     {NULL, "The service was not subscribed, allowed or implemented for this number.",
      "该号码未订购、未获准或不支持此业务。", "Ask the carrier.", "请咨询运营商。"}},
    {80,
     127,
     {NULL, "The networks did not understand each other.", "网络间协议交互异常。",
      "Tell the ITA's operator the callID.", "请将 callID 告知 ITA 运营方。"}},
};

enum { CAUSE_LAST = 127 }; /* Q.850 has seven bits for it */

static const char RET_CODE[] = "retCode";
static const char ITA_CODE_EN[] = "ITA code", ITA_CODE_ZH[] = "ITA 代码";
static const char GATEWAY_ERROR_EN[] = "API gateway error", GATEWAY_ERROR_ZH[] = "API 网关错误";

/* --- Looking up --- */

static struct explanation make(const char *kind_en, const char *kind_zh, const char *meaning_en,
                               const char *meaning_zh, const struct advice *advice)
{
    return (struct explanation){
        .kind_en = kind_en,
        .kind_zh = kind_zh,
        .meaning_en = meaning_en,
        .meaning_zh = meaning_zh,
        .cause_en = advice->cause_en,
        .cause_zh = advice->cause_zh,
        .remedy_en = advice->remedy_en,
        .remedy_zh = advice->remedy_zh,
    };
}

static size_t explain_ita(struct str code, struct explanation *out)
{
    for (size_t i = 0; i < COUNT_OF(ita_codes); i++)
        if (str_is(code, str_of(ita_codes[i].code))) {
            *out = make(ITA_CODE_EN, ITA_CODE_ZH, ita_code_text(code), ita_code_text_zh(code),
                        &ita_codes[i]);
            return 1;
        }
    return 0;
}

static size_t explain_row(const struct ret_code *rows, size_t count, struct str code,
                          const char *kind_en, const char *kind_zh, struct explanation *out)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(code, str_of(rows[i].advice.code))) {
            *out = make(kind_en, kind_zh, rows[i].meaning_en, rows[i].meaning_zh, &rows[i].advice);
            return 1;
        }
    return 0;
}

static size_t explain_cause(struct str code, struct explanation *out)
{
    int64_t cause;
    if (str_parse_i64(code, &cause) != OK || q850_text(cause) == NULL)
        return 0;
    size_t i = 0;
    while (i < COUNT_OF(causes) && (cause < causes[i].first || cause > causes[i].last))
        i++;
    if (i == COUNT_OF(causes))
        return 0;
    *out = make("release cause (Q.850)", "释放原因（Q.850）", q850_text(cause), q850_text_zh(cause),
                &causes[i].advice);
    return 1;
}

/* "APIGW.0301", "APIG.0301", "APIC.0301", or the digits. */
static struct str gateway_digits(struct str code)
{
    static const struct str prefixes[] = {{"APIGW.", 6}, {"APIG.", 5}, {"APIC.", 5}};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (code.len > prefixes[i].len &&
            str_is_nocase(str_slice(code, 0, prefixes[i].len), prefixes[i]))
            return str_slice(code, prefixes[i].len, code.len);
    return code;
}

size_t explain(struct str code, struct explanation out[static EXPLANATIONS_MAX])
{
    size_t count = explain_row(ret_codes, COUNT_OF(ret_codes), code, RET_CODE, RET_CODE, &out[0]);
    count += explain_ita(code, &out[count]);
    count += explain_cause(code, &out[count]);
    count += explain_row(gateway_errors, COUNT_OF(gateway_errors), gateway_digits(code),
                         GATEWAY_ERROR_EN, GATEWAY_ERROR_ZH, &out[count]);
    return count;
}

/* --- All --- */

static void tell_rows(const struct ret_code *rows, size_t count, const char *prefix,
                      const char *kind_en, const char *kind_zh,
                      void (*tell)(void *data, const char *code, const struct explanation *found),
                      void *data)
{
    for (size_t i = 0; i < count; i++) {
        const struct ret_code *row = &rows[i];
        char code[16];
        struct explanation found =
            make(kind_en, kind_zh, row->meaning_en, row->meaning_zh, &row->advice);
        (void)snprintf(code, sizeof(code), "%s%s", prefix, row->advice.code);
        tell(data, code, &found);
    }
}

void explain_all(void (*tell)(void *data, const char *code, const struct explanation *found),
                 void *data)
{
    struct explanation found;
    tell_rows(ret_codes, COUNT_OF(ret_codes), "", RET_CODE, RET_CODE, tell, data);
    for (size_t i = 0; i < COUNT_OF(ita_codes); i++)
        if (explain_ita(str_of(ita_codes[i].code), &found) == 1)
            tell(data, ita_codes[i].code, &found);
    for (int cause = 0; cause <= CAUSE_LAST; cause++) {
        char code[16];
        (void)snprintf(code, sizeof(code), "%d", cause);
        if (explain_cause(str_of(code), &found) == 1)
            tell(data, code, &found);
    }
    tell_rows(gateway_errors, COUNT_OF(gateway_errors), "APIGW.", GATEWAY_ERROR_EN,
              GATEWAY_ERROR_ZH, tell, data);
}
