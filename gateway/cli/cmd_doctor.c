/* ita-gateway doctor: what is broken, and what to do. Exit code 1 when a step has failed; a warning
 * alone is 0, as of a thing that works. */

#include <signal.h>
#include <stdio.h>

#include "base/mem.h"
#include "gateway/cli/admin.h"
#include "gateway/cli/command.h"
#include "gateway/cli/complete.h"
#include "gateway/cli/doctor_print.h"
#include "gateway/cli/doctor_walk.h"

enum { TEXT_MAX = 16 * 1024 * 1024 };

struct doctor_values {
    struct admin_options admin;
    char *tenant;
};

static const struct option rows[] = {
    ADMIN_OPTION_ROWS,
    {.name = "tenant",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct doctor_values, tenant),
     .value_name = "TENANT",
     .help = "only this tenant's way to its ITA or AICC"},
};

/* One run. */
struct doctor {
    bool is_json, has_failed, is_within_tenants;
    const char *language;
    struct json_writer json;
    struct buf out;
};

static void note_result(struct doctor *self, const struct json *diagnosis)
{
    if (str_is(json_string(json_get(diagnosis, "result")), STR("failed")))
        self->has_failed = true;
}

static void begin_tenants(struct doctor *self)
{
    if (!self->is_within_tenants)
        json_write_array(&self->json, "tenants");
    self->is_within_tenants = true;
}

static void add_json(struct doctor *self, const char *tenant, const struct json *diagnosis)
{
    struct json_writer *w = &self->json;
    if (tenant == NULL) {
        json_write_value(w, "gateway", diagnosis);
        return;
    }
    begin_tenants(self);
    json_write_object(w, NULL);
    json_write_text(w, "tenant", tenant);
    json_write_value(w, "result", json_get(diagnosis, "result"));
    json_write_value(w, "steps", json_get(diagnosis, "steps"));
    json_write_object_end(w);
}

/* Each report is shown when it is there: the next may take seconds. */
static void on_report(void *data, const char *tenant, const struct json *diagnosis)
{
    struct doctor *self = data;
    note_result(self, diagnosis);
    if (self->is_json) {
        add_json(self, tenant, diagnosis);
        return;
    }
    if (tenant != NULL)
        buf_format(&self->out, "\n%s\n", tenant);
    doctor_print(diagnosis, self->language, &self->out);
    (void)fwrite(self->out.ptr, 1, self->out.len, stdout);
    (void)fflush(stdout);
    buf_clear(&self->out);
}

static enum status examine(struct doctor *self, const struct doctor_values *values,
                           size_t *left_out, struct fault *fault)
{
    struct config config;
    if (admin_load_config(&values->admin, &config, fault) != OK) {
        doctor_report_config(fault, on_report, self);
        return OK;
    }
    const struct doctor_walk_options options = {
        .config = &config, .tenant = values->tenant, .on_report = on_report, .data = self};
    enum status status = doctor_walk(&options, left_out, fault);
    config_finish(&config);
    return status;
}

static int finish(struct doctor *self, enum status status, const struct fault *fault)
{
    int code = self->has_failed ? EXIT_FAILED : EXIT_DONE;
    if (self->is_json) {
        begin_tenants(self);
        json_write_array_end(&self->json);
        json_write_object_end(&self->json);
        buf_append_byte(&self->out, '\n');
        if (status == OK && command_print("doctor", buf_str(&self->out)) != EXIT_DONE)
            code = EXIT_FAILED;
    }
    buf_finish(&self->out);
    return status == OK ? code : command_failed("doctor", fault->text);
}

static int run_walk(const struct doctor_values *values)
{
    struct doctor self = {.is_json = values->admin.is_json, .language = doctor_language()};
    struct fault fault = {""};
    size_t left_out = 0;
    (void)signal(SIGPIPE, SIG_IGN);
    buf_init(&self.out, TEXT_MAX);
    json_write_init(&self.json, &self.out);
    if (self.is_json)
        json_write_object(&self.json, NULL);
    enum status status = examine(&self, values, &left_out, &fault);
    int code = finish(&self, status, &fault);
    if (left_out > 0)
        fprintf(stderr, "ita-gateway doctor: %zu more tenants were not looked at: --tenant NAME\n",
                left_out);
    return code;
}

static int print_help(void)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    buf_append(&text,
               STR("usage: ita-gateway doctor [--tenant NAME] [OPTION]...\n"
                   "           walks the whole way, one line a step: \u2713 good, ! warning, "
                   "\u2717 failed, - not looked at\n"
                   "       ita-gateway doctor tls HOST[:PORT] [--ca FILE]\n"
                   "           connects and shows the certificate, without a daemon; --ca "
                   "trusts that of FILE\n           (DER or PEM), as CERT_ITA, not the system's\n"
                   "       ita-gateway doctor explain CODE\n"
                   "       ita-gateway doctor explain --all [--markdown]\n"
                   "           tells what a code means, and what to do: a retCode, an ITA "
                   "code, a release cause,\n           an APIGW error\n\n"
                   "Exit code 1 when a step has failed.\n\n"));
    options_append_help(OPTION_TABLE(rows), &text);
    int code = command_print("doctor", buf_str(&text));
    buf_finish(&text);
    return code;
}

static int read_and_walk(int argc, char **argv)
{
    struct doctor_values values = {0};
    struct fault fault = {""};
    options_init(OPTION_TABLE(rows), &values);
    int code =
        options_read_arguments(OPTION_TABLE(rows), &values, argc - 1, argv + 1, NULL, &fault) == OK
            ? run_walk(&values)
            : command_usage("doctor", fault.text);
    options_finish(OPTION_TABLE(rows), &values);
    return code;
}

int cmd_doctor(int argc, char **argv)
{
    static const struct admin_verb verbs[] = {
        {"tls", "HOST[:PORT]", 1, 1, NULL, "connects and shows the certificate", true},
        {"explain", "CODE", 1, 1, NULL, "tells what a code means, and what to do", true},
    };
    if (complete_is_asked(argc, argv))
        return complete_words(verbs, COUNT_OF(verbs), OPTION_TABLE(rows), argc, argv);
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return print_help();
    if (argc > 1 && argv[1][0] != '-')
        return cmd_doctor_verb(argc, argv);
    return read_and_walk(argc, argv);
}
