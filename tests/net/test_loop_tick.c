/* What is done again and again is done in step. */

#include "tests/test.h"

#include "base/mem.h"
#include "net/loop_tick.h"

enum { PERIOD_MS = 200, TICKS = 3 };

struct ticker {
    uv_timer_t timer;
    uint64_t period_ms;
    uint64_t at_ms[TICKS]; /* on the loop's clock, which stands still during a turn */
    int ticks;
};

static void on_tick(uv_timer_t *timer)
{
    struct ticker *ticker = CONTAINER_OF(timer, struct ticker, timer);
    ticker->at_ms[ticker->ticks++] = uv_now(timer->loop);
    if (ticker->ticks < TICKS)
        loop_tick_await(timer, on_tick, ticker->period_ms);
}

static void start(uv_loop_t *loop, struct ticker *ticker, uint64_t period_ms)
{
    *ticker = (struct ticker){.period_ms = period_ms};
    uv_timer_init(loop, &ticker->timer);
    loop_tick_await(&ticker->timer, on_tick, period_ms);
}

static void pass(uv_loop_t *loop, uint64_t ms)
{
    uv_update_time(loop);
    for (uint64_t until_ms = uv_now(loop) + ms; uv_now(loop) < until_ms;)
        uv_update_time(loop);
}

static void finish(uv_loop_t *loop, struct ticker *tickers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        uv_close((uv_handle_t *)&tickers[i].timer, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}

TEST(timers_that_were_started_apart_end_together)
{
    UNUSED(state);
    uv_loop_t loop;
    struct ticker tickers[2];
    assert_int_equal(uv_loop_init(&loop), 0);
    pass(&loop, PERIOD_MS - uv_now(&loop) % PERIOD_MS); /* a period has just begun */
    start(&loop, &tickers[0], PERIOD_MS);
    pass(&loop, PERIOD_MS / 4);
    start(&loop, &tickers[1], PERIOD_MS);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (int i = 0; i < TICKS; i++)
        assert_int_equal(tickers[0].at_ms[i], tickers[1].at_ms[i]);
    finish(&loop, tickers, COUNT_OF(tickers));
}

TEST(a_tick_is_never_early_and_each_belongs_to_a_period_of_its_own)
{
    UNUSED(state);
    uv_loop_t loop;
    struct ticker ticker;
    assert_int_equal(uv_loop_init(&loop), 0);
    uint64_t period = uv_now(&loop) / PERIOD_MS;
    start(&loop, &ticker, PERIOD_MS);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (int i = 0; i < TICKS; i++) {
        assert_true(ticker.at_ms[i] / PERIOD_MS > period);
        period = ticker.at_ms[i] / PERIOD_MS;
    }
    finish(&loop, &ticker, 1);
}

TEST(a_period_of_a_millisecond_ends)
{
    UNUSED(state);
    uv_loop_t loop;
    struct ticker ticker;
    assert_int_equal(uv_loop_init(&loop), 0);
    start(&loop, &ticker, 1);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(ticker.ticks, TICKS);
    finish(&loop, &ticker, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_that_were_started_apart_end_together),
        cmocka_unit_test(a_tick_is_never_early_and_each_belongs_to_a_period_of_its_own),
        cmocka_unit_test(a_period_of_a_millisecond_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
