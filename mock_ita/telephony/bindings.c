#include "mock_ita/telephony/bindings.h"

#include <assert.h>

#include "base/table.h"
#include "mock_ita/telephony/ring.h"
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
    struct mock_ring ring;
    struct kept *by_request;
    size_t bound;
};

struct mock_bindings *mock_bindings_create(const struct mock_bindings_options *options)
{
    struct mock_bindings *bindings = NEW(struct mock_bindings);
    bindings->pool = options->pool;
    bindings->policy = options->policy;
    mock_schedule_init(&bindings->schedule);
    mock_ring_init(&bindings->ring, options->kept_max, "bind", options->run);
    return bindings;
}

/* --- Keeping --- */

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
    struct kept *kept = mock_ring_take_first(&bindings->ring);
    if (kept->binding.request_id.len > 0)
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is in the table. */
        HASH_DEL(bindings->by_request, kept);
    if (kept->binding.state == MOCK_BINDING_BOUND)
        end(bindings, kept, MOCK_BINDING_UNBOUND, 0);
    mem_free(kept);
}

void mock_bindings_reset(struct mock_bindings *bindings)
{
    while (mock_ring_first(&bindings->ring) != NULL)
        drop_first(bindings);
}

void mock_bindings_destroy(struct mock_bindings *bindings)
{
    if (bindings == NULL)
        return;
    mock_bindings_reset(bindings);
    mock_schedule_finish(&bindings->schedule);
    mock_ring_finish(&bindings->ring);
    mem_free(bindings);
}

static struct kept *keep(struct mock_bindings *bindings, const struct mock_binding_order *order,
                         struct mock_claim *claim)
{
    struct str tel_x = mock_claim_tel_x(claim);
    struct kept *kept = mem_alloc(sizeof(struct kept) + MOCK_ID_LEN + order->request_id.len +
                                  order->access_key.len + order->remark.len + order->tel_a.len +
                                  order->tel_b.len + tel_x.len);
    struct mock_binding *binding = &kept->binding;
    binding->claim = claim;
    mock_ring_next_id(&bindings->ring, kept->text);
    binding->sub_id = str_from(kept->text, MOCK_ID_LEN);
    char *end = kept->text + MOCK_ID_LEN;
    binding->request_id = mock_keep_text(&end, order->request_id);
    binding->access_key = mock_keep_text(&end, order->access_key);
    binding->remark = mock_keep_text(&end, order->remark);
    binding->tel_a = mock_keep_text(&end, order->tel_a);
    binding->tel_b = mock_keep_text(&end, order->tel_b);
    binding->tel_x = mock_keep_text(&end, tel_x);
    binding->is_recorded = order->is_recorded;
    if (binding->request_id.len > 0)
        HASH_ADD_KEYPTR(hh, bindings->by_request, binding->request_id.ptr, binding->request_id.len,
                        kept);
    mock_ring_add(&bindings->ring, kept);
    binding->number = bindings->ring.last;
    return kept;
}

/* --- Binding and its end --- */

enum mock_code mock_bindings_bind(struct mock_bindings *bindings,
                                  const struct mock_binding_order *order, int64_t now_ms,
                                  const struct mock_binding **out)
{
    assert(order->expiration_s >= 0 && order->expiration_s <= MOCK_EXPIRATION_MAX_S);
    bool is_full = mock_ring_is_full(&bindings->ring);
    const struct kept *oldest = mock_ring_first(&bindings->ring);
    if (is_full && oldest->binding.state == MOCK_BINDING_BOUND)
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

enum mock_code mock_bindings_unbind(struct mock_bindings *bindings, struct str sub_id,
                                    struct str tel_x, int64_t now_ms)
{
    struct kept *kept = mock_ring_of_id(&bindings->ring, sub_id);
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
    struct kept *kept = mock_ring_of_id(&bindings->ring, sub_id);
    if (kept != NULL)
        kept->binding.recorded_call = call_number;
}

/* --- Finding --- */

static const struct mock_binding *binding_of(const struct kept *kept)
{
    return kept == NULL ? NULL : &kept->binding;
}

const struct mock_binding *mock_bindings_find(const struct mock_bindings *bindings,
                                              struct str sub_id)
{
    return binding_of(mock_ring_of_id(&bindings->ring, sub_id));
}

const struct mock_binding *mock_bindings_of_request(const struct mock_bindings *bindings,
                                                    struct str request_id)
{
    struct kept *kept;
    HASH_FIND(hh, bindings->by_request, request_id.ptr, request_id.len, kept);
    return binding_of(kept);
}

const struct mock_binding *mock_bindings_of_number(const struct mock_bindings *bindings,
                                                   uint64_t number)
{
    return binding_of(mock_ring_of_number(&bindings->ring, number));
}

uint64_t mock_bindings_first(const struct mock_bindings *bindings)
{
    return bindings->ring.first;
}

uint64_t mock_bindings_last(const struct mock_bindings *bindings)
{
    return bindings->ring.last;
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
