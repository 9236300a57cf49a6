#ifndef MOCK_ITA_TELEPHONY_ORDER_H
#define MOCK_ITA_TELEPHONY_ORDER_H

/* What an order to place a call says, once it has been decoded. */

#include "base/json.h"

struct mock_order {
    struct json *json; /* owns the text below */
    struct str app_key, request_id;
    struct str tel_a, tel_b;
    struct str tel_x;  /* empty: Automatic */
    struct str remark; /* may be empty */
    bool is_recorded;
};

#endif
