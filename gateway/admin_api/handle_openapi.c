/* /openapi.json: what this API is, for machines. */

#include "base/embedded.h"
#include "gateway/admin_api/admin_route.h"

EMBEDDED_FILE(gateway_admin_api_openapi_json);

void handle_openapi(struct admin_request *request)
{
    admin_answer_bytes(request, 200, "application/json",
                       EMBEDDED_STR(gateway_admin_api_openapi_json));
    admin_request_finish(request);
}
