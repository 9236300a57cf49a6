#include "gateway/diagnostics/judge.h"

#include <stdlib.h>

#include "base/mem.h"
#include "profile/code.h"

/* --- The ITA answers --- */

static void judge_unanswered(struct diagnosis_step *step, const struct judge_request *request)
{
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "The ITA did not answer a request (%s): %s.",
                  "ITA 没有应答请求（%s）：%s。", request->operation, request->why);
    diagnosis_say(&step->cause,
                  "The connection stood, and the ITA, or a proxy before it, closed it or kept "
                  "silent.",
                  "连接已建立，但 ITA 或其前置代理关闭了连接或没有应答。");
    diagnosis_say(&step->remedy,
                  "Try again; if it stays, ask the ITA's operator with the time of this test, and "
                  "whether this machine's address is allowed.",
                  "请重试；若仍如此，请将测试时间告知 ITA 运营方，并确认本机地址已获允许。");
}

static void judge_server_error(struct diagnosis_step *step, const struct judge_request *request)
{
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "The ITA answers with HTTP %d.", "ITA 返回 HTTP %d。",
                  request->status);
    diagnosis_say(&step->cause, "The ITA, or what stands behind its gateway, is not well.",
                  "ITA 或其网关之后的服务异常。");
    diagnosis_say(
        &step->remedy,
        "Nothing is to be changed here: tell the ITA's operator the time of this test, and "
        "try again.",
        "此处无须修改：请将测试时间告知 ITA 运营方，然后重试。");
}

static void judge_redirect(struct diagnosis_step *step, const struct judge_request *request)
{
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "Something answers with a redirect, HTTP %d.",
                  "对端返回重定向 HTTP %d。", request->status);
    diagnosis_say(&step->cause, "This is a web page or a proxy's sign-in page, not the ITA's API.",
                  "这是网页或代理的登录页，不是 ITA 的接口。");
    diagnosis_say(&step->remedy,
                  "Compare the ITA Domain Name of the settings with what the ITA's operator gave.",
                  "请将设置中的 ITA 域名与 ITA 运营方提供的域名核对。");
}

static void judge_no_api(struct diagnosis_step *step, const struct judge_request *request)
{
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "There is no such API at this domain: HTTP %d %s.",
                  "该域名上没有此接口：HTTP %d %s。", request->status, request->native_code);
    diagnosis_say(&step->cause,
                  "The domain name is not the ITA's, or the wire profile has other paths than this "
                  "ITA.",
                  "域名不是 ITA 的域名，或协议配置（wire profile）中的路径与该 ITA 不符。");
    diagnosis_say(
        &step->remedy,
        "Compare the ITA Domain Name with what the ITA's operator gave, then the paths of "
        "`ita-gateway profile show` with the ITA's document.",
        "请先将 ITA 域名与 ITA 运营方提供的域名核对，再将 `ita-gateway profile show` "
        "中的路径与 ITA 文档核对。");
}

static bool ends_with_code(const struct judge_request *request, const char *digits)
{
    struct str code = str_of(request->native_code);
    bool is_gateway = str_starts(code, STR("APIGW.")) || str_starts(code, STR("APIG.")) ||
                      str_starts(code, STR("APIC."));
    return is_gateway && str_ends(code, str_of(digits));
}

static void judge_slowed(struct diagnosis_step *step, const struct judge_request *request)
{
    step->result = DIAGNOSIS_WARNING;
    diagnosis_say(&step->text, "The ITA wants fewer requests: HTTP %d %s.",
                  "ITA 要求减少请求：HTTP %d %s。", request->status, request->native_code);
    diagnosis_say(&step->remedy,
                  "Test again in a minute; if calls are refused with 90104029, set the limit per "
                  "second in the settings or ask the ITA for more.",
                  "请一分钟后重试；若呼叫被 90104029 拒绝，请在设置中限制每秒请求数，或向 ITA "
                  "申请更高配额。");
}

/* Every answer of the ITA's API has a code; any web server answers 200, or 404. */
static bool is_silent_of_code(const struct judge_request *request)
{
    bool may_be_any_servers = request->status < 300 || request->status == 404;
    return may_be_any_servers && request->native_code[0] == '\0';
}

