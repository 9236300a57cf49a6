#ifndef GATEWAY_CLI_DOCTOR_PRINT_H
#define GATEWAY_CLI_DOCTOR_PRINT_H

/* Diagnoses for people: one line a step, and below a bad one what it comes from and what to do. */

#include "base/json.h"

/* "en", or "zh" where the environment speaks Chinese. */
const char *doctor_language(void);
/* A diagnosis as gateway/diagnostics/diagnosis.h writes it. */
void doctor_print(const struct json *diagnosis, const char *language, struct buf *out);

#endif
