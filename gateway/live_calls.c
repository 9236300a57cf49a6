#include "gateway/live_calls.h"

#include "base/list.h"
#include "base/table.h"

/* A claim on an X ends with its call, which ends when that is on disk. The pool's own lease would
 * free the X while the store still says that the call stands there, and after a crash two calls
 * would. Longer than any machine runs: */
static const int64_t NO_LEASE_MS = 1000LL * 365 * 24 * 3600 * 1000;

/* What makes two calls the same: one tenant, one caller, one called. No padding: hashed as bytes.
 */
struct pair {
    int64_t tenant_id;
    char caller[24], called[24]; /* normalised keys, zero-filled */
};
_Static_assert(sizeof(struct pair) == 56 && sizeof(((struct pair *)0)->caller) > NUMBER_TEXT_MAX,
               "a pair is hashed as bytes and holds any number");

struct live_call {
    /* fixed at start */
    int64_t serial;
    struct pair pair;
    struct number x; /* empty when there is no claim */
    /* changes */
    int64_t overdue_ms;
    int64_t guard_ms; /* the pair may be called again from then on; INT64_MAX while the call is sure
                         to be live */
    bool is_guarding; /* stands in the pairs table */
    struct list link; /* in order of overdue_ms: the lease is one constant, so a new call goes last,
                         but after a step back of the clock */
    UT_hash_handle by_serial, by_pair;
};

struct tenant_pool {
    int64_t tenant_id;
    struct xnumber_pool *pool;
    UT_hash_handle hh;
};

struct live_calls {
    struct live_calls_options options;
    struct live_call *calls; /* by serial */
    struct live_call *pairs; /* those that guard their pair */
    struct tenant_pool *pools;
    struct list due;
};

struct live_calls *live_calls_create(const struct live_calls_options *options)
{
    struct live_calls *live = NEW(struct live_calls);
    live->options = *options;
    list_init(&live->due);
    return live;
}

void live_calls_destroy(struct live_calls *live)
{
    if (live == NULL)
        return;
    struct live_call *call, *next_call;
    struct tenant_pool *pool, *next_pool;
    HASH_CLEAR(by_pair, live->pairs);
    HASH_ITER(by_serial, live->calls, call, next_call)
    {
        HASH_DELETE(by_serial, live->calls, call);
        mem_free(call);
    }
    HASH_ITER(hh, live->pools, pool, next_pool)
    {
        HASH_DEL(live->pools, pool);
        xnumber_pool_destroy(pool->pool);
        mem_free(pool);
    }
    mem_free(live);
}

static struct xnumber_pool *find_pool(const struct live_calls *live, int64_t tenant_id)
{
    struct tenant_pool *found;
    HASH_FIND(hh, live->pools, &tenant_id, sizeof(tenant_id), found);
    return found == NULL ? NULL : found->pool;
}

static struct xnumber_pool *pool_of(struct live_calls *live, int64_t tenant_id)
{
    struct xnumber_pool *existing = find_pool(live, tenant_id);
    if (existing != NULL)
        return existing;
    struct tenant_pool *fresh = NEW(struct tenant_pool);
    fresh->tenant_id = tenant_id;
    fresh->pool = xnumber_pool_create(
        &(struct xnumber_pool_options){.rest_ms = live->options.rest_ms, .lease_ms = NO_LEASE_MS});
    HASH_ADD(hh, live->pools, tenant_id, sizeof(fresh->tenant_id), fresh);
    return fresh->pool;
}

void live_calls_set_x_numbers(struct live_calls *live, int64_t tenant_id,
                              const struct number *numbers, const int64_t *last_used_ms,
                              size_t count)
{
    if (count > 0 || find_pool(live, tenant_id) != NULL)
        xnumber_pool_set(pool_of(live, tenant_id), numbers, last_used_ms, count);
}

static struct pair pair_of(int64_t tenant_id, const struct number *caller,
                           const struct number *called)
{
    struct pair pair = {.tenant_id = tenant_id};
    memcpy(pair.caller, caller->key, strlen(caller->key));
    memcpy(pair.called, called->key, strlen(called->key));
    return pair;
}

static struct live_call *find_call(const struct live_calls *live, int64_t serial)
{
    struct live_call *call;
    HASH_FIND(by_serial, live->calls, &serial, sizeof(serial), call);
    return call;
}

static void stop_guarding(struct live_calls *live, struct live_call *call)
{
    if (call->is_guarding)
        HASH_DELETE(by_pair, live->pairs, call);
    call->is_guarding = false;
}

/* Whether a live call still keeps this pair from being called. One whose guard is over is let go
 * here. */
static bool is_guarded(struct live_calls *live, const struct pair *pair, int64_t now_ms)
{
    struct live_call *call;
    HASH_FIND(by_pair, live->pairs, pair, sizeof(*pair), call);
    if (call == NULL)
        return false;
    if (now_ms < call->guard_ms)
        return true;
    stop_guarding(live, call);
    return false;
}

static void put_due(struct live_calls *live, struct live_call *call)
{
    struct list *behind = live->due.prev;
    while (behind != &live->due &&
           CONTAINER_OF(behind, struct live_call, link)->overdue_ms > call->overdue_ms)
        behind = behind->prev;
    list_append(behind->next, &call->link);
}

