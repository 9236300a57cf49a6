/* What became of the signed self-test push through the public URL. */

#include "gateway/diagnostics/judge.h"

struct advice {
    const char *cause_en, *cause_zh, *remedy_en, *remedy_zh;
};

static void advise(struct diagnosis_step *step, const struct advice *advice)
{
    diagnosis_say(&step->cause, "%s%.0s", "%.0s%s", advice->cause_en, advice->cause_zh);
    diagnosis_say(&step->remedy, "%s%.0s", "%.0s%s", advice->remedy_en, advice->remedy_zh);
}

/* --- Refused by a gateway: the ITA's pushes would be, too --- */

static const struct advice changed_on_the_way = {
    "The signature was right when the push was sent: on the way somebody changes the path, the "
    "query, the body or a signed header (Host, Content-Type, X-Sdk-Date).",
    "推送发出时签名正确：途中有设备更改了路径、查询参数、消息体或已签名的头（Host、"
    "Content-Type、X-Sdk-Date）。",
    "Let the proxy pass path, body and these headers on as they come: no rewriting, no prefix "
    "taken away, no re-encoding.",
    "请让代理原样转发路径、消息体和这些头：不要重写、去除前缀或重新编码。",
};

static const struct {
    enum ita_verify_result result;
    struct advice advice;
} refusals[] = {
    {ITA_VERIFY_HOST,
     {"A proxy puts another Host into the request.", "有代理更改了请求的 Host。",
      "Let the proxy pass Host on unchanged (nginx: `proxy_set_header Host $http_host;`). Without "
      "a proxy, public-host must be as clients send it: without the port 443.",
      "请让代理原样转发 Host（nginx：`proxy_set_header Host "
      "$http_host;`）。若没有代理，public-host 须与客户端发送的一致：不带端口 443。"}},
    {ITA_VERIFY_AUTHORIZATION,
     {"A proxy removes or changes the Authorization header.",
      "有代理删除或更改了 Authorization 头。",
      "Let the proxy pass Authorization on unchanged, and not ask for a sign-in of its own.",
      "请让代理原样转发 Authorization，且不要自行要求登录。"}},
    {ITA_VERIFY_ABSENT_HEADER,
     {"A proxy removes or repeats a signed header.", "有代理删除或重复了已签名的头。",
      "Let the proxy pass Host, Content-Type and X-Sdk-Date on unchanged.",
      "请让代理原样转发 Host、Content-Type 和 X-Sdk-Date。"}},
};

/* Nobody here noted it: the body was no self-test any more, or it never came here. */
static const struct advice refused_unseen = {
    "The signature was right when the push was sent. Either a proxy changes the request on the "
    "way, or the URL leads to another gateway, which does not have this AccessKey and SecretKey.",
    "推送发出时签名正确。可能是代理在途中更改了请求，或该地址指向另一个没有此 AccessKey 和 "
    "SecretKey 的网关。",
    "Look for `CDR push refused` in the gateway's log: it says why. Let the proxy pass Host, path, "
    "Authorization and body on unchanged; see that DNS leads public-host to this gateway.",
    "请在网关日志中查找 `CDR push refused`，其中有原因。请让代理原样转发 Host、路径、"
    "Authorization 和消息体；并确认 DNS 将 public-host 指向本网关。",
};

static const struct advice *advice_on(enum ita_verify_result reason)
{
    for (size_t i = 0; i < COUNT_OF(refusals); i++)
        if (refusals[i].result == reason)
            return &refusals[i].advice;
    return &changed_on_the_way;
}

static void judge_refused(struct diagnosis_step *step, const struct judge_public_url *seen)
{
    const struct push_note *note = seen->refused;
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "%s refuses a push that is well signed, as it would the ITA's",
                  "%s 拒绝了签名正确的推送，ITA 的推送同样会被拒绝", seen->url);
    if (note == NULL) {
        diagnosis_add(&step->text, ".", "。");
        advise(step, &refused_unseen);
        return;
    }
    diagnosis_add(&step->text, ": %s%s%s.", "：%s%s%s。", ita_verify_text(note->last),
                  note->detail.text[0] == '\0' ? "" : ": ", note->detail.text);
    advise(step, advice_on(note->last));
}

