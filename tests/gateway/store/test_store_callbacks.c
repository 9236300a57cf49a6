/* The outbox of callbacks: what is owed, in which order, until it is delivered or dead. */

#include "tests/test.h"

#include "base/mem.h"
#include "tests/gateway/store/callback_fixture.h"

static struct store_owed expire(struct fixture *f, int64_t serial, unsigned callbacks)
{
    struct store_expire_call op = {.tenant_id = TENANT,
                                   .serial = serial,
                                   .now_ms = NOON + LIFETIME_MS,
                                   .callbacks = callbacks};
    assert_status(RUN(f, store_expire_call, &op), OK);
    assert_true(op.was_live);
    return op.owed;
}

/* --- What is in the outbox --- */

struct due {
    size_t count;
    struct callback_key keys[8];
    enum callback_kind kinds[8];
    int64_t tries[8];
    char urls[8][64];
    char called[8][24];
};

static struct due due;

static void on_due_read(struct store_op *op)
{
    const struct store_read_callbacks *read = CONTAINER_OF(op, struct store_read_callbacks, op);
    due.count = read->count;
    for (size_t i = 0; i < read->count; i++) {
        const struct store_callback *callback = &read->callbacks[i];
        due.keys[i] = callback->key;
        due.kinds[i] = callback->kind;
        due.tries[i] = callback->tries;
        snprintf(due.urls[i], sizeof(due.urls[i]), "%.*s", STR_ARGS(callback->url));
        snprintf(due.called[i], sizeof(due.called[i]), "%.*s", STR_ARGS(callback->call.called));
    }
    on_op_done(op);
}

static size_t read_due(struct fixture *f, int64_t queue, int64_t now_ms, size_t max)
{
    struct store_read_callbacks op = {
        .op = {.on_done = on_due_read}, .queue = queue, .now_ms = now_ms, .max = max};
    ops_done = 0;
    store_read_callbacks(f->store, &op);
    fixture_wait(f, 1);
    assert_status(op.op.status, OK);
    return due.count;
}

static struct store_callback_queue queues[8];
static size_t queue_count;

static void on_queues_read(struct store_op *op)
{
    const struct store_read_callback_queues *read =
        CONTAINER_OF(op, struct store_read_callback_queues, op);
    queue_count = read->count;
    for (size_t i = 0; i < read->count; i++)
        queues[i] = read->queues[i];
    on_op_done(op);
}

static size_t read_queues(struct fixture *f, int64_t after, size_t max)
{
    struct store_read_callback_queues op = {
        .op = {.on_done = on_queues_read}, .after = after, .max = max};
    ops_done = 0;
    store_read_callback_queues(f->store, &op);
    fixture_wait(f, 1);
    assert_status(op.op.status, OK);
    return queue_count;
}

static void assert_nothing_waits(struct fixture *f)
{
    assert_int_equal(read_queues(f, INT64_MIN, 8), 0);
}

static int64_t connection_queue(void)
{
    return callback_queue_of_console(TENANT, CALLBACK_CONNECTION);
}

static int64_t hangup_queue(void)
{
    return callback_queue_of_console(TENANT, CALLBACK_HANGUP);
}

/* --- What is owed --- */

TEST(owes_nothing_that_nobody_asked_for)
{
    struct fixture *f = *state;
    assert_int_equal(end(f, serial_at(0), 0, true).count, 0);
    assert_nothing_waits(f);
}

TEST(owes_the_connection_before_the_hangup)
{
    struct fixture *f = *state;
    struct store_owed owed = end(f, serial_at(0), BOTH, true);
    assert_int_equal(owed.count, 2);
    assert_int_equal(read_due(f, hangup_queue(), NOON, 8), 0);
    assert_int_equal(read_due(f, connection_queue(), NOON, 8), 1);
    assert_int_equal(due.keys[0].serial, serial_at(0));
    assert_int_equal(due.keys[0].number, 1);
    assert_int_equal(due.kinds[0], CALLBACK_CONNECTION);
    assert_string_equal(due.called[0], "13900000002");

    owed = end_try(f, serial_at(0), 1, CALLBACK_TAKEN, 0);
    assert_int_equal(owed.count, 1);
    assert_true(owed.queues[0] == hangup_queue());
    assert_int_equal(read_due(f, connection_queue(), NOON, 8), 0);
    assert_int_equal(read_due(f, hangup_queue(), NOON, 8), 1);
    assert_int_equal(due.kinds[0], CALLBACK_HANGUP);
    assert_int_equal(due.keys[0].number, 2);
    assert_int_equal(end_try(f, serial_at(0), 2, CALLBACK_TAKEN, 0).count, 0);
    assert_nothing_waits(f);
}

