#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/mem.h"
#include "net/tls_openssl.h"

enum {
    SERIAL_BITS = 159,       /* at most 20 bytes, positive (RFC 5280, section 4.1.2.2) */
    COMMON_NAME_MAX = 64,    /* ub-common-name (RFC 5280, appendix A.1) */
    HOST_NAME_MAX_LEN = 253, /* RFC 1035, section 2.3.4, without the root's dot */
    DAYS_MAX = 3650,         /* a mistyped century would overflow the date */
    CLOCK_SKEW_S = 60 * 60,  /* valid for a peer whose clock is late */
};

static bool is_dns_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '.' || c == '*'))
            return false;
    }
    return name.len > 0 && name.len <= HOST_NAME_MAX_LEN;
}

static GENERAL_NAME *alternative_name_create(const char *text)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    if (tls_is_ip_address(text)) {
        GENERAL_NAME_set0_value(name, GEN_IPADD, a2i_IPADDRESS(text));
        return name;
    }
    ASN1_IA5STRING *dns_name = ASN1_IA5STRING_new();
    ASN1_STRING_set(dns_name, text, -1);
    GENERAL_NAME_set0_value(name, GEN_DNS, dns_name);
    return name;
}

static bool add_alternative_names(X509 *certificate, const char *const *names, size_t count)
{
    GENERAL_NAMES *list = GENERAL_NAMES_new();
    for (size_t i = 0; i < count; i++)
        sk_GENERAL_NAME_push(list, alternative_name_create(names[i]));
    bool is_added = X509_add1_ext_i2d(certificate, NID_subject_alt_name, list, 0, 0) == 1;
    GENERAL_NAMES_free(list);
    return is_added;
}

/* A server's certificate and not an authority's: it anchors itself, and whoever gets hold of the
 * key can't sign other names with it. */
static bool add_extensions(X509 *certificate)
{
    static const struct {
        int nid;
        const char *value;
    } extensions[] = {
        {NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, "serverAuth"},
        {NID_subject_key_identifier, "hash"},
    };
    X509V3_CTX about;
    X509V3_set_ctx(&about, certificate, certificate, NULL, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf_nid(NULL, &about, extensions[i].nid, extensions[i].value);
        bool is_added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        if (!is_added)
            return false;
    }
    return true;
}

/* Two certificates of one issuer name must not share a serial number. */
static bool set_random_serial(X509 *certificate)
{
    BIGNUM *serial = BN_new();
    bool is_set = serial != NULL &&
                  BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                  BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) != NULL;
    BN_free(serial);
    return is_set;
}

static bool set_subject(X509 *certificate, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    if (strlen(common_name) > COMMON_NAME_MAX)
        common_name = "self-signed";
    return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
                                      (const unsigned char *)common_name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1;
}

static bool certificate_fill(X509 *certificate, EVP_PKEY *key, const char *const *names,
                             size_t count, int days)
{
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_random_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -CLOCK_SKEW_S) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, NULL) != NULL &&
           set_subject(certificate, names[0]) && X509_set_pubkey(certificate, key) == 1 &&
           add_extensions(certificate) && add_alternative_names(certificate, names, count) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

static enum status pem_out(X509 *certificate, EVP_PKEY *key, struct buf *certificate_pem,
                           struct buf *key_pem, struct fault *fault)
{
    enum status status = OK;
    char *bytes = NULL;
    BIO *public_text = BIO_new(BIO_s_mem());
    BIO *secret_text = BIO_new(BIO_s_secmem()); /* wiped when it is freed */
    if (public_text == NULL || secret_text == NULL ||
        PEM_write_bio_X509(public_text, certificate) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(secret_text, key, NULL, NULL, 0, NULL, NULL) != 1)
        TRY(tls_openssl_fault(fault, ERR_CRYPTO, "the certificate can't be written"));
    long len = BIO_get_mem_data(public_text, &bytes);
    buf_append(certificate_pem, str_from(bytes, (size_t)len));
    len = BIO_get_mem_data(secret_text, &bytes);
    buf_append(key_pem, str_from(bytes, (size_t)len));
    if (buf_is_over(certificate_pem) || buf_is_over(key_pem))
        TRY(fault_set(fault, ERR_TOO_BIG, "no room for the certificate"));
out:
    BIO_free(public_text);
    BIO_free(secret_text);
    return status;
}

enum status tls_identity_generate(const char *const *names, size_t count, int days,
                                  struct buf *certificate_pem, struct buf *key_pem,
                                  struct fault *fault)
{
    if (count == 0 || days < 1 || days > DAYS_MAX)
        return fault_set(fault, ERR_INVALID, "needs a name, and 1 to %d days", DAYS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!tls_is_ip_address(names[i]) && !is_dns_name(str_of(names[i])))
            return fault_set(fault, ERR_INVALID, "name %zu is no host name and no address", i + 1);
    enum status status = OK;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    if (key == NULL || certificate == NULL ||
        !certificate_fill(certificate, key, names, count, days))
        TRY(tls_openssl_fault(fault, ERR_CRYPTO, "no certificate could be made"));
    TRY(pem_out(certificate, key, certificate_pem, key_pem, fault));
out:
    X509_free(certificate);
    EVP_PKEY_free(key);
    return status;
}
