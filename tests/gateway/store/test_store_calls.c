/* Calls and CDRs: what is written is what is read, and a CDR ends the right call or none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ita/cdr.h"
#include "tests/gateway/store/store_fixture.h"

enum { TENANT = 1, OTHER_TENANT = 2, LIFETIME_MS = 2 * 3600 * 1000 };

static const int64_t TENANT_IDS[] = {TENANT};
static const int64_t OTHER_IDS[] = {OTHER_TENANT};

static int64_t serial_at(int64_t ms_after_noon)
{
    return call_serial_at(NOON + ms_after_noon);
}

static void add_call(struct fixture *f, int64_t tenant_id, int64_t serial)
{
    struct call_record call = fixture_call(tenant_id, serial);
    assert_int_equal(fixture_add(f, &call), OK);
}

static void accept_call(struct fixture *f, int64_t serial, struct str call_id)
{
    assert_int_equal(fixture_set_outcome(f, TENANT, serial, CALL_OUTCOME_ACCEPTED, call_id), OK);
}

static struct ita_cdr cdr_of(struct str call_id)
{
    return (struct ita_cdr){
        .call_id = call_id,
        .tel_a = STR("13800000001"),
        .tel_b = STR("13900000002"),
        .tel_x = STR("057100000003"),
        .called_display = STR("057100000003"),
        .start_ms = NOON + 1000,
        .caller_answer_ms = NOON + 2000,
        .called_answer_ms = NOON + 5000,
        .finish_ms = NOON + 35000,
        .duration_s = 30,
        .release_cause = 16,
    };
}

static const struct trace TRACE = {{0xAB, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 1};

static void assert_trace(const struct trace *trace, const struct trace *expected)
{
    assert_memory_equal(trace, expected, sizeof(*trace));
}

/* A push by the tenant's own key; remark names the serial unless it is 0. */
static struct store_add_cdr push_of(const struct ita_cdr *cdr, int64_t serial, struct str body)
{
    return (struct store_add_cdr){
        .cdr = cdr,
        .body = body,
        .tenant_ids = TENANT_IDS,
        .tenant_count = 1,
        .remark_tenant_id = TENANT,
        .remark_serial = serial,
        .access_key = STR("test-access-key"),
        .mac = {1, 2, 3},
        .date_ms = NOON + 36000,
        .received_ms = NOON + 36500,
        .call_lifetime_ms = LIFETIME_MS,
    };
}

static enum cdr_match push(struct fixture *f, struct store_add_cdr *add)
{
    assert_int_equal(RUN(f, store_add_cdr, add), OK);
    return add->match;
}

static enum cdr_match push_simple(struct fixture *f, int64_t serial, struct str call_id,
                                  struct str body)
{
    struct ita_cdr cdr = cdr_of(call_id);
    struct store_add_cdr add = push_of(&cdr, serial, body);
    enum cdr_match match = push(f, &add);
    if (match == CDR_UNMATCHED)
        assert_int_equal(add.serial, 0);
    return match;
}

/* Reads the call, gives its state. */
static enum call_state state_of(struct fixture *f, int64_t tenant_id, int64_t serial)
{
    struct store_read_call read = {.tenant_id = tenant_id, .serial = serial};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    return read.call.state;
}

static struct call_record seen; /* text is good only within the callback that fills it */

static void on_read_compared(struct store_op *op)
{
    struct store_read_call *read = CONTAINER_OF(op, struct store_read_call, op);
    seen = read->call;
    assert_true(str_is(seen.caller, STR("13800000001")));
    assert_true(str_is(seen.called, STR("13900000002")));
    assert_true(str_is(seen.call_data, STR("\xE8\xAE\xA2\xE5\x8D\x95 7")));
    assert_true(str_is(seen.tel_x, STR("057100000003")));
    assert_true(str_is(seen.call_id, STR("id-1")));
    assert_true(str_is(seen.code, STR("0")));
    assert_true(str_is(seen.called_display, STR("057100000009")));
    ops_done++;
}

/* --- Calls --- */

