#include "mock_ita/journal.h"

#include "base/list.h"
#include "base/mem.h"

enum {
    BLOCK_ROOM = 512, /* for what handlers will note; most requests need no second block */
    ALIGNMENT = _Alignof(struct http_header),
};

/* Memory of one entry's texts, which never move. */
struct block {
    struct block *next;
    size_t used, size;
    char bytes[];
};

struct kept_entry {
    struct mock_entry entry;
    struct mock_journal *journal;
    struct list link;    /* among the entries, or adrift */
    bool is_adrift;      /* dropped while it was under way */
    bool is_forgotten;   /* by a reset: its end counts for nothing */
    struct block *block; /* the last one */
    size_t bytes;
};

struct mock_journal {
    struct mock_journal_options options;
    struct list entries; /* oldest first */
    struct list adrift;
    size_t bytes; /* of all entries that are not adrift */
    uint64_t last_number;
    uint64_t counters[MOCK_COUNTERS];
};

struct mock_journal *mock_journal_create(const struct mock_journal_options *options)
{
    struct mock_journal *journal = NEW(struct mock_journal);
    journal->options = *options;
    list_init(&journal->entries);
    list_init(&journal->adrift);
    return journal;
}

static struct kept_entry *kept_of(struct list *link)
{
    return CONTAINER_OF(link, struct kept_entry, link);
}

/* --- Room --- */

static void free_entry(struct kept_entry *kept)
{
    list_remove(&kept->link);
    for (struct block *block = kept->block, *next; block != NULL; block = next) {
        next = block->next;
        mem_free(block);
    }
    mem_free(kept);
}

/* Whoever still has it in hand may go on with it. */
static void drop(struct mock_journal *journal, struct kept_entry *kept)
{
    journal->bytes -= kept->bytes;
    if (kept->entry.is_answered) {
        free_entry(kept);
        return;
    }
    kept->is_adrift = true;
    list_remove(&kept->link);
    list_append(&journal->adrift, &kept->link);
}

static void take_room(struct kept_entry *kept, size_t bytes)
{
    struct mock_journal *journal = kept->journal;
    kept->bytes += bytes;
    if (kept->is_adrift)
        return;
    journal->bytes += bytes;
    while (journal->bytes > journal->options.bytes_max &&
           list_first(&journal->entries) != journal->entries.prev) {
        drop(journal, kept_of(list_first(&journal->entries)));
        mock_journal_count(journal, MOCK_COUNT_ENTRIES_DROPPED);
    }
}

static void add_block(struct kept_entry *kept, size_t size)
{
    struct block *block = mem_alloc(sizeof(*block) + size);
    block->size = size;
    block->next = kept->block;
    kept->block = block;
    take_room(kept, sizeof(*block) + size);
}

static void *reserve(struct kept_entry *kept, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (kept->block == NULL || kept->block->size - kept->block->used < size)
        add_block(kept, size + BLOCK_ROOM);
    void *room = kept->block->bytes + kept->block->used;
    kept->block->used += size;
    return room;
}

static struct str keep(struct kept_entry *kept, struct str text, size_t max)
{
    struct str cut = str_slice(text, 0, max);
    if (cut.len == 0)
        return (struct str){0};
    char *room = reserve(kept, cut.len);
    memcpy(room, cut.ptr, cut.len);
    return str_from(room, cut.len);
}

void mock_journal_clear(struct mock_journal *journal)
{
    for (struct list *link; (link = list_first(&journal->entries)) != NULL;)
        drop(journal, kept_of(link));
}

void mock_journal_reset(struct mock_journal *journal)
{
    mock_journal_clear(journal);
    for (struct list *link = journal->adrift.next; link != &journal->adrift; link = link->next)
        kept_of(link)->is_forgotten = true;
    memset(journal->counters, 0, sizeof(journal->counters));
}

void mock_journal_destroy(struct mock_journal *journal)
{
    if (journal == NULL)
        return;
    mock_journal_reset(journal);
    for (struct list *link; (link = list_first(&journal->adrift)) != NULL;)
        free_entry(kept_of(link));
    mem_free(journal);
}

/* --- Filling --- */

static struct kept_entry *add_entry(struct mock_journal *journal, size_t bytes)
{
    struct kept_entry *kept = NEW(struct kept_entry);
    kept->journal = journal;
    list_append(&journal->entries, &kept->link);
    take_room(kept, sizeof(*kept));
    add_block(kept, bytes + BLOCK_ROOM);
    return kept;
}

static void keep_headers(struct kept_entry *kept, const struct http_request *request)
{
    struct http_header *headers = reserve(kept, request->header_count * sizeof(*headers));
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = (struct http_header){keep(kept, request->headers[i].name, HTTP_HEAD_MAX),
                                          keep(kept, request->headers[i].value, HTTP_HEAD_MAX)};
    kept->entry.headers = headers;
    kept->entry.header_count = request->header_count;
}

