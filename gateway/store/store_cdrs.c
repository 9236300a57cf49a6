/* CDRs: matched to their call and kept (ita-api.md, Matching a CDR to its call).
 *
 * A wrong match tells an agent of a call that is still going on that it is over, so that doubt is
 * always "unmatched":
 * 1. The serial in remark names the call, unless the CDR's numbers contradict it.
 * 2. Else the one call with that callID: among the live ones, then among the newest RECENT_MAX of
 *    the time a call can have lived. Calls older than these have no index by callID, which would
 *    cost every call to serve what only a late repetition without serial needs.
 * 3. Else, when remark names no serial, the one live call of the same two numbers whose X and
 * callID are not others and which was not placed after the CDR's end. Only calls of the tenants
 * whose key signed the push are looked at. */

#include "base/mem.h"
#include "gateway/model/call_state.h"
#include "gateway/model/callback_url.h"
#include "gateway/store/store_engine.h"
#include "gateway/store/store_number.h"
#include "ita/cdr.h"

enum {
    RECENT_MAX = 5000, /* rows looked through in 2 to 3 ms */
    /* How far the ITA's clock may be behind ours. */
    CLOCK_DIFFERENCE_MS = 60 * 1000,
    /* CDRs of one call that are compared with a new one; nobody sends that many. */
    COMPARED_MAX = 100,
};

/* The call that a CDR may belong to. */
struct candidate {
    int64_t tenant_id, serial;
    bool is_x_claimed, has_tel_x, has_call_id; /* has_call_id: it is the CDR's, too */
    bool has_other_name;                       /* callID or X */
    struct trace trace;
    size_t count; /* how many calls fitted; the fields are the last one's */
    /* of the one that is taken: see read_stage() */
    enum call_stage stage;
    int64_t last_cdr_id;
};

struct match {
    struct store_connection *connection;
    struct store_add_cdr *add;
    struct candidate found;
    enum cdr_reason reason;  /* when it is unmatched */
    struct buf callback_url; /* given with the call that is taken: see read_stage() */
};

static void match_init(struct match *match, struct store_connection *connection,
                       struct store_add_cdr *add)
{
    *match = (struct match){.connection = connection, .add = add};
    buf_init(&match->callback_url, CALLBACK_URL_MAX);
    add->owed.count = 0;
}

static void match_finish(struct match *match)
{
    buf_finish(&match->callback_url);
}

static bool differs(struct str told, struct str known)
{
    return told.len > 0 && known.len > 0 && !str_is(told, known);
}

/* A row of MATCH_COLUMNS. */
static void take_candidate(struct match *match, sqlite3_stmt *row)
{
    struct candidate *found = &match->found;
    found->tenant_id = sqlite3_column_int64(row, 0);
    found->serial = sqlite3_column_int64(row, 1);
    found->is_x_claimed = sqlite3_column_int(row, 2) != 0;
    found->has_tel_x = sqlite3_column_type(row, 3) != SQLITE_NULL;
    found->has_call_id = str_is(store_column_str(row, 4), match->add->cdr->call_id);
    found->has_other_name =
        differs(match->add->cdr->call_id, store_column_str(row, 4)) ||
        store_number_contradicts(match->add->cdr->tel_x, store_column_str(row, 3));
    found->trace = store_column_trace(row, 9);
    found->count++;
}

static bool is_contradicted(const struct match *match, sqlite3_stmt *row)
{
    const struct ita_cdr *cdr = match->add->cdr;
    return store_number_contradicts(cdr->tel_a, store_column_str(row, 5)) ||
           store_number_contradicts(cdr->tel_b, store_column_str(row, 6));
}

static bool fits_numbers(const struct match *match, sqlite3_stmt *row, struct str home_country)
{
    const struct ita_cdr *cdr = match->add->cdr;
    struct str tel_x = store_column_str(row, 3);
    int64_t created_ms = sqlite3_column_int64(row, 7);
    if (differs(cdr->call_id, store_column_str(row, 4)))
        return false;
    if (cdr->tel_x.len > 0 && tel_x.len > 0 &&
        !store_number_is_same(cdr->tel_x, tel_x, home_country))
        return false;
    if (cdr->finish_ms != 0 && cdr->finish_ms + CLOCK_DIFFERENCE_MS < created_ms)
        return false;
    return store_number_is_same(cdr->tel_a, store_column_str(row, 5), home_country) &&
           store_number_is_same(cdr->tel_b, store_column_str(row, 6), home_country);
}