static void reads_back_every_field(void **state)
{
    struct fixture *f = *state;
    struct call_record call = fixture_call(TENANT, serial_at(0));
    call.agent_work_no = 1001;
    call.call_data = STR("\xE8\xAE\xA2\xE5\x8D\x95 7");
    call.tel_x = STR("057100000003");
    call.is_x_claimed = true;
    call.trace = TRACE;
    assert_int_equal(fixture_add(f, &call), OK);
    struct store_set_outcome outcome = {.tenant_id = TENANT,
                                        .serial = call.serial,
                                        .outcome = CALL_OUTCOME_ACCEPTED,
                                        .code = STR("0"),
                                        .call_id = STR("id-1"),
                                        .outcome_ms = NOON + 1};
    assert_int_equal(RUN(f, store_set_outcome, &outcome), OK);
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    cdr.called_display = STR("057100000009");
    cdr.start_ms = NOON + 2;
    cdr.caller_answer_ms = NOON + 3;
    cdr.called_answer_ms = NOON + 4;
    cdr.finish_ms = NOON + 5;
    cdr.duration_s = 0;
    cdr.release_cause = 0;
    struct store_add_cdr add = push_of(&cdr, call.serial, STR("{1}"));
    add.received_ms = NOON + 6;
    assert_int_equal(push(f, &add), CDR_MATCHED);
    struct store_read_call read = {
        .op.on_done = on_read_compared, .tenant_id = TENANT, .serial = call.serial};
    ops_done = 0;
    store_read_call(f->store, &read);
    fixture_wait(f, 1);
    assert_int_equal(seen.serial, call.serial);
    assert_int_equal(seen.type, CALL_TYPE_ITA);
    assert_int_equal(seen.state, CALL_ENDED);
    assert_int_equal(seen.outcome, CALL_OUTCOME_ACCEPTED);
    assert_int_equal(seen.agent_work_no, 1001);
    assert_true(seen.is_x_claimed);
    assert_int_equal(seen.created_ms, NOON);
    assert_int_equal(seen.outcome_ms, NOON + 1);
    assert_int_equal(seen.start_ms, NOON + 2);
    assert_int_equal(seen.caller_answer_ms, NOON + 3);
    assert_int_equal(seen.called_answer_ms, NOON + 4);
    assert_int_equal(seen.finish_ms, NOON + 5);
    assert_int_equal(seen.ended_ms, NOON + 6);
    assert_int_equal(seen.duration_s, 0);
    assert_int_equal(seen.reason_code, 0);
    assert_trace(&seen.trace, &TRACE);
}

static void reads_absent_fields_as_absent(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial_at(0)};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.state, CALL_WAITING);
    assert_int_equal(read.call.outcome, CALL_OUTCOME_NONE);
    assert_int_equal(read.call.agent_work_no, -1);
    assert_int_equal(read.call.duration_s, -1);
    assert_int_equal(read.call.reason_code, -1);
    assert_int_equal(read.call.ended_ms, 0);
    assert_int_equal(read.call.call_id.len, 0);
    assert_int_equal(read.call.tel_x.len, 0);
    assert_false(trace_is_given(&read.call.trace));
}

static void a_call_is_read_by_its_own_tenant_only(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    struct store_read_call read = {.tenant_id = OTHER_TENANT, .serial = serial_at(0)};
    assert_int_equal(RUN(f, store_read_call, &read), ERR_NOT_FOUND);
}

static void outcomes_move_the_state(void **state)
{
    struct fixture *f = *state;
    static const struct {
        enum call_outcome outcome;
        enum call_state state;
    } cases[] = {{CALL_OUTCOME_ACCEPTED, CALL_CALLING},
                 {CALL_OUTCOME_UNKNOWN, CALL_CALLING},
                 {CALL_OUTCOME_REFUSED, CALL_ENDED}};
    for (int i = 0; i < 3; i++) {
        int64_t serial = serial_at(i);
        add_call(f, TENANT, serial);
        assert_int_equal(fixture_set_outcome(f, TENANT, serial, cases[i].outcome, STR("id")), OK);
        struct store_read_call read = {.tenant_id = TENANT, .serial = serial};
        assert_int_equal(RUN(f, store_read_call, &read), OK);
        assert_int_equal(read.call.state, cases[i].state);
        assert_int_equal(read.call.outcome, cases[i].outcome);
        assert_int_equal(read.call.ended_ms, cases[i].state == CALL_ENDED ? NOON + i + 100 : 0);
    }
}

