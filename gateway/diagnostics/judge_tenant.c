#include "gateway/diagnostics/judge.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/model/settings.h"

struct moment {
    char text[32];
};

static struct moment moment_of(int64_t wall_ms)
{
    struct moment moment = {""};
    struct buf text;
    buf_init_fixed(&text, moment.text, sizeof(moment.text) - 1);
    clock_append_rfc3339(&text, wall_ms);
    return moment;
}

/* --- What is saved --- */

static bool judge_switches(struct diagnosis_step *step, const struct tenant *tenant)
{
    const char *en, *zh;
    if (!tenant->is_enabled) {
        en = "the tenant";
        zh = "租户";
    } else if (!tenant->is_bidirectional_enabled) {
        en = "the one-click bidirectional call feature of the tenant";
        zh = "租户的一键双呼功能";
    } else {
        return true;
    }
    diagnosis_say(&step->text, "Disabled: %s%.0s.", "已停用：%.0s%s。", en, zh);
    diagnosis_say(&step->cause, "Its calls are refused with retCode 6.",
                  "该租户的呼叫会以 retCode 6 被拒绝。");
    diagnosis_say(&step->remedy, "A system administrator enables it, under Tenants.",
                  "请系统管理员在“租户”中启用。");
    return false;
}

static void say_fields(struct diagnosis_step *step, const struct violations *violations)
{
    if (violations->count == 0)
        diagnosis_say(&step->text, "Nothing has been saved yet", "尚未保存任何设置");
    else
        diagnosis_say(&step->text, "Not complete: ", "不完整：");
    for (size_t i = 0; i < violations_kept(violations); i++) {
        const struct violation *violation = &violations->items[i];
        diagnosis_add(&step->text, "%s%s %s%.0s", "%s%s %.0s%s", i == 0 ? "" : "; ",
                      violation->field, violation->en, violation->zh);
    }
    diagnosis_add(&step->text, ".", "。");
    diagnosis_say(&step->cause, "Calls are refused with retCode 6 until all of it is right.",
                  "在全部正确之前，呼叫会以 retCode 6 被拒绝。");
    diagnosis_say(&step->remedy, "Edit the settings under Bidirectional Call, and save.",
                  "请在“双呼”页面编辑并保存设置。");
}

/* What the trustlist has against callback URLs keeps no call from the ITA: judge_callbacks(). */
static void drop_of_callbacks(struct violations *violations)
{
    size_t kept = 0;
    for (size_t i = 0; i < violations_kept(violations); i++) {
        const char *rule = violations->items[i].rule;
        if (strcmp(rule, callback_trust_rule_untrusted.name) != 0 &&
            strcmp(rule, callback_trust_rule_forbidden.name) != 0)
            violations->items[kept++] = violations->items[i];
    }
    violations->count = kept;
}

void judge_settings(struct diagnosis_step *step, const struct contract *contract,
                    const struct callback_trust *callback_trust)
{
    const struct tenant *tenant = &contract->tenant;
    const struct settings_surroundings surroundings = {.x_number_count = tenant->x_number_count,
                                                       .callback_trust = callback_trust};
    struct violations *violations = NEW(struct violations);
    step->result = DIAGNOSIS_FAILED;
    if (tenant->is_configured)
        settings_check(&tenant->settings, &surroundings, violations);
    drop_of_callbacks(violations);
    if (!judge_switches(step, tenant)) {
        /* said */
    } else if (!tenant->is_configured || violations->count > 0) {
        say_fields(step, violations);
    } else {
        bool is_cec = tenant->settings.type == CALL_TYPE_CEC;
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text, "Complete: type %s, domain %s.", "完整：类型 %s，域名 %s。",
                      is_cec ? "CEC" : "ITA",
                      is_cec ? tenant->settings.aicc_domain : tenant->settings.domain);
    }
    mem_free(violations);
}

/* --- X numbers --- */

static void say_x_counts(struct diagnosis_step *step, const struct judge_x_numbers *numbers)
{
    diagnosis_say(&step->text, "X numbers: %zu, locked: %zu", "X 号码 %zu 个，已锁定 %zu 个",
                  numbers->count, numbers->locked);
    if (numbers->is_live)
        diagnosis_add(&step->text,
                      "; of the others %zu free, %zu in calls, %zu resting, %zu blocked",
                      "；其余 %zu 个空闲、%zu 个通话中、%zu 个休息中、%zu 个被运营商阻断",
                      numbers->free, numbers->claimed, numbers->resting, numbers->blocked);
    diagnosis_add(&step->text, ".", "。");
}

