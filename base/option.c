#include "base/option.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

enum { FILE_BYTES_MAX = 1024 * 1024 }; /* far over any configuration file written by hand */

/* The field of a row in the caller's struct. */
static void *field(const struct option *row, void *values)
{
    return (char *)values + row->offset;
}

static const void *field_const(const struct option *row, const void *values)
{
    return (const char *)values + row->offset;
}

static void clear_field(const struct option *row, void *values)
{
    if (row->kind == OPTION_TEXT) {
        char **text = field(row, values);
        if (*text != NULL)
            mem_wipe(*text, strlen(*text));
        mem_free(*text);
        *text = NULL;
    } else if (row->kind == OPTION_LIST) {
        struct option_list *list = field(row, values);
        for (size_t i = 0; i < list->count; i++)
            mem_free(list->items[i]);
        mem_free(list->items);
        *list = (struct option_list){0};
    }
}

static enum status parse_choice(const struct option *row, struct str value, int64_t *index)
{
    struct str rest = str_of(row->choices), choice;
    for (*index = 0; str_next(&rest, '|', &choice); ++*index)
        if (str_is(choice, value))
            return OK;
    return ERR_INVALID;
}

static enum status check_bounds(const struct option *row, int64_t value, struct fault *fault)
{
    if (value >= row->min && value <= row->max)
        return OK;
    if (row->kind == OPTION_DURATION)
        return fault_set(fault, ERR_INVALID, "%s: must be from %" PRId64 "ms to %" PRId64 "ms",
                         row->name, row->min, row->max);
    return fault_set(fault, ERR_INVALID, "%s: must be from %" PRId64 " to %" PRId64, row->name,
                     row->min, row->max);
}

static enum status set_number(const struct option *row, int64_t *out, struct str value,
                              struct fault *fault)
{
    int64_t number = 0;
    if (row->kind == OPTION_CHOICE) {
        if (parse_choice(row, value, &number) != OK)
            return fault_set(fault, ERR_INVALID, "%s: must be one of %s", row->name, row->choices);
    } else if (row->kind == OPTION_DURATION) {
        if (clock_parse_duration(value, &number) != OK)
            return fault_set(fault, ERR_INVALID,
                             "%s: must be a time with its unit, like 250ms, 10s, 5m or 2h",
                             row->name);
    } else if (str_parse_i64(value, &number) != OK) {
        return fault_set(fault, ERR_INVALID, "%s: must be a whole number", row->name);
    }
    if (row->kind != OPTION_CHOICE && check_bounds(row, number, fault) != OK)
        return ERR_INVALID;
    *out = number;
    return OK;
}

static enum status set_switch(const struct option *row, bool *out, struct str value,
                              struct fault *fault)
{
    if (!str_is(value, STR("yes")) && !str_is(value, STR("no")))
        return fault_set(fault, ERR_INVALID, "%s: must be yes or no", row->name);
    *out = str_is(value, STR("yes"));
    return OK;
}

static enum status set_value(const struct option *row, void *values, struct str value,
                             struct fault *fault)
{
    if (value.len > 0 && memchr(value.ptr, '\0', value.len) != NULL)
        return fault_set(fault, ERR_INVALID, "%s: holds a NUL byte", row->name);
    if (row->check != NULL) {
        enum status status = row->check(value, fault);
        if (status != OK) {
            fault_prefix(fault, "%s", row->name);
            return status;
        }
    }
    switch (row->kind) {
    case OPTION_TEXT:
        clear_field(row, values);
        *(char **)field(row, values) = str_copy(value);
        return OK;
    case OPTION_LIST: {
        struct option_list *list = field(row, values);
        list->items = mem_resize(list->items, (list->count + 1) * sizeof(*list->items));
        list->items[list->count++] = str_copy(value);
        return OK;
    }
    case OPTION_NUMBER:
    case OPTION_DURATION:
    case OPTION_CHOICE:
        return set_number(row, field(row, values), value, fault);
    case OPTION_SWITCH:
        return set_switch(row, field(row, values), value, fault);
    }
    abort();
}

void options_init(struct option_table table, void *values)
{
    for (size_t i = 0; i < table.count; i++) {
        struct fault fault;
        const char *fallback = table.rows[i].fallback;
        if (fallback != NULL && set_value(&table.rows[i], values, str_of(fallback), &fault) != OK)
            abort(); /* a default that breaks its own rule: our mistake */
    }
}

void options_finish(struct option_table table, void *values)
{
    for (size_t i = 0; i < table.count; i++)
        clear_field(&table.rows[i], values);
}

