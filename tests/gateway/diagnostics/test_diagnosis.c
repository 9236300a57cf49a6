#include "tests/test.h"

#include "base/mem.h"
#include "gateway/diagnostics/diagnosis.h"

enum { STEPS = 4 };

static const struct diagnosis_kind kinds[STEPS] = {
    {"first", "First", "第一", 0},
    {"second", "Second", "第二", 1 << 0},
    {"third", "Third", "第三", 1 << 1},
    {"fourth", "Fourth", "第四", 0},
};

static struct diagnosis *begin(void)
{
    struct diagnosis *diagnosis = NEW(struct diagnosis);
    diagnosis_init(diagnosis, kinds, STEPS);
    return diagnosis;
}

static void set(struct diagnosis *diagnosis, size_t at, enum diagnosis_result result)
{
    struct diagnosis_step *step = diagnosis_begin(diagnosis, at);
    assert_non_null(step);
    step->result = result;
    diagnosis_say(&step->text, "%s", "%s", "said");
    diagnosis_end(step);
}

TEST(what_was_not_looked_at_is_skipped_and_says_so)
{
    UNUSED(state);
    struct diagnosis *diagnosis = begin();
    for (size_t i = 0; i < STEPS; i++) {
        assert_int_equal(diagnosis->steps[i].result, DIAGNOSIS_SKIPPED);
        assert_non_null(strstr(diagnosis->steps[i].text.en, "time was over"));
    }
    assert_int_equal(diagnosis_worst(diagnosis), DIAGNOSIS_OK);
    mem_free(diagnosis);
}

TEST(the_worst_step_is_the_result)
{
    UNUSED(state);
    static const struct {
        enum diagnosis_result first, fourth, worst;
    } rows[] = {
        {DIAGNOSIS_OK, DIAGNOSIS_OK, DIAGNOSIS_OK},
        {DIAGNOSIS_OK, DIAGNOSIS_SKIPPED, DIAGNOSIS_OK},
        {DIAGNOSIS_WARNING, DIAGNOSIS_SKIPPED, DIAGNOSIS_WARNING},
        {DIAGNOSIS_WARNING, DIAGNOSIS_FAILED, DIAGNOSIS_FAILED},
        {DIAGNOSIS_FAILED, DIAGNOSIS_OK, DIAGNOSIS_FAILED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct diagnosis *diagnosis = begin();
        set(diagnosis, 0, rows[i].first);
        set(diagnosis, 3, rows[i].fourth);
        assert_int_equal(diagnosis_worst(diagnosis), rows[i].worst);
        mem_free(diagnosis);
    }
}

TEST(a_step_that_needs_a_failed_one_names_it_and_so_on_down)
{
    UNUSED(state);
    struct diagnosis *diagnosis = begin();
    set(diagnosis, 0, DIAGNOSIS_FAILED);
    assert_null(diagnosis_begin(diagnosis, 1));
    assert_null(diagnosis_begin(diagnosis, 2));
    assert_string_equal(diagnosis->steps[1].text.en, "Not looked at: it needs the step \"First\".");
    assert_string_equal(diagnosis->steps[1].text.zh, "未检查：须先通过步骤“第一”。");
    assert_string_equal(diagnosis->steps[2].text.en,
                        "Not looked at: it needs the step \"Second\".");
    assert_non_null(diagnosis_begin(diagnosis, 3));
    mem_free(diagnosis);
}

TEST(a_warning_stands_in_nobodys_way)
{
    UNUSED(state);
    struct diagnosis *diagnosis = begin();
    set(diagnosis, 0, DIAGNOSIS_WARNING);
    assert_non_null(diagnosis_begin(diagnosis, 1));
    mem_free(diagnosis);
}

TEST(words_that_are_too_long_end_at_a_whole_character)
{
    UNUSED(state);
    struct diagnosis_words *words = NEW(struct diagnosis_words);
    for (int i = 0; i < 1000; i++)
        diagnosis_add(words, "a", "长");
    assert_int_equal(strlen(words->en), DIAGNOSIS_TEXT_SIZE - 1);
    assert_true(strlen(words->zh) >= DIAGNOSIS_TEXT_SIZE - 3);
    assert_true(str_is_utf8(str_of(words->zh)));
    mem_free(words);
}

TEST(is_written_with_every_step)
{
    UNUSED(state);
    struct diagnosis *diagnosis = begin();
    struct buf text;
    struct json_writer w;
    struct json *json = NULL;
    set(diagnosis, 0, DIAGNOSIS_WARNING);
    diagnosis_say(&diagnosis->steps[0].remedy, "do %d", "做 %d", 7);
    buf_init(&text, 64 * 1024);
    json_write_init(&w, &text);
    json_write_object(&w, NULL);
    diagnosis_write(&w, diagnosis);
    json_write_object_end(&w);
    assert_status(json_parse(buf_str(&text), &json, NULL), OK);
    assert_str(json_string(json_get(json, "result")), "warning");
    const struct json *first = json_first(json_get(json, "steps"));
    assert_str(json_string(json_get(first, "step")), "first");
    assert_str(json_string(json_at(first, "/title/zh")), "第一");
    assert_str(json_string(json_at(first, "/text/en")), "said");
    assert_str(json_string(json_at(first, "/remedy/zh")), "做 7");
    assert_true(json_is_null(json_get(first, "cause")));
    size_t count = 0;
    for (const struct json *step = first; step != NULL; step = json_next(step))
        count++;
    assert_int_equal(count, STEPS);
    json_destroy(json);
    buf_finish(&text);
    mem_free(diagnosis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_looked_at_is_skipped_and_says_so),
        cmocka_unit_test(the_worst_step_is_the_result),
        cmocka_unit_test(a_step_that_needs_a_failed_one_names_it_and_so_on_down),
        cmocka_unit_test(a_warning_stands_in_nobodys_way),
        cmocka_unit_test(words_that_are_too_long_end_at_a_whole_character),
        cmocka_unit_test(is_written_with_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
