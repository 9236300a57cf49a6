/* ita-gateway call: places a call through a running gateway, as an agent's system does, and shows
 * its progress. */

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/option.h"
#include "gateway/cli/api_client.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "profile/q850.h"

#define API "/apiaccess/CC-Management/"

enum { POLL_MS = 200, HELP_MAX = 16 * 1024 };

struct call_options {
    char *url, *ca, *app_key, *app_secret, *app_secret_file;
    char *caller, *called, *call_data;
    bool is_v3, must_wait, is_json;
    int64_t timeout_ms;
};

#define AT(field) offsetof(struct call_options, field)
static const struct option rows[] = {
    {.name = "url",
     .kind = OPTION_TEXT,
     .offset = AT(url),
     .value_name = "URL",
     .help = "of the gateway, https://host:port; or environment GATEWAY_URL"},
    {.name = "ca",
     .kind = OPTION_TEXT,
     .offset = AT(ca),
     .value_name = "FILE",
     .help = "PEM certificates to trust instead of the system's; or GATEWAY_CA"},
    {.name = "app-key",
     .kind = OPTION_TEXT,
     .offset = AT(app_key),
     .value_name = "KEY",
     .help = "as app-key create gave it; or APP_KEY"},
    {.name = "app-secret-file",
     .kind = OPTION_TEXT,
     .offset = AT(app_secret_file),
     .value_name = "FILE",
     .help = "holds the app secret; or the secret itself in APP_SECRET"},
    {.name = "caller",
     .kind = OPTION_TEXT,
     .offset = AT(caller),
     .value_name = "NUMBER",
     .is_required = true,
     .help = "the agent's phone, called first"},
    {.name = "called",
     .kind = OPTION_TEXT,
     .offset = AT(called),
     .value_name = "NUMBER",
     .is_required = true,
     .help = "the customer"},
    {.name = "call-data",
     .kind = OPTION_TEXT,
     .offset = AT(call_data),
     .value_name = "TEXT",
     .help = "kept with the call"},
    {.name = "v3", .kind = OPTION_SWITCH, .offset = AT(is_v3), .help = "use createCall V3"},
    {.name = "wait",
     .kind = OPTION_SWITCH,
     .offset = AT(must_wait),
     .help = "follow the call until it has ended and show its record"},
    {.name = "timeout",
     .kind = OPTION_DURATION,
     .offset = AT(timeout_ms),
     .fallback = "10m",
     .min = 1,
     .max = 86400000,
     .help = "how long --wait waits"},
    {.name = "json",
     .kind = OPTION_SWITCH,
     .offset = AT(is_json),
     .help = "print the gateway's answers as JSON lines"},
};
static const struct option_table table = {rows, COUNT_OF(rows)};

/* One call being followed. */
struct followed {
    struct api_client *client;
    const struct call_options *options;
    char serial[JSON_TEXT_NUMBER_SIZE];
    int64_t begun_ms;
};

static void set_from_environment(char **field, const char *name)
{
    const char *value = getenv(name);
    if (*field == NULL && value != NULL && value[0] != '\0')
        *field = str_copy(str_of(value));
}

static enum status read_secret(struct call_options *options, struct fault *fault)
{
    struct buf text;
    enum status status;
    if (options->app_secret_file == NULL) {
        set_from_environment(&options->app_secret, "APP_SECRET");
        return OK;
    }
    buf_init(&text, 4096);
    status = file_read(options->app_secret_file, &text, fault);
    struct str secret = buf_str(&text);
    while (secret.len > 0 &&
           (secret.ptr[secret.len - 1] == '\n' || secret.ptr[secret.len - 1] == '\r'))
        secret.len--;
    if (status == OK)
        options->app_secret = str_copy(secret);
    buf_wipe(&text);
    return status;
}

static enum status read_options(struct call_options *options, int argc, char **argv,
                                struct fault *fault)
{
    enum status status = OK;
    options_init(table, options);
    TRY(options_read_arguments(table, options, argc - 1, argv + 1, NULL, fault));
    TRY(options_check_required(table, options, fault));
    set_from_environment(&options->url, "GATEWAY_URL");
    set_from_environment(&options->ca, "GATEWAY_CA");
    set_from_environment(&options->app_key, "APP_KEY");
    TRY(read_secret(options, fault));
    if (options->url == NULL || options->app_key == NULL || options->app_secret == NULL)
        status =
            fault_set(fault, ERR_INVALID,
                      "url, app-key, app-secret-file: give them as options or in the environment");
out:
    return status;
}

static void print_raw(const struct json *answer)
{
    struct buf text;
    struct json_writer w;
    buf_init(&text, 1024 * 1024);
    json_write_init(&w, &text);
    json_write_value(&w, NULL, answer);
    printf("%.*s\n", STR_ARGS(buf_str(&text)));
    buf_finish(&text);
}

/* retCode "0", or a fault that quotes code and message. */
static enum status check_code(const struct json *answer, struct fault *fault)
{
    char number[JSON_TEXT_NUMBER_SIZE];
    struct str code = {"", 0}, message = json_string(json_get(answer, "retMsg"));
    if (json_text(json_get(answer, "retCode"), number, &code) != OK)
        return fault_set(fault, ERR_IO, "the answer has no retCode");
    if (!str_is(code, STR("0")))
        return fault_set(fault, ERR_DENIED, "refused: %.*s %.*s", STR_ARGS(code),
                         STR_ARGS(message));
    return OK;
}

