#include "net/tls_verdict.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "base/mem.h"
#include "net/tls_openssl.h"

static enum status describe(X509 *certificate, struct tls_certificate *out, struct fault *fault)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    if (len < 0)
        return tls_openssl_fault(fault, ERR_SYNTAX, "unreadable certificate");
    enum status status = tls_certificate_describe(str_from(der, (size_t)len), out, fault);
    OPENSSL_free(der);
    return status;
}

static enum status add_anchors(X509_STORE *store, const struct tls_trust *trust,
                               struct fault *fault)
{
    STACK_OF(X509) *anchors = NULL;
    struct str pem = trust == NULL ? (struct str){NULL, 0} : tls_trust_pem(trust);
    if (pem.ptr == NULL) {
        if (X509_STORE_set_default_paths(store) != 1)
            return tls_openssl_fault(fault, ERR_IO, "the system's certificates can't be read");
        return OK;
    }
    enum status status = tls_certificates_parse(pem, TLS_OTHER_BLOCKS_REFUSED, &anchors, fault);
    for (int i = 0; status == OK && i < sk_X509_num(anchors); i++)
        if (X509_STORE_add_cert(store, sk_X509_value(anchors, i)) != 1)
            status = tls_openssl_fault(fault, ERR_CRYPTO, "an anchor can't be used");
    sk_X509_pop_free(anchors, X509_free);
    return status;
}

static enum tls_verdict_kind kind_of(int error)
{
    switch (error) {
    case X509_V_OK:
        return TLS_VERDICT_TRUSTED;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: /* of an anchor with the issuer's name, but not its key
                                             */
    case X509_V_ERR_CERT_UNTRUSTED:
        return TLS_VERDICT_NO_ANCHOR;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return TLS_VERDICT_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return TLS_VERDICT_NOT_YET_VALID;
    default:
        return TLS_VERDICT_REFUSED;
    }
}

/* The anchor is the path's last. */
static enum status describe_path(X509_STORE_CTX *context, struct tls_verdict *out,
                                 struct fault *fault)
{
    STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(context);
    int count = sk_X509_num(path);
    enum status status = describe(sk_X509_value(path, count - 1), &out->anchor, fault);
    out->expires_ms = out->anchor.not_after_ms;
    for (int i = 0; status == OK && i < count - 1; i++) {
        struct tls_certificate member = {0};
        status = describe(sk_X509_value(path, i), &member, fault);
        if (status == OK && member.not_after_ms < out->expires_ms)
            out->expires_ms = member.not_after_ms;
    }
    return status;
}

/* As libcurl asks OpenSSL: an anchor need not be self-signed. */
static enum status verify(X509_STORE_CTX *context, const char *host, int64_t now_ms,
                          struct tls_verdict *out, struct fault *fault)
{
    X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    X509_VERIFY_PARAM_set_time(rules, (time_t)(now_ms / 1000));
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
    bool is_good = X509_verify_cert(context) == 1;
    int error = X509_STORE_CTX_get_error(context);
    out->kind = is_good ? TLS_VERDICT_TRUSTED : kind_of(error);
    if (!is_good && out->kind == TLS_VERDICT_TRUSTED)
        out->kind = TLS_VERDICT_REFUSED;
    if (!is_good) {
        (void)snprintf(out->reason, sizeof(out->reason), "%s",
                       X509_verify_cert_error_string(error));
        return OK;
    }
    if (!tls_is_for_host(X509_STORE_CTX_get0_cert(context), str_of(host)))
        out->kind = TLS_VERDICT_OTHER_NAME;
    return describe_path(context, out, fault);
}

enum status tls_verdict_reach(struct str chain, const struct tls_trust *trust, const char *host,
                              int64_t now_ms, struct tls_verdict *out, struct fault *fault)
{
    STACK_OF(X509) *shown = NULL;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    struct tls_verdict found = {0};
    enum status status;
    TRY(tls_certificates_parse(chain, TLS_OTHER_BLOCKS_REFUSED, &shown, fault));
    TRY(describe(sk_X509_value(shown, 0), &found.shown, fault));
    found.chain_count = sk_X509_num(shown);
    if (store == NULL || context == NULL)
        TRY(tls_openssl_fault(fault, ERR_CRYPTO, "no memory"));
    TRY(add_anchors(store, trust, fault));
    if (X509_STORE_CTX_init(context, store, sk_X509_value(shown, 0), shown) != 1)
        TRY(tls_openssl_fault(fault, ERR_CRYPTO, "the chain can't be verified"));
    TRY(verify(context, host, now_ms, &found, fault));
    *out = found;
out:
    ERR_clear_error();
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_pop_free(shown, X509_free);
    return status;
}
