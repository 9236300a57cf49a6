#include "gateway/diagnostics/gateway_diagnosis.h"

#include <stdio.h>

#include "aicc/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "gateway/diagnostics/judge.h"
#include "gateway/diagnostics/judge_storage.h"

enum {
    STEP_DAEMON,
    STEP_FILES,
    STEP_DATABASE,
    STEP_TOKENS,
    STEP_CLOCK,
    STEP_CERTIFICATE,
    STEP_LIMITS,
    STEP_LOOP,
    STEP_ITAS,
    STEP_PUSHES,
    STEP_UNMATCHED,
    STEP_TENANTS,
    STEP_COUNT,
};

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

static const struct diagnosis_kind kinds[STEP_COUNT] = {
    [STEP_DAEMON] = {"daemon", "Daemon", "守护进程", 0},
    [STEP_FILES] = {"files", "Files and their modes", "文件与权限", 0},
    [STEP_DATABASE] = {"database", "Database", "数据库", 0},
    [STEP_TOKENS] = {"token-issue", "Access tokens", "访问令牌", 0},
    [STEP_CLOCK] = {"ntp", "Clock of this machine", "本机时钟", 0},
    [STEP_CERTIFICATE] = {"certificate", "Certificate of the gateway", "网关证书", 0},
    [STEP_LIMITS] = {"open-files", "Open files", "打开文件数", 0},
    [STEP_LOOP] = {"loop", "Event loop", "事件循环", 0},
    [STEP_ITAS] = {"circuits", "Circuits to ITAs and AICCs", "ITA 与 AICC 熔断状态", 0},
    [STEP_PUSHES] = {"strange-pushes", "CDR pushes of nobody", "来源不明的话单推送", 0},
    [STEP_UNMATCHED] = {"unmatched-cdrs", "Unmatched CDRs", "未匹配话单", 0},
    [STEP_TENANTS] = {"tenants", "Tenants", "租户", 0},
};

/* What judges of one step see, and fill. */
typedef void judge(const struct gateway_facts *facts, struct diagnosis_step *step);

/* A disk that is nearly full fails the step Database; what stands there can be told all the same.
 */
static bool is_unread(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    if (facts->store_status != OK)
        diagnosis_skip(step, "The database could not be read.", "无法读取数据库。");
    return facts->store_status != OK;
}

static void skip_outside(struct diagnosis_step *step)
{
    diagnosis_skip(step, "Only the running daemon knows.", "只有运行中的守护进程知道。");
}

/* --- The daemon --- */

static void judge_daemon(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    step->result = DIAGNOSIS_OK;
    if (facts->gateway != NULL) {
        long long seconds = (clock_mono_ms() - facts->gateway->started_mono_ms) / 1000;
        diagnosis_say(&step->text, "Version " VERSION " has run for %lld s; live calls: %zu.",
                      "版本 " VERSION " 已运行 %lld 秒，当前呼叫 %zu 个。", seconds,
                      live_calls_count(facts->gateway->live));
    } else if (facts->is_served && facts->store_status != OK) {
        step->result = DIAGNOSIS_WARNING;
        diagnosis_say(&step->text,
                      "It runs, and could not be asked: it answers who can read its database with "
                      "its master key.",
                      "正在运行，但无法查询：只应答能用其主密钥读取其数据库的一方。");
        diagnosis_say(&step->remedy,
                      "Give the configuration file that the daemon runs with (--config), and run "
                      "this as a user who may read its master key; see the step Database.",
                      "请给出守护进程所用的配置文件（--config），并以可读取其主密钥的用户运行；参见"
                      "“数据库”一步。");
    } else if (facts->is_served) {
        step->result = DIAGNOSIS_WARNING;
        diagnosis_say(&step->text, "It runs, but its admin API was not reached from here.",
                      "正在运行，但从此处无法访问其管理接口。");
        diagnosis_say(
            &step->cause,
            "admin-listen is empty, of another address than the configuration given here, "
            "or the daemon is stuck.",
            "admin-listen 为空、与此处给出的配置不同，或守护进程无响应。");
        diagnosis_say(&step->remedy,
                      "Give the configuration file that the daemon runs with (--config); if it is "
                      "that one, look at the daemon's log and restart it.",
                      "请给出守护进程所用的配置文件（--config）；若已是该文件，请查看日志并重启。");
    } else {
        step->result = DIAGNOSIS_FAILED;
        diagnosis_say(&step->text, "It does not run.", "未运行。");
        diagnosis_say(&step->remedy,
                      "Start it: `systemctl start ita-gateway`, or `ita-gateway serve --config "
                      "FILE`; its log says why it ended.",
                      "请启动：`systemctl start ita-gateway` 或 `ita-gateway serve --config "
                      "FILE`；其日志说明退出原因。");
    }
}

