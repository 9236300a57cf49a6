#include "mock_ita/aicc/serial.h"

enum {
    NUMBER_BITS = 32, /* four billion calls of one run */
    RUN_BITS = 20,
};

static uint64_t serial_of(uint32_t run, uint64_t number)
{
    /* The highest bit is set, so that all serials have the same length. */
    uint64_t of_run = (run & ((UINT64_C(1) << RUN_BITS) - 1)) | UINT64_C(1) << (RUN_BITS - 1);
    return of_run << NUMBER_BITS | (number & UINT32_MAX);
}

uint64_t mock_aicc_serial(const struct mock_call *call)
{
    return serial_of(call->run, call->number);
}

uint64_t mock_aicc_serial_call(uint32_t run, struct str serial)
{
    uint64_t value;
    if (str_parse_u64(serial, &value) != OK || serial.ptr[0] == '0')
        return 0;
    return serial_of(run, value) == value ? value & UINT32_MAX : 0;
}
