#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/recording.h"
#include "ita/account.h"

enum { HEADERS_MAX = 4 };

/* --- Where from --- */

static bool read_url(const char *url, const char *domain, struct str hosts, bool *is_own)
{
    static char storage[CALLBACK_URL_MAX + 1];
    struct buf out;
    struct ita_account account = {0};
    struct callback_trust trust = {0};
    struct fault fault;
    struct str host;
    const struct rule *broken;
    buf_init_fixed(&out, storage, sizeof(storage));
    assert_status(ita_account_read_domain(str_of(domain), &account, &fault), OK);
    while (str_next(&hosts, ' ', &host)) {
        struct callback_trust_entry entry;
        assert_status(callback_trust_entry_read(host, &entry, &broken), OK);
        callback_trust_add(&trust, &entry);
    }
    const struct recording_server server = {account.domain, account.is_plain, NULL};
    bool is_allowed = recording_url_read(str_of(url), &server, &trust, &out, is_own);
    callback_trust_finish(&trust);
    return is_allowed;
}

TEST(a_recording_of_the_itas_own_domain_may_be_fetched)
{
    UNUSED(state);
    static const struct {
        const char *url, *domain;
    } cases[] = {
        {"https://ita.example.com/a.wav?sign=%2F", "ita.example.com"},
        {"https://ITA.example.com:443/", "ita.example.com"},
        {"https://ita.example.com", "ITA.example.com:443"},
        {"https://ita.example.com:8443/a", "ita.example.com:8443"},
        {"https://[2001:db8::1]:8443/a", "[2001:db8:0::1]:8443"},
        {"http://127.0.0.1:8080/a", "http://127.0.0.1:8080"},
        {"http://localhost/a", "http://localhost:80"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_own = false;
        if (!read_url(cases[i].url, cases[i].domain, (struct str){0}, &is_own) || !is_own)
            fail_msg("refused: %s", cases[i].url);
    }
}

TEST(other_hosts_must_be_listed_and_speak_tls)
{
    UNUSED(state);
    static const char *const good[] = {"https://store.example.org/a",
                                       "https://a.cdn.example.net:8443/a",
                                       "https://192.0.2.1:9443/"};
    static const char *const bad[] = {
        "http://store.example.org/a",
        "https://cdn.example.net/a",
        "https://192.0.2.1/",
        "https://192.0.2.2:9443/",
        "https://example.org/a",
        "https://127.0.0.1/a",
        "http://ita.example.com/a",
        "https://ita.example.com:8443/a",
        "https://user@ita.example.com/a",
        "https://ita.example.com.example.org/",
        "https://ita.example.com@x.example.org/",
        "ftp://ita.example.com/a",
        "file:///etc/passwd",
        "",
        "ita.example.com/a",
        "https://ita.example.com\\@x.example.org/a",
    };
    const struct str hosts = STR("store.example.org *.cdn.example.net 192.0.2.1:9443");
    bool is_own = true;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!read_url(good[i], "ita.example.com", hosts, &is_own) || is_own)
            fail_msg("refused, or taken for its own: %s", good[i]);
        assert_false(read_url(good[i], "ita.example.com", (struct str){0}, &is_own));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (read_url(bad[i], "ita.example.com", hosts, &is_own))
            fail_msg("allowed: %s", bad[i]);
    assert_false(read_url("http://127.0.0.1:8081/", "http://127.0.0.1:8080", hosts, &is_own));
}

/* --- What came --- */

struct answer {
    int status;
    const char *headers[2 * HEADERS_MAX]; /* name, value, ... */
};

static struct recording_head read_answer(const struct answer *answer, const char *url,
                                         const char *range, bool is_conditional)
{
    struct http_header headers[HEADERS_MAX];
    struct http_fetch_result result = {
        .outcome = HTTP_ANSWERED, .why = "", .status = answer->status, .headers = headers};
    struct recording_head head;
    for (size_t i = 0; i < COUNT_OF(answer->headers) && answer->headers[i] != NULL; i += 2)
        headers[result.header_count++] =
            (struct http_header){str_of(answer->headers[i]), str_of(answer->headers[i + 1])};
    recording_head_read(&result, str_of(url), str_of(range), is_conditional, &head);
    return head;
}

TEST(all_of_a_recording_is_passed_on)
{
    UNUSED(state);
    const struct answer known = {200, {"content-length", "100", "ETag", "\"a\""}};
    struct recording_head head = read_answer(&known, "https://a/", "", false);
    assert_int_equal(head.verdict, RECORDING_WHOLE);
    assert_int_equal(head.size, 100);
    assert_int_equal(head.length, 100);
    assert_int_equal(head.skip, 0);
    assert_str(head.etag, "\"a\"");
    const struct answer unknown = {200, {NULL}};
    head = read_answer(&unknown, "https://a/", "bytes=5-", false);
    assert_int_equal(head.verdict, RECORDING_WHOLE); /* where the part would end can't be known */
    assert_true(head.size == HTTP_SIZE_UNKNOWN && head.length == HTTP_SIZE_UNKNOWN);
}

