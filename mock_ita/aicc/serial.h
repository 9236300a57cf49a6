#ifndef MOCK_ITA_AICC_SERIAL_H
#define MOCK_ITA_AICC_SERIAL_H

/* callSerialNo: the number of a call and, above it, some bits of the run, so that no two runs give
 * the same ones. Below 2^53, which any JSON client holds exactly (agent-api.md, section 3). Pure.
 */

#include "mock_ita/telephony/call.h"

uint64_t mock_aicc_serial(const struct mock_call *call);
/* The number of the call; 0: no call of this run has that serial. */
uint64_t mock_aicc_serial_call(uint32_t run, struct str serial);

#endif
