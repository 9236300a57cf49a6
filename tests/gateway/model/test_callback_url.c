#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/callback_url.h"

static void expect_url(const char *text, const char *expected)
{
    struct callback_url url;
    const struct rule *broken = NULL;
    char storage[CALLBACK_URL_MAX + 64];
    struct buf written;
    if (callback_url_read(str_of(text), &url, &broken) != OK)
        fail_msg("%s: %s", text, broken->en);
    buf_init_fixed(&written, storage, sizeof(storage));
    callback_url_append(&url, &written);
    assert_str(buf_str(&written), expected);
}

static void expect_refusal(const char *text, const char *rule)
{
    struct callback_url url;
    const struct rule *broken = NULL;
    if (callback_url_read(str_of(text), &url, &broken) == OK)
        fail_msg("%s: was taken", text);
    if (strcmp(broken->name, rule) != 0)
        fail_msg("%s: rule %s, expected %s", text, broken->name, rule);
}

TEST(reads_urls_and_writes_them_in_one_form)
{
    UNUSED(state);
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"https://example.com", "https://example.com:443/"},
        {"http://example.com", "http://example.com:80/"},
        {"HTTPS://Example.COM:8443/A?b=C", "https://example.com:8443/A?b=C"},
        {"https://example.com./x", "https://example.com:443/x"},
        {"https://example.com?x=1", "https://example.com:443/?x=1"},
        {"https://example.com/a#b", "https://example.com:443/a"},
        {"https://example.com/a?b#c?d/e", "https://example.com:443/a?b"},
        {"https://example.com/a@b:c?d@e", "https://example.com:443/a@b:c?d@e"},
        {"https://example.com/%e4%bd?a[]=1", "https://example.com:443/%e4%bd?a[]=1"},
        {"https://xn--fiq228c.example/", "https://xn--fiq228c.example:443/"},
        {"https://192.0.2.1:8443/", "https://192.0.2.1:8443/"},
        {"https://[2001:DB8:0::1]/", "https://[2001:db8::1]:443/"},
        {"https://[::1]:65535/", "https://[::1]:65535/"},
        {"https://3com.com/", "https://3com.com:443/"},
        {"https://1.2.3.4a/", "https://1.2.3.4a:443/"},
        {"https://crm/", "https://crm:443/"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_url(cases[i].text, cases[i].expected);
}

