#include "gateway/statistics.h"

#include <assert.h>

#include "base/table.h"

enum {
    CHUNK_MINUTES = 4096, /* allocated at a time: 256 KiB */
    CHUNKS_MAX = STATISTICS_MINUTES_MAX / CHUNK_MINUTES,
};

struct kept_hour {
    struct statistic_hour hour;
    struct tenant_statistics *tenant;
    struct list unwritten; /* empty: the store has it as it is here */
};

struct tenant_statistics {
    int64_t tenant_id;
    uint64_t last_minute; /* its newest in the ring; 0: none */
    struct statistic_x x; /* of the last sample */
    struct kept_hour *current;
    struct kept_hour *hours[STATISTICS_HOURS_KEPT]; /* NULL: there were not as many yet */
    UT_hash_handle hh;
};

struct statistics {
    struct tenant_statistics *tenants;
    struct tenant_statistics *all;
    struct list unwritten; /* hours, the longest unwritten first */
    uint64_t totals[STATISTIC_COUNTERS];
    struct statistics_x x;
    int64_t now_ms; /* never steps back */
    int64_t started_ms;

    /* Minutes of all tenants in the order of their beginning; each knows the number of the one
     * before of its tenant. Numbers begin at 1 and are never used twice. */
    struct statistic_minute *chunks[CHUNKS_MAX];
    uint64_t minute_count;
    uint32_t lost_until; /* the newest minute that went for want of room */
};

static struct tenant_statistics *add_tenant(struct statistics *self, int64_t tenant_id)
{
    struct tenant_statistics *tenant = NEW(struct tenant_statistics);
    tenant->tenant_id = tenant_id;
    HASH_ADD(hh, self->tenants, tenant_id, sizeof(tenant->tenant_id), tenant);
    return tenant;
}

static struct tenant_statistics *find_tenant(const struct statistics *self, int64_t tenant_id)
{
    struct tenant_statistics *found;
    HASH_FIND(hh, self->tenants, &tenant_id, sizeof(tenant_id), found);
    return found;
}

static struct tenant_statistics *tenant_of(struct statistics *self, int64_t tenant_id)
{
    struct tenant_statistics *found = find_tenant(self, tenant_id);
    return found != NULL ? found : add_tenant(self, tenant_id);
}

struct statistics *statistics_create(int64_t now_ms)
{
    struct statistics *self = NEW(struct statistics);
    self->now_ms = self->started_ms = now_ms;
    list_init(&self->unwritten);
    self->all = add_tenant(self, STATISTIC_ALL_TENANTS);
    return self;
}

void statistics_destroy(struct statistics *self)
{
    struct tenant_statistics *tenant, *next;
    if (self == NULL)
        return;
    HASH_ITER(hh, self->tenants, tenant, next)
    {
        HASH_DEL(self->tenants, tenant);
        for (size_t i = 0; i < STATISTICS_HOURS_KEPT; i++)
            mem_free(tenant->hours[i]);
        mem_free(tenant);
    }
    for (size_t i = 0; i < CHUNKS_MAX; i++)
        mem_free(self->chunks[i]);
    mem_free(self);
}

/* --- Minutes --- */

static bool is_there(const struct statistics *self, uint64_t number)
{
    return number > 0 && number + STATISTICS_MINUTES_MAX > self->minute_count;
}

static struct statistic_minute *minute_at(const struct statistics *self, uint64_t number)
{
    uint64_t slot = number % STATISTICS_MINUTES_MAX;
    return &self->chunks[slot / CHUNK_MINUTES][slot % CHUNK_MINUTES];
}

static struct statistic_minute *add_minute(struct statistics *self,
                                           struct tenant_statistics *tenant, uint32_t minute)
{
    uint64_t number = ++self->minute_count;
    struct statistic_minute **chunk =
        &self->chunks[number % STATISTICS_MINUTES_MAX / CHUNK_MINUTES];
    if (*chunk == NULL)
        *chunk = mem_alloc(CHUNK_MINUTES * sizeof(**chunk));
    struct statistic_minute *fresh = minute_at(self, number);
    if (number > STATISTICS_MINUTES_MAX)
        self->lost_until = fresh->minute;
    *fresh = (struct statistic_minute){.previous = tenant->last_minute, .minute = minute};
    tenant->last_minute = number;
    return fresh;
}

static struct statistic_minute *minute_of(struct statistics *self, struct tenant_statistics *tenant)
{
    uint32_t minute = (uint32_t)(self->now_ms / STATISTIC_MINUTE_MS);
    if (is_there(self, tenant->last_minute)) {
        struct statistic_minute *last = minute_at(self, tenant->last_minute);
        if (last->minute == minute)
            return last;
    }
    return add_minute(self, tenant, minute);
}

/* --- Hours --- */

