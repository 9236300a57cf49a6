#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/json.h"
#include "mock_ita/journal.h"

enum { OUT_MAX = 64 * 1024 * 1024 };

static void add(struct mock_journal *journal, struct str target, struct str reason)
{
    struct mock_entry entry = {.method = STR("POST"),
                               .target = target,
                               .status = 401,
                               .code = "APIGW.0301",
                               .reason = reason,
                               .at_ms = 1893553445000};
    mock_journal_add(journal, &entry);
}

static size_t count_of(struct str text, const char *needle)
{
    size_t count = 0;
    const char *at = text.ptr;
    while ((at = memmem(at, text.len - (size_t)(at - text.ptr), needle, strlen(needle))) != NULL) {
        count++;
        at += strlen(needle);
    }
    return count;
}

static void tells_a_request_as_it_was(void **state)
{
    (void)state;
    struct mock_journal *journal = mock_journal_create();
    struct buf out;
    struct json *json;
    struct fault fault;
    buf_init(&out, OUT_MAX);
    add(journal, STR("/v1/ngin/axmn?x=\"1\""), STR("bad \x01 reason"));
    mock_journal_write_requests(journal, &out);
    assert_int_equal(json_parse(buf_str(&out), &json, &fault), OK);
    const struct json *first = json_first(json_get(json, "requests"));
    assert_true(str_is(json_string(json_get(first, "method")), STR("POST")));
    assert_true(str_is(json_string(json_get(first, "path")), STR("/v1/ngin/axmn?x=\"1\"")));
    assert_true(str_is(json_string(json_get(first, "reason")), STR("bad \x01 reason")));
    assert_true(str_is(json_string(json_get(first, "code")), STR("APIGW.0301")));
    assert_true(str_is(json_string(json_get(first, "at")), STR("2030-01-02T03:04:05.000Z")));
    assert_int_equal((int)json_double(json_get(first, "status")), 401);
    json_destroy(json);
    buf_finish(&out);
    mock_journal_destroy(journal);
}

static void keeps_the_last_ten_thousand(void **state)
{
    (void)state;
    struct mock_journal *journal = mock_journal_create();
    struct buf out;
    buf_init(&out, OUT_MAX);
    for (int i = 0; i < MOCK_JOURNAL_MAX + 3; i++) {
        char target[32];
        snprintf(target, sizeof(target), "/%d.", i);
        add(journal, str_of(target), STR("why"));
    }
    mock_journal_write_requests(journal, &out);
    assert_int_equal(count_of(buf_str(&out), "\"method\""), MOCK_JOURNAL_MAX);
    assert_int_equal(count_of(buf_str(&out), "\"/2.\""), 0);
    assert_int_equal(count_of(buf_str(&out), "\"/3.\""), 1);
    assert_int_equal(count_of(buf_str(&out), "\"/10002.\""), 1);
    mock_journal_reset(journal);
    buf_clear(&out);
    mock_journal_write_requests(journal, &out);
    assert_true(str_is(buf_str(&out), STR("{\"requests\":[]}")));
    buf_finish(&out);
    mock_journal_destroy(journal);
}

static void cuts_what_is_long(void **state)
{
    (void)state;
    struct mock_journal *journal = mock_journal_create();
    struct buf out;
    static char text[MOCK_JOURNAL_REASON_MAX + 100];
    memset(text, 'r', sizeof(text));
    buf_init(&out, OUT_MAX);
    add(journal, str_from(text, sizeof(text)), str_from(text, sizeof(text)));
    mock_journal_write_requests(journal, &out);
    assert_true(out.len < MOCK_JOURNAL_REASON_MAX + 400);
    assert_true(out.len > MOCK_JOURNAL_REASON_MAX);
    buf_finish(&out);
    mock_journal_destroy(journal);
    mock_journal_destroy(NULL);
}

static void counts(void **state)
{
    (void)state;
    struct mock_journal *journal = mock_journal_create();
    struct buf out;
    buf_init(&out, OUT_MAX);
    mock_journal_count(journal, MOCK_COUNT_ACCEPTED);
    mock_journal_count(journal, MOCK_COUNT_ACCEPTED);
    mock_journal_count(journal, MOCK_COUNT_PUSHES_ACKNOWLEDGED);
    mock_journal_write_counters(journal, &out);
    assert_int_equal(count_of(buf_str(&out), "\"accepted\":2,"), 1);
    assert_int_equal(count_of(buf_str(&out), "\"pushesAcknowledged\":1,"), 1);
    assert_int_equal(count_of(buf_str(&out), "\"badSignatures\":0,"), 1);
    mock_journal_reset(journal);
    assert_int_equal(mock_journal_counter(journal, MOCK_COUNT_ACCEPTED), 0);
    buf_finish(&out);
    mock_journal_destroy(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_request_as_it_was),
        cmocka_unit_test(keeps_the_last_ten_thousand),
        cmocka_unit_test(cuts_what_is_long),
        cmocka_unit_test(counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
