#include "tests/net/certificates.h"

#include "net/tls_verdict.h"
#include "tests/test.h"

static struct tls_trust *trust_of(const struct pair *pair)
{
    struct tls_trust *trust;
    assert_status(tls_trust_create(buf_str(&pair->certificate), &trust, NULL), OK);
    return trust;
}

static struct tls_verdict reach(const struct pair *shown, const struct tls_trust *trust,
                                const char *host, int64_t now_ms)
{
    struct tls_verdict verdict;
    struct fault fault = {""};
    if (tls_verdict_reach(buf_str(&shown->certificate), trust, host, now_ms, &verdict, &fault) !=
        OK)
        fail_msg("%s", fault.text);
    return verdict;
}

TEST(a_certificate_anchors_itself)
{
    UNUSED(state);
    struct pair pair;
    pair_init_local(&pair);
    struct tls_trust *trust = trust_of(&pair);
    static const char *const hosts[] = {"localhost", "127.0.0.1", "::1"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        struct tls_verdict verdict = reach(&pair, trust, hosts[i], clock_wall_ms());
        assert_int_equal(verdict.kind, TLS_VERDICT_TRUSTED);
        assert_int_equal(verdict.chain_count, 1);
        assert_string_equal(verdict.anchor.sha256_fingerprint, verdict.shown.sha256_fingerprint);
        assert_int_equal(verdict.expires_ms, verdict.shown.not_after_ms);
    }
    tls_trust_release(trust);
    pair_finish(&pair);
}

TEST(another_certificate_of_the_same_name_does_not)
{
    UNUSED(state);
    struct pair shown, other;
    pair_init_local(&shown);
    pair_init_local(&other);
    struct tls_trust *trust = trust_of(&other);
    struct tls_verdict verdict = reach(&shown, trust, "localhost", clock_wall_ms());
    assert_int_equal(verdict.kind, TLS_VERDICT_NO_ANCHOR);
    assert_true(verdict.reason[0] != '\0');
    assert_true(verdict.shown.subject[0] != '\0');
    tls_trust_release(trust);
    pair_finish(&other);
    pair_finish(&shown);
}

TEST(the_system_does_not_know_it)
{
    UNUSED(state);
    struct pair pair;
    pair_init_local(&pair);
    assert_int_equal(reach(&pair, NULL, "localhost", clock_wall_ms()).kind, TLS_VERDICT_NO_ANCHOR);
    struct tls_trust *system = tls_trust_system();
    assert_int_equal(reach(&pair, system, "localhost", clock_wall_ms()).kind,
                     TLS_VERDICT_NO_ANCHOR);
    tls_trust_release(system);
    pair_finish(&pair);
}

TEST(it_is_for_its_names_only)
{
    UNUSED(state);
    struct pair pair;
    pair_init_local(&pair);
    struct tls_trust *trust = trust_of(&pair);
    static const char *const hosts[] = {"ita.example.com", "127.0.0.2", "localhost.example.com"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        struct tls_verdict verdict = reach(&pair, trust, hosts[i], clock_wall_ms());
        assert_int_equal(verdict.kind, TLS_VERDICT_OTHER_NAME);
        assert_true(verdict.anchor.subject[0] != '\0');
    }
    tls_trust_release(trust);
    pair_finish(&pair);
}

TEST(it_has_its_time)
{
    UNUSED(state);
    struct pair pair;
    pair_init_local(&pair);
    struct tls_trust *trust = trust_of(&pair);
    struct tls_verdict now = reach(&pair, trust, "localhost", clock_wall_ms());
    assert_int_equal(reach(&pair, trust, "localhost", now.shown.not_after_ms + 1000).kind,
                     TLS_VERDICT_EXPIRED);
    assert_int_equal(reach(&pair, trust, "localhost", now.shown.not_before_ms - 1000).kind,
                     TLS_VERDICT_NOT_YET_VALID);
    tls_trust_release(trust);
    pair_finish(&pair);
}

TEST(what_is_no_chain_is_refused)
{
    UNUSED(state);
    struct tls_verdict verdict;
    struct fault fault = {""};
    assert_status(tls_verdict_reach(STR(""), NULL, "localhost", 0, &verdict, &fault), ERR_SYNTAX);
    assert_status(tls_verdict_reach(STR("hello"), NULL, "localhost", 0, &verdict, &fault),
                  ERR_SYNTAX);
}

TEST(an_identity_tells_what_it_shows_and_for_whom)
{
    UNUSED(state);
    struct pair pair;
    struct tls_certificate words;
    struct fault fault = {""};
    bool is_for_host = false;
    pair_init_local(&pair);
    struct tls_identity *identity = pair_load(&pair);
    assert_status(tls_identity_describe(identity, STR("127.0.0.1"), &words, &is_for_host, &fault),
                  OK);
    assert_true(is_for_host);
    assert_true(words.sha256_fingerprint[0] != '\0');
    assert_status(tls_identity_describe(identity, STR("other"), &words, &is_for_host, &fault), OK);
    assert_false(is_for_host);
    assert_status(tls_identity_describe(identity, STR(""), &words, &is_for_host, &fault), OK);
    assert_false(is_for_host);
    tls_identity_release(identity);
    pair_finish(&pair);
}

TEST(a_pinned_certificate_is_trusted_for_any_host_and_shares_no_connection)
{
    UNUSED(state);
    struct pair pair;
    struct tls_trust *pinned = NULL;
    struct fault fault = {""};
    pair_init_local(&pair);
    struct tls_trust *usual = trust_of(&pair);
    assert_status(tls_trust_pin(pair.certificate_path, &pinned, &fault), OK);
    assert_false(tls_trust_checks_host(pinned));
    assert_true(tls_trust_checks_host(usual));
    assert_true(str_is(tls_trust_pem(pinned), tls_trust_pem(usual)));
    assert_false(str_is(tls_trust_digest(pinned), tls_trust_digest(usual)));
    tls_trust_release(pinned);
    tls_trust_release(usual);
    assert_status(tls_trust_pin("/nonexistent", &pinned, &fault), ERR_NOT_FOUND);
    pair_finish(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_anchors_itself),
        cmocka_unit_test(another_certificate_of_the_same_name_does_not),
        cmocka_unit_test(the_system_does_not_know_it),
        cmocka_unit_test(it_is_for_its_names_only),
        cmocka_unit_test(it_has_its_time),
        cmocka_unit_test(what_is_no_chain_is_refused),
        cmocka_unit_test(an_identity_tells_what_it_shows_and_for_whom),
        cmocka_unit_test(a_pinned_certificate_is_trusted_for_any_host_and_shares_no_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
