#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "xnumber/pool.h"

enum { REST_MS = 30000, LEASE_MS = 7200000 };

static const struct xnumber_pool_options options = {.rest_ms = REST_MS, .lease_ms = LEASE_MS};

/* Obviously fake: the kind as the fourth digit, zeros, an index. */
static struct number fake(int kind, size_t index)
{
    struct number number = {0};
    char text[NUMBER_TEXT_MAX + 1];
    snprintf(text, sizeof(text), "138%d%07zu", kind, index);
    assert_int_equal(number_parse(str_of(text), STR("86"), &number, NULL), OK);
    return number;
}

static struct number x_number(size_t index)
{
    return fake(0, index);
}

static struct number user_number(size_t index)
{
    return fake(1, index);
}

static void set_range(struct xnumber_pool *pool, size_t first, size_t count)
{
    struct number *numbers = mem_alloc(count * sizeof(*numbers));
    for (size_t i = 0; i < count; i++)
        numbers[i] = x_number(first + i);
    xnumber_pool_set(pool, numbers, NULL, count);
    mem_free(numbers);
}

static struct xnumber_pool *pool_of(size_t count)
{
    struct xnumber_pool *pool = xnumber_pool_create(&options);
    set_range(pool, 0, count);
    return pool;
}

static enum status claim_as(struct xnumber_pool *pool, int64_t id, size_t a, size_t b, int64_t now,
                            struct number *x)
{
    struct number from = user_number(a), to = user_number(b);
    return xnumber_pool_claim(pool, id, &from, &to, now, x);
}

static enum status restore_as(struct xnumber_pool *pool, int64_t id, size_t a, size_t b, size_t x,
                              int64_t claimed_ms)
{
    struct number from = user_number(a), to = user_number(b), on = x_number(x);
    return xnumber_pool_restore(pool, id, &from, &to, &on, claimed_ms);
}

static void assert_claims(struct xnumber_pool *pool, int64_t id, size_t a, size_t b, int64_t now,
                          size_t x_index)
{
    struct number x = {0}, expected = x_number(x_index);
    assert_int_equal(claim_as(pool, id, a, b, now, &x), OK);
    assert_string_equal(x.text, expected.text);
}

static void assert_exhausted(struct xnumber_pool *pool, int64_t id, size_t a, size_t b, int64_t now)
{
    struct number x = {0};
    assert_int_equal(claim_as(pool, id, a, b, now, &x), ERR_EXHAUSTED);
    assert_string_equal(x.text, ""); /* set only on success */
}

static void block(struct xnumber_pool *pool, size_t index, int64_t until_ms)
{
    struct number x = x_number(index);
    xnumber_pool_block(pool, &x, until_ms);
}

static void takes_the_least_recently_used(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(3);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_claims(pool, 2, 3, 4, 1, 1);
    assert_true(xnumber_pool_release(pool, 2, 2, true));
    assert_true(xnumber_pool_release(pool, 1, 3, true));
    assert_claims(pool, 3, 5, 6, 4, 2);
    assert_claims(pool, 4, 7, 8, 5, 1); /* its call ended first */
    assert_claims(pool, 5, 9, 10, 6, 0);
    xnumber_pool_destroy(pool);
}

static void prefers_an_x_without_a_call(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_claims(pool, 2, 3, 4, 1, 1);
    assert_true(xnumber_pool_release(pool, 2, 2, true));
    assert_claims(pool, 3, 5, 6, 3, 1);
    assert_claims(pool, 4, 7, 8, 4, 0); /* both carry calls: 0 was claimed longer ago */
    xnumber_pool_destroy(pool);
}

static void no_user_stands_twice_on_an_x(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_claims(pool, 2, 3, 1, 0, 1); /* 1 as B now */
    assert_exhausted(pool, 3, 1, 5, 0);
    assert_exhausted(pool, 3, 5, 1, 0);
    assert_exhausted(pool, 3, 2, 3, 0);
    assert_claims(pool, 3, 5, 6, 0, 0);
    xnumber_pool_destroy(pool);
}

static void one_number_written_in_two_ways_is_one_user(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(1);
    struct number x, b = user_number(2), other;
    assert_claims(pool, 1, 1, 3, 0, 0);
    assert_int_equal(number_parse(STR("+8613810000001"), STR("86"), &other, NULL), OK);
    assert_int_equal(xnumber_pool_claim(pool, 2, &other, &b, 0, &x), ERR_EXHAUSTED);
    xnumber_pool_destroy(pool);
}

