#include "ita/difference.h"

#include "base/encoding.h"
#include "base/mem.h"

/* --- Where --- */

/* False when nothing differs. */
static bool find_line(struct str ours, struct str theirs, struct ita_difference *out)
{
    size_t column = 0;
    bool has_ours, has_theirs;
    *out = (struct ita_difference){.line = 0};
    do {
        has_ours = str_next(&ours, '\n', &out->ours);
        has_theirs = str_next(&theirs, '\n', &out->theirs);
        out->line++;
    } while (has_ours && has_theirs && str_is(out->ours, out->theirs));
    out->is_same = !has_ours && !has_theirs;
    if (!has_ours)
        out->ours = (struct str){NULL, 0};
    if (!has_theirs)
        out->theirs = (struct str){NULL, 0};
    while (column < out->ours.len && column < out->theirs.len &&
           out->ours.ptr[column] == out->theirs.ptr[column])
        column++;
    out->column = column + 1;
    return !out->is_same;
}

static size_t count_lines(struct str text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    return lines;
}

/* --- Why --- */

static size_t count_of(struct str list, char separator, struct str wanted)
{
    struct str piece;
    size_t count = 0;
    while (str_next(&list, separator, &piece))
        count += str_is(piece, wanted);
    return count;
}

static bool are_same_in_other_order(struct str ours, struct str theirs, char separator)
{
    struct str rest = ours, piece;
    if (ours.len != theirs.len)
        return false;
    while (str_next(&rest, separator, &piece))
        if (count_of(ours, separator, piece) != count_of(theirs, separator, piece))
            return false;
    return true;
}

static struct str name_of(struct str line)
{
    return str_slice(line, 0, str_find(line, ':'));
}

static bool is_name_sent(const struct ita_request *request, struct str name)
{
    return http_headers_count(request->headers, request->header_count, name) > 0;
}

static const char *why_value_differs(struct str name)
{
    if (str_is(name, STR("host")))
        return "the Host that was signed is not the one that was sent: sign the value of the "
               "request's Host header, with its port if it has one";
    if (str_is(name, STR("x-sdk-date")))
        return "the time that was signed is not the X-Sdk-Date that was sent";
    if (str_is(name, STR("content-type")))
        return "the Content-Type that was signed is not the one that was sent: HTTP libraries like "
               "to add a charset";
    return "the value that was signed is not the one that was sent";
}

static const char *why_header_differs(const struct ita_request *request,
                                      const struct ita_difference *found, struct str our_names,
                                      struct str their_text)
{
    struct str ours = name_of(found->ours), theirs = name_of(found->theirs);
    if (found->theirs.len == 0)
        return "theirs has fewer headers than SignedHeaders names: each of them needs its line";
    if (str_is(ours, theirs))
        return why_value_differs(ours);
    if (str_find(found->theirs, ':') == found->theirs.len)
        return "theirs has no header here: each needs a line of its own, name:value";
    if (count_of(our_names, ';', theirs) > 0 && count_of(their_text, '\n', found->ours) > 0)
        return "the headers are not sorted by name";
    if (count_of(our_names, ';', theirs) > 0)
        return "a header that SignedHeaders names is not signed";
    return is_name_sent(request, theirs) ? "a header is signed that SignedHeaders does not name"
                                         : "a header is signed that was not sent";
}

static const char *why(const struct ita_request *request, enum ita_part part,
                       const struct ita_difference *found, struct str our_names,
                       struct str their_text)
{
    const char *known = ita_mistake_find(part, request, found->ours, found->theirs);
    if (known != NULL)
        return known;
    if (found->theirs.ptr == NULL)
        return "theirs ends here: lines are missing";
    switch (part) {
    case ITA_PART_METHOD:
        return "another method was signed than was sent";
    case ITA_PART_URI:
        return "another path was signed than was sent, or it was encoded in another way: each byte "
               "but A-Z a-z 0-9 - _ . ~ and '/' becomes %XX";
    case ITA_PART_QUERY:
        if (are_same_in_other_order(found->ours, found->theirs, '&'))
            return "the parameters are not sorted: by name, then by value, as encoded";
        return "another query was signed than was sent, or it was encoded in another way: each "
               "byte but A-Z a-z 0-9 - _ . ~ becomes %XX";
    case ITA_PART_HEADER:
        return why_header_differs(request, found, our_names, their_text);
    case ITA_PART_GAP:
        if (str_is(found->theirs, our_names))
            return "the empty line between the headers and the list of their names is missing";
        return "a header is signed that SignedHeaders does not name, or the empty line behind the "
               "headers is missing";
    case ITA_PART_NAMES:
        if (found->theirs.len == 0)
            return "one empty line too many stands behind the headers";
        if (are_same_in_other_order(found->ours, found->theirs, ';'))
            return "the names of signed headers are not sorted";
        return "the list is not the SignedHeaders of the Authorization header";
    case ITA_PART_HASH:
        break;
    }
    if (found->ours.ptr == NULL)
        return "theirs goes on behind the hash of the body";
    return "other bytes were hashed than were sent: JSON that was written anew, another charset, "
           "a body that was compressed or changed on the way";
}