static void an_outcome_of_no_call_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_set_outcome(f, TENANT, serial_at(0), CALL_OUTCOME_ACCEPTED, STR("id")),
                     ERR_NOT_FOUND);
}

/* Log lines of what happens to a call without a request of its own say its trace. */
static void who_ends_a_call_learns_its_trace(void **state)
{
    struct fixture *f = *state;
    struct call_record first = fixture_call(TENANT, serial_at(0));
    struct call_record second = fixture_call(TENANT, serial_at(1));
    first.trace = second.trace = TRACE;
    assert_int_equal(fixture_add(f, &first), OK);
    assert_int_equal(fixture_add(f, &second), OK);
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    struct store_add_cdr add = push_of(&cdr, first.serial, STR("{1}"));
    assert_int_equal(push(f, &add), CDR_MATCHED);
    assert_trace(&add.trace, &TRACE);
    cdr = cdr_of(STR("id-7"));
    cdr.tel_a = STR("13800000009");
    add = push_of(&cdr, 0, STR("{2}"));
    add.trace = TRACE;
    assert_int_equal(push(f, &add), CDR_UNMATCHED);
    assert_false(trace_is_given(&add.trace));
    struct store_expire_call expire = {
        .tenant_id = TENANT, .serial = second.serial, .now_ms = NOON + 7200000};
    assert_int_equal(RUN(f, store_expire_call, &expire), OK);
    assert_trace(&expire.trace, &TRACE);
}

static void expiry_ends_a_live_call_only(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    struct store_expire_call expire = {
        .tenant_id = TENANT, .serial = serial_at(0), .now_ms = NOON + 7200000};
    assert_int_equal(RUN(f, store_expire_call, &expire), OK);
    assert_true(expire.was_live);
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial_at(0)};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.state, CALL_ENDED);
    assert_int_equal(read.call.outcome, CALL_OUTCOME_UNKNOWN);
    assert_int_equal(read.call.reason_code, 102);
    expire.now_ms++;
    assert_int_equal(RUN(f, store_expire_call, &expire), OK);
    assert_false(expire.was_live);
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.ended_ms, NOON + 7200000);
}

/* --- CDRs --- */

static void a_cdr_ends_the_call_that_its_remark_names(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    accept_call(f, serial_at(0), STR("id-1"));
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    struct store_add_cdr add = push_of(&cdr, serial_at(0), STR("{1}"));
    assert_int_equal(push(f, &add), CDR_MATCHED);
    assert_int_equal(add.tenant_id, TENANT);
    assert_int_equal(add.serial, serial_at(0));
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial_at(0)};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.state, CALL_ENDED);
    assert_int_equal(read.call.start_ms, NOON + 1000);
    assert_int_equal(read.call.caller_answer_ms, NOON + 2000);
    assert_int_equal(read.call.called_answer_ms, NOON + 5000);
    assert_int_equal(read.call.finish_ms, NOON + 35000);
    assert_int_equal(read.call.ended_ms, NOON + 36500);
    assert_int_equal(read.call.duration_s, 30);
    assert_int_equal(read.call.reason_code, 16);
}

static void on_read_after_early_cdr(struct store_op *op)
{
    struct store_read_call *read = CONTAINER_OF(op, struct store_read_call, op);
    assert_int_equal(read->call.state, CALL_ENDED);
    assert_int_equal(read->call.outcome, CALL_OUTCOME_ACCEPTED);
    assert_int_equal(read->call.ended_ms, NOON + 36500);
    assert_true(str_is(read->call.call_id, STR("id-of-cdr")));
    assert_true(str_is(read->call.tel_x, STR("057100000003")));
    assert_true(str_is(read->call.code, STR("0")));
    ops_done++;
}

static void an_outcome_after_the_cdr_adds_but_never_reopens(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    assert_int_equal(push_simple(f, serial_at(0), STR("id-of-cdr"), STR("{1}")), CDR_MATCHED);
    accept_call(f, serial_at(0), STR("id-of-answer"));
    struct store_read_call read = {
        .op.on_done = on_read_after_early_cdr, .tenant_id = TENANT, .serial = serial_at(0)};
    ops_done = 0;
    store_read_call(f->store, &read);
    fixture_wait(f, 1);
}