/* --- Access tokens --- */

/* One that was issued is taken with its subject, but neither changed nor when it is over. */
static bool issues_tokens(struct token_signer *signer, int64_t now_s)
{
    const struct str subject = STR("diagnosis");
    char token_storage[TOKEN_TEXT_MAX], said_storage[TOKEN_TEXT_MAX];
    struct buf token, said;
    buf_init_fixed(&token, token_storage, sizeof(token_storage));
    buf_init_fixed(&said, said_storage, sizeof(said_storage));
    token_issue(signer, subject, now_s, TOKEN_DEFAULT_S, &token);
    bool is_taken =
        token_check(signer, buf_str(&token), now_s, &said) == OK && str_is(buf_str(&said), subject);
    bool is_over = token_check(signer, buf_str(&token), now_s + TOKEN_DEFAULT_S + 1, &said) != OK;
    token.ptr[0] = token.ptr[0] == 'A' ? 'B' : 'A';
    return is_taken && is_over && token_check(signer, buf_str(&token), now_s, &said) != OK;
}

static void judge_tokens(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    if (facts->master_key == NULL) {
        diagnosis_skip(step, "They are signed by way of the master key, which can't be read.",
                       "令牌由主密钥签发，而主密钥无法读取。");
        return;
    }
    struct token_signer *signer = token_signer_create(facts->master_key, TOKEN_OF_ACCESS);
    bool is_well = issues_tokens(signer, facts->now_ms / 1000);
    token_signer_destroy(signer);
    step->result = is_well ? DIAGNOSIS_OK : DIAGNOSIS_FAILED;
    if (is_well) {
        diagnosis_say(&step->text, "One was issued and verified, good for %d s.",
                      "已签发并验证一个令牌，有效期 %d 秒。", TOKEN_DEFAULT_S);
        return;
    }
    diagnosis_say(&step->text, "One that was just issued does not verify.",
                  "刚签发的令牌无法通过验证。");
    diagnosis_say(&step->cause,
                  "The cryptography of this machine does not work: no agent's system can sign in.",
                  "本机的密码库异常：座席系统无法登录。");
    diagnosis_say(&step->remedy, "See that OpenSSL is whole (`openssl speed sha256`), and restart.",
                  "请检查 OpenSSL 是否完好（`openssl speed sha256`），然后重启。");
}

/* --- The machine's clock --- */

static void judge_ntp(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    const struct machine *machine = &facts->machine;
    if (!machine->has_clock) {
        diagnosis_skip(step, "The kernel does not tell.", "内核未提供该信息。");
    } else if (machine->is_clock_synchronised) {
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text, "Synchronised, within %lld ms.",
                      "已同步，误差不超过 %lld 毫秒。", (long long)machine->clock_error_ms);
    } else {
        step->result = DIAGNOSIS_WARNING;
        diagnosis_say(&step->text, "The kernel knows of no time source.", "内核没有时间源。");
        diagnosis_say(
            &step->cause,
            "Without NTP the clock drifts; beyond 15 minutes the ITA's signatures and ours "
            "are refused. In a container the host's NTP may do its work unseen.",
            "没有 NTP，时钟会漂移；超过 15 "
            "分钟，双方签名都会被拒绝。在容器中，宿主机的 NTP 可能不可见。");
        diagnosis_say(&step->remedy, "Switch NTP on: `timedatectl set-ntp true`.",
                      "请启用 NTP：`timedatectl set-ntp true`。");
    }
}

