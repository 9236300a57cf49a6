#ifndef GATEWAY_MODEL_CALL_FILTER_H
#define GATEWAY_MODEL_CALL_FILTER_H

/* Which calls somebody looks for. Pure. */

#include "gateway/model/call.h"
#include "xnumber/number.h"

struct call_filter {
    bool has_number;
    struct number number;    /* of either leg, or X */
    struct str home_country; /* in which calls' numbers are read; with has_number */
    int state, outcome;      /* enum call_state, enum call_outcome; -1: any */
    struct str code;         /* that createCall answered; empty: any */
    int64_t cause;           /* -1: any */
    struct str id;           /* callID of the ITA or AICC, or trace; empty: any */
};

/* Any call. */
void call_filter_init(struct call_filter *filter);
/* Keeps home_country. The fault names the rule. */
MUST_CHECK enum status call_filter_set_number(struct call_filter *filter, struct str text,
                                              struct str home_country, struct fault *fault);
bool call_filter_fits(const struct call_filter *filter, const struct call_record *call);

#endif