/* Some number may be used. */
static void say_x_tightness(struct diagnosis_step *step, const struct judge_x_numbers *numbers)
{
    bool is_tight = numbers->is_live && (numbers->free == 0 || numbers->blocked > 0);
    step->result = is_tight ? DIAGNOSIS_WARNING : DIAGNOSIS_OK;
    if (is_tight)
        diagnosis_say(&step->remedy,
                      "Calls still find an X number, but with ever fewer pairs; when none fits "
                      "they are refused with 90106003. Unlock or buy more.",
                      "呼叫仍能分到 X 号码，但可用组合越来越少；无可用号码时会以 90106003 "
                      "拒绝。请解锁或购买更多号码。");
}

void judge_x_numbers(struct diagnosis_step *step, enum x_mode mode,
                     const struct judge_x_numbers *numbers)
{
    size_t blocked = numbers->is_live ? numbers->blocked : 0;
    if (mode == X_MODE_AUTOMATIC) {
        diagnosis_skip(step, "Mode Automatic: the ITA chooses the X number.",
                       "自动模式：由 ITA 选择 X 号码。");
        return;
    }
    say_x_counts(step, numbers);
    if (numbers->count > numbers->locked + blocked) {
        say_x_tightness(step, numbers);
    } else {
        step->result = DIAGNOSIS_FAILED;
        diagnosis_say(&step->cause,
                      "Mode Specified, and no X number may be used: every call is refused with "
                      "90106003.",
                      "指定模式，但没有可用的 X 号码：所有呼叫会以 90106003 被拒绝。");
        diagnosis_say(&step->remedy,
                      "Unlock or add some under X Numbers, or set the X Number Allocation Mode to "
                      "Automatic.",
                      "请在“X 号码”中解锁或添加号码，或将 X 号码分配模式改为自动。");
    }
    if (blocked > 0)
        diagnosis_add(&step->remedy,
                      " The carrier refuses the blocked ones: ask it why. Refused calls, found by "
                      "the number, tell its code. They are tried again by themselves.",
                      "被阻断的号码由运营商拒绝：请询问原因；按号码查找被拒绝的呼叫，可见其错误码。"
                      "网关会自动重试这些号码。");
}

/* --- CDR pushes --- */

/* What is to be done about a refusal; the others need a developer. */
static const struct {
    enum ita_verify_result result;
    const char *en, *zh;
} push_remedies[] = {
    {ITA_VERIFY_SIGNATURE,
     "The ITA signs its pushes with another SecretKey than the one saved: enter the SecretKey of "
     "the AccessKey again, or have the ITA's operator say which one it signs with.",
     "ITA 推送所用的 SecretKey 与已保存的不同：请重新填写该 AccessKey 的 SecretKey，或请 ITA "
     "运营方确认其签名所用密钥。"},
    {ITA_VERIFY_UNKNOWN_KEY,
     "The ITA signs with an AccessKey that no tenant has: compare the AccessKey of the settings "
     "with the ITA's operator.",
     "ITA 签名所用的 AccessKey 不属于任何租户：请与 ITA 运营方核对设置中的 AccessKey。"},
    {ITA_VERIFY_AUTHORIZATION,
     "The pushes are not signed: have the ITA's operator switch signing on, or look for a proxy "
     "that "
     "removes the Authorization header.",
     "推送未签名：请 ITA 运营方启用签名，或检查是否有代理删除了 Authorization 头。"},
    {ITA_VERIFY_EXPIRED,
     "The clocks of the ITA and of this machine are more than 15 minutes apart: set this machine's "
     "(`timedatectl`), or tell the ITA's operator.",
     "ITA 与本机的时钟相差超过 15 分钟：请校准本机时钟（`timedatectl`），或告知 ITA 运营方。"},
    {ITA_VERIFY_HOST,
     "The ITA signs another Host than public-host: have it push to the URL shown in the settings, "
     "let a proxy pass Host on unchanged, or correct public-host.",
     "ITA 签名的 Host 与 public-host 不同：请 ITA 推送到设置页所示的 URL，让代理原样转发 "
     "Host，或更正 public-host。"},
};

static void say_push_remedy(struct diagnosis_step *step, enum ita_verify_result result)
{
    diagnosis_say(&step->remedy,
                  "`ita-gateway verify` tells step by step what is wrong with a captured push.",
                  "`ita-gateway verify` 可逐步说明所抓取的推送有何问题。");
    for (size_t i = 0; i < COUNT_OF(push_remedies); i++)
        if (push_remedies[i].result == result)
            diagnosis_say(&step->remedy, "%s%.0s", "%.0s%s", push_remedies[i].en,
                          push_remedies[i].zh);
}

static void say_push_url(struct diagnosis_step *step, const char *host)
{
    diagnosis_say(&step->remedy,
                  "Register https://%s/apiaccess/rest/cc-management/v1/ita/twopartiescall/"
                  "statusnotify at the ITA, and place a call.",
                  "请在 ITA 登记 "
                  "https://%s/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify，"
                  "然后发起一个呼叫。",
                  host == NULL ? "<this gateway>" : host);
}

