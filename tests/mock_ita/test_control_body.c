#include "tests/test.h"

#include "base/mem.h"
#include "mock_ita/control_body.h"

/* Each decoder is called with text here, through one of these. */
typedef enum status decoder(const struct json *body, struct fault *fault);

static struct mock_key_texts new_key;
static struct control_key_change key_change;
static struct str x_number;
static bool is_blocked;
static struct control_clock clock_change;
static struct control_verify verify;
static int cause;
static struct mock_push_script script;
static enum mock_side side;
static struct control_policy policy;

#define DECODER(name, function, out)                                                               \
    static enum status name(const struct json *body, struct fault *fault)                          \
    {                                                                                              \
        return function(body, &(out), fault);                                                      \
    }
DECODER(read_new_key, control_body_new_key, new_key)
DECODER(read_key_change, control_body_key_change, key_change)
DECODER(read_x_number, control_body_x_number, x_number)
DECODER(read_x_number_change, control_body_x_number_change, is_blocked)
DECODER(read_clock, control_body_clock, clock_change)
DECODER(read_verify, control_body_verify, verify)
DECODER(read_hang_up, control_body_hang_up, cause)
DECODER(read_cdr, control_body_cdr, script)
DECODER(read_dial, control_body_dial, side)
DECODER(read_policy, control_body_policy, policy)

/* The texts read stay good until the next one is. */
static struct json *parsed;

static enum status decode(decoder *read, const char *text, struct fault *fault)
{
    json_destroy(parsed);
    parsed = NULL;
    assert_status(json_parse(str_of(text), &parsed, fault), OK);
    return read(parsed, fault);
}

static void assert_reads(decoder *read, const char *text)
{
    struct fault fault;
    if (decode(read, text, &fault) != OK)
        fail_msg("%s: %s", text, fault.text);
}

