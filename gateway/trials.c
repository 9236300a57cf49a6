#include "gateway/trials.h"

#include "base/table.h"

static const int64_t DAY_MS = 24 * 60 * 60 * 1000;

struct trial {
    int64_t tenant_id;
    int64_t calls_ms[TRIAL_CALLS_A_DAY]; /* when the last ones began, in no order; 0: none */
    UT_hash_handle hh;
};

struct trials {
    struct trial *tenants;
};

struct trials *trials_create(void)
{
    return NEW(struct trials);
}

static void drop(struct trials *trials, struct trial *trial)
{
    HASH_DEL(trials->tenants, trial);
    mem_free(trial);
}

void trials_destroy(struct trials *trials)
{
    struct trial *trial, *next;
    if (trials == NULL)
        return;
    HASH_ITER(hh, trials->tenants, trial, next)
    drop(trials, trial);
    mem_free(trials);
}

static struct trial *find(const struct trials *trials, int64_t tenant_id)
{
    struct trial *trial;
    HASH_FIND(hh, trials->tenants, &tenant_id, sizeof(tenant_id), trial);
    return trial;
}

void trials_set(struct trials *trials, const struct tenant *tenant)
{
    struct trial *trial = find(trials, tenant->id);
    if (tenant->is_trial == (trial != NULL))
        return;
    if (trial != NULL) {
        drop(trials, trial);
        return;
    }
    trial = NEW(struct trial);
    trial->tenant_id = tenant->id;
    memcpy(trial->calls_ms, tenant->trial_calls_ms, sizeof(trial->calls_ms));
    HASH_ADD(hh, trials->tenants, tenant_id, sizeof(trial->tenant_id), trial);
}

static int64_t day_of(int64_t at_ms, int32_t offset_s)
{
    return (at_ms + offset_s * INT64_C(1000)) / DAY_MS;
}

bool trials_begin(struct trials *trials, int64_t tenant_id, int64_t now_ms, int32_t offset_s)
{
    struct trial *trial = find(trials, tenant_id);
    int64_t today = day_of(now_ms, offset_s);
    if (trial == NULL)
        return true;
    for (size_t i = 0; i < COUNT_OF(trial->calls_ms); i++)
        if (day_of(trial->calls_ms[i], offset_s) != today) {
            trial->calls_ms[i] = now_ms;
            return true;
        }
    return false;
}

void trials_give_back(struct trials *trials, int64_t tenant_id, int64_t begun_ms)
{
    struct trial *trial = find(trials, tenant_id);
    for (size_t i = 0; trial != NULL && i < COUNT_OF(trial->calls_ms); i++)
        if (trial->calls_ms[i] == begun_ms) {
            trial->calls_ms[i] = 0;
            return;
        }
}
