#include "upstream/circuit.h"

enum circuit_pass circuit_enter(struct circuit *circuit, const struct circuit_rule *rule,
                                int64_t now_ms)
{
    if (circuit->failures < rule->failures_max)
        return CIRCUIT_PASSED;
    if (circuit->is_probing || now_ms < circuit->open_until_ms)
        return CIRCUIT_HELD;
    circuit->is_probing = true;
    return CIRCUIT_PROBE;
}

void circuit_succeeded(struct circuit *circuit)
{
    *circuit = (struct circuit){0};
}

void circuit_failed(struct circuit *circuit, const struct circuit_rule *rule,
                    enum circuit_pass pass, int64_t now_ms)
{
    bool was_open = circuit->failures >= rule->failures_max;
    if (was_open && pass != CIRCUIT_PROBE)
        return; /* it had left before the circuit opened: no news */
    if (!was_open)
        circuit->failures++;
    if (circuit->failures >= rule->failures_max)
        circuit->open_until_ms = now_ms + rule->open_ms;
    circuit->is_probing = false;
}

void circuit_left(struct circuit *circuit, enum circuit_pass pass)
{
    if (pass == CIRCUIT_PROBE)
        circuit->is_probing = false;
}

int64_t circuit_held_ms(const struct circuit *circuit, const struct circuit_rule *rule,
                        int64_t now_ms)
{
    bool is_open = circuit->failures >= rule->failures_max && circuit->open_until_ms > now_ms;
    return is_open ? circuit->open_until_ms - now_ms : 0;
}