static void users_rest_on_their_x_after_a_call(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_claims(pool, 2, 1, 3, 0, 1);
    assert_true(xnumber_pool_release(pool, 1, 1000, true));
    assert_exhausted(pool, 3, 1, 4, 1000 + REST_MS - 1);
    assert_exhausted(pool, 3, 4, 1, 1000 + REST_MS - 1);
    assert_claims(pool, 3, 1, 4, 1000 + REST_MS, 0);
    xnumber_pool_destroy(pool);
}

static void a_call_that_never_was_leaves_no_rest(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_claims(pool, 2, 1, 3, 0, 1);
    assert_true(xnumber_pool_release(pool, 1, 1, false));
    assert_claims(pool, 3, 1, 2, 1, 0);
    xnumber_pool_destroy(pool);
}

static void the_only_number_is_given_without_rest(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(1);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_exhausted(pool, 2, 1, 3, 0);
    assert_true(xnumber_pool_release(pool, 1, 1, true));
    assert_int_equal(xnumber_pool_count(pool, 1).free, 1);
    assert_claims(pool, 2, 1, 3, 1, 0);
    xnumber_pool_destroy(pool);
}

static void rests_end_when_a_pool_shrinks_to_one(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_claims(pool, 2, 1, 3, 0, 1);
    assert_true(xnumber_pool_release(pool, 1, 1, true));
    assert_true(xnumber_pool_release(pool, 2, 1, true));
    set_range(pool, 1, 1);
    assert_claims(pool, 3, 1, 3, 2, 1);
    xnumber_pool_destroy(pool);
}

static void an_empty_pool_is_exhausted(void **state)
{
    (void)state;
    struct xnumber_pool *pool = xnumber_pool_create(&options);
    assert_exhausted(pool, 1, 1, 2, 0);
    xnumber_pool_set(pool, NULL, NULL, 0);
    assert_exhausted(pool, 1, 1, 2, 0);
    xnumber_pool_destroy(pool);
    xnumber_pool_destroy(NULL);
}

static void a_failed_claim_leaves_no_trace(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(1);
    struct number x;
    assert_int_equal(claim_as(pool, 1, 1, 1, 0, &x), ERR_INVALID);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_int_equal(claim_as(pool, 1, 3, 4, 0, &x), ERR_EXISTS);
    assert_exhausted(pool, 2, 3, 1, 0);
    assert_claims(pool, 2, 3, 4, 0, 0);
    assert_int_equal(xnumber_pool_count(pool, 0).claims, 2);
    xnumber_pool_destroy(pool);
}

static void never_gives_a_user_his_own_number(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    struct number a = x_number(0), b = user_number(1), x;
    assert_int_equal(xnumber_pool_claim(pool, 1, &a, &b, 0, &x), OK);
    assert_true(number_is_same(&x, &(struct number){0}) == false && !number_is_same(&x, &a));
    assert_int_equal(xnumber_pool_claim(pool, 2, &b, &a, 0, &x), ERR_EXHAUSTED);
    xnumber_pool_destroy(pool);
}

static void releases_once(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_false(xnumber_pool_release(pool, 1, 0, true));
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_true(xnumber_pool_release(pool, 1, 1, true));
    assert_false(xnumber_pool_release(pool, 1, 1, true));
    assert_false(xnumber_pool_release(pool, 1, 1, false)); /* does not end the rest */
    assert_int_equal(xnumber_pool_count(pool, 1).resting, 1);
    xnumber_pool_destroy(pool);
}

static void a_claim_ends_with_its_lease(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(1);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_claims(pool, 2, 3, 4, 1, 0);
    assert_int_equal(xnumber_pool_expire(pool, LEASE_MS - 1), 0);
    assert_exhausted(pool, 3, 1, 5, LEASE_MS - 1);
    assert_claims(pool, 3, 1, 5, LEASE_MS, 0);
    assert_int_equal(xnumber_pool_expire(pool, LEASE_MS + 1), 2); /* also what the claim ended */
    assert_int_equal(xnumber_pool_expire(pool, LEASE_MS + 1), 0);
    assert_false(xnumber_pool_release(pool, 1, LEASE_MS + 1, true));
    xnumber_pool_destroy(pool);
}

