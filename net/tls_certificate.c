#include "net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "net/tls_openssl.h"

enum {
    HOST_SIZE = 256, /* longest DNS name, and a NUL */
    PORT_SIZE = sizeof("65535"),
};

/* A name that does not fit ends in "..." */
static void copy_cut(char *out, size_t size, struct str text)
{
    static const char dots[] = "...";
    bool is_cut = text.len >= size;
    size_t kept = is_cut ? size - sizeof(dots) : text.len;
    memcpy(out, text.ptr, kept);
    memcpy(out + kept, is_cut ? dots : "", is_cut ? sizeof(dots) : 1);
}

static void describe_name(const X509_NAME *name, char *out, size_t size)
{
    /* Letters beyond ASCII are shown as UTF-8; control characters stay escaped. */
    unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    BIO *text = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    if (text != NULL)
        X509_NAME_print_ex(text, name, 0, flags);
    long len = text == NULL ? 0 : BIO_get_mem_data(text, &bytes);
    copy_cut(out, size, len > 0 ? str_from(bytes, (size_t)len) : STR(""));
    BIO_free(text);
}

/* What a stranger wrote into a DNS name is shown on a terminal: only what a name can hold. */
static void append_dns_name(struct buf *out, const ASN1_IA5STRING *name)
{
    const unsigned char *bytes = ASN1_STRING_get0_data(name);
    buf_append(out, STR("DNS:"));
    for (int i = 0; i < ASN1_STRING_length(name); i++) {
        bool is_plain = bytes[i] > ' ' && bytes[i] < 0x7f && bytes[i] != ',';
        buf_append_byte(out, is_plain ? (char)bytes[i] : '?');
    }
}

static void append_ip_address(struct buf *out, const ASN1_OCTET_STRING *address)
{
    char text[INET6_ADDRSTRLEN] = "?";
    int len = ASN1_STRING_length(address);
    if (len == 4 || len == 16)
        inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text,
                  sizeof(text));
    buf_append(out, STR("IP:"));
    buf_append(out, str_of(text));
}

static void describe_alternative_names(X509 *certificate, char *out, size_t size)
{
    enum { NAMES_MAX = 64 * 1024 };
    struct buf text;
    buf_init(&text, NAMES_MAX);
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue; /* host names are checked against these two only */
        if (text.len > 0)
            buf_append(&text, STR(", "));
        if (name->type == GEN_DNS)
            append_dns_name(&text, name->d.dNSName);
        else
            append_ip_address(&text, name->d.iPAddress);
    }
    copy_cut(out, size, text.len > 0 ? buf_str(&text) : STR(""));
    GENERAL_NAMES_free(names);
    buf_finish(&text);
}

static enum status time_to_ms(const ASN1_TIME *time, int64_t *out_ms)
{
    struct tm parts = {0};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return ERR_SYNTAX;
    *out_ms = (int64_t)timegm(&parts) * 1000;
    return OK;
}

static void describe_fingerprint(struct str der, char out[static SHA256_SIZE * 3])
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t hash[SHA256_SIZE];
    sha256(der, hash);
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        out[i * 3] = digits[hash[i] >> 4];
        out[i * 3 + 1] = digits[hash[i] & 15];
        out[i * 3 + 2] = i + 1 < SHA256_SIZE ? ':' : '\0';
    }
}

int64_t tls_certificates_expiry_ms(const STACK_OF(X509) * certificates)
{
    int64_t first_ms = 0, expiry_ms;
    for (int i = 0; i < sk_X509_num(certificates); i++)
        if (time_to_ms(X509_get0_notAfter(sk_X509_value(certificates, i)), &expiry_ms) == OK &&
            (first_ms == 0 || expiry_ms < first_ms))
            first_ms = expiry_ms;
    return first_ms;
}

