#include "tests/test.h"

#include <stdio.h>

#include "base/mem.h"
#include "mock_ita/journal.h"

enum { OUT_MAX = 1024 * 1024, ROOMY = 64 * 1024 * 1024 };
#define NOW_MS INT64_C(1893553445000) /* 2030-01-02T03:04:05Z */

static const struct http_header headers[] = {{{"Host", 4}, {"ita.example.test", 16}},
                                             {{"AppKey", 6}, {"fake-app", 8}}};

static struct mock_journal *journal_new(size_t bytes_max)
{
    const struct mock_journal_options options = {.bytes_max = bytes_max};
    return mock_journal_create(&options);
}

static struct mock_entry *begin(struct mock_journal *journal, struct str target, struct str body)
{
    struct http_request request = {.method = STR("POST"),
                                   .target = target,
                                   .path = str_slice(target, 0, str_find(target, '?')),
                                   .headers = headers,
                                   .header_count = COUNT_OF(headers),
                                   .body = body,
                                   .peer = STR("127.0.0.1")};
    return mock_journal_begin(journal, &request, NOW_MS);
}

static uint64_t add(struct mock_journal *journal, const char *tel_a, const char *tel_b, int status)
{
    struct mock_entry *entry = begin(journal, STR("/v1"), STR("{}"));
    mock_entry_set(entry, MOCK_ENTRY_TEL_A, str_of(tel_a));
    mock_entry_set(entry, MOCK_ENTRY_TEL_B, str_of(tel_b));
    uint64_t number = entry->number;
    mock_journal_end(journal, entry, status, NOW_MS);
    return number;
}

static size_t count_of(const struct mock_journal *journal)
{
    size_t count = 0;
    for (const struct mock_entry *entry = mock_journal_first(journal); entry != NULL;
         entry = mock_journal_next(journal, entry))
        count++;
    return count;
}

static const struct json *written(const struct mock_entry *entry)
{
    struct json *json;
    struct fault fault;
    struct buf out;
    struct json_writer w;
    buf_init(&out, OUT_MAX);
    json_write_init(&w, &out);
    mock_entry_write(&w, NULL, entry);
    assert_status(json_parse(buf_str(&out), &json, &fault), OK);
    buf_finish(&out);
    return json;
}

static void assert_text(const struct json *json, const char *name, const char *expected)
{
    assert_str(json_string(json_get(json, name)), expected);
}

TEST(tells_a_request_as_it_was)
{
    UNUSED(state);
    struct mock_journal *journal = journal_new(ROOMY);
    struct mock_entry *entry = begin(journal, STR("/v1?x=\"1\""), STR("{\"a\":\x01}"));
    mock_entry_set(entry, MOCK_ENTRY_ACTION, STR("place"));
    mock_entry_set(entry, MOCK_ENTRY_CODE, STR("90106001"));
    mock_entry_set(entry, MOCK_ENTRY_CODE, STR("0"));
    mock_entry_add_violation(entry, STR("/telA"), STR("digits"));
    mock_journal_end(journal, entry, 200, NOW_MS + 5);
    const struct json *json = written(mock_journal_first(journal));
    assert_text(json, "at", "2030-01-02T03:04:05.000Z");
    assert_text(json, "answeredAt", "2030-01-02T03:04:05.005Z");
    assert_text(json, "method", "POST");
    assert_text(json, "path", "/v1");
    assert_text(json, "target", "/v1?x=\"1\"");
    assert_text(json, "peer", "127.0.0.1");
    assert_text(json, "action", "place");
    assert_text(json, "code", "0");
    assert_text(json, "rule", "");
    assert_text(json, "body", "{\"a\":\x01}");
    assert_int_equal((int)json_double(json_get(json, "status")), 200);
    assert_text(json_first(json_get(json, "headers")), "name", "Host");
    assert_text(json_first(json_get(json, "violations")), "path", "/telA");
    assert_text(json_first(json_get(json, "violations")), "rule", "digits");
    json_destroy((struct json *)json);
    mock_journal_destroy(journal);
}

