#include "mock_ita/telephony/bindings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/table.h"
#include "mock_ita/telephony/schedule.h"

enum { SECOND_MS = 1000 };

/* A binding as it is kept. */
struct kept {
    struct mock_binding binding;
    struct mock_due due; /* in the schedule while it is bound and will expire */
    UT_hash_handle hh;   /* by requestId; in no table without one */
    char text[];         /* what the binding's strings point at */
};

struct mock_bindings {
    struct mock_xpool *pool;
    const struct mock_policy *policy;
    struct mock_schedule schedule;
    struct kept **ring; /* the binding of number n stands at n % kept_max */
    size_t kept_max, bound;
    struct kept *by_request;
    uint64_t first, last;
    char id_prefix[16];
};

struct mock_bindings *mock_bindings_create(const struct mock_bindings_options *options)
{
    assert(options->kept_max >= 1);
    struct mock_bindings *bindings = NEW(struct mock_bindings);
    bindings->pool = options->pool;
    bindings->policy = options->policy;
    mock_schedule_init(&bindings->schedule);
    bindings->ring = mem_alloc(options->kept_max * sizeof(struct kept *));
    bindings->kept_max = options->kept_max;
    bindings->first = 1;
    snprintf(bindings->id_prefix, sizeof(bindings->id_prefix), "bind-%08" PRIx32 "-", options->run);
    return bindings;
}

/* --- Keeping --- */

static struct kept **slot(const struct mock_bindings *bindings, uint64_t number)
{
    return &bindings->ring[number % bindings->kept_max];
}

static struct kept *kept_of_number(const struct mock_bindings *bindings, uint64_t number)
{
    return number < bindings->first || number > bindings->last ? NULL : *slot(bindings, number);
}

static void end(struct mock_bindings *bindings, struct kept *kept, enum mock_binding_state state,
                int64_t at_ms)
{
    kept->binding.state = state;
    kept->binding.ended_ms = at_ms;
    mock_schedule_remove(&bindings->schedule, &kept->due);
    mock_claim_release(kept->binding.claim);
    kept->binding.claim = NULL;
    bindings->bound--;
}

static void drop_first(struct mock_bindings *bindings)
{
    struct kept *kept = *slot(bindings, bindings->first);
    *slot(bindings, bindings->first++) = NULL;
    if (kept->binding.request_id.len > 0)
        HASH_DEL(bindings->by_request, kept);
    if (kept->binding.state == MOCK_BINDING_BOUND)
        end(bindings, kept, MOCK_BINDING_UNBOUND, 0);
    mem_free(kept);
}

void mock_bindings_reset(struct mock_bindings *bindings)
{
    while (bindings->first <= bindings->last)
        drop_first(bindings);
}

void mock_bindings_destroy(struct mock_bindings *bindings)
{
    if (bindings == NULL)
        return;
    mock_bindings_reset(bindings);
    mock_schedule_finish(&bindings->schedule);
    mem_free(bindings->ring);
    mem_free(bindings);
}

/* Copies text to *end and moves *end behind it. */
static struct str keep_text(char **end, struct str text)
{
    struct str copy = {*end, text.len};
    if (text.len > 0)
        memcpy(*end, text.ptr, text.len);
    *end += text.len;
    return copy;
}

static struct kept *keep(struct mock_bindings *bindings, const struct mock_binding_order *order,
                         struct mock_claim *claim)
{
    struct str tel_x = mock_claim_tel_x(claim);
    struct kept *kept = mem_alloc(
        sizeof(struct kept) + MOCK_SUB_ID_LEN + 1 + order->request_id.len + order->access_key.len +
        order->remark.len + order->tel_a.len + order->tel_b.len + tel_x.len);
    struct mock_binding *binding = &kept->binding;
    binding->claim = claim;
    binding->number = ++bindings->last;
    int len = snprintf(kept->text, MOCK_SUB_ID_LEN + 1, "%s%010" PRIu64, bindings->id_prefix,
                       binding->number);
    assert(len == MOCK_SUB_ID_LEN);
    binding->sub_id = str_from(kept->text, (size_t)len);
    char *end = kept->text + len;
    binding->request_id = keep_text(&end, order->request_id);
    binding->access_key = keep_text(&end, order->access_key);
    binding->remark = keep_text(&end, order->remark);
    binding->tel_a = keep_text(&end, order->tel_a);
    binding->tel_b = keep_text(&end, order->tel_b);
    binding->tel_x = keep_text(&end, tel_x);
    binding->is_recorded = order->is_recorded;
    if (binding->request_id.len > 0)
        HASH_ADD_KEYPTR(hh, bindings->by_request, binding->request_id.ptr, binding->request_id.len,
                        kept);
    *slot(bindings, binding->number) = kept;
    return kept;
}

/* --- Binding and its end --- */

