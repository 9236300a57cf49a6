#include "gateway/model/statistic.h"

#include <stdlib.h>

#include "base/mem.h"
#include "profile/code.h"

/* --- Codes and latencies --- */

/* The gateway's own (agent-api.md, section 5), then the ITA's. */
static const char *const codes[] = {"1",
                                    "2",
                                    "5",
                                    "6",
                                    "8",
                                    "16",
                                    "21",
                                    "500",
#define X(name, digits, en, zh) digits,
                                    ITA_CODE_MAP(X)
#undef X
};
_Static_assert(COUNT_OF(codes) == STATISTIC_CODES - 1, "the last index is any other code");

size_t statistic_code_index(struct str code)
{
    size_t i = 0;
    while (i < COUNT_OF(codes) && !str_is(code, str_of(codes[i])))
        i++;
    return i;
}

const char *statistic_code(size_t index)
{
    return index < COUNT_OF(codes) ? codes[index] : NULL;
}

/* A person sees the difference between neighbours, and a histogram of Prometheus can have them. */
static const int64_t bounds_ms[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};
_Static_assert(COUNT_OF(bounds_ms) == STATISTIC_LATENCIES - 1, "the last one has no bound");

size_t statistic_latency_index(int64_t latency_us)
{
    size_t i = 0;
    while (i < COUNT_OF(bounds_ms) && latency_us > bounds_ms[i] * 1000)
        i++;
    return i;
}

int64_t statistic_latency_bound_ms(size_t index)
{
    return index < COUNT_OF(bounds_ms) ? bounds_ms[index] : 0;
}

int64_t statistic_percentile_ms(const uint64_t counts[static STATISTIC_LATENCIES], int percent)
{
    uint64_t total = 0, before = 0;
    for (size_t i = 0; i < STATISTIC_LATENCIES; i++)
        total += counts[i];
    if (total == 0)
        return 0;
    uint64_t rank = (total * (uint64_t)percent + 99) / 100; /* the rank-th of them, from 1 */
    for (size_t i = 0; i < COUNT_OF(bounds_ms); i++) {
        int64_t low_ms = i == 0 ? 0 : bounds_ms[i - 1];
        if (before + counts[i] >= rank)
            return low_ms +
                   (int64_t)((uint64_t)(bounds_ms[i] - low_ms) * (rank - before) + counts[i] - 1) /
                       (int64_t)counts[i];
        before += counts[i];
    }
    return bounds_ms[COUNT_OF(bounds_ms) - 1]; /* more than that */
}

/* --- Rows --- */

enum kind { KIND_EVENT = 1, KIND_LATENCY, KIND_CODE, KIND_CAUSE, KIND_X };

/* Keys of events and X members: their place in the enumeration and the struct as they were when
 * this was first stored. New ones go behind. */
static uint16_t *x_member(struct statistic_x *x, size_t key)
{
    uint16_t *const members[] = {&x->total, &x->busy, &x->resting, &x->locked, &x->blocked};
    return members[key];
}

static void name_counter(size_t index, struct statistic_row *row)
{
    if (index < STATISTIC_LATENCY) {
        row->kind = KIND_EVENT;
        row->key = (int32_t)index;
    } else if (index < STATISTIC_CODE) {
        row->kind = KIND_LATENCY;
        row->key = (int32_t)statistic_latency_bound_ms(index - STATISTIC_LATENCY);
    } else if (index < STATISTIC_CAUSE) {
        const char *code = statistic_code(index - STATISTIC_CODE);
        row->kind = KIND_CODE;
        row->key = code == NULL ? 0 : (int32_t)strtol(code, NULL, 10);
    } else {
        row->kind = KIND_CAUSE;
        row->key = (int32_t)(index - STATISTIC_CAUSE);
    }
}

static size_t find_latency(int32_t bound_ms)
{
    size_t i = 0;
    while (i < COUNT_OF(bounds_ms) && bounds_ms[i] != bound_ms)
        i++;
    return STATISTIC_LATENCY + i;
}

static size_t find_code(int32_t key)
{
    size_t i = 0;
    while (i < COUNT_OF(codes) && strtol(codes[i], NULL, 10) != key)
        i++;
    return STATISTIC_CODE + i;
}

/* STATISTIC_COUNTERS: there is none. */
static size_t find_counter(const struct statistic_row *row)
{
    if (row->kind == KIND_EVENT && row->key >= 0 && row->key < STATISTIC_EVENTS)
        return (size_t)row->key;
    if (row->kind == KIND_LATENCY)
        return find_latency(row->key);
    if (row->kind == KIND_CODE)
        return find_code(row->key);
    if (row->kind == KIND_CAUSE && row->key >= 0 && row->key < STATISTIC_CAUSES)
        return STATISTIC_CAUSE + (size_t)row->key;
    return STATISTIC_COUNTERS;
}

size_t statistic_hour_rows(int64_t tenant_id, const struct statistic_hour *hour,
                           struct statistic_row rows[static STATISTIC_ROWS_MAX])
{
    struct statistic_x x = hour->x;
    size_t count = 0;
    for (size_t i = 0; i < STATISTIC_COUNTERS; i++) {
        if (hour->counts[i] == 0)
            continue;
        rows[count] = (struct statistic_row){tenant_id, hour->hour, 0, 0, hour->counts[i]};
        name_counter(i, &rows[count++]);
    }
    for (size_t i = 0; i < STATISTIC_X_MEMBERS && x.total > 0; i++)
        rows[count++] =
            (struct statistic_row){tenant_id, hour->hour, KIND_X, (int32_t)i, *x_member(&x, i)};
    return count;
}

void statistic_hour_add_row(struct statistic_hour *hour, const struct statistic_row *row)
{
    size_t index = find_counter(row);
    if (index < STATISTIC_COUNTERS)
        hour->counts[index] += (uint32_t)row->count;
    else if (row->kind == KIND_X && row->key >= 0 && row->key < STATISTIC_X_MEMBERS)
        *x_member(&hour->x, (size_t)row->key) = (uint16_t)row->count;
}