enum status tls_certificate_describe(struct str certificate, struct tls_certificate *out,
                                     struct fault *fault)
{
    STACK_OF(X509) *parsed = NULL;
    unsigned char *der = NULL;
    enum status status = OK;
    TRY(tls_certificates_parse(certificate, TLS_OTHER_BLOCKS_REFUSED, &parsed, fault));
    X509 *first = sk_X509_value(parsed, 0);
    int der_len = i2d_X509(first, &der);
    struct tls_certificate found = {0};
    if (der_len < 0 || time_to_ms(X509_get0_notBefore(first), &found.not_before_ms) != OK ||
        time_to_ms(X509_get0_notAfter(first), &found.not_after_ms) != OK)
        TRY(tls_openssl_fault(fault, ERR_SYNTAX, "unreadable certificate"));
    describe_name(X509_get_subject_name(first), found.subject, sizeof(found.subject));
    describe_name(X509_get_issuer_name(first), found.issuer, sizeof(found.issuer));
    describe_alternative_names(first, found.names, sizeof(found.names));
    describe_fingerprint(str_from(der, (size_t)der_len), found.sha256_fingerprint);
    ERR_clear_error(); /* names that OpenSSL could not print */
    *out = found;
out:
    OPENSSL_free(der);
    sk_X509_pop_free(parsed, X509_free);
    return status;
}

bool tls_is_for_host(X509 *certificate, struct str host)
{
    char name[HOST_SIZE];
    if (host.len == 0 || host.len >= sizeof(name))
        return false;
    memcpy(name, host.ptr, host.len);
    name[host.len] = '\0';
    if (tls_is_ip_address(name))
        return X509_check_ip_asc(certificate, name, 0) == 1;
    return X509_check_host(certificate, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

enum status tls_identity_describe(const struct tls_identity *identity, struct str host,
                                  struct tls_certificate *out, bool *is_for_host,
                                  struct fault *fault)
{
    X509 *certificate = SSL_CTX_get0_certificate(tls_identity_context(identity));
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    if (len < 0)
        return tls_openssl_fault(fault, ERR_SYNTAX, "unreadable certificate");
    enum status status = tls_certificate_describe(str_from(der, (size_t)len), out, fault);
    OPENSSL_free(der);
    *is_for_host = tls_is_for_host(certificate, host);
    return status;
}

enum status tls_certificate_read(struct str certificate, struct buf *der, struct fault *fault)
{
    STACK_OF(X509) *parsed = NULL;
    unsigned char *bytes = NULL;
    enum status status = OK;
    TRY(tls_certificates_parse(certificate, TLS_OTHER_BLOCKS_REFUSED, &parsed, fault));
    if (sk_X509_num(parsed) != 1)
        TRY(fault_set(fault, ERR_INVALID, "holds several certificates; one is wanted"));
    int len = i2d_X509(sk_X509_value(parsed, 0), &bytes);
    if (len < 0)
        TRY(tls_openssl_fault(fault, ERR_SYNTAX, "unreadable certificate"));
    buf_append(der, str_from(bytes, (size_t)len));
    if (buf_is_over(der))
        TRY(fault_set(fault, ERR_TOO_BIG, "larger than %zu bytes", der->max));
out:
    OPENSSL_free(bytes);
    sk_X509_pop_free(parsed, X509_free);
    return status;
}

static enum status split_host_port(struct str text, char host[static HOST_SIZE],
                                   char port[static PORT_SIZE], struct fault *fault)
{
    bool is_bracketed = str_starts(text, STR("["));
    size_t host_start = is_bracketed ? 1 : 0;
    size_t host_len = str_find(str_slice(text, host_start, text.len), is_bracketed ? ']' : ':');
    struct str rest = str_slice(text, host_start + host_len + host_start, text.len);
    struct str digits = str_slice(rest, 1, rest.len);
    uint64_t number = 0;
    if (host_len == 0 || host_len >= HOST_SIZE || !str_starts(rest, STR(":")) ||
        digits.len >= PORT_SIZE || str_parse_u64(digits, &number) != OK || number == 0 ||
        number > UINT16_MAX)
        return fault_set(fault, ERR_SYNTAX, "must be HOST:PORT or [IPV6]:PORT");
    memcpy(host, text.ptr + host_start, host_len);
    host[host_len] = '\0';
    memcpy(port, digits.ptr, digits.len);
    port[digits.len] = '\0';
    return OK;
}

/* Until the descriptor is ready or the time has come. */
static enum status wait_for(int fd, short events, int64_t until_ms)
{
    for (;;) {
        int64_t left_ms = until_ms - clock_mono_ms();
        struct pollfd polled = {.fd = fd, .events = events};
        int ready = left_ms <= 0 ? 0 : poll(&polled, 1, (int)left_ms);
        if (ready > 0)
            return OK;
        if (ready == 0)
            return ERR_TIMEOUT;
        if (errno != EINTR)
            return ERR_IO;
    }
}

/* A connected socket that does not block, or -1 and errno. */
static int connect_address(const struct addrinfo *address, int64_t until_ms)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int error = 0;
    socklen_t size = sizeof(error);
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0)
        error = errno;
    if (error == EINPROGRESS) {
        if (wait_for(fd, POLLOUT, until_ms) != OK)
            error = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
    }
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

static enum status connect_host(const char *host, const char *port, int64_t until_ms, int *out_fd,
                                struct fault *fault)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    int failed = getaddrinfo(host, port, &hints, &addresses);
    if (failed != 0)
        return fault_set(fault, ERR_NOT_FOUND, "%s", gai_strerror(failed));
    int64_t left = 0;
    for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next)
        left++;
    int fd = -1;
    for (const struct addrinfo *a = addresses; a != NULL && fd < 0; a = a->ai_next, left--) {
        /* One address that swallows packets must not use up the time of the others. */
        int64_t now_ms = clock_mono_ms();
        fd = connect_address(a, now_ms + (until_ms - now_ms) / left);
    }
    int error = errno;
    freeaddrinfo(addresses);
    if (fd < 0)
        return fault_set(fault, error == ETIMEDOUT ? ERR_TIMEOUT : ERR_IO, "%s", strerror(error));
    *out_fd = fd;
    return OK;
}