static void claims_survive_a_restart(void **state)
{
    (void)state;
    struct xnumber_pool *pool = xnumber_pool_create(&options);
    assert_int_equal(restore_as(pool, 7, 1, 2, 0, 500), OK);
    set_range(pool, 0, 2);
    assert_int_equal(restore_as(pool, 6, 1, 3, 1, 400), OK); /* older, later */
    assert_int_equal(restore_as(pool, 7, 8, 9, 1, 500), ERR_EXISTS);
    assert_int_equal(restore_as(pool, 8, 9, 1, 1, 500), ERR_EXISTS);
    assert_int_equal(restore_as(pool, 8, 9, 9, 1, 500), ERR_INVALID);
    assert_exhausted(pool, 8, 1, 9, 1000);
    assert_int_equal(xnumber_pool_expire(pool, 400 + LEASE_MS), 1);
    assert_true(xnumber_pool_release(pool, 7, 400 + LEASE_MS, true));
    assert_claims(pool, 8, 1, 9, 400 + LEASE_MS, 1);
    xnumber_pool_destroy(pool);
}

static void a_restored_claim_keeps_an_x_that_is_not_in_the_pool(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(1);
    assert_int_equal(restore_as(pool, 7, 1, 2, 5, 0), OK);
    assert_claims(pool, 8, 1, 2, 0, 0); /* never 5 */
    assert_exhausted(pool, 9, 1, 3, 0);
    set_range(pool, 5, 1);
    assert_exhausted(pool, 9, 1, 3, 0);
    assert_true(xnumber_pool_release(pool, 7, 1, false));
    assert_claims(pool, 9, 1, 3, 1, 5);
    xnumber_pool_destroy(pool);
}

static void a_number_taken_away_finishes_its_calls(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 0, 0);
    set_range(pool, 1, 2);
    struct xnumber_counts counts = xnumber_pool_count(pool, 0);
    assert_int_equal(counts.numbers, 2);
    assert_int_equal(counts.claimed, 0);
    assert_int_equal(counts.claims, 1);
    assert_claims(pool, 2, 1, 2, 0, 1);
    assert_true(xnumber_pool_release(pool, 1, 1, true));
    set_range(pool, 0, 2); /* comes back during the rest */
    assert_exhausted(pool, 3, 1, 5, 2);
    assert_claims(pool, 3, 1, 5, 1 + REST_MS, 0);
    xnumber_pool_destroy(pool);
}

static void a_new_number_comes_by_its_last_use(void **state)
{
    (void)state;
    struct xnumber_pool *pool = xnumber_pool_create(&options);
    struct number numbers[] = {x_number(0), x_number(1), x_number(2), x_number(0), x_number(3)};
    int64_t used_ms[] = {30, 10, 20, 0, 20};
    xnumber_pool_set(pool, numbers, used_ms, 5);
    assert_int_equal(xnumber_pool_count(pool, 40).numbers, 4);
    assert_claims(pool, 1, 1, 2, 40, 1);
    struct number more[] = {x_number(3), x_number(4), x_number(0), x_number(1), x_number(2)};
    int64_t more_used_ms[] = {99, 25, 99, 99, 99}; /* counts for the new one only */
    xnumber_pool_set(pool, more, more_used_ms, 5);
    assert_claims(pool, 2, 3, 4, 40, 2);
    assert_claims(pool, 3, 5, 6, 40, 3);
    assert_claims(pool, 4, 7, 8, 40, 4);
    assert_claims(pool, 5, 9, 10, 40, 0);
    xnumber_pool_destroy(pool);
}

static void a_blocked_number_is_left_out_and_tried_again(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 0, 0);
    block(pool, 0, 1000);
    block(pool, 7, 1000); /* not in the pool */
    assert_int_equal(xnumber_pool_count(pool, 0).blocked, 1);
    assert_true(xnumber_pool_release(pool, 1, 1, true));
    assert_claims(pool, 2, 3, 4, 2, 1);
    block(pool, 1, 500);
    assert_exhausted(pool, 3, 5, 6, 499);
    assert_claims(pool, 3, 5, 6, 500, 1);
    block(pool, 0, 2000); /* longer than said before */
    assert_int_equal(xnumber_pool_count(pool, 1000).blocked, 1);
    assert_int_equal(xnumber_pool_count(pool, 2000).blocked, 0);
    assert_claims(pool, 4, 7, 8, 2000, 0);
    set_range(pool, 0, 2);
    block(pool, 0, 9000);
    set_range(pool, 1, 1);
    set_range(pool, 0, 2);
    assert_int_equal(xnumber_pool_count(pool, 2000).blocked, 0);
    xnumber_pool_destroy(pool);
}

