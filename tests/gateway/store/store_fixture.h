#ifndef TESTS_GATEWAY_STORE_FIXTURE_H
#define TESTS_GATEWAY_STORE_FIXTURE_H

/* A store on a real file in a folder of its own, and a loop to wait on. Include after cmocka.h. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "gateway/store/store.h"

static const uint8_t MASTER_KEY[32] = "master key of tests, obviously..";

struct fixture {
    uv_loop_t loop;
    struct store *store;
    char folder[64];
    char path[96];
    int changes; /* how often on_tenants_changed ran */
    bool is_closed;
};

static int ops_done;

static inline void on_op_done(struct store_op *op)
{
    (void)op;
    ops_done++;
}

static inline void on_store_closed(void *data)
{
    ((struct fixture *)data)->is_closed = true;
}

static inline void on_store_changed(void *data)
{
    ((struct fixture *)data)->changes++;
}

static inline enum status fixture_try_open(struct fixture *f, const uint8_t *key,
                                           struct store **store, struct fault *fault)
{
    struct store_options options = {f->path, key, on_store_changed, f};
    return store_open(&f->loop, &options, store, fault);
}

static inline void fixture_open(struct fixture *f)
{
    struct fault fault = {""};
    if (fixture_try_open(f, MASTER_KEY, &f->store, &fault) != OK)
        fail_msg("%s", fault.text);
}

static inline void fixture_close(struct fixture *f)
{
    f->is_closed = false;
    store_close(f->store, on_store_closed, f);
    while (!f->is_closed)
        uv_run(&f->loop, UV_RUN_ONCE);
    f->store = NULL;
}

static inline void fixture_make_folder(struct fixture *f)
{
    const char *base = getenv("TMPDIR");
    snprintf(f->folder, sizeof(f->folder), "%s/test_store.XXXXXX",
             base != NULL && strlen(base) < 40 ? base : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof(f->path), "%s/store.db", f->folder);
}

static inline void fixture_remove_folder(struct fixture *f)
{
    static const char *const names[] = {"store.db",      "store.db-wal", "store.db-shm",
                                        "store.db.lock", "master.key",   "config",
                                        "secret",        "file"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(f->folder), 0);
}

/* For cmocka_unit_test_setup_teardown. */
static inline int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    fixture_make_folder(f);
    fixture_open(f);
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    if (f->store != NULL)
        fixture_close(f);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    fixture_remove_folder(f);
    free(f);
    return 0;
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* Waits until that many operations in all have completed since the last reset of ops_done. */
static inline void fixture_wait(struct fixture *f, int count)
{
    while (ops_done < count)
        uv_run(&f->loop, UV_RUN_ONCE);
}

/* RUN(f, store_add_call, &op): queues, waits, gives the status. */
#define RUN(f, queue, operation)                                                                   \
    (ops_done = 0, (operation)->op.on_done = on_op_done, queue((f)->store, operation),             \
     fixture_wait(f, 1), (operation)->op.status)

/* 2026-11-22T12:00:00Z */
#define NOON INT64_C(1795348800000)

static inline struct call_record fixture_call(int64_t tenant_id, int64_t serial)
{
    return (struct call_record){
        .serial = serial,
        .tenant_id = tenant_id,
        .type = CALL_TYPE_ITA,
        .agent_work_no = -1,
        .caller = STR("13800000001"),
        .called = STR("13900000002"),
        .created_ms = call_serial_ms(serial),
        .duration_s = -1,
        .reason_code = -1,
    };
}

static inline enum status fixture_add(struct fixture *f, const struct call_record *call)
{
    struct store_add_call add = {.call = *call};
    return RUN(f, store_add_call, &add);
}

static inline enum status fixture_set_outcome(struct fixture *f, int64_t tenant_id, int64_t serial,
                                              enum call_outcome outcome, struct str call_id)
{
    struct store_set_outcome set = {.tenant_id = tenant_id,
                                    .serial = serial,
                                    .outcome = outcome,
                                    .code = STR("0"),
                                    .call_id = call_id,
                                    .outcome_ms = call_serial_ms(serial) + 100};
    return RUN(f, store_set_outcome, &set);
}

#endif