void judge_answer(struct diagnosis_step *step, const struct judge_request *request)
{
    int status = request->status;
    if (request->is_held)
        diagnosis_skip(step, "Not asked: the AccessKey is held back, see Credentials.",
                       "未发送请求：AccessKey 暂停使用，见“凭据”。");
    else if (request->operation == NULL)
        diagnosis_skip(step, "Not asked: the wire profile has no request that does nothing.",
                       "未发送请求：协议配置（wire profile）中没有无副作用的请求。");
    else if (request->outcome != HTTP_ANSWERED)
        judge_unanswered(step, request);
    else if (status >= 300 && status < 400)
        judge_redirect(step, request);
    else if (ends_with_code(request, ".0101") || is_silent_of_code(request))
        judge_no_api(step, request);
    else if (status == 429 || ends_with_code(request, ".0308"))
        judge_slowed(step, request);
    else if (status >= 500)
        judge_server_error(step, request);
    else {
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text, "The ITA answers (asked: %s), HTTP %d %s.",
                      "ITA 有应答（请求：%s），HTTP %d %s。", request->operation, status,
                      request->native_code);
    }
}

/* --- The clocks --- */

enum {
    CLOCK_WARNING_MS = 60 * 1000,     /* NTP keeps it within a fraction of a second */
    CLOCK_FAILED_MS = 15 * 60 * 1000, /* signing.md, 11.4: beyond it signatures are refused */
};

void judge_clock(struct diagnosis_step *step, const struct judge_request *request)
{
    long long ahead_s = (long long)request->clock_ahead_ms / 1000;
    int64_t distance_ms = llabs(request->clock_ahead_ms) - request->clock_error_ms;
    if (!request->has_clock) {
        diagnosis_skip(step, "The ITA's answer does not tell its time.", "ITA 的应答中没有时间。");
        return;
    }
    step->result = DIAGNOSIS_OK;
    if (llabs(ahead_s) <= 1) /* told in seconds */
        diagnosis_say(&step->text, "The ITA's clock and this machine's agree.",
                      "ITA 与本机的时钟一致。");
    else if (ahead_s > 0)
        diagnosis_say(&step->text, "The ITA's clock is %lld s ahead of this machine's.",
                      "ITA 的时钟比本机快 %lld 秒。", ahead_s);
    else
        diagnosis_say(&step->text, "The ITA's clock is %lld s behind this machine's.",
                      "ITA 的时钟比本机慢 %lld 秒。", -ahead_s);
    if (distance_ms < CLOCK_WARNING_MS)
        return;
    step->result = distance_ms < CLOCK_FAILED_MS ? DIAGNOSIS_WARNING : DIAGNOSIS_FAILED;
    diagnosis_say(&step->cause,
                  "One of the two clocks is wrong. Beyond 15 minutes the ITA refuses signatures, "
                  "until the gateway signs with the ITA's time, and the ITA's CDR pushes are "
                  "refused here: calls then end without their CDR.",
                  "两个时钟中有一个不准。相差超过 15 分钟时，ITA 会拒绝签名（网关随后改用 ITA "
                  "的时间签名），且 ITA 推送的话单会在此被拒绝：呼叫结束时将没有话单。");
    diagnosis_say(&step->remedy,
                  "Look at this machine's clock (`timedatectl`) and switch NTP on. If it is right, "
                  "tell the ITA's operator.",
                  "请检查本机时钟（`timedatectl`）并启用 NTP。若本机时钟正确，请告知 ITA 运营方。");
}

/* --- Credentials --- */

/* What the API gateway before the ITA says of a signature (signing.md, section 8): a part of its
 * message, and what that means. */
enum refusal {
    REFUSED_ACCESS_KEY,
    REFUSED_LOCKED,
    REFUSED_TIME,
    REFUSED_APP_KEY,
    REFUSED_SIGNATURE,
    REFUSED_PERMISSION,
    REFUSED_OTHERWISE,
};

