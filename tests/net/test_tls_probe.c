#include "tests/test.h"

#include "net/tls_probe.h"
#include "tests/net/tls_client.h"

enum { LONG_MS = 10000, SHORT_MS = 50 };

static struct {
    int calls;
    struct tls_probe_result result;
    char address[TLS_PROBE_ADDRESS_SIZE];
} seen;

static void on_done(void *data, const struct tls_probe_result *result)
{
    UNUSED(data);
    seen.calls++;
    seen.result = *result;
    snprintf(seen.address, sizeof(seen.address), "%s",
             result->address == NULL ? "" : result->address);
}

static struct tls_probe *start(struct rig *rig, const struct tls_probe_options *options)
{
    memset(&seen, 0, sizeof(seen));
    struct tls_probe *probe = tls_probe_start(&rig->loop, options, on_done, NULL);
    assert_int_equal(seen.calls, 0);
    return probe;
}

static void run(struct rig *rig, const struct tls_probe_options *options)
{
    start(rig, options);
    WAIT_FOR(rig, seen.calls > 0);
}

static void finish(struct rig *rig)
{
    rig_finish(rig);
    assert_int_equal(seen.calls, 1);
}

TEST(tells_each_stage_of_a_connection_that_stands)
{
    UNUSED(state);
    struct rig rig;
    rig_init(&rig);

    rig_start_tls(&rig);
    run(&rig,
        &(struct tls_probe_options){.host = "127.0.0.1", .port = rig.port, .timeout_ms = LONG_MS});
    assert_int_equal(seen.result.failed, TLS_PROBE_STAGES);
    assert_string_equal(seen.result.version, "TLSv1.3");
    assert_string_equal(seen.address, "127.0.0.1");
    assert_int_equal(seen.result.address_count, 1);
    assert_int_equal(seen.result.v4_count, 1);
    assert_int_equal(seen.result.verdict.kind, TLS_VERDICT_NO_ANCHOR);
    assert_string_equal(seen.result.verdict.shown.names, "DNS:localhost");
    finish(&rig);
}

TEST(a_plain_connection_ends_with_tcp)
{
    UNUSED(state);
    struct rig rig;
    rig_init(&rig);

    rig_start(&rig);
    run(&rig, &(struct tls_probe_options){
                  .host = "127.0.0.1", .port = rig.port, .is_plain = true, .timeout_ms = LONG_MS});
    assert_int_equal(seen.result.failed, TLS_PROBE_STAGES);
    assert_null(seen.result.version);
    finish(&rig);
}

TEST(a_name_that_is_none_fails_at_the_name)
{
    UNUSED(state);
    struct rig rig;
    rig_init(&rig);
    run(&rig, &(struct tls_probe_options){
                  .host = "no-such-host.invalid", .port = 443, .timeout_ms = LONG_MS});
    assert_int_equal(seen.result.failed, TLS_PROBE_NAME);
    assert_true(seen.result.why[0] != '\0');
    finish(&rig);
}

TEST(a_closed_port_fails_at_tcp)
{
    UNUSED(state);
    struct rig rig;
    rig_init(&rig);
    run(&rig, &(struct tls_probe_options){.host = "127.0.0.1", .port = 1, .timeout_ms = LONG_MS});
    assert_int_equal(seen.result.failed, TLS_PROBE_TCP);
    assert_true(seen.result.is_refused);
    assert_false(seen.result.is_out_of_time);
    finish(&rig);
}

static bool is_against(void *data, const struct sockaddr *address)
{
    UNUSED(address);
    ++*(int *)data;
    return false;
}

TEST(an_address_that_is_not_allowed_is_not_connected_to)
{
    UNUSED(state);
    struct rig rig;
    int asked = 0;
    rig_init(&rig);

    rig_start(&rig);
    run(&rig, &(struct tls_probe_options){.host = "127.0.0.1",
                                          .port = rig.port,
                                          .is_plain = true,
                                          .timeout_ms = LONG_MS,
                                          .guard = {is_against, &asked}});
    assert_int_equal(seen.result.failed, TLS_PROBE_TCP);
    assert_true(seen.result.is_forbidden);
    assert_false(seen.result.is_refused);
    assert_string_equal(seen.result.why, "an address that is not allowed");
    assert_int_equal(asked, 1);
    assert_int_equal(http_server_connections(rig.server), 0);
    finish(&rig);
}

TEST(a_server_without_tls_fails_at_tls)
{
    UNUSED(state);
    struct rig rig;
    rig_init(&rig);

    rig_start(&rig);
    run(&rig,
        &(struct tls_probe_options){.host = "127.0.0.1", .port = rig.port, .timeout_ms = LONG_MS});
    assert_int_equal(seen.result.failed, TLS_PROBE_TLS);
    assert_true(seen.result.why[0] != '\0');
    finish(&rig);
}

static enum http_accept hold(void *data, struct str peer)
{
    UNUSED(data);
    UNUSED(peer);
    return HTTP_ACCEPT_HOLD;
}

TEST(a_server_that_says_nothing_runs_out_of_time)
{
    UNUSED(state);
    struct rig rig;
    rig_init(&rig);

    rig.options.on_accept = hold;
    rig_start_tls(&rig);
    run(&rig,
        &(struct tls_probe_options){.host = "127.0.0.1", .port = rig.port, .timeout_ms = SHORT_MS});
    assert_int_equal(seen.result.failed, TLS_PROBE_TLS);
    assert_true(seen.result.is_out_of_time);
    assert_true(seen.result.stage_ms[TLS_PROBE_TLS] >= SHORT_MS);
    finish(&rig);
}

TEST(a_canceled_probe_ends_soon_whatever_it_waits_for)
{
    UNUSED(state);
    struct rig rig;
    rig_init(&rig);

    rig.options.on_accept = hold;
    rig_start_tls(&rig);
    const struct tls_probe_options options = {
        .host = "127.0.0.1", .port = rig.port, .timeout_ms = LONG_MS};
    tls_probe_cancel(start(&rig, &options));
    WAIT_FOR(&rig, seen.calls > 0);
    assert_string_equal(seen.result.why, "canceled");
    struct tls_probe *probe = start(&rig, &options);
    WAIT_FOR(&rig, http_server_connections(rig.server) > 0);
    tls_probe_cancel(probe);
    WAIT_FOR(&rig, seen.calls > 0);
    assert_string_equal(seen.result.why, "canceled");
    finish(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_each_stage_of_a_connection_that_stands),
        cmocka_unit_test(a_plain_connection_ends_with_tcp),
        cmocka_unit_test(a_name_that_is_none_fails_at_the_name),
        cmocka_unit_test(a_closed_port_fails_at_tcp),
        cmocka_unit_test(an_address_that_is_not_allowed_is_not_connected_to),
        cmocka_unit_test(a_server_without_tls_fails_at_tls),
        cmocka_unit_test(a_server_that_says_nothing_runs_out_of_time),
        cmocka_unit_test(a_canceled_probe_ends_soon_whatever_it_waits_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