static struct kept_hour *begin_hour(struct tenant_statistics *tenant, int64_t hour)
{
    struct kept_hour **place = &tenant->hours[0];
    for (size_t i = 0; i < STATISTICS_HOURS_KEPT; i++) {
        if (tenant->hours[i] != NULL && tenant->hours[i]->hour.hour == hour)
            return tenant->hours[i];
        if (*place != NULL &&
            (tenant->hours[i] == NULL || tenant->hours[i]->hour.hour < (*place)->hour.hour))
            place = &tenant->hours[i];
    }
    struct kept_hour *kept = *place;
    if (kept == NULL)
        kept = NEW(struct kept_hour);
    else
        list_remove(&kept->unwritten); /* the store could not be written to for two hours */
    *kept = (struct kept_hour){.tenant = tenant};
    kept->hour.hour = hour;
    list_init(&kept->unwritten);
    *place = kept;
    return kept;
}

static struct kept_hour *hour_of(struct statistics *self, struct tenant_statistics *tenant)
{
    int64_t hour = self->now_ms / STATISTIC_HOUR_MS;
    if (tenant->current == NULL || tenant->current->hour.hour != hour)
        tenant->current = begin_hour(tenant, hour);
    if (list_is_empty(&tenant->current->unwritten))
        list_append(&self->unwritten, &tenant->current->unwritten);
    return tenant->current;
}

/* --- Counting --- */

static void advance(struct statistics *self, int64_t now_ms)
{
    if (now_ms > self->now_ms)
        self->now_ms = now_ms;
}

/* NULL when the counter has no place in a minute. */
static uint16_t *place_in(struct statistic_minute *minute, size_t counter)
{
    if (counter < STATISTIC_EVENTS)
        return &minute->events[counter];
    return counter < STATISTIC_CODE ? &minute->latencies[counter - STATISTIC_LATENCY] : NULL;
}

/* What does not fit any more into a minute goes on in another of the same time. */
static void count_for(struct statistics *self, struct tenant_statistics *tenant,
                      const size_t *counters, size_t count)
{
    struct statistic_minute *minute = minute_of(self, tenant);
    struct kept_hour *kept = hour_of(self, tenant);
    for (size_t i = 0; i < count; i++) {
        uint16_t *place = place_in(minute, counters[i]);
        if (place != NULL && *place == UINT16_MAX) {
            minute = add_minute(self, tenant, minute->minute);
            place = place_in(minute, counters[i]);
        }
        if (place != NULL)
            (*place)++;
        kept->hour.counts[counters[i]]++;
    }
}

static void count(struct statistics *self, int64_t tenant_id, int64_t now_ms,
                  const size_t *counters, size_t count)
{
    advance(self, now_ms);
    count_for(self, tenant_of(self, tenant_id), counters, count);
    count_for(self, self->all, counters, count);
    for (size_t i = 0; i < count; i++)
        self->totals[counters[i]]++;
}

void statistics_failed(struct statistics *self, int64_t tenant_id, int64_t now_ms, struct str code)
{
    const size_t counters[] = {STATISTIC_FAILED, STATISTIC_CODE + statistic_code_index(code)};
    count(self, tenant_id, now_ms, counters, COUNT_OF(counters));
}

void statistics_placed(struct statistics *self, int64_t tenant_id, int64_t now_ms)
{
    const size_t counters[] = {STATISTIC_PLACED};
    count(self, tenant_id, now_ms, counters, COUNT_OF(counters));
}

void statistics_outcome(struct statistics *self, int64_t tenant_id, int64_t now_ms,
                        const struct statistics_outcome *outcome)
{
    static const enum statistic by_outcome[] = {
        [CALL_OUTCOME_NONE] = STATISTIC_UNKNOWN,
        [CALL_OUTCOME_ACCEPTED] = STATISTIC_ACCEPTED,
        [CALL_OUTCOME_REFUSED] = STATISTIC_REFUSED,
        [CALL_OUTCOME_UNKNOWN] = STATISTIC_UNKNOWN,
    };
    size_t counters[3] = {by_outcome[outcome->outcome]}, used = 1;
    if (outcome->latency_us >= 0)
        counters[used++] = STATISTIC_LATENCY + statistic_latency_index(outcome->latency_us);
    if (outcome->outcome != CALL_OUTCOME_ACCEPTED)
        counters[used++] = STATISTIC_CODE + statistic_code_index(outcome->code);
    count(self, tenant_id, now_ms, counters, used);
}

void statistics_ended(struct statistics *self, int64_t tenant_id, int64_t now_ms, bool is_answered,
                      int64_t cause)
{
    size_t counters[3] = {STATISTIC_ENDED}, used = 1;
    if (is_answered)
        counters[used++] = STATISTIC_ANSWERED;
    if (cause >= 0 && cause < STATISTIC_CAUSES)
        counters[used++] = STATISTIC_CAUSE + (size_t)cause;
    count(self, tenant_id, now_ms, counters, used);
}

