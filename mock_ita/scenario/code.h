#ifndef MOCK_ITA_SCENARIO_CODE_H
#define MOCK_ITA_SCENARIO_CODE_H

/* What the mock makes of a request: one of the ITA's refusal codes, or none. */

#include "base/str.h"
#include "profile/code.h"

/* MOCK_OK comes first, so that "refused" reads as a truth value nowhere: compare with MOCK_OK. */
enum mock_code {
    MOCK_OK,
#define X(name, digits, text, zh) MOCK_##name,
    ITA_CODE_MAP(X)
#undef X
};

/* "0" and "Success" for MOCK_OK. */
const char *mock_code_digits(enum mock_code code);
const char *mock_code_text(enum mock_code code);
/* The code that ends in these four digits, or MOCK_OK when there is none: they are unique. */
enum mock_code mock_code_of_last_four(struct str digits);

#endif