static void assert_doing(struct xnumber_pool *pool, size_t x, int64_t now_ms,
                         enum xnumber_state state, int64_t until_ms)
{
    struct number number = x_number(x);
    struct xnumber_doing doing = xnumber_pool_doing(pool, &number, now_ms);
    assert_int_equal(doing.state, state);
    assert_int_equal(doing.until_ms, until_ms);
}

static void a_number_tells_until_when_it_rests_or_is_blocked(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 0, 0);
    assert_claims(pool, 2, 1, 4, 0, 1);
    assert_claims(pool, 3, 5, 6, 0, 0);
    assert_doing(pool, 0, 1, XNUMBER_CLAIMED, 0);
    assert_true(xnumber_pool_release(pool, 1, 10, true));
    assert_doing(pool, 0, 11, XNUMBER_CLAIMED, 0); /* the other call goes on */
    assert_true(xnumber_pool_release(pool, 3, 20, true));
    assert_doing(pool, 0, 21, XNUMBER_RESTING, 20 + REST_MS); /* of the last one */
    assert_doing(pool, 0, 10 + REST_MS, XNUMBER_RESTING, 20 + REST_MS);
    assert_doing(pool, 0, 20 + REST_MS, XNUMBER_FREE, 0);
    block(pool, 0, 90 + REST_MS);
    assert_doing(pool, 0, 30 + REST_MS, XNUMBER_BLOCKED, 90 + REST_MS);
    assert_doing(pool, 0, 90 + REST_MS, XNUMBER_FREE, 0);
    block(pool, 0, 200 + REST_MS);
    assert_doing(pool, 0, 5, XNUMBER_BLOCKED,
                 115); /* the clock was set back: as far ahead as before */
    assert_doing(pool, 7, 6, XNUMBER_OUTSIDE, 0);
    xnumber_pool_destroy(pool);
}

static void time_goes_on_after_the_clock_stepped_back(void **state)
{
    (void)state;
    struct xnumber_pool *pool = pool_of(2);
    assert_claims(pool, 1, 1, 2, 1000000, 0);
    assert_claims(pool, 2, 1, 3, 1000000, 1);
    assert_true(xnumber_pool_release(pool, 1, 1000000, true));
    assert_exhausted(pool, 3, 1, 4, 5);
    assert_exhausted(pool, 3, 1, 4, 5 + REST_MS - 1);
    assert_claims(pool, 3, 1, 4, 5 + REST_MS, 0);
    block(pool, 0, 5 + REST_MS + 10);
    assert_int_equal(xnumber_pool_count(pool, 5 + REST_MS + 9).blocked, 1);
    assert_int_equal(xnumber_pool_count(pool, 5 + REST_MS + 10).blocked, 0);
    xnumber_pool_destroy(pool);
}

/* A and B each stand on thousands of X: an X that fits is found if and only if there is one. */
static void finds_the_only_fit_for_those_who_stand_nearly_everywhere(void **state)
{
    enum { NUMBERS = 5000, KEPT_A = 4321, KEPT_B = 17 };
    (void)state;
    struct xnumber_pool *pool = pool_of(NUMBERS);
    for (size_t i = 0; i < NUMBERS; i++)
        assert_int_equal(restore_as(pool, (int64_t)i, i % 2, 10 + i, i, 0), OK);
    assert_exhausted(pool, NUMBERS, 0, 1, 1);
    for (int64_t id = 0; id < 2; id++) {
        assert_true(xnumber_pool_release(pool, id == 0 ? KEPT_A : KEPT_B, 1, false));
        assert_claims(pool, NUMBERS + id, 0, 1, 1, id == 0 ? KEPT_A : KEPT_B);
        assert_exhausted(pool, 2 * NUMBERS, 0, 1, 1);
    }
    for (size_t i = 0; i < NUMBERS / 2; i++) { /* the even X are free to 1 */
        struct number x;
        assert_int_equal(claim_as(pool, (int64_t)(3 * NUMBERS + i), 1, 20000 + i, 1, &x), OK);
    }
    assert_exhausted(pool, 2 * NUMBERS, 1, 9, 1);
    xnumber_pool_destroy(pool);
}

