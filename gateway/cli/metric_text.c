#include "gateway/cli/metric_text.h"

#include <math.h>
#include <stdlib.h>

enum { NUMBER_MAX = 64 };

static bool read_number(struct str text, double *value)
{
    char copy[NUMBER_MAX], *end;
    if (text.len == 0 || text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *value = strtod(copy, &end);
    return *end == '\0';
}

bool metric_text_find(struct str page, const char *series, double *value)
{
    struct str line, name = str_of(series);
    while (str_next(&page, '\n', &line))
        if (str_starts(line, name) && line.len > name.len && line.ptr[name.len] == ' ')
            return read_number(str_slice(line, name.len + 1, line.len), value);
    return false;
}

void metric_text_buckets(struct str page, const char *name, struct metric_buckets *out)
{
    struct str line, bucket = STR("_bucket{le=\"");
    out->count = 0;
    while (str_next(&page, '\n', &line)) {
        struct str rest = str_slice(line, strlen(name), line.len);
        if (!str_starts(line, str_of(name)) || !str_starts(rest, bucket))
            continue;
        rest = str_slice(rest, bucket.len, rest.len);
        size_t quote = str_find(rest, '"'), space = str_find(rest, ' ');
        if (out->count == METRIC_BUCKETS_MAX || space == rest.len ||
            !read_number(str_slice(rest, 0, quote), &out->bounds[out->count]) ||
            !read_number(str_slice(rest, space + 1, rest.len), &out->counts[out->count]))
            return;
        out->count++;
    }
}

double metric_buckets_quantile(const struct metric_buckets *before,
                               const struct metric_buckets *after, double part)
{
    bool has_before = before != NULL && before->count == after->count && after->count > 0 &&
                      before->counts[before->count - 1] <= after->counts[after->count - 1];
    double total = after->count == 0 ? 0 : after->counts[after->count - 1];
    total -= has_before ? before->counts[before->count - 1] : 0;
    for (size_t i = 0; i < after->count && total > 0; i++) {
        double below = after->counts[i] - (has_before ? before->counts[i] : 0);
        if (below >= part * total)
            return isinf(after->bounds[i]) ? -1 : after->bounds[i];
    }
    return -1;
}
