#ifndef GATEWAY_CLI_DOCTOR_WALK_H
#define GATEWAY_CLI_DOCTOR_WALK_H

/* The diagnoses of the gateway and its tenants: asked of the daemon if it runs and answers, since
 * it knows more; else made in this process from the same files, which it only reads. */

#include "base/json.h"
#include "gateway/config.h"

struct doctor_walk;

/* Of the gateway (tenant NULL) or a tenant; borrowed for the call. */
typedef void doctor_on_report(void *data, const char *tenant, const struct json *diagnosis);

struct doctor_walk_options {
    const struct config *config;
    const char *tenant; /* only this one, without the gateway; NULL: the gateway and all */
    doctor_on_report *on_report;
    void *data;
};
/* ERR_NOT_FOUND: there is no such tenant. *left_out: tenants that were too many. */
MUST_CHECK enum status doctor_walk(const struct doctor_walk_options *options, size_t *left_out,
                                   struct fault *fault);

/* The one step of a configuration that can't be read. */
void doctor_report_config(const struct fault *why, doctor_on_report *on_report, void *data);

#endif