/* --- The gateway's own certificate --- */

static void judge_expiry(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    const struct machine *machine = &facts->machine;
    long long days = (machine->certificate.not_after_ms - facts->now_ms) / DAY_MS;
    step->result = DIAGNOSIS_OK;
    diagnosis_say(&step->text, "%s, for %s; good for %lld more days.",
                  "%s，适用于 %s；还有 %lld 天有效。", machine->certificate.subject,
                  machine->certificate.names, days);
    if (facts->config->public_host != NULL && !machine->is_for_public_host) {
        step->result = DIAGNOSIS_WARNING;
        diagnosis_say(&step->cause,
                      "It is not for public-host, %s: whoever calls that is warned off.",
                      "不适用于 public-host %s：访问者会被拒绝。", facts->config->public_host);
        diagnosis_say(&step->remedy,
                      "Have a certificate issued for that name, or correct public-host.",
                      "请为该名称签发证书，或更正 public-host。");
    } else if (machine->certificate.not_after_ms - facts->now_ms < JUDGE_EXPIRY_WARNING_MS) {
        step->result = DIAGNOSIS_WARNING;
        diagnosis_say(&step->remedy,
                      "Renew it, replace tls-certificate and tls-key, and send SIGHUP (`systemctl "
                      "reload ita-gateway`).",
                      "请更新证书，替换 tls-certificate 和 tls-key，然后发送 SIGHUP（`systemctl "
                      "reload ita-gateway`）。");
    }
}

static void judge_certificate(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    const struct machine *machine = &facts->machine;
    if (!machine->has_certificate) {
        diagnosis_skip(step, "The gateway listens without TLS, on this machine only.",
                       "网关未使用 TLS，仅监听本机地址。");
    } else if (machine->certificate_fault.text[0] != '\0') {
        step->result = DIAGNOSIS_FAILED;
        diagnosis_say(&step->text, "Not usable: %s.", "无法使用：%s。",
                      machine->certificate_fault.text);
        diagnosis_say(
            &step->cause,
            "A running daemon keeps the one that it has loaded; it can't start again with "
            "this one.",
            "运行中的守护进程仍使用已加载的证书，但无法用此证书再次启动。");
        diagnosis_say(&step->remedy,
                      "Put the certificate chain and its key, both PEM, where tls-certificate and "
                      "tls-key say, and send SIGHUP.",
                      "请将证书链及其私钥（均为 PEM）放到 tls-certificate 和 tls-key "
                      "所指的位置，然后发送 SIGHUP。");
    } else {
        judge_expiry(facts, step);
    }
}

/* --- Open files --- */

enum { OTHER_FILES = 64 }; /* the database's, logs, libuv's own, pipes */

static void judge_limits(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    const struct machine *machine = &facts->machine;
    const struct config *config = facts->config;
    long long needed = config->connections_max + config->ita_connections_max + OTHER_FILES;
    if (facts->gateway == NULL) {
        skip_outside(step);
        return;
    }
    step->result = machine->process.files_max >= needed ? DIAGNOSIS_OK : DIAGNOSIS_WARNING;
    diagnosis_say(&step->text, "%lld of %lld in use; the configuration may need %lld.",
                  "已用 %lld，上限 %lld；按配置最多需要 %lld。",
                  (long long)machine->process.files_open, (long long)machine->process.files_max,
                  needed);
    if (step->result == DIAGNOSIS_OK)
        return;
    diagnosis_say(&step->cause,
                  "With that many clients connections would be refused for lack of descriptors.",
                  "连接数达到上限时，会因文件描述符不足而拒绝连接。");
    diagnosis_say(&step->remedy,
                  "Raise LimitNOFILE of the service to %lld, or lower connections-max.",
                  "请将服务的 LimitNOFILE 提高到 %lld，或降低 connections-max。", needed);
}

