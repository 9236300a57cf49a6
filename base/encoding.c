#include "base/encoding.h"

#include <assert.h>

static const char HEX_LOWER[] = "0123456789abcdef";
static const char HEX_UPPER[] = "0123456789ABCDEF";
static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void hex_append(struct buf *out, struct str bytes)
{
    char *room = buf_reserve(out, bytes.len * 2);
    if (room == NULL)
        return;
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        room[2 * i] = HEX_LOWER[byte >> 4];
        room[2 * i + 1] = HEX_LOWER[byte & 15];
    }
    buf_extend(out, bytes.len * 2);
}

enum status hex_decode(struct str text, void *bytes, size_t size)
{
    unsigned char *out = bytes;
    if (text.len != size * 2)
        return ERR_SYNTAX;
    for (size_t i = 0; i < size; i++) {
        int high = hex_value(text.ptr[2 * i]);
        int low = hex_value(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return ERR_SYNTAX;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return OK;
}

static void base64_append_with(struct buf *out, struct str bytes, const char *alphabet, bool pad)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = (uint32_t)(unsigned char)bytes.ptr[i] << 16;
        if (left > 1)
            group |= (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8;
        if (left > 2)
            group |= (uint32_t)(unsigned char)bytes.ptr[i + 2];
        char digits[4] = {alphabet[group >> 18], alphabet[group >> 12 & 63],
                          left > 1 ? alphabet[group >> 6 & 63] : '=',
                          left > 2 ? alphabet[group & 63] : '='};
        buf_append(out, str_from(digits, pad ? 4 : left + 1));
    }
}

void base64_append(struct buf *out, struct str bytes)
{
    base64_append_with(out, bytes, BASE64, true);
}

void base64url_append(struct buf *out, struct str bytes)
{
    base64_append_with(out, bytes, BASE64URL, false);
}

/* The value of a digit, or -1; the last two digits of the alphabet are the ones that differ. */
static int base64_value(char c, const char *alphabet)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == alphabet[62] ? 62 : c == alphabet[63] ? 63 : -1;
}

/* Unpadded digits; the bits that the last digit holds beyond whole bytes must be zero. */
static enum status base64_decode_with(struct str text, struct buf *out, const char *alphabet)
{
    uint32_t bits = 0;
    unsigned count = 0;
    if (text.len % 4 == 1)
        return ERR_SYNTAX;
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_value(text.ptr[i], alphabet);
        if (digit < 0)
            return ERR_SYNTAX;
        bits = bits << 6 | (uint32_t)digit;
        count += 6;
        if (count >= 8) {
            count -= 8;
            buf_append_byte(out, (char)(bits >> count & 0xFF));
            bits &= (1U << count) - 1;
        }
    }
    if (bits != 0)
        return ERR_SYNTAX;
    return buf_is_over(out) ? ERR_TOO_BIG : OK;
}

enum status base64_decode(struct str text, struct buf *out)
{
    if (text.len % 4 != 0)
        return ERR_SYNTAX;
    for (int pads = 0; pads < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; pads++)
        text.len--;
    return base64_decode_with(text, out, BASE64);
}

enum status base64url_decode(struct str text, struct buf *out)
{
    return base64_decode_with(text, out, BASE64URL);
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

/* How many bytes at its start stay as they are: nearly always all. */
static size_t unreserved_run(struct str s)
{
    size_t run = 0;
    while (run < s.len && is_unreserved(s.ptr[run]))
        run++;
    return run;
}

void percent_append(struct buf *out, struct str bytes)
{
    while (bytes.len > 0) {
        size_t run = unreserved_run(bytes);
        buf_append(out, str_slice(bytes, 0, run));
        if (run == bytes.len)
            break;
        unsigned char byte = (unsigned char)bytes.ptr[run];
        char escape[3] = {'%', HEX_UPPER[byte >> 4], HEX_UPPER[byte & 15]};
        buf_append(out, str_from(escape, sizeof(escape)));
        bytes = str_slice(bytes, run + 1, bytes.len);
    }
}

enum status percent_decode(struct str text, struct buf *out)
{
    while (text.len > 0) {
        size_t mark = str_find(text, '%');
        buf_append(out, str_slice(text, 0, mark));
        if (mark == text.len)
            break;
        unsigned char byte;
        if (hex_decode(str_slice(text, mark + 1, 2), &byte, 1) != OK)
            return ERR_SYNTAX;
        buf_append_byte(out, (char)byte);
        text = str_slice(text, mark + 3, text.len);
    }
    return buf_is_over(out) ? ERR_TOO_BIG : OK;
}
