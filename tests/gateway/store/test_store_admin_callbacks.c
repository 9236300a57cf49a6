/* Looking at the outbox of callbacks, and sending again. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/store/store_admin_callbacks.h"
#include "tests/gateway/store/callback_fixture.h"

static struct store_admin *open_admin(struct fixture *f)
{
    struct store_admin *admin = NULL;
    struct fault fault = {""};
    if (store_admin_open(f->path, MASTER_KEY, "cli:tester", &admin, &fault) != OK ||
        store_admin_create_tenant(admin, "acme", &fault) != OK ||
        store_admin_create_tenant(admin, "zeta", &fault) != OK)
        fail_msg("%s", fault.text);
    return admin;
}

/* Of the first tenant, which is acme: answered calls, one a millisecond. */
static void owe(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++)
        end(f, serial_at(i), BOTH, true);
}

struct found {
    size_t count, max;
    struct callback_key keys[16];
    enum callback_state states[16];
    int64_t next_ms[16];
    int64_t failures[16]; /* -1: none */
    char details[16][16];
};

static bool take(void *data, const struct kept_callback *callback)
{
    struct found *found = data;
    size_t i = found->count++;
    found->keys[i] = callback->key;
    found->states[i] = callback->state;
    found->next_ms[i] = callback->next_ms;
    found->failures[i] = callback->has_failed ? callback->last.failure : -1;
    snprintf(found->details[i], sizeof(found->details[i]), "%.*s", STR_ARGS(callback->last.detail));
    return found->count < found->max;
}

static struct found search(struct store_admin *admin, struct callback_search *asked, size_t max)
{
    struct found found = {.max = max};
    struct fault fault = {""};
    asked->tenant_id = TENANT;
    if (store_admin_search_callbacks(admin, asked, take, &found, &fault) != OK)
        fail_msg("%s", fault.text);
    return found;
}

TEST(lists_the_newest_call_first_and_goes_on)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    struct callback_search asked = {0};
    owe(f, 2);
    struct found found = search(admin, &asked, 3);
    assert_int_equal(found.count, 3);
    assert_true(found.keys[0].serial == serial_at(1) && found.keys[0].number == 2);
    assert_true(found.keys[1].serial == serial_at(1) && found.keys[1].number == 1);
    assert_true(found.keys[2].serial == serial_at(0) && found.keys[2].number == 2);
    asked.below = asked.next;
    found = search(admin, &asked, 3);
    assert_int_equal(found.count, 1);
    assert_true(found.keys[0].serial == serial_at(0) && found.keys[0].number == 1);
    assert_int_equal(asked.next.serial, 0);
    store_admin_close(admin);
}

TEST(lists_what_is_asked_for)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    owe(f, 3);
    end_try(f, serial_at(0), 1, CALLBACK_TAKEN, 0);
    end_try(f, serial_at(1), 1, CALLBACK_NO_ANSWER, 0);
    end_try(f, serial_at(2), 1, CALLBACK_REFUSED, NOON + 50000);

    struct callback_search asked = {.has_state = true, .state = CALLBACK_DELIVERED};
    struct found found = search(admin, &asked, 16);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.failures[0], -1);

    asked = (struct callback_search){.has_state = true, .state = CALLBACK_DEAD};
    found = search(admin, &asked, 16);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.keys[0].serial, serial_at(1));
    assert_int_equal(found.failures[0], CALLBACK_NO_ANSWER);
    assert_string_equal(found.details[0], "why");

    asked = (struct callback_search){.has_state = true, .state = CALLBACK_WAITING};
    found = search(admin, &asked, 16);
    assert_int_equal(found.count, 4);
    assert_int_equal(found.next_ms[0], -1); /* behind the other of its call */
    assert_int_equal(found.next_ms[1], NOON + 50000);

    asked = (struct callback_search){
        .has_state = true, .state = CALLBACK_WAITING, .has_kind = true, .kind = CALLBACK_HANGUP};
    assert_int_equal(search(admin, &asked, 16).count, 3);
    asked = (struct callback_search){.serial = serial_at(1)};
    assert_int_equal(search(admin, &asked, 16).count, 2);
    asked = (struct callback_search){.serial = serial_at(7)};
    assert_int_equal(search(admin, &asked, 16).count, 0);
    store_admin_close(admin);
}

TEST(shows_one_with_its_call_and_its_failures)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    struct callback_detail detail = {0};
    struct callback_key key = {TENANT, serial_at(0), 1};
    struct fault fault = {""};
    owe(f, 1);
    end_try(f, serial_at(0), 1, CALLBACK_REFUSED, NOON + 50000);
    end_try(f, serial_at(0), 1, CALLBACK_GARBAGE, NOON + 60000);
    assert_status(store_admin_read_callback(admin, &key, &detail, &fault), OK);
    assert_int_equal(detail.callback.tries, 2);
    assert_int_equal(detail.failure_count, 2);
    assert_int_equal(detail.failures[0].failure, CALLBACK_GARBAGE);
    assert_int_equal(detail.failures[1].failure, CALLBACK_REFUSED);
    assert_int_equal(detail.failures[1].took_ms, 7);
    assert_true(detail.callback.has_failed);
    assert_str(detail.call.called, "13900000002");
    assert_int_equal(detail.call.called_answer_ms, NOON + 5000);
    callback_detail_finish(&detail);
    key.number = 3;
    assert_status(store_admin_read_callback(admin, &key, &detail, &fault), ERR_NOT_FOUND);
    callback_detail_finish(&detail);
    key = (struct callback_key){OTHER_TENANT, serial_at(0), 1};
    assert_status(store_admin_read_callback(admin, &key, &detail, &fault), ERR_NOT_FOUND);
    callback_detail_finish(&detail);
    store_admin_close(admin);
}

