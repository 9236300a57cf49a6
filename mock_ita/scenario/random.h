#ifndef MOCK_ITA_SCENARIO_RANDOM_H
#define MOCK_ITA_SCENARIO_RANDOM_H

/* Numbers that look random and are the same at every run: SplitMix64 (Steele, Lea, Flood, "Fast
 * Splittable Pseudorandom Number Generators", OOPSLA 2014), whose every 64-bit state is a good
 * start. That is what is needed here: a short sequence for each of many keys. */

#include "base/str.h"

struct mock_random {
    uint64_t state;
};

/* The sequence of the nth event of what has this name. */
struct mock_random mock_random_of(uint64_t seed, struct str name, uint64_t nth);
uint64_t mock_random_next(struct mock_random *random);
/* From 0 to just below 1, by 53 bits. */
double mock_random_unit(struct mock_random *random);

#endif
