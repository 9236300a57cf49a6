/* ita-gateway doctor tls, doctor explain: without a daemon and its files. */

#include <signal.h>
#include <stdio.h>
#include <uv.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"
#include "gateway/cli/doctor_print.h"
#include "gateway/cli/explanation_print.h"
#include "gateway/diagnostics/judge.h"

enum { STAGE_TIMEOUT_MS = 5000, REPORT_MAX = 1024 * 1024 };

struct verb_values {
    struct admin_options admin;
    char *ca;
    bool is_all, is_markdown;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "ca",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct verb_values, ca),
     .value_name = "FILE",
     .help = "of tls: trusts this certificate (DER or PEM), as CERT_ITA, not the system's"},
    {.name = "all",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct verb_values, is_all),
     .help = "of explain: every code"},
    {.name = "markdown",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct verb_values, is_markdown),
     .help = "of explain --all: as a page, which docs/errors.md is"},
};

/* --- tls --- */

enum { TLS_STEPS = 4 };

static const struct diagnosis_kind tls_kinds[TLS_STEPS] = {
    {"dns", "DNS", "域名解析", 0},
    {"tcp", "TCP", "TCP 连接", 1},
    {"tls", "TLS", "TLS 与证书", 2},
    {"certificate", "Certificate shown", "所示证书", 2},
};

static void on_probed(void *data, const struct tls_probe_result *result)
{
    struct tls_probe_result *kept = data;
    *kept = *result;
    if (result->address != NULL)
        kept->address =
            kept->addresses[(result->address - result->addresses[0]) / TLS_PROBE_ADDRESS_SIZE];
}

static void probe(const struct tls_probe_options *options, struct tls_probe_result *out)
{
    uv_loop_t loop;
    (void)signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&loop);
    tls_probe_start(&loop, options, on_probed, out);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
}

static void describe_shown(struct diagnosis_step *step, const struct tls_probe_result *seen)
{
    const struct tls_certificate *shown = &seen->verdict.shown;
    struct admin_time from = admin_format_time(shown->not_before_ms),
                      until = admin_format_time(shown->not_after_ms);
    if (seen->failed != TLS_PROBE_STAGES) {
        diagnosis_skip(step, "None was shown.", "未出示证书。");
        return;
    }
    step->result = DIAGNOSIS_OK;
    diagnosis_say(&step->text, "%s, issued by %s, for %s, valid from %s until %s, SHA-256 %s.",
                  "%s，颁发者 %s，适用于 %s，有效期 %s 至 %s，SHA-256 %s。", shown->subject,
                  shown->issuer, shown->names, from.text, until.text, shown->sha256_fingerprint);
}

static void judge_all(struct diagnosis *diagnosis, const struct judge_server *server,
                      const struct tls_probe_result *seen)
{
    diagnosis_init(diagnosis, tls_kinds, TLS_STEPS);
    for (size_t i = 0; i < TLS_STEPS; i++) {
        struct diagnosis_step *step = diagnosis_begin(diagnosis, i);
        if (step == NULL)
            continue;
        if (i == 0)
            judge_name(step, server, seen);
        else if (i == 1)
            judge_tcp(step, server, seen);
        else if (i == 2)
            judge_tls(step, server, seen, clock_wall_ms());
        else
            describe_shown(step, seen);
    }
}

/* "HOST", "HOST:PORT", "[IPV6]:PORT", and as people paste it, "https://HOST/path". */
static enum status read_server(const char *given, char host[static TLS_PROBE_HOST_MAX + 1],
                               struct judge_server *out, struct fault *fault)
{
    struct ita_account account = {0};
    struct str text = str_of(given);
    if (str_starts(text, STR("https://")))
        text = str_slice(text, 8, text.len);
    text.len = str_find(text, '/');
    if (text.len == 0 || ita_account_read_domain(text, &account, fault) != OK)
        return fault_set(fault, ERR_INVALID, "tls takes HOST or HOST:PORT");
    ita_account_split_domain(&account, host, &out->port);
    out->host = host;
    return OK;
}