static const struct {
    const char *part;
    enum refusal refusal;
} messages[] = {
    {"failed to reach the limit", REFUSED_LOCKED},
    {"signature expired", REFUSED_TIME},
    {"app not found", REFUSED_APP_KEY},
    {"not exist", REFUSED_ACCESS_KEY},
    {"get secretkey failed", REFUSED_ACCESS_KEY},
    {"verify aksk signature fail", REFUSED_SIGNATURE},
    {"verify signature fail", REFUSED_SIGNATURE},
};

static bool holds_nocase(struct str text, struct str part)
{
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (str_is_nocase(str_slice(text, i, part.len), part))
            return true;
    return false;
}

static enum refusal refusal_of(const struct judge_request *request)
{
    for (size_t i = 0; i < COUNT_OF(messages); i++)
        if (holds_nocase(str_of(request->native_message), str_of(messages[i].part)))
            return messages[i].refusal;
    if (request->status == 403 || ends_with_code(request, ".0302") ||
        ends_with_code(request, ".0304"))
        return REFUSED_PERMISSION;
    return REFUSED_OTHERWISE;
}

/* By refusal: what the text names, what it comes from, what to do. */
static const struct {
    const char *en, *zh, *cause_en, *cause_zh, *remedy_en, *remedy_zh;
} refusals[] = {
    [REFUSED_ACCESS_KEY] =
        {"the AccessKey", "AccessKey",
         "The ITA does not know this AccessKey: it is misspelt, was withdrawn, or "
         "belongs to another ITA.",
         "ITA 不认识该 AccessKey：填写有误、已被撤销，或属于另一个 ITA。",
         "Enter AccessKey and SecretKey as the ITA's operator gave them.",
         "请按 ITA 运营方提供的内容重新填写 AccessKey 和 SecretKey。"},
    [REFUSED_LOCKED] =
        {"the AccessKey, which is locked", "AccessKey（已锁定）",
         "Too many wrong signatures in a row: the ITA locks the key for five minutes.",
         "签名连续错误次数过多：ITA 会将密钥锁定五分钟。",
         "Correct the SecretKey, wait five minutes, then test again.",
         "请更正 SecretKey，等待五分钟后重试。"},
    [REFUSED_TIME] =
        {"the time of the signature", "签名时间",
         "The ITA refuses the time of the signature, although it was signed again with "
         "the time that the ITA told.",
         "已用 ITA 告知的时间重新签名，ITA 仍拒绝签名时间。",
         "Set this machine's clock (`timedatectl`); if it is right, tell the ITA's "
         "operator that theirs is not.",
         "请校准本机时钟（`timedatectl`）；若本机时钟正确，请告知 ITA 运营方其时钟有误。"},
    [REFUSED_APP_KEY] =
        {"the AppKey", "AppKey",
         "The ITA does not know this AppKey, or it does not belong to the AccessKey.",
         "ITA 不认识该 AppKey，或该 AppKey 与 AccessKey 不匹配。",
         "Enter the AppKey as the ITA's operator gave it.",
         "请按 ITA 运营方提供的内容重新填写 AppKey。"},
    [REFUSED_SIGNATURE] =
        {"the signature", "签名",
         "The SecretKey is not the one of this AccessKey; or this ITA signs other "
         "headers or another body hash than the wire profile says.",
         "SecretKey 与 AccessKey 不匹配；或该 ITA 的签名头、消息体摘要方式与协议配置"
         "（wire profile）不同。",
         "Enter the SecretKey again. Don't test more often than needed: after five "
         "wrong signatures in a row the ITA locks the key for five minutes.",
         "请重新填写 SecretKey。请勿反复测试：连续五次签名错误后，ITA "
         "会将密钥锁定五分钟。"},
    [REFUSED_PERMISSION] = {"the permission", "权限",
                            "The keys are right, but the ITA does not allow them to use this API.",
                            "密钥正确，但 ITA 未授权其使用该接口。",
                            "Ask the ITA's operator to authorise this AppKey and AccessKey for "
                            "two-party calls.",
                            "请 ITA 运营方为该 AppKey 和 AccessKey 开通双呼接口权限。"},
    [REFUSED_OTHERWISE] =
        {"the credentials", "凭据",
         "The ITA does not say which of AccessKey, SecretKey and AppKey is wrong.",
         "ITA 未说明 AccessKey、SecretKey、AppKey 中哪一项有误。",
         "Enter all three again as the ITA's operator gave them.",
         "请按 ITA 运营方提供的内容重新填写这三项。"},
};