static void print_step(const struct followed *self, const char *what)
{
    if (!self->options->is_json)
        printf("%7.2f s  %s\n", (double)(clock_mono_ms() - self->begun_ms) / 1000.0, what);
    (void)fflush(stdout); /* the call goes on whether or not somebody watches */
}

static enum status create_call(struct followed *self, struct fault *fault)
{
    const struct call_options *options = self->options;
    struct buf body;
    struct json_writer w;
    struct json *answer = NULL;
    struct str serial;
    buf_init(&body, 8192);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_text(&w, options->is_v3 ? "softPhone" : "caller", options->caller);
    json_write_text(&w, "called", options->called);
    if (options->call_data != NULL)
        json_write_text(&w, "callData", options->call_data);
    json_write_object_end(&w);
    enum status status = api_client_post(self->client,
                                         options->is_v3 ? API "v3/mobileAgent/createCall"
                                                        : API "v1/mobileAgent/createCall",
                                         buf_str(&body), &answer, fault);
    buf_finish(&body);
    if (status != OK)
        return status;
    if (options->is_json)
        print_raw(answer);
    status = check_code(answer, fault);
    if (status == OK &&
        json_text(json_at(answer, "/result/callSerialNo"), self->serial, &serial) != OK)
        status = fault_set(fault, ERR_IO, "the answer has no callSerialNo");
    else if (status == OK && serial.ptr != self->serial) /* V3 gives a string: keep it */
        memcpy(self->serial, serial.ptr, serial.len < sizeof(self->serial) ? serial.len : 0);
    json_destroy(answer);
    return status;
}

static enum status post_serial(struct followed *self, struct json **answer, struct fault *fault)
{
    struct buf body;
    struct json_writer w;
    buf_init(&body, 256);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_text(&w, "callSerialNo", self->serial);
    json_write_object_end(&w);
    enum status status = api_client_post(self->client, API "v1/mobileAgent/queryCallState",
                                         buf_str(&body), answer, fault);
    buf_finish(&body);
    if (status == OK)
        status = check_code(*answer, fault);
    return status;
}

static void print_end(const struct followed *self, const struct json *answer)
{
    const struct json *result = json_get(answer, "result");
    struct str reason = json_string(json_get(result, "reasonCode"));
    struct str shown = json_string(json_get(result, "agentPresent"));
    int64_t cause = 0;
    char line[160];
    if (self->options->is_json) {
        print_raw(answer);
        return;
    }
    const char *text = str_parse_i64(reason, &cause) == OK ? q850_text(cause) : NULL;
    snprintf(line, sizeof(line), "ended: %.*s %s; both saw %.*s", STR_ARGS(reason),
             text == NULL ? "" : text, STR_ARGS(shown));
    print_step(self, line);
}

/* Looks at the call's state until it has ended. */
static enum status follow(struct followed *self, struct fault *fault)
{
    static const char *const states[] = {"waiting", "calling", "talking", "ended"};
    int64_t last_state = -1, state;
    for (;;) {
        struct json *answer = NULL;
        enum status status = post_serial(self, &answer, fault);
        if (status == OK && (json_i64(json_at(answer, "/result/state"), &state) != OK ||
                             state < 0 || state >= (int64_t)COUNT_OF(states)))
            status = fault_set(fault, ERR_IO, "the answer has no state");
        if (status == OK && state == 3)
            print_end(self, answer);
        else if (status == OK && state != last_state)
            print_step(self, states[state]);
        json_destroy(answer);
        if (status != OK || state == 3)
            return status;
        last_state = state;
        if (clock_mono_ms() - self->begun_ms > self->options->timeout_ms)
            return fault_set(fault, ERR_TIMEOUT, "the call has not ended in time; its number is %s",
                             self->serial);
        api_client_wait(self->client, POLL_MS);
    }
}

static enum status place_and_follow(const struct call_options *options, struct fault *fault)
{
    struct followed self = {.options = options, .begun_ms = clock_mono_ms()};
    char line[96];
    enum status status = OK;
    TRY(api_client_open(options->url, options->ca, &self.client, fault));
    TRY(api_client_sign_in(self.client, options->app_key, options->app_secret, fault));
    print_step(&self, "signed in");
    TRY(create_call(&self, fault));
    snprintf(line, sizeof(line), "call accepted: callSerialNo %s", self.serial);
    print_step(&self, line);
    if (options->must_wait)
        TRY(follow(&self, fault));
out:
    api_client_close(self.client);
    return status;
}

static int print_help(void)
{
    struct buf text;
    buf_init(&text, HELP_MAX);
    buf_append(&text,
               STR("usage: ita-gateway call --caller NUMBER --called NUMBER [OPTION]...\n\n"));
    options_append_help(table, &text);
    int code = command_print("call", buf_str(&text));
    buf_finish(&text);
    return code;
}

int cmd_call(int argc, char **argv)
{
    struct call_options options = {0};
    struct fault fault = {{0}};
    int code = EXIT_DONE;
    if (complete_is_asked(argc, argv))
        return complete_words(NULL, 0, table, argc, argv);
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return print_help();
    if (read_options(&options, argc, argv, &fault) != OK)
        code = command_usage("call", fault.text);
    else if (place_and_follow(&options, &fault) != OK)
        code = command_failed("call", fault.text);
    if (options.app_secret != NULL)
        mem_wipe(options.app_secret, strlen(options.app_secret));
    mem_free(options.app_secret);
    options_finish(table, &options);
    return code;
}
