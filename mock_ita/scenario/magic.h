#ifndef MOCK_ITA_SCENARIO_MAGIC_H
#define MOCK_ITA_SCENARIO_MAGIC_H

/* Which story a call plays: chosen by the last digits of telB, the customer. The table for people
 * is in mock_ita/README.md. */

#include "mock_ita/scenario/script.h"

/* False: the number has no meaning, *out is the ordinary course. */
bool mock_magic_find(struct str tel_b, struct mock_script *out);
/* As above, for those who need not know. */
struct mock_script mock_magic_script(struct str tel_b);

#endif
