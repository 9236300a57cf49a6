#include "tests/test.h"

#include <arpa/inet.h>

#include "base/mem.h"
#include "gateway/model/callback_trust.h"

static void add(struct callback_trust *trust, const char *text)
{
    struct callback_trust_entry entry;
    const struct rule *broken = NULL;
    if (callback_trust_entry_read(str_of(text), &entry, &broken) != OK)
        fail_msg("%s: %s", text, broken->en);
    callback_trust_add(trust, &entry);
}

static const char *match(const struct callback_trust *trust, const char *text)
{
    struct callback_url url;
    const struct rule *broken = NULL;
    if (callback_url_read(str_of(text), &url, &broken) != OK)
        fail_msg("%s: %s", text, broken->en);
    const struct callback_trust_entry *entry = callback_trust_match(trust, &url);
    return entry == NULL ? "" : entry->text;
}

static struct callback_address address_of(const char *ip, uint16_t port)
{
    struct callback_address out;
    if (strchr(ip, ':') != NULL) {
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        assert_int_equal(inet_pton(AF_INET6, ip, &v6.sin6_addr), 1);
        assert_true(callback_address_read((const struct sockaddr *)&v6, &out));
    } else {
        struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
        assert_int_equal(inet_pton(AF_INET, ip, &v4.sin_addr), 1);
        assert_true(callback_address_read((const struct sockaddr *)&v4, &out));
    }
    return out;
}

