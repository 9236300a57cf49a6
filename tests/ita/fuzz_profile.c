/* Wire profiles: any bytes; what is accepted must print as a profile that prints the same, and must
 * be able to encode a call. */

#include <stdlib.h>

#include "base/mem.h"
#include "ita/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode_all(const struct ita_profile *profile)
{
    const struct ita_account account = {
        .tenant = STR("space-1"),
        .domain = STR("ita.example.test"),
        .access_key = STR("FAKEAKEXAMPLE0001"),
        .secret_key = STR("fake-secret-key-for-tests-only-0001"),
        .app_key = STR("fake-app-key-0001"),
        .profile = profile,
    };
    struct ita_values values = {0};
    struct ita_message message;
    values.of[ITA_VARIABLE_CALL_SERIAL] = STR("4242");
    values.of[ITA_VARIABLE_REQUEST_ID] = STR("req-1");
    values.of[ITA_VARIABLE_TEL_A] = STR("13800000001");
    values.of[ITA_VARIABLE_TEL_B] = STR("13800000003");
    values.of[ITA_VARIABLE_CALL_ID] = STR("c-1");
    ita_message_init(&message);
    for (unsigned i = 0; i < ITA_ACTIONS; i++) {
        struct fault fault;
        struct json *body = NULL;
        if (ita_message_encode(&message, &account, (enum ita_action)i, &values, 0, &fault) != OK)
            continue;
        /* An object that names a member twice was refused when the profile was read. */
        if (message.body.len > 0 && json_parse(buf_str(&message.body), &body, &fault) != OK)
            abort();
        json_destroy(body);
    }
    ita_message_finish(&message);
}

static void read_remark_back(const struct ita_profile *profile)
{
    struct ita_values values = {0};
    struct str tenant, serial;
    struct buf remark;
    values.of[ITA_VARIABLE_TENANT] = STR("space-1");
    values.of[ITA_VARIABLE_CALL_SERIAL] = STR("4242");
    buf_init(&remark, ITA_PROFILE_TEXT_MAX);
    ita_template_append(&profile->remark, &values, &remark);
    if (ita_profile_read_remark(profile, buf_str(&remark), &tenant, &serial) == OK &&
        ((tenant.len > 0 && !str_is(tenant, STR("space-1"))) ||
         (serial.len > 0 && !str_is(serial, STR("4242")))))
        abort();
    buf_finish(&remark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ita_profile *profile = NULL, *again = NULL;
    struct fault fault;
    struct buf printed, printed_again;
    if (ita_profile_parse(str_from(data, size), &profile, &fault) != OK)
        return 0;
    encode_all(profile);
    read_remark_back(profile);
    buf_init(&printed, 1024 * 1024);
    buf_init(&printed_again, 1024 * 1024);
    ita_profile_print(profile, &printed);
    if (printed.len <= ITA_PROFILE_TEXT_MAX) {
        if (ita_profile_parse(buf_str(&printed), &again, &fault) != OK)
            abort();
        ita_profile_print(again, &printed_again);
        if (!str_is(buf_str(&printed), buf_str(&printed_again)))
            abort();
    }
    buf_finish(&printed);
    buf_finish(&printed_again);
    ita_profile_release(again);
    ita_profile_release(profile);
    return 0;
}
