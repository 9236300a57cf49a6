#include "tests/test.h"

#include "gateway/push_notes.h"

static void refuse(struct push_notes *notes, const char *access_key, enum ita_verify_result result,
                   const char *detail, int64_t now_ms)
{
    struct ita_verification verified = {.result = result};
    fault_set(&verified.fault, ERR_DENIED, "%s", detail);
    push_notes_refused(notes, str_of(access_key), &verified, now_ms);
}

TEST(keeps_the_last_reason_of_each_access_key)
{
    UNUSED(state);
    struct push_notes *notes = push_notes_create();
    struct push_note note;
    refuse(notes, "FAKEKEY1", ITA_VERIFY_SIGNATURE, "", 10);
    refuse(notes, "FAKEKEY1", ITA_VERIFY_EXPIRED, "an hour", 20);
    refuse(notes, "FAKEKEY2", ITA_VERIFY_HOST, "", 30);
    push_notes_find(notes, STR("FAKEKEY1"), &note);
    assert_int_equal(note.count, 2);
    assert_int_equal(note.last, ITA_VERIFY_EXPIRED);
    assert_int_equal(note.last_ms, 20);
    assert_string_equal(note.detail.text, "an hour");
    push_notes_find(notes, STR("FAKEKEY3"), &note);
    assert_int_equal(note.count, 0);
    push_notes_find(notes, STR(""), &note);
    assert_int_equal(note.count, 0);
    assert_int_equal(push_notes_count(notes, ITA_VERIFY_HOST), 1);
    assert_int_equal(push_notes_count(notes, ITA_VERIFY_EXPIRED), 1);
    assert_int_equal(push_notes_count(notes, ITA_VERIFY_DATE), 0);
    push_notes_destroy(notes);
}

TEST(those_of_nobody_are_counted_together)
{
    UNUSED(state);
    struct push_notes *notes = push_notes_create();
    struct push_note note;
    refuse(notes, "", ITA_VERIFY_AUTHORIZATION, "", 10);
    refuse(notes, "", ITA_VERIFY_UNKNOWN_KEY, "", 20);
    push_notes_find(notes, STR(""), &note);
    assert_int_equal(note.count, 2);
    assert_int_equal(note.last, ITA_VERIFY_UNKNOWN_KEY);
    push_notes_destroy(notes);
}

TEST(a_request_that_came_by_no_route_is_shown_with_its_path)
{
    UNUSED(state);
    struct push_notes *notes = push_notes_create();
    struct push_note note;
    char path[PUSH_ASTRAY_PATH_MAX + 10];
    memset(path, 'p', sizeof(path));
    struct http_request request = {.method = STR("POST"), .path = STR("/wrong")};
    push_notes_astray(notes, STR("FAKEKEY1"), &request, 405, 10);
    push_notes_astray(notes, STR("FAKEKEY1"), &request, 404, 20);
    push_notes_find(notes, STR("FAKEKEY1"), &note);
    assert_true(note.is_astray);
    assert_int_equal(note.count, 2);
    assert_int_equal(note.last_ms, 20);
    assert_string_equal(note.detail.text, "POST /wrong: 404");
    refuse(notes, "FAKEKEY1", ITA_VERIFY_SIGNATURE, "", 30);
    push_notes_find(notes, STR("FAKEKEY1"), &note);
    assert_false(note.is_astray);
    request.path = str_from(path, sizeof(path));
    push_notes_astray(notes, STR(""), &request, 404, 10);
    push_notes_find(notes, STR(""), &note);
    assert_int_equal(strlen(note.detail.text), strlen("POST : 404") + PUSH_ASTRAY_PATH_MAX);
    assert_int_equal(push_notes_astray_count(notes), 3);
    assert_int_equal(push_notes_count(notes, ITA_VERIFY_OK), 0);
    push_notes_destroy(notes);
}

TEST(one_more_of_the_same_does_not_hide_the_reason)
{
    UNUSED(state);
    struct push_notes *notes = push_notes_create();
    struct push_note note;
    refuse(notes, "FAKEKEY1", ITA_VERIFY_SIGNATURE, "why", 10);
    refuse(notes, "FAKEKEY1", ITA_VERIFY_SLOWED, "", 20);
    push_notes_find(notes, STR("FAKEKEY1"), &note);
    assert_int_equal(note.count, 2);
    assert_int_equal(note.last, ITA_VERIFY_SIGNATURE);
    assert_int_equal(note.last_ms, 20);
    push_notes_destroy(notes);
}

TEST(a_self_test_hides_no_refusal_of_the_ita_and_is_counted)
{
    UNUSED(state);
    struct push_notes *notes = push_notes_create();
    struct push_note note;
    const struct ita_verification verified = {.result = ITA_VERIFY_HOST,
                                              .access_key = STR("FAKEKEY1")};
    refuse(notes, "FAKEKEY1", ITA_VERIFY_SIGNATURE, "why", 10);
    push_notes_find_self_test(notes, &note);
    assert_int_equal(note.count, 0);
    push_notes_refused_self_test(notes, &verified, 20);
    push_notes_find_self_test(notes, &note);
    assert_int_equal(note.count, 1);
    assert_int_equal(note.last, ITA_VERIFY_HOST);
    assert_int_equal(note.last_ms, 20);
    push_notes_find(notes, STR("FAKEKEY1"), &note);
    assert_int_equal(note.count, 1);
    assert_int_equal(note.last, ITA_VERIFY_SIGNATURE);
    push_notes_find(notes, STR(""), &note);
    assert_int_equal(note.count, 0);
    assert_int_equal(push_notes_count(notes, ITA_VERIFY_HOST), 1);
    push_notes_destroy(notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_last_reason_of_each_access_key),
        cmocka_unit_test(those_of_nobody_are_counted_together),
        cmocka_unit_test(a_request_that_came_by_no_route_is_shown_with_its_path),
        cmocka_unit_test(one_more_of_the_same_does_not_hide_the_reason),
        cmocka_unit_test(a_self_test_hides_no_refusal_of_the_ita_and_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
