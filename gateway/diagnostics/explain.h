#ifndef GATEWAY_DIAGNOSTICS_EXPLAIN_H
#define GATEWAY_DIAGNOSTICS_EXPLAIN_H

/* What the codes mean that an operator meets, what they mostly come from, and what to do: retCodes
 * (agent-api.md), the ITA's codes, release causes, and errors of the API gateway before the ITA
 * (signing.md, section 8). Tables; pure. */

#include "base/str.h"

struct explanation {
    const char *kind_en, *kind_zh;       /* "ITA code" */
    const char *meaning_en, *meaning_zh; /* the vendor's text, and ours in Chinese */
    const char *cause_en, *cause_zh;
    const char *remedy_en, *remedy_zh;
};

enum { EXPLANATIONS_MAX = 4 }; /* a number may be several codes */

/* Each meaning of the code: "90106003", "16", "APIGW.0301" or "0301". Returns their number, 0 for
 * one that nobody knows. */
size_t explain(struct str code, struct explanation out[static EXPLANATIONS_MAX]);

/* Tells every code there is, kind by kind. Code and explanation are good for the call. */
void explain_all(void (*tell)(void *data, const char *code, const struct explanation *found),
                 void *data);

#endif
