/* The configuration file reader: any bytes. */

#include "base/option.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct values {
    char *name;
    struct option_list tags;
    int64_t count, wait_ms, mode;
    bool is_loud;
};

#define AT(field) offsetof(struct values, field)
static const struct option rows[] = {
    {.name = "name", .kind = OPTION_TEXT, .offset = AT(name), .help = "A name."},
    {.name = "tag", .kind = OPTION_LIST, .offset = AT(tags), .help = "Tags."},
    {.name = "count",
     .kind = OPTION_NUMBER,
     .offset = AT(count),
     .min = -5,
     .max = 9,
     .help = "C."},
    {.name = "wait", .kind = OPTION_DURATION, .offset = AT(wait_ms), .max = 60000, .help = "W."},
    {.name = "mode",
     .kind = OPTION_CHOICE,
     .offset = AT(mode),
     .choices = "fast|slow",
     .help = "M."},
    {.name = "loud", .kind = OPTION_SWITCH, .offset = AT(is_loud), .help = "L."},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct option_table table = {rows, sizeof(rows) / sizeof(rows[0])};
    struct values values = {0};
    struct fault fault;
    options_init(table, &values);
    enum status status =
        options_read_text(table, &values, str_from(data, size), "fuzz.conf", &fault);
    (void)status;
    options_finish(table, &values);
    return 0;
}
