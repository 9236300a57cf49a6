/* /admin/v1/certificates: what is trusted of the ITA, and of AICCs. */

#include "base/clock.h"
#include "gateway/admin_api/admin_parts.h"
#include "gateway/admin_api/tenant_fields.h"
#include "net/tls.h"

static const int64_t WARNED_MS = INT64_C(30) * 24 * 60 * 60 * 1000; /* before it expires: issue 4 */

static void write_warning(struct json_writer *w, int64_t left_ms)
{
    if (left_ms > WARNED_MS)
        return;
    json_write_object(w, NULL);
    json_write_text(w, "rule", left_ms > 0 ? "expires" : "expired");
    if (left_ms > 0)
        admin_write_words(w, "detail", "expires within 30 days", "将在 30 天内过期");
    else
        admin_write_words(w, "detail", "has expired", "已过期");
    json_write_object_end(w);
}

static void write_certificate(struct json_writer *w, const struct certificate *certificate)
{
    struct tls_certificate words = {0};
    struct fault fault;
    if (tls_certificate_describe(str_from(certificate->der, certificate->der_len), &words,
                                 &fault) != OK)
        words = (struct tls_certificate){0}; /* checked when it was saved */
    json_write_object(w, NULL);
    json_write_text(w, "name", certificate->name);
    json_write_text(w, "subject", words.subject);
    json_write_text(w, "issuer", words.issuer);
    json_write_text(w, "subjectAlternativeNames", words.names);
    admin_write_time(w, "notBefore", words.not_before_ms);
    admin_write_time(w, "notAfter", words.not_after_ms);
    json_write_text(w, "sha256Fingerprint", words.sha256_fingerprint);
    admin_write_time(w, "installedAt", certificate->installed_ms);
    json_write_array(w, "warnings");
    write_warning(w, words.not_after_ms - clock_wall_ms());
    json_write_array_end(w);
    json_write_object_end(w);
}

void handle_certificates_list(struct admin_request *request)
{
    struct tenant_list list = {0};
    struct fault fault = {""};
    enum status status = store_admin_read_certificates(request->store, &list, &fault);
    if (status != OK) {
        admin_refuse_status(request, status, &fault);
        return;
    }
    struct json_writer *w = admin_answer(request, 200);
    json_write_object(w, NULL);
    json_write_array(w, "items");
    for (size_t i = 0; i < list.certificate_count; i++)
        write_certificate(w, &list.certificates[i]);
    json_write_array_end(w);
    json_write_object_end(w);
    tenant_list_finish(&list);
}

/* Why a file can't be installed, by a part of what its reader says of it; the last is for the rest.
 */
static const struct {
    const char *part;
    struct rule rule;
} reasons[] = {
    {"private key",
     {"privateKey", "holds a private key, which belongs to the server",
      "包含私钥，私钥只应保存在服务器上"}},
    {"several",
     {"several", "holds several certificates; one is wanted", "包含多个证书，只能有一个"}},
    {"larger than", {"tooLong", "is too large for a certificate", "文件过大，不是证书"}},
    {"expired", {"expired", "the certificate has expired", "证书已过期"}},
    {"", {"unreadable", "is no certificate in DER or PEM", "不是 DER 或 PEM 格式的证书"}},
};

static void refuse_file(struct admin_request *request, enum status status,
                        const struct fault *fault)
{
    struct violations violations = {0};
    size_t at = 0;
    while (strstr(fault->text, reasons[at].part) == NULL)
        at++;
    violations_add_rule(&violations, &reasons[at].rule, "file");
    tenant_refuse(request, status, &violations, fault);
}

/* The body is the file: DER or PEM. */
void handle_certificates_put(struct admin_request *request)
{
    const char *name = admin_param(request, "name");
    struct fault fault = {""};
    enum status status;
    if (!certificate_name_is_known(name)) {
        admin_refuse(request, 404, "the certificate must be named CERT_ITA or CERT_AICC");
        return;
    }
    status = store_admin_install_certificate(request->store, name, request->http->body, &fault);
    if (status == OK)
        handle_certificates_list(request);
    else if (status == ERR_INVALID || status == ERR_SYNTAX || status == ERR_TOO_BIG)
        refuse_file(request, status, &fault);
    else
        admin_refuse_status(request, status, &fault);
}
