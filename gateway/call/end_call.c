#include "gateway/call/end_call.h"

#include "gateway/call/cec_calls.h"
#include "gateway/gateway.h"

void end_call(struct gateway *gateway, const struct call_end *end)
{
    if (live_calls_end(gateway->live, end->serial, gateway_steady_ms(gateway), true))
        statistics_ended(gateway->statistics, end->tenant_id, end->at_ms, end->is_answered,
                         end->cause);
    cec_calls_forget(gateway->cec, end->serial);
    call_events_changed(gateway->events, end->tenant_id, end->serial);
}
