/* Claims per second of CPU time with a pool of 100,000 X numbers, each claim with its release and
 * its rest: prints a line per case. */

#include <stdio.h>
#include <time.h>

#include "base/mem.h"
#include "xnumber/pool.h"

enum {
    NUMBERS = 100000,
    USERS = 1000000,
    AGENTS = 50000,   /* of them, callers: one for each call at a time */
    LIVE = 50000,     /* calls at a time */
    WARM = 200000,    /* claims until the memory has its size: not measured */
    CLAIMS = 2000000, /* of a case */
    REST_MS = 30000,
    LEASE_MS = 7200000,
    CLAIMS_PER_MS = 1, /* a thousand calls a second: 30,000 rests at a time */
};

/* Of this program: neighbours on the machine do not count. */
static int64_t cpu_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static struct number fake(const char *prefix, size_t index)
{
    struct number number;
    char text[NUMBER_TEXT_MAX + 1];
    snprintf(text, sizeof(text), "%s%07zu", prefix, index);
    if (number_parse(str_of(text), STR("86"), &number, NULL) != OK)
        number = (struct number){0};
    return number;
}

static struct number *fakes(const char *prefix, size_t count)
{
    struct number *numbers = mem_alloc(count * sizeof(*numbers));
    for (size_t i = 0; i < count; i++)
        numbers[i] = fake(prefix, i);
    return numbers;
}

static struct xnumber_pool *pool_of(const struct number *numbers, size_t count)
{
    struct xnumber_pool *pool = xnumber_pool_create(
        &(struct xnumber_pool_options){.rest_ms = REST_MS, .lease_ms = LEASE_MS});
    xnumber_pool_set(pool, numbers, NULL, count);
    return pool;
}

static void report(const char *what, size_t count, int64_t used_us)
{
    printf("%-58s %9.0f claims/s\n", what, (double)count * 1e6 / (double)used_us);
}

/* Agents call customers; the oldest call ends when a new one begins. In turns of so many claims and
 * so many releases, so that the clock is not read for each. */
static void agents_and_customers(const struct number *numbers, const struct number *users)
{
    enum { TURN = 1000 };
    struct xnumber_pool *pool = pool_of(numbers, NUMBERS);
    struct number x;
    size_t granted = 0;
    int64_t claiming_us = 0, releasing_us = 0;
    for (size_t turn = 0; turn < WARM + CLAIMS; turn += TURN) {
        int64_t now_ms = (int64_t)(turn / CLAIMS_PER_MS), begun_us = cpu_us();
        size_t in_turn = 0;
        for (size_t i = turn; i < turn + TURN; i++)
            in_turn += xnumber_pool_claim(pool, (int64_t)i, &users[i % AGENTS],
                                          &users[AGENTS + i % (USERS - AGENTS)], now_ms, &x) == OK;
        int64_t claimed_us = cpu_us();
        for (size_t i = turn; i >= LIVE && i < turn + TURN; i++)
            xnumber_pool_release(pool, (int64_t)(i - LIVE), now_ms, true);
        if (turn < WARM)
            continue;
        granted += in_turn;
        claiming_us += claimed_us - begun_us;
        releasing_us += cpu_us() - claimed_us;
    }
    report("agents and customers, 50,000 calls at a time", granted, claiming_us);
    report("the same with their release and the end of the rest", granted,
           claiming_us + releasing_us);
    xnumber_pool_destroy(pool);
}

/* One number is A of every call, as a switchboard would be: it comes to stand on every X. In
 * `exhausted` claims it then asks in vain; in `nearly` one X is let go before each. */
static void one_user_everywhere(const struct number *numbers, const struct number *users)
{
    struct xnumber_pool *pool = pool_of(numbers, NUMBERS);
    struct number x;
    size_t refused = 0, granted = 0;
    int64_t begun_us = cpu_us();
    for (size_t i = 0; i < NUMBERS; i++)
        granted += xnumber_pool_claim(pool, (int64_t)i, &users[0], &users[i + 1], 0, &x) == OK;
    report("one A, until it stands on every X", granted, cpu_us() - begun_us);

    enum { ASKED = 200000 };
    begun_us = cpu_us();
    for (size_t i = 0; i < ASKED; i++)
        refused += xnumber_pool_claim(pool, NUMBERS + (int64_t)i, &users[0], &users[NUMBERS + 1], 1,
                                      &x) == ERR_EXHAUSTED;
    report("one A that stands on every X, refused", refused, cpu_us() - begun_us);

    /* Other users' calls keep every X in use, so that the X let go is not found as an idle one. */
    for (size_t i = 0; i < NUMBERS; i++)
        if (xnumber_pool_claim(pool, (int64_t)(NUMBERS + i), &users[NUMBERS + 2 + 2 * i],
                               &users[NUMBERS + 3 + 2 * i], 1, &x) != OK)
            printf("no X left\n");
    granted = 0;
    begun_us = cpu_us();
    for (size_t i = 0; i < ASKED; i++) {
        size_t gone = i * 7919 % NUMBERS; /* a prime: all over the pool */
        bool was_claimed = xnumber_pool_release(pool, (int64_t)gone, 2, false);
        granted += was_claimed && xnumber_pool_claim(pool, (int64_t)gone, &users[0],
                                                     &users[gone + 1], 2, &x) == OK;
    }
    report("one A that stands on every X but one, in use by others", granted, cpu_us() - begun_us);
    xnumber_pool_destroy(pool);
}

static void change_of_numbers(struct number *numbers)
{
    struct xnumber_pool *pool = pool_of(numbers, NUMBERS);
    int64_t begun_us = cpu_us();
    xnumber_pool_set(pool, numbers + 100, NULL, NUMBERS - 100);
    printf("%-58s %9.1f ms\n", "100 of the 100,000 numbers taken away",
           (double)(cpu_us() - begun_us) / 1000);
    xnumber_pool_destroy(pool);
}

int main(void)
{
    struct number *numbers = fakes("7000000", NUMBERS), *users = fakes("1380", USERS);
    agents_and_customers(numbers, users);
    one_user_everywhere(numbers, users);
    change_of_numbers(numbers);
    mem_free(numbers);
    mem_free(users);
    return 0;
}
