#include "gateway/metrics/exposition.h"

#include <assert.h>

enum { MICRO_DIGITS = 6 };

const char *metric_type_text(enum metric_type type)
{
    static const char *const texts[] = {
        [METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
    return texts[type];
}

void exposition_init(struct exposition *exposition, struct buf *out)
{
    *exposition = (struct exposition){.out = out};
}

static void append_text(struct exposition *exposition, const char *text)
{
    buf_append(exposition->out, str_of(text));
}

/* In values of labels a quote is escaped as well, in help it is not. */
static void append_escaped(struct exposition *exposition, struct str text, bool is_quoted)
{
    struct buf *out = exposition->out;
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (byte == '\\' || (byte == '"' && is_quoted))
            buf_append_byte(out, '\\');
        if (byte == '\n')
            buf_append(out, STR("\\n"));
        else
            buf_append_byte(out, byte);
    }
}

void exposition_family(struct exposition *exposition, const char *name, enum metric_type type,
                       const char *help)
{
    exposition->name = name;
    append_text(exposition, "# HELP ");
    append_text(exposition, name);
    append_text(exposition, " ");
    append_escaped(exposition, str_of(help), false);
    append_text(exposition, "\n# TYPE ");
    append_text(exposition, name);
    append_text(exposition, " ");
    append_text(exposition, metric_type_text(type));
    append_text(exposition, "\n");
}

/* The number that follows ends the line. */
static void append_series(struct exposition *exposition, const char *suffix,
                          const struct metric_label *labels, size_t count)
{
    append_text(exposition, exposition->name);
    append_text(exposition, suffix);
    for (size_t i = 0; i < count; i++) {
        append_text(exposition, i == 0 ? "{" : ",");
        append_text(exposition, labels[i].name);
        append_text(exposition, "=\"");
        append_escaped(exposition, labels[i].value, true);
        append_text(exposition, "\"");
    }
    append_text(exposition, count == 0 ? " " : "} ");
}

static void append_u64(struct exposition *exposition, uint64_t value)
{
    buf_append_u64(exposition->out, value);
    append_text(exposition, "\n");
}

/* Whole units, and what is left as a fraction without zeros at its end. */
static void append_parts(struct buf *out, uint64_t value, uint64_t parts, int digits)
{
    uint64_t rest = value % parts;
    buf_append_u64(out, value / parts);
    if (rest == 0)
        return;
    while (rest % 10 == 0) {
        rest /= 10;
        digits--;
    }
    buf_format(out, ".%0*llu", digits, (unsigned long long)rest);
}

static void append_signed(struct exposition *exposition, int64_t value, uint64_t parts, int digits)
{
    if (value < 0)
        buf_append_byte(exposition->out, '-');
    append_parts(exposition->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, parts, digits);
    append_text(exposition, "\n");
}

void exposition_u64(struct exposition *exposition, const struct metric_label *labels, size_t count,
                    uint64_t value)
{
    append_series(exposition, "", labels, count);
    append_u64(exposition, value);
}

void exposition_milli(struct exposition *exposition, const struct metric_label *labels,
                      size_t count, int64_t value)
{
    append_series(exposition, "", labels, count);
    append_signed(exposition, value, 1000, 3);
}

void exposition_micro(struct exposition *exposition, const struct metric_label *labels,
                      size_t count, int64_t value)
{
    append_series(exposition, "", labels, count);
    append_signed(exposition, value, 1000000, MICRO_DIGITS);
}

void exposition_histogram(struct exposition *exposition, const struct metric_label *labels,
                          size_t count, const struct exposition_histogram *histogram)
{
    struct metric_label with_bound[METRIC_LABELS_MAX + 1];
    char storage[32];
    struct buf bound;
    uint64_t total = 0;
    assert(count <= METRIC_LABELS_MAX);
    if (count > 0)
        memcpy(with_bound, labels, count * sizeof(*labels));
    for (size_t i = 0; i <= histogram->bound_count; i++) {
        buf_init_fixed(&bound, storage, sizeof(storage));
        if (i < histogram->bound_count)
            append_parts(&bound, (uint64_t)histogram->bounds[i], 1000000, MICRO_DIGITS);
        else
            buf_append(&bound, STR("+Inf"));
        with_bound[count] = (struct metric_label){"le", buf_str(&bound)};
        total += histogram->counts[i];
        append_series(exposition, "_bucket", with_bound, count + 1);
        append_u64(exposition, total);
    }
    append_series(exposition, "_sum", labels, count);
    append_parts(exposition->out, histogram->sum, 1000000, MICRO_DIGITS);
    append_text(exposition, "\n");
    append_series(exposition, "_count", labels, count);
    append_u64(exposition, total);
}

void exposition_latency(struct exposition *exposition, const struct metric_label *labels,
                        size_t count, const struct latency *latency)
{
    int64_t bounds_us[LATENCY_BUCKETS - 1];
    for (size_t i = 0; i < LATENCY_BUCKETS - 1; i++)
        bounds_us[i] = latency_bound_us(i);
    exposition_histogram(exposition, labels, count,
                         &(struct exposition_histogram){.counts = latency->counts,
                                                        .bounds = bounds_us,
                                                        .bound_count = LATENCY_BUCKETS - 1,
                                                        .sum = latency->sum_us});
}
