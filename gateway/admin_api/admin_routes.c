#include "gateway/admin_api/admin_route.h"

#include "base/mem.h"

#define V1 "/admin/v1"

const struct admin_route admin_routes[] = {
    {"GET", V1 "/session", ADMIT_NEWCOMER, LANE_STORE, handle_session_show, NULL, false},
};
const size_t admin_route_count = COUNT_OF(admin_routes);

const char *admission_text(enum admission admission)
{
    static const char *const texts[] = {
        [ADMIT_ANYONE] = "anyone", [ADMIT_NEWCOMER] = "newcomer", [ADMIT_SIGNED_IN] = "signed-in",
        [ADMIT_TENANT] = "tenant", [ADMIT_SYSADMIN] = "sysadmin",
    };
    return texts[admission];
}
