#include "tests/test.h"

#include <uv.h>

#include "base/mem.h"
#include "gateway/admin_api/admin_task.h"
#include "tests/gateway/store/store_fixture.h"

enum { TASKS = 200 };

enum { OF_OWNER_MAX = 2 };

/* A lane on a database of its own, and what its tasks have done. */
struct rig {
    struct fixture fixture; /* its folder and loop; a database that no store has open */
    struct admin_lane *lane;
    uv_mutex_t lock; /* over what the threads write */
    uv_cond_t released;
    bool is_released;
    int run, running, most_running; /* under the lock */
    int done;
    bool is_stopped;
};

struct job {
    struct admin_task task;
    struct rig *rig;
    int order; /* in which it was run */
    int completions;
    bool has_store;
};

static void on_stopped(void *data)
{
    ((struct rig *)data)->is_stopped = true;
}

static enum status start(struct rig *rig, int threads, size_t queue_max, struct fault *fault)
{
    const struct admin_lane_options options = {.path = rig->fixture.path,
                                               .name = "test",
                                               .master_key = MASTER_KEY,
                                               .threads = threads,
                                               .queue_max = queue_max,
                                               .of_owner_max = OF_OWNER_MAX,
                                               .niceness = 1};
    return admin_lane_start(&rig->fixture.loop, &options, &rig->lane, fault);
}

static int setup(void **state)
{
    struct rig *rig = NEW(struct rig);
    struct store_admin *made;
    struct fault fault;
    fixture_make_folder(&rig->fixture);
    assert_status(store_admin_open(rig->fixture.path, MASTER_KEY, "test", &made, &fault), OK);
    store_admin_close(made);
    assert_int_equal(uv_loop_init(&rig->fixture.loop), 0);
    assert_int_equal(uv_mutex_init(&rig->lock), 0);
    assert_int_equal(uv_cond_init(&rig->released), 0);
    rig->is_released = true;
    *state = rig;
    return 0;
}

static void stop(struct rig *rig)
{
    admin_lane_stop(rig->lane, on_stopped, rig);
    assert_false(rig->is_stopped); /* only from the loop */
    uv_run(&rig->fixture.loop, UV_RUN_DEFAULT);
    assert_true(rig->is_stopped);
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(uv_loop_close(&rig->fixture.loop), 0);
    uv_cond_destroy(&rig->released);
    uv_mutex_destroy(&rig->lock);
    fixture_remove_folder(&rig->fixture);
    mem_free(rig);
    return 0;
}

static void run(struct admin_task *task, struct store_admin *store)
{
    struct job *job = CONTAINER_OF(task, struct job, task);
    struct rig *rig = job->rig;
    struct tenant_list tenants = {0};
    struct fault fault;
    job->has_store = store != NULL && store_admin_read(store, &tenants, &fault) == OK;
    tenant_list_finish(&tenants);
    uv_mutex_lock(&rig->lock);
    job->order = rig->run++;
    rig->running++;
    if (rig->running > rig->most_running)
        rig->most_running = rig->running;
    while (!rig->is_released)
        uv_cond_wait(&rig->released, &rig->lock);
    rig->running--;
    uv_mutex_unlock(&rig->lock);
}

static void on_done(struct admin_task *task)
{
    struct job *job = CONTAINER_OF(task, struct job, task);
    job->completions++;
    job->rig->done++;
}

static enum status queue(struct rig *rig, struct job *job)
{
    *job = (struct job){.task = {.run = run, .on_done = on_done}, .rig = rig};
    return admin_lane_queue(rig->lane, &job->task);
}

static void release(struct rig *rig)
{
    uv_mutex_lock(&rig->lock);
    rig->is_released = true;
    uv_cond_broadcast(&rig->released);
    uv_mutex_unlock(&rig->lock);
}

/* Until so many tasks are being run. */
static void await_running(struct rig *rig, int count)
{
    for (bool are_there = false; !are_there;) {
        uv_mutex_lock(&rig->lock);
        are_there = rig->running == count;
        uv_mutex_unlock(&rig->lock);
        uv_run(&rig->fixture.loop, UV_RUN_NOWAIT);
    }
}

TEST(each_task_completes_once_and_in_order)
{
    struct rig *rig = *state;
    static struct job jobs[TASKS];
    struct fault fault;
    assert_status(start(rig, 1, TASKS, &fault), OK);
    for (int i = 0; i < TASKS; i++) {
        assert_status(queue(rig, &jobs[i]), OK);
        assert_int_equal(jobs[i].completions, 0); /* not within the call */
    }
    while (rig->done < TASKS)
        uv_run(&rig->fixture.loop, UV_RUN_ONCE);
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(jobs[i].completions, 1);
        assert_int_equal(jobs[i].order, i);
        assert_true(jobs[i].has_store);
    }
    stop(rig);
}

