#include "gateway/ita_guard.h"

#include "gateway/model/callback_address.h"

static bool is_no_special_address(void *data, const struct sockaddr *address)
{
    struct callback_address read;
    (void)data;
    return callback_address_read(address, &read) && !callback_address_is_forbidden(&read);
}

struct net_guard ita_guard(const struct config *config)
{
    return (struct net_guard){config->is_ita_local ? NULL : is_no_special_address, NULL};
}
