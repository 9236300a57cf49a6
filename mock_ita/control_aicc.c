#include "mock_ita/control.h"

/* /aicc: the app key and the tokens of the AICC. */

/* False: the mock plays no AICC, and the request has been answered 409. */
static bool plays_aicc(struct control_request *request)
{
    if (request->mock->tokens == NULL)
        control_refuse(request, 409, "the mock was started without --aicc");
    return request->mock->tokens != NULL;
}

/* Tokens that were given out are good no more, as when an AICC forgets them. */
void control_delete_tokens(struct control_request *request)
{
    if (!plays_aicc(request))
        return;
    mock_aicc_tokens_revoke(request->mock->tokens);
    control_answer_nothing(request);
}

void control_change_app_key(struct control_request *request)
{
    struct control_app_key change;
    struct fault fault;
    if (!plays_aicc(request))
        return;
    enum status status = control_body_app_key(request->body, &change, &fault);
    if (status != OK) {
        control_refuse_fault(request, status, &fault);
        return;
    }
    mock_aicc_tokens_change_key(request->mock->tokens, change.app_key, change.app_secret);
    control_answer_nothing(request);
}
