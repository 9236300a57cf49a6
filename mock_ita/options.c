#include "mock_ita/options.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "mock_ita/telephony/xpool.h"
#include "mock_ita/url.h"

enum { KEY_RANDOM_BYTES = 8, DEFAULT_X_NUMBERS = 100, KEY_MAX = 256 };

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

/* A comma would end the key in an Authorization header (signing.md, section 1). */
static enum status check_key(struct str value, struct fault *fault)
{
    if (value.len == 0 || value.len > KEY_MAX || str_find(value, ',') < value.len)
        return fault_set(fault, ERR_INVALID, "must be 1 to %d bytes without a comma", KEY_MAX);
    return OK;
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
    {"access-key", OPTION_TEXT, AT(access_key), .check = check_key,
     .help = "AccessKey of the customer; made up and printed when absent."},
    {"secret-key", OPTION_TEXT, AT(secret_key), .check = check_key,
     .help = "Its SecretKey; made up and printed when absent."},
    {"app-key", OPTION_TEXT, AT(app_key), .check = check_key,
     .help = "AppKey; made up and printed when absent."},
    {"profile", OPTION_TEXT, AT(profile), .value_name = "FILE",
     .help =
         "Wire profile to speak, the gateway's own file (default: the built-in one and a query)."},
    {"unknown-members", OPTION_CHOICE, AT(unknown_members), .fallback = "refuse",
     .choices = "refuse|note",
     .help = "What a member that the profile does not have is: a violation, or a note."},
    {"terse", OPTION_SWITCH, AT(is_terse),
     .help = "Leave the list of violations out of answers, as a real ITA does."},
    {"lock", OPTION_SWITCH, AT(is_locking), .fallback = "yes",
     .help = "Lock the key for five minutes after five wrong signatures in a row."},
    {"x-number", OPTION_LIST, AT(x_numbers), .value_name = "NUMBER", .check = check_x_number,
     .help = "A purchased X number; may be given several times (default: 100 made-up ones)."},
    {"speed", OPTION_NUMBER, AT(speed), .fallback = "1", .min = 1, .max = 1000000,
     .help = "How many times faster than life calls are played."},
    {"calls-max", OPTION_NUMBER, AT(calls_max), .fallback = "1000000", .min = 1, .max = 10000000,
     .help = "Calls that are kept for GET /calls, about 500 bytes each."},
    {"push-url", OPTION_TEXT, AT(push_url), .value_name = "URL", .check = check_push_url,
     .help = "Where CDRs are pushed (statusnotify of the gateway); none: they are not."},
    {"push-ca", OPTION_TEXT, AT(push_ca), .value_name = "FILE",
     .help = "Certificates to trust there (default: the system's)."},
    {"push-retries", OPTION_NUMBER, AT(push_retries), .fallback = "10", .min = 0, .max = 1000,
     .help = "Further tries when a push is not answered 200."},
    {"push-timeout", OPTION_DURATION, AT(push_timeout_ms), .fallback = "10s", .min = 10,
     .max = 600000, .help = "How long a push may take."},
    {"control", OPTION_TEXT, AT(control), .fallback = "127.0.0.1:0", .value_name = "ADDRESS:PORT",
     .check = check_loopback, .help = "Where the control API is served, plain HTTP."},
    {"port-file", OPTION_TEXT, AT(port_file), .value_name = "FILE",
     .help = "Receives the port of the ITA's API once it is served."},
    {"control-port-file", OPTION_TEXT, AT(control_port_file), .value_name = "FILE",
     .help = "Receives the port of the control API."},
    {"verbose", OPTION_SWITCH, AT(is_verbose), .help = "Log every step, one line each."},
    {"help", OPTION_SWITCH, AT(is_help), .help = "Print this."},
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

enum status mock_options_read(struct mock_options *options, int argc, char **argv,
                              struct fault *fault)
{
    *options = (struct mock_options){0};
    options_init(OPTION_TABLE(rows), options);
    enum status status = OK;
    TRY(options_read_arguments(OPTION_TABLE(rows), options, argc, argv, NULL, fault));
    TRY(check_together(options, fault));
    options->are_keys_made_up =
        options->access_key == NULL || options->secret_key == NULL || options->app_key == NULL;
    if (options->access_key == NULL)
        options->access_key = made_up_key("AK");
    if (options->secret_key == NULL)
        options->secret_key = made_up_key("SK");
    if (options->app_key == NULL)
        options->app_key = made_up_key("APPKEY");
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
