/* Calls that an AICC carries: what it tells of them when it is asked. */

#include "base/mem.h"
#include "gateway/model/call_state.h"
#include "gateway/model/callback_url.h"
#include "gateway/store/store_engine.h"

/* Where the call stands, as far as it matters here: all stages from which the AICC's word moves
 * nothing are one. */
static enum status read_stage(struct store_connection *connection, int64_t tenant_id,
                              int64_t serial, enum call_stage *stage)
{
    sqlite3_stmt *get = store_statement(connection, SQL_CALL_IS_TALKING);
    enum call_outcome outcome = CALL_OUTCOME_NONE;
    bool has_row;
    *stage = CALL_STAGE_ENDED;
    store_bind_i64(get, 1, serial);
    store_bind_i64(get, 2, tenant_id);
    enum status status = store_next_row(get, &has_row);
    if (status != OK || !has_row)
        return status;
    bool is_talking = sqlite3_column_int(get, 0) != 0;
    store_reset(get);
    status = store_read_outcome(connection, tenant_id, serial, &outcome, NULL);
    if (outcome == CALL_OUTCOME_ACCEPTED)
        *stage = is_talking ? CALL_STAGE_TALKING : CALL_STAGE_ACCEPTED;
    return status;
}

static enum status run_set_talking(struct store_connection *connection, struct store_op *op)
{
    struct store_set_talking *set = CONTAINER_OF(op, struct store_set_talking, op);
    sqlite3_stmt *update = store_statement(connection, SQL_CALL_SET_TALKING);
    enum call_stage stage;
    set->owed.count = 0;
    enum status status = read_stage(connection, set->tenant_id, set->serial, &stage);
    set->is_moved = status == OK && call_stage_next(stage, CALL_MOVE_TALKS) != stage;
    if (!set->is_moved)
        return status;
    store_bind_i64(update, 1, set->serial);
    store_bind_i64(update, 2, set->tenant_id);
    store_bind_i64(update, 3, set->since_ms);
    status = store_run(update);
    const struct store_end connected = {.tenant_id = set->tenant_id,
                                        .serial = set->serial,
                                        .now_ms = set->since_ms,
                                        .callbacks = set->callbacks & CALLBACK_WANTS_CONNECTION,
                                        .is_called_answered = true};
    return status == OK ? store_owe_callbacks(connection, &connected, &set->owed) : status;
}

void store_set_talking(struct store *store, struct store_set_talking *op)
{
    store_queue_write(store, &op->op, run_set_talking);
}

/* The call's own row has the AICC's serial, and there is no CDR. */
static enum status add_end(struct store_connection *connection, const struct store_end_call *call)
{
    sqlite3_stmt *end = store_statement(connection, SQL_CALL_END_BY_AICC);
    const int64_t times[] = {
        call->start_ms,         call->caller_alerting_ms, call->called_alerting_ms,
        call->caller_answer_ms, call->called_answer_ms,   call->finish_ms,
        call->ended_ms};
    const int64_t numbers[] = {call->duration_s, call->reason_code};
    int at = 1;
    store_bind_i64(end, at++, call->serial);
    store_bind_str(end, at++, call->tel_x);
    store_bind_str(end, at++, call->called_display);
    for (size_t i = 0; i < COUNT_OF(times); i++)
        store_bind_i64_unless(end, at++, times[i], 0);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        store_bind_i64_unless(end, at++, numbers[i], -1);
    return store_run(end);
}

static enum status run_end_call(struct store_connection *connection, struct store_op *op)
{
    struct store_end_call *call = CONTAINER_OF(op, struct store_end_call, op);
    char storage[CALLBACK_URL_MAX];
    struct buf url;
    enum call_stage stage;
    enum status status;
    buf_init_fixed(&url, storage, sizeof(storage));
    call->owed.count = 0;
    TRY(read_stage(connection, call->tenant_id, call->serial, &stage));
    call->is_moved = call_stage_next(stage, CALL_MOVE_ENDS) != stage;
    if (!call->is_moved)
        goto out;
    TRY(store_unset_live(connection, call->tenant_id, call->serial, &url));
    TRY(add_end(connection, call));
    /* While they talked, the connection callback was owed. */
    const struct store_end end = {
        .tenant_id = call->tenant_id,
        .serial = call->serial,
        .now_ms = call->ended_ms,
        .callbacks = call->callbacks,
        .is_called_answered = call->called_answer_ms != 0 && stage != CALL_STAGE_TALKING,
        .callback_url = buf_str(&url),
    };
    status = store_owe_callbacks(connection, &end, &call->owed);
out:
    return status;
}

void store_end_call(struct store *store, struct store_end_call *op)
{
    store_queue_write(store, &op->op, run_end_call);
}
