/* Any bytes as a wire profile: what is accepted must be able to encode every action. */

#include <stdlib.h>

#include "ita/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode_all(const struct profile *profile)
{
    const struct ita_account account = {
        .tenant = STR("space-1"),
        .domain = STR("ita.example.test"),
        .access_key = STR("FAKEAKEXAMPLE0001"),
        .secret_key = STR("fake-secret-key-for-tests-only-0001"),
        .app_key = STR("fake-app-key-0001"),
        .profile = profile,
    };
    struct profile_values values = {0};
    struct ita_message message;
    values.of[PROFILE_VARIABLE_CALL_SERIAL] = STR("4242");
    values.of[PROFILE_VARIABLE_REQUEST_ID] = STR("req-1");
    values.of[PROFILE_VARIABLE_TEL_A] = STR("13800000001");
    values.of[PROFILE_VARIABLE_TEL_B] = STR("13800000003");
    values.of[PROFILE_VARIABLE_CALL_ID] = STR("c-1");
    ita_message_init(&message);
    for (unsigned i = 0; i < PROFILE_ACTIONS; i++) {
        struct fault fault;
        struct json *body = NULL;
        if (ita_message_encode(&message, &account, (enum profile_action)i, &values, 0, &fault) !=
            OK)
            continue;
        /* An object that names a member twice was refused when the profile was read. */
        if (message.body.len > 0 && json_parse(buf_str(&message.body), &body, &fault) != OK)
            abort();
        json_destroy(body);
    }
    ita_message_finish(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct profile *profile = NULL;
    struct fault fault;
    if (profile_parse(str_from(data, size), &profile, &fault) != OK)
        return 0;
    encode_all(profile);
    profile_release(profile);
    return 0;
}
