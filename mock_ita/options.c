#include "mock_ita/options.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "mock_ita/aicc/tokens.h"
#include "mock_ita/keys.h"
#include "mock_ita/telephony/xpool.h"
#include "mock_ita/url.h"

enum { KEY_RANDOM_BYTES = 8, DEFAULT_X_NUMBERS = 100, READY_FD_MAX = 1 << 20 };

static enum status check_x_number(struct str value, struct fault *fault)
{
    if (value.len < 3 || value.len > MOCK_NUMBER_MAX || !str_is_digits(value))
        return fault_set(fault, ERR_INVALID, "must be 3 to %d digits", MOCK_NUMBER_MAX);
    return OK;
}

static enum status check_push_url(struct str value, struct fault *fault)
{
    struct mock_url url;
    return mock_url_parse(value, &url, fault);
}

/* The control API tells and forgets everything, without asking who wants to know. */
static enum status check_loopback(struct str value, struct fault *fault)
{
    if (str_starts(value, STR("127.")) || str_starts(value, STR("[::1]:")))
        return OK;
    return fault_set(fault, ERR_INVALID, "must be a loopback address, as 127.0.0.1:0");
}

#define AT(field) .offset = offsetof(struct mock_options, field)

static const struct option rows[] = {
    {"listen", OPTION_TEXT, AT(listen), .fallback = "127.0.0.1:8443", .value_name = "ADDRESS:PORT",
     .help = "Where the ITA's API is served; port 0 takes a free one."},
    {"tls", OPTION_SWITCH, AT(is_tls),
     .help = "Serve HTTPS, with a fresh certificate unless one is given."},
    {"tls-certificate", OPTION_TEXT, AT(tls_certificate), .value_name = "FILE",
     .help = "Certificate chain, PEM."},
    {"tls-key", OPTION_TEXT, AT(tls_key), .value_name = "FILE", .help = "Its private key, PEM."},
    {"print-cert", OPTION_TEXT, AT(print_cert), .value_name = "FILE",
     .help = "Write the certificate as DER before serving; - is standard output."},
    {"cert-pem", OPTION_TEXT, AT(cert_pem), .value_name = "FILE",
     .help = "Write the certificate as PEM before serving, as for curl --cacert."},
    {"access-key", OPTION_TEXT, AT(access_key), .check = mock_key_check_text,
     .help = "AccessKey of the customer; made up and printed when absent."},
    {"secret-key", OPTION_TEXT, AT(secret_key), .check = mock_key_check_text,
     .help = "Its SecretKey; made up and printed when absent."},
    {"app-key", OPTION_TEXT, AT(app_key), .check = mock_key_check_text,
     .help = "AppKey; made up and printed when absent."},
    {"profile", OPTION_TEXT, AT(profile), .value_name = "FILE",
     .help =
         "Wire profile to speak, the gateway's own file (default: the built-in one and a query)."},
    {"unknown-members", OPTION_CHOICE, AT(unknown_members), .fallback = "refuse",
     .choices = "refuse|note",
     .help = "What a member that the profile does not have is: a violation, or a note."},
    {"lock", OPTION_SWITCH, AT(is_locking), .fallback = "yes",
     .help = "Lock the key for five minutes after five wrong signatures in a row."},
    {"allow-replay", OPTION_SWITCH, AT(allows_replay),
     .help = "Take an identical signed POST again after it was carried out."},
    {"terse", OPTION_SWITCH, AT(is_terse),
     .help = "Say no more in a refusal than the real platform does; the journal has it all."},
    {"aicc", OPTION_SWITCH, AT(is_aicc),
     .help = "Play an AICC as well, on the same port: tokenByAkSk, createCall and so on."},
    {"aicc-app-key", OPTION_TEXT, AT(aicc_app_key), .check = mock_aicc_check_key,
     .help = "App key of the AICC's customer; made up and printed when absent."},
    {"aicc-app-secret", OPTION_TEXT, AT(aicc_app_secret), .check = mock_aicc_check_key,
     .help = "Its secret; made up and printed when absent."},
    {"aicc-connection-url", OPTION_TEXT, AT(aicc_connection_url), .value_name = "URL",
     .check = check_push_url, .help = "Where the AICC's connection callbacks go; none: nowhere."},
    {"aicc-hang-up-url", OPTION_TEXT, AT(aicc_hang_up_url), .value_name = "URL",
     .check = check_push_url,
     .help = "Where its hang-up callbacks go, unless createCall names a callBackUrl."},
    {"aicc-callback-host", OPTION_LIST, AT(aicc_callback_hosts), .value_name = "HOST[:PORT]",
     .help = "What a callBackUrl may name; may be given several times (default: no host)."},
    {"aicc-shared-key", OPTION_TEXT, AT(aicc_shared_key), .check = mock_aicc_check_key,
     .help = "Shared Key that signs all callbacks; none: they are not signed."},
    {"journal-size", OPTION_NUMBER, AT(journal_size), .fallback = "33554432", .min = 64 * 1024,
     .max = INT64_C(4) * 1024 * 1024 * 1024, .value_name = "BYTES",
     .help = "Memory for the journal; the oldest entries make room."},
    {"x-number", OPTION_LIST, AT(x_numbers), .value_name = "NUMBER", .check = check_x_number,
     .help = "A purchased X number; may be given several times (default: 100 made-up ones)."},
    {"speed", OPTION_NUMBER, AT(speed), .fallback = "1", .min = 1, .max = 1000000,
     .help = "How many times faster than life calls are played."},
    {"calls-max", OPTION_NUMBER, AT(calls_max), .fallback = "1000000", .min = 1, .max = 10000000,
     .help = "Calls that are kept for GET /calls, about 770 bytes each."},
    {"scenario", OPTION_TEXT, AT(scenario), .value_name = "FILE",
     .help = "What is to go otherwise than well: rules in JSON, played from the start."},
    {"push-url", OPTION_TEXT, AT(push_url), .value_name = "URL", .check = check_push_url,
     .help = "Where CDRs are pushed (statusnotify of the gateway); none: they are not."},
    {"push-ca", OPTION_TEXT, AT(push_ca), .value_name = "FILE",
     .help = "Certificates to trust there (default: the system's)."},
    {"push-retries", OPTION_NUMBER, AT(push_retries), .fallback = "10", .min = 0, .max = 1000,
     .help = "Further tries when a push is not answered 200."},
    {"push-timeout", OPTION_DURATION, AT(push_timeout_ms), .fallback = "10s", .min = 10,
     .max = 600000, .help = "How long a push may take."},
    {"control", OPTION_TEXT, AT(control), .fallback = "127.0.0.1:8444",
     .value_name = "ADDRESS:PORT", .check = check_loopback,
     .help = "Where the live page and the control API are served, plain HTTP."},
    {"port-file", OPTION_TEXT, AT(port_file), .value_name = "FILE",
     .help = "Receives the port of the ITA's API once it is served."},
    {"control-port-file", OPTION_TEXT, AT(control_port_file), .value_name = "FILE",
     .help = "Receives the port of the control API."},
    {"ready-fd", OPTION_NUMBER, AT(ready_fd), .min = 3, .max = READY_FD_MAX,
     .help = "File descriptor that receives both ports as a line of JSON, and is then closed."},
    {"quiet", OPTION_SWITCH, AT(is_quiet),
     .help = "Print one line at the start: no keys, no example."},
    {"verbose", OPTION_SWITCH, AT(is_verbose), .help = "Log every step, one line each."},
    {"version", OPTION_SWITCH, AT(is_version), .help = "Print the version."},
    {"help", OPTION_SWITCH, AT(is_help), .help = "Print this, as -h does."},
};

