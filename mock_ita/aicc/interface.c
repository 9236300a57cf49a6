#include "mock_ita/aicc/interface.h"

#define V1 "/apiaccess/CC-Management/v1/mobileAgent/"
#define V3 "/apiaccess/CC-Management/v3/mobileAgent/"

static const struct {
    const char *path, *name;
} rows[] = {
    [MOCK_AICC_TOKEN] = {"/apigovernance/api/oauth/tokenByAkSk", "tokenByAkSk"},
    [MOCK_AICC_CREATE_CALL_V1] = {V1 "createCall", "createCall"},
    [MOCK_AICC_CREATE_CALL_V3] = {V3 "createCall", "createCall"},
    [MOCK_AICC_STATE] = {V1 "queryCallState", "queryCallState"},
    [MOCK_AICC_RECORDS] = {V1 "queryCallDetailRecord", "queryCallDetailRecord"},
    [MOCK_AICC_RECORDING] = {V1 "getRecordingAddress", "getRecordingAddress"},
    [MOCK_AICC_RELEASE] = {V1 "releaseCall", "releaseCall"},
};

bool mock_aicc_is_path(struct str path)
{
    return str_starts(path, STR("/apiaccess/")) || str_starts(path, STR("/apigovernance/"));
}

enum status mock_aicc_find(struct str path, enum mock_aicc_interface *out)
{
    for (unsigned i = 0; i < MOCK_AICC_INTERFACES; i++)
        if (str_is(path, str_of(rows[i].path))) {
            *out = (enum mock_aicc_interface)i;
            return OK;
        }
    return ERR_NOT_FOUND;
}

const char *mock_aicc_name(enum mock_aicc_interface which)
{
    return rows[which].name;
}
