/* What is said of a name, a connection and a certificate. */

#include "tests/test.h"

#include <stdio.h>

#include "base/mem.h"
#include "gateway/diagnostics/judge.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define NOW_MS INT64_C(1795348800000) /* 2026-11-22T12:00:00Z */

struct fixture {
    struct diagnosis_step step;
    struct tls_probe_result seen;
    struct tls_certificate installed;
    struct judge_server server;
};

static int open_fixture(void **state)
{
    struct fixture *f = NEW(struct fixture);
    struct tls_certificate *shown = &f->seen.verdict.shown;
    f->server = (struct judge_server){.peer = &judge_ita, .host = "ita.example.com", .port = 8443};
    f->seen.failed = TLS_PROBE_STAGES;
    f->seen.version = "TLSv1.3";
    f->seen.cipher = "TLS_AES_256_GCM_SHA384";
    (void)snprintf(shown->subject, sizeof(shown->subject), "CN=shown");
    (void)snprintf(shown->issuer, sizeof(shown->issuer), "CN=issuer");
    (void)snprintf(shown->sha256_fingerprint, sizeof(shown->sha256_fingerprint), "AA:BB");
    (void)snprintf(f->installed.subject, sizeof(f->installed.subject), "CN=installed");
    (void)snprintf(f->installed.sha256_fingerprint, sizeof(f->installed.sha256_fingerprint),
                   "CC:DD");
    shown->not_before_ms = NOW_MS - 100 * DAY_MS;
    shown->not_after_ms = f->seen.verdict.expires_ms = NOW_MS + 100 * DAY_MS;
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    mem_free(*state);
    return 0;
}

static void assert_says(const struct fixture *f, enum diagnosis_result result, const char *part)
{
    const struct diagnosis_step *step = &f->step;
    if (step->result != result ||
        (strstr(step->text.en, part) == NULL && strstr(step->cause.en, part) == NULL &&
         strstr(step->remedy.en, part) == NULL))
        fail_msg("%s: %s %s %s", diagnosis_result_text(step->result), step->text.en, step->cause.en,
                 step->remedy.en);
    assert_true(step->text.zh[0] != '\0');
    assert_true(result != DIAGNOSIS_FAILED || step->remedy.zh[0] != '\0');
}

TEST(tells_addresses_of_both_kinds)
{
    struct fixture *f = *state;
    f->seen.address_count = f->seen.v4_count = f->seen.v6_count = 1;
    f->seen.address_count = 2;
    (void)snprintf(f->seen.addresses[0], TLS_PROBE_ADDRESS_SIZE, "203.0.113.5");
    (void)snprintf(f->seen.addresses[1], TLS_PROBE_ADDRESS_SIZE, "2001:db8::5");
    f->seen.stage_ms[TLS_PROBE_NAME] = 7;
    judge_name(&f->step, &f->server, &f->seen);
    assert_says(f, DIAGNOSIS_OK, "203.0.113.5, 2001:db8::5.");
    assert_int_equal(f->step.duration_ms, 7);
}

TEST(tells_a_name_server_that_is_silent_from_a_name_that_is_none)
{
    struct fixture *f = *state;
    f->seen.failed = TLS_PROBE_NAME;
    judge_name(&f->step, &f->server, &f->seen);
    assert_says(f, DIAGNOSIS_FAILED, "misspelt");
    f->seen.is_out_of_time = true;
    judge_name(&f->step, &f->server, &f->seen);
    assert_says(f, DIAGNOSIS_FAILED, "does not answer");
}

TEST(tells_refused_from_dropped_from_unreachable)
{
    struct fixture *f = *state;
    f->seen.failed = TLS_PROBE_TCP;
    judge_tcp(&f->step, &f->server, &f->seen);
    assert_says(f, DIAGNOSIS_FAILED, "no route");
    f->seen.is_out_of_time = true;
    judge_tcp(&f->step, &f->server, &f->seen);
    assert_says(f, DIAGNOSIS_FAILED, "firewall drops");
    f->seen.is_refused = true;
    judge_tcp(&f->step, &f->server, &f->seen);
    assert_says(f, DIAGNOSIS_FAILED, "nothing listens");
}

TEST(a_good_certificate_says_for_how_long)
{
    struct fixture *f = *state;
    f->seen.verdict.kind = TLS_VERDICT_TRUSTED;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS);
    assert_says(f, DIAGNOSIS_OK, "good for 100 more days");
    assert_says(f, DIAGNOSIS_OK, "trusted by the system's certificates");
    f->server.has_certificate = true;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS + 70 * DAY_MS - 1);
    assert_says(f, DIAGNOSIS_OK, "trusted by CERT_ITA");
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS + 70 * DAY_MS + 1);
    assert_says(f, DIAGNOSIS_WARNING, "Ask the ITA's operator for the next certificate");
}

