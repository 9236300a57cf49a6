#include "gateway/model/call_filter.h"

void call_filter_init(struct call_filter *filter)
{
    *filter = (struct call_filter){.state = -1, .outcome = -1, .cause = -1};
}

enum status call_filter_set_number(struct call_filter *filter, struct str text,
                                   struct str home_country, struct fault *fault)
{
    enum status status = number_parse(text, home_country, &filter->number, fault);
    if (status != OK)
        return status;
    filter->has_number = true;
    filter->home_country = home_country;
    return OK;
}

/* Most numbers are told apart by their last digits, which no way of writing them changes. */
static bool ends_alike(struct str text, const char *key)
{
    size_t len = strlen(key);
    return text.len >= NUMBER_DIGITS_MIN && len >= NUMBER_DIGITS_MIN &&
           memcmp(text.ptr + text.len - NUMBER_DIGITS_MIN, key + len - NUMBER_DIGITS_MIN,
                  NUMBER_DIGITS_MIN) == 0;
}

static bool is_it(const struct call_filter *filter, struct str text)
{
    struct number number;
    return ends_alike(text, filter->number.key) &&
           number_parse(text, filter->home_country, &number, NULL) == OK &&
           number_is_same(&number, &filter->number);
}

static bool has_number(const struct call_filter *filter, const struct call_record *call)
{
    return is_it(filter, call->caller) || is_it(filter, call->called) || is_it(filter, call->tel_x);
}

static bool has_id(const struct call_filter *filter, const struct call_record *call)
{
    struct trace_id_text trace = trace_id_text(&call->trace);
    return str_is(call->call_id, filter->id) || str_is(filter->id, str_of(trace.text));
}

bool call_filter_fits(const struct call_filter *filter, const struct call_record *call)
{
    if (filter->state >= 0 && (int)call->state != filter->state)
        return false;
    if (filter->outcome >= 0 && (int)call->outcome != filter->outcome)
        return false;
    if (filter->code.len > 0 && !str_is(call->code, filter->code))
        return false;
    if (filter->cause >= 0 && call->reason_code != filter->cause)
        return false;
    if (filter->id.len > 0 && !has_id(filter, call))
        return false;
    return !filter->has_number || has_number(filter, call);
}
