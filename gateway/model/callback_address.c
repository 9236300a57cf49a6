#include "gateway/model/callback_address.h"

#include <arpa/inet.h>
#include <assert.h>

#include "base/mem.h"

enum { V4_AT = 12 /* where IPv4 stands in its mapped form */ };

static const uint8_t mapped_prefix[V4_AT] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool callback_address_read(const struct sockaddr *from, struct callback_address *out)
{
    *out = (struct callback_address){0};
    if (from->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof(v4));
        memcpy(out->ip, mapped_prefix, sizeof(mapped_prefix));
        memcpy(out->ip + V4_AT, &v4.sin_addr, sizeof(v4.sin_addr));
        out->port = ntohs(v4.sin_port);
        return true;
    }
    if (from->sa_family != AF_INET6)
        return false;
    struct sockaddr_in6 v6;
    memcpy(&v6, from, sizeof(v6));
    memcpy(out->ip, &v6.sin6_addr, sizeof(out->ip));
    out->port = ntohs(v6.sin6_port);
    return true;
}

bool callback_address_is_ipv6(const struct callback_address *address)
{
    return memcmp(address->ip, mapped_prefix, sizeof(mapped_prefix)) != 0;
}

/* ::a.b.c.d, deprecated (RFC 4291, 2.5.5.1), which inet_ntop(3) writes in that form again. */
static bool is_v4_compatible(const struct callback_address *address)
{
    static const uint8_t zeros[V4_AT] = {0};
    const uint8_t *v4 = address->ip + V4_AT;
    return memcmp(address->ip, zeros, sizeof(zeros)) == 0 && (v4[0] != 0 || v4[1] != 0);
}

enum status callback_address_parse_ip(struct str text, struct callback_address *out)
{
    char copy[INET6_ADDRSTRLEN];
    struct callback_address found = {0};
    if (text.len == 0 || text.len >= sizeof(copy) || str_find(text, '\0') < text.len)
        return ERR_SYNTAX;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    memcpy(found.ip, mapped_prefix, sizeof(mapped_prefix));
    bool is_v4 = inet_pton(AF_INET, copy, found.ip + V4_AT) == 1;
    bool is_v6 = !is_v4 && str_find(text, '.') == text.len &&
                 inet_pton(AF_INET6, copy, found.ip) == 1 && callback_address_is_ipv6(&found) &&
                 !is_v4_compatible(&found);
    if (!is_v4 && !is_v6)
        return ERR_SYNTAX;
    *out = found;
    return OK;
}

void callback_address_append_ip(const struct callback_address *address, struct buf *out)
{
    char text[INET6_ADDRSTRLEN];
    bool is_v6 = callback_address_is_ipv6(address);
    const char *written = inet_ntop(is_v6 ? AF_INET6 : AF_INET, address->ip + (is_v6 ? 0 : V4_AT),
                                    text, sizeof(text));
    assert(written != NULL);
    buf_append(out, str_of(written));
}

bool callback_address_is(const struct callback_address *a, const struct callback_address *b)
{
    return a->port == b->port && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

/* --- Forbidden networks --- */

struct network {
    uint8_t prefix[16];
    int bits;
};

/* IANA IPv4 Special-Purpose Address Registry, and metadata services outside of its ranges. */
static const struct network forbidden_v4[] = {
    {{0}, 8},                   /* "this network"; connecting to 0.0.0.0 reaches this machine */
    {{127}, 8},                 /* loopback */
    {{169, 254}, 16},           /* link-local; 169.254.169.254 is most clouds' metadata */
    {{192, 0, 0}, 24},          /* IETF protocol assignments; 192.0.0.192 is Oracle's metadata */
    {{100, 100, 100, 200}, 32}, /* metadata of Alibaba Cloud */
    {{168, 63, 129, 16}, 32},   /* WireServer of Azure */
    {{224}, 4},                 /* multicast */
    {{240}, 4},                 /* reserved, and broadcast */
};

/* IANA IPv6 Special-Purpose Address Registry. Forms that carry IPv4 are judged by it, below. */
static const struct network forbidden_v6[] = {
    {{0}, 127},                                 /* unspecified, loopback */
    {{0xFE, 0x80}, 10},                         /* link-local */
    {{0xFE, 0xC0}, 10},                         /* site-local, deprecated (RFC 3879) */
    {{0xFF}, 8},                                /* multicast */
    {{0x20, 0x01}, 32},                         /* Teredo: a tunnel to any IPv4 */
    {{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, 48}, /* NAT64 of one site (RFC 8215) */
    {{0xFD, 0x00, 0x0E, 0xC2}, 32},             /* metadata of AWS, fd00:ec2::254 */
    {{0xFD, 0x20, 0x00, 0xCE}, 32},             /* metadata of Google Cloud, fd20:ce::254 */
    {{0xFD, 0x00, 0x00, 0xC1, [12] = 0xA9, 0xFE, 0xA9, 0xFE}, 128}, /* metadata of Oracle */
};

static const struct {
    struct network network;
    int v4_at; /* where the IPv4 address stands */
} v4_carriers[] = {
    {{{0}, 96}, V4_AT},                      /* RFC 4291, 2.5.5.1 */
    {{{[10] = 0xFF, 0xFF}, 96}, V4_AT},      /* mapped: IPv4 itself */
    {{{[8] = 0xFF, 0xFF}, 96}, V4_AT},       /* RFC 2765, 2.1 */
    {{{0x00, 0x64, 0xFF, 0x9B}, 96}, V4_AT}, /* NAT64, RFC 6052 */
    {{{0x20, 0x02}, 16}, 2},                 /* 6to4, RFC 3056 */
};

static bool is_in(const uint8_t *ip, const struct network *network)
{
    int whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(ip, network->prefix, (size_t)whole) != 0)
        return false;
    return rest == 0 || (ip[whole] ^ network->prefix[whole]) >> (8 - rest) == 0;
}

static bool is_in_any(const uint8_t *ip, const struct network *networks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_in(ip, &networks[i]))
            return true;
    return false;
}

bool callback_address_is_forbidden(const struct callback_address *address)
{
    if (is_in_any(address->ip, forbidden_v6, COUNT_OF(forbidden_v6)))
        return true;
    for (size_t i = 0; i < COUNT_OF(v4_carriers); i++)
        if (is_in(address->ip, &v4_carriers[i].network))
            return is_in_any(address->ip + v4_carriers[i].v4_at, forbidden_v4,
                             COUNT_OF(forbidden_v4));
    return false;
}
