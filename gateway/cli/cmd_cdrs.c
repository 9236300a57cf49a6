/* ita-gateway cdrs unmatched: CDRs that no call was found for, and giving them to one. Asks the
 * running daemon, which lets the call's X number rest as well. */

#include "base/mem.h"
#include "gateway/cli/call_print.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "gateway/cli/daemon_path.h"

struct cdrs_options {
    struct admin_options admin;
    char *tenant, *call;
    int64_t limit;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "limit",
     .kind = OPTION_NUMBER,
     .offset = offsetof(struct cdrs_options, limit),
     .fallback = "50",
     .min = 1,
     .max = 1000,
     .help = "of list: how many at most"},
    {.name = "tenant",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct cdrs_options, tenant),
     .value_name = "TENANT",
     .help = "of attach: whose call"},
    {.name = "call",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct cdrs_options, call),
     .value_name = "SERIAL",
     .help = "of attach: its callSerialNo"},
};

static const struct column columns_shown[] = {
    {"CDR", true, 0},     {"RECEIVED", false, 24}, {"A", false, 0},      {"B", false, 0},
    {"X", false, 0},      {"START", false, 24},    {"SECONDS", true, 0}, {"TENANTS", false, 0},
    {"REMARK", false, 0}, {"WHY", false, 0},
};

struct listing {
    struct admin *admin;
    struct columns *columns;
};

static void add_tenants(struct columns *columns, const struct json *cdr)
{
    struct buf names;
    buf_init(&names, 64 * 1024);
    for (const struct json *name = json_first(json_get(cdr, "tenants")); name != NULL;
         name = json_next(name)) {
        buf_append(&names, names.len > 0 ? STR(",") : STR(""));
        buf_append(&names, json_string(name));
    }
    columns_add(columns, buf_str(&names));
    buf_finish(&names);
}

static void add_row(struct columns *columns, const struct json *cdr)
{
    static const char *const members[] = {"id",   "receivedAt", "telA",     "telB",
                                          "telX", "startAt",    "durationS"};
    char number[JSON_TEXT_NUMBER_SIZE];
    for (size_t i = 0; i < COUNT_OF(members); i++)
        columns_add(columns, json_shown(cdr, members[i], number));
    add_tenants(columns, cdr);
    columns_add(columns, json_shown(cdr, "remark", number));
    struct str why = json_shown(cdr, "reasonText", number);
    columns_add(columns, why.len > 0 ? why : json_shown(cdr, "fault", number));
}

static bool show_cdr(void *data, const struct json *cdr)
{
    struct listing *listing = data;
    if (listing->admin->is_json)
        json_write_value(&listing->admin->json, NULL, cdr);
    else
        add_row(listing->columns, cdr);
    return true;
}

static enum status run_list(struct admin *admin, struct fault *fault)
{
    const struct cdrs_options *options = admin->values;
    struct terminal terminal = terminal_look();
    struct listing listing = {admin, columns_create(columns_shown, COUNT_OF(columns_shown))};
    struct api_client *daemon = NULL;
    struct daemon_path path;
    enum status status;
    daemon_path_init(&path, "cdrs", "unmatched");
    if (admin->is_json)
        json_write_array(&admin->json, NULL);
    TRY(daemon_open(&options->admin, &daemon, fault));
    TRY(daemon_each(daemon, &path, options->limit, show_cdr, &listing, fault));
    if (admin->is_json)
        json_write_array_end(&admin->json);
    columns_write_list(listing.columns, &terminal, &admin->out);
out:
    api_client_close(daemon);
    columns_destroy(listing.columns);
    return status;
}

static enum status check_attaching(const struct admin *admin, struct fault *fault)
{
    const struct cdrs_options *options = admin->values;
    if (!str_is_digits(str_of(admin->operands[0])))
        return fault_set(fault, ERR_INVALID, "a CDR is named by its number in `cdrs unmatched`");
    if (options->tenant == NULL)
        return fault_set(fault, ERR_INVALID, "tenant: must be given");
    if (options->call == NULL || !str_is_digits(str_of(options->call)))
        return fault_set(fault, ERR_INVALID, "call: must be given, a callSerialNo");
    return OK;
}

static void write_request(const struct cdrs_options *options, struct buf *body)
{
    struct json_writer w;
    json_write_init(&w, body);
    json_write_object(&w, NULL);
    json_write_text(&w, "tenant", options->tenant);
    json_write_text(&w, "callSerialNo", options->call);
    json_write_object_end(&w);
}

static enum status run_attach(struct admin *admin, struct fault *fault)
{
    const struct cdrs_options *options = admin->values;
    struct api_client *daemon = NULL;
    struct json *answer = NULL;
    struct daemon_path path;
    struct buf body;
    const char *text;
    enum status status = check_attaching(admin, fault);
    buf_init(&body, DAEMON_PATH_MAX);
    TRY(status);
    write_request(options, &body);
    daemon_path_init(&path, "cdrs", "unmatched", admin->operands[0], "attach");
    TRY(daemon_path_end(&path, &text, fault));
    TRY(daemon_open(&options->admin, &daemon, fault));
    TRY(api_client_post(daemon, text, buf_str(&body), &answer, fault));
    if (admin->is_json)
        json_write_value(&admin->json, NULL, answer);
    else
        buf_format(&admin->out, "CDR %s is call %s's%s\n", admin->operands[0], options->call,
                   json_bool(json_get(answer, "endedCall")) ? ", which has ended with it"
                                                            : "; it had ended before");
out:
    api_client_close(daemon);
    json_destroy(answer);
    buf_finish(&body);
    return status;
}

/* `cdrs unmatched` alone lists them. */
int cmd_cdrs(int argc, char **argv)
{
    static char name[] = "cdrs unmatched", list[] = "list";
    static const struct admin_verb verbs[] = {
        {list, "", 0, 0, run_list, "the newest first; `cdrs unmatched` alone does the same", true},
        {"attach", "CDR --tenant TENANT --call SERIAL", 1, 1, run_attach,
         "gives it to a call, which ends with it", true},
    };
    struct cdrs_options values = {.limit = 50};
    const struct admin_command command = {verbs, COUNT_OF(verbs), OPTION_TABLE(rows), &values};
    if (complete_is_asked(argc, argv) && argc == 3) {
        static const struct admin_verb unmatched[] = {
            {"unmatched", "", 0, 0, NULL, "CDRs that no call was found for", true}};
        return complete_words(unmatched, 1, OPTION_TABLE(rows), argc, argv);
    }
    if (complete_is_asked(argc, argv)) {
        argv[2] = argv[1];
        argv[1] = name;
        return admin_run(&command, argc - 1, argv + 1);
    }
    if (argc < 2 || (strcmp(argv[1], "unmatched") != 0 && strcmp(argv[1], "--help") != 0))
        return command_usage("cdrs", "must be followed by unmatched");
    if (strcmp(argv[1], "--help") == 0) {
        char *words[] = {name, argv[1]};
        return admin_run(&command, COUNT_OF(words), words);
    }
    argv[1] = name;
    if (argc == 2 || argv[2][0] == '-')
        return admin_run_verb(&command, list, argc - 1, argv + 1);
    return admin_run(&command, argc - 1, argv + 1);
}