static enum status handshake(SSL *tls, int fd, int64_t until_ms, struct fault *fault)
{
    for (;;) {
        ERR_clear_error();
        int done = SSL_connect(tls);
        if (done == 1)
            return OK;
        int wanted = SSL_get_error(tls, done);
        if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE)
            return tls_openssl_fault(fault, ERR_IO, "no TLS handshake");
        if (wait_for(fd, wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until_ms) != OK)
            return fault_set(fault, ERR_TIMEOUT, "no TLS handshake in time");
    }
}

static enum status shown_certificate(SSL *tls, struct buf *der, struct fault *fault)
{
    X509 *certificate = SSL_get1_peer_certificate(tls);
    unsigned char *bytes = NULL;
    int len = certificate == NULL ? 0 : i2d_X509(certificate, &bytes);
    enum status status = OK;
    if (len <= 0)
        TRY(fault_set(fault, ERR_IO, "the server shows no certificate"));
    buf_append(der, str_from(bytes, (size_t)len));
    if (buf_is_over(der))
        TRY(fault_set(fault, ERR_TOO_BIG, "the certificate is larger than %zu bytes", der->max));
out:
    OPENSSL_free(bytes);
    X509_free(certificate);
    return status;
}

static enum status fetch(const char *host_port, int64_t until_ms, struct buf *der,
                         struct fault *fault)
{
    enum status status = OK;
    char host[HOST_SIZE], port[PORT_SIZE];
    int fd = -1;
    SSL_CTX *context = NULL;
    SSL *tls = NULL;
    TRY(split_host_port(str_of(host_port), host, port, fault));
    TRY(connect_host(host, port, until_ms, &fd, fault));
    context = SSL_CTX_new(TLS_client_method()); /* verifies nothing: a person compares */
    tls = context == NULL ? NULL : SSL_new(context);
    /* Server name indication is for names only (RFC 6066, section 3). */
    if (tls == NULL || SSL_set_fd(tls, fd) != 1 ||
        (!tls_is_ip_address(host) && SSL_set_tlsext_host_name(tls, host) != 1))
        TRY(tls_openssl_fault(fault, ERR_CRYPTO, "TLS can't be set up"));
    TRY(handshake(tls, fd, until_ms, fault));
    TRY(shown_certificate(tls, der, fault));
out:
    SSL_free(tls);
    SSL_CTX_free(context);
    if (fd >= 0)
        close(fd);
    return status;
}

enum status tls_certificate_fetch(const char *host_port, int64_t timeout_ms, struct buf *der,
                                  struct fault *fault)
{
    enum status status = fetch(host_port, clock_mono_ms() + timeout_ms, der, fault);
    if (status != OK)
        fault_prefix(fault, "%s", host_port);
    return status;
}
