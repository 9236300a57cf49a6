#ifndef XNUMBER_NUMBER_SET_H
#define XNUMBER_NUMBER_SET_H

/* A set of phone numbers, found however they are written. */

#include "xnumber/number.h"

struct number_set;

struct number_set *number_set_create(void);
void number_set_destroy(struct number_set *set); /* takes NULL */
/* False when that subscriber is in it already. */
bool number_set_add(struct number_set *set, const struct number *number);
/* A number that was stored: one that no longer parses, after a change of the home country, equals
 * its own text only. */
void number_set_add_stored(struct number_set *set, struct str text, struct str home_country);
/* As it was added, or NULL. Borrowed from the set. */
const char *number_set_find(const struct number_set *set, const struct number *number);

#endif