TEST(tells_what_should_have_been_signed)
{
    UNUSED(state);
    struct mock_journal *journal = journal_new(ROOMY);
    struct mock_entry *entry = begin(journal, STR("/v1"), STR(""));
    const struct mock_verdict verdict = {.check = MOCK_CHECK_SIGNATURE_WRONG,
                                         .access_key = STR("FAKEA"),
                                         .canonical = STR("POST\n/v1/"),
                                         .string_to_sign = STR("SDK-HMAC-SHA256\n")};
    mock_entry_set_verdict(entry, &verdict);
    mock_journal_end(journal, entry, 401, NOW_MS);
    const struct json *json = written(mock_journal_first(journal));
    assert_text(json, "check", "signature_wrong");
    assert_text(json, "accessKey", "FAKEA");
    assert_text(json, "canonicalRequest", "POST\n/v1/");
    assert_text(json, "stringToSign", "SDK-HMAC-SHA256\n");
    json_destroy((struct json *)json);
    mock_journal_destroy(journal);
}

TEST(shows_what_is_still_under_way)
{
    UNUSED(state);
    struct mock_journal *journal = journal_new(ROOMY);
    struct mock_entry *entry = begin(journal, STR("/v1"), STR(""));
    const struct json *json = written(mock_journal_first(journal));
    assert_true(json_is_null(json_get(json, "status")));
    assert_true(json_is_null(json_get(json, "answeredAt")));
    json_destroy((struct json *)json);
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_REQUESTS), 0);
    mock_journal_end(journal, entry, 0, NOW_MS);
    json = written(mock_journal_first(journal));
    assert_int_equal((int)json_double(json_get(json, "status")), 0);
    json_destroy((struct json *)json);
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_REQUESTS), 1);
    mock_journal_destroy(journal);
}

TEST(keeps_what_fits_and_drops_the_oldest)
{
    UNUSED(state);
    enum { BYTES_MAX = 1024 * 1024, ADDED = 5000 };
    struct mock_journal *journal = journal_new(BYTES_MAX);
    for (int i = 0; i < ADDED; i++) {
        add(journal, "13800000001", "13900000001", 200);
        assert_true(mock_journal_bytes(journal) <= BYTES_MAX);
    }
    size_t kept = count_of(journal);
    assert_true(kept > 100 && kept < ADDED);
    assert_int_equal(mock_journal_first(journal)->number, ADDED - kept + 1);
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_ENTRIES_DROPPED), ADDED - kept);
    mock_journal_reset(journal);
    assert_int_equal(mock_journal_bytes(journal), 0);
    assert_null(mock_journal_first(journal));
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_REQUESTS), 0);
    assert_int_equal(add(journal, "1", "2", 200), ADDED + 1);
    mock_journal_destroy(journal);
}

TEST(lets_an_entry_under_way_be_finished_after_it_was_dropped)
{
    UNUSED(state);
    struct mock_journal *journal = journal_new(1);
    struct mock_entry *first = begin(journal, STR("/1"), STR(""));
    struct mock_entry *second = begin(journal, STR("/2"), STR(""));
    struct mock_entry *third = begin(journal, STR("/3"), STR(""));
    assert_ptr_equal(mock_journal_first(journal), third);
    mock_entry_set(first, MOCK_ENTRY_CODE, STR("0"));
    assert_str(first->texts[MOCK_ENTRY_CODE], "0");
    mock_journal_end(journal, first, 200, NOW_MS);
    mock_journal_reset(journal);
    assert_null(mock_journal_first(journal));
    mock_journal_end(journal, third, 200, NOW_MS);
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_REQUESTS), 0);
    assert_str(second->target, "/2");
    mock_journal_destroy(journal); /* with the second one */
}

TEST(finds_no_status_while_an_entry_is_under_way)
{
    UNUSED(state);
    const struct mock_match unanswered = {.has_status = true, .status = 0};
    struct mock_journal *journal = journal_new(ROOMY);
    struct mock_entry *entry = begin(journal, STR("/"), STR(""));
    assert_int_equal(mock_match_differences(&unanswered, entry), 1);
    mock_journal_end(journal, entry, 0, NOW_MS);
    assert_int_equal(mock_match_differences(&unanswered, mock_journal_first(journal)), 0);
    mock_journal_destroy(journal);
}

