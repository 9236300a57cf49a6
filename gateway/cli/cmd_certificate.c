/* ita-gateway certificate: the ITA's certificate, which the daemon trusts instead of the system's
 * authorities. */

#include <signal.h>

#include "base/file.h"
#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"
#include "net/tls.h"

enum { FETCH_TIMEOUT_MS = 10000 };

struct certificate_values {
    struct admin_options admin;
    char *output;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "output",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct certificate_values, output),
     .value_name = "FILE",
     .help = "of fetch, also -o: where the certificate goes, as DER"},
};

/* Names nothing when name is NULL. */
static enum status describe(struct admin *admin, const char *name, struct str der,
                            struct fault *fault)
{
    struct tls_certificate words;
    enum status status = tls_certificate_describe(der, &words, fault);
    if (status != OK)
        return status;
    struct admin_time not_before = admin_format_time(words.not_before_ms);
    struct admin_time not_after = admin_format_time(words.not_after_ms);
    const struct {
        const char *member, *label, *text;
    } lines[] = {
        {"name", "name", name},
        {"subject", "subject", words.subject},
        {"issuer", "issuer", words.issuer},
        {"names", "names", words.names},
        {"not_before", "valid from", not_before.text},
        {"not_after", "valid until", not_after.text},
        {"sha256_fingerprint", "SHA-256 fingerprint", words.sha256_fingerprint},
    };
    if (admin->is_json)
        json_write_object(&admin->json, NULL);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (lines[i].text == NULL)
            continue;
        if (admin->is_json)
            json_write_text(&admin->json, lines[i].member, lines[i].text);
        else
            buf_format(&admin->out, "%s: %s\n", lines[i].label, lines[i].text);
    }
    if (admin->is_json)
        json_write_object_end(&admin->json);
    return OK;
}

/* "https://HOST[:PORT]/..." or "HOST[:PORT]" as host:port. */
static enum status read_address(const char *url, struct buf *host_port, struct fault *fault)
{
    struct str rest = str_of(url);
    if (str_starts(rest, STR("https://")))
        rest = str_slice(rest, 8, rest.len);
    rest.len = str_find(rest, '/');
    buf_append(host_port, rest);
    size_t name_end = str_starts(rest, STR("[")) ? str_find(rest, ']') : 0;
    struct str port = str_slice(rest, name_end, rest.len);
    if (str_find(port, ':') == port.len)
        buf_append(host_port, STR(":443"));
    /* What ends in ':' is another scheme. */
    if (rest.len > 0 && !str_ends(rest, STR(":")) && buf_text(host_port) != NULL)
        return OK;
    return fault_set(fault, ERR_INVALID, "must be https://HOST[:PORT]/v1/ngin/axmn");
}

static enum status run_fetch(struct admin *admin, struct fault *fault)
{
    const struct certificate_values *values = admin->values;
    char storage[512];
    struct buf host_port, der;
    enum status status;
    buf_init_fixed(&host_port, storage, sizeof(storage));
    buf_init(&der, CERTIFICATE_MAX);
    (void)signal(SIGPIPE, SIG_IGN);
    TRY(read_address(admin->operands[0], &host_port, fault));
    TRY(tls_certificate_fetch(buf_text(&host_port), FETCH_TIMEOUT_MS, &der, fault));
    TRY(describe(admin, NULL, buf_str(&der), fault));
    if (values->output != NULL)
        TRY(file_write(values->output, buf_str(&der), 0644, fault));
    if (!admin->is_json)
        buf_append(&admin->out,
                   STR("It came unverified: compare the fingerprint with what the ITA's operator "
                       "tells you, then install it.\n"));
out:
    buf_finish(&der);
    return status;
}

static enum status run_install(struct admin *admin, struct fault *fault)
{
    struct buf der;
    enum status status;
    buf_init(&der, CERTIFICATE_MAX);
    TRY(file_read(admin->operands[1], &der, fault));
    TRY(store_admin_install_certificate(admin->store, admin->operands[0], buf_str(&der), fault));
    TRY(describe(admin, admin->operands[0], buf_str(&der), fault));
out:
    buf_finish(&der);
    return status;
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    struct tenant_list list = {0};
    enum status status = store_admin_read_certificates(admin->store, &list, fault);
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    for (size_t i = 0; status == OK && i < list.certificate_count; i++) {
        const struct certificate *certificate = &list.certificates[i];
        status = describe(admin, certificate->name,
                          str_from(certificate->der, certificate->der_len), fault);
    }
    if (admin->is_json)
        json_write_array_end(&admin->json);
    tenant_list_finish(&list);
    return status;
}

int cmd_certificate(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"fetch", "https://HOST[:PORT]/v1/ngin/axmn [-o FILE]", 1, 1, run_fetch,
         "shows the certificate that the ITA presents, unverified", true},
        {"install", "CERT_ITA|CERT_AICC FILE", 2, 2, run_install,
         "trusts it (DER or PEM) for calls to the ITA, or to AICCs, instead of the one before",
         false},
        {"list", "", 0, 0, run_list, "shows what is installed", false},
    };
    static char output[] = "--output";
    struct certificate_values values = {0};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-o") == 0)
            argv[i] = output;
    return admin_run(&command, argc, argv);
}