TEST(a_dead_connection_callback_lets_the_hangup_go)
{
    struct fixture *f = *state;
    end(f, serial_at(0), BOTH, true);
    assert_int_equal(end_try(f, serial_at(0), 1, CALLBACK_REFUSED, NOON + 50000).count, 0);
    assert_int_equal(read_due(f, hangup_queue(), NOON + 99999, 8), 0);
    assert_int_equal(end_try(f, serial_at(0), 1, CALLBACK_REFUSED, 0).count, 1);
    assert_int_equal(read_due(f, hangup_queue(), NOON, 8), 1);
}

TEST(owes_no_connection_of_a_call_that_was_not_answered)
{
    struct fixture *f = *state;
    assert_int_equal(end(f, serial_at(0), BOTH, false).count, 1);
    assert_int_equal(read_due(f, hangup_queue(), NOON, 8), 1);
    assert_int_equal(due.keys[0].number, 1);
    assert_int_equal(end(f, serial_at(1), CALLBACK_WANTS_CONNECTION, false).count, 0);
    assert_int_equal(read_queues(f, INT64_MIN, 8), 1);
}

TEST(a_url_given_with_the_call_wins)
{
    struct fixture *f = *state;
    const struct str url = STR("https://crm.example.com:8443/end");
    int64_t queue = callback_queue_of_host(TENANT, "crm.example.com", 8443);
    place(f, TENANT, serial_at(0), url);
    settle(f, serial_at(0), CALL_OUTCOME_ACCEPTED);
    struct store_owed owed = push(f, TENANT, serial_at(0), BOTH, false, STR("{}"));
    assert_int_equal(owed.count, 1);
    assert_true(owed.queues[0] == queue);
    assert_int_equal(read_due(f, queue, NOON, 8), 1);
    assert_string_equal(due.urls[0], "https://crm.example.com:8443/end");

    place(f, TENANT, serial_at(1), url);
    assert_int_equal(push(f, TENANT, serial_at(1), 0, true, STR("{}")).count, 1);
    assert_int_equal(read_due(f, queue, NOON, 8), 2);
    assert_int_equal(read_queues(f, INT64_MIN, 8), 1);
}

TEST(a_url_given_with_the_call_outlives_a_restart)
{
    struct fixture *f = *state;
    place(f, TENANT, serial_at(0), STR("http://crm.example.com/"));
    fixture_close(f);
    fixture_open(f);
    push(f, TENANT, serial_at(0), 0, true, STR("{}"));
    fixture_close(f);
    fixture_open(f);
    assert_int_equal(read_due(f, callback_queue_of_host(TENANT, "crm.example.com", 80), NOON, 8),
                     1);
    assert_string_equal(due.urls[0], "http://crm.example.com/");
}

TEST(a_refused_call_owes_nothing)
{
    struct fixture *f = *state;
    place(f, TENANT, serial_at(0), STR("http://crm.example.com/"));
    settle(f, serial_at(0), CALL_OUTCOME_REFUSED);
    push(f, TENANT, serial_at(0), BOTH, true, STR("{}"));
    assert_nothing_waits(f);
}

TEST(the_second_cdr_of_a_call_owes_nothing_more)
{
    struct fixture *f = *state;
    end(f, serial_at(0), CALLBACK_WANTS_HANGUP, true);
    assert_int_equal(push(f, TENANT, serial_at(0), BOTH, true, STR("{}")).count, 0);
    assert_int_equal(push(f, TENANT, serial_at(0), BOTH, true, STR("{2}")).count, 0);
    assert_int_equal(read_due(f, hangup_queue(), NOON, 8), 1);
}

TEST(the_end_of_a_lease_owes_the_hangup_of_an_accepted_call)
{
    struct fixture *f = *state;
    place(f, TENANT, serial_at(0), (struct str){0});
    settle(f, serial_at(0), CALL_OUTCOME_ACCEPTED);
    assert_int_equal(expire(f, serial_at(0), BOTH).count, 1);
    assert_int_equal(read_due(f, hangup_queue(), NOON, 8), 1);
}