static char *made_up_key(const char *what)
{
    uint8_t bytes[KEY_RANDOM_BYTES];
    char storage[64];
    struct buf text;
    buf_init_fixed(&text, storage, sizeof(storage));
    random_bytes(bytes, sizeof(bytes));
    buf_format(&text, "FAKE-%s-", what);
    hex_append(&text, str_from(bytes, sizeof(bytes)));
    return str_copy(buf_str(&text));
}

/* 15 digits: the 700 segment, so that nothing takes an X for 11 digits (ita-api.md). */
static void make_up_x_numbers(struct option_list *list)
{
    list->items = mem_alloc(DEFAULT_X_NUMBERS * sizeof(char *));
    for (int i = 1; i <= DEFAULT_X_NUMBERS; i++) {
        char storage[16];
        struct buf text;
        buf_init_fixed(&text, storage, sizeof(storage));
        buf_format(&text, "700%012d", i);
        list->items[list->count++] = str_copy(buf_str(&text));
    }
}

static enum status check_together(const struct mock_options *options, struct fault *fault)
{
    if ((options->tls_certificate == NULL) != (options->tls_key == NULL))
        return fault_set(fault, ERR_INVALID, "tls-certificate and tls-key: both or none");
    bool wants_tls = options->tls_certificate != NULL || options->print_cert != NULL ||
                     options->cert_pem != NULL;
    if (wants_tls && !options->is_tls)
        return fault_set(fault, ERR_INVALID, "a certificate needs --tls");
    return OK;
}

static enum status check_aicc(const struct mock_options *options, struct fault *fault)
{
    bool is_asked = options->aicc_app_key != NULL || options->aicc_app_secret != NULL ||
                    options->aicc_connection_url != NULL || options->aicc_hang_up_url != NULL ||
                    options->aicc_shared_key != NULL || options->aicc_callback_hosts.count > 0;
    if (is_asked && !options->is_aicc)
        return fault_set(fault, ERR_INVALID, "an option that begins with aicc- needs --aicc");
    return OK;
}

static void make_up(char **text, const char *what)
{
    if (*text == NULL)
        *text = made_up_key(what);
}

enum status mock_options_read(struct mock_options *options, int argc, char **argv,
                              struct fault *fault)
{
    *options = (struct mock_options){0};
    options_init(OPTION_TABLE(rows), options);
    enum status status = OK;
    TRY(options_read_arguments(OPTION_TABLE(rows), options, argc, argv, NULL, fault));
    TRY(check_together(options, fault));
    TRY(check_aicc(options, fault));
    options->is_secret_key_made_up = options->secret_key == NULL;
    options->is_aicc_app_secret_made_up = options->aicc_app_secret == NULL;
    make_up(&options->access_key, "AK");
    make_up(&options->secret_key, "SK");
    make_up(&options->app_key, "APPKEY");
    make_up(&options->aicc_app_key, "AICC-AK");
    make_up(&options->aicc_app_secret, "AICC-SK");
    if (options->x_numbers.count == 0)
        make_up_x_numbers(&options->x_numbers);
out:
    return status;
}

void mock_options_finish(struct mock_options *options)
{
    options_finish(OPTION_TABLE(rows), options);
}

void mock_options_append_help(struct buf *out)
{
    options_append_help(OPTION_TABLE(rows), out);
}
