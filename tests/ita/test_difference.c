/* Where two signers part, and why: each mistake that is known, made. */

#include "tests/test.h"

#include "base/encoding.h"
#include "base/mem.h"
#include "ita/difference.h"

static struct http_header headers[3];
static struct ita_request request;

static void init_request(void)
{
    headers[0] = (struct http_header){STR("Host"), STR("ita.example.test:8443")};
    headers[1] = (struct http_header){STR("Content-Type"), STR("application/json")};
    headers[2] = (struct http_header){STR("X-Sdk-Date"), STR("20300102T030405Z")};
    request = (struct ita_request){
        .method = STR("POST"),
        .target = STR("/v1/a%20b?z=1&a=x%20y&flag"),
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .body = STR("{\"a\":1}\n"),
        .target_rules = ITA_TARGET_LITERAL,
    };
}

/* Ours, line by line. */
enum { METHOD, URI, QUERY, TYPE, HOST, DATE, GAP, NAMES, HASH, LINES };
enum { ANYWHERE = 0 };

static void split_ours(struct buf *ours, struct str lines[static LINES])
{
    struct fault fault;
    struct buf hash;
    char hex[64];
    buf_init(ours, ITA_CANONICAL_MAX);
    buf_init_fixed(&hash, hex, sizeof(hex));
    sha256_hex_append(&hash, request.body);
    assert_int_equal(ita_sign_canonical_request(&request, STR("content-type;host;x-sdk-date"),
                                                buf_str(&hash), ours, &fault),
                     OK);
    struct str rest = buf_str(ours);
    for (int i = 0; i < LINES; i++)
        assert_true(str_next(&rest, '\n', &lines[i]));
    assert_null(rest.ptr);
}

static void join(const struct str lines[static LINES], int without, struct buf *out)
{
    buf_init(out, ITA_CANONICAL_MAX);
    for (int i = 0; i < LINES; i++) {
        if (i == without)
            continue;
        buf_append(out, out->len > 0 ? STR("\n") : STR(""));
        buf_append(out, lines[i]);
    }
}

/* Theirs has that text in a line of ours. */
static void assert_cause(int index, struct str line, size_t column, const char *words)
{
    struct buf ours, theirs;
    struct str lines[LINES];
    struct ita_difference found;
    split_ours(&ours, lines);
    lines[index] = line;
    join(lines, -1, &theirs);
    ita_difference_of_canonical(&request, buf_str(&ours), buf_str(&theirs), &found);
    assert_false(found.is_same);
    assert_int_equal(found.line, index + 1);
    assert_true(column == ANYWHERE || found.column == column);
    if (strstr(found.cause, words) == NULL)
        fail_msg("%s: %s", words, found.cause);
    buf_finish(&ours);
    buf_finish(&theirs);
}

TEST(the_same_is_the_same)
{
    UNUSED(state);
    struct buf ours;
    struct str lines[LINES];
    struct ita_difference found;
    split_ours(&ours, lines);
    ita_difference_of_canonical(&request, buf_str(&ours), buf_str(&ours), &found);
    assert_true(found.is_same);
    assert_true(str_is(lines[QUERY], STR("a=x%20y&flag=&z=1")));
    buf_finish(&ours);
}

TEST(method_and_path)
{
    UNUSED(state);
    assert_cause(METHOD, STR("post"), 1, "lower case");
    assert_cause(METHOD, STR("PUT"), 2, "another method");
    assert_cause(URI, STR("/v1/a%20b"), 10, "lacks the '/'");
    assert_cause(URI, STR("/v1/a b/"), 6, "without percent-encoding");
    assert_cause(URI, STR("/v1/a%2520b/"), 8, "encoded twice");
    assert_cause(URI, STR("/v1/a%20b?z=1&a=x%20y&flag/"), 10, "part of the path");
    assert_cause(URI, STR("/v2/a%20b/"), 3, "another path");
}

TEST(query)
{
    UNUSED(state);
    assert_cause(QUERY, STR("z=1&a=x%20y&flag="), 1, "not sorted");
    assert_cause(QUERY, STR("z=1&a=x%20y&flag"), 1, "as it was sent");
    assert_cause(QUERY, STR("a=x+y&flag=&z=1"), 4, "a space is written '+'");
    assert_cause(QUERY, STR("a=x%20y&flag&z=1"), 13, "lacks its '='");
    assert_cause(QUERY, STR("a=x y&flag=&z=1"), 4, "not percent-encoded");
    assert_cause(QUERY, STR("a=x%2520y&flag=&z=1"), 6, "encoded twice");
    assert_cause(QUERY, STR("?a=x%20y&flag=&z=1"), 1, "the '?'");
    assert_cause(QUERY, STR(""), 1, "left out");
    assert_cause(QUERY, STR("a=x%20y&flag=&z=2"), 17, "another query");
}

