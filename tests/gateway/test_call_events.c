/* Who is told of which change, and when. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/call_events.h"
#include "tests/gateway/store/store_fixture.h"

enum { SALES = 1, SUPPORT = 2, TOLD_MAX = 4 * CALL_EVENTS_READS_MAX };

/* Whoever watches, and what it was told. */
struct reader {
    struct call_watcher watcher;
    size_t calls, settings, missed;
    int64_t serials[TOLD_MAX];
    enum call_state state; /* of the last call */
    uint64_t last_id;
};

static void on_event(struct call_watcher *watcher, const struct call_event *event)
{
    struct reader *reader = CONTAINER_OF(watcher, struct reader, watcher);
    assert_true(event->id > reader->last_id);
    reader->last_id = event->id;
    reader->settings += event->kind == CALL_EVENT_SETTINGS;
    reader->missed += event->kind == CALL_EVENT_MISSED;
    if (event->kind != CALL_EVENT_CALL)
        return;
    assert_int_equal(event->call->tenant_id, watcher->tenant_id);
    assert_str(event->call->caller, "13800000001");
    reader->state = event->call->state;
    reader->serials[reader->calls++ % TOLD_MAX] = event->call->serial;
}

static struct reader *watch(struct call_events *events, int64_t tenant_id)
{
    struct reader *reader = NEW(struct reader);
    reader->watcher.tenant_id = tenant_id;
    reader->watcher.on_event = on_event;
    call_events_watch(events, &reader->watcher);
    return reader;
}

static void unwatch(struct reader *reader)
{
    call_events_unwatch(&reader->watcher);
    mem_free(reader);
}

static void add_call(struct fixture *f, int64_t tenant_id, int64_t serial)
{
    struct store_add_call add = {.call = fixture_call(tenant_id, serial)};
    assert_status(RUN(f, store_add_call, &add), OK);
}

static void wait_for(struct fixture *f, const size_t *count, size_t wanted)
{
    while (*count < wanted)
        uv_run(&f->loop, UV_RUN_ONCE);
    assert_int_equal(*count, wanted);
}

/* After every read that was queued before. */
static void settle(struct fixture *f)
{
    struct store_read_call read = {.tenant_id = 99, .serial = 99};
    assert_status(RUN(f, store_read_call, &read), ERR_NOT_FOUND);
}

TEST(nothing_is_done_when_nobody_watches)
{
    UNUSED(state);
    struct call_events *events = call_events_create(NULL); /* a read would crash */
    call_events_changed(events, SALES, call_serial_at(NOON));
    call_events_settings_changed(events, SALES);
    struct reader *other = watch(events, SUPPORT);
    call_events_changed(events, SALES, call_serial_at(NOON));
    call_events_settings_changed(events, SALES);
    assert_int_equal(other->settings, 0);
    unwatch(other);
    call_events_destroy(events);
}

TEST(a_watcher_is_told_of_his_tenants_calls_as_they_are_stored)
{
    struct fixture *f = *state;
    struct call_events *events = call_events_create(f->store);
    struct reader *sales = watch(events, SALES), *support = watch(events, SUPPORT);
    int64_t serial = call_serial_at(NOON);
    add_call(f, SALES, serial);
    call_events_changed(events, SALES, serial);
    wait_for(f, &sales->calls, 1);
    assert_int_equal(sales->serials[0], serial);
    assert_int_equal(sales->state, CALL_WAITING);
    struct store_expire_call expire = {.tenant_id = SALES, .serial = serial, .now_ms = NOON + 1000};
    assert_status(RUN(f, store_expire_call, &expire), OK);
    call_events_changed(events, SALES, serial);
    wait_for(f, &sales->calls, 2);
    assert_int_equal(sales->state, CALL_ENDED);
    assert_int_equal(support->calls, 0);
    unwatch(sales);
    unwatch(support);
    fixture_close(f);
    call_events_destroy(events);
}

