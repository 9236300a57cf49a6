#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/option.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "gateway/cli/request_line.h"
#include "gateway/cli/verify_explain.h"
#include "ita/verify.h"

struct verify_values {
    char *host;
    struct option_list required;
    bool is_literal;
    bool is_unsigned_payload_ok;
    bool is_explaining, is_json;
    char *request, *theirs, *secret_key_file;
};

static const struct option rows[] = {
    {.name = "host",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct verify_values, host),
     .help = "Accept this Host only"},
    {.name = "require",
     .kind = OPTION_LIST,
     .offset = offsetof(struct verify_values, required),
     .value_name = "NAME",
     .help = "A header that must be signed when it is sent; may be given several times"},
    {.name = "literal-targets",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct verify_values, is_literal),
     .help = "Take dot segments, empty segments and %2F in paths, and parameters without name"},
    {.name = "unsigned-payload",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct verify_values, is_unsigned_payload_ok),
     .help = "Accept X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD"},
    {.name = "explain",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct verify_values, is_explaining),
     .help = "Show where a sender's canonical request or string to sign differs, and why"},
    {.name = "request",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct verify_values, request),
     .value_name = "FILE",
     .help = "With --explain: the request, head and body, not on standard input"},
    {.name = "theirs",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct verify_values, theirs),
     .value_name = "FILE",
     .help = "With --explain: what its sender computed, not behind a line === of the request"},
    {.name = "secret-key-file",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct verify_values, secret_key_file),
     .value_name = "FILE",
     .help = "With --explain: the SecretKey, to look at the signature as well"},
    {.name = "json",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct verify_values, is_json),
     .help = "With --explain: print JSON, for machines"},
};

static int print_help(void)
{
    struct buf help;
    buf_init(&help, 4096);
    options_append_help(OPTION_TABLE(rows), &help);
    printf(
        "usage: ita-gateway verify [OPTION]... <REQUESTS\n\n"
        "Reads one JSON object a line, as ita-gateway sign does, and in it authorization (the\n"
        "header's value) and now (YYYYMMDDTHHMMSSZ; the clock, if it is absent). Prints one\n"
        "JSON object a line: id, result \"ok\"; or id, result \"refused\", check, reason,\n"
        "canonical_request, string_to_sign; or id, line, error. Lines are checked one by one: a\n"
        "repeated line is no replay.\n\n"
        "usage: ita-gateway verify --explain [OPTION]... <TEXT\n\n"
        "Reads an HTTP request as it was sent, then a line of ===, then the canonical request or\n"
        "the string to sign of its sender; marks the first difference and says what it comes\n"
        "from.\n\n%.*s\n"
        "Exit status: 0 all good, 1 a line was not, 2 wrong usage.\n",
        STR_ARGS(buf_str(&help)));
    buf_finish(&help);
    return EXIT_DONE;
}

static size_t secrets_of_line(void *data, struct str access_key,
                              struct str secrets[static ITA_SECRETS_MAX])
{
    const struct request_line *line = data;
    secrets[0] = line->secret_key;
    return str_is(access_key, line->access_key) ? 1 : 0;
}

static enum status read_now(const struct request_line *line, int64_t *now_ms, struct fault *fault)
{
    const struct json *now = json_get(line->json, "now");
    *now_ms = clock_wall_ms();
    if (now != NULL && clock_parse_sdk_date(json_string(now), now_ms) != OK)
        return fault_set(fault, ERR_INVALID, "now: must be a real YYYYMMDDTHHMMSSZ");
    return OK;
}

static enum status add_authorization(struct request_line *line, struct fault *fault)
{
    const struct json *authorization = json_get(line->json, "authorization");
    if (authorization == NULL)
        return OK;
    if (!json_is_string(authorization))
        return fault_set(fault, ERR_INVALID, "authorization: must be a string");
    if (http_headers_count(line->headers, line->request.header_count, STR("authorization")) > 0)
        return fault_set(fault, ERR_INVALID, "authorization: stands among the headers as well");
    return request_line_add_header(line, STR("Authorization"), json_string(authorization), fault);
}

static void write_verification(const struct ita_verification *verification, struct str canonical,
                               struct str text, struct json_writer *answer)
{
    bool is_ok = verification->result == ITA_VERIFY_OK;
    json_write_text(answer, "result", is_ok ? "ok" : "refused");
    if (is_ok)
        return;
    json_write_text(answer, "check", ita_verify_word(verification->result));
    json_write_text(answer, "reason",
                    verification->fault.text[0] != '\0' ? verification->fault.text
                                                        : ita_verify_text(verification->result));
    json_write_str(answer, "canonical_request", canonical);
    json_write_str(answer, "string_to_sign", text);
}

static struct ita_verifier_options verifier_options(const struct verify_values *values,
                                                    struct request_line *line)
{
    struct ita_verifier_options options;
    ita_verifier_options_init(&options);
    options.host = str_of(values->host);
    options.required = (const char *const *)values->required.items;
    options.required_count = values->required.count;
    options.is_unsigned_payload_ok = values->is_unsigned_payload_ok;
    options.replay_cache_max = 1; /* for this line only */
    options.target_rules = values->is_literal ? ITA_TARGET_LITERAL : ITA_TARGET_UNAMBIGUOUS;
    options.secrets_of = secrets_of_line;
    options.data = line;
    return options;
}

static enum status answer_verified(const void *data, struct request_line *line,
                                   struct json_writer *answer, bool *is_good, struct fault *fault)
{
    struct ita_verifier *verifier = NULL;
    struct ita_verification verification;
    struct buf canonical, text;
    int64_t now_ms;
    enum status status;
    buf_init(&canonical, ITA_CANONICAL_MAX);
    buf_init(&text, ITA_STRING_TO_SIGN_MAX);
    TRY(read_now(line, &now_ms, fault));
    TRY(add_authorization(line, fault));
    struct ita_verifier_options options = verifier_options(data, line);
    verifier = ita_verifier_create(&options);
    ita_verify(verifier, &line->request, STR("standard input"), now_ms, &verification, &canonical,
               &text);
    write_verification(&verification, buf_str(&canonical), buf_str(&text), answer);
    *is_good = verification.result == ITA_VERIFY_OK;
out:
    ita_verifier_destroy(verifier);
    buf_finish(&canonical);
    buf_finish(&text);
    return status;
}

static int explain(const struct verify_values *values)
{
    const struct verify_explain_options options = {.request_path = values->request,
                                                   .theirs_path = values->theirs,
                                                   .secret_path = values->secret_key_file,
                                                   .is_json = values->is_json};
    return verify_explain(&options);
}

static bool has_misplaced_option(const struct verify_values *values)
{
    return !values->is_explaining && (values->request != NULL || values->theirs != NULL ||
                                      values->secret_key_file != NULL || values->is_json);
}

int cmd_verify(int argc, char **argv)
{
    struct verify_values values = {0};
    struct fault fault;
    int code;
    if (complete_is_asked(argc, argv))
        return complete_words(NULL, 0, OPTION_TABLE(rows), argc, argv);
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return print_help();
    options_init(OPTION_TABLE(rows), &values);
    if (options_read_arguments(OPTION_TABLE(rows), &values, argc - 1, argv + 1, NULL, &fault) != OK)
        code = command_usage(argv[0], fault.text);
    else if (has_misplaced_option(&values))
        code = command_usage(argv[0],
                             "request, theirs, secret-key-file and json: only with --explain");
    else
        code = values.is_explaining ? explain(&values)
                                    : request_lines_run(argv[0], answer_verified, &values);
    options_finish(OPTION_TABLE(rows), &values);
    return code;
}