TEST(reads_entries_in_one_form)
{
    UNUSED(state);
    static const struct {
        const char *text, *expected;
        enum callback_trust_kind kind;
    } cases[] = {
        {"example.com", "example.com", CALLBACK_TRUST_DOMAIN},
        {"Example.COM.", "example.com", CALLBACK_TRUST_DOMAIN},
        {"localhost", "localhost", CALLBACK_TRUST_DOMAIN},
        {"xn--fiq228c.example", "xn--fiq228c.example", CALLBACK_TRUST_DOMAIN},
        {"*.Example.com", "*.example.com", CALLBACK_TRUST_WILDCARD},
        {"192.0.2.1:8443", "192.0.2.1:8443", CALLBACK_TRUST_ADDRESS},
        {"[2001:DB8:0:0::1]:443", "[2001:db8::1]:443", CALLBACK_TRUST_ADDRESS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct callback_trust_entry entry;
        const struct rule *broken;
        assert_status(callback_trust_entry_read(str_of(cases[i].text), &entry, &broken), OK);
        assert_string_equal(entry.text, cases[i].expected);
        assert_int_equal(entry.kind, cases[i].kind);
    }
}

TEST(refuses_entries_that_are_none)
{
    UNUSED(state);
    static const struct {
        const char *text, *rule;
    } cases[] = {
        {"", "host"},
        {"*", "host"},
        {"*.", "host"},
        {"*.*.example.com", "host"},
        {"a.*.example.com", "host"},
        {"*example.com", "host"},
        {"*.com", "wildcard"},
        {"*.com.", "wildcard"},
        {"*.192.0.2.1:80", "wildcard"},
        {"*.example.com:443", "port"},
        {"example.com:443", "port"},
        {"example.com:", "port"},
        {"192.0.2.1", "port"},
        {"192.0.2.1:0", "port"},
        {"192.0.2.1:65536", "port"},
        {"[2001:db8::1]", "port"},
        {"2001:db8::1:443", "port"},
        {"[::ffff:127.0.0.1]:80", "address"},
        {"127.1:80", "address"},
        {"2130706433:80", "address"},
        {"https://example.com", "url"},
        {"example.com/path", "url"},
        {"user@example.com", "host"},
        {"exa mple.com", "host"},
        {"ex\xC3\xA4mple.com", "host"},
        {"example.com,example.net", "host"},
        {"..", "host"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct callback_trust_entry entry;
        const struct rule *broken = NULL;
        if (callback_trust_entry_read(str_of(cases[i].text), &entry, &broken) == OK)
            fail_msg("%s: was taken", cases[i].text);
        if (strcmp(broken->name, cases[i].rule) != 0)
            fail_msg("%s: rule %s, expected %s", cases[i].text, broken->name, cases[i].rule);
    }
}

TEST(a_domain_is_that_host_only)
{
    UNUSED(state);
    struct callback_trust trust = {0};
    add(&trust, "example.com");
    assert_string_equal(match(&trust, "https://example.com/x"), "example.com");
    assert_string_equal(match(&trust, "http://EXAMPLE.com.:8080/x"), "example.com");
    assert_string_equal(match(&trust, "https://a.example.com/"), "");
    assert_string_equal(match(&trust, "https://badexample.com/"), "");
    assert_string_equal(match(&trust, "https://example.com.evil.net/"), "");
    assert_string_equal(match(&trust, "https://example.co/"), "");
    callback_trust_finish(&trust);
}

TEST(a_wildcard_is_every_name_below_and_not_the_domain)
{
    UNUSED(state);
    struct callback_trust trust = {0};
    add(&trust, "*.example.com");
    assert_string_equal(match(&trust, "https://a.example.com/"), "*.example.com");
    assert_string_equal(match(&trust, "https://a.b.example.com:1/"), "*.example.com");
    assert_string_equal(match(&trust, "https://example.com/"), "");
    assert_string_equal(match(&trust, "https://badexample.com/"), "");
    assert_string_equal(match(&trust, "https://a.example.com.evil.net/"), "");
    callback_trust_finish(&trust);
}

TEST(an_address_is_that_address_with_that_port)
{
    UNUSED(state);
    struct callback_trust trust = {0};
    assert_string_equal(match(&trust, "https://192.0.2.1/"), "");
    add(&trust, "192.0.2.1:443");
    add(&trust, "[2001:db8::1]:80");
    assert_string_equal(match(&trust, "https://192.0.2.1/"), "192.0.2.1:443");
    assert_string_equal(match(&trust, "https://192.0.2.1:8443/"), "");
    assert_string_equal(match(&trust, "http://192.0.2.1/"), "");
    assert_string_equal(match(&trust, "http://[2001:DB8:0::1]/"), "[2001:db8::1]:80");
    assert_string_equal(match(&trust, "https://[2001:db8::1]/"), "");
    callback_trust_finish(&trust);
}

TEST(no_name_leads_to_a_special_address)
{
    UNUSED(state);
    static const char *const forbidden[] = {"0.0.0.0",
                                            "0.1.2.3",
                                            "127.0.0.1",
                                            "127.255.255.255",
                                            "169.254.0.1",
                                            "169.254.169.254",
                                            "192.0.0.192",
                                            "100.100.100.200",
                                            "168.63.129.16",
                                            "224.0.0.1",
                                            "239.255.255.255",
                                            "240.0.0.1",
                                            "255.255.255.255",
                                            "::",
                                            "::1",
                                            "::127.0.0.1",
                                            "::ffff:127.0.0.1",
                                            "::ffff:0:127.0.0.1",
                                            "::ffff:169.254.169.254",
                                            "fe80::1",
                                            "febf::1",
                                            "fec0::1",
                                            "ff02::1",
                                            "64:ff9b::127.0.0.1",
                                            "64:ff9b:1::1",
                                            "2002:7f00:1::",
                                            "2002:a9fe:a9fe::1",
                                            "2001::1",
                                            "2001:0:1::1",
                                            "fd00:ec2::254",
                                            "fd20:ce::254",
                                            "fd00:c1::a9fe:a9fe"};
    static const char *const fine[] = {
        "1.1.1.1",          "10.0.0.1",        "172.16.0.1",  "192.168.1.1", "126.255.255.255",
        "128.0.0.1",        "169.253.255.255", "169.255.0.0", "192.0.1.1",   "100.100.100.201",
        "223.255.255.255",  "::ffff:10.0.0.1", "2001:db8::1", "2001:1::1",   "2002:a00:1::1",
        "64:ff9b::1.1.1.1", "fd00::1",         "fc00::1",     "2400::1",     "fe00::1"};
    for (size_t i = 0; i < COUNT_OF(forbidden); i++) {
        struct callback_address address = address_of(forbidden[i], 80);
        if (!callback_address_is_forbidden(&address))
            fail_msg("%s is allowed", forbidden[i]);
    }
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        struct callback_address address = address_of(fine[i], 80);
        if (callback_address_is_forbidden(&address))
            fail_msg("%s is forbidden", fine[i]);
    }
}

TEST(an_entry_that_names_a_special_address_admits_it)
{
    UNUSED(state);
    struct callback_trust trust = {0};
    struct callback_address loopback = address_of("127.0.0.1", 8080);
    struct callback_address mapped = address_of("::ffff:127.0.0.1", 8080);
    struct callback_address other_port = address_of("127.0.0.1", 8081);
    struct callback_address loopback6 = address_of("::1", 8080);
    struct callback_address usual = address_of("192.0.2.1", 8080);
    add(&trust, "localhost");
    assert_false(callback_trust_admits(&trust, &loopback));
    assert_true(callback_trust_admits(&trust, &usual));
    add(&trust, "127.0.0.1:8080");
    assert_true(callback_trust_admits(&trust, &loopback));
    assert_true(callback_trust_admits(&trust, &mapped));
    assert_false(callback_trust_admits(&trust, &other_port));
    assert_false(callback_trust_admits(&trust, &loopback6));
    add(&trust, "[::1]:8080");
    assert_true(callback_trust_admits(&trust, &loopback6));
    callback_trust_finish(&trust);
}

TEST(only_ip_addresses_are_addresses)
{
    UNUSED(state);
    struct sockaddr local = {.sa_family = AF_UNIX};
    struct callback_address out;
    assert_false(callback_address_read(&local, &out));
    assert_status(callback_address_parse_ip(STR("127.0.0.1\0"), &out), ERR_SYNTAX);
    assert_status(callback_address_parse_ip(STR(""), &out), ERR_SYNTAX);
    assert_status(callback_address_parse_ip(STR("1.2.3"), &out), ERR_SYNTAX);
    assert_status(callback_address_parse_ip(
                      STR("2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000"), &out),
                  ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_entries_in_one_form),
        cmocka_unit_test(refuses_entries_that_are_none),
        cmocka_unit_test(a_domain_is_that_host_only),
        cmocka_unit_test(a_wildcard_is_every_name_below_and_not_the_domain),
        cmocka_unit_test(an_address_is_that_address_with_that_port),
        cmocka_unit_test(no_name_leads_to_a_special_address),
        cmocka_unit_test(an_entry_that_names_a_special_address_admits_it),
        cmocka_unit_test(only_ip_addresses_are_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