static void a_refusal_after_the_cdr_keeps_the_time_of_the_end(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    assert_int_equal(push_simple(f, serial_at(0), STR("id-1"), STR("{1}")), CDR_MATCHED);
    assert_int_equal(fixture_set_outcome(f, TENANT, serial_at(0), CALL_OUTCOME_REFUSED, STR("")),
                     OK);
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial_at(0)};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.ended_ms, NOON + 36500);
    assert_int_equal(read.call.reason_code, 16);
}

static void the_same_cdr_again_changes_nothing(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    assert_int_equal(push_simple(f, serial_at(0), STR("id-1"), STR("{1}")), CDR_MATCHED);
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    struct store_add_cdr again = push_of(&cdr, serial_at(0), STR("{1}"));
    again.received_ms += 5000;
    assert_int_equal(push(f, &again), CDR_REPEATED);
    assert_int_equal(again.serial, serial_at(0));
}

static void a_later_cdr_leaves_the_call_as_it_ended(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    assert_int_equal(push_simple(f, serial_at(0), STR("id-1"), STR("{1}")), CDR_MATCHED);
    struct ita_cdr other = cdr_of(STR("id-1"));
    other.duration_s = 999;
    other.release_cause = 17;
    struct store_add_cdr add = push_of(&other, serial_at(0), STR("{2}"));
    assert_int_equal(push(f, &add), CDR_LATER);
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial_at(0)};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.duration_s, 30);
    assert_int_equal(read.call.reason_code, 16);
    /* Both are known from now on. */
    assert_int_equal(push_simple(f, serial_at(0), STR("id-1"), STR("{1}")), CDR_REPEATED);
    assert_int_equal(push_simple(f, serial_at(0), STR("id-1"), STR("{2}")), CDR_REPEATED);
}

static void an_intent_without_outcome_is_unknown_after_a_restart(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    add_call(f, TENANT, serial_at(1));
    accept_call(f, serial_at(1), STR("id-1"));
    fixture_close(f);
    fixture_open(f);
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial_at(0)};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.outcome, CALL_OUTCOME_UNKNOWN);
    assert_int_equal(read.call.state, CALL_CALLING);
    read = (struct store_read_call){.tenant_id = TENANT, .serial = serial_at(1)};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.outcome, CALL_OUTCOME_ACCEPTED);
}

static void the_first_cdr_after_expiry_tells_how_the_call_ended(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    struct store_expire_call expire = {
        .tenant_id = TENANT, .serial = serial_at(0), .now_ms = NOON + 30000};
    assert_int_equal(RUN(f, store_expire_call, &expire), OK);
    assert_int_equal(push_simple(f, serial_at(0), STR("id-1"), STR("{1}")), CDR_MATCHED);
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial_at(0)};
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.duration_s, 30);
    assert_int_equal(read.call.reason_code, 16);
    assert_int_equal(push_simple(f, serial_at(0), STR("id-1"), STR("{1}")), CDR_REPEATED);
    assert_int_equal(push_simple(f, serial_at(0), STR("id-1"), STR("{2}")), CDR_LATER);
}

static void a_remark_with_other_numbers_matches_nothing(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    accept_call(f, serial_at(0), STR("id-1"));
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    cdr.tel_b = STR("13900000099");
    struct store_add_cdr add = push_of(&cdr, serial_at(0), STR("{1}"));
    assert_int_equal(push(f, &add), CDR_UNMATCHED);
    assert_int_equal(state_of(f, TENANT, serial_at(0)), CALL_CALLING);
}

static void a_remark_with_rewritten_or_masked_numbers_matches(void **state)
{
    struct fixture *f = *state;
    static const struct str forms[] = {
        {"+8613900000002", 14}, {"013900000002", 12}, {"139****0002", 11}, {"", 0}};
    for (int i = 0; i < 4; i++) {
        char body[] = {'{', (char)('a' + i), '}'};
        add_call(f, TENANT, serial_at(i));
        struct ita_cdr cdr = cdr_of(STR("id-1"));
        cdr.tel_b = forms[i];
        struct store_add_cdr add = push_of(&cdr, serial_at(i), str_from(body, 3));
        assert_int_equal(push(f, &add), CDR_MATCHED);
    }
}

