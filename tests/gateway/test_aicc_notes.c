#include "tests/test.h"

#include "gateway/aicc_notes.h"

TEST(each_tenant_has_its_own)
{
    UNUSED(state);
    struct aicc_notes *notes = aicc_notes_create();
    struct aicc_note note;
    aicc_notes_taken(notes, 7, 10);
    aicc_notes_refused(notes, 7, AICC_REFUSAL_UNSIGNED, 20);
    aicc_notes_refused(notes, 7, AICC_REFUSAL_FORGED, 30);
    aicc_notes_refused(notes, 0, AICC_REFUSAL_TENANT, 40);
    aicc_notes_find(notes, 7, &note);
    assert_int_equal(note.taken_ms, 10);
    assert_int_equal(note.refused, 2);
    assert_int_equal(note.refused_ms, 30);
    assert_int_equal(note.why, AICC_REFUSAL_FORGED);
    aicc_notes_find(notes, 8, &note);
    assert_true(note.taken_ms == 0 && note.refused == 0 && note.refused_ms == 0);
    aicc_notes_find(notes, 0, &note);
    assert_true(note.refused == 1 && note.refused_ms == 40);
    aicc_notes_destroy(notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tenant_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