/* The names in a canonical request: its last line but one. */
static struct str names_in(struct str canonical, size_t lines)
{
    struct str line = {NULL, 0};
    for (size_t i = 0; i + 1 < lines && str_next(&canonical, '\n', &line); i++)
        continue;
    return line;
}

void ita_difference_of_canonical(const struct ita_request *request, struct str ours,
                                 struct str theirs, struct ita_difference *out)
{
    size_t lines = count_lines(ours);
    size_t headers = lines < 6 ? 0 : lines - 6;
    out->cause = "";
    if (!find_line(ours, theirs, out))
        return;
    enum ita_part part = ita_part_of_line(out->line - 1, headers);
    out->part = ita_part_text(part);
    out->cause = why(request, part, out, names_in(ours, lines), theirs);
}

void ita_difference_of_string_to_sign(const struct ita_request *request, struct str canonical,
                                      struct str ours, struct str theirs,
                                      struct ita_difference *out)
{
    enum ita_part part;
    const char *known;
    out->cause = "";
    if (!find_line(ours, theirs, out))
        return;
    switch (out->line) {
    case 1:
        out->part = "algorithm";
        out->cause = "the first line must be " ITA_SIGN_ALGORITHM;
        return;
    case 2:
        out->part = "time";
        out->cause = "the time that was signed is not the X-Sdk-Date that was sent";
        return;
    case 3:
        break;
    default:
        out->part = "end";
        out->cause = "a string to sign has three lines";
        return;
    }
    out->part = "hash of the canonical request";
    out->cause = "the canonical requests differ: compare those to see where";
    if (out->theirs.ptr == NULL)
        out->cause = "the third line is missing: the SHA-256 of the canonical request";
    else if (str_is_nocase(out->ours, out->theirs))
        out->cause = "the hash is in upper-case digits; they must be lower case";
    else if ((known = ita_mistake_find_by_hash(request, canonical, out->theirs, &part)) != NULL)
        out->part = ita_part_text(part), out->cause = known;
}

/* --- Signatures --- */

static bool is_mac(struct str secret, struct str text, struct str signature_hex)
{
    uint8_t mac[SHA256_SIZE], said[SHA256_SIZE];
    hmac_sha256(secret, text, mac);
    bool is_same =
        hex_decode(signature_hex, said, sizeof(said)) == OK &&
        bytes_are_equal_secretly(str_from(mac, sizeof(mac)), str_from(said, sizeof(said)));
    mem_wipe(mac, sizeof(mac));
    return is_same;
}

static bool is_mac_with_ending(struct str secret, const char *ending, struct str text,
                               struct str signature_hex)
{
    struct buf key;
    buf_init(&key, secret.len + 8);
    buf_append(&key, secret);
    buf_append(&key, str_of(ending));
    bool is_same = is_mac(buf_str(&key), text, signature_hex);
    buf_wipe(&key);
    return is_same;
}

void ita_difference_of_signature(struct str secret, struct str canonical, struct str string_to_sign,
                                 struct str signature_hex, struct ita_difference *out)
{
    *out = (struct ita_difference){.part = "signature", .cause = ""};
    out->is_same = is_mac(secret, string_to_sign, signature_hex);
    if (out->is_same)
        return;
    if (is_mac(secret, canonical, signature_hex))
        out->cause = "the canonical request was signed, not the string to sign";
    else if (is_mac_with_ending(secret, "\n", string_to_sign, signature_hex) ||
             is_mac_with_ending(secret, "\r\n", string_to_sign, signature_hex) ||
             is_mac_with_ending(secret, " ", string_to_sign, signature_hex))
        out->cause = "their SecretKey has white space at its end";
    else
        out->cause = "another SecretKey signed it";
}