/* --- The loop --- */

enum { LAG_WARNING_MS = 100, LAG_FAILED_MS = 1000 };

static void judge_loop(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    if (facts->gateway == NULL) {
        skip_outside(step);
        return;
    }
    step->result = facts->loop_lag_ms < LAG_WARNING_MS  ? DIAGNOSIS_OK
                   : facts->loop_lag_ms < LAG_FAILED_MS ? DIAGNOSIS_WARNING
                                                        : DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "At most %lld ms late.", "延迟最多 %lld 毫秒。",
                  (long long)facts->loop_lag_ms);
    if (step->result == DIAGNOSIS_OK)
        return;
    diagnosis_say(&step->cause, "The processor is short, or the machine swaps.",
                  "处理器不足，或系统正在换页。");
    diagnosis_say(&step->remedy,
                  "See `top` and `vmstat 1`: give the gateway a processor of its own.",
                  "请查看 `top` 和 `vmstat 1`：为网关保留处理器。");
}

/* --- ITAs and AICCs as calls found them --- */

static void add_domain(void *data, const struct upstream_domain *domain)
{
    struct diagnosis_step *step = data;
    const char *separator = step->text.en[0] == '\0' ? "" : "; ";
    if (domain->is_open)
        diagnosis_add(&step->text, "%s%s: open, next try in %lld ms", "%s%s：熔断，%lld 毫秒后重试",
                      separator, domain->name, (long long)domain->held_ms);
    else
        diagnosis_add(&step->text, "%s%s: %d failures in a row", "%s%s：连续失败 %d 次", separator,
                      domain->name, domain->failures);
    if (domain->is_open)
        step->result = DIAGNOSIS_FAILED;
    else if (domain->failures > 0 && step->result == DIAGNOSIS_OK)
        step->result = DIAGNOSIS_WARNING;
}

static void judge_itas(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    if (facts->gateway == NULL) {
        skip_outside(step);
        return;
    }
    step->result = DIAGNOSIS_OK;
    ita_client_each_domain(facts->gateway->ita, add_domain, step);
    aicc_client_each_domain(facts->gateway->aicc, add_domain, step);
    if (step->text.en[0] == '\0')
        diagnosis_say(&step->text, "No ITA or AICC has been asked since the start",
                      "自启动以来尚未访问 ITA 或 AICC");
    diagnosis_add(&step->text, ".", "。");
    if (step->result == DIAGNOSIS_OK)
        return;
    diagnosis_say(&step->cause,
                  "Requests to it fail: while a circuit is open calls are refused at once with "
                  "90104004.",
                  "访问它的请求失败：熔断期间呼叫会立即以 90104004 被拒绝。");
    diagnosis_say(&step->remedy,
                  "Test the settings of a tenant of that ITA or AICC: Bidirectional Call, Test, or "
                  "`ita-gateway "
                  "doctor --tenant NAME`.",
                  "请测试使用该 ITA 或 AICC 的租户的设置：“双呼”页面的“测试”，或 `ita-gateway "
                  "doctor --tenant "
                  "NAME`。");
}

/* --- CDRs --- */

static void judge_strange_pushes(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    struct push_note note;
    if (facts->gateway == NULL) {
        skip_outside(step);
        return;
    }
    push_notes_find(facts->gateway->push_notes, STR(""), &note);
    judge_unknown_pushes(step, &note, facts->gateway->config->public_host);
}

