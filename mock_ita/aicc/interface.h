#ifndef MOCK_ITA_AICC_INTERFACE_H
#define MOCK_ITA_AICC_INTERFACE_H

/* The interfaces of an AICC that the mock serves (agent-api.md; releaseCall: docs/agent-api.md).
 * Pure. */

#include "base/str.h"

enum mock_aicc_interface {
    MOCK_AICC_TOKEN,
    MOCK_AICC_CREATE_CALL_V1,
    MOCK_AICC_CREATE_CALL_V3,
    MOCK_AICC_STATE,
    MOCK_AICC_RECORDS,
    MOCK_AICC_RECORDING,
    MOCK_AICC_RELEASE,
    MOCK_AICC_INTERFACES,
};

/* Whether a path is for an AICC at all, and which interface it is. Both are case sensitive. */
bool mock_aicc_is_path(struct str path);
MUST_CHECK enum status mock_aicc_find(struct str path, enum mock_aicc_interface *out);
/* As scenarios and the journal call it: "createCall" in both versions. */
const char *mock_aicc_name(enum mock_aicc_interface which);

#endif