TEST(all_that_watch_a_tenant_are_told_the_same)
{
    struct fixture *f = *state;
    struct call_events *events = call_events_create(f->store);
    struct reader *one = watch(events, SALES), *other = watch(events, SALES);
    add_call(f, SALES, call_serial_at(NOON));
    call_events_changed(events, SALES, call_serial_at(NOON));
    wait_for(f, &other->calls, 1);
    assert_int_equal(one->calls, 1);
    assert_int_equal(one->last_id, other->last_id);
    call_events_settings_changed(events, SALES);
    assert_int_equal(one->settings + other->settings, 2);
    unwatch(one);
    unwatch(other);
    fixture_close(f);
    call_events_destroy(events);
}

TEST(changes_that_come_while_a_call_is_read_become_one)
{
    struct fixture *f = *state;
    struct call_events *events = call_events_create(f->store);
    struct reader *sales = watch(events, SALES);
    add_call(f, SALES, call_serial_at(NOON));
    for (int i = 0; i < 5; i++)
        call_events_changed(events, SALES, call_serial_at(NOON));
    wait_for(f, &sales->calls, 1); /* not by the first read, which was too early */
    settle(f);
    assert_int_equal(sales->calls, 1);
    unwatch(sales);
    fixture_close(f);
    call_events_destroy(events);
}

TEST(a_call_that_can_not_be_read_is_missed)
{
    struct fixture *f = *state;
    struct call_events *events = call_events_create(f->store);
    struct reader *sales = watch(events, SALES);
    call_events_changed(events, SALES, 12345);
    wait_for(f, &sales->missed, 1);
    assert_int_equal(sales->calls, 0);
    unwatch(sales);
    fixture_close(f);
    call_events_destroy(events);
}

TEST(too_many_changes_at_once_are_missed_and_that_is_told_once)
{
    struct fixture *f = *state;
    struct call_events *events = call_events_create(f->store);
    struct reader *sales = watch(events, SALES);
    enum { CHANGES = CALL_EVENTS_READS_MAX + 100 };
    static struct store_add_call adds[CHANGES];
    ops_done = 0;
    for (int i = 0; i < CHANGES; i++) {
        adds[i] = (struct store_add_call){.op = {.on_done = on_op_done},
                                          .call = fixture_call(SALES, call_serial_at(NOON) + i)};
        store_add_call(f->store, &adds[i]);
    }
    fixture_wait(f, CHANGES);
    for (int i = 0; i < CHANGES; i++)
        call_events_changed(events, SALES, call_serial_at(NOON) + i);
    wait_for(f, &sales->calls, CALL_EVENTS_READS_MAX);
    assert_int_equal(sales->missed, 1);
    unwatch(sales);
    fixture_close(f);
    call_events_destroy(events);
}

TEST(who_stops_watching_is_told_nothing_more)
{
    struct fixture *f = *state;
    struct call_events *events = call_events_create(f->store);
    struct reader *sales = watch(events, SALES);
    add_call(f, SALES, call_serial_at(NOON));
    call_events_changed(events, SALES, call_serial_at(NOON));
    unwatch(sales); /* the read is under way */
    settle(f);
    fixture_close(f);
    call_events_destroy(events);
}

TEST(reads_under_way_end_with_the_store)
{
    struct fixture *f = *state;
    struct call_events *events = call_events_create(f->store);
    struct reader *sales = watch(events, SALES);
    for (int i = 0; i < 3; i++)
        call_events_changed(events, SALES, call_serial_at(NOON) + i);
    unwatch(sales);
    fixture_close(f);
    call_events_destroy(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_done_when_nobody_watches),
        STORE_TEST(a_watcher_is_told_of_his_tenants_calls_as_they_are_stored),
        STORE_TEST(all_that_watch_a_tenant_are_told_the_same),
        STORE_TEST(changes_that_come_while_a_call_is_read_become_one),
        STORE_TEST(a_call_that_can_not_be_read_is_missed),
        STORE_TEST(too_many_changes_at_once_are_missed_and_that_is_told_once),
        STORE_TEST(who_stops_watching_is_told_nothing_more),
        STORE_TEST(reads_under_way_end_with_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
