#include "mock_ita/scenario/pattern.h"

/* Goes on in step; after a mismatch the last '*' takes one character more. Earlier ones need not be
 * tried again: what stands behind them fits already. */
bool mock_pattern_fits(struct str pattern, struct str number)
{
    size_t at = 0, star = pattern.len, star_took = 0, i = 0;
    while (i < number.len) {
        char wanted = at < pattern.len ? pattern.ptr[at] : '\0';
        if (wanted == '*') {
            star = at++;
            star_took = i;
        } else if (at < pattern.len && (wanted == '?' || wanted == number.ptr[i])) {
            at++;
            i++;
        } else if (star < pattern.len) {
            at = star + 1;
            i = ++star_took;
        } else {
            return false;
        }
    }
    while (at < pattern.len && pattern.ptr[at] == '*')
        at++;
    return at == pattern.len;
}
