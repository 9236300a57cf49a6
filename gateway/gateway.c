#include "gateway/gateway.h"

#include "base/clock.h"

int64_t gateway_steady_ms(const struct gateway *gateway)
{
    return gateway->started_wall_ms + clock_mono_ms() - gateway->started_mono_ms;
}

void gateway_request_id(struct gateway *gateway, char out[static REQUEST_ID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t count = gateway->request_count++;
    memcpy(out, gateway->request_prefix, 16);
    for (int i = REQUEST_ID_LEN - 1; i >= 16; i--) {
        out[i] = digits[count & 15];
        count >>= 4;
    }
    out[REQUEST_ID_LEN] = '\0';
}

void gateway_call_begins(struct gateway *gateway)
{
    gateway->calls_being_placed++;
}

void gateway_call_ended(struct gateway *gateway)
{
    if (--gateway->calls_being_placed == 0 && gateway->on_none_being_placed != NULL)
        gateway->on_none_being_placed(gateway);
}