TEST(headers_that_are_signed)
{
    UNUSED(state);
    assert_cause(TYPE, STR("Content-Type:application/json"), 1, "not in lower case");
    assert_cause(TYPE, STR("content-type: application/json"), 14, "between ':' and the value");
    assert_cause(TYPE, STR("content-type:application/json "), 30, "not cut off");
    assert_cause(TYPE, STR("content-type:application/json;charset=utf-8"), 30, "add a charset");
    assert_cause(HOST, STR("host:ita.example.test"), 22, "without its port");
    assert_cause(HOST, STR("host:other.example.test"), 6, "not the one that was sent");
    assert_cause(DATE, STR("x-sdk-date:20300102T030406Z"), 26, "not the X-Sdk-Date");
    assert_cause(TYPE, STR("accept:*/*"), 1, "was not sent");
}

TEST(headers_in_another_order_or_missing)
{
    UNUSED(state);
    struct buf ours, theirs;
    struct str lines[LINES], kept;
    struct ita_difference found;
    split_ours(&ours, lines);
    join(lines, HOST, &theirs);
    ita_difference_of_canonical(&request, buf_str(&ours), buf_str(&theirs), &found);
    assert_non_null(strstr(found.cause, "names is not signed"));
    buf_finish(&theirs);
    join(lines, GAP, &theirs);
    ita_difference_of_canonical(&request, buf_str(&ours), buf_str(&theirs), &found);
    assert_non_null(strstr(found.cause, "is missing"));
    buf_finish(&theirs);
    join(lines, HASH, &theirs);
    ita_difference_of_canonical(&request, buf_str(&ours), buf_str(&theirs), &found);
    assert_non_null(strstr(found.cause, "ends here"));
    assert_null(found.theirs.ptr);
    buf_finish(&theirs);
    kept = lines[TYPE];
    lines[TYPE] = lines[HOST];
    lines[HOST] = kept;
    join(lines, -1, &theirs);
    ita_difference_of_canonical(&request, buf_str(&ours), buf_str(&theirs), &found);
    assert_non_null(strstr(found.cause, "not sorted by name"));
    buf_finish(&theirs);
    buf_finish(&ours);
}

TEST(names_of_signed_headers)
{
    UNUSED(state);
    assert_cause(NAMES, STR("Content-Type;Host;X-Sdk-Date"), 1, "not in lower case");
    assert_cause(NAMES, STR("host;content-type;x-sdk-date"), 1, "not sorted");
    assert_cause(NAMES, STR("content-type,host,x-sdk-date"), 13, "joined by ','");
    assert_cause(NAMES, STR("content-type;host"), 18, "is not the SignedHeaders");
    assert_cause(NAMES, STR(""), 1, "one empty line too many");
}

static struct str hash_of(struct str body, char hex[static 64])
{
    struct buf out;
    buf_init_fixed(&out, hex, 64);
    sha256_hex_append(&out, body);
    return buf_str(&out);
}

TEST(hash_of_the_body)
{
    UNUSED(state);
    char hex[64];
    assert_cause(HASH, hash_of(STR(""), hex), ANYWHERE, "an empty body");
    assert_cause(HASH, hash_of(STR("{\"a\":1}"), hex), ANYWHERE, "without the line end");
    assert_cause(HASH, hash_of(STR("{\"a\":1}\n\n"), hex), ANYWHERE, "one more line feed");
    assert_cause(HASH, hash_of(STR("{\"a\":1}\r\n"), hex), ANYWHERE, "CR LF for each LF");
    assert_cause(HASH, hash_of(STR("{\"a\": 1}"), hex), ANYWHERE, "written anew");
    assert_cause(HASH, STR("UNSIGNED-PAYLOAD"), ANYWHERE, "not signed");
}

/* --- Strings to sign --- */

