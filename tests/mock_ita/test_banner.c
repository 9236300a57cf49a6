#include "tests/test.h"

#include "base/mem.h"
#include "mock_ita/banner.h"

enum { TEXT_MAX = 32 * 1024, NOW_MS = 0 };

static struct mock_options options;
static struct buf text;
static struct profile *profile;
static struct mock_banner banner = {
    .options = &options, .port = 1234, .control_port = 5678, .now_ms = NOW_MS};

static void read_options(int argc, char **argv)
{
    struct fault fault;
    profile_release(profile);
    banner.profile = profile = profile_default();
    assert_status(mock_options_read(&options, argc, argv, &fault), OK);
    buf_finish(&text);
    buf_init(&text, TEXT_MAX);
}
#define READ_OPTIONS(...)                                                                          \
    do {                                                                                           \
        static char *const words[] = {__VA_ARGS__};                                                \
        read_options(COUNT_OF(words), (char **)words);                                             \
    } while (0)

static int finish(void **state)
{
    UNUSED(state);
    mock_options_finish(&options);
    buf_finish(&text);
    profile_release(profile);
    profile = NULL;
    return 0;
}

static void assert_holds(const char *part)
{
    if (strstr(buf_text(&text), part) == NULL)
        fail_msg("`%s` does not hold `%s`", buf_text(&text), part);
}

TEST(tells_addresses_that_can_be_called)
{
    UNUSED(state);
    static const struct {
        const char *address, *url;
    } cases[] = {
        {"127.0.0.1:0", "http://127.0.0.1:80"},
        {"0.0.0.0:8443", "http://127.0.0.1:80"},
        {"[::]:8443", "http://[::1]:80"},
        {"[fe80::1]:8443", "http://[fe80::1]:80"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf url;
        buf_init(&url, TEXT_MAX);
        mock_banner_append_url(&url, "http", cases[i].address, 80);
        assert_str(buf_str(&url), cases[i].url);
        buf_finish(&url);
    }
}

TEST(tells_a_harness_in_json)
{
    UNUSED(state);
    READ_OPTIONS("--tls", "--listen", "[::]:0");
    mock_banner_append_ready(&text, &banner);
    assert_str(buf_str(&text), "{\"port\":1234,\"controlPort\":5678,\"url\":\"https://[::1]:1234\","
                               "\"controlUrl\":\"http://127.0.0.1:5678\"}\n");
}

TEST(tells_a_secret_only_when_it_was_made_up)
{
    UNUSED(state);
    READ_OPTIONS("--secret-key", "given");
    mock_banner_append(&text, &banner);
    assert_holds("SecretKey  (as given)\n");
    buf_clear(&text);
    mock_options_finish(&options);
    READ_OPTIONS("--access-key", "given");
    mock_banner_append(&text, &banner);
    assert_holds("SecretKey  FAKE-SK-");
    assert_holds("AccessKey  given\n");
}

TEST(tells_of_the_aicc_only_when_there_is_one)
{
    UNUSED(state);
    READ_OPTIONS("--aicc", "--aicc-app-key=fake-ak", "--aicc-hang-up-url=http://a.example/h");
    mock_banner_append(&text, &banner);
    assert_holds("AICC API         http://127.0.0.1:1234\n");
    assert_holds("app key          fake-ak\n");
    assert_holds("app secret       FAKE-AICC-SK-");
    assert_holds("connection goes  nowhere\n");
    assert_holds("hang-up goes     http://a.example/h\n");
    mock_options_finish(&options);
    READ_OPTIONS("--quiet");
    mock_banner_append(&text, &banner);
    assert_null(strstr(buf_text(&text), "AICC"));
}

TEST(quotes_for_a_shell)
{
    UNUSED(state);
    READ_OPTIONS("--app-key", "it's$HOME", "--tls", "--cert-pem", "a b.pem");
    mock_banner_append_curl(&text, &banner);
    assert_holds("curl -sS --cacert 'a b.pem' 'https://127.0.0.1:1234/v1/ngin/axmn' \\\n");
    assert_holds("-H 'appkey: it'\\''s$HOME' \\\n");
    assert_holds("-H 'x-sdk-date: 19700101T000000Z' \\\n");
    assert_holds("--data-raw '{\"appKey\":\"it'\\''s$HOME\",");
}

TEST(speaks_by_the_profile)
{
    UNUSED(state);
    READ_OPTIONS("--app-key", "k");
    profile_release(profile);
    struct fault fault;
    assert_status(
        profile_parse(STR("{\"place\":{\"method\":\"PUT\",\"path\":\"/c/{telA}?b={telB}&x={telX}\","
                          "\"request\":null},\"headers\":{\"appKey\":\"Z-App\",\"signed\":"
                          "[\"host\",\"x-sdk-date\"]}}"),
                      &profile, &fault),
        OK);
    banner.profile = profile;
    mock_banner_append_curl(&text, &banner);
    assert_holds("curl -sS -X PUT 'http://127.0.0.1:1234/c/13800000001?b=057100000002&x=' \\\n"
                 "  -H 'x-sdk-date: 19700101T000000Z' \\\n  -H 'z-app: k' \\\n");
    assert_holds("SignedHeaders=host;x-sdk-date;z-app, ");
    assert_null(strstr(buf_text(&text), "--data-raw"));
}

/* The longest keys that the options let pass, each byte of which takes four when quoted. */
TEST(has_room_for_the_longest_keys)
{
    UNUSED(state);
    char key[256 + 1];
    memset(key, '\'', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    char *words[] = {"--access-key", key, "--secret-key", key, "--app-key", key};
    read_options(COUNT_OF(words), words);
    mock_banner_append(&text, &banner);
    assert_false(buf_is_over(&text));
    assert_true(text.len < MOCK_BANNER_MAX);
    assert_holds("\"extra\":{\"callRecording\":\"1\"}}'\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_addresses_that_can_be_called),
        cmocka_unit_test_teardown(tells_a_harness_in_json, finish),
        cmocka_unit_test_teardown(tells_a_secret_only_when_it_was_made_up, finish),
        cmocka_unit_test_teardown(tells_of_the_aicc_only_when_there_is_one, finish),
        cmocka_unit_test_teardown(quotes_for_a_shell, finish),
        cmocka_unit_test_teardown(speaks_by_the_profile, finish),
        cmocka_unit_test_teardown(has_room_for_the_longest_keys, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
