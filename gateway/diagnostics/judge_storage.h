#ifndef GATEWAY_DIAGNOSTICS_JUDGE_STORAGE_H
#define GATEWAY_DIAGNOSTICS_JUDGE_STORAGE_H

/* The steps of the gateway that are about its files and its database. Pure, as those of judge.h. */

#include "gateway/diagnostics/gateway_diagnosis.h"

void judge_files(const struct gateway_facts *facts, struct diagnosis_step *step);
void judge_database(const struct gateway_facts *facts, struct diagnosis_step *step);

#endif