/* True when the serial settles the matter: found, or contradicted (then nothing is found). */
static enum status find_by_serial(struct match *match, bool *is_settled)
{
    sqlite3_stmt *find = store_statement(match->connection, SQL_CALL_FIND_SERIAL);
    bool has_row;
    store_bind_i64(find, 1, match->add->remark_tenant_id);
    store_bind_i64(find, 2, match->add->remark_serial);
    enum status status = store_next_row(find, &has_row);
    if (status != OK || !has_row)
        return status;
    *is_settled = true;
    if (!is_contradicted(match, find))
        take_candidate(match, find);
    store_reset(find);
    return OK;
}

/* Of the calls that the CDR may tell of. It may come long after the call, as after an outage. */
static int64_t earliest_serial(const struct store_add_cdr *add)
{
    const struct ita_cdr *cdr = add->cdr;
    const int64_t told[] = {cdr->start_ms, cdr->caller_answer_ms, cdr->called_answer_ms,
                            cdr->finish_ms};
    int64_t earliest_ms = add->received_ms;
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (told[i] != 0 && told[i] < earliest_ms)
            earliest_ms = told[i];
    return call_serial_at(earliest_ms - add->call_lifetime_ms);
}

static enum status find_by_call_id(struct match *match, int64_t tenant_id, enum store_statement how)
{
    const struct store_add_cdr *add = match->add;
    sqlite3_stmt *find = store_statement(match->connection, how);
    bool has_row = false;
    enum status status;
    store_bind_i64(find, 1, tenant_id);
    store_bind_i64(find, 2, how == SQL_CALL_FIND_RECENT ? earliest_serial(add) : 0);
    store_bind_str(find, 3, add->cdr->call_id);
    if (how == SQL_CALL_FIND_RECENT)
        store_bind_i64(find, 4, RECENT_MAX);
    while ((status = store_next_row(find, &has_row)) == OK && has_row)
        take_candidate(match, find);
    return status;
}

static enum status find_by_numbers(struct match *match, int64_t tenant_id)
{
    const struct store_add_cdr *add = match->add;
    sqlite3_stmt *find = store_statement(match->connection, SQL_CALL_FIND_LIVE);
    struct store_memory *memory = NULL;
    struct str home_country = {0};
    bool has_row = false;
    if (add->cdr->tel_a.len == 0 || add->cdr->tel_b.len == 0)
        return OK;
    enum status status = store_home_country(match->connection, tenant_id, &memory, &home_country);
    if (status == OK) {
        store_bind_i64(find, 1, tenant_id);
        store_bind_i64(find, 2, earliest_serial(add));
        store_bind_str(find, 3, (struct str){0});
        while ((status = store_next_row(find, &has_row)) == OK && has_row)
            if (fits_numbers(match, find, home_country))
                take_candidate(match, find);
    }
    store_memory_free(memory);
    return status;
}

static bool may_match(const struct store_add_cdr *add, int64_t tenant_id)
{
    for (size_t i = 0; i < add->tenant_count; i++)
        if (add->tenant_ids[i] == tenant_id)
            return true;
    return false;
}

/* A remark that names a tenant rules out the others. */
static bool is_looked_at(const struct store_add_cdr *add, int64_t tenant_id)
{
    return add->remark_tenant_id == 0 || add->remark_tenant_id == tenant_id;
}

/* After the ways to find its call; is_settled: remark names one, which the numbers contradict. */
static enum cdr_reason reason_of(const struct match *match, bool is_settled)
{
    const struct store_add_cdr *add = match->add;
    if (match->found.count == 1)
        return CDR_REASON_NONE;
    if (match->found.count > 1)
        return CDR_REASON_SEVERAL;
    if (add->cdr->call_id.len == 0)
        return CDR_REASON_NO_CDR;
    if (is_settled)
        return CDR_REASON_OTHER_NUMBERS;
    return add->remark_serial != 0 ? CDR_REASON_UNKNOWN_CALL : CDR_REASON_NO_CALL;
}

