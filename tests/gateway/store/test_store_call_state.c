/* The store moves calls as gateway/model/call_state.h says: every move at every stage. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "gateway/model/call_state.h"
#include "tests/gateway/store/store_fixture.h"

enum { TENANT = 1, DURATION_S = 30 };

static const enum call_outcome outcomes[CALL_MOVE_COUNT] = {
    [CALL_MOVE_ACCEPTED] = CALL_OUTCOME_ACCEPTED,
    [CALL_MOVE_REFUSED] = CALL_OUTCOME_REFUSED,
    [CALL_MOVE_UNANSWERED] = CALL_OUTCOME_UNKNOWN,
};

/* A shortest way to each stage. */
static const enum call_move ways[CALL_STAGE_COUNT] = {
    [CALL_STAGE_ACCEPTED] = CALL_MOVE_ACCEPTED, [CALL_STAGE_UNKNOWN] = CALL_MOVE_UNANSWERED,
    [CALL_STAGE_REFUSED] = CALL_MOVE_REFUSED,   [CALL_STAGE_EXPIRED] = CALL_MOVE_LEASE_OVER,
    [CALL_STAGE_ENDED] = CALL_MOVE_CDR,         [CALL_STAGE_TALKING] = CALL_MOVE_TALKS,
};

/* Each CDR is another one: an equal one would be a repetition. */
static enum status push_cdr(struct fixture *f, int64_t serial)
{
    static const int64_t tenants[] = {TENANT};
    static int count;
    char body[32];
    const struct ita_cdr cdr = {
        .call_id = STR("call-1"), .duration_s = DURATION_S, .release_cause = 16};
    snprintf(body, sizeof(body), "{\"number\":%d}", ++count);
    struct store_add_cdr add = {.cdr = &cdr,
                                .body = str_of(body),
                                .tenant_ids = tenants,
                                .tenant_count = 1,
                                .remark_tenant_id = TENANT,
                                .remark_serial = serial,
                                .access_key = STR("test-access-key"),
                                .received_ms = NOON + 60000};
    enum status status = RUN(f, store_add_cdr, &add);
    assert_int_not_equal(add.match, CDR_UNMATCHED);
    return status;
}

static enum status apply(struct fixture *f, int64_t serial, enum call_move move)
{
    struct store_expire_call expire = {
        .tenant_id = TENANT, .serial = serial, .now_ms = NOON + 50000};
    struct store_set_talking talking = {
        .tenant_id = TENANT, .serial = serial, .since_ms = NOON + 10000};
    struct store_end_call end = {.tenant_id = TENANT,
                                 .serial = serial,
                                 .ended_ms = NOON + 40000,
                                 .duration_s = DURATION_S,
                                 .reason_code = 1};
    switch (move) {
    case CALL_MOVE_ACCEPTED:
    case CALL_MOVE_REFUSED:
    case CALL_MOVE_UNANSWERED:
        return fixture_set_outcome(f, TENANT, serial, outcomes[move], STR("call-1"));
    case CALL_MOVE_RESTART:
        fixture_close(f);
        fixture_open(f);
        return OK;
    case CALL_MOVE_LEASE_OVER:
        return RUN(f, store_expire_call, &expire);
    case CALL_MOVE_TALKS:
        return RUN(f, store_set_talking, &talking);
    case CALL_MOVE_ENDS:
        return RUN(f, store_end_call, &end);
    case CALL_MOVE_CDR:
    case CALL_MOVE_COUNT:
        break;
    }
    return push_cdr(f, serial);
}

static void count_live(void *data, const struct call_record *call)
{
    (void)call;
    ++*(int *)data;
}

/* As the record tells it, which is live or not as its state says. */
static enum call_stage stage_of(struct fixture *f, int64_t serial)
{
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial};
    struct fault fault;
    int live = 0;
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(store_load_live_calls(f->store, count_live, &live, &fault), OK);
    assert_int_equal(live, read.call.state != CALL_ENDED);
    if (read.call.state == CALL_WAITING)
        return CALL_STAGE_INTENT;
    if (read.call.state == CALL_CALLING)
        return read.call.outcome == CALL_OUTCOME_ACCEPTED ? CALL_STAGE_ACCEPTED
                                                          : CALL_STAGE_UNKNOWN;
    if (read.call.state == CALL_TALKING)
        return CALL_STAGE_TALKING;
    if (read.call.duration_s == DURATION_S)
        return CALL_STAGE_ENDED;
    return read.call.reason_code == CALL_CAUSE_TIMER_EXPIRED ? CALL_STAGE_EXPIRED
                                                             : CALL_STAGE_REFUSED;
}

static int64_t begin(struct fixture *f, enum call_stage stage)
{
    int64_t serial = call_serial_at(NOON);
    struct call_record call = fixture_call(TENANT, serial);
    assert_int_equal(fixture_add(f, &call), OK);
    if (stage == CALL_STAGE_TALKING)
        assert_int_equal(apply(f, serial, CALL_MOVE_ACCEPTED), OK);
    if (stage != CALL_STAGE_INTENT)
        assert_int_equal(apply(f, serial, ways[stage]), OK);
    assert_int_equal(stage_of(f, serial), stage);
    return serial;
}

static void check_move(enum call_stage stage, enum call_move move)
{
    void *state;
    assert_int_equal(fixture_setup(&state), 0);
    struct fixture *f = state;
    int64_t serial = begin(f, stage);
    enum call_stage expected = call_stage_next(stage, move);
    enum status status = apply(f, serial, move);
    enum call_stage found = stage_of(f, serial);
    if (expected == CALL_STAGE_NONE ? status != ERR_NOT_FOUND || found != stage
                                    : status != OK || found != expected)
        fail_msg("%s, %s: %s, %s", call_stage_text(stage), call_move_text(move),
                 status_text(status), call_stage_text(found));
    assert_int_equal(fixture_teardown(&state), 0);
}

static void every_move_at_every_stage_is_the_tables(void **state)
{
    (void)state;
    for (int stage = 0; stage < CALL_STAGE_COUNT; stage++)
        for (int move = 0; move < CALL_MOVE_COUNT; move++)
            check_move(stage, move);
}

/* Also where the table, which knows no outcomes of calls that have ended, has them stay as they
 * are. */
static void an_answer_is_told_once(void **state)
{
    static const enum call_stage ended[] = {CALL_STAGE_EXPIRED, CALL_STAGE_ENDED};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ended); i++) {
        void *fresh;
        assert_int_equal(fixture_setup(&fresh), 0);
        int64_t serial = begin(fresh, ended[i]);
        assert_int_equal(apply(fresh, serial, CALL_MOVE_ACCEPTED), OK);
        assert_int_equal(apply(fresh, serial, CALL_MOVE_REFUSED), ERR_NOT_FOUND);
        assert_int_equal(apply(fresh, serial, CALL_MOVE_UNANSWERED), ERR_NOT_FOUND);
        assert_int_equal(stage_of(fresh, serial), ended[i]);
        assert_int_equal(fixture_teardown(&fresh), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_move_at_every_stage_is_the_tables),
        cmocka_unit_test(an_answer_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
