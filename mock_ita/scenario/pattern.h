#ifndef MOCK_ITA_SCENARIO_PATTERN_H
#define MOCK_ITA_SCENARIO_PATTERN_H

/* Phone numbers by pattern: '?' stands for one character, '*' for any, also none. Pure. */

#include "base/str.h"

/* In at most pattern.len * number.len steps. */
bool mock_pattern_fits(struct str pattern, struct str number);

#endif
