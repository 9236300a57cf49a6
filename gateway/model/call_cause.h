#ifndef GATEWAY_MODEL_CALL_CAUSE_H
#define GATEWAY_MODEL_CALL_CAUSE_H

/* Why a call ended, in words: the two types number it each in its own way (agent-api.md, section
 * 7). Pure. */

#include "gateway/model/call.h"

struct call_cause_text {
    const char *en, *zh; /* NULL: no words are known */
};
struct call_cause_text call_cause_text(const struct call_record *call);

#endif
