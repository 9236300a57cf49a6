#include "mock_ita/scenario/random.h"

/* The output function, a bijection in which every input bit moves about half of the output's. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t mock_random_next(struct mock_random *random)
{
    random->state += 0x9E3779B97F4A7C15u; /* 2^64 divided by the golden ratio, odd */
    return mix(random->state);
}

struct mock_random mock_random_of(uint64_t seed, struct str name, uint64_t nth)
{
    /* Each piece goes through the generator, so that neighbours among seeds, names and counts have
     * nothing in common. */
    struct mock_random random = {seed};
    for (size_t i = 0; i < name.len; i++)
        random.state = mock_random_next(&random) ^ (unsigned char)name.ptr[i];
    random.state = mock_random_next(&random) ^ nth;
    random.state = mock_random_next(&random);
    return random;
}

double mock_random_unit(struct mock_random *random)
{
    return (double)(mock_random_next(random) >> 11) * 0x1p-53;
}
