#include "gateway/diagnostics/judge.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* --- The token --- */

static void judge_held(struct diagnosis_step *step, const struct judge_token *token)
{
    long long held_s = (long long)(token->held_ms + 999) / 1000;
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text,
                  "The AICC has refused this app key and secret time after time: the gateway holds "
                  "them back for %lld more seconds.",
                  "AICC 已多次拒绝该 app key 与 secret：网关将在 %lld 秒内暂停使用。", held_s);
    diagnosis_say(&step->cause, "Whoever insists is slowed or locked by the AICC.",
                  "反复尝试会被 AICC 限速或锁定。");
    diagnosis_say(&step->remedy,
                  "Enter the app secret again: with another one the gateway tries at once.",
                  "请重新填写 app secret：更换后网关会立即重试。");
}

static void judge_unanswered(struct diagnosis_step *step, const struct judge_token *token)
{
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "The AICC did not answer the request for a token: %s.",
                  "AICC 没有应答令牌请求：%s。", token->why);
    diagnosis_say(&step->cause,
                  "The connection stood, and the AICC, or a proxy before it, closed it or kept "
                  "silent.",
                  "连接已建立，但 AICC 或其前置代理关闭了连接或没有应答。");
    diagnosis_say(&step->remedy,
                  "Try again; if it stays, ask the AICC's operator with the time of this test, and "
                  "whether this machine's address is allowed.",
                  "请重试；若仍如此，请将测试时间告知 AICC 运营方，并确认本机地址已获允许。");
}

/* What is refused, as far as the AICC's words name one of the two. */
enum blamed { BLAMED_EITHER, BLAMED_APP_KEY, BLAMED_SECRET };

static enum blamed blamed_by(const char *words)
{
    bool names_secret = strcasestr(words, "secret") != NULL;
    bool names_key = strcasestr(words, "app_key") != NULL || strcasestr(words, "appkey") != NULL ||
                     strcasestr(words, "app key") != NULL;
    if (names_secret == names_key)
        return BLAMED_EITHER;
    return names_secret ? BLAMED_SECRET : BLAMED_APP_KEY;
}

static const struct {
    const char *en, *zh, *cause_en, *cause_zh, *remedy_en, *remedy_zh;
} refusals[] = {
    [BLAMED_EITHER] = {"the app key or its secret", "app key 或其 secret",
                       "One of the two is wrong, or the app is disabled there; the AICC does not "
                       "say which.",
                       "两者之一有误，或该应用已被停用；AICC 未说明是哪一项。",
                       "Enter both again as the AICC shows them under its app keys.",
                       "请按 AICC 的应用密钥页面重新填写两项。"},
    [BLAMED_APP_KEY] = {"the app key", "app key",
                        "The AICC does not know it: it is misspelt, was disabled or removed there, "
                        "or belongs to another AICC.",
                        "AICC 不认识它：填写有误、已被停用或删除，或属于另一个 AICC。",
                        "Enter the app key, and its secret, as the AICC shows them.",
                        "请按 AICC 所示重新填写 app key 及其 secret。"},
    [BLAMED_SECRET] = {"the secret of the app key", "app key 的 secret",
                       "The secret is not that of this app key: it is misspelt, or was made anew "
                       "there.",
                       "secret 与该 app key 不匹配：填写有误，或已在 AICC 重新生成。",
                       "Enter the app secret again; if it is lost, have the AICC make a new one.",
                       "请重新填写 app secret；若已遗失，请在 AICC 重新生成。"},
};

static void judge_refused(struct diagnosis_step *step, const struct judge_token *token)
{
    enum blamed blamed = blamed_by(token->words);
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "The AICC refuses %s%.0s: HTTP %d %s",
                  "AICC 拒绝了%.0s%s：HTTP %d %s", refusals[blamed].en, refusals[blamed].zh,
                  token->status, token->words);
    diagnosis_say(&step->cause, "%s%.0s", "%.0s%s", refusals[blamed].cause_en,
                  refusals[blamed].cause_zh);
    diagnosis_say(&step->remedy, "%s%.0s", "%.0s%s", refusals[blamed].remedy_en,
                  refusals[blamed].remedy_zh);
}

static void judge_slowed(struct diagnosis_step *step, const struct judge_token *token)
{
    step->result = DIAGNOSIS_WARNING;
    diagnosis_say(&step->text, "The AICC wants fewer requests: HTTP %d %s",
                  "AICC 要求减少请求：HTTP %d %s", token->status, token->words);
    diagnosis_say(&step->cause, "After refused sign-ins an AICC slows an app key; or it is busy.",
                  "登录被拒绝后，AICC 会对该 app key 限速；也可能是其繁忙。");
    diagnosis_say(&step->remedy, "Test again in a minute.", "请一分钟后重试。");
}

static void judge_server_error(struct diagnosis_step *step, const struct judge_token *token)
{
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "The AICC answers with HTTP %d.", "AICC 返回 HTTP %d。",
                  token->status);
    diagnosis_say(&step->cause, "The AICC, or what stands behind its gateway, is not well.",
                  "AICC 或其网关之后的服务异常。");
    diagnosis_say(
        &step->remedy,
        "Nothing is to be changed here: tell the AICC's operator the time of this test, and try "
        "again.",
        "此处无须修改：请将测试时间告知 AICC 运营方，然后重试。");
}

