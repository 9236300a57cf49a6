#include "gateway/diagnostics/judge.h"

#include "base/clock.h"
#include "base/mem.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, TIME_TEXT_SIZE = 32 };

const struct judge_peer judge_ita = {"ITA", "CERT_ITA", "/v1/ngin/axmn", "ita.der"};
const struct judge_peer judge_aicc = {"AICC", "CERT_AICC", "/apigovernance/api/oauth/tokenByAkSk",
                                      "aicc.der"};

/* --- The name --- */

static void add_address(struct diagnosis_words *words, const char *address, bool is_first)
{
    diagnosis_add(words, "%s%s", "%s%s", is_first ? "" : ", ", address);
}

void judge_name(struct diagnosis_step *step, const struct judge_server *server,
                const struct tls_probe_result *seen)
{
    const char *who = server->peer->name;
    step->duration_ms = seen->stage_ms[TLS_PROBE_NAME];
    if (seen->failed == TLS_PROBE_NAME) {
        step->result = DIAGNOSIS_FAILED;
        diagnosis_say(&step->text, "%s does not resolve: %s.", "%s 无法解析：%s。", server->host,
                      seen->why);
        diagnosis_say(&step->cause,
                      seen->is_out_of_time ? "The name server of this machine does not answer."
                                           : "The name is misspelt, or the name server of this "
                                             "machine does not know it.",
                      seen->is_out_of_time ? "本机的域名服务器没有应答。"
                                           : "域名填写有误，或本机的域名服务器不认识该域名。");
        diagnosis_say(&step->remedy,
                      "Compare the %s Domain Name of the settings with what the %s's operator "
                      "gave; then try `getent ahosts %s` on this machine and see "
                      "/etc/resolv.conf.",
                      "请将设置中的 %s 域名与 %s 运营方提供的域名核对；再在本机执行 `getent ahosts "
                      "%s` 并检查 /etc/resolv.conf。",
                      who, who, server->host);
        return;
    }
    step->result = DIAGNOSIS_OK;
    diagnosis_say(&step->text, "%s has %zu IPv4 and %zu IPv6 addresses: ",
                  "%s 有 %zu 个 IPv4 地址、%zu 个 IPv6 地址：", server->host, seen->v4_count,
                  seen->v6_count);
    for (size_t i = 0; i < seen->address_count && i < TLS_PROBE_ADDRESSES_MAX; i++)
        add_address(&step->text, seen->addresses[i], i == 0);
    diagnosis_add(&step->text, ".", "。");
}

/* --- TCP --- */

void judge_tcp(struct diagnosis_step *step, const struct judge_server *server,
               const struct tls_probe_result *seen)
{
    unsigned port = server->port;
    const char *who = server->peer->name;
    step->duration_ms = seen->stage_ms[TLS_PROBE_TCP];
    if (seen->failed != TLS_PROBE_TCP) {
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text, "Connected to %s, port %u.", "已连接到 %s，端口 %u。",
                      seen->address, port);
        return;
    }
    step->result = DIAGNOSIS_FAILED;
    diagnosis_say(&step->text, "No connection to %s, port %u: %s.", "无法连接 %s，端口 %u：%s。",
                  server->host, port, seen->why);
    if (seen->is_forbidden) {
        diagnosis_say(&step->cause,
                      "The domain leads to this machine, or to what only it can reach.",
                      "该域名指向本机或仅本机可达的地址。");
        diagnosis_say(
            &step->remedy,
            "Correct the %s Domain Name. If it is meant, as for mock-ita, the gateway's "
            "operator allows it with ita-local = yes.",
            "请更正 %s 域名。若确需如此（例如 mock-ita），由网关运维人员设置 ita-local = yes。",
            who);
        return;
    }
    if (seen->is_refused)
        diagnosis_say(
            &step->cause,
            "The host is there, and nothing listens at this port: what should is down, or the "
            "port is another.",
            "主机可达，但该端口没有服务在监听：该服务未运行，或端口不对。");
    else if (seen->is_out_of_time)
        diagnosis_say(&step->cause,
                      "Nobody answers: a firewall drops the packets, or the host is down.",
                      "没有任何应答：防火墙丢弃了报文，或主机未运行。");
    else
        diagnosis_say(&step->cause, "This machine has no route to the host.",
                      "本机没有到该主机的路由。");
    diagnosis_say(&step->remedy,
                  "Check the port of the %s Domain Name, and have outgoing TCP connections from "
                  "this machine to port %u allowed; ask the %s's operator whether it runs, and "
                  "whether this machine's address must be allowed there.",
                  "请检查 %s 域名中的端口，并放通本机到端口 %u 的出站 TCP 连接；并向 %s "
                  "运营方确认服务是否正常、是否须将本机地址加入白名单。",
                  who, port, who);
}