TEST(of_an_aicc_it_speaks_of_its_certificate_and_operator)
{
    struct fixture *f = *state;
    f->server.peer = &judge_aicc;
    f->server.has_certificate = true;
    f->seen.verdict.kind = TLS_VERDICT_TRUSTED;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS + 99 * DAY_MS);
    assert_says(f, DIAGNOSIS_WARNING, "trusted by CERT_AICC");
    assert_says(f, DIAGNOSIS_WARNING, "Ask the AICC's operator");
    f->seen.verdict.kind = TLS_VERDICT_NO_ANCHOR;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS);
    assert_says(f, DIAGNOSIS_FAILED, "No CERT_AICC is installed");
    assert_says(f, DIAGNOSIS_FAILED,
                ":8443/apigovernance/api/oauth/tokenByAkSk -o aicc.der` or a browser, and upload "
                "it under Certificate, name CERT_AICC");
    f->seen.failed = TLS_PROBE_NAME;
    judge_name(&f->step, &f->server, &f->seen);
    assert_says(f, DIAGNOSIS_FAILED, "Compare the AICC Domain Name");
    f->seen.failed = TLS_PROBE_TCP;
    judge_tcp(&f->step, &f->server, &f->seen);
    assert_says(f, DIAGNOSIS_FAILED, "port 8443 allowed; ask the AICC's operator");
}

TEST(a_strange_certificate_is_shown_beside_the_installed_one)
{
    struct fixture *f = *state;
    f->seen.verdict.kind = TLS_VERDICT_NO_ANCHOR;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS);
    assert_says(f, DIAGNOSIS_FAILED, "CN=shown, issued by CN=issuer, SHA-256 AA:BB");
    assert_says(f, DIAGNOSIS_FAILED, "No CERT_ITA is installed");
    assert_says(f, DIAGNOSIS_FAILED, "https://ita.example.com:8443/v1/ngin/axmn -o ita.der");
    f->server.certificate = &f->installed;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS);
    assert_says(f, DIAGNOSIS_FAILED, "CN=installed, SHA-256 CC:DD");
}

TEST(each_verdict_has_its_own_words)
{
    static const struct {
        enum tls_verdict_kind kind;
        const char *part;
    } rows[] = {
        {TLS_VERDICT_EXPIRED, "renew the certificate"},
        {TLS_VERDICT_NOT_YET_VALID, "clock is behind"},
        {TLS_VERDICT_OTHER_NAME, "is not for ita.example.com, but for: CN=shown"},
        {TLS_VERDICT_REFUSED, "is refused: because"},
    };
    struct fixture *f = *state;
    (void)snprintf(f->seen.verdict.reason, sizeof(f->seen.verdict.reason), "because");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        f->seen.verdict.kind = rows[i].kind;
        f->step = (struct diagnosis_step){0};
        judge_tls(&f->step, &f->server, &f->seen, NOW_MS);
        assert_says(f, DIAGNOSIS_FAILED, rows[i].part);
    }
}

TEST(no_handshake_is_no_certificates_fault)
{
    struct fixture *f = *state;
    f->seen.failed = TLS_PROBE_TLS;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS);
    assert_says(f, DIAGNOSIS_FAILED, "speaks no TLS");
    f->seen.is_out_of_time = true;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS);
    assert_says(f, DIAGNOSIS_FAILED, "does not answer");
}

TEST(without_tls_there_is_nothing_to_find)
{
    struct fixture *f = *state;
    f->server.is_plain = true;
    judge_tls(&f->step, &f->server, &f->seen, NOW_MS);
    assert_says(f, DIAGNOSIS_OK, "http://");
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(tells_addresses_of_both_kinds),
        FIXTURE_TEST(tells_a_name_server_that_is_silent_from_a_name_that_is_none),
        FIXTURE_TEST(tells_refused_from_dropped_from_unreachable),
        FIXTURE_TEST(a_good_certificate_says_for_how_long),
        FIXTURE_TEST(of_an_aicc_it_speaks_of_its_certificate_and_operator),
        FIXTURE_TEST(a_strange_certificate_is_shown_beside_the_installed_one),
        FIXTURE_TEST(each_verdict_has_its_own_words),
        FIXTURE_TEST(no_handshake_is_no_certificates_fault),
        FIXTURE_TEST(without_tls_there_is_nothing_to_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
