#include "base/mem.h"
#include "mock_ita/control.h"

/* /requests: the journal. */

enum {
    REQUESTS_DEFAULT = 1000, /* in one answer, if not told else */
    NEAREST_MAX = 3,         /* entries shown when a count was not met */
};

static enum status read_texts(struct control_request *request, struct mock_match *match,
                              struct fault *fault)
{
    enum status status = OK;
    for (enum mock_entry_text i = 0; i < MOCK_ENTRY_TEXTS; i++)
        TRY(control_query(request, mock_entry_text_name(i), &match->texts[i], fault));
out:
    return status;
}

static enum status read_query(struct control_request *request, struct mock_match *match,
                              uint64_t *limit, struct fault *fault)
{
    uint64_t http_status = UINT64_MAX;
    enum status status = OK;
    TRY(read_texts(request, match, fault));
    TRY(control_query_u64(request, "since", &match->since, fault));
    TRY(control_query_u64(request, "limit", limit, fault));
    TRY(control_query_u64(request, "status", &http_status, fault));
    match->has_status = http_status != UINT64_MAX;
    match->status = http_status < 1000 ? (int)http_status : -1; /* no answer has it */
out:
    return status;
}

static bool fits(const struct mock_match *match, const struct mock_entry *entry)
{
    return entry->number > match->since && mock_match_differences(match, entry) == 0;
}

/* Oldest first; "next" is the `since` that goes on, when there may be more. */
void control_get_requests(struct control_request *request)
{
    struct mock_journal *journal = request->mock->journal;
    struct mock_match match = {0};
    uint64_t limit = REQUESTS_DEFAULT, last;
    struct fault fault;
    struct buf body;
    struct json_writer w;
    enum status status = read_query(request, &match, &limit, &fault);
    if (status != OK) {
        control_refuse_fault(request, status, &fault);
        return;
    }
    last = match.since;
    buf_init(&body, CONTROL_ANSWER_MAX + CONTROL_ITEM_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_array(&w, "requests");
    const struct mock_entry *entry = mock_journal_first(journal);
    for (; entry != NULL && limit > 0 && body.len < CONTROL_ANSWER_MAX;
         entry = mock_journal_next(journal, entry)) {
        last = entry->number;
        if (!fits(&match, entry))
            continue;
        mock_entry_write(&w, NULL, entry);
        limit--;
    }
    json_write_array_end(&w);
    if (entry != NULL)
        json_write_i64(&w, "next", (int64_t)last);
    json_write_object_end(&w);
    control_answer(request, 200, &body);
    buf_finish(&body);
}

void control_get_request(struct control_request *request)
{
    struct mock_journal *journal = request->mock->journal;
    const struct mock_entry *entry = mock_journal_first(journal);
    uint64_t number = 0;
    bool is_number = str_parse_u64(request->params[0], &number) == OK;
    while (entry != NULL && entry->number != number)
        entry = mock_journal_next(journal, entry);
    if (!is_number || entry == NULL) {
        control_refuse(request, 404, "there is no such request, or it has made room for others");
        return;
    }
    struct buf body;
    struct json_writer w;
    buf_init(&body, CONTROL_ITEM_MAX);
    json_write_init(&w, &body);
    mock_entry_write(&w, NULL, entry);
    control_answer(request, 200, &body);
    buf_finish(&body);
}

void control_delete_requests(struct control_request *request)
{
    mock_journal_clear(request->mock->journal);
    control_answer_nothing(request);
}

/* --- Verifying --- */

struct near {
    const struct mock_entry *entry;
    size_t differences;
};

struct tally {
    uint64_t count;
    struct near nearest[NEAREST_MAX]; /* least differences first; of equal ones the youngest */
    size_t nearest_count;
};

static void keep_near(struct tally *tally, const struct mock_entry *entry, size_t differences)
{
    size_t at = tally->nearest_count < NEAREST_MAX ? tally->nearest_count++ : NEAREST_MAX - 1;
    if (at == NEAREST_MAX - 1 && tally->nearest[at].entry != NULL &&
        tally->nearest[at].differences < differences)
        return;
    for (; at > 0 && tally->nearest[at - 1].differences >= differences; at--)
        tally->nearest[at] = tally->nearest[at - 1];
    tally->nearest[at] = (struct near){entry, differences};
}

static void count_fitting(const struct mock_journal *journal, const struct mock_match *match,
                          struct tally *tally)
{
    for (const struct mock_entry *entry = mock_journal_first(journal); entry != NULL;
         entry = mock_journal_next(journal, entry)) {
        if (entry->number <= match->since)
            continue;
        size_t differences = mock_match_differences(match, entry);
        if (differences == 0)
            tally->count++;
        else
            keep_near(tally, entry, differences);
    }
}

static void write_difference(struct json_writer *w, const char *member, struct str wanted,
                             struct str got)
{
    json_write_object(w, NULL);
    json_write_text(w, "member", member);
    json_write_str(w, "wanted", wanted);
    json_write_str(w, "got", got);
    json_write_object_end(w);
}

static struct str digits_of(struct buf *storage, int number)
{
    buf_append_i64(storage, number);
    return buf_str(storage);
}

static void write_differences(struct json_writer *w, const struct mock_match *match,
                              const struct mock_entry *entry)
{
    json_write_array(w, "differences");
    for (enum mock_entry_text i = 0; i < MOCK_ENTRY_TEXTS; i++)
        if (match->texts[i].ptr != NULL && !str_is(match->texts[i], entry->texts[i]))
            write_difference(w, mock_entry_text_name(i), match->texts[i], entry->texts[i]);
    if (!mock_match_status_fits(match, entry)) {
        char wanted_digits[16], got_digits[16];
        struct buf wanted, got;
        buf_init_fixed(&wanted, wanted_digits, sizeof(wanted_digits));
        buf_init_fixed(&got, got_digits, sizeof(got_digits));
        write_difference(w, "status", digits_of(&wanted, match->status),
                         entry->is_answered ? digits_of(&got, entry->status) : STR(""));
    }
    json_write_array_end(w);
}

static void write_nearest(struct json_writer *w, const struct mock_match *match,
                          const struct tally *tally)
{
    json_write_array(w, "nearest");
    for (size_t i = 0; i < tally->nearest_count; i++) {
        json_write_object(w, NULL);
        write_differences(w, match, tally->nearest[i].entry);
        mock_entry_write(w, "request", tally->nearest[i].entry);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

/* 200 when the count is as wanted, else 409 with the entries that come nearest. */
void control_verify_requests(struct control_request *request)
{
    struct mock_journal *journal = request->mock->journal;
    struct control_verify wanted;
    struct tally tally = {0};
    struct fault fault;
    struct buf body;
    struct json_writer w;
    enum status status = control_body_verify(request->body, &wanted, &fault);
    if (status != OK) {
        control_refuse_fault(request, status, &fault);
        return;
    }
    count_fitting(journal, &wanted.match, &tally);
    bool is_verified = tally.count >= wanted.at_least && tally.count <= wanted.at_most;
    buf_init(&body, (NEAREST_MAX + 1) * CONTROL_ITEM_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_bool(&w, "verified", is_verified);
    json_write_i64(&w, "count", (int64_t)tally.count);
    json_write_i64(&w, "entriesDropped",
                   (int64_t)mock_journal_counter(journal, MOCK_COUNT_ENTRIES_DROPPED));
    if (!is_verified)
        write_nearest(&w, &wanted.match, &tally);
    json_write_object_end(&w);
    control_answer(request, is_verified ? 200 : 409, &body);
    buf_finish(&body);
}