/* What the pool should do, as plainly as can be: arrays that are walked. */
enum { MODEL_NUMBERS = 9, MODEL_USERS = 12, MODEL_CLAIMS = 64, MODEL_REST_MS = 300 };
enum { MODEL_LEASE_MS = 2000, MODEL_STEPS = 200000 };
enum group { NOWHERE, IDLE, BUSY };

struct model_x {
    bool is_member, is_blocked;
    int64_t blocked_until_ms, used_ms;
    uint64_t blocked_order, order;
    enum group group;
};

struct model_claim {
    bool is_live, is_resting;
    int64_t id, end_ms;
    uint64_t order;
    size_t x, a, b;
};

struct model {
    struct model_x numbers[MODEL_NUMBERS];
    struct model_claim claims[MODEL_CLAIMS];
    int64_t now_ms, next_id;
    uint64_t serial, random;
    size_t lapsed;
};

static size_t draw(struct model *model, size_t below)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return (size_t)(model->random >> 11) % below;
}

static size_t model_carried(const struct model *model, size_t x, bool is_resting)
{
    size_t count = 0;
    for (size_t i = 0; i < MODEL_CLAIMS; i++) {
        const struct model_claim *claim = &model->claims[i];
        count += claim->is_live && claim->x == x && claim->is_resting == is_resting;
    }
    return count;
}

static void model_settle(struct model *model, size_t index)
{
    struct model_x *x = &model->numbers[index];
    enum group group = model_carried(model, index, false) > 0 ? BUSY : IDLE;
    if (!x->is_member || x->is_blocked)
        group = NOWHERE;
    if (group != x->group && group != NOWHERE) {
        x->used_ms = model->now_ms;
        x->order = ++model->serial;
    }
    x->group = group;
}

static size_t model_members(const struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < MODEL_NUMBERS; i++)
        count += model->numbers[i].is_member;
    return count;
}

static struct model_claim *model_due(struct model *model)
{
    struct model_claim *due = NULL;
    for (size_t i = 0; i < MODEL_CLAIMS; i++) {
        struct model_claim *claim = &model->claims[i];
        if (!claim->is_live || claim->end_ms > model->now_ms)
            continue;
        if (due == NULL || claim->end_ms < due->end_ms ||
            (claim->end_ms == due->end_ms && claim->order < due->order))
            due = claim;
    }
    return due;
}

static void model_advance(struct model *model)
{
    struct model_claim *claim;
    while ((claim = model_due(model)) != NULL) {
        claim->is_live = false;
        model->lapsed += !claim->is_resting;
        model_settle(model, claim->x);
    }
    for (;;) {
        struct model_x *first = NULL;
        for (size_t i = 0; i < MODEL_NUMBERS; i++) {
            struct model_x *x = &model->numbers[i];
            if (!x->is_blocked || x->blocked_until_ms > model->now_ms)
                continue;
            if (first == NULL || x->blocked_until_ms < first->blocked_until_ms ||
                (x->blocked_until_ms == first->blocked_until_ms &&
                 x->blocked_order < first->blocked_order))
                first = x;
        }
        if (first == NULL)
            return;
        first->is_blocked = false;
        model_settle(model, (size_t)(first - model->numbers));
    }
}

static bool model_stands(const struct model *model, size_t user, size_t x)
{
    for (size_t i = 0; i < MODEL_CLAIMS; i++) {
        const struct model_claim *claim = &model->claims[i];
        if (claim->is_live && claim->x == x && (claim->a == user || claim->b == user))
            return true;
    }
    return false;
}

static bool model_is_before(const struct model_x *one, const struct model_x *other)
{
    if (one->group != other->group)
        return one->group == IDLE;
    if (one->group == IDLE && one->used_ms != other->used_ms)
        return one->used_ms < other->used_ms;
    return one->order < other->order;
}

/* MODEL_NUMBERS: none. */
static size_t model_choose(const struct model *model, size_t a, size_t b)
{
    size_t best = MODEL_NUMBERS;
    for (size_t i = 0; i < MODEL_NUMBERS; i++) {
        const struct model_x *x = &model->numbers[i];
        if (x->group == NOWHERE || model_stands(model, a, i) || model_stands(model, b, i))
            continue;
        if (best == MODEL_NUMBERS || model_is_before(x, &model->numbers[best]))
            best = i;
    }
    return best;
}