TEST(cuts_what_is_long)
{
    UNUSED(state);
    static char text[MOCK_ENTRY_BODY_MAX + 100];
    struct mock_journal *journal = journal_new(ROOMY);
    memset(text, 'b', sizeof(text));
    struct mock_entry *entry = begin(journal, STR("/"), str_from(text, sizeof(text)));
    mock_entry_set(entry, MOCK_ENTRY_REASON, str_from(text, sizeof(text)));
    for (int i = 0; i < MOCK_ENTRY_VIOLATIONS_MAX + 5; i++)
        mock_entry_add_violation(entry, STR("/x"), STR("why"));
    assert_int_equal(entry->body.len, MOCK_ENTRY_BODY_MAX);
    assert_int_equal(entry->body_len, sizeof(text));
    assert_int_equal(entry->texts[MOCK_ENTRY_REASON].len, MOCK_ENTRY_TEXT_MAX);
    assert_int_equal(entry->violation_count, MOCK_ENTRY_VIOLATIONS_MAX);
    mock_journal_end(journal, entry, 400, NOW_MS);
    mock_journal_destroy(journal);
}

TEST(has_an_entry_for_what_is_no_request)
{
    UNUSED(state);
    struct mock_journal *journal = journal_new(ROOMY);
    const struct http_request request = {.peer = STR("127.0.0.1")};
    mock_journal_add_refused(journal, &request, 400, STR("no request line"), NOW_MS);
    const struct mock_entry *entry = mock_journal_first(journal);
    assert_str(entry->texts[MOCK_ENTRY_METHOD], "");
    assert_str(entry->texts[MOCK_ENTRY_REASON], "no request line");
    assert_int_equal(entry->status, 400);
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_MALFORMED), 1);
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_REQUESTS), 1);
    mock_journal_destroy(journal);
}

TEST(counts_what_differs_from_a_match)
{
    UNUSED(state);
    struct mock_journal *journal = journal_new(ROOMY);
    struct mock_match match = {0};
    add(journal, "13800000001", "13900000001", 200);
    const struct mock_entry *entry = mock_journal_first(journal);
    assert_int_equal(mock_match_differences(&match, entry), 0);
    match.texts[MOCK_ENTRY_TEL_A] = STR("13800000001");
    match.has_status = true;
    match.status = 200;
    assert_int_equal(mock_match_differences(&match, entry), 0);
    match.texts[MOCK_ENTRY_TEL_B] = STR("1390000000"); /* a part is not enough */
    assert_int_equal(mock_match_differences(&match, entry), 1);
    match.texts[MOCK_ENTRY_CODE] = STR("0");
    match.status = 401;
    assert_int_equal(mock_match_differences(&match, entry), 3);
    match = (struct mock_match){.texts[MOCK_ENTRY_CODE] = STR("")}; /* known to be empty */
    assert_int_equal(mock_match_differences(&match, entry), 0);
    mock_journal_destroy(journal);
}

static void on_ended(void *data, const struct mock_entry *entry)
{
    *(uint64_t *)data = entry->number;
}

TEST(tells_who_listens)
{
    UNUSED(state);
    uint64_t told = 0;
    const struct mock_journal_options options = {ROOMY, on_ended, &told};
    struct mock_journal *journal = mock_journal_create(&options);
    add(journal, "1", "2", 200);
    assert_int_equal(told, 1);
    mock_journal_destroy(journal);
    mock_journal_destroy(NULL);
}

TEST(counts)
{
    UNUSED(state);
    struct mock_journal *journal = journal_new(ROOMY);
    mock_journal_count(journal, MOCK_COUNT_ACCEPTED);
    mock_journal_count(journal, MOCK_COUNT_ACCEPTED);
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_ACCEPTED), 2);
    assert_string_equal(mock_counter_name(MOCK_COUNT_PUSHES_ACKNOWLEDGED), "pushesAcknowledged");
    mock_journal_destroy(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_request_as_it_was),
        cmocka_unit_test(tells_what_should_have_been_signed),
        cmocka_unit_test(shows_what_is_still_under_way),
        cmocka_unit_test(keeps_what_fits_and_drops_the_oldest),
        cmocka_unit_test(lets_an_entry_under_way_be_finished_after_it_was_dropped),
        cmocka_unit_test(finds_no_status_while_an_entry_is_under_way),
        cmocka_unit_test(cuts_what_is_long),
        cmocka_unit_test(has_an_entry_for_what_is_no_request),
        cmocka_unit_test(counts_what_differs_from_a_match),
        cmocka_unit_test(tells_who_listens),
        cmocka_unit_test(counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
