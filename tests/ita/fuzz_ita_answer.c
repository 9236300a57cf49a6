/* Answers of the ITA: two bytes choose HTTP status and action, a line is the value of Retry-After
 * and Date, the rest is the body. A place that may have been done is never to be tried again. */

#include <stdlib.h>

#include "ita/answer.h"
#include "profile/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct ita_answer *answer, enum profile_action action)
{
    bool is_known = answer->outcome == ITA_ACCEPTED ? str_is(answer->code, str_of(ITA_CODE_SUCCESS))
                                                    : ita_code_text(answer->code) != NULL;
    if (!is_known)
        abort();
    if (action == PROFILE_ACTION_PLACE) {
        if (answer->outcome == ITA_ACCEPTED && answer->call_id.len == 0)
            abort();
        if (answer->outcome != ITA_REFUSED && answer->again != ITA_AGAIN_NEVER)
            abort();
    }
    if (answer->call_id.len > ITA_CALL_ID_MAX || answer->url.len > ITA_URL_MAX ||
        !str_is_utf8(str_of(answer->native_message)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 201, 204, 302, 400, 401, 403, 404,
                                   408, 429, 500, 501, 502, 503, 504, 599};
    if (size < 2)
        return 0;
    enum profile_action action = (enum profile_action)(data[1] % PROFILE_ACTIONS);
    struct str rest = str_from(data + 2, size - 2);
    size_t line = str_find(rest, '\n');
    struct http_header headers[] = {
        {STR("Retry-After"), str_slice(rest, 0, line)},
        {STR("Date"), str_slice(rest, 0, line)},
    };
    const struct http_fetch_result fetched = {
        .outcome = HTTP_ANSWERED,
        .why = "",
        .status = statuses[data[0] % 16],
        .body = str_slice(rest, line + 1, rest.len),
        .headers = headers,
        .header_count = 2,
    };
    struct profile *profile = profile_default();
    struct ita_answer answer;
    ita_answer_read(profile, action, &fetched, 0, &answer);
    check(&answer, action);
    ita_answer_hide(&answer, STR("AK"));
    ita_answer_finish(&answer);
    profile_release(profile);
    return 0;
}