/* Without what follows the reason: the gateway's own canonical request. */
static int message_len(const struct judge_request *request)
{
    const char *end = strstr(request->native_message, ", canonicalRequest");
    return end == NULL ? (int)strlen(request->native_message)
                       : (int)(end - request->native_message);
}

static void judge_refused(struct diagnosis_step *step, const struct judge_request *request)
{
    enum refusal refusal = refusal_of(request);
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "The ITA refuses %s%.0s: HTTP %d %s %.*s",
                  "ITA 拒绝了%.0s%s：HTTP %d %s %.*s", refusals[refusal].en, refusals[refusal].zh,
                  request->status, request->native_code, message_len(request),
                  request->native_message);
    diagnosis_say(&step->cause, "%s%.0s", "%.0s%s", refusals[refusal].cause_en,
                  refusals[refusal].cause_zh);
    diagnosis_say(&step->remedy, "%s%.0s", "%.0s%s", refusals[refusal].remedy_en,
                  refusals[refusal].remedy_zh);
}

static void judge_held(struct diagnosis_step *step, const struct judge_request *request)
{
    long long held_s = (long long)(request->held_ms + 999) / 1000;
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text,
                  "The ITA has refused this AccessKey's signatures time after time: the gateway "
                  "holds it back for %lld more seconds.",
                  "ITA 已多次拒绝该 AccessKey 的签名：网关将在 %lld 秒内暂停使用它。", held_s);
    diagnosis_say(
        &step->cause,
        "At the fifth wrong signature in a row the ITA locks the key for five minutes; the "
        "gateway stops before.",
        "连续第五次签名错误时，ITA 会将密钥锁定五分钟；网关会提前停止。");
    diagnosis_say(&step->remedy,
                  "Enter the SecretKey again: with another one the gateway tries at once.",
                  "请重新填写 SecretKey：更换后网关会立即重试。");
}

/* The signature was good when the ITA itself spoke, with a code of its own, or accepted. */
static bool is_refused(const struct judge_request *request)
{
    if (request->meaning == ITA_ACCEPTED)
        return false;
    if (str_is(str_of(request->native_code), str_of(ITA_CODE_AUTH_FAILED)))
        return true;
    return ita_code_text(str_of(request->native_code)) == NULL &&
           (request->status == 401 || request->status == 403 || ends_with_code(request, ".0301") ||
            ends_with_code(request, ".0302") || ends_with_code(request, ".0303") ||
            ends_with_code(request, ".0304") || ends_with_code(request, ".0307"));
}

enum ita_key_verdict judge_key(const struct judge_request *request)
{
    if (request->outcome != HTTP_ANSWERED)
        return ITA_KEY_UNTOLD;
    if (is_refused(request))
        return refusal_of(request) == REFUSED_PERMISSION ? ITA_KEY_UNTOLD : ITA_KEY_REFUSED;
    if (request->meaning == ITA_ACCEPTED || ita_code_text(str_of(request->native_code)) != NULL)
        return ITA_KEY_GOOD;
    return ITA_KEY_UNTOLD;
}

void judge_credentials(struct diagnosis_step *step, const struct judge_request *request)
{
    if (request->is_held) {
        judge_held(step, request);
    } else if (is_refused(request)) {
        judge_refused(step, request);
    } else if (request->status == 429 || ends_with_code(request, ".0308")) {
        diagnosis_skip(step, "The ITA did not look at them: it wants fewer requests.",
                       "ITA 未检查凭据：它要求减少请求。");
    } else {
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text, "AccessKey, signature and AppKey are accepted%s%.0s.",
                      "AccessKey、签名和 AppKey 均被接受%.0s%s。",
                      request->was_resigned ? ", with the ITA's time" : "",
                      request->was_resigned ? "（使用 ITA 的时间）" : "");
    }
}
