#ifndef GATEWAY_MODEL_CALLBACK_ADDRESS_H
#define GATEWAY_MODEL_CALLBACK_ADDRESS_H

/* Where a callback would connect to, and which addresses no name may lead it to: a trusted name
 * whose owner points it at this machine, or at what only this machine can reach, must not turn the
 * gateway into his client there. Pure. */

#include "base/buf.h"

struct sockaddr;

struct callback_address {
    uint8_t ip[16]; /* IPv4 as ::ffff:a.b.c.d */
    uint16_t port;
};

/* False for another family than IPv4 and IPv6. */
bool callback_address_read(const struct sockaddr *from, struct callback_address *out);
/* Four decimal numbers, or IPv6 in its text form without brackets, zone and embedded IPv4: what
 * inet_aton(3) and browsers take besides ("127.1", "0x7f.0.0.1", "2130706433") is refused. The port
 * becomes 0. */
MUST_CHECK enum status callback_address_parse_ip(struct str text, struct callback_address *out);
/* "192.0.2.1" or "2001:db8::1" */
void callback_address_append_ip(const struct callback_address *address, struct buf *out);
bool callback_address_is(const struct callback_address *a, const struct callback_address *b);
bool callback_address_is_ipv6(const struct callback_address *address);
/* Loopback, link-local (cloud metadata among it), unspecified, multicast, broadcast, reserved, and
 * IPv6 forms that carry such an IPv4 address. Private networks (10.0.0.0/8 ...) are not: call
 * centres live there, and the name that leads to it was trusted by hand. */
bool callback_address_is_forbidden(const struct callback_address *address);

#endif