static struct live_call *add_call(struct live_calls *live, int64_t serial, const struct pair *pair,
                                  int64_t begun_ms)
{
    struct live_call *call = NEW(struct live_call);
    call->serial = serial;
    call->pair = *pair;
    call->overdue_ms = begun_ms + live->options.lease_ms;
    call->guard_ms = INT64_MAX;
    call->is_guarding = true;
    HASH_ADD(by_serial, live->calls, serial, sizeof(call->serial), call);
    HASH_ADD(by_pair, live->pairs, pair, sizeof(call->pair), call);
    put_due(live, call);
    return call;
}

enum status live_calls_begin(struct live_calls *live, const struct live_call_request *request,
                             int64_t now_ms, struct number *x)
{
    struct pair pair = pair_of(request->tenant_id, request->caller, request->called);
    struct number claimed = {0};
    if (is_guarded(live, &pair, now_ms))
        return ERR_EXISTS;
    if (request->needs_x) {
        enum status status = xnumber_pool_claim(pool_of(live, request->tenant_id), request->serial,
                                                request->caller, request->called, now_ms, &claimed);
        if (status != OK)
            return status;
        *x = claimed;
    }
    add_call(live, request->serial, &pair, now_ms)->x = claimed;
    return OK;
}

enum status live_calls_restore(struct live_calls *live, const struct call_record *call,
                               const struct number *caller, const struct number *called,
                               const struct number *x)
{
    struct pair pair = pair_of(call->tenant_id, caller, called);
    struct live_call *other;
    HASH_FIND(by_pair, live->pairs, &pair, sizeof(pair), other);
    if (other != NULL) /* an older call whose guard was over when this one began */
        stop_guarding(live, other);
    struct live_call *restored = add_call(live, call->serial, &pair, call->created_ms);
    if (call->outcome != CALL_OUTCOME_ACCEPTED)
        restored->guard_ms = call->created_ms + live->options.unknown_guard_ms;
    if (x == NULL)
        return OK;
    enum status status = xnumber_pool_restore(pool_of(live, call->tenant_id), call->serial, caller,
                                              called, x, call->created_ms);
    if (status == OK)
        restored->x = *x;
    return status;
}

void live_calls_restore_rest(struct live_calls *live, const struct call_record *call,
                             const struct number *caller, const struct number *called,
                             const struct number *x)
{
    struct xnumber_pool *pool = pool_of(live, call->tenant_id);
    /* Refused when one of them stands there in a live call: then there is nothing to rest from. */
    if (xnumber_pool_restore(pool, call->serial, caller, called, x, call->ended_ms) == OK)
        xnumber_pool_release(pool, call->serial, call->ended_ms, true);
}

void live_calls_set_unknown(struct live_calls *live, int64_t serial, int64_t now_ms)
{
    struct live_call *call = find_call(live, serial);
    if (call != NULL)
        call->guard_ms = now_ms + live->options.unknown_guard_ms;
}

bool live_calls_end(struct live_calls *live, int64_t serial, int64_t now_ms, bool is_rested)
{
    struct live_call *call = find_call(live, serial);
    if (call == NULL)
        return false;
    if (call->x.text[0] != '\0')
        xnumber_pool_release(pool_of(live, call->pair.tenant_id), serial, now_ms, is_rested);
    stop_guarding(live, call);
    list_remove(&call->link);
    HASH_DELETE(by_serial, live->calls, call);
    mem_free(call);
    return true;
}

void live_calls_block_x(struct live_calls *live, int64_t serial, int64_t until_ms)
{
    const struct live_call *call = find_call(live, serial);
    if (call != NULL && call->x.text[0] != '\0')
        xnumber_pool_block(pool_of(live, call->pair.tenant_id), &call->x, until_ms);
}

bool live_calls_overdue(struct live_calls *live, int64_t now_ms, int64_t *tenant_id,
                        int64_t *serial)
{
    const struct list *first = list_first(&live->due);
    if (first == NULL)
        return false;
    const struct live_call *call = CONTAINER_OF(first, struct live_call, link);
    if (now_ms < call->overdue_ms)
        return false;
    *tenant_id = call->pair.tenant_id;
    *serial = call->serial;
    return true;
}

void live_calls_postpone(struct live_calls *live, int64_t serial, int64_t until_ms)
{
    struct live_call *call = find_call(live, serial);
    if (call == NULL)
        return;
    list_remove(&call->link);
    call->overdue_ms = until_ms;
    put_due(live, call);
}

size_t live_calls_count(const struct live_calls *live)
{
    return HASH_CNT(by_serial, live->calls);
}

void live_calls_hold_x(struct live_calls *live, int64_t tenant_id, const struct number *x,
                       int64_t until_ms)
{
    xnumber_pool_block(pool_of(live, tenant_id), x, until_ms);
}

struct xnumber_doing live_calls_x_doing(const struct live_calls *live, int64_t tenant_id,
                                        const struct number *x, int64_t now_ms)
{
    const struct xnumber_doing outside = {.state = XNUMBER_OUTSIDE};
    struct xnumber_pool *pool = find_pool(live, tenant_id);
    return pool == NULL ? outside : xnumber_pool_doing(pool, x, now_ms);
}

bool live_calls_x_counts(const struct live_calls *live, int64_t tenant_id, int64_t now_ms,
                         struct xnumber_counts *counts)
{
    struct xnumber_pool *pool = find_pool(live, tenant_id);
    if (pool != NULL)
        *counts = xnumber_pool_count(pool, now_ms);
    return pool != NULL;
}