static size_t free_of(const struct statistic_x *x)
{
    int taken = x->busy + x->resting + x->locked + x->blocked;
    return taken < x->total ? (size_t)(x->total - taken) : 0;
}

/* sign: 1 or -1. */
static void add_x(struct statistics_x *sum, const struct statistic_x *x, int sign)
{
    size_t step = (size_t)sign; /* wraps around, as the sums do */
    if (x->total == 0)
        return;
    sum->free += step * free_of(x);
    sum->busy += step * x->busy;
    sum->resting += step * x->resting;
    sum->locked += step * x->locked;
    sum->blocked += step * x->blocked;
    sum->tenants += step;
    if (free_of(x) == 0)
        sum->tenants_without_free += step;
}

void statistics_sample_x(struct statistics *self, int64_t tenant_id, int64_t now_ms,
                         const struct statistic_x *x)
{
    struct tenant_statistics *tenant = find_tenant(self, tenant_id);
    if (tenant == NULL && x->total == 0)
        return;
    if (tenant == NULL)
        tenant = add_tenant(self, tenant_id);
    advance(self, now_ms);
    if (memcmp(&tenant->x, x, sizeof(*x)) == 0)
        return;
    add_x(&self->x, &tenant->x, -1);
    add_x(&self->x, x, 1);
    tenant->x = *x;
    if (x->total == 0)
        return;
    minute_of(self, tenant)->x = *x;
    struct statistic_x *most = &hour_of(self, tenant)->hour.x;
    if (most->total == 0 || x->busy >= most->busy)
        *most = *x;
}

/* --- Asking --- */

void statistics_minutes(const struct statistics *self, int64_t tenant_id, int64_t now_ms,
                        void (*each)(void *data, const struct statistic_minute *minute), void *data)
{
    const struct tenant_statistics *tenant = find_tenant(self, tenant_id);
    int64_t oldest = now_ms / STATISTIC_MINUTE_MS - STATISTICS_MINUTES_LAST;
    uint64_t number = tenant == NULL ? 0 : tenant->last_minute;
    while (is_there(self, number)) {
        const struct statistic_minute *minute = minute_at(self, number);
        if (minute->minute <= oldest)
            break;
        each(data, minute);
        number = minute->previous;
    }
}

int64_t statistics_minutes_since(const struct statistics *self, int64_t now_ms)
{
    int64_t since = now_ms / STATISTIC_MINUTE_MS - STATISTICS_MINUTES_LAST + 1;
    int64_t started = self->started_ms / STATISTIC_MINUTE_MS;
    if (since < started)
        since = started;
    return self->lost_until >= since ? (int64_t)self->lost_until + 1 : since;
}

void statistics_hours(const struct statistics *self, int64_t tenant_id,
                      void (*each)(void *data, const struct statistic_hour *hour), void *data)
{
    const struct tenant_statistics *tenant = find_tenant(self, tenant_id);
    for (size_t i = 0; tenant != NULL && i < STATISTICS_HOURS_KEPT; i++)
        if (tenant->hours[i] != NULL)
            each(data, &tenant->hours[i]->hour);
}

const struct statistics_x *statistics_x(const struct statistics *self)
{
    return &self->x;
}

const uint64_t *statistics_totals(const struct statistics *self)
{
    return self->totals;
}

/* --- Keeping --- */

void statistics_restore(struct statistics *self, const struct statistic_row *row)
{
    statistic_hour_add_row(&begin_hour(tenant_of(self, row->tenant_id), row->hour)->hour, row);
}

size_t statistics_take(struct statistics *self, struct statistic_row *rows, size_t max)
{
    size_t used = 0;
    struct list *first;
    assert(max >= STATISTIC_ROWS_MAX);
    while (max - used >= STATISTIC_ROWS_MAX && (first = list_first(&self->unwritten)) != NULL) {
        const struct kept_hour *kept = CONTAINER_OF(first, struct kept_hour, unwritten);
        list_remove(first);
        used += statistic_hour_rows(kept->tenant->tenant_id, &kept->hour, rows + used);
    }
    return used;
}

static struct kept_hour *find_hour(const struct statistics *self, const struct statistic_row *row)
{
    const struct tenant_statistics *tenant = find_tenant(self, row->tenant_id);
    for (size_t i = 0; tenant != NULL && i < STATISTICS_HOURS_KEPT; i++)
        if (tenant->hours[i] != NULL && tenant->hours[i]->hour.hour == row->hour)
            return tenant->hours[i];
    return NULL;
}

void statistics_give_back(struct statistics *self, const struct statistic_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct kept_hour *kept = find_hour(self, &rows[i]);
        if (kept != NULL && list_is_empty(&kept->unwritten))
            list_append(&self->unwritten, &kept->unwritten);
    }
}