static void resend(struct store_admin *admin, int64_t serial, int64_t number)
{
    const struct callback_key key = {.serial = serial, .number = number};
    struct fault fault = {""};
    if (store_admin_resend_callback(admin, "acme", &key, &fault) != OK)
        fail_msg("%s", fault.text);
}

TEST(one_that_is_sent_again_is_due_at_once)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    struct callback_search asked = {.serial = serial_at(0)};
    owe(f, 1);
    end_try(f, serial_at(0), 1, CALLBACK_REFUSED, 0);
    end_try(f, serial_at(0), 2, CALLBACK_TAKEN, 0);
    resend(admin, serial_at(0), 1);
    resend(admin, serial_at(0), 2);
    struct found found = search(admin, &asked, 16);
    assert_int_equal(found.states[1], CALLBACK_WAITING);
    assert_int_equal(found.next_ms[1], 0);
    /* The hang-up waits for it, as at first. */
    assert_int_equal(found.states[0], CALLBACK_WAITING);
    assert_int_equal(found.next_ms[0], -1);
    assert_int_equal(end_try(f, serial_at(0), 1, CALLBACK_TAKEN, 0).count, 1);
    store_admin_close(admin);
}

TEST(what_waits_steps_behind_one_that_is_sent_again)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    struct callback_search asked = {.serial = serial_at(0)};
    owe(f, 1);
    end_try(f, serial_at(0), 1, CALLBACK_REFUSED, 0);
    resend(admin, serial_at(0), 1);
    assert_int_equal(search(admin, &asked, 16).next_ms[0], -1);
    /* Its try was under way: its failure puts it behind. */
    end_try(f, serial_at(0), 2, CALLBACK_REFUSED, NOON + 50000);
    struct found found = search(admin, &asked, 16);
    assert_int_equal(found.states[0], CALLBACK_WAITING);
    assert_int_equal(found.next_ms[0], -1);
    store_admin_close(admin);
}

TEST(dead_ones_are_sent_again_in_steps)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    struct callback_search dead = {.has_state = true, .state = CALLBACK_DEAD};
    struct fault fault = {""};
    int64_t count = 0;
    for (int i = 0; i < CALLBACKS_RESENT_MAX + 5; i++) {
        end(f, serial_at(i), CALLBACK_WANTS_HANGUP, true);
        end_try(f, serial_at(i), 1, CALLBACK_REFUSED, 0);
    }
    assert_status(store_admin_resend_dead_callbacks(admin, "zeta", &count, &fault), OK);
    assert_int_equal(count, 0);
    assert_status(store_admin_resend_dead_callbacks(admin, "acme", &count, &fault), OK);
    assert_int_equal(count, CALLBACKS_RESENT_MAX);
    struct found found = search(admin, &dead, 16);
    assert_int_equal(found.count, 5);
    assert_int_equal(found.keys[4].serial, serial_at(CALLBACKS_RESENT_MAX));
    assert_status(store_admin_resend_dead_callbacks(admin, "acme", &count, &fault), OK);
    assert_int_equal(count, 5);
    assert_int_equal(search(admin, &dead, 16).count, 0);
    store_admin_close(admin);
}

TEST(nothing_is_sent_again_that_there_is_not)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    struct callback_key key = {.serial = serial_at(0), .number = 1};
    struct fault fault = {""};
    int64_t count;
    owe(f, 1);
    assert_status(store_admin_resend_callback(admin, "zeta", &key, &fault), ERR_NOT_FOUND);
    assert_fault(fault, "no such callback");
    assert_status(store_admin_resend_callback(admin, "nobody", &key, &fault), ERR_NOT_FOUND);
    assert_status(store_admin_resend_dead_callbacks(admin, "nobody", &count, &fault),
                  ERR_NOT_FOUND);
    key.number = 9;
    assert_status(store_admin_resend_callback(admin, "acme", &key, &fault), ERR_NOT_FOUND);
    store_admin_close(admin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(lists_the_newest_call_first_and_goes_on),
        STORE_TEST(lists_what_is_asked_for),
        STORE_TEST(shows_one_with_its_call_and_its_failures),
        STORE_TEST(one_that_is_sent_again_is_due_at_once),
        STORE_TEST(what_waits_steps_behind_one_that_is_sent_again),
        STORE_TEST(dead_ones_are_sent_again_in_steps),
        STORE_TEST(nothing_is_sent_again_that_there_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