/* --- TLS --- */

struct day {
    char text[TIME_TEXT_SIZE];
};

static struct day day_of(int64_t wall_ms)
{
    struct day day = {""};
    struct buf text;
    buf_init_fixed(&text, day.text, sizeof(day.text) - 1);
    clock_append_rfc3339(&text, wall_ms);
    day.text[sizeof("2026-11-22") - 1] = '\0';
    return day;
}

static void judge_trusted(struct diagnosis_step *step, const struct judge_server *server,
                          const struct tls_probe_result *seen, int64_t now_ms)
{
    const struct tls_verdict *verdict = &seen->verdict;
    int64_t left_ms = verdict->expires_ms - now_ms;
    struct day until = day_of(verdict->expires_ms);
    bool ends_soon = left_ms < JUDGE_EXPIRY_WARNING_MS;
    step->result = ends_soon ? DIAGNOSIS_WARNING : DIAGNOSIS_OK;
    diagnosis_say(&step->text, "%s, %s; certificate %s, ", "%s，%s；证书 %s，", seen->version,
                  seen->cipher, verdict->shown.subject);
    diagnosis_add(&step->text, "chain of %d, ", "证书链含 %d 个证书，", verdict->chain_count);
    if (server->has_certificate)
        diagnosis_add(&step->text, "trusted by %s (%s); ", "由 %s（%s）信任；",
                      server->peer->certificate, verdict->anchor.subject);
    else
        diagnosis_add(&step->text, "trusted by the system's certificates (%s); ",
                      "由系统证书库（%s）信任；", verdict->anchor.subject);
    diagnosis_add(&step->text, "good for %lld more days, until %s.", "还有 %lld 天有效，至 %s。",
                  (long long)(left_ms / DAY_MS), until.text);
    if (ends_soon)
        diagnosis_say(&step->remedy,
                      "Ask the %s's operator for the next certificate and install it as %s "
                      "before %s: from then on no call can be placed.",
                      "请向 %s 运营方索取新证书，安装为 %s，最迟 %s：此后将无法发起呼叫。",
                      server->peer->name, server->peer->certificate, until.text);
}

static void say_download(struct diagnosis_words *remedy, const struct judge_server *server)
{
    const struct judge_peer *peer = server->peer;
    diagnosis_say(remedy,
                  "Compare this fingerprint with the %s's operator. If it is right, download the "
                  "certificate, with `ita-gateway certificate fetch "
                  "https://%s:%u%s -o %s` or a browser, and upload it under "
                  "Certificate, name %s, type DER. If it is not, somebody stands between, or "
                  "the domain name is wrong: do not install it.",
                  "请与 %s 运营方核对该指纹。若一致，请下载证书（`ita-gateway certificate fetch "
                  "https://%s:%u%s -o %s`，或使用浏览器），然后在“证书”中上传，名称 %s，类型 "
                  "DER。若不一致，则可能有中间人或域名有误：请勿安装。",
                  peer->name, server->host, (unsigned)server->port, peer->path, peer->file,
                  peer->certificate);
}

static void judge_no_anchor(struct diagnosis_step *step, const struct judge_server *server,
                            const struct tls_certificate *shown)
{
    const struct judge_peer *peer = server->peer;
    diagnosis_say(&step->text, "The %s's certificate is not trusted: %s, issued by %s, SHA-256 %s.",
                  "%s 的证书不受信任：%s，颁发者 %s，SHA-256 %s。", peer->name, shown->subject,
                  shown->issuer, shown->sha256_fingerprint);
    if (server->certificate != NULL)
        diagnosis_say(&step->cause,
                      "Neither it nor one above it is the installed %s: %s, SHA-256 %s.",
                      "它及其上级证书都不是已安装的 %s：%s，SHA-256 %s。", peer->certificate,
                      server->certificate->subject, server->certificate->sha256_fingerprint);
    else
        diagnosis_say(&step->cause,
                      "No %s is installed, and none of the system's certificates vouches for it.",
                      "尚未安装 %s，系统证书库也不为其背书。", peer->certificate);
    say_download(&step->remedy, server);
}

static void judge_expired(struct diagnosis_step *step, const struct judge_peer *peer,
                          const struct tls_certificate *shown)
{
    struct day until = day_of(shown->not_after_ms);
    diagnosis_say(&step->text, "The %s's certificate, or one above it, has expired: %s, until %s.",
                  "%s 的证书或其上级证书已过期：%s，有效期至 %s。", peer->name, shown->subject,
                  until.text);
    diagnosis_say(&step->cause, "The %s has not renewed it, or this machine's clock is wrong.",
                  "%s 尚未更新证书，或本机时钟有误。", peer->name);
    diagnosis_say(&step->remedy,
                  "Look at this machine's clock (`date`), then have the %s's operator renew the "
                  "certificate, and install the new one as %s.",
                  "请先检查本机时钟（`date`），再请 %s 运营方更新证书，并将新证书安装为 %s。",
                  peer->name, peer->certificate);
}

