#ifndef GATEWAY_STORE_STORE_NUMBER_H
#define GATEWAY_STORE_STORE_NUMBER_H

/* Comparing stored phone numbers, in C and as the SQL functions is_same_number(a, b, home_country)
 * and number_key(number, home_country): of two numbers the keys are equal when they are the same.
 */

#include <stdbool.h>

#include "base/str.h"

struct sqlite3;

/* Text that is no phone number equals itself only. An empty home country is 86. */
bool store_number_is_same(struct str a, struct str b, struct str home_country);
/* Whether the two cannot be one subscriber, whatever prefixes a carrier puts before a number or
 * takes away. An absent or masked number contradicts nothing. */
bool store_number_contradicts(struct str a, struct str b);
/* SQLite's result code. */
int store_number_register(struct sqlite3 *db);

#endif