struct mock_entry *mock_journal_begin(struct mock_journal *journal,
                                      const struct http_request *request, int64_t now_ms)
{
    struct str body = str_slice(request->body, 0, MOCK_ENTRY_BODY_MAX);
    size_t bytes = body.len + 2 * request->target.len;
    for (size_t i = 0; i < request->header_count; i++)
        bytes += sizeof(struct http_header) + 2 * ALIGNMENT + request->headers[i].name.len +
                 request->headers[i].value.len;
    struct kept_entry *kept = add_entry(journal, bytes);
    struct mock_entry *entry = &kept->entry;
    entry->number = ++journal->last_number;
    entry->at_ms = now_ms;
    mock_entry_set(entry, MOCK_ENTRY_METHOD, request->method);
    mock_entry_set(entry, MOCK_ENTRY_PATH, request->path);
    mock_entry_set(entry, MOCK_ENTRY_PEER, request->peer);
    entry->target = keep(kept, request->target, HTTP_HEAD_MAX);
    entry->body = keep(kept, body, MOCK_ENTRY_BODY_MAX);
    entry->body_len = request->body.len;
    keep_headers(kept, request);
    return entry;
}

static struct kept_entry *kept_of_entry(struct mock_entry *entry)
{
    return CONTAINER_OF(entry, struct kept_entry, entry);
}

void mock_entry_set(struct mock_entry *entry, enum mock_entry_text which, struct str value)
{
    entry->texts[which] = keep(kept_of_entry(entry), value, MOCK_ENTRY_TEXT_MAX);
}

void mock_entry_set_verdict(struct mock_entry *entry, const struct mock_verdict *verdict)
{
    struct kept_entry *kept = kept_of_entry(entry);
    mock_entry_set(entry, MOCK_ENTRY_CHECK, str_of(mock_check_text(verdict->check)));
    mock_entry_set(entry, MOCK_ENTRY_ACCESS_KEY, verdict->access_key);
    entry->canonical = keep(kept, verdict->canonical, SIZE_MAX);
    entry->string_to_sign = keep(kept, verdict->string_to_sign, SIZE_MAX);
    entry->signed_request = verdict->request;
}

void mock_entry_add_violation(struct mock_entry *entry, struct str path, struct str rule)
{
    struct kept_entry *kept = kept_of_entry(entry);
    if (entry->violation_count == MOCK_ENTRY_VIOLATIONS_MAX)
        return;
    if (entry->violations == NULL)
        entry->violations =
            reserve(kept, MOCK_ENTRY_VIOLATIONS_MAX * sizeof(struct mock_entry_violation));
    entry->violations[entry->violation_count++] = (struct mock_entry_violation){
        keep(kept, path, MOCK_ENTRY_TEXT_MAX), keep(kept, rule, MOCK_ENTRY_TEXT_MAX)};
}

void mock_journal_end(struct mock_journal *journal, struct mock_entry *entry, int status,
                      int64_t now_ms)
{
    struct kept_entry *kept = kept_of_entry(entry);
    entry->is_answered = true;
    entry->answered_ms = now_ms;
    entry->status = status;
    if (!kept->is_forgotten) {
        mock_journal_count(journal, MOCK_COUNT_REQUESTS);
        if (journal->options.on_ended != NULL)
            journal->options.on_ended(journal->options.data, entry);
    }
    if (kept->is_adrift)
        free_entry(kept);
}

void mock_journal_add_refused(struct mock_journal *journal, const struct http_request *request,
                              int status, struct str reason, int64_t now_ms)
{
    struct mock_entry *entry = mock_journal_begin(journal, request, now_ms);
    mock_entry_set(entry, MOCK_ENTRY_REASON, reason);
    mock_journal_count(journal, MOCK_COUNT_MALFORMED);
    mock_journal_end(journal, entry, status, now_ms);
}

/* --- Counters --- */

void mock_journal_count(struct mock_journal *journal, enum mock_counter counter)
{
    journal->counters[counter]++;
}

uint64_t mock_journal_counter(const struct mock_journal *journal, enum mock_counter counter)
{
    return journal->counters[counter];
}

const char *mock_counter_name(enum mock_counter counter)
{
    static const char *const names[] = {
#define X(name, text) text,
        MOCK_COUNTER_MAP(X)
#undef X
    };
    return names[counter];
}

/* --- Reading --- */

static const struct mock_entry *entry_at(const struct mock_journal *journal,
                                         const struct list *link)
{
    return link == &journal->entries ? NULL
                                     : &CONTAINER_OF(link, const struct kept_entry, link)->entry;
}

const struct mock_entry *mock_journal_first(const struct mock_journal *journal)
{
    return entry_at(journal, journal->entries.next);
}

const struct mock_entry *mock_journal_next(const struct mock_journal *journal,
                                           const struct mock_entry *entry)
{
    return entry_at(journal, CONTAINER_OF(entry, const struct kept_entry, entry)->link.next);
}

uint64_t mock_journal_last(const struct mock_journal *journal)
{
    return journal->last_number;
}

size_t mock_journal_bytes(const struct mock_journal *journal)
{
    return journal->bytes;
}

const char *mock_entry_text_name(enum mock_entry_text which)
{
    static const char *const names[] = {
#define X(name, text) text,
        MOCK_ENTRY_TEXT_MAP(X)
#undef X
    };
    return names[which];
}

bool mock_match_status_fits(const struct mock_match *match, const struct mock_entry *entry)
{
    return !match->has_status || (entry->is_answered && entry->status == match->status);
}

size_t mock_match_differences(const struct mock_match *match, const struct mock_entry *entry)
{
    size_t differences = !mock_match_status_fits(match, entry);
    for (size_t i = 0; i < MOCK_ENTRY_TEXTS; i++)
        differences += match->texts[i].ptr != NULL && !str_is(match->texts[i], entry->texts[i]);
    return differences;
}