static enum status read_ca(const char *path, struct tls_trust **out, struct tls_certificate *words,
                           struct fault *fault)
{
    struct buf bytes;
    enum status status;
    buf_init(&bytes, CERTIFICATE_MAX);
    TRY(file_read(path, &bytes, fault));
    TRY(tls_certificate_describe(buf_str(&bytes), words, fault));
    TRY(tls_trust_create(buf_str(&bytes), out, fault));
out:
    buf_finish(&bytes);
    return status;
}

static enum status print_diagnosis(struct admin *admin, const struct diagnosis *diagnosis,
                                   struct fault *fault)
{
    struct buf text;
    struct json_writer w;
    struct json *json = NULL;
    buf_init(&text, REPORT_MAX);
    json_write_init(&w, &text);
    json_write_object(&w, NULL);
    diagnosis_write(&w, diagnosis);
    json_write_object_end(&w);
    enum status status = json_parse(buf_str(&text), &json, fault);
    if (status == OK && admin->is_json)
        json_write_value(&admin->json, NULL, json);
    else if (status == OK)
        doctor_print(json, doctor_language(), &admin->out);
    json_destroy(json);
    buf_finish(&text);
    return status;
}

static enum status run_tls(struct admin *admin, struct fault *fault)
{
    const struct verb_values *values = admin->values;
    struct tls_certificate words;
    struct tls_trust *trust = NULL;
    char host[TLS_PROBE_HOST_MAX + 1];
    struct judge_server server = {.peer = &judge_ita};
    struct tls_probe_result *seen = NEW(struct tls_probe_result);
    struct diagnosis *diagnosis = NEW(struct diagnosis);
    enum status status;
    admin->is_wrong_argument = true;
    TRY(read_server(admin->operands[0], host, &server, fault));
    admin->is_wrong_argument = false;
    if (values->ca != NULL)
        TRY(read_ca(values->ca, &trust, &words, fault));
    server.certificate = trust == NULL ? NULL : &words;
    server.has_certificate = trust != NULL;
    const struct tls_probe_options options = {
        .host = host, .port = server.port, .trust = trust, .timeout_ms = STAGE_TIMEOUT_MS};
    probe(&options, seen);
    judge_all(diagnosis, &server, seen);
    TRY(print_diagnosis(admin, diagnosis, fault));
    admin->has_failed = diagnosis_worst(diagnosis) == DIAGNOSIS_FAILED;
out:
    tls_trust_release(trust);
    mem_free(seen);
    mem_free(diagnosis);
    return status;
}

/* --- explain --- */

static enum status run_explain(struct admin *admin, struct fault *fault)
{
    const struct verb_values *values = admin->values;
    struct explanation found[EXPLANATIONS_MAX];
    struct explanation_print print = {.admin = admin, .is_markdown = values->is_markdown};
    size_t count = 0;
    admin->is_wrong_argument = true;
    if (values->is_all == (admin->operand_count == 1))
        return fault_set(fault, ERR_INVALID, "explain takes a CODE, or --all");
    if (values->is_markdown && (!values->is_all || admin->is_json))
        return fault_set(fault, ERR_INVALID, "markdown: goes with explain --all, without --json");
    if (!values->is_all)
        count = explain(str_of(admin->operands[0]), found);
    if (!values->is_all && count == 0)
        return fault_set(fault, ERR_NOT_FOUND,
                         "%.32s: no retCode, ITA code, release cause or APIGW error",
                         admin->operands[0]);
    explanation_print_begin(&print);
    for (size_t i = 0; i < count; i++)
        explanation_print(&print, admin->operands[0], &found[i]);
    if (values->is_all)
        explain_all(explanation_print, &print);
    explanation_print_end(&print);
    return OK;
}

int cmd_doctor_verb(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"tls", "HOST[:PORT]", 1, 1, run_tls, "connects and shows the certificate", true},
        {"explain", "CODE|--all", 0, 1, run_explain, "tells what codes mean, and what to do", true},
    };
    struct verb_values values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    return admin_run(&command, argc, argv);
}
