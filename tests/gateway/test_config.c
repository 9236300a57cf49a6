#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "gateway/config.h"

static enum status load(struct config *config, const char *file, struct fault *fault)
{
    char path[] = "/tmp/test_config.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_status(file_write(path, str_of(file), 0600, fault), OK);
    char *argv[] = {"--config", path};
    enum status status = config_load(config, 2, argv, fault);
    unlink(path);
    return status;
}

TEST(the_file_sets_and_defaults_fill)
{
    UNUSED(state);
    struct config config;
    struct fault fault = {{0}};
    assert_status(load(&config, "database = a.db\nmaster-key-file = k\nx-rest = 5s\n", &fault), OK);
    assert_string_equal(config.database, "a.db");
    assert_int_equal(config.x_rest_ms, 5000);
    assert_int_equal(config.call_lease_ms, 7200000);
    assert_string_equal(config.listen, "127.0.0.1:8080");
    assert_string_equal(config.admin_listen, "127.0.0.1:8081");
    assert_int_equal(config.session_idle_ms, 30 * 60 * 1000);
    assert_int_equal(config.session_max_ms, 12 * 60 * 60 * 1000);
    config_finish(&config);
}

TEST(an_empty_admin_listen_is_nowhere)
{
    UNUSED(state);
    struct config config;
    struct fault fault = {{0}};
    assert_status(load(&config, "database = a.db\nmaster-key-file = k\nadmin-listen =\n", &fault),
                  OK);
    assert_string_equal(config.admin_listen, "");
    config_finish(&config);
}

TEST(a_bad_file_names_line_key_and_rule)
{
    UNUSED(state);
    const char *cases[][2] = {
        {"datebase = a\n", ":1: datebase: no such option"},
        {"database = a\nnode = 16\n", ":2: node: must be from 0 to 15"},
        {"config = other\n", ":1: config: no such option"},
        {"master-key-file = k\n", "database: must be given"},
        {"database = a\nmaster-key-file = k\ntls-key = x\n", "give both or none"},
        {"database = a\nmaster-key-file = k\nlisten = 0.0.0.0:80\n", "only a loopback address"},
        {"database = a\nmaster-key-file = k\nadmin-listen = 0.0.0.0:81\n",
         "admin-listen: without tls-certificate only a loopback address"},
        {"database = a\nmaster-key-file = k\nita-timeout = 2s\ncall-lease = 2s\n",
         "call-lease: must be longer than ita-timeout"},
        {"database = a\nmaster-key-file = k\ncalls-keep = 23h\n",
         "calls-keep: must be 0s, or at least 1d"},
        {"database = a\nmaster-key-file = k\ncall-lease = 2d\nnumbers-keep = 2d\n",
         "numbers-keep: must be 0s, or at least 1d and longer than call-lease"},
        {"public-url = gateway.example.com\n",
         ":1: public-url: must start with http:// or https://"},
        {"public-url = https://gateway.example.com/\n", ":1: public-url: must have no query"},
        {"public-url = https://gateway.example.com/a?b=c\n", ":1: public-url: must have no query"},
        {"public-url = "
         "https://gateway.example.com/a/path/that/is/too/long/for/a/recordings/address/a\n",
         ":1: public-url: must have at most 73 characters"},
        {"recording-host = a.example.com\nrecording-host = https://b.example.com\n",
         ":2: recording-host: "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config config;
        struct fault fault = {{0}};
        assert_int_not_equal(load(&config, cases[i][0], &fault), OK);
        assert_fault(fault, cases[i][1]);
    }
}

TEST(a_missing_file_is_named)
{
    UNUSED(state);
    struct config config;
    struct fault fault = {{0}};
    char *argv[] = {"--config=/nonexistent/x.conf"};
    assert_status(config_load(&config, 1, argv, &fault), ERR_NOT_FOUND);
    assert_fault(fault, "/nonexistent/x.conf: No such file");
}

TEST(the_environment_overrides_the_file)
{
    UNUSED(state);
    struct config config;
    struct fault fault = {{0}};
    setenv("ITA_GATEWAY_NODE", "3", 1);
    assert_status(load(&config, "database = a\nmaster-key-file = k\nnode = 2\n", &fault), OK);
    assert_int_equal(config.node, 3);
    unsetenv("ITA_GATEWAY_NODE");
    config_finish(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_sets_and_defaults_fill),
        cmocka_unit_test(an_empty_admin_listen_is_nowhere),
        cmocka_unit_test(a_bad_file_names_line_key_and_rule),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(the_environment_overrides_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
