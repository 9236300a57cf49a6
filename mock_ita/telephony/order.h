#ifndef MOCK_ITA_TELEPHONY_ORDER_H
#define MOCK_ITA_TELEPHONY_ORDER_H

/* What an order says, once it has been decoded. All text is borrowed from the request. User numbers
 * and X numbers have at most MOCK_NUMBER_MAX bytes and at least one. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { MOCK_NUMBER_MAX = 24 }; /* '+', country code, 15 digits (ita-api.md), and some room */

/* What a CEC call has that an ITA's has not: createCall of an AICC (agent-api.md, sections 3 and
 * 4). Each may be empty. */
struct mock_cec {
    struct str call_data, caller_present, agent_present;
    struct str work_no;      /* agentWorkNo, decimal */
    struct str callback_url; /* decoded */
};

/* To place a call. */
struct mock_order {
    struct str access_key; /* that signed it; its CDR is signed with it */
    struct str request_id; /* the same again is the same order; empty: each is a new one */
    struct str tel_a, tel_b;
    struct str tel_x;  /* empty: Automatic */
    struct str remark; /* may be empty */
    bool is_recorded;
    const struct mock_cec *cec; /* NULL: of the ITA, with an X number */
};

/* To bind A and B to an X number, so that each reaches the other by dialling it. */
struct mock_binding_order {
    struct str access_key;
    struct str request_id;
    struct str tel_a, tel_b;
    struct str tel_x; /* empty: Automatic */
    struct str remark;
    int64_t expiration_s; /* from now on; 0: it does not expire */
    bool is_recorded;     /* the calls through it */
};

#endif
