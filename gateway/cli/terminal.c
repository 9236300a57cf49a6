#include "gateway/cli/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"

enum { WIDTH_USUAL = 80, HEIGHT_USUAL = 24 }; /* of a terminal that does not say */

struct terminal terminal_look(void)
{
    struct winsize size = {0};
    const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM");
    struct terminal terminal = {
        .is_terminal = isatty(STDOUT_FILENO) == 1, .width = WIDTH_USUAL, .height = HEIGHT_USUAL};
    if (!terminal.is_terminal)
        return terminal;
    terminal.has_colour =
        (no_colour == NULL || no_colour[0] == '\0') && (kind == NULL || strcmp(kind, "dumb") != 0);
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        terminal.width = size.ws_col;
        terminal.height = size.ws_row;
    }
    return terminal;
}

/* The code point at the start of text, and its bytes; of what is no UTF-8 a single byte. */
static uint32_t first_character(struct str text, size_t *len)
{
    const unsigned char *byte = (const unsigned char *)text.ptr;
    size_t count = byte[0] < 0xC0 ? 1 : byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
    uint32_t point = count == 1 ? byte[0] : byte[0] & (0xFFU >> (count + 1));
    *len = 1;
    if (count > text.len)
        return byte[0];
    for (size_t i = 1; i < count; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return byte[0];
        point = point << 6 | (byte[i] & 0x3FU);
    }
    *len = count;
    return point;
}

/* Control characters of ASCII and of ISO 6429 (C1), which some terminals obey in UTF-8 as well, and
 * those that turn the direction of writing. */
static bool is_control(uint32_t point)
{
    return point < ' ' || (point >= 0x7F && point < 0xA0) || (point >= 0x200E && point <= 0x200F) ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

void terminal_append_plain(struct buf *out, struct str text)
{
    size_t len;
    for (; text.len > 0; text = str_slice(text, len, text.len)) {
        if (is_control(first_character(text, &len)))
            buf_append_byte(out, '?');
        else
            buf_append(out, str_slice(text, 0, len));
    }
}

static size_t columns_of(uint32_t point)
{
    static const struct {
        uint32_t first, last;
        size_t columns;
    } ranges[] = {
        {0x0300, 0x036F, 0}, {0x200B, 0x200D, 0},   {0x20D0, 0x20FF, 0},   {0xFE00, 0xFE0F, 0},
        {0x1100, 0x115F, 2}, {0x2E80, 0x303E, 2},   {0x3041, 0x4DBF, 2},   {0x4E00, 0xA4CF, 2},
        {0xAC00, 0xD7A3, 2}, {0xF900, 0xFAFF, 2},   {0xFE30, 0xFE6F, 2},   {0xFF00, 0xFF60, 2},
        {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1F64F, 2}, {0x1F900, 0x1F9FF, 2}, {0x20000, 0x3FFFD, 2},
    };
    for (size_t i = 0; i < COUNT_OF(ranges); i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return ranges[i].columns;
    return 1;
}

size_t terminal_width_of(struct str text)
{
    size_t width = 0, len;
    for (; text.len > 0; text = str_slice(text, len, text.len))
        width += columns_of(first_character(text, &len));
    return width;
}

struct str terminal_fit(struct str text, size_t columns)
{
    size_t end = 0, len;
    while (end < text.len) {
        size_t needed = columns_of(first_character(str_slice(text, end, text.len), &len));
        if (needed > columns)
            break;
        columns -= needed;
        end += len;
    }
    return str_slice(text, 0, end);
}
