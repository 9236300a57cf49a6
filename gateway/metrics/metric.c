#include "gateway/metrics/metric.h"

const struct metric_row *metric_row(enum metric metric)
{
    static const struct metric_row rows[METRIC_COUNT] = {
#define X(id, name, type, labels, help) [METRIC_##id] = {name, METRIC_##type, labels, help},
        METRIC_MAP(X)
#undef X
    };
    return &rows[metric];
}

static const char HEAD[] =
    "# Metrics\n"
    "\n"
    "What `/metrics` on `admin-listen` tells, in Prometheus' text format 0.0.4. This file is "
    "printed "
    "by\n"
    "`ita-gateway serve --print-metrics`.\n"
    "\n"
    "**Who may read it** says the option `metrics-access`: with `local`, as it is unless set, "
    "programs "
    "on this\n"
    "machine, as with other exporters, and from elsewhere whoever sends a system administrator's "
    "API "
    "key as\n"
    "`Authorization: Bearer KEY` (Prometheus: `authorization: {credentials_file: ...}`); with "
    "`api-key`, only with such a key;\n"
    "with `anyone`, anyone. A reverse proxy on this machine makes everybody local: keep `/metrics` "
    "out "
    "of it, or say `api-key`.\n"
    "\n"
    "**What it does not tell**: tenants, domains, numbers, calls, users. Every label has a fixed "
    "set "
    "of values.\n"
    "\n"
    "**What it costs**: the page is made at most once a second, whoever asks. Counters begin at 0 "
    "when "
    "the daemon starts.\n"
    "\n"
    "[Grafana dashboard](grafana-dashboard.json) · [alert rules](alerts.yml) · "
    "[runbook](runbook.md)\n"
    "\n"
    "| metric | type | labels | meaning |\n"
    "|---|---|---|---|\n";

void metric_append_manual(struct buf *out)
{
    buf_append(out, str_of(HEAD));
    for (enum metric i = 0; i < METRIC_COUNT; i++) {
        const struct metric_row *row = metric_row(i);
        buf_format(out, "| `%s` | %s | %s | %s |\n", row->name, metric_type_text(row->type),
                   row->labels, row->help);
    }
}
