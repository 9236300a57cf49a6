#ifndef PROFILE_Q850_H
#define PROFILE_Q850_H

/* The Q.850 release causes with the vendor's texts (q850.md) and ours in Chinese. */

#include <stdint.h>

/* "user busy" of 17; NULL for a cause that the vendor does not list. */
const char *q850_text(int64_t cause);
/* "用户忙", likewise. */
const char *q850_text_zh(int64_t cause);

#endif