static const struct option *find(struct option_table table, struct str name)
{
    for (size_t i = 0; i < table.count; i++)
        if (str_is(str_of(table.rows[i].name), name))
            return table.rows + i;
    return NULL;
}

/* A source that gives a list replaces the whole list of an earlier source (or the default). */
static enum status set_from_source(const struct option *row, void *values, bool *was_seen,
                                   struct str value, struct fault *fault)
{
    if (*was_seen && row->kind != OPTION_LIST)
        return fault_set(fault, ERR_INVALID, "%s: given twice", row->name);
    if (!*was_seen && row->kind == OPTION_LIST)
        clear_field(row, values);
    *was_seen = true;
    return set_value(row, values, value, fault);
}

enum status options_read_text(struct option_table table, void *values, struct str text,
                              const char *path, struct fault *fault)
{
    bool *seen = mem_alloc(table.count * sizeof(*seen));
    enum status status = OK;
    struct str rest = text, line;
    for (int number = 1; status == OK && str_next(&rest, '\n', &line); number++) {
        if (str_ends(line, STR("\r")))
            line.len--;
        line = str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
            continue;
        size_t equals = str_find(line, '=');
        struct str name = str_trim(str_slice(line, 0, equals));
        const struct option *row = find(table, name);
        if (equals == line.len)
            status = fault_set(fault, ERR_SYNTAX, "must be `name = value`");
        else if (row == NULL)
            status = fault_set(fault, ERR_INVALID, "%.*s: no such option", STR_ARGS(name));
        else
            status = set_from_source(row, values, &seen[row - table.rows],
                                     str_trim(str_slice(line, equals + 1, line.len)), fault);
        if (status != OK)
            fault_prefix(fault, "%s:%d", path, number);
    }
    mem_free(seen);
    return status;
}

enum status options_read_file(struct option_table table, void *values, const char *path,
                              struct fault *fault)
{
    struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    enum status status = file_read(path, &text, fault);
    if (status == OK)
        status = options_read_text(table, values, buf_str(&text), path, fault);
    buf_wipe(&text);
    return status;
}

/* "listen-address" with prefix "ITA_GATEWAY" is ITA_GATEWAY_LISTEN_ADDRESS. */
static void append_variable(struct buf *out, const char *prefix, const char *name)
{
    buf_append(out, str_of(prefix));
    buf_append_byte(out, '_');
    for (; *name != '\0'; name++)
        buf_append_byte(out, *name == '-'                   ? '_'
                             : *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A')
                                                            : *name);
}

enum status options_read_environment(struct option_table table, void *values, const char *prefix,
                                     struct fault *fault)
{
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        char storage[128];
        struct buf variable;
        bool was_seen = false;
        buf_init_fixed(&variable, storage, sizeof(storage));
        append_variable(&variable, prefix, row->name);
        const char *value = getenv(buf_text(&variable));
        if (value == NULL)
            continue;
        enum status status = set_from_source(row, values, &was_seen, str_of(value), fault);
        if (status != OK) {
            fault_prefix(fault, "environment %s", storage);
            return status;
        }
    }
    return OK;
}

/* The row of "--name", or of "--no-name" for a switch; the value of "--name=value" in *value (ptr
 * NULL: none). */
static const struct option *find_argument(struct option_table table, const char *argument,
                                          struct str *value, bool *is_negated)
{
    struct str name = str_of(argument + 2);
    size_t equals = str_find(name, '=');
    *value = (struct str){NULL, 0};
    if (equals < name.len) {
        *value = str_slice(name, equals + 1, name.len);
        name.len = equals;
    }
    *is_negated = false;
    const struct option *row = find(table, name);
    if (row == NULL && str_starts(name, STR("no-"))) {
        row = find(table, str_slice(name, 3, name.len));
        if (row != NULL && row->kind != OPTION_SWITCH)
            row = NULL;
        *is_negated = row != NULL;
    }
    return row;
}

static enum status read_argument(struct option_table table, void *values, int argc, char **argv,
                                 int *at, bool *seen, struct fault *fault)
{
    struct str value;
    bool is_negated;
    const char *argument = argv[*at];
    const struct option *row = find_argument(table, argument, &value, &is_negated);
    if (row == NULL)
        return fault_set(fault, ERR_INVALID, "%s: no such option", argument);
    if (row->kind == OPTION_SWITCH) {
        if (value.ptr != NULL)
            return fault_set(fault, ERR_INVALID, "--%s: takes no value", row->name);
        value = is_negated ? STR("no") : STR("yes");
    } else if (value.ptr == NULL) {
        if (*at + 1 >= argc)
            return fault_set(fault, ERR_INVALID, "--%s: needs a value", row->name);
        value = str_of(argv[++*at]);
    }
    enum status status = set_from_source(row, values, &seen[row - table.rows], value, fault);
    if (status != OK)
        fault_prefix(fault, "option");
    return status;
}