/* --- Answered by somebody else --- */

static const struct {
    int from, to; /* statuses */
    struct advice advice;
} answers[] = {
    {200,
     299,
     {"Another server answers, or a proxy by itself. A CDR that is pushed there counts as "
      "delivered, and is lost.",
      "应答来自其他服务器，或代理自行应答。推送到那里的话单会被视为已送达，从而丢失。",
      "Let the proxy pass POST of this path on to the gateway's `listen`; see that DNS leads "
      "public-host to it. All gateways behind the URL must be of this version.",
      "请让代理将此路径的 POST 转发到网关的 `listen`，并确认 DNS 将 public-host "
      "指向它。该地址后的所有网关须为此版本。"}},
    {300,
     399,
     {"It redirects; a signature holds for one URL only, and pushes follow no redirect.",
      "该地址返回重定向；签名只对一个 URL 有效，推送不会跟随重定向。",
      "Let the proxy pass POST of this path on to the gateway's `listen` instead.",
      "请让代理将此路径的 POST 转发到网关的 `listen`。"}},
    {404,
     405,
     {"A server in between does not know the path, or does not take POST there.",
      "中间的服务器不认识此路径，或不接受 POST。",
      "Let the proxy pass POST of this path on to the gateway's `listen`, unchanged.",
      "请让代理将此路径的 POST 原样转发到网关的 `listen`。"}},
    {500,
     599,
     {"A proxy does not reach the gateway, or the gateway can't take the push now.",
      "代理无法访问网关，或网关当前无法接收推送。",
      "Look into the proxy's log, and at `ita-gateway doctor` without a tenant.",
      "请查看代理日志，并运行不带租户的 `ita-gateway doctor`。"}},
};

static const struct advice elsewhere = {
    "The ITA may reach it all the same: this machine may stand behind the firewall or proxy "
    "through which the ITA comes, or trust other certificates.",
    "ITA 仍可能访问成功：本机可能位于 ITA 所经过的防火墙或代理之后，或信任的证书不同。",
    "Try the URL from outside; see that public-host, DNS, the proxy and the certificate of the "
    "listener fit together.",
    "请从外部访问该 URL；并确认 public-host、DNS、代理与监听证书相互一致。",
};

static void judge_answered(struct diagnosis_step *step, const struct judge_public_url *seen)
{
    diagnosis_say(&step->text,
                  "%s answers a signed self-test with HTTP %d, and nothing proves that the gateway "
                  "verified it.",
                  "%s 对签名的自检推送返回 HTTP %d，无法证明网关已验证。", seen->url, seen->status);
    advise(step, &elsewhere);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        if (seen->status >= answers[i].from && seen->status <= answers[i].to)
            advise(step, &answers[i].advice);
}

void judge_public_url(struct diagnosis_step *step, const struct judge_public_url *seen)
{
    bool is_answered = seen->outcome == HTTP_ANSWERED;
    step->result = DIAGNOSIS_WARNING;
    if (is_answered && seen->is_proven) {
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text, "A signed self-test got through %s and was verified.",
                      "签名的自检推送经 %s 到达并通过验证。", seen->url);
    } else if (is_answered && seen->status == 401 && seen->is_ours) {
        judge_refused(step, seen);
    } else if (is_answered) {
        judge_answered(step, seen);
    } else {
        if (seen->outcome == HTTP_NOT_SENT)
            diagnosis_say(&step->text, "%s was not reached from here: %s.",
                          "从本机无法访问 %s：%s。", seen->url, seen->why);
        else
            diagnosis_say(&step->text, "%s gave no answer to a signed self-test: %s.",
                          "%s 未应答签名的自检推送：%s。", seen->url, seen->why);
        advise(step, &elsewhere);
    }
}