TEST(the_end_of_a_lease_owes_nothing_of_a_call_that_nobody_knows_of)
{
    struct fixture *f = *state;
    place(f, TENANT, serial_at(0), STR("http://crm.example.com/"));
    place(f, TENANT, serial_at(1), (struct str){0});
    settle(f, serial_at(1), CALL_OUTCOME_UNKNOWN);
    assert_int_equal(expire(f, serial_at(0), BOTH).count, 0);
    assert_int_equal(expire(f, serial_at(1), BOTH).count, 0);
    assert_nothing_waits(f);
}

TEST(a_late_cdr_is_told_behind_the_end_of_the_lease)
{
    struct fixture *f = *state;
    int64_t queue = callback_queue_of_host(TENANT, "crm.example.com", 80);
    place(f, TENANT, serial_at(0), STR("http://crm.example.com/"));
    settle(f, serial_at(0), CALL_OUTCOME_ACCEPTED);
    assert_int_equal(expire(f, serial_at(0), BOTH).count, 1);
    push(f, TENANT, serial_at(0), BOTH, true, STR("{}"));
    assert_int_equal(read_due(f, connection_queue(), NOON, 8), 0);
    assert_int_equal(read_due(f, queue, NOON, 8), 1);
    assert_int_equal(due.keys[0].number, 1);
    assert_true(end_try(f, serial_at(0), 1, CALLBACK_TAKEN, 0).queues[0] == connection_queue());
    assert_true(end_try(f, serial_at(0), 2, CALLBACK_TAKEN, 0).queues[0] == queue);
    assert_int_equal(read_due(f, queue, NOON, 8), 1);
    assert_int_equal(due.keys[0].number, 3);
    assert_string_equal(due.urls[0], "http://crm.example.com/");
}

TEST(each_tenant_is_asked_for_what_it_wants)
{
    struct fixture *f = *state;
    static const int64_t ids[] = {TENANT, OTHER_TENANT};
    static const unsigned callbacks[] = {0, CALLBACK_WANTS_HANGUP};
    struct ita_cdr cdr = {.duration_s = -1, .release_cause = 17};
    struct store_add_cdr add = {
        .cdr = &cdr,
        .body = STR("{}"),
        .tenant_ids = ids,
        .tenant_count = 2,
        .callbacks = callbacks,
        .remark_tenant_id = OTHER_TENANT,
        .remark_serial = serial_at(1),
        .received_ms = NOON + 36500,
    };
    place(f, OTHER_TENANT, serial_at(1), (struct str){0});
    assert_status(RUN(f, store_add_cdr, &add), OK);
    assert_int_equal(add.owed.count, 1);
    assert_true(add.owed.queues[0] == callback_queue_of_console(OTHER_TENANT, CALLBACK_HANGUP));
}

/* --- Tries --- */

TEST(a_failure_is_due_again_at_its_time)
{
    struct fixture *f = *state;
    end(f, serial_at(0), CALLBACK_WANTS_HANGUP, true);
    end_try(f, serial_at(0), 1, CALLBACK_NO_CONNECTION, NOON + 45000);
    assert_int_equal(read_due(f, hangup_queue(), NOON + 44999, 8), 0);
    assert_int_equal(read_due(f, hangup_queue(), NOON + 45000, 8), 1);
    assert_int_equal(due.tries[0], 1);
    assert_int_equal(read_queues(f, INT64_MIN, 8), 1);
    assert_int_equal(queues[0].due_ms, NOON + 45000);
    end_try(f, serial_at(0), 1, CALLBACK_NO_CONNECTION, 0);
    assert_nothing_waits(f);
}

TEST(what_has_ended_is_not_changed_by_another_try)
{
    struct fixture *f = *state;
    end(f, serial_at(0), CALLBACK_WANTS_HANGUP, true);
    end_try(f, serial_at(0), 1, CALLBACK_TAKEN, 0);
    end_try(f, serial_at(0), 1, CALLBACK_REFUSED, NOON + 45000);
    assert_nothing_waits(f);
}

TEST(the_new_ones_of_a_queue_come_first_then_the_oldest)
{
    struct fixture *f = *state;
    for (int i = 0; i < 4; i++)
        end(f, serial_at(i), CALLBACK_WANTS_HANGUP, true);
    end_try(f, serial_at(0), 1, CALLBACK_REFUSED, NOON + 2);
    end_try(f, serial_at(1), 1, CALLBACK_REFUSED, NOON + 1);
    assert_int_equal(read_due(f, hangup_queue(), NOON + 9, 3), 3);
    assert_int_equal(due.keys[0].serial, serial_at(2));
    assert_int_equal(due.keys[1].serial, serial_at(3));
    assert_int_equal(due.keys[2].serial, serial_at(1));
}

