#include "ita/account.h"

enum { DOMAIN_MAX = ITA_HOST_MAX + 6 }; /* the longest host name of DNS, ':' and a port */

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

/* A name, an IPv4 address, or an IPv6 address in brackets. */
static bool is_host(struct str host)
{
    bool is_v6 = str_starts(host, STR("[")) && str_ends(host, STR("]"));
    struct str inner = is_v6 ? str_slice(host, 1, host.len - 2) : host;
    for (size_t i = 0; i < inner.len; i++)
        if (!is_host_byte(inner.ptr[i]) && !(is_v6 && inner.ptr[i] == ':'))
            return false;
    return inner.len > 0 && (is_v6 || (inner.ptr[0] != '-' && inner.ptr[0] != '.'));
}

/* Splits off ":port"; false when it is no port. */
static bool split_port(struct str *host)
{
    uint64_t port;
    size_t colon = host->len;
    while (colon > 0 && host->ptr[colon - 1] != ':' && host->ptr[colon - 1] != ']')
        colon--;
    if (colon == 0 || host->ptr[colon - 1] == ']')
        return true;
    struct str digits = str_slice(*host, colon, host->len);
    host->len = colon - 1;
    return str_parse_u64(digits, &port) == OK && port >= 1 && port <= UINT16_MAX;
}

static bool is_this_machine(struct str host)
{
    return str_is(host, STR("localhost")) || str_is(host, STR("127.0.0.1")) ||
           str_is(host, STR("[::1]"));
}

enum status ita_account_read_domain(struct str text, struct ita_account *out, struct fault *fault)
{
    static const struct str plain = {"http://", 7};
    bool is_plain = str_starts(text, plain);
    struct str domain = is_plain ? str_slice(text, plain.len, text.len) : text;
    struct str host = domain;
    if (domain.len > DOMAIN_MAX || !split_port(&host) || !is_host(host))
        return fault_set(fault, ERR_INVALID,
                         "must be HOST or HOST:PORT, without https:// and without a path");
    if (is_plain && !is_this_machine(host))
        return fault_set(fault, ERR_INVALID,
                         "http:// is allowed towards localhost, 127.0.0.1 and [::1] only");
    out->domain = domain;
    out->is_plain = is_plain;
    return OK;
}

void ita_account_split_domain(const struct ita_account *account, char host[static ITA_HOST_MAX + 1],
                              uint16_t *port)
{
    struct str name = account->domain;
    bool is_v6 = str_starts(name, STR("["));
    size_t end = str_find(name, is_v6 ? ']' : ':');
    uint64_t number = account->is_plain ? 80 : 443;
    struct str digits = str_slice(name, end + (is_v6 ? 2 : 1), name.len);
    if (digits.len > 0)
        (void)!str_parse_u64(digits, &number);
    *port = (uint16_t)number;
    name = is_v6 ? str_slice(name, 1, end - 1) : str_slice(name, 0, end);
    name = str_slice(name, 0, ITA_HOST_MAX);
    memcpy(host, name.ptr, name.len);
    host[name.len] = '\0';
}
