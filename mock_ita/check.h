#ifndef MOCK_ITA_CHECK_H
#define MOCK_ITA_CHECK_H

/* `mock-ita check FILE...`: whether scenarios are good, without serving. Blocking. */

#include <stdio.h>

/* A line for each file: "FILE: ok" to out, else the file, the JSON path and the rule to errors.
 * Returns the exit code: 0 when all are good, 1 when one is not, 2 when there is none. */
int mock_check_scenarios(int count, char *const *paths, FILE *out, FILE *errors);

#endif
