#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/option.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "gateway/cli/request_line.h"

struct sign_values {
    bool is_strict;
};

static const struct option rows[] = {
    {.name = "strict",
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct sign_values, is_strict),
     .help = "Refuse targets on which signers differ, as the gateway does for its own requests"},
};

static int print_help(void)
{
    struct buf help;
    buf_init(&help, 4096);
    options_append_help(OPTION_TABLE(rows), &help);
    printf("usage: ita-gateway sign [OPTION]... <REQUESTS\n\n"
           "Reads one JSON object a line: method, url, headers, body or body_b64, ak, sk, date\n"
           "(YYYYMMDDTHHMMSSZ; now, if it is absent), id. Signs every header given, Host and\n"
           "X-Sdk-Date. Prints one JSON object a line: id, authorization, signed_headers,\n"
           "canonical_request, string_to_sign; or id, line, error.\n\n%.*s\n"
           "Exit status: 0 all signed, 1 a line was not, 2 wrong usage.\n",
           STR_ARGS(buf_str(&help)));
    buf_finish(&help);
    return EXIT_DONE;
}

/* "date" absent means now. */
static enum status fill_date(struct request_line *line, char date[static SDK_DATE_LEN],
                             struct fault *fault)
{
    clock_format_sdk_date(clock_wall_ms(), date);
    return request_line_add_header(line, STR("X-Sdk-Date"), str_from(date, SDK_DATE_LEN), fault);
}

static enum status answer_signed(const void *data, struct request_line *line,
                                 struct json_writer *answer, bool *is_good, struct fault *fault)
{
    const struct sign_values *values = data;
    char date[SDK_DATE_LEN];
    struct ita_request *request = &line->request;
    struct buf names, hash, canonical, text, authorization;
    enum status status;
    buf_init(&names, ITA_SIGNED_NAMES_MAX);
    buf_init(&hash, ITA_PAYLOAD_HASH_MAX);
    buf_init(&canonical, ITA_CANONICAL_MAX);
    buf_init(&text, ITA_STRING_TO_SIGN_MAX);
    buf_init(&authorization, ITA_AUTHORIZATION_MAX);

    request->target_rules = values->is_strict ? ITA_TARGET_AGREED : ITA_TARGET_LITERAL;
    TRY(fill_date(line, date, fault));
    TRY(ita_sign_header_names(request, ITA_HEADERS_EVERY, &names, fault));
    request->signed_headers = buf_str(&names);
    TRY(ita_sign(request, line->access_key, line->secret_key, &authorization, fault));
    TRY(ita_sign_payload_hash(request, &hash, fault));
    TRY(ita_sign_canonical_request(request, buf_str(&names), buf_str(&hash), &canonical, fault));
    struct str sdk_date =
        http_headers_find(request->headers, request->header_count, STR("x-sdk-date"));
    ita_sign_string_to_sign(str_trim(sdk_date), buf_str(&canonical), &text);
    json_write_str(answer, "authorization", buf_str(&authorization));
    json_write_str(answer, "signed_headers", buf_str(&names));
    json_write_str(answer, "canonical_request", buf_str(&canonical));
    json_write_str(answer, "string_to_sign", buf_str(&text));
    *is_good = true;
out:
    buf_finish(&names);
    buf_finish(&hash);
    buf_finish(&canonical);
    buf_finish(&text);
    buf_finish(&authorization);
    return status;
}

int cmd_sign(int argc, char **argv)
{
    struct sign_values values = {0};
    struct fault fault;
    if (complete_is_asked(argc, argv))
        return complete_words(NULL, 0, OPTION_TABLE(rows), argc, argv);
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return print_help();
    options_init(OPTION_TABLE(rows), &values);
    if (options_read_arguments(OPTION_TABLE(rows), &values, argc - 1, argv + 1, NULL, &fault) != OK)
        return command_usage(argv[0], fault.text);
    return request_lines_run(argv[0], answer_signed, &values);
}
