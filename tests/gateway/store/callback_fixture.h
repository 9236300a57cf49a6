#ifndef TESTS_GATEWAY_STORE_CALLBACK_FIXTURE_H
#define TESTS_GATEWAY_STORE_CALLBACK_FIXTURE_H

/* Calls that owe callbacks, for the tests of the outbox. */

#include "gateway/store/store_callbacks.h"
#include "ita/cdr.h"
#include "tests/gateway/store/store_fixture.h"

enum { TENANT = 1, OTHER_TENANT = 2, LIFETIME_MS = 2 * 3600 * 1000 };

static const unsigned BOTH = CALLBACK_WANTS_CONNECTION | CALLBACK_WANTS_HANGUP;

static inline int64_t serial_at(int64_t ms_after_noon)
{
    return call_serial_at(NOON + ms_after_noon);
}

/* --- What happens to calls --- */

static inline void place(struct fixture *f, int64_t tenant_id, int64_t serial, struct str url)
{
    struct store_add_call add = {.call = fixture_call(tenant_id, serial), .callback_url = url};
    assert_status(RUN(f, store_add_call, &add), OK);
}

static inline void settle(struct fixture *f, int64_t serial, enum call_outcome outcome)
{
    assert_status(fixture_set_outcome(f, TENANT, serial, outcome, STR("id")), OK);
}

static inline struct store_owed push(struct fixture *f, int64_t tenant_id, int64_t serial,
                                     unsigned callbacks, bool is_answered, struct str body)
{
    struct ita_cdr cdr = {.caller_answer_ms = NOON + 2000,
                          .called_answer_ms = is_answered ? NOON + 5000 : 0,
                          .finish_ms = NOON + 35000,
                          .duration_s = is_answered ? 30 : 0,
                          .release_cause = is_answered ? 16 : 19};
    struct store_add_cdr add = {
        .cdr = &cdr,
        .body = body,
        .tenant_ids = &tenant_id,
        .tenant_count = 1,
        .callbacks = &callbacks,
        .remark_tenant_id = tenant_id,
        .remark_serial = serial,
        .received_ms = NOON + 36500,
        .call_lifetime_ms = LIFETIME_MS,
    };
    assert_status(RUN(f, store_add_cdr, &add), OK);
    return add.owed;
}

/* A call of the tenant that has begun and ended. */
static inline struct store_owed end(struct fixture *f, int64_t serial, unsigned callbacks,
                                    bool is_answered)
{
    place(f, TENANT, serial, (struct str){0});
    return push(f, TENANT, serial, callbacks, is_answered, STR("{}"));
}

static inline struct store_owed end_try(struct fixture *f, int64_t serial, int64_t number,
                                        enum callback_failure failure, int64_t next_ms)
{
    struct store_end_try op = {.key = {TENANT, serial, number},
                               .result = {.failure = failure, .detail = "why"},
                               .at_ms = NOON + 40000,
                               .took_ms = 7,
                               .next_ms = next_ms};
    assert_status(RUN(f, store_end_try, &op), OK);
    return op.owed;
}

#endif
