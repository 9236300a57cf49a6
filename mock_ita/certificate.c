#include "mock_ita/certificate.h"

#include <stdio.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/tls.h"

enum { PEM_MAX = 64 * 1024, FRESH_DAYS = 90 /* a mock is started anew more often */ };

enum status mock_certificate_to_der(struct str pem, struct buf *der, struct fault *fault)
{
    bool is_inside = false;
    struct buf base64;
    buf_init(&base64, PEM_MAX);
    struct str rest = pem, line;
    enum status status = ERR_SYNTAX;
    while (status == ERR_SYNTAX && str_next(&rest, '\n', &line)) {
        if (str_ends(line, STR("\r")))
            line.len--;
        if (str_is(line, STR("-----BEGIN CERTIFICATE-----")))
            is_inside = true;
        else if (is_inside && str_is(line, STR("-----END CERTIFICATE-----")))
            status = OK;
        else if (is_inside)
            buf_append(&base64, line);
    }
    if (status == OK)
        status = base64_decode(buf_str(&base64), der);
    buf_finish(&base64);
    return status == OK ? OK : fault_set(fault, status, "no certificate in PEM");
}

static enum status write_der(const char *path, struct str pem, struct fault *fault)
{
    struct buf der;
    buf_init(&der, PEM_MAX);
    enum status status = OK;
    TRY(mock_certificate_to_der(pem, &der, fault));
    if (strcmp(path, "-") != 0)
        TRY(file_write(path, buf_str(&der), 0644, fault));
    else if (fwrite(der.ptr, 1, der.len, stdout) != der.len || fflush(stdout) != 0)
        TRY(fault_set(fault, ERR_IO, "standard output: can't be written"));
out:
    buf_finish(&der);
    return status;
}

static enum status make_or_load(const struct mock_options *options, struct buf *pem,
                                struct tls_identity **out, struct fault *fault)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "::1"};
    if (options->tls_certificate != NULL) {
        enum status status = file_read(options->tls_certificate, pem, fault);
        if (status != OK)
            return status;
        return tls_identity_load(options->tls_certificate, options->tls_key, out, fault);
    }
    struct buf key;
    buf_init(&key, PEM_MAX);
    enum status status =
        tls_identity_generate(names, COUNT_OF(names), FRESH_DAYS, pem, &key, fault);
    if (status == OK)
        status = tls_identity_create(buf_str(pem), buf_str(&key), out, fault);
    buf_wipe(&key);
    return status;
}

enum status mock_certificate_prepare(const struct mock_options *options, struct tls_identity **out,
                                     struct fault *fault)
{
    struct tls_identity *identity = NULL;
    struct buf pem;
    buf_init(&pem, PEM_MAX);
    enum status status = OK;
    TRY(make_or_load(options, &pem, &identity, fault));
    if (options->print_cert != NULL)
        TRY(write_der(options->print_cert, buf_str(&pem), fault));
    if (options->cert_pem != NULL)
        TRY(file_write(options->cert_pem, buf_str(&pem), 0644, fault));
    *out = identity;
    identity = NULL;
out:
    tls_identity_release(identity);
    buf_wipe(&pem); /* some keep the key in the same file */
    return status;
}
