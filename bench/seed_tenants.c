/* seed_tenants DATABASE MASTER_KEY_FILE TENANTS X_NUMBERS DOMAIN SECRET: makes tenants as an
 * operator would, each with an AccessKey of its own and that SECRET. The first ten share the X
 * numbers, in allocation mode Specified; the others have none, and Automatic. Prints a line for
 * each: name, AccessKey, app key, app secret. */

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "gateway/master_key.h"
#include "gateway/store/store_admin.h"

enum {
    USAGE_ERROR = 2,
    X_NUMBER_SIZE = 16,
    ADDED_AT_ONCE = 1000,
    TENANTS_WITH_X_MAX = 10, /* of 10,000 X numbers each at most: X_NUMBERS_MAX */
};

struct seeding {
    struct store_admin *admin;
    const char *domain, *secret;
    size_t tenants_with_x, x_numbers_each;
};

/* Fake ones: no line in China has 0000 behind its area code. */
static enum status add_x_numbers(const struct seeding *seeding, const char *tenant, size_t first,
                                 struct fault *fault)
{
    char texts[ADDED_AT_ONCE][X_NUMBER_SIZE];
    char *items[ADDED_AT_ONCE];
    for (size_t done = 0; done < seeding->x_numbers_each;) {
        struct violations violations = {0};
        size_t count = 0;
        for (; count < ADDED_AT_ONCE && done < seeding->x_numbers_each; count++, done++) {
            (void)snprintf(texts[count], X_NUMBER_SIZE, "0571%08zu", first + done);
            items[count] = texts[count];
        }
        const struct number_list list = {.items = items, .count = count, .field = "numbers/"};
        enum status status =
            store_admin_add_x_numbers(seeding->admin, tenant, &list, &violations, fault);
        if (status != OK)
            return status;
    }
    return OK;
}

static enum status make_tenant(const struct seeding *seeding, size_t index, struct fault *fault)
{
    enum status status;
    char name[32], access_key[32];
    struct new_app_key key = {"", ""};
    struct settings_change change;
    struct violations violations = {0};
    (void)snprintf(name, sizeof(name), "bench-%zu", index);
    (void)snprintf(access_key, sizeof(access_key), "FAKEAKBENCH%06zu", index);
    settings_change_init(&change);
    change.type = CALL_TYPE_ITA;
    change.access_key = access_key;
    change.secret_key = seeding->secret;
    change.app_key = "fake-app-key-bench";
    change.domain = seeding->domain;
    bool has_x = index < seeding->tenants_with_x && seeding->x_numbers_each > 0;
    change.x_mode = has_x ? X_MODE_SPECIFIED : X_MODE_AUTOMATIC;
    TRY(store_admin_create_tenant(seeding->admin, name, fault));
    if (has_x)
        TRY(add_x_numbers(seeding, name, index * seeding->x_numbers_each, fault));
    TRY(store_admin_change_settings(seeding->admin, name, &change, 0, &violations, fault));
    TRY(store_admin_create_app_key(seeding->admin, name, &key, fault));
    printf("%s %s %s %s\n", name, access_key, key.key, key.secret);
out:
    mem_wipe(&key, sizeof(key));
    return status;
}

static enum status make_tenants(char **arguments, struct fault *fault)
{
    enum status status;
    uint8_t master_key[SEAL_KEY_SIZE];
    uint64_t tenants, x_numbers;
    struct seeding seeding = {.domain = arguments[4], .secret = arguments[5]};
    TRY(str_parse_u64(str_of(arguments[2]), &tenants));
    TRY(str_parse_u64(str_of(arguments[3]), &x_numbers));
    TRY(master_key_load(arguments[1], arguments[0], master_key, fault));
    TRY(store_admin_open(arguments[0], master_key, "bench", &seeding.admin, fault));
    seeding.tenants_with_x = tenants < TENANTS_WITH_X_MAX ? tenants : TENANTS_WITH_X_MAX;
    seeding.x_numbers_each = x_numbers / seeding.tenants_with_x;
    for (size_t i = 0; i < tenants; i++) {
        TRY(make_tenant(&seeding, i, fault));
        store_admin_tidy(seeding.admin);
    }
out:
    store_admin_close(seeding.admin);
    mem_wipe(master_key, sizeof(master_key));
    return status;
}

int main(int argc, char **argv)
{
    struct fault fault = {""};
    if (argc != 7) {
        fputs("usage: seed_tenants DATABASE MASTER_KEY_FILE TENANTS X_NUMBERS DOMAIN SECRET\n",
              stderr);
        return USAGE_ERROR;
    }
    if (make_tenants(argv + 1, &fault) == OK)
        return 0;
    fprintf(stderr, "seed_tenants: %s\n", fault.text);
    return 1;
}