static void say_astray(struct diagnosis_step *step, const struct push_note *note, const char *host)
{
    diagnosis_say(&step->cause, "The last was for no path of this gateway: %s.",
                  "最近一个所请求的路径本网关没有：%s。", note->detail.text);
    say_push_url(step, host);
}

static void judge_refused_push(struct diagnosis_step *step, const struct push_note *note,
                               bool is_ours, const char *host)
{
    struct moment at = moment_of(note->last_ms);
    step->result = DIAGNOSIS_WARNING;
    diagnosis_add(&step->text, "%sRefused since the start: %llu%s%.0s, the last at %s.",
                  "%s自启动以来拒绝了 %llu 个%.0s%s，最近一个在 %s。",
                  step->text.en[0] == '\0' ? "" : " ", (unsigned long long)note->count,
                  is_ours ? "" : " of no tenant's AccessKey",
                  is_ours ? "" : "（AccessKey 不属于任何租户）", at.text);
    if (note->is_astray) {
        say_astray(step, note, host);
        return;
    }
    diagnosis_say(&step->cause, "%s%s%s.", "%s%s%s。", ita_verify_text(note->last),
                  note->detail.text[0] == '\0' ? "" : ": ", note->detail.text);
    say_push_remedy(step, note->last);
}

void judge_pushes(struct diagnosis_step *step, const struct judge_pushes *pushes)
{
    struct moment received = moment_of(pushes->received_ms);
    if (pushes->received_ms > 0) {
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text, "The last CDR came at %s.", "最近一个话单收于 %s。",
                      received.text);
    } else {
        step->result = DIAGNOSIS_WARNING;
        diagnosis_say(&step->text, "No CDR has come, as far back as is kept.",
                      "在保留的记录范围内未收到任何话单。");
    }
    if (pushes->refused != NULL && pushes->refused->last_ms > pushes->received_ms)
        judge_refused_push(step, pushes->refused, true, pushes->public_host);
    else if (pushes->unknown != NULL && pushes->received_ms == 0 && pushes->unknown->count > 0)
        judge_refused_push(step, pushes->unknown, false, pushes->public_host);
    else if (pushes->received_ms == 0)
        say_push_url(step, pushes->public_host);
}

void judge_unknown_pushes(struct diagnosis_step *step, const struct push_note *unknown,
                          const char *public_host)
{
    step->result = DIAGNOSIS_OK;
    step->text = (struct diagnosis_words){0};
    if (unknown->count == 0)
        diagnosis_say(&step->text, "None since the start.", "自启动以来没有。");
    else
        judge_refused_push(step, unknown, false, public_host);
}

/* --- Callback hosts --- */

static const struct {
    const char *en, *zh;
} callback_words[] = {
    [JUDGE_CALLBACK_FINE] = {"may be called", "可回调"},
    [JUDGE_CALLBACK_UNTRUSTED] = {"is not in the callback address trustlist",
                                  "不在回调地址信任列表中"},
    [JUDGE_CALLBACK_UNRESOLVED] = {"does not resolve", "无法解析"},
    [JUDGE_CALLBACK_FORBIDDEN] = {"leads to a loopback or link-local address",
                                  "指向环回或链路本地地址"},
};

void judge_callbacks(struct diagnosis_step *step, const struct judge_callback *callbacks,
                     size_t count)
{
    bool is_untrusted = false;
    if (count == 0) {
        diagnosis_skip(step, "No callback URL is set.", "未设置回调地址。");
        return;
    }
    step->result = DIAGNOSIS_OK;
    step->text = (struct diagnosis_words){0};
    for (size_t i = 0; i < count; i++) {
        enum judge_callback_state state = callbacks[i].state;
        diagnosis_add(&step->text, "%s%s: %s %s%.0s", "%s%s：%s %.0s%s", i == 0 ? "" : "; ",
                      callbacks[i].field, callbacks[i].host, callback_words[state].en,
                      callback_words[state].zh);
        is_untrusted = is_untrusted || state == JUDGE_CALLBACK_UNTRUSTED;
        if (state != JUDGE_CALLBACK_FINE)
            step->result = DIAGNOSIS_FAILED;
    }
    diagnosis_add(&step->text, ".", "。");
    if (step->result == DIAGNOSIS_OK)
        return;
    diagnosis_say(&step->cause, "Calls are placed all the same; their callbacks do not arrive.",
                  "呼叫不受影响，但回调无法送达。");
    if (is_untrusted)
        diagnosis_say(&step->remedy,
                      "Have a system administrator enter the host under Trustlist, or correct the "
                      "URL of the settings.",
                      "请系统管理员在“信任列表”中添加该主机，或更正设置中的地址。");
    else
        diagnosis_say(&step->remedy,
                      "Correct the URL of the settings, or the name in DNS; an inner address must "
                      "stand in the trustlist with its port.",
                      "请更正设置中的地址或 DNS 记录；内部地址须连同端口列入信任列表。");
}