TEST(refuses_what_breaks_a_rule_and_names_its_path)
{
    UNUSED(state);
    static const struct {
        decoder *read;
        const char *text, *fault;
    } cases[] = {
        {read_new_key, "[]", "/: must be an object"},
        {read_new_key, "{}", "/accessKey: must be there"},
        {read_new_key, "{\"accessKey\":1}", "/accessKey: must be a string"},
        {read_new_key, "{\"accessKey\":null}", "/accessKey: must be a string"},
        {read_new_key, "{\"accesskey\":\"A\"}",
         "/accesskey: unknown member; there may be: accessKey, secretKey, appKey"},
        {read_key_change, "{\"accessKey\":\"A\"}", "unknown member"},
        {read_key_change, "{\"locked\":\"yes\"}", "/locked: must be true or false"},
        {read_x_number, "{\"number\":700}", "/number: must be a string"},
        {read_x_number_change, "{}", "/blocked: must be there"},
        {read_x_number_change, "{\"blocked\":0}", "/blocked: must be true or false"},
        {read_clock, "{\"advance\":\"1 hour\"}", "/advance: must be a string like"},
        {read_clock, "{\"advance\":\"-1s\"}", "/advance: must be a string like"},
        {read_clock, "{\"advance\":1000}", "/advance: must be a string like"},
        {read_clock, "{\"now\":\"2030-02-30T00:00:00Z\"}", "/now: must be a time like"},
        {read_clock, "{\"now\":\"2030-01-01T00:00:00+08:00\"}", "/now: must be a time like"},
        {read_clock, "{\"now\":\"2030-01-01T00:00:00Z\",\"advance\":\"1s\"}",
         "/advance: must not stand beside now"},
        {read_verify, "{\"match\":[]}", "/match: must be an object"},
        {read_verify, "{\"match\":{\"tela\":\"1\"}}", "/match/tela: unknown member"},
        {read_verify, "{\"match\":{\"telA\":13800000001}}", "/match/telA: must be a string"},
        {read_verify, "{\"match\":{\"status\":600}}",
         "/match/status: must be a whole number from 0 to 599"},
        {read_verify, "{\"match\":{\"status\":\"200\"}}", "/match/status: must be a whole number"},
        {read_verify, "{\"match\":{\"status\":1.5}}", "/match/status: must be a whole number"},
        {read_verify, "{\"count\":2}", "/count: must be an object"},
        {read_verify, "{\"count\":{}}", "/count: must hold exactly, or atLeast or atMost or both"},
        {read_verify, "{\"count\":{\"exactly\":1,\"atMost\":2}}", "/count: must hold exactly"},
        {read_verify, "{\"count\":{\"atLeast\":3,\"atMost\":2}}", "/count: atLeast must not be"},
        {read_verify, "{\"count\":{\"exactly\":-1}}", "/count/exactly: must be a whole number"},
        {read_verify, "{\"counts\":{}}", "/counts: unknown member; there may be: match, count"},
        {read_hang_up, "{\"cause\":0}", "/cause: must be a whole number from 1 to 127"},
        {read_hang_up, "{\"cause\":128}", "/cause: must be a whole number from 1 to 127"},
        {read_cdr, "{\"signature\":\"bad\"}", "/signature: must be \"good\", \"wrong\""},
        {read_cdr, "{\"tries\":256}", "/tries: must be a whole number from 1 to 255"},
        {read_dial, "{\"from\":\"c\"}", "/from: must be \"a\" or \"b\""},
        {read_dial, "{}", "/from: must be there"},
        {read_policy, "{\"callers\":\"138*\"}", "/callers: must be an array of strings"},
        {read_policy, "{\"anyone\":[1]}", "/anyone: must be an array of strings"},
        {read_policy, "{\"balance\":-2}", "/balance: must be a whole number from -1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fault fault;
        if (decode(cases[i].read, cases[i].text, &fault) != ERR_INVALID)
            fail_msg("%s is taken", cases[i].text);
        assert_fault(fault, cases[i].fault);
    }
}

TEST(reads_keys)
{
    UNUSED(state);
    assert_reads(read_new_key, "{\"appKey\":\"P\",\"accessKey\":\"A\",\"secretKey\":\"S\"}");
    assert_str(new_key.access_key, "A");
    assert_str(new_key.secret_key, "S");
    assert_str(new_key.app_key, "P");
    assert_reads(read_key_change, "{}");
    assert_null(key_change.texts.secret_key.ptr);
    assert_null(key_change.texts.app_key.ptr);
    assert_int_equal(key_change.is_locked, CONTROL_SWITCH_ABSENT);
    assert_reads(read_key_change, "{\"secretKey\":\"\",\"locked\":false}");
    assert_non_null(key_change.texts.secret_key.ptr); /* there, and for the keys to refuse */
    assert_int_equal(key_change.is_locked, CONTROL_SWITCH_NO);
}

TEST(reads_x_numbers_and_who_dials)
{
    UNUSED(state);
    assert_reads(read_x_number, "{\"number\":\"700000000000001\"}");
    assert_str(x_number, "700000000000001");
    assert_reads(read_x_number_change, "{\"blocked\":true}");
    assert_true(is_blocked);
    assert_reads(read_x_number_change, "{\"blocked\":false}");
    assert_false(is_blocked);
    assert_reads(read_dial, "{\"from\":\"b\"}");
    assert_int_equal(side, MOCK_SIDE_B);
}

TEST(reads_what_the_clock_is_to_do)
{
    UNUSED(state);
    assert_reads(read_clock, "{}");
    assert_int_equal(clock_change.is_frozen, CONTROL_SWITCH_ABSENT);
    assert_true(clock_change.advance_ms == CONTROL_ABSENT && clock_change.now_ms == CONTROL_ABSENT);
    assert_reads(read_clock, "{\"frozen\":true,\"advance\":\"15m\"}");
    assert_int_equal(clock_change.is_frozen, CONTROL_SWITCH_YES);
    assert_int_equal(clock_change.advance_ms, 15 * 60 * 1000);
    assert_reads(read_clock, "{\"now\":\"2030-01-02T03:04:05.678Z\"}");
    assert_true(clock_change.now_ms == INT64_C(1893553445678));
}

TEST(reads_what_is_to_be_verified)
{
    UNUSED(state);
    assert_reads(read_verify, "{}");
    assert_int_equal(verify.at_least, 1);
    assert_true(verify.at_most == UINT64_MAX);
    assert_null(verify.match.texts[MOCK_ENTRY_TEL_A].ptr);
    assert_false(verify.match.has_status);
    assert_reads(read_verify, "{\"match\":{\"telA\":\"1\",\"code\":\"\",\"status\":0,\"since\":7},"
                              "\"count\":{\"exactly\":2}}");
    assert_str(verify.match.texts[MOCK_ENTRY_TEL_A], "1");
    assert_non_null(verify.match.texts[MOCK_ENTRY_CODE].ptr);
    assert_true(verify.match.has_status && verify.match.status == 0 && verify.match.since == 7);
    assert_true(verify.at_least == 2 && verify.at_most == 2);
    assert_reads(read_verify, "{\"count\":{\"atMost\":0}}");
    assert_true(verify.at_least == 0 && verify.at_most == 0);
    assert_reads(read_verify, "{\"count\":{\"atLeast\":1,\"atMost\":3}}");
    assert_true(verify.at_least == 1 && verify.at_most == 3);
}

TEST(reads_what_is_done_to_calls_with_or_without_a_body)
{
    UNUSED(state);
    struct fault fault;
    assert_reads(read_hang_up, "{\"cause\":17}");
    assert_int_equal(cause, 17);
    assert_status(read_hang_up(NULL, &fault), OK);
    assert_int_equal(cause, 0);
    assert_reads(read_cdr, "{\"signature\":\"expired\",\"tries\":2,\"contradictory\":true}");
    assert_int_equal(script.signature, MOCK_PUSH_EXPIRED);
    assert_int_equal(script.tries, 2);
    assert_true(script.is_contradictory && !script.has_unknown_members);
    assert_status(read_cdr(NULL, &fault), OK);
    assert_int_equal(script.signature, MOCK_PUSH_SIGNED);
    assert_int_equal(script.tries, MOCK_PUSH_TRIES_DEFAULT);
}

TEST(reads_policies)
{
    UNUSED(state);
    assert_reads(read_policy, "{}");
    assert_int_equal(policy.limits.per_second, MOCK_UNLIMITED);
    assert_null(policy.lists[MOCK_FORBIDDEN_CALLER]);
    assert_reads(read_policy, "{\"callees\":[\"138*\"],\"running\":5,\"balance\":-1}");
    assert_int_equal(policy.limits.running_max, 5);
    assert_int_equal(policy.limits.balance, MOCK_UNLIMITED);
    assert_str(json_string(json_first(policy.lists[MOCK_FORBIDDEN_CALLEE])), "138*");
}

static int finish(void **state)
{
    UNUSED(state);
    json_destroy(parsed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_breaks_a_rule_and_names_its_path),
        cmocka_unit_test(reads_keys),
        cmocka_unit_test(reads_x_numbers_and_who_dials),
        cmocka_unit_test(reads_what_the_clock_is_to_do),
        cmocka_unit_test(reads_what_is_to_be_verified),
        cmocka_unit_test(reads_what_is_done_to_calls_with_or_without_a_body),
        cmocka_unit_test(reads_policies),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}