static enum status find_call(struct match *match)
{
    const struct store_add_cdr *add = match->add;
    bool is_settled = false;
    enum status status = OK;
    if (add->remark_serial != 0 && may_match(add, add->remark_tenant_id))
        status = find_by_serial(match, &is_settled);
    enum { LIVE, RECENT, NUMBERS, WAYS };
    for (int way = LIVE; way < WAYS && status == OK && !is_settled && match->found.count == 0;
         way++) {
        if ((way == NUMBERS) ? add->remark_serial != 0 : add->cdr->call_id.len == 0)
            continue;
        for (size_t i = 0; i < add->tenant_count && status == OK; i++) {
            int64_t tenant_id = add->tenant_ids[i];
            if (!is_looked_at(add, tenant_id))
                continue;
            status = way == NUMBERS
                         ? find_by_numbers(match, tenant_id)
                         : find_by_call_id(match, tenant_id,
                                           way == LIVE ? SQL_CALL_FIND_LIVE : SQL_CALL_FIND_RECENT);
        }
    }
    match->reason = reason_of(match, is_settled);
    return status;
}

static int64_t digest_of(struct str body)
{
    uint8_t digest[SHA256_SIZE];
    int64_t first;
    sha256(body, digest);
    memcpy(&first, digest, sizeof(first));
    return first;
}

/* As far as it matters to a CDR: all live stages are one, and so are a refused call and one that
 * its CDR has ended. Takes the call from the live ones. Only of one that was not there, the end is
 * read: so a push costs a look less. */
static enum status read_stage(struct match *match)
{
    struct candidate *found = &match->found;
    sqlite3_stmt *get = store_statement(match->connection, SQL_CALL_GET_END);
    bool has_row;
    enum status status =
        store_unset_live(match->connection, found->tenant_id, found->serial, &match->callback_url);
    found->stage = CALL_STAGE_ACCEPTED;
    if (status != OK || store_changed(match->connection) > 0)
        return status;
    store_bind_i64(get, 1, found->serial);
    status = store_next_row(get, &has_row);
    if (status != OK || !has_row)
        return status != OK ? status : ERR_CORRUPT;
    found->last_cdr_id = sqlite3_column_int64(get, 0);
    found->stage =
        found->last_cdr_id == 0 && sqlite3_column_int64(get, 1) == CALL_CAUSE_TIMER_EXPIRED
            ? CALL_STAGE_EXPIRED
            : CALL_STAGE_ENDED;
    store_reset(get);
    /* The callback that told of its lease has the URL that was given with it. */
    return found->stage == CALL_STAGE_EXPIRED
               ? store_find_callback_url(match->connection, found->tenant_id, found->serial,
                                         &match->callback_url)
               : OK;
}

/* Whether one of the call's CDRs has this body. */
static enum status is_repeated(const struct match *match, bool *is_known)
{
    sqlite3_stmt *get = store_statement(match->connection, SQL_CDR_GET);
    int64_t id = match->found.last_cdr_id;
    enum status status = OK;
    for (int compared = 0; status == OK && id != 0 && compared < COMPARED_MAX; compared++) {
        bool has_row;
        store_bind_i64(get, 1, id);
        status = store_next_row(get, &has_row);
        if (status != OK || !has_row)
            break;
        id = sqlite3_column_int64(get, 0);
        *is_known = str_is(store_column_blob(get, 1), match->add->body);
        store_reset(get);
        if (*is_known)
            break;
    }
    return status;
}

static enum status is_unmatched_known(const struct match *match, int64_t digest, bool *is_known)
{
    sqlite3_stmt *find = store_statement(match->connection, SQL_CDR_FIND_UNMATCHED);
    store_bind_i64(find, 1, digest);
    store_bind_blob(find, 2, match->add->body);
    enum status status = store_next_row(find, is_known);
    if (status == OK && *is_known)
        store_reset(find);
    return status;
}

