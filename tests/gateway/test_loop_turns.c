#include "tests/test.h"

#include <uv.h>

#include "base/clock.h"
#include "gateway/loop_turns.h"

struct fixture {
    uv_loop_t loop;
    uv_async_t async;
    int64_t busy_us;
    int wakes;
    struct loop_turns *turns;
};

/* Keeps the loop from turning. */
static void on_async(uv_async_t *async)
{
    struct fixture *f = async->data;
    int64_t until_us = clock_mono_us() + f->busy_us;
    while (clock_mono_us() < until_us)
        ;
    f->wakes++;
}

static void init(struct fixture *f)
{
    *f = (struct fixture){0};
    assert_int_equal(uv_loop_init(&f->loop), 0);
    assert_int_equal(uv_async_init(&f->loop, &f->async, on_async), 0);
    f->async.data = f;
    f->turns = loop_turns_create(&f->loop);
}

static void wake(struct fixture *f, int64_t busy_us)
{
    int before = f->wakes;
    f->busy_us = busy_us;
    uv_async_send(&f->async);
    while (f->wakes == before)
        uv_run(&f->loop, UV_RUN_ONCE);
    uv_run(&f->loop, UV_RUN_NOWAIT); /* the turn ends when the loop is about to wait again */
}

static void finish(struct fixture *f)
{
    loop_turns_close(f->turns);
    uv_close((uv_handle_t *)&f->async, NULL);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
}

TEST(nothing_is_counted_before_the_first_turn)
{
    UNUSED(state);
    struct fixture f;
    init(&f);
    assert_int_equal(latency_count(loop_turns_took(f.turns)), 0);
    assert_int_equal(loop_turns_longest_us(f.turns), 0);
    finish(&f);
}

TEST(a_turn_takes_what_its_callbacks_take)
{
    UNUSED(state);
    struct fixture f;
    init(&f);
    wake(&f, 30000);
    assert_true(loop_turns_longest_us(f.turns) >= 30000 - 2000);
    assert_true(loop_turns_took(f.turns)->sum_us >= 30000 - 2000);
    finish(&f);
}

static void on_timer(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    ((struct fixture *)timer->data)->wakes++;
}

/* A machine that is busy may make the turns long, but hardly as long as that. */
TEST(waiting_is_no_part_of_a_turn)
{
    UNUSED(state);
    enum { WAIT_MS = 300 };
    struct fixture f;
    uv_timer_t timer;
    init(&f);
    uv_timer_init(&f.loop, &timer);
    timer.data = &f;
    uv_timer_start(&timer, on_timer, WAIT_MS, 0);
    while (f.wakes == 0)
        uv_run(&f.loop, UV_RUN_ONCE);
    uv_run(&f.loop, UV_RUN_NOWAIT);
    assert_true(loop_turns_took(f.turns)->sum_us < WAIT_MS * 1000);
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_counted_before_the_first_turn),
        cmocka_unit_test(a_turn_takes_what_its_callbacks_take),
        cmocka_unit_test(waiting_is_no_part_of_a_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
