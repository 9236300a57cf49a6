#ifndef MOCK_ITA_SCENARIO_MAGIC_H
#define MOCK_ITA_SCENARIO_MAGIC_H

/* Which story a call plays: chosen by the last digits of telB, the customer. The table for people
 * is in mock_ita/README.md. */

#include "mock_ita/scenario/script.h"

struct mock_script mock_magic_script(struct str tel_b);

#endif