/* With a call: the call names this CDR, and this CDR the one before. Without: digest finds it. */
static enum status keep_cdr(const struct match *match, int64_t digest, int64_t *id)
{
    const struct store_add_cdr *add = match->add;
    sqlite3_stmt *keep = store_statement(match->connection, SQL_CDR_ADD);
    bool is_matched = match->found.count == 1;
    store_bind_i64(keep, 1, add->received_ms);
    store_bind_i64_unless(keep, 2, is_matched ? match->found.tenant_id : 0, 0);
    store_bind_i64_unless(keep, 3, is_matched ? match->found.serial : 0, 0);
    store_bind_i64_unless(keep, 4, is_matched ? match->found.last_cdr_id : 0, 0);
    if (is_matched)
        sqlite3_bind_null(keep, 5);
    else
        store_bind_i64(keep, 5, digest);
    sqlite3_bind_text64(keep, 6, add->access_key.len > 0 ? add->access_key.ptr : "",
                        add->access_key.len, SQLITE_STATIC, SQLITE_UTF8);
    store_bind_blob(keep, 7, str_from(add->mac, sizeof(add->mac)));
    store_bind_i64(keep, 8, add->date_ms);
    store_bind_blob(keep, 9, add->body);
    store_bind_i64_unless(keep, 10, match->reason, CDR_REASON_NONE);
    enum status status = store_run(keep);
    *id = sqlite3_last_insert_rowid(match->connection->db);
    return status;
}

static unsigned callbacks_of(const struct store_add_cdr *add, int64_t tenant_id)
{
    for (size_t i = 0; i < add->tenant_count && add->callbacks != NULL; i++)
        if (add->tenant_ids[i] == tenant_id)
            return add->callbacks[i];
    return 0;
}

static enum status owe_callbacks(const struct match *match)
{
    struct store_add_cdr *add = match->add;
    const struct store_end end = {
        .tenant_id = match->found.tenant_id,
        .serial = match->found.serial,
        .now_ms = add->received_ms,
        .callbacks = callbacks_of(add, match->found.tenant_id),
        .is_called_answered = add->cdr->called_answer_ms != 0,
        .callback_url = buf_str(&match->callback_url),
    };
    return store_owe_callbacks(match->connection, &end, &add->owed);
}

/* What the call's own row tells is not kept twice. */
static enum status end_call(const struct match *match, int64_t cdr_id)
{
    const struct store_add_cdr *add = match->add;
    const struct candidate *found = &match->found;
    const struct ita_cdr *cdr = add->cdr;
    sqlite3_stmt *end = store_statement(match->connection, SQL_CALL_END_BY_CDR);
    const int64_t times[] = {cdr->start_ms, cdr->caller_answer_ms, cdr->called_answer_ms,
                             cdr->finish_ms};
    store_bind_i64(end, 1, found->serial);
    store_bind_str(end, 2, found->has_call_id ? STR("") : cdr->call_id);
    store_bind_str(end, 3, found->has_tel_x ? STR("") : cdr->tel_x);
    store_bind_str(end, 4, cdr->called_display);
    for (size_t i = 0; i < COUNT_OF(times); i++)
        store_bind_i64_unless(end, 5 + (int)i, times[i], 0);
    store_bind_i64(end, 9, add->received_ms);
    store_bind_i64_unless(end, 10, cdr->duration_s, -1);
    store_bind_i64_unless(end, 11, cdr->release_cause, -1);
    store_bind_i64(end, 12, cdr_id);
    enum status status = store_run(end);
    if (status == OK)
        status = owe_callbacks(match);
    if (status == OK && found->is_x_claimed)
        status =
            store_release_x(match->connection, found->tenant_id, found->serial, add->received_ms);
    return status;
}

static enum status name_cdr(const struct match *match, int64_t cdr_id)
{
    sqlite3_stmt *set = store_statement(match->connection, SQL_CALL_SET_CDR);
    store_bind_i64(set, 1, match->found.serial);
    store_bind_i64(set, 2, cdr_id);
    return store_run(set);
}

/* It ends its call, or stays beside the one that did. */
static enum status add_to_call(const struct match *match, int64_t cdr_id)
{
    enum call_stage stage = match->found.stage;
    bool is_moved = call_stage_next(stage, CALL_MOVE_CDR) != stage;
    match->add->match = is_moved ? CDR_MATCHED : CDR_LATER;
    return is_moved ? end_call(match, cdr_id) : name_cdr(match, cdr_id);
}

