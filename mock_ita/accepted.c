#include "mock_ita/accepted.h"

#include "base/table.h"

struct kept_identity {
    uint8_t identity[SHA256_SIZE];
    int64_t valid_until_ms;
    UT_hash_handle hh; /* in the order of their adding */
};

struct mock_accepted {
    struct kept_identity *table;
};

struct mock_accepted *mock_accepted_create(void)
{
    return NEW(struct mock_accepted);
}

static void forget_oldest(struct mock_accepted *accepted)
{
    struct kept_identity *oldest = accepted->table;
    HASH_DEL(accepted->table, oldest);
    mem_free(oldest);
}

void mock_accepted_clear(struct mock_accepted *accepted)
{
    while (accepted->table != NULL)
        forget_oldest(accepted);
}

void mock_accepted_destroy(struct mock_accepted *accepted)
{
    if (accepted == NULL)
        return;
    mock_accepted_clear(accepted);
    mem_free(accepted);
}

static struct kept_identity *find(const struct mock_accepted *accepted,
                                  const uint8_t identity[static SHA256_SIZE])
{
    struct kept_identity *kept;
    HASH_FIND(hh, accepted->table, identity, SHA256_SIZE, kept);
    return kept;
}

void mock_accepted_add(struct mock_accepted *accepted, const uint8_t identity[static SHA256_SIZE],
                       int64_t valid_until_ms)
{
    if (find(accepted, identity) != NULL)
        return;
    if (HASH_COUNT(accepted->table) == MOCK_ACCEPTED_MAX)
        forget_oldest(accepted);
    struct kept_identity *kept = NEW(struct kept_identity);
    memcpy(kept->identity, identity, SHA256_SIZE);
    kept->valid_until_ms = valid_until_ms;
    HASH_ADD(hh, accepted->table, identity, SHA256_SIZE, kept);
}

/* Dates come in about the order of arrival: what is out of it is forgotten a little later. */
bool mock_accepted_has(struct mock_accepted *accepted, const uint8_t identity[static SHA256_SIZE],
                       int64_t now_ms)
{
    while (accepted->table != NULL && accepted->table->valid_until_ms < now_ms)
        forget_oldest(accepted);
    return find(accepted, identity) != NULL;
}