static void judge_unmatched(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    size_t count = facts->store.unmatched;
    char newest[32] = "";
    struct buf text;
    if (is_unread(facts, step))
        return;
    step->result = count == 0 ? DIAGNOSIS_OK : DIAGNOSIS_WARNING;
    buf_init_fixed(&text, newest, sizeof(newest) - 1);
    clock_append_rfc3339(&text, facts->store.unmatched_ms);
    if (count == 0) {
        diagnosis_say(&step->text, "None.", "无。");
        return;
    }
    diagnosis_say(&step->text, "%zu%s wait, the newest of %s.", "%zu%s 个待处理，最新的收于 %s。",
                  count, count == STORE_UNMATCHED_COUNTED ? "+" : "", newest);
    diagnosis_say(
        &step->cause,
        "CDRs came that fit no call, or several: of calls that this gateway did not place, "
        "or with another remark than the wire profile's.",
        "收到的话单无法匹配到唯一的呼叫：可能不是本网关发起的呼叫，或 remark "
        "与协议配置不符。");
    diagnosis_say(&step->remedy, "Look at them and attach them by hand, under Unmatched CDRs.",
                  "请在“未匹配话单”中查看并手工关联。");
}

/* --- Tenants --- */

/* Why its calls are refused with retCode 6; NULL: they are not. */
static const char *why_unusable(const struct tenant *tenant, const char **zh)
{
    if (!tenant->is_bidirectional_enabled) {
        *zh = "未启用双呼功能";
        return "feature disabled";
    }
    if (!tenant->is_configured) {
        *zh = "未保存设置";
        return "nothing saved";
    }
    return NULL;
}

/* Those that somebody has switched off are meant to be. */
static void judge_tenants(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    size_t enabled = 0, unusable = 0;
    struct diagnosis_words list = {0};
    if (is_unread(facts, step))
        return;
    for (size_t i = 0; i < facts->tenants->count; i++) {
        const struct tenant *tenant = &facts->tenants->tenants[i];
        const char *zh = "", *why = why_unusable(tenant, &zh);
        enabled += tenant->is_enabled;
        if (!tenant->is_enabled || why == NULL)
            continue;
        diagnosis_add(&list, "%s%s (%s%.0s)", "%s%s（%.0s%s）", unusable++ == 0 ? "" : ", ",
                      tenant->name, why, zh);
    }
    step->result = unusable == 0 ? DIAGNOSIS_OK : DIAGNOSIS_WARNING;
    diagnosis_say(&step->text,
                  "%zu in all, %zu enabled, of these without settings to place calls with: %zu",
                  "共 %zu 个租户，%zu 个已启用，其中 %zu 个缺少发起呼叫的设置",
                  facts->tenants->count, enabled, unusable);
    diagnosis_add(&step->text, "%s%s%.0s.", "%s%.0s%s。", unusable == 0 ? "" : ", ", list.en,
                  list.zh);
    if (unusable > 0)
        diagnosis_say(&step->remedy,
                      "Enable the feature under Tenants; save under Bidirectional Call.",
                      "请在“租户”中启用功能，并在“双呼”中保存设置。");
}

/* --- The walk --- */

void gateway_diagnose(const struct gateway_facts *facts, struct diagnosis *out)
{
    static judge *const judges[STEP_COUNT] = {
        [STEP_DAEMON] = judge_daemon,       [STEP_FILES] = judge_files,
        [STEP_DATABASE] = judge_database,   [STEP_TOKENS] = judge_tokens,
        [STEP_CLOCK] = judge_ntp,           [STEP_CERTIFICATE] = judge_certificate,
        [STEP_LIMITS] = judge_limits,       [STEP_LOOP] = judge_loop,
        [STEP_ITAS] = judge_itas,           [STEP_PUSHES] = judge_strange_pushes,
        [STEP_UNMATCHED] = judge_unmatched, [STEP_TENANTS] = judge_tenants,
    };
    diagnosis_init(out, kinds, STEP_COUNT);
    for (size_t i = 0; i < STEP_COUNT; i++) {
        struct diagnosis_step *step = diagnosis_begin(out, i);
        if (step == NULL)
            continue;
        step->text = (struct diagnosis_words){0};
        judges[i](facts, step);
    }
}
