/* Wire profiles: any bytes; what is accepted must print as a profile that prints the same, and must
 * read back the remarks that it makes. */

#include <stdlib.h>

#include "base/mem.h"
#include "profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_remark_back(const struct profile *profile)
{
    struct profile_values values = {0};
    struct str tenant, serial;
    struct buf remark;
    values.of[PROFILE_VARIABLE_TENANT] = STR("space-1");
    values.of[PROFILE_VARIABLE_CALL_SERIAL] = STR("4242");
    buf_init(&remark, PROFILE_TEXT_MAX);
    profile_template_append(&profile->remark, &values, &remark);
    if (profile_read_remark(profile, buf_str(&remark), &tenant, &serial) == OK &&
        ((tenant.len > 0 && !str_is(tenant, STR("space-1"))) ||
         (serial.len > 0 && !str_is(serial, STR("4242")))))
        abort();
    buf_finish(&remark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct profile *profile = NULL, *again = NULL;
    struct fault fault;
    struct buf printed, printed_again;
    if (profile_parse(str_from(data, size), &profile, &fault) != OK)
        return 0;
    read_remark_back(profile);
    buf_init(&printed, 1024 * 1024);
    buf_init(&printed_again, 1024 * 1024);
    profile_print(profile, &printed);
    if (printed.len <= PROFILE_TEXT_MAX) {
        if (profile_parse(buf_str(&printed), &again, &fault) != OK)
            abort();
        profile_print(again, &printed_again);
        if (!str_is(buf_str(&printed), buf_str(&printed_again)))
            abort();
    }
    buf_finish(&printed);
    buf_finish(&printed_again);
    profile_release(again);
    profile_release(profile);
    return 0;
}
