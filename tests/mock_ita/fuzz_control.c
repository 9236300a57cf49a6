/* Whatever body is sent to the control API: each of its decoders reads it. Input: the body. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mock_ita/control_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(): a finding also where NDEBUG is set. */
static void check(bool is_so)
{
    if (!is_so)
        abort();
}

static void read_keys(const struct json *body, struct mock_keys *keys)
{
    struct fault fault = {0};
    struct mock_key_texts texts;
    struct control_key_change change;
    if (control_body_new_key(body, &texts, &fault) == OK &&
        mock_keys_add(keys, &texts, &fault) == OK) {
        check(mock_keys_find(keys, texts.access_key) != NULL);
        if (control_body_key_change(body, &change, &fault) == OK) {
            change.texts.access_key = texts.access_key;
            (void)!mock_keys_change(keys, &change.texts, &fault);
        }
    } else {
        check(fault.text[0] != '\0');
    }
}

static void read_policy(const struct json *body)
{
    struct fault fault = {0};
    struct control_policy wanted;
    if (control_body_policy(body, &wanted, &fault) != OK)
        return;
    struct mock_policy *policy = mock_policy_create();
    for (enum mock_forbidden i = 0; i < MOCK_FORBIDDEN_LISTS; i++)
        for (const struct json *item = json_first(wanted.lists[i]); item != NULL;
             item = json_next(item))
            if (mock_policy_forbid(policy, i, json_string(item), &fault) != OK)
                check(fault.text[0] != '\0');
    mock_policy_set_limits(policy, &wanted.limits);
    (void)mock_policy_check_call(policy, STR("13800000001"), STR("13900000001"), 1, 1000);
    mock_policy_destroy(policy);
}

static void read_rest(const struct json *body)
{
    struct fault fault = {0};
    struct str number;
    bool is_blocked;
    struct control_clock clock;
    struct control_verify verify;
    int cause;
    struct mock_push_script script;
    enum mock_side side;
    (void)!control_body_x_number(body, &number, &fault);
    (void)!control_body_x_number_change(body, &is_blocked, &fault);
    if (control_body_clock(body, &clock, &fault) == OK)
        check(clock.advance_ms == CONTROL_ABSENT || clock.advance_ms >= 0);
    if (control_body_verify(body, &verify, &fault) == OK)
        check(verify.at_least <= verify.at_most);
    if (control_body_hang_up(body, &cause, &fault) == OK)
        check(cause >= 0 && cause <= 127);
    (void)!control_body_cdr(body, &script, &fault);
    (void)!control_body_dial(body, &side, &fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json *body;
    struct fault fault = {0};
    if (json_parse(str_from(data, size), &body, &fault) != OK)
        return 0;
    struct mock_keys *keys = mock_keys_create(true);
    read_keys(body, keys);
    read_policy(body);
    read_rest(body);
    mock_keys_destroy(keys);
    json_destroy(body);
    return 0;
}
