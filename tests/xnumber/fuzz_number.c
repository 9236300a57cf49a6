/* Bytes to the first line feed: the home country; the rest: a number. What is taken must keep its
 * text and be the same when its key is read again; what is shown of any text must be little. */

#include <stdlib.h>

#include "xnumber/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_parse(struct str text, struct str home)
{
    struct number number, again;
    struct fault fault = {{0}};
    if (number_parse(text, home, &number, &fault) != OK) {
        expect(fault.text[0] != '\0');
        return;
    }
    expect(str_is(str_of(number.text), text));
    expect(strlen(number.key) >= NUMBER_DIGITS_MIN && strlen(number.key) <= NUMBER_TEXT_MAX);
    expect(number_parse(str_of(number.key), home, &again, NULL) == OK);
    expect(number_is_same(&number, &again));
}

static void check_mask(struct str text)
{
    struct number_masked masked = number_mask(text);
    size_t len = strlen(masked.text), shown = 0;
    expect(len == (text.len < NUMBER_TEXT_MAX ? text.len : NUMBER_TEXT_MAX));
    for (size_t i = 0; i < len; i++) {
        char c = masked.text[i];
        bool is_end = i < 3 || i >= len - 2;
        expect(c == '*' || (is_end && ((c >= '0' && c <= '9') || c == '+')));
        shown += c != '*';
    }
    expect(shown * 2 < len || shown == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = str_from(data, size);
    size_t end = str_find(input, '\n');
    struct str home = str_slice(input, 0, end), text = str_slice(input, end + 1, size);
    if (home.len == 0 || (home.len <= NUMBER_COUNTRY_MAX && str_is_digits(home)))
        check_parse(text, home);
    check_mask(text);
    return 0;
}