static void another_tenants_key_ends_no_call(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    accept_call(f, serial_at(0), STR("id-1"));
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    struct store_add_cdr add = push_of(&cdr, serial_at(0), STR("{1}"));
    add.tenant_ids = OTHER_IDS;
    assert_int_equal(push(f, &add), CDR_UNMATCHED);
    add.remark_tenant_id = 0;
    add.remark_serial = 0;
    add.body = STR("{2}");
    assert_int_equal(push(f, &add), CDR_UNMATCHED);
    assert_int_equal(state_of(f, TENANT, serial_at(0)), CALL_CALLING);
}

static void without_a_serial_the_call_id_finds_the_call(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++)
        add_call(f, TENANT, serial_at(i));
    accept_call(f, serial_at(0), STR("id-0"));
    accept_call(f, serial_at(1), STR("id-1"));
    accept_call(f, serial_at(2), STR("id-2"));
    assert_int_equal(push_simple(f, 0, STR("id-1"), STR("{1}")), CDR_MATCHED);
    assert_int_equal(state_of(f, TENANT, serial_at(0)), CALL_CALLING);
    assert_int_equal(state_of(f, TENANT, serial_at(1)), CALL_ENDED);
    assert_int_equal(state_of(f, TENANT, serial_at(2)), CALL_CALLING);
    /* Also once the call has ended, and though a live one has the same numbers. */
    assert_int_equal(push_simple(f, 0, STR("id-1"), STR("{1}")), CDR_REPEATED);
    assert_int_equal(push_simple(f, 0, STR("id-1"), STR("{9}")), CDR_LATER);
}

static void two_calls_with_one_call_id_match_nothing(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        add_call(f, TENANT, serial_at(i));
        accept_call(f, serial_at(i), STR("id-1"));
    }
    assert_int_equal(push_simple(f, 0, STR("id-1"), STR("{1}")), CDR_UNMATCHED);
    assert_int_equal(push_simple(f, 0, STR("id-1"), STR("{1}")), CDR_REPEATED);
}

static void an_unknown_outcome_is_found_by_its_numbers(void **state)
{
    struct fixture *f = *state;
    add_call(f, TENANT, serial_at(0));
    assert_int_equal(fixture_set_outcome(f, TENANT, serial_at(0), CALL_OUTCOME_UNKNOWN, STR("")),
                     OK);
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    cdr.tel_a = STR("+8613800000001");
    struct store_add_cdr add = push_of(&cdr, 0, STR("{1}"));
    assert_int_equal(push(f, &add), CDR_MATCHED);
    assert_int_equal(add.serial, serial_at(0));
    /* From now on its callID finds it, though a new call of the pair is live. */
    add_call(f, TENANT, serial_at(1));
    assert_int_equal(push_simple(f, 0, STR("id-1"), STR("{2}")), CDR_LATER);
}

static void numbers_alone_never_match_what_is_doubtful(void **state)
{
    struct fixture *f = *state;
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    struct store_add_cdr add = push_of(&cdr, 0, STR("{1}"));
    struct call_record call = fixture_call(TENANT, serial_at(0));
    call.tel_x = STR("057100000008"); /* another X */
    assert_int_equal(fixture_add(f, &call), OK);
    assert_int_equal(push(f, &add), CDR_UNMATCHED);

    add_call(f, TENANT, serial_at(1));
    accept_call(f, serial_at(1), STR("id-of-another")); /* another callID */
    add.body = STR("{2}");
    assert_int_equal(push(f, &add), CDR_UNMATCHED);

    add_call(f, TENANT, serial_at(200000)); /* placed after the CDR's end */
    add.body = STR("{3}");
    assert_int_equal(push(f, &add), CDR_UNMATCHED);

    add_call(f, TENANT, serial_at(-LIFETIME_MS)); /* too old */
    add.body = STR("{4}");
    assert_int_equal(push(f, &add), CDR_UNMATCHED);

    add_call(f, TENANT, serial_at(3));
    add_call(f, TENANT, serial_at(4)); /* two fit */
    add.body = STR("{5}");
    assert_int_equal(push(f, &add), CDR_UNMATCHED);
}

static int signatures;