static struct model_claim *model_spare(struct model *model)
{
    for (size_t i = 0; i < MODEL_CLAIMS; i++)
        if (!model->claims[i].is_live)
            return &model->claims[i];
    return NULL;
}

static void model_begin(struct model *model, struct model_claim *claim, int64_t claimed_ms)
{
    claim->is_live = true;
    claim->end_ms = claimed_ms + MODEL_LEASE_MS;
    claim->order = ++model->serial;
    model_settle(model, claim->x);
}

static void step_claim(struct model *model, struct xnumber_pool *pool)
{
    struct model_claim *spare = model_spare(model);
    size_t a = draw(model, MODEL_USERS), b = draw(model, MODEL_USERS);
    struct number x;
    if (spare == NULL || a == b)
        return;
    size_t expected = model_choose(model, a, b);
    enum status status = claim_as(pool, model->next_id, a, b, model->now_ms, &x);
    assert_int_equal(status, expected == MODEL_NUMBERS ? ERR_EXHAUSTED : OK);
    if (status != OK)
        return;
    assert_string_equal(x.key, x_number(expected).key);
    *spare = (struct model_claim){.id = model->next_id++, .x = expected, .a = a, .b = b};
    model_begin(model, spare, model->now_ms);
    model->numbers[expected].order = ++model->serial;
}

static void step_restore(struct model *model, struct xnumber_pool *pool)
{
    struct model_claim *spare = model_spare(model);
    size_t a = draw(model, MODEL_USERS), b = draw(model, MODEL_USERS);
    size_t x = draw(model, MODEL_NUMBERS);
    int64_t claimed_ms = model->now_ms - (int64_t)draw(model, MODEL_LEASE_MS + 100);
    if (spare == NULL || a == b)
        return;
    bool stands = model_stands(model, a, x) || model_stands(model, b, x);
    assert_int_equal(restore_as(pool, model->next_id, a, b, x, claimed_ms),
                     stands ? ERR_EXISTS : OK);
    if (stands)
        return;
    *spare = (struct model_claim){.id = model->next_id++, .x = x, .a = a, .b = b};
    model_begin(model, spare, claimed_ms);
}

static void step_release(struct model *model, struct xnumber_pool *pool)
{
    struct model_claim *claim = &model->claims[draw(model, MODEL_CLAIMS)];
    bool is_rested = draw(model, 4) != 0, is_claim = claim->is_live && !claim->is_resting;
    assert_int_equal(xnumber_pool_release(pool, claim->id, model->now_ms, is_rested), is_claim);
    if (!is_claim)
        return;
    bool is_only = model_members(model) == 1 && model->numbers[claim->x].is_member;
    claim->is_live = claim->is_resting = is_rested && !is_only;
    claim->end_ms = model->now_ms + MODEL_REST_MS;
    claim->order = ++model->serial;
    model_settle(model, claim->x);
}

static void step_set(struct model *model, struct xnumber_pool *pool)
{
    struct number numbers[MODEL_NUMBERS];
    int64_t used_ms[MODEL_NUMBERS], oldest_ms = 0;
    size_t count = 0, most = draw(model, 4) == 0 ? 1 : MODEL_NUMBERS;
    bool is_kept[MODEL_NUMBERS] = {false}, is_new[MODEL_NUMBERS] = {false};
    /* Each new number was last used later than the one before, so that their order is as given. */
    for (size_t i = 0; i < MODEL_NUMBERS && count < most; i++) {
        if (draw(model, 4) == 0)
            continue;
        oldest_ms += (int64_t)draw(model, (size_t)(model->now_ms / MODEL_NUMBERS));
        numbers[count] = x_number(i);
        used_ms[count++] = oldest_ms;
        is_kept[i] = true;
        is_new[i] = !model->numbers[i].is_member;
        if (is_new[i])
            model->numbers[i].used_ms = oldest_ms;
    }
    xnumber_pool_set(pool, numbers, used_ms, count);
    for (size_t i = 0; i < MODEL_NUMBERS; i++) {
        struct model_x *x = &model->numbers[i];
        int64_t last_used_ms = x->used_ms;
        x->is_member = is_kept[i];
        x->is_blocked &= is_kept[i];
        model_settle(model, i);
        if (is_new[i])
            x->used_ms = last_used_ms;
    }
    for (size_t i = 0; i < MODEL_CLAIMS && count == 1; i++) {
        struct model_claim *claim = &model->claims[i];
        claim->is_live &= !(claim->is_resting && is_kept[claim->x]);
    }
}