enum status options_read_arguments(struct option_table table, void *values, int argc, char **argv,
                                   struct option_operands *operands, struct fault *fault)
{
    bool *seen = mem_alloc(table.count * sizeof(*seen));
    enum status status = OK;
    bool is_past_options = false;
    for (int at = 0; at < argc && status == OK; at++) {
        if (!is_past_options && strcmp(argv[at], "--") == 0)
            is_past_options = true;
        else if (!is_past_options && strncmp(argv[at], "--", 2) == 0)
            status = read_argument(table, values, argc, argv, &at, seen, fault);
        else if (operands != NULL && operands->count < operands->max)
            operands->items[operands->count++] = argv[at];
        else
            status = fault_set(fault, ERR_INVALID, "%s: one argument too many", argv[at]);
    }
    mem_free(seen);
    return status;
}

static bool has_value(const struct option *row, const void *values)
{
    if (row->kind == OPTION_TEXT)
        return *(char *const *)field_const(row, values) != NULL &&
               **(char *const *)field_const(row, values) != '\0';
    if (row->kind == OPTION_LIST)
        return ((const struct option_list *)field_const(row, values))->count > 0;
    return true;
}

enum status options_check_required(struct option_table table, const void *values,
                                   struct fault *fault)
{
    for (size_t i = 0; i < table.count; i++)
        if (table.rows[i].is_required && !has_value(&table.rows[i], values))
            return fault_set(fault, ERR_INVALID, "%s: must be given", table.rows[i].name);
    return OK;
}

static const char *value_name(const struct option *row)
{
    static const char *const names[] = {
        [OPTION_TEXT] = "TEXT",     [OPTION_LIST] = "TEXT",    [OPTION_NUMBER] = "NUMBER",
        [OPTION_DURATION] = "TIME", [OPTION_CHOICE] = "VALUE", [OPTION_SWITCH] = "",
    };
    if (row->value_name != NULL)
        return row->value_name;
    return row->kind == OPTION_CHOICE ? row->choices : names[row->kind];
}

void options_append_help(struct option_table table, struct buf *out)
{
    enum { COLUMN = 34 }; /* where the sentences start */
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        size_t start = out->len;
        buf_format(out, "  --%s %s", row->name, value_name(row));
        if (out->len - start >= COLUMN) {
            buf_append_byte(out, '\n');
            start = out->len;
        }
        while (out->len - start < COLUMN)
            buf_append_byte(out, ' ');
        buf_append(out, str_of(row->help));
        if (row->is_required)
            buf_append(out, STR(" (must be given)"));
        else if (row->fallback != NULL && row->fallback[0] != '\0' && row->kind != OPTION_SWITCH)
            buf_format(out, " (default %s)", row->fallback);
        else if (row->kind == OPTION_SWITCH && row->fallback != NULL &&
                 strcmp(row->fallback, "yes") == 0)
            buf_format(out, " (default on; --no-%s turns it off)", row->name);
        buf_append_byte(out, '\n');
    }
}

void options_append_example(struct option_table table, struct buf *out)
{
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        buf_format(out, "# %s\n", row->help);
        if (row->kind == OPTION_CHOICE)
            buf_format(out, "# One of %s.\n", row->choices);
        if (row->kind == OPTION_LIST)
            buf_append(out, STR("# May stand several times.\n"));
        buf_format(out, "%s%s = %s\n\n", row->is_required ? "" : "#", row->name,
                   row->fallback != NULL        ? row->fallback
                   : row->kind == OPTION_SWITCH ? "no"
                                                : "");
    }
}

/* In mdoc(7) '\\' and a '.' or '\\'' at the start of a line have a meaning. */
static void append_roff(struct buf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        buf_append(out, STR("\\&"));
    for (; *text != '\0'; text++)
        buf_append(out, *text == '\\' ? STR("\\e") : str_from(text, 1));
}

void options_append_manual(struct option_table table, struct buf *out)
{
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        buf_format(out, ".It Ic %s No = Ar %s\n", row->name, value_name(row));
        append_roff(out, row->help);
        buf_append(out, STR(".\n"));
        if (row->is_required)
            buf_append(out, STR("It must be given.\n"));
        else if (row->fallback != NULL && row->fallback[0] != '\0')
            buf_format(out, "The default is\n.Ql %s .\n", row->fallback);
    }
}