TEST(a_full_queue_refuses)
{
    struct rig *rig = *state;
    struct job jobs[5];
    struct fault fault;
    rig->is_released = false;
    assert_status(start(rig, 1, 3, &fault), OK);
    assert_status(queue(rig, &jobs[0]), OK);
    await_running(rig, 1);
    for (int i = 1; i < 4; i++)
        assert_status(queue(rig, &jobs[i]), OK);
    assert_status(queue(rig, &jobs[4]), ERR_BUSY);
    release(rig);
    while (rig->done < 4)
        uv_run(&rig->fixture.loop, UV_RUN_ONCE);
    assert_int_equal(jobs[4].completions, 0);
    assert_status(queue(rig, &jobs[4]), OK);
    while (rig->done < 5)
        uv_run(&rig->fixture.loop, UV_RUN_ONCE);
    stop(rig);
}

TEST(one_owner_leaves_room_for_others)
{
    enum { NOBODY, ACME, ZETA };
    static const struct {
        uint64_t owner;
        enum status expected;
    } rows[] = {{ACME, OK},   {ACME, OK}, {ACME, OK},   {ACME, ERR_EXHAUSTED},
                {NOBODY, OK}, {ZETA, OK}, {NOBODY, OK}, {NOBODY, OK}};
    struct rig *rig = *state;
    struct job jobs[COUNT_OF(rows)];
    struct fault fault;
    rig->is_released = false;
    assert_status(start(rig, 1, COUNT_OF(rows), &fault), OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        jobs[i] = (struct job){.task = {.run = run, .on_done = on_done, .owner = rows[i].owner},
                               .rig = rig};
        assert_status(admin_lane_queue(rig->lane, &jobs[i].task), rows[i].expected);
        await_running(rig, 1); /* the first does not wait */
    }
    release(rig);
    while (rig->done < (int)COUNT_OF(rows) - 1)
        uv_run(&rig->fixture.loop, UV_RUN_ONCE);
    stop(rig);
}

TEST(no_more_run_at_a_time_than_there_are_threads)
{
    struct rig *rig = *state;
    struct job jobs[6];
    struct fault fault;
    rig->is_released = false;
    assert_status(start(rig, 2, 6, &fault), OK);
    for (int i = 0; i < 6; i++)
        assert_status(queue(rig, &jobs[i]), OK);
    await_running(rig, 2);
    release(rig);
    while (rig->done < 6)
        uv_run(&rig->fixture.loop, UV_RUN_ONCE);
    assert_int_equal(rig->most_running, 2);
    stop(rig);
}

TEST(stopping_finishes_what_is_queued_and_takes_no_more)
{
    struct rig *rig = *state;
    struct job jobs[5];
    struct fault fault;
    rig->is_released = false;
    assert_status(start(rig, 2, 4, &fault), OK);
    for (int i = 0; i < 4; i++)
        assert_status(queue(rig, &jobs[i]), OK);
    admin_lane_stop(rig->lane, on_stopped, rig);
    assert_status(queue(rig, &jobs[4]), ERR_BUSY);
    release(rig);
    uv_run(&rig->fixture.loop, UV_RUN_DEFAULT);
    assert_true(rig->is_stopped);
    assert_int_equal(rig->done, 4);
}

TEST(an_idle_lane_stops)
{
    struct rig *rig = *state;
    struct fault fault;
    assert_status(start(rig, 4, 1, &fault), OK);
    stop(rig);
}

TEST(a_database_that_can_not_be_opened_is_told_to_the_task_and_tried_again)
{
    struct rig *rig = *state;
    struct job jobs[2];
    struct fault fault;
    size_t folder_len = strlen(rig->fixture.folder);
    char first = rig->fixture.path[folder_len];
    assert_status(start(rig, 1, 2, &fault), OK);
    rig->fixture.path[folder_len] = '\0'; /* a folder is no database */
    assert_status(queue(rig, &jobs[0]), OK);
    while (rig->done < 1)
        uv_run(&rig->fixture.loop, UV_RUN_ONCE);
    assert_false(jobs[0].has_store);
    rig->fixture.path[folder_len] = first;
    assert_status(queue(rig, &jobs[1]), OK);
    while (rig->done < 2)
        uv_run(&rig->fixture.loop, UV_RUN_ONCE);
    assert_true(jobs[1].has_store);
    stop(rig);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(each_task_completes_once_and_in_order),
        RIG_TEST(a_full_queue_refuses),
        RIG_TEST(one_owner_leaves_room_for_others),
        RIG_TEST(no_more_run_at_a_time_than_there_are_threads),
        RIG_TEST(stopping_finishes_what_is_queued_and_takes_no_more),
        RIG_TEST(an_idle_lane_stops),
        RIG_TEST(a_database_that_can_not_be_opened_is_told_to_the_task_and_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