static enum status keep_matched(struct match *match)
{
    struct store_add_cdr *add = match->add;
    enum status status;
    bool is_known = false;
    int64_t id = 0;
    add->tenant_id = match->found.tenant_id;
    add->serial = match->found.serial;
    add->trace = match->found.trace;
    add->has_other_name = match->found.has_other_name;
    add->match = CDR_REPEATED;
    TRY(read_stage(match));
    TRY(is_repeated(match, &is_known));
    if (is_known)
        goto out;
    TRY(keep_cdr(match, 0, &id));
    status = add_to_call(match, id);
out:
    return status;
}

static enum status keep_unmatched(const struct match *match)
{
    struct store_add_cdr *add = match->add;
    int64_t digest = digest_of(add->body), id;
    bool is_known = false;
    add->tenant_id = 0;
    add->serial = 0;
    add->trace = (struct trace){{0}, 0};
    add->has_other_name = false;
    enum status status = is_unmatched_known(match, digest, &is_known);
    add->match = is_known ? CDR_REPEATED : CDR_UNMATCHED;
    if (status == OK && !is_known)
        status = keep_cdr(match, digest, &id);
    return status;
}

static enum status run_add_cdr(struct store_connection *connection, struct store_op *op)
{
    struct match match;
    match_init(&match, connection, CONTAINER_OF(op, struct store_add_cdr, op));
    enum status status = find_call(&match);
    if (status == OK)
        status = match.found.count == 1 ? keep_matched(&match) : keep_unmatched(&match);
    match_finish(&match);
    return status;
}

void store_add_cdr(struct store *store, struct store_add_cdr *op)
{
    store_queue_write(store, &op->op, run_add_cdr);
}

enum status store_attach_cdr(struct store_connection *connection, struct store_add_cdr *add,
                             int64_t id)
{
    struct match match;
    const struct candidate *found = &match.found;
    sqlite3_stmt *attach = store_statement(connection, SQL_CDR_ATTACH);
    bool is_settled = false;
    enum status status;
    match_init(&match, connection, add);
    TRY(find_by_serial(&match, &is_settled));
    TRY(found->count > 0 ? OK : is_settled ? ERR_INVALID : ERR_NOT_FOUND);
    TRY(read_stage(&match));
    store_bind_i64(attach, 1, id);
    store_bind_i64(attach, 2, found->tenant_id);
    store_bind_i64(attach, 3, found->serial);
    store_bind_i64_unless(attach, 4, found->last_cdr_id, 0);
    TRY(store_run(attach));
    status = add_to_call(&match, id);
out:
    match_finish(&match);
    return status;
}

enum status store_load_last_received(struct store *store, int64_t *received_ms, struct fault *fault)
{
    struct store_connection *connection = store_reading_connection(store);
    sqlite3_stmt *last = store_statement(connection, SQL_CDR_LAST_RECEIVED);
    bool has_row;
    enum status status = store_next_row(last, &has_row);
    *received_ms = status == OK && has_row ? sqlite3_column_int64(last, 0) : 0;
    store_reset(last);
    return status == OK ? OK : fault_set(fault, status, "CDRs: %s", sqlite3_errmsg(connection->db));
}

enum status store_load_signatures(struct store *store, int64_t since_ms,
                                  void (*each)(void *data, struct str access_key,
                                               const uint8_t mac[static 32], int64_t date_ms),
                                  void *data, struct fault *fault)
{
    struct store_connection *connection = store_reading_connection(store);
    sqlite3_stmt *rows = store_statement(connection, SQL_CDR_SIGNATURES);
    bool has_row = false;
    enum status status;
    store_bind_i64(rows, 1, since_ms);
    while ((status = store_next_row(rows, &has_row)) == OK && has_row) {
        struct str mac = store_column_blob(rows, 1);
        if (mac.len == SHA256_SIZE)
            each(data, store_column_str(rows, 0), (const uint8_t *)mac.ptr,
                 sqlite3_column_int64(rows, 2));
    }
    return status == OK ? OK : fault_set(fault, status, "CDRs: %s", sqlite3_errmsg(connection->db));
}