TEST(queues_are_listed_once_each_and_in_parts)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++)
        end(f, serial_at(i), BOTH, true);
    for (int i = 0; i < 3; i++)
        end_try(f, serial_at(i), 1, CALLBACK_TAKEN, 0);
    end(f, serial_at(9), BOTH, true);
    assert_int_equal(read_queues(f, INT64_MIN, 8), 2);
    assert_true(queues[0].queue == connection_queue() && queues[1].queue == hangup_queue());
    assert_int_equal(read_queues(f, INT64_MIN, 1), 1);
    assert_true(queues[0].queue == connection_queue());
    assert_int_equal(read_queues(f, queues[0].queue, 1), 1);
    assert_true(queues[0].queue == hangup_queue());
    assert_int_equal(read_queues(f, queues[0].queue, 1), 0);
}

/* --- Trimming --- */

static size_t trim(struct fixture *f, int64_t after_tenant_id, int64_t before_ms, size_t max,
                   int64_t *tenant_id)
{
    struct store_trim_callbacks op = {
        .after_tenant_id = after_tenant_id, .before_ms = before_ms, .max = max};
    assert_status(RUN(f, store_trim_callbacks, &op), OK);
    *tenant_id = op.tenant_id;
    return op.trimmed;
}

TEST(trims_what_has_ended_long_ago_and_nothing_else)
{
    struct fixture *f = *state;
    int64_t tenant_id;
    for (int i = 0; i < 5; i++)
        end(f, serial_at(i), CALLBACK_WANTS_HANGUP, true);
    end_try(f, serial_at(0), 1, CALLBACK_REFUSED, NOON); /* waits */
    end_try(f, serial_at(1), 1, CALLBACK_REFUSED, 0);
    end_try(f, serial_at(2), 1, CALLBACK_TAKEN, 0);
    end_try(f, serial_at(3), 1, CALLBACK_TAKEN, 0);
    end_try(f, serial_at(4), 1, CALLBACK_TAKEN, 0);
    assert_int_equal(trim(f, 0, NOON + 4, 2, &tenant_id), 2);
    assert_int_equal(tenant_id, TENANT);
    assert_int_equal(trim(f, 0, NOON + 4, 2, &tenant_id), 1);
    assert_int_equal(trim(f, 0, NOON + 4, 2, &tenant_id), 0);
    assert_int_equal(trim(f, 0, NOON + 5, 2, &tenant_id), 1);
    assert_int_equal(trim(f, TENANT, NOON + 5, 2, &tenant_id), 0);
    assert_int_equal(tenant_id, 0);
    assert_int_equal(read_due(f, hangup_queue(), NOON, 8), 1);
    assert_int_equal(due.keys[0].serial, serial_at(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(owes_nothing_that_nobody_asked_for),
        STORE_TEST(owes_the_connection_before_the_hangup),
        STORE_TEST(a_dead_connection_callback_lets_the_hangup_go),
        STORE_TEST(owes_no_connection_of_a_call_that_was_not_answered),
        STORE_TEST(a_url_given_with_the_call_wins),
        STORE_TEST(a_url_given_with_the_call_outlives_a_restart),
        STORE_TEST(a_refused_call_owes_nothing),
        STORE_TEST(the_second_cdr_of_a_call_owes_nothing_more),
        STORE_TEST(the_end_of_a_lease_owes_the_hangup_of_an_accepted_call),
        STORE_TEST(the_end_of_a_lease_owes_nothing_of_a_call_that_nobody_knows_of),
        STORE_TEST(a_late_cdr_is_told_behind_the_end_of_the_lease),
        STORE_TEST(each_tenant_is_asked_for_what_it_wants),
        STORE_TEST(a_failure_is_due_again_at_its_time),
        STORE_TEST(what_has_ended_is_not_changed_by_another_try),
        STORE_TEST(the_new_ones_of_a_queue_come_first_then_the_oldest),
        STORE_TEST(queues_are_listed_once_each_and_in_parts),
        STORE_TEST(trims_what_has_ended_long_ago_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
