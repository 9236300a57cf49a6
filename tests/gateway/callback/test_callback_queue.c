#include "tests/test.h"

#include "gateway/callback/callback_queue.h"

static struct store_callback callback_of(int64_t serial)
{
    return (struct store_callback){
        .key = {1, serial, 1},
        .url = STR("https://crm.example.com/bye"),
        .call = {.serial = serial, .caller = STR("13800000001"), .called = STR("13900000002")},
    };
}

static void load(struct callback_queue *queue, int64_t serial)
{
    struct store_callback callback = callback_of(serial);
    callback_queue_load(queue, &callback);
}

static size_t length(const struct list *head)
{
    size_t count = 0;
    for (const struct list *link = head->next; link != head; link = link->next)
        count++;
    return count;
}

static int setup(void **state)
{
    static struct callback_queues queues;
    callback_queues_init(&queues);
    *state = &queues;
    return 0;
}

static int teardown(void **state)
{
    callback_queues_finish(*state);
    return 0;
}

TEST(what_is_loaded_keeps_its_text)
{
    struct callback_queue *queue = callback_queues_find(*state, 5);
    char called[] = "13900000002";
    struct store_callback callback = callback_of(1);
    callback.call.called = str_of(called);
    callback_queue_load(queue, &callback);
    memset(called, '0', sizeof(called) - 1);
    const struct owed_callback *owed = callback_queue_first(queue);
    assert_str(owed->callback.call.called, "13900000002");
    assert_str(owed->callback.call.caller, "13800000001");
    assert_str(owed->callback.url, "https://crm.example.com/bye");
    assert_int_equal(owed->callback.call.call_data.len, 0);
}

TEST(a_queue_stands_where_it_has_something_to_do)
{
    struct callback_queues *queues = *state;
    struct callback_queue *queue = callback_queues_find(queues, 5);
    queue->may_have_more = true;
    callback_queue_place(queue);
    assert_int_equal(length(&queues->hungry), 1);
    queue->is_reading = true;
    callback_queue_place(queue);
    assert_int_equal(length(&queues->hungry), 0);
    queue->is_reading = false;
    queue->may_have_more = false;
    load(queue, 1);
    callback_queue_place(queue);
    assert_int_equal(length(&queues->ready), 1);
    callback_queue_begin(callback_queue_first(queue));
    callback_queue_place(queue);
    assert_int_equal(length(&queues->ready) + length(&queues->hungry), 0);
    assert_int_equal(HASH_COUNT(queues->all), 1);
    callback_queue_end(CONTAINER_OF(list_first(&queue->under_way), struct owed_callback, link));
    callback_queue_place(queue);
    assert_int_equal(HASH_COUNT(queues->all), 0);
}

TEST(what_is_under_way_is_not_loaded_again)
{
    struct callback_queue *queue = callback_queues_find(*state, 5);
    load(queue, 1);
    callback_queue_begin(callback_queue_first(queue));
    queue->has_changed = false;
    load(queue, 1);
    assert_true(list_is_empty(&queue->loaded));
    load(queue, 2);
    assert_int_equal(length(&queue->loaded), 1);
    callback_queue_end(CONTAINER_OF(list_first(&queue->under_way), struct owed_callback, link));
    assert_true(queue->has_changed);
    load(queue, 1);
    assert_int_equal(length(&queue->loaded), 2);
}

TEST(a_full_memory_gives_up_the_oldest_with_nothing_under_way)
{
    struct callback_queues *queues = *state;
    for (int64_t id = 0; id < CALLBACK_QUEUES_MAX; id++)
        load(callback_queues_find(queues, id), id);
    callback_queue_begin(callback_queue_first(callback_queues_find(queues, 0)));
    callback_queues_find(queues, 1)->is_reading = true;
    callback_queue_place(callback_queues_find(queues, 2));
    assert_false(queues->has_forgotten);
    load(callback_queues_find(queues, 5000), 5000);
    assert_true(queues->has_forgotten);
    assert_int_equal(HASH_COUNT(queues->all), CALLBACK_QUEUES_MAX);
    assert_true(list_is_empty(&queues->ready)); /* it was the third */
    assert_false(list_is_empty(&callback_queues_find(queues, 0)->under_way));
    assert_false(list_is_empty(&callback_queues_find(queues, 1)->loaded));
    assert_true(list_is_empty(&callback_queues_find(queues, 2)->loaded));
}

#define QUEUE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUEUE_TEST(what_is_loaded_keeps_its_text),
        QUEUE_TEST(a_queue_stands_where_it_has_something_to_do),
        QUEUE_TEST(what_is_under_way_is_not_loaded_again),
        QUEUE_TEST(a_full_memory_gives_up_the_oldest_with_nothing_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