static void judge_not_yet_valid(struct diagnosis_step *step, const struct judge_peer *peer,
                                const struct tls_certificate *shown)
{
    struct day from = day_of(shown->not_before_ms);
    diagnosis_say(
        &step->text, "The %s's certificate, or one above it, is not valid yet: %s, from %s.",
        "%s 的证书或其上级证书尚未生效：%s，自 %s 起有效。", peer->name, shown->subject, from.text);
    diagnosis_say(&step->cause, "This machine's clock is behind, most likely.",
                  "很可能是本机时钟偏慢。");
    diagnosis_say(&step->remedy, "Set this machine's clock: switch NTP on (`timedatectl`).",
                  "请校准本机时钟：启用 NTP（`timedatectl`）。");
}

static void judge_other_name(struct diagnosis_step *step, const struct judge_server *server,
                             const struct tls_certificate *shown)
{
    const char *who = server->peer->name;
    diagnosis_say(&step->text, "The %s's certificate is not for %s, but for: %s.",
                  "%s 的证书不适用于 %s，仅适用于：%s。", who, server->host,
                  shown->names[0] == '\0' ? shown->subject : shown->names);
    diagnosis_say(&step->cause,
                  "The %s Domain Name of the settings is another one than the certificate's.",
                  "设置中的 %s 域名与证书中的域名不同。", who);
    diagnosis_say(&step->remedy,
                  "Enter the domain name that the certificate names; if that is not the %s's, have "
                  "its operator issue one for %s.",
                  "请填写证书所载的域名；若该域名不属于 %s，请其运营方为 %s 签发证书。", who,
                  server->host);
}

static void judge_handshake(struct diagnosis_step *step, const struct judge_server *server,
                            const struct tls_probe_result *seen)
{
    diagnosis_say(&step->text, "No TLS connection: %s.", "无法建立 TLS 连接：%s。", seen->why);
    diagnosis_say(
        &step->cause,
        seen->is_out_of_time
            ? "Something takes the connection at this port and does not answer."
            : "What answers at this port ends the connection, speaks no TLS, or none that "
              "is safe (1.2 at least).",
        seen->is_out_of_time ? "该端口接受连接，但没有应答。"
                             : "该端口的服务中断了连接、不支持 TLS，或不支持安全的 TLS 版本（至少 "
                               "1.2）。");
    diagnosis_say(&step->remedy,
                  "Check the port of the %s Domain Name and what stands between (firewall, proxy); "
                  "`openssl s_client -connect %s:%u` shows the same from this machine.",
                  "请检查 %s 域名中的端口以及中间的防火墙和代理；在本机执行 `openssl s_client "
                  "-connect %s:%u` 可重现。",
                  server->peer->name, server->host, (unsigned)server->port);
}

static void judge_verdict(struct diagnosis_step *step, const struct judge_server *server,
                          const struct tls_verdict *verdict)
{
    switch (verdict->kind) {
    case TLS_VERDICT_NO_ANCHOR:
        judge_no_anchor(step, server, &verdict->shown);
        break;
    case TLS_VERDICT_EXPIRED:
        judge_expired(step, server->peer, &verdict->shown);
        break;
    case TLS_VERDICT_NOT_YET_VALID:
        judge_not_yet_valid(step, server->peer, &verdict->shown);
        break;
    case TLS_VERDICT_OTHER_NAME:
        judge_other_name(step, server, &verdict->shown);
        break;
    case TLS_VERDICT_TRUSTED:
    case TLS_VERDICT_REFUSED:
        diagnosis_say(&step->text, "The %s's certificate %s is refused: %s.",
                      "%s 的证书 %s 被拒绝：%s。", server->peer->name, verdict->shown.subject,
                      verdict->reason);
        say_download(&step->remedy, server);
        break;
    }
}

void judge_tls(struct diagnosis_step *step, const struct judge_server *server,
               const struct tls_probe_result *seen, int64_t now_ms)
{
    if (server->is_plain) {
        step->result = DIAGNOSIS_OK;
        diagnosis_say(&step->text, "http:// towards this machine: there is no TLS.",
                      "使用 http:// 访问本机：没有 TLS。");
        return;
    }
    step->duration_ms = seen->stage_ms[TLS_PROBE_TLS];
    step->result = DIAGNOSIS_FAILED;
    if (seen->failed == TLS_PROBE_TLS)
        judge_handshake(step, server, seen);
    else if (seen->verdict.kind == TLS_VERDICT_TRUSTED)
        judge_trusted(step, server, seen, now_ms);
    else
        judge_verdict(step, server, &seen->verdict);
}