static void step_block(struct model *model, struct xnumber_pool *pool)
{
    size_t index = draw(model, MODEL_NUMBERS);
    struct model_x *x = &model->numbers[index];
    int64_t until_ms = model->now_ms + (int64_t)draw(model, 500);
    block(pool, index, until_ms);
    if (!x->is_member)
        return;
    x->is_blocked = true;
    x->blocked_until_ms = until_ms;
    x->blocked_order = ++model->serial;
    model_settle(model, index);
}

static void assert_same_counts(struct model *model, struct xnumber_pool *pool)
{
    struct xnumber_counts counts = xnumber_pool_count(pool, model->now_ms), expected = {0};
    model_advance(model);
    for (size_t i = 0; i < MODEL_NUMBERS; i++) {
        size_t claims = model_carried(model, i, false), rests = model_carried(model, i, true);
        const struct model_x *x = &model->numbers[i];
        expected.claims += claims;
        expected.numbers += x->is_member;
        expected.blocked += x->is_blocked;
        expected.claimed += x->group == BUSY;
        expected.resting += x->group == IDLE && rests > 0;
        expected.free += x->group == IDLE && rests == 0;
    }
    assert_memory_equal(&counts, &expected, sizeof(counts));
    assert_int_equal(counts.free + counts.claimed + counts.resting + counts.blocked,
                     counts.numbers);
}

static void step(struct model *model, struct xnumber_pool *pool)
{
    size_t choice = draw(model, 100);
    if (choice < 45)
        step_claim(model, pool);
    else if (choice < 75)
        step_release(model, pool);
    else if (choice < 92)
        model->now_ms += (int64_t)draw(model, draw(model, 20) == 0 ? MODEL_LEASE_MS : 50);
    else if (choice < 95)
        step_set(model, pool);
    else if (choice < 98)
        step_block(model, pool);
    else
        step_restore(model, pool);
    assert_same_counts(model, pool);
    if (choice == 0) {
        assert_int_equal(xnumber_pool_expire(pool, model->now_ms), model->lapsed);
        model->lapsed = 0;
    }
}

static void does_what_a_plain_model_does(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct model model = {.now_ms = 1000000, .next_id = 1, .random = seed * 0x9E3779B97F4A7C15};
        struct xnumber_pool *pool = xnumber_pool_create(
            &(struct xnumber_pool_options){.rest_ms = MODEL_REST_MS, .lease_ms = MODEL_LEASE_MS});
        for (size_t i = 0; i < MODEL_STEPS / 4; i++)
            step(&model, pool);
        assert_true(model.next_id > MODEL_STEPS / 40); /* claims did succeed */
        xnumber_pool_destroy(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_least_recently_used),
        cmocka_unit_test(prefers_an_x_without_a_call),
        cmocka_unit_test(no_user_stands_twice_on_an_x),
        cmocka_unit_test(one_number_written_in_two_ways_is_one_user),
        cmocka_unit_test(users_rest_on_their_x_after_a_call),
        cmocka_unit_test(a_call_that_never_was_leaves_no_rest),
        cmocka_unit_test(the_only_number_is_given_without_rest),
        cmocka_unit_test(rests_end_when_a_pool_shrinks_to_one),
        cmocka_unit_test(an_empty_pool_is_exhausted),
        cmocka_unit_test(a_failed_claim_leaves_no_trace),
        cmocka_unit_test(never_gives_a_user_his_own_number),
        cmocka_unit_test(releases_once),
        cmocka_unit_test(a_claim_ends_with_its_lease),
        cmocka_unit_test(claims_survive_a_restart),
        cmocka_unit_test(a_restored_claim_keeps_an_x_that_is_not_in_the_pool),
        cmocka_unit_test(a_number_taken_away_finishes_its_calls),
        cmocka_unit_test(a_new_number_comes_by_its_last_use),
        cmocka_unit_test(a_blocked_number_is_left_out_and_tried_again),
        cmocka_unit_test(a_number_tells_until_when_it_rests_or_is_blocked),
        cmocka_unit_test(time_goes_on_after_the_clock_stepped_back),
        cmocka_unit_test(finds_the_only_fit_for_those_who_stand_nearly_everywhere),
        cmocka_unit_test(does_what_a_plain_model_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