static void on_signature(void *data, struct str access_key, const uint8_t mac[static 32],
                         int64_t date_ms)
{
    (void)data;
    assert_true(str_is(access_key, STR("test-access-key")));
    assert_int_equal(mac[2], 3);
    assert_int_equal(date_ms, NOON + 2000 + signatures * 1000); /* oldest first */
    signatures++;
}

static void loads_the_signatures_received_since(void **state)
{
    struct fixture *f = *state;
    struct ita_cdr cdr = cdr_of(STR("id-1"));
    for (int i = 0; i < 5; i++) {
        char body[] = {'{', (char)('0' + i), '}'};
        struct store_add_cdr add = push_of(&cdr, 0, str_from(body, 3));
        add.received_ms = add.date_ms = NOON + i * 1000;
        assert_int_equal(push(f, &add), CDR_UNMATCHED);
    }
    fixture_close(f);
    fixture_open(f);
    int64_t last_ms = 0;
    assert_int_equal(store_load_last_received(f->store, &last_ms, NULL), OK);
    assert_int_equal(last_ms, NOON + 4000);
    signatures = 0;
    assert_int_equal(store_load_signatures(f->store, NOON + 2000, on_signature, NULL, NULL), OK);
    assert_int_equal(signatures, 3);
}

/* --- What is known at start --- */

static int64_t live[8];
static int live_count;

static void on_live_call(void *data, const struct call_record *call)
{
    (void)data;
    assert_true(str_is(call->called, STR("13900000002")));
    live[live_count++] = call->serial;
}

static void loads_live_calls_oldest_first_and_the_last_serial(void **state)
{
    struct fixture *f = *state;
    int64_t last = -1;
    assert_int_equal(store_load_last_serial(f->store, &last, NULL), OK);
    assert_int_equal(last, 0);
    add_call(f, OTHER_TENANT, serial_at(1));
    for (int i = 0; i < 5; i++)
        if (i != 1)
            add_call(f, TENANT, serial_at(i));
    assert_int_equal(push_simple(f, serial_at(2), STR("id-1"), STR("{1}")), CDR_MATCHED);
    assert_int_equal(fixture_set_outcome(f, TENANT, serial_at(3), CALL_OUTCOME_REFUSED, STR("")),
                     OK);
    accept_call(f, serial_at(4), STR("id-4"));
    fixture_close(f);
    fixture_open(f);
    live_count = 0;
    assert_int_equal(store_load_live_calls(f->store, on_live_call, NULL, NULL), OK);
    assert_int_equal(live_count, 3);
    assert_int_equal(live[0], serial_at(0));
    assert_int_equal(live[1], serial_at(1));
    assert_int_equal(live[2], serial_at(4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(reads_back_every_field),
        STORE_TEST(reads_absent_fields_as_absent),
        STORE_TEST(a_call_is_read_by_its_own_tenant_only),
        STORE_TEST(outcomes_move_the_state),
        STORE_TEST(an_outcome_of_no_call_is_refused),
        STORE_TEST(who_ends_a_call_learns_its_trace),
        STORE_TEST(expiry_ends_a_live_call_only),
        STORE_TEST(a_cdr_ends_the_call_that_its_remark_names),
        STORE_TEST(an_outcome_after_the_cdr_adds_but_never_reopens),
        STORE_TEST(a_refusal_after_the_cdr_keeps_the_time_of_the_end),
        STORE_TEST(the_same_cdr_again_changes_nothing),
        STORE_TEST(a_later_cdr_leaves_the_call_as_it_ended),
        STORE_TEST(an_intent_without_outcome_is_unknown_after_a_restart),
        STORE_TEST(the_first_cdr_after_expiry_tells_how_the_call_ended),
        STORE_TEST(a_remark_with_other_numbers_matches_nothing),
        STORE_TEST(a_remark_with_rewritten_or_masked_numbers_matches),
        STORE_TEST(another_tenants_key_ends_no_call),
        STORE_TEST(without_a_serial_the_call_id_finds_the_call),
        STORE_TEST(two_calls_with_one_call_id_match_nothing),
        STORE_TEST(an_unknown_outcome_is_found_by_its_numbers),
        STORE_TEST(numbers_alone_never_match_what_is_doubtful),
        STORE_TEST(loads_the_signatures_received_since),
        STORE_TEST(loads_live_calls_oldest_first_and_the_last_serial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
