#ifndef TESTS_NET_IPV6_H
#define TESTS_NET_IPV6_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

/* Many containers have no ::1: what needs it is skipped there. */
static inline bool has_ipv6_loopback(void)
{
    struct sockaddr_in6 any_port = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return false;
    bool is_bound = bind(probe, (struct sockaddr *)&any_port, sizeof(any_port)) == 0;
    close(probe);
    return is_bound;
}

#endif
