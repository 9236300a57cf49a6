#ifndef ITA_CODE_H
#define ITA_CODE_H

/* The codes of the ITA (agent-api.md, section 5) and the Q.850 release causes (q850.md), with the
 * vendor's texts. */

#include "base/str.h"

#define ITA_CODE_SUCCESS "0"
#define ITA_CODE_AUTH_FAILED "90100200"
#define ITA_CODE_BAD_REQUEST "90100300"
#define ITA_CODE_NOT_FOUND "90100400"
#define ITA_CODE_NO_PERMISSION "90104001"
#define ITA_CODE_UNAVAILABLE "90104004"
#define ITA_CODE_PROCESS_FAILURE "90104008"
#define ITA_CODE_NUMBER_NOT_FOUND "90106004"
#define ITA_CODE_TOO_MANY_REQUESTS "90104029"
#define ITA_CODE_NO_BINDING "90106002"
#define ITA_CODE_NUMBERS_EXHAUSTED "90106003"
#define ITA_CODE_OTHER_ERROR "90106006"

/* "Insufficient Number resources" of "90106003"; NULL for a code that is not one of the 21. */
const char *ita_code_text(struct str code);
/* NULL for a cause that q850.md does not list. */
const char *ita_q850_text(int64_t cause);

#endif
