#include "gateway/store/store_number.h"

#include <sqlite3.h>

#include "xnumber/number.h"

enum {
    /* Country code, trunk zero and area code change on the way through carriers; the last digits
     * are the subscriber's own. */
    SUBSCRIBER_DIGITS = 7
};

static bool parse(struct str text, struct str home_country, struct number *out)
{
    return number_parse(text, home_country.len > 0 ? home_country : STR("86"), out, NULL) == OK;
}

/* Whatever stands before a number, its key ends with its last digits: spares nearly all calls of a
 * count the reading of two numbers. */
static bool ends_alike(struct str a, struct str b)
{
    return a.len >= NUMBER_DIGITS_MIN && b.len >= NUMBER_DIGITS_MIN &&
           memcmp(a.ptr + a.len - NUMBER_DIGITS_MIN, b.ptr + b.len - NUMBER_DIGITS_MIN,
                  NUMBER_DIGITS_MIN) == 0;
}

bool store_number_is_same(struct str a, struct str b, struct str home_country)
{
    struct number number_a, number_b;
    if (str_is(a, b))
        return true;
    if (!ends_alike(a, b))
        return false;
    return parse(a, home_country, &number_a) && parse(b, home_country, &number_b) &&
           number_is_same(&number_a, &number_b);
}

static struct str digits_of(struct str text)
{
    return str_starts(text, STR("+")) ? str_slice(text, 1, text.len) : text;
}

bool store_number_contradicts(struct str a, struct str b)
{
    a = digits_of(a);
    b = digits_of(b);
    if (!str_is_digits(a) || !str_is_digits(b))
        return false;
    size_t compared = a.len < b.len ? a.len : b.len;
    if (compared > SUBSCRIBER_DIGITS)
        compared = SUBSCRIBER_DIGITS;
    return !str_is(str_slice(a, a.len - compared, compared),
                   str_slice(b, b.len - compared, compared));
}

static struct str argument(sqlite3_value *value)
{
    const unsigned char *text = sqlite3_value_text(value);
    return str_from(text, text == NULL ? 0 : (size_t)sqlite3_value_bytes(value));
}

static void is_same_number(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_int(context, store_number_is_same(argument(values[0]), argument(values[1]),
                                                     argument(values[2])));
}

static void number_key(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct str text = argument(values[0]);
    struct number number;
    (void)count;
    if (parse(text, argument(values[1]), &number))
        text = str_of(number.key);
    sqlite3_result_text64(context, text.ptr, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* NULL stays NULL. */
static void anonymous_number(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    struct number_masked masked = number_anonymise(argument(values[0]));
    sqlite3_result_text(context, masked.text, -1, SQLITE_TRANSIENT);
}

int store_number_register(sqlite3 *db)
{
    int rc =
        sqlite3_create_function_v2(db, "anonymous_number", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                   NULL, anonymous_number, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(db, "number_key", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                        NULL, number_key, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    return sqlite3_create_function_v2(db, "is_same_number", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                      NULL, is_same_number, NULL, NULL, NULL);
}
