#include "xnumber/number.h"

#include "base/buf.h"
#include "base/mem.h"

/* How a country writes its own numbers. Needed because a wrong guess joins two subscribers: in
 * Italy, say, 0331... and 331... are different people. */
struct plan {
    struct str country;
    char trunk;          /* written before a full number inside the country, never from outside */
    size_t full_len_min; /* a number of fewer digits means something else in each area */
};

/* China: area code and subscriber make 10 or 11 digits, mobile 11, 400 and 800 services 10, data
 * cards 13, the 700 segment 15. Local numbers and short codes end at 8 digits. No full number
 * begins with 86, so that 86 and at least 10 digits is a country code without its '+'. */
static const struct plan plans[] = {{{"86", 2}, '0', 10}};

/* NULL: numbers without a country code can't be completed. */
static const struct plan *plan_of(struct str country)
{
    for (size_t i = 0; i < COUNT_OF(plans); i++)
        if (str_is(plans[i].country, country))
            return &plans[i];
    return NULL;
}

static struct str skip(struct str s, size_t len)
{
    return str_slice(s, len, s.len);
}

static void key_set(struct number *number, const char *prefix, struct str country, struct str rest)
{
    struct buf key;
    buf_init_fixed(&key, number->key, sizeof(number->key) - 1);
    buf_append(&key, str_of(prefix));
    buf_append(&key, country);
    buf_append(&key, rest);
}

/* Takes off the trunk prefix when a full number follows it, which never begins with one more. */
static struct str without_trunk(const struct plan *plan, struct str national)
{
    bool has_trunk = national.len > plan->full_len_min && national.ptr[0] == plan->trunk &&
                     national.ptr[1] != plan->trunk;
    return has_trunk ? skip(national, 1) : national;
}

static enum status check_length(struct str digits, size_t min, size_t max, struct fault *fault)
{
    if (digits.len < min || digits.len > max)
        return fault_set(fault, ERR_INVALID, "a number has 3 to 15 digits beside the country code");
    return OK;
}

/* digits begin with a country code. */
static enum status parse_international(struct str digits, struct str home, struct number *out,
                                       struct fault *fault)
{
    if (str_starts(digits, STR("0")))
        return fault_set(fault, ERR_INVALID, "a country code does not begin with 0");
    bool is_home = home.len > 0 && str_starts(digits, home);
    struct str national = is_home ? skip(digits, home.len) : digits;
    /* Where another country's code ends is not known: it has at least one digit. */
    size_t min = is_home ? NUMBER_DIGITS_MIN : NUMBER_DIGITS_MIN + 1;
    size_t max = is_home ? NUMBER_DIGITS_MAX : NUMBER_DIGITS_MAX + NUMBER_COUNTRY_MAX;
    enum status status = check_length(national, min, max, fault);
    if (status != OK)
        return status;
    const struct plan *plan = is_home ? plan_of(home) : NULL;
    if (plan != NULL)
        key_set(out, "+", home, without_trunk(plan, national));
    else
        key_set(out, "+", digits, STR(""));
    return OK;
}

static enum status parse_national(struct str digits, struct str home, struct number *out,
                                  struct fault *fault)
{
    enum status status = check_length(digits, NUMBER_DIGITS_MIN, NUMBER_DIGITS_MAX, fault);
    if (status != OK)
        return status;
    const struct plan *plan = plan_of(home);
    if (plan == NULL) {
        key_set(out, "", STR(""), digits);
        return OK;
    }
    struct str national = digits;
    if (str_starts(digits, home) && digits.len >= home.len + plan->full_len_min)
        national = skip(digits, home.len);
    national = without_trunk(plan, national);
    bool is_full = national.len >= plan->full_len_min && national.ptr[0] != plan->trunk;
    if (is_full)
        key_set(out, "+", home, national);
    else
        key_set(out, "", STR(""), digits);
    return OK;
}

enum status number_parse(struct str text, struct str home_country, struct number *out,
                         struct fault *fault)
{
    struct number number = {0};
    bool has_plus = str_starts(text, STR("+"));
    struct str digits = skip(text, has_plus ? 1 : 0);
    enum status status;
    if (!str_is_digits(digits))
        return fault_set(fault, ERR_INVALID,
                         "a number is digits with an optional '+' before them, nothing else");
    if (has_plus)
        status = parse_international(digits, home_country, &number, fault);
    else if (str_starts(digits, STR("00")))
        status = parse_international(skip(digits, 2), home_country, &number, fault);
    else
        status = parse_national(digits, home_country, &number, fault);
    if (status != OK)
        return status;
    memcpy(number.text, text.ptr, text.len);
    *out = number;
    return OK;
}

bool number_is_same(const struct number *a, const struct number *b)
{
    return strcmp(a->key, b->key) == 0;
}

struct number_masked number_mask(struct str text)
{
    enum { HEAD_MAX = 3, TAIL_MAX = 2, MASKED_WHOLE = 4 };
    struct number_masked masked = {0};
    size_t len = text.len < NUMBER_TEXT_MAX ? text.len : NUMBER_TEXT_MAX;
    size_t shown = len <= MASKED_WHOLE ? 0 : (len - 1) / 2;
    size_t tail = shown < TAIL_MAX ? shown : TAIL_MAX;
    size_t head = shown - tail < HEAD_MAX ? shown - tail : HEAD_MAX;
    for (size_t i = 0; i < len; i++) {
        char c = i < head ? text.ptr[i] : text.ptr[text.len - len + i];
        bool is_shown = i < head || i >= len - tail;
        /* What is neither digit nor '+' could break a log line or be a name. */
        bool is_plain = (c >= '0' && c <= '9') || c == '+';
        masked.text[i] = is_shown && is_plain ? c : '*';
    }
    return masked;
}

struct number_masked number_anonymise(struct str text)
{
    struct number_masked out = {""};
    size_t prefix = str_starts(text, STR("+")) ? 1 : str_starts(text, STR("00")) ? 2 : 0;
    size_t len = text.len < NUMBER_TEXT_MAX ? text.len : NUMBER_TEXT_MAX;
    size_t kept = prefix > 0 ? 4 : 3, third = (text.len - prefix) / 3;
    if (kept > third)
        kept = third;
    for (size_t i = 0; i < len; i++) {
        bool is_plain = (text.ptr[i] >= '0' && text.ptr[i] <= '9') || text.ptr[i] == '+';
        out.text[i] = (char)(is_plain && i < prefix + kept ? text.ptr[i] : '*');
    }
    return out;
}
