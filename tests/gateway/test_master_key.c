#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "base/file.h"
#include "gateway/master_key.h"
#include "tests/gateway/store/store_fixture.h"

#define DIGITS "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static const char NO_DATABASE[] = "/nonexistent/store.db";

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    fixture_make_folder(f);
    snprintf(f->path, sizeof(f->path), "%s/master.key", f->folder);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture_remove_folder(*state);
    free(*state);
    return 0;
}

static void write_key(struct fixture *f, struct str text, unsigned mode)
{
    assert_int_equal(file_write(f->path, text, mode, NULL), OK);
}

static void makes_a_file_for_its_owner_only_and_reads_it_again(void **state)
{
    struct fixture *f = *state;
    uint8_t first[32], again[32];
    struct fault fault = {""};
    struct stat seen;
    assert_int_equal(master_key_load(f->path, NO_DATABASE, first, &fault), OK);
    assert_int_equal(stat(f->path, &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0600);
    assert_int_equal(seen.st_size, 65);
    assert_int_equal(master_key_load(f->path, NO_DATABASE, again, &fault), OK);
    assert_memory_equal(first, again, 32);
}

static void two_fresh_keys_differ(void **state)
{
    struct fixture *f = *state;
    uint8_t first[32], second[32];
    assert_int_equal(master_key_load(f->path, NO_DATABASE, first, NULL), OK);
    unlink(f->path);
    assert_int_equal(master_key_load(f->path, NO_DATABASE, second, NULL), OK);
    assert_memory_not_equal(first, second, 32);
}

static void reads_digits_of_both_cases_with_or_without_a_newline(void **state)
{
    struct fixture *f = *state;
    uint8_t key[32];
    write_key(f, STR(DIGITS), 0600);
    assert_int_equal(master_key_load(f->path, NO_DATABASE, key, NULL), OK);
    assert_int_equal(key[0], 0x00);
    assert_int_equal(key[31], 0xFF);
    write_key(f, STR(DIGITS "\n"), 0400);
    assert_int_equal(master_key_load(f->path, NO_DATABASE, key, NULL), OK);
}

static void refuses_a_file_that_others_may_read(void **state)
{
    struct fixture *f = *state;
    static const unsigned modes[] = {0640, 0604, 0660, 0620, 0601};
    for (int i = 0; i < 5; i++) {
        uint8_t key[32];
        struct fault fault = {""};
        write_key(f, STR(DIGITS "\n"), modes[i]);
        assert_int_equal(master_key_load(f->path, NO_DATABASE, key, &fault), ERR_DENIED);
        assert_non_null(strstr(fault.text, "owner only"));
    }
}

static void refuses_another_form(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {
        "",
        "\n",
        "0011",
        DIGITS "0",
        DIGITS "\n\n",
        DIGITS "\nmore",
        " " DIGITS,
        DIGITS "\r\n",
        "x" DIGITS "\n",
        "0011223344556677 8899aabbccddeeff00112233445566778899aabbccddeef",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint8_t key[32];
        struct fault fault = {""};
        write_key(f, str_of(texts[i]), 0600);
        assert_int_equal(master_key_load(f->path, NO_DATABASE, key, &fault), ERR_SYNTAX);
        assert_non_null(strstr(fault.text, "64 hexadecimal digits"));
        assert_null(strstr(fault.text, "0011"));
    }
}

static void refuses_a_folder_and_a_path_that_is_not_there(void **state)
{
    struct fixture *f = *state;
    uint8_t key[32];
    struct fault fault = {""};
    char path[128];
    assert_int_equal(master_key_load(f->folder, NO_DATABASE, key, &fault), ERR_INVALID);
    snprintf(path, sizeof(path), "%s/none/master.key", f->folder);
    assert_int_equal(master_key_load(path, NO_DATABASE, key, &fault), ERR_NOT_FOUND);
}

static void no_key_is_made_for_a_database_that_was_sealed_with_another(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SEAL_KEY_SIZE];
    struct fault fault = {""};
    assert_int_equal(master_key_load(f->path, f->folder, key, &fault), ERR_NOT_FOUND);
    assert_non_null(strstr(fault.text, "restore the key"));
    assert_int_equal(access(f->path, F_OK), -1);
}

int main(void)
{
#define KEY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        KEY_TEST(makes_a_file_for_its_owner_only_and_reads_it_again),
        KEY_TEST(no_key_is_made_for_a_database_that_was_sealed_with_another),
        KEY_TEST(two_fresh_keys_differ),
        KEY_TEST(reads_digits_of_both_cases_with_or_without_a_newline),
        KEY_TEST(refuses_a_file_that_others_may_read),
        KEY_TEST(refuses_another_form),
        KEY_TEST(refuses_a_folder_and_a_path_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