TEST(refuses_what_is_no_http)
{
    UNUSED(state);
    static const char *const bad[] = {
        "",        "example.com", "ftp://example.com/", "//a/",      "https:/a",
        "https:a", " https://a/", "javascript:1",       "httpx://a", "file:///etc/passwd"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        expect_refusal(bad[i], "scheme");
}

TEST(refuses_other_ways_to_write_an_address)
{
    UNUSED(state);
    static const char *const bad[] = {
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.0x1/",
        "http://127.0.0.0x/",
        "http://127.0.0.1./",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://a.0/",
        "http://[127.0.0.1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[1::2::3]/",
        "http://[]/",
        "http://[example.com]/",
        "http://[:]/",
        "http://[v1.a]/",
        "http://[::1/",
        "http://[::b:d18]/",
        "http://0X7F.1/",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        expect_refusal(bad[i], "address");
}

TEST(refuses_users)
{
    UNUSED(state);
    static const char *const bad[] = {
        "https://user@example.com/",           "https://user:word@example.com/",
        "https://example.com@127.0.0.1/",      "https://@example.com/",
        "https://example.com:443@127.0.0.1:1", "https://a@b@c/"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        expect_refusal(bad[i], "user");
}

TEST(refuses_hosts_that_readers_differ_on)
{
    UNUSED(state);
    static const char *const bad[] = {
        "https:///x",
        "https://./",
        "https://example.com../",
        "https://.example.com/",
        "https://a..b/",
        "https://-a.com/",
        "https://a-.com/",
        "https://a_b.com/",
        "https://exa%6dple.com/",
        "https://example.com%2f.evil.com/",
        "https://evil.com\\.example.com/",
        "https://evil.com\\@example.com/x\\",
        "https://example.com\t.evil.com/",
        "https://exam ple.com/",
        "https://example.com\r\n/",
        "https://ex\xC3\xA4mple.com/",
        "https://\xD0\xB5xample.com/",
        "https://example\xE3\x80\x82"
        "com/",
        "https://example.com;evil.com/",
        "https://*.example.com/",
        "https://[::1]x/",
        "https://[::1].evil.com/",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct callback_url url;
        const struct rule *broken = NULL;
        if (callback_url_read(str_of(bad[i]), &url, &broken) == OK)
            fail_msg("%s: was taken", bad[i]);
        if (strcmp(broken->name, "host") != 0 && strcmp(broken->name, "user") != 0)
            fail_msg("%s: rule %s", bad[i], broken->name);
    }
}

TEST(refuses_ports_that_are_none)
{
    UNUSED(state);
    static const char *const bad[] = {"https://a:/",
                                      "https://a:0/",
                                      "https://a:65536/",
                                      "https://a:080/",
                                      "https://a:-1/",
                                      "https://a:+1/",
                                      "https://a: 1/",
                                      "https://a:443x/",
                                      "https://a:443:1/",
                                      "https://a:1e2/",
                                      "https://a:99999999999999999999/",
                                      "https://[::1]:/",
                                      "https://a:%38/"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        expect_refusal(bad[i], "port");
}

TEST(refuses_what_a_request_line_cannot_hold)
{
    UNUSED(state);
    static const char *const bad[] = {
        "https://a/b c", "https://a/\r\nX: y",  "https://a/\\", "https://a/\"",   "https://a/<",
        "https://a/?{",  "https://a/?\xC3\xA4", "https://a/#^", "https://a/\x7F", "https://a/\t"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        expect_refusal(bad[i], "characters");
    expect_refusal("https://a/%", "escape");
    expect_refusal("https://a/%4", "escape");
    expect_refusal("https://a/%%41", "escape");
    expect_refusal("https://a/?x=%0g", "escape");
    struct callback_url url;
    const struct rule *broken = NULL;
    assert_status(callback_url_read(STR("https://a/\0b"), &url, &broken), ERR_INVALID);
    assert_status(callback_url_read(STR("https://a\0/b"), &url, &broken), ERR_INVALID);
}

TEST(knows_the_longest_host_and_url)
{
    UNUSED(state);
    char text[CALLBACK_URL_MAX + 2];
    memset(text, 'a', sizeof(text));
    memcpy(text, "https://a/", 10);
    text[CALLBACK_URL_MAX + 1] = '\0';
    expect_refusal(text, "length");
    text[CALLBACK_URL_MAX] = '\0';
    struct callback_url url;
    const struct rule *broken;
    assert_status(callback_url_read(str_of(text), &url, &broken), OK);

    char host[CALLBACK_HOST_MAX + 2];
    memset(host, 'a', sizeof(host));
    for (size_t i = 63; i < sizeof(host); i += 64)
        host[i] = '.';
    struct callback_host out;
    assert_status(callback_host_read(str_from(host, CALLBACK_HOST_MAX), &out, &broken), OK);
    assert_int_equal(strlen(out.name), CALLBACK_HOST_MAX);
    host[CALLBACK_HOST_MAX] = 'a';
    assert_status(callback_host_read(str_from(host, CALLBACK_HOST_MAX + 1), &out, &broken),
                  ERR_INVALID);
    memset(host, 'a', 64);
    assert_status(callback_host_read(str_from(host, 63), &out, &broken), OK);
    assert_status(callback_host_read(str_from(host, 64), &out, &broken), ERR_INVALID);
    assert_status(callback_host_read((struct str){NULL, 0}, &out, &broken), ERR_INVALID);
}

TEST(a_fragment_is_noticed)
{
    UNUSED(state);
    struct callback_url url;
    const struct rule *broken;
    assert_status(callback_url_read(STR("https://a/#/x"), &url, &broken), OK);
    assert_true(url.has_fragment);
    assert_status(callback_url_read(STR("https://a/x"), &url, &broken), OK);
    assert_false(url.has_fragment);
}

TEST(agents_may_use_fewer_characters)
{
    UNUSED(state);
    assert_true(callback_url_is_agents(STR("https://a-b.c:8/d_e?f&g#h0Z")));
    assert_false(callback_url_is_agents(STR("https://a/?b=c")));
    assert_false(callback_url_is_agents(STR("https://a/%41")));
    assert_false(callback_url_is_agents(STR("https://a/b,c")));
    assert_false(callback_url_is_agents(STR("https://a/\0")));
    assert_false(callback_url_is_agents(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_urls_and_writes_them_in_one_form),
        cmocka_unit_test(refuses_what_is_no_http),
        cmocka_unit_test(refuses_other_ways_to_write_an_address),
        cmocka_unit_test(refuses_users),
        cmocka_unit_test(refuses_hosts_that_readers_differ_on),
        cmocka_unit_test(refuses_ports_that_are_none),
        cmocka_unit_test(refuses_what_a_request_line_cannot_hold),
        cmocka_unit_test(knows_the_longest_host_and_url),
        cmocka_unit_test(a_fragment_is_noticed),
        cmocka_unit_test(agents_may_use_fewer_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