static void judge_no_aicc(struct diagnosis_step *step, const struct judge_token *token)
{
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "What answers there gives no token: HTTP %d %s",
                  "对端没有返回令牌：HTTP %d %s", token->status, token->words);
    diagnosis_say(&step->cause,
                  "This is a web page, a proxy's sign-in page or another API, not tokenByAkSk of "
                  "an AICC.",
                  "这是网页、代理的登录页或其他接口，不是 AICC 的 tokenByAkSk。");
    diagnosis_say(
        &step->remedy,
        "Compare the AICC Domain Name of the settings with what the AICC's operator gave.",
        "请将设置中的 AICC 域名与 AICC 运营方提供的域名核对。");
}

void judge_token(struct diagnosis_step *step, const struct judge_token *token)
{
    int status = token->status;
    if (token->is_held) {
        judge_held(step, token);
    } else if (token->outcome != HTTP_ANSWERED) {
        judge_unanswered(step, token);
    } else if (token->is_granted) {
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text,
                      "The AICC takes the app key and its secret: it gave a token, good for %lld "
                      "s.",
                      "AICC 接受该 app key 与 secret：已返回令牌，有效期 %lld 秒。",
                      (long long)token->good_s);
    } else if (status == 429 || (status == 503 && token->wait_ms >= 0)) {
        judge_slowed(step, token);
    } else if (status == 400 || status == 401 || status == 403) {
        judge_refused(step, token);
    } else if (status >= 500) {
        judge_server_error(step, token);
    } else {
        judge_no_aicc(step, token);
    }
}

/* --- The AICC's callbacks --- */

static const struct {
    const char *en, *zh, *remedy_en, *remedy_zh;
} callback_refusals[] = {
    [AICC_REFUSAL_TENANT] = {"their path names no tenant of this gateway",
                             "其路径中的租户在本网关不存在",
                             "Correct the tenant in the URLs that are entered in the AICC's "
                             "console.",
                             "请更正 AICC 控制台中所填 URL 的租户。"},
    [AICC_REFUSAL_UNSIGNED] = {"they are not signed, and the mode here is Shared Key",
                               "未签名，而此处的认证方式为 Shared Key",
                               "Have the AICC sign what goes to its own URLs as well, or choose "
                               "another authentication mode here.",
                               "请让 AICC 对其控制台 URL 的回调也签名，或在此处改用其他认证方式。"},
    [AICC_REFUSAL_FORGED] = {"they are signed with another key", "签名所用密钥不同",
                             "Enter the same Shared Key in the AICC and here.",
                             "请在 AICC 与此处填写相同的 Shared Key。"},
    [AICC_REFUSAL_NO_SERIAL] = {"they have no callSerialNo", "缺少 callSerialNo",
                                "See that the URLs are entered as those of two-party calls.",
                                "请确认所填的是双呼的回调 URL。"},
};

static void judge_refused_callback(struct diagnosis_step *step, const struct aicc_note *note)
{
    char at[32] = "";
    struct buf text;
    buf_init_fixed(&text, at, sizeof(at) - 1);
    clock_append_rfc3339(&text, note->refused_ms);
    step->result = DIAGNOSIS_WARNING;
    diagnosis_add(&step->text, "%sRefused since the start: %llu, the last at %s.",
                  "%s自启动以来拒绝了 %llu 个，最近一个在 %s。",
                  step->text.en[0] == '\0' ? "" : " ", (unsigned long long)note->refused, at);
    diagnosis_say(&step->cause,
                  "The last was refused because: %s%.0s. Its news then come only when the AICC is "
                  "asked.",
                  "最近一个被拒绝的原因：%.0s%s。此时只能通过轮询 AICC 获知。",
                  callback_refusals[note->why].en, callback_refusals[note->why].zh);
    diagnosis_say(&step->remedy, "%s%.0s", "%.0s%s", callback_refusals[note->why].remedy_en,
                  callback_refusals[note->why].remedy_zh);
}

void judge_aicc_callbacks(struct diagnosis_step *step, const struct aicc_note *note,
                          const struct aicc_note *unknown)
{
    char at[32] = "";
    struct buf text;
    step->text = (struct diagnosis_words){0};
    buf_init_fixed(&text, at, sizeof(at) - 1);
    clock_append_rfc3339(&text, note->taken_ms);
    step->result = DIAGNOSIS_OK;
    if (note->taken_ms > 0)
        diagnosis_say(&step->text, "The last came at %s.", "最近一个收于 %s。", at);
    if (note->refused > 0 && note->refused_ms > note->taken_ms)
        judge_refused_callback(step, note);
    else if (note->taken_ms == 0 && unknown->refused > 0)
        judge_refused_callback(step, unknown);
    else if (note->taken_ms == 0)
        diagnosis_skip(step,
                       "None since the start. They are optional: without them news of a call come "
                       "when the AICC is asked (docs/cec.md).",
                       "自启动以来没有。回调是可选的：没有回调时，通过轮询 AICC "
                       "获知通话进展（docs/cec.md）。");
}