enum mock_code mock_bindings_bind(struct mock_bindings *bindings,
                                  const struct mock_binding_order *order, int64_t now_ms,
                                  const struct mock_binding **out)
{
    assert(order->expiration_s >= 0 && order->expiration_s <= MOCK_EXPIRATION_MAX_S);
    bool is_full = bindings->last + 1 - bindings->first == bindings->kept_max;
    if (is_full && (*slot(bindings, bindings->first))->binding.state == MOCK_BINDING_BOUND)
        return MOCK_TOO_MANY_REQUESTS;
    struct mock_claim *claim;
    enum mock_code code = mock_policy_check_numbers(bindings->policy, order->tel_a, order->tel_b);
    if (code == MOCK_OK)
        code = mock_xpool_claim(bindings->pool, order->tel_x, order->tel_a, order->tel_b, &claim);
    if (code != MOCK_OK)
        return code;
    if (is_full)
        drop_first(bindings);
    struct kept *kept = keep(bindings, order, claim);
    struct mock_binding *binding = &kept->binding;
    bindings->bound++;
    binding->bound_ms = now_ms;
    binding->expires_ms = INT64_MAX;
    if (order->expiration_s > 0) {
        binding->expires_ms = now_ms + order->expiration_s * SECOND_MS;
        mock_schedule_add(&bindings->schedule, &kept->due, binding->expires_ms);
    }
    *out = binding;
    return MOCK_OK;
}

static struct kept *find(const struct mock_bindings *bindings, struct str sub_id)
{
    struct str prefix = str_of(bindings->id_prefix);
    uint64_t number;
    if (sub_id.len != MOCK_SUB_ID_LEN || !str_starts(sub_id, prefix) ||
        str_parse_u64(str_slice(sub_id, prefix.len, sub_id.len), &number) != OK)
        return NULL;
    return kept_of_number(bindings, number);
}

enum mock_code mock_bindings_unbind(struct mock_bindings *bindings, struct str sub_id,
                                    struct str tel_x, int64_t now_ms)
{
    struct kept *kept = find(bindings, sub_id);
    if (kept == NULL || kept->binding.state != MOCK_BINDING_BOUND)
        return MOCK_BINDING_NOT_EXISTS;
    if (!str_is(tel_x, kept->binding.tel_x))
        return MOCK_BINDING_INCONSISTENT;
    end(bindings, kept, MOCK_BINDING_UNBOUND, now_ms);
    return MOCK_OK;
}

const struct mock_binding *mock_bindings_expire(struct mock_bindings *bindings, int64_t now_ms)
{
    struct mock_due *due = mock_schedule_first(&bindings->schedule);
    if (due == NULL || due->at_ms > now_ms)
        return NULL;
    struct kept *kept = CONTAINER_OF(due, struct kept, due);
    end(bindings, kept, MOCK_BINDING_EXPIRED, kept->binding.expires_ms);
    return &kept->binding;
}

int64_t mock_bindings_due_ms(const struct mock_bindings *bindings)
{
    struct mock_due *due = mock_schedule_first(&bindings->schedule);
    return due == NULL ? INT64_MAX : due->at_ms;
}

void mock_bindings_note_recording(struct mock_bindings *bindings, struct str sub_id,
                                  uint64_t call_number)
{
    struct kept *kept = find(bindings, sub_id);
    if (kept != NULL)
        kept->binding.recorded_call = call_number;
}

/* --- Finding --- */

const struct mock_binding *mock_bindings_find(const struct mock_bindings *bindings,
                                              struct str sub_id)
{
    struct kept *kept = find(bindings, sub_id);
    return kept == NULL ? NULL : &kept->binding;
}

const struct mock_binding *mock_bindings_of_request(const struct mock_bindings *bindings,
                                                    struct str request_id)
{
    struct kept *kept;
    HASH_FIND(hh, bindings->by_request, request_id.ptr, request_id.len, kept);
    return kept == NULL ? NULL : &kept->binding;
}

const struct mock_binding *mock_bindings_of_number(const struct mock_bindings *bindings,
                                                   uint64_t number)
{
    struct kept *kept = kept_of_number(bindings, number);
    return kept == NULL ? NULL : &kept->binding;
}

uint64_t mock_bindings_first(const struct mock_bindings *bindings)
{
    return bindings->first;
}

uint64_t mock_bindings_last(const struct mock_bindings *bindings)
{
    return bindings->last;
}

size_t mock_bindings_bound(const struct mock_bindings *bindings)
{
    return bindings->bound;
}

const char *mock_binding_state_text(enum mock_binding_state state)
{
    static const char *const texts[] = {
        [MOCK_BINDING_BOUND] = "bound",
        [MOCK_BINDING_UNBOUND] = "unbound",
        [MOCK_BINDING_EXPIRED] = "expired",
    };
    return texts[state];
}