TEST(a_part_is_cut_out_where_the_server_sends_all)
{
    UNUSED(state);
    const struct answer all = {200, {"Content-Length", "100"}};
    struct recording_head head = read_answer(&all, "https://a/", "bytes=10-19", false);
    assert_int_equal(head.verdict, RECORDING_PART);
    assert_int_equal(head.skip, 10);
    assert_int_equal(head.length, 10);
    assert_int_equal(head.size, 100);
    assert_int_equal(read_answer(&all, "https://a/", "bytes=100-", false).verdict,
                     RECORDING_OUTSIDE);
    assert_int_equal(read_answer(&all, "https://a/", "bytes=10-19", true).verdict, RECORDING_WHOLE);
}

TEST(a_part_is_what_its_content_range_says)
{
    UNUSED(state);
    const struct answer part = {206, {"Content-Range", "bytes 10-19/100", "Content-Length", "10"}};
    struct recording_head head = read_answer(&part, "https://a/", "bytes=10-19", true);
    assert_int_equal(head.verdict, RECORDING_PART);
    assert_int_equal(head.skip, 0);
    assert_int_equal(head.length, 10);
    assert_int_equal(head.size, 100);
    assert_int_equal(head.range.from, 10);
    const struct answer chunked = {206, {"Content-Range", "bytes 10-19/*"}};
    head = read_answer(&chunked, "https://a/", "bytes=10-19", false);
    assert_int_equal(head.verdict, RECORDING_PART);
    assert_int_equal(head.length, 10);
    assert_true(head.size == HTTP_SIZE_UNKNOWN);
}

TEST(what_answers_no_question_is_broken)
{
    UNUSED(state);
    static const struct {
        struct answer answer;
        const char *range;
    } cases[] = {
        {{206, {"Content-Range", "bytes 0-9/100"}}, ""},
        {{206, {NULL}}, "bytes=0-9"},
        {{206, {"Content-Range", "bytes */100"}}, "bytes=0-9"},
        {{206, {"Content-Range", "bytes 0-9/100", "Content-Length", "11"}}, "bytes=0-9"},
        {{416, {NULL}}, ""},
        {{200, {"Content-Encoding", "gzip"}}, ""},
        {{302, {"Location", "https://b/"}}, ""},
        {{204, {NULL}}, ""},
        {{403, {NULL}}, ""},
        {{500, {NULL}}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct recording_head head =
            read_answer(&cases[i].answer, "https://a/", cases[i].range, false);
        assert_int_equal(head.verdict, RECORDING_BROKEN);
        assert_true(head.why[0] != '\0');
    }
}

TEST(what_is_outside_or_gone_is_told)
{
    UNUSED(state);
    const struct answer outside = {416, {"Content-Range", "bytes */100"}};
    const struct answer silent = {416, {NULL}}, gone = {410, {NULL}}, none = {404, {NULL}};
    struct recording_head head = read_answer(&outside, "https://a/", "bytes=100-", false);
    assert_int_equal(head.verdict, RECORDING_OUTSIDE);
    assert_int_equal(head.size, 100);
    head = read_answer(&silent, "https://a/", "bytes=100-", false);
    assert_int_equal(head.verdict, RECORDING_OUTSIDE);
    assert_true(head.size == HTTP_SIZE_UNKNOWN);
    assert_int_equal(read_answer(&gone, "https://a/", "", false).verdict, RECORDING_GONE);
    assert_int_equal(read_answer(&none, "https://a/", "bytes=0-", false).verdict, RECORDING_GONE);
}

TEST(only_known_forms_of_audio_are_told)
{
    UNUSED(state);
    static const struct {
        const char *said, *url, *type, *extension;
    } cases[] = {
        {"audio/wav", "https://a/b", "audio/wav", ".wav"},
        {"Audio/X-WAV; charset=x", "https://a/b", "audio/wav", ".wav"},
        {"audio/mpeg", "https://a/b.wav", "audio/mpeg", ".mp3"},
        {"binary/octet-stream", "https://a/b.MP3?c=d.wav", "audio/mpeg", ".mp3"},
        {"text/html", "https://a/b.html", "application/octet-stream", ""},
        {"audio/wav x", "https://a/", "application/octet-stream", ""},
        {"", "https://a/b", "application/octet-stream", ""},
        {"", "https://a/.wav", "audio/wav", ".wav"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct answer answer = {200, {"Content-Type", cases[i].said}};
        struct recording_head head = read_answer(&answer, cases[i].url, "", false);
        assert_string_equal(head.content_type, cases[i].type);
        assert_string_equal(head.extension, cases[i].extension);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_of_the_itas_own_domain_may_be_fetched),
        cmocka_unit_test(other_hosts_must_be_listed_and_speak_tls),
        cmocka_unit_test(all_of_a_recording_is_passed_on),
        cmocka_unit_test(a_part_is_cut_out_where_the_server_sends_all),
        cmocka_unit_test(a_part_is_what_its_content_range_says),
        cmocka_unit_test(what_answers_no_question_is_broken),
        cmocka_unit_test(what_is_outside_or_gone_is_told),
        cmocka_unit_test(only_known_forms_of_audio_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
