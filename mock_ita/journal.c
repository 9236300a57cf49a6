#include "mock_ita/journal.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

enum { METHOD_MAX = 8, TARGET_MAX = 160 };

struct kept_entry {
    char method[METHOD_MAX], target[TARGET_MAX];
    uint8_t method_len, target_len;
    int16_t status;
    const char *code;
    char *reason; /* NULL: none */
    int64_t at_ms;
};

struct mock_journal {
    struct kept_entry *ring; /* entry n stands at n % MOCK_JOURNAL_MAX */
    uint64_t count;          /* entries ever added since the last reset */
    uint64_t counters[MOCK_COUNTERS];
};

struct mock_journal *mock_journal_create(void)
{
    struct mock_journal *journal = NEW(struct mock_journal);
    journal->ring = mem_alloc(MOCK_JOURNAL_MAX * sizeof(struct kept_entry));
    return journal;
}

void mock_journal_reset(struct mock_journal *journal)
{
    for (size_t i = 0; i < MOCK_JOURNAL_MAX; i++) {
        mem_free(journal->ring[i].reason);
        journal->ring[i] = (struct kept_entry){0};
    }
    journal->count = 0;
    memset(journal->counters, 0, sizeof(journal->counters));
}

void mock_journal_destroy(struct mock_journal *journal)
{
    if (journal == NULL)
        return;
    mock_journal_reset(journal);
    mem_free(journal->ring);
    mem_free(journal);
}

static uint8_t keep(char *storage, size_t size, struct str text)
{
    struct str kept = str_slice(text, 0, size);
    if (kept.len > 0)
        memcpy(storage, kept.ptr, kept.len);
    return (uint8_t)kept.len;
}

void mock_journal_add(struct mock_journal *journal, const struct mock_entry *entry)
{
    struct kept_entry *kept = &journal->ring[journal->count++ % MOCK_JOURNAL_MAX];
    mem_free(kept->reason);
    kept->reason = entry->reason.len == 0
                       ? NULL
                       : str_copy(str_slice(entry->reason, 0, MOCK_JOURNAL_REASON_MAX));
    kept->method_len = keep(kept->method, METHOD_MAX, entry->method);
    kept->target_len = keep(kept->target, TARGET_MAX, entry->target);
    kept->status = (int16_t)entry->status;
    kept->code = entry->code;
    kept->at_ms = entry->at_ms;
}

void mock_journal_count(struct mock_journal *journal, enum mock_counter counter)
{
    journal->counters[counter]++;
}

uint64_t mock_journal_counter(const struct mock_journal *journal, enum mock_counter counter)
{
    return journal->counters[counter];
}

static void write_entry(struct json_writer *w, const struct kept_entry *kept)
{
    char storage[32];
    struct buf at;
    buf_init_fixed(&at, storage, sizeof(storage));
    clock_append_rfc3339(&at, kept->at_ms);
    json_write_object(w, NULL);
    json_write_str(w, "at", buf_str(&at));
    json_write_str(w, "method", str_from(kept->method, kept->method_len));
    json_write_str(w, "path", str_from(kept->target, kept->target_len));
    json_write_i64(w, "status", kept->status);
    json_write_text(w, "code", kept->code);
    json_write_str(w, "reason", str_of(kept->reason));
    json_write_object_end(w);
}

void mock_journal_write_requests(const struct mock_journal *journal, struct buf *out)
{
    struct json_writer w;
    uint64_t first = journal->count > MOCK_JOURNAL_MAX ? journal->count - MOCK_JOURNAL_MAX : 0;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_array(&w, "requests");
    for (uint64_t i = first; i < journal->count; i++)
        write_entry(&w, &journal->ring[i % MOCK_JOURNAL_MAX]);
    json_write_array_end(&w);
    json_write_object_end(&w);
}

void mock_journal_write_counters(const struct mock_journal *journal, struct buf *out)
{
    static const char *const names[] = {
#define X(name, text) text,
        MOCK_COUNTER_MAP(X)
#undef X
    };
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    for (size_t i = 0; i < MOCK_COUNTERS; i++)
        json_write_i64(&w, names[i], (int64_t)journal->counters[i]);
    json_write_object_end(&w);
}