/* What is said of their string to sign when one line of their canonical request is this. */
static void assert_cause_by_hash(int index, struct str line, const char *words)
{
    struct buf ours, theirs, our_text, their_text;
    struct str lines[LINES];
    struct ita_difference found;
    buf_init(&our_text, ITA_STRING_TO_SIGN_MAX);
    buf_init(&their_text, ITA_STRING_TO_SIGN_MAX);
    split_ours(&ours, lines);
    lines[index] = line;
    join(lines, -1, &theirs);
    ita_sign_string_to_sign(STR("20300102T030405Z"), buf_str(&ours), &our_text);
    ita_sign_string_to_sign(STR("20300102T030405Z"), buf_str(&theirs), &their_text);
    ita_difference_of_string_to_sign(&request, buf_str(&ours), buf_str(&our_text),
                                     buf_str(&their_text), &found);
    assert_int_equal(found.line, 3);
    if (strstr(found.cause, words) == NULL)
        fail_msg("%s: %s", words, found.cause);
    buf_finish(&ours);
    buf_finish(&theirs);
    buf_finish(&our_text);
    buf_finish(&their_text);
}

TEST(a_mistake_is_found_behind_a_hash)
{
    UNUSED(state);
    char hex[64];
    assert_cause_by_hash(METHOD, STR("post"), "lower case");
    assert_cause_by_hash(URI, STR("/v1/a%20b"), "lacks the '/'");
    assert_cause_by_hash(QUERY, STR("a=x+y&flag=&z=1"), "a space is written '+'");
    assert_cause_by_hash(HOST, STR("host:ita.example.test"), "without its port");
    assert_cause_by_hash(NAMES, STR("host;content-type;x-sdk-date"), "not sorted");
    assert_cause_by_hash(HASH, hash_of(STR("{\"a\":1}"), hex), "without the line end");
    assert_cause_by_hash(QUERY, STR("a=2"), "compare those");
}

TEST(lines_of_a_string_to_sign)
{
    UNUSED(state);
    static const struct {
        const char *theirs, *part;
    } cases[] = {
        {"AWS4-HMAC-SHA256\n20300102T030405Z\nab", "algorithm"},
        {"SDK-HMAC-SHA256\n20300102T030406Z\nab", "time"},
        {"SDK-HMAC-SHA256\n20300102T030405Z\nAB", "hash of the canonical request"},
        {"SDK-HMAC-SHA256\n20300102T030405Z", "hash of the canonical request"},
        {"SDK-HMAC-SHA256\n20300102T030405Z\nab\nx", "end"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ita_difference found;
        ita_difference_of_string_to_sign(&request, STR(""),
                                         STR("SDK-HMAC-SHA256\n20300102T030405Z\nab"),
                                         str_of(cases[i].theirs), &found);
        assert_false(found.is_same);
        assert_string_equal(found.part, cases[i].part);
        assert_true(found.cause[0] != '\0');
    }
}

/* --- Signatures --- */

static const char *cause_of_signature(struct str key, struct str text, bool *is_same)
{
    struct ita_difference found;
    uint8_t mac[SHA256_SIZE];
    struct buf hex;
    buf_init(&hex, 65);
    hmac_sha256(key, text, mac);
    hex_append(&hex, str_from(mac, sizeof(mac)));
    ita_difference_of_signature(STR("fake-secret"), STR("canonical"), STR("text"), buf_str(&hex),
                                &found);
    *is_same = found.is_same;
    buf_finish(&hex);
    return found.cause;
}

TEST(signatures)
{
    UNUSED(state);
    bool is_same;
    (void)cause_of_signature(STR("fake-secret"), STR("text"), &is_same);
    assert_true(is_same);
    assert_non_null(
        strstr(cause_of_signature(STR("fake-secret\n"), STR("text"), &is_same), "space"));
    assert_false(is_same);
    assert_non_null(strstr(cause_of_signature(STR("fake-secret"), STR("canonical"), &is_same),
                           "not the string"));
    assert_non_null(
        strstr(cause_of_signature(STR("other"), STR("text"), &is_same), "another Secret"));
}

int main(void)
{
    init_request();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_the_same),
        cmocka_unit_test(method_and_path),
        cmocka_unit_test(query),
        cmocka_unit_test(headers_that_are_signed),
        cmocka_unit_test(headers_in_another_order_or_missing),
        cmocka_unit_test(names_of_signed_headers),
        cmocka_unit_test(hash_of_the_body),
        cmocka_unit_test(a_mistake_is_found_behind_a_hash),
        cmocka_unit_test(lines_of_a_string_to_sign),
        cmocka_unit_test(signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
