#include "ita/mistake.h"

#include "base/encoding.h"
#include "base/mem.h"

typedef void make_mistake(const struct ita_request *request, struct str ours, struct buf *out);

const char *ita_part_text(enum ita_part part)
{
    static const char *const texts[] = {
#define X(name, text) [name] = text,
        ITA_PART_MAP(X)
#undef X
    };
    return texts[part];
}

enum ita_part ita_part_of_line(size_t index, size_t header_count)
{
    static const enum ita_part behind[] = {ITA_PART_GAP, ITA_PART_NAMES, ITA_PART_HASH};
    if (index < ITA_PART_HEADER)
        return (enum ita_part)index;
    if (index < ITA_PART_HEADER + header_count)
        return ITA_PART_HEADER;
    index -= ITA_PART_HEADER + header_count;
    return behind[index < COUNT_OF(behind) ? index : COUNT_OF(behind) - 1];
}

/* --- Of any line --- */

static void lower(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    for (size_t i = 0; i < ours.len; i++) {
        char c = ours.ptr[i];
        buf_append_byte(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

static void upper(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    for (size_t i = 0; i < ours.len; i++) {
        char c = ours.ptr[i];
        buf_append_byte(out, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
}

static void space_behind(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    buf_append(out, ours);
    buf_append_byte(out, ' ');
}

/* --- Of URI and query --- */

static void decoded(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    if (percent_decode(ours, out) != OK)
        buf_clear(out);
}

static void replace(struct str text, struct str from, struct str to, struct buf *out)
{
    while (text.len > 0) {
        bool is_here = str_starts(text, from);
        buf_append(out, is_here ? to : str_slice(text, 0, 1));
        text = str_slice(text, is_here ? from.len : 1, text.len);
    }
}

static void encoded_twice(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    replace(ours, STR("%"), STR("%25"), out);
}

static void lower_escapes(const struct ita_request *request, struct str ours, struct buf *out)
{
    for (size_t i = 0; i < ours.len; i++) {
        bool is_escape = ours.ptr[i] == '%' && i + 2 < ours.len;
        struct str piece = str_slice(ours, i, is_escape ? 3 : 1);
        if (is_escape)
            lower(request, piece, out);
        else
            buf_append(out, piece);
        i += piece.len - 1;
    }
}

static void without_slash(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    buf_append(out, str_ends(ours, STR("/")) ? str_slice(ours, 0, ours.len - 1) : ours);
}

static void path_as_sent(const struct ita_request *request, struct str ours, struct buf *out)
{
    struct str path, query;
    (void)ours;
    ita_target_split(request->target, &path, &query);
    buf_append(out, path);
}

static void whole_target(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)ours;
    buf_append(out, request->target);
}

static void whole_target_with_slash(const struct ita_request *request, struct str ours,
                                    struct buf *out)
{
    (void)ours;
    buf_append(out, request->target);
    buf_append_byte(out, '/');
}

static void query_as_sent(const struct ita_request *request, struct str ours, struct buf *out)
{
    struct str path, query;
    (void)ours;
    ita_target_split(request->target, &path, &query);
    buf_append(out, query);
}

static void nothing(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request, (void)ours, (void)out;
}

static void plus_for_space(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    replace(ours, STR("%20"), STR("+"), out);
}

static void question_mark(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    buf_append_byte(out, '?');
    buf_append(out, ours);
}

/* Parameters without a value lose their '='. */
static void without_equals(const struct ita_request *request, struct str ours, struct buf *out)
{
    struct str rest = ours, piece;
    (void)request;
    while (str_next(&rest, '&', &piece)) {
        buf_append(out, out->len > 0 ? STR("&") : STR(""));
        buf_append(out, str_ends(piece, STR("=")) ? str_slice(piece, 0, piece.len - 1) : piece);
    }
}

/* --- Of a header's line --- */

static struct str value_of(struct str line)
{
    return str_slice(line, str_find(line, ':') + 1, line.len);
}

static struct str name_of(struct str line)
{
    return str_slice(line, 0, str_find(line, ':'));
}

static void name_as_sent(const struct ita_request *request, struct str ours, struct buf *out)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (str_is_nocase(request->headers[i].name, name_of(ours)))
            buf_append(out, request->headers[i].name);
    buf_append_byte(out, ':');
    buf_append(out, value_of(ours));
}

static void space_before_value(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    buf_append(out, name_of(ours));
    buf_append(out, STR(": "));
    buf_append(out, value_of(ours));
}

static void lower_value(const struct ita_request *request, struct str ours, struct buf *out)
{
    buf_append(out, name_of(ours));
    buf_append_byte(out, ':');
    lower(request, value_of(ours), out);
}

static bool is_host(struct str line)
{
    return str_is(name_of(line), STR("host"));
}

static void host_without_port(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    struct str value = value_of(ours);
    size_t end = value.len;
    while (end > 0 && value.ptr[end - 1] >= '0' && value.ptr[end - 1] <= '9')
        end--;
    if (!is_host(ours) || end == value.len || end == 0 || value.ptr[end - 1] != ':')
        return;
    buf_append(out, STR("host:"));
    buf_append(out, str_slice(value, 0, end - 1));
}

static void host_with(struct str ours, struct str port, struct buf *out)
{
    if (!is_host(ours))
        return;
    buf_append(out, ours);
    buf_append(out, port);
}

static void host_with_443(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    host_with(ours, STR(":443"), out);
}

static void host_with_80(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    host_with(ours, STR(":80"), out);
}

/* --- Of the list of names --- */

static void names_with(struct str ours, struct str separator, struct buf *out)
{
    replace(ours, STR(";"), separator, out);
}

static void names_with_comma(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    names_with(ours, STR(","), out);
}

static void names_with_space(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request;
    names_with(ours, STR("; "), out);
}

static void names_as_sent(const struct ita_request *request, struct str ours, struct buf *out)
{
    struct str rest = ours, name;
    while (str_next(&rest, ';', &name)) {
        buf_append(out, out->len > 0 ? STR(";") : STR(""));
        for (size_t i = 0; i < request->header_count; i++)
            if (str_is_nocase(request->headers[i].name, name))
                buf_append(out, request->headers[i].name);
    }
}

/* In the order of the request. */
static void names_unsorted(const struct ita_request *request, struct str ours, struct buf *out)
{
    for (size_t i = 0; i < request->header_count; i++) {
        struct str rest = ours, name;
        while (str_next(&rest, ';', &name)) {
            if (!str_is_nocase(request->headers[i].name, name))
                continue;
            buf_append(out, out->len > 0 ? STR(";") : STR(""));
            buf_append(out, name);
        }
    }
}

/* --- Of the body's hash --- */

static void hash_of_nothing(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request, (void)ours;
    sha256_hex_append(out, STR(""));
}

static void hash_with(const struct ita_request *request, struct str ending, struct buf *out)
{
    struct buf body;
    buf_init(&body, request->body.len + ending.len + 1);
    buf_append(&body, request->body);
    buf_append(&body, ending);
    sha256_hex_append(out, buf_str(&body));
    buf_wipe(&body);
}

static void hash_with_lf(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)ours;
    hash_with(request, STR("\n"), out);
}

static void hash_with_crlf(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)ours;
    hash_with(request, STR("\r\n"), out);
}

static void hash_without_ending(const struct ita_request *request, struct str ours, struct buf *out)
{
    struct str body = request->body;
    (void)ours;
    if (str_ends(body, STR("\n")))
        body.len--;
    if (str_ends(body, STR("\r")))
        body.len--;
    sha256_hex_append(out, body);
}

static void hash_replaced(const struct ita_request *request, struct str from, struct str to,
                          struct buf *out)
{
    struct buf body;
    buf_init(&body, 2 * request->body.len + 1);
    replace(request->body, from, to, &body);
    sha256_hex_append(out, buf_str(&body));
    buf_wipe(&body);
}

static void hash_of_lf_lines(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)ours;
    hash_replaced(request, STR("\r\n"), STR("\n"), out);
}

static void hash_of_crlf_lines(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)ours;
    hash_replaced(request, STR("\n"), STR("\r\n"), out);
}

static void hash_in_base64(const struct ita_request *request, struct str ours, struct buf *out)
{
    uint8_t hash[SHA256_SIZE];
    (void)ours;
    sha256(request->body, hash);
    base64_append(out, str_from(hash, sizeof(hash)));
}

static void body_itself(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)ours;
    buf_append(out, request->body);
}

static void unsigned_payload(const struct ita_request *request, struct str ours, struct buf *out)
{
    (void)request, (void)ours;
    buf_append(out, STR("UNSIGNED-PAYLOAD"));
}

static const struct {
    enum ita_part part;
    make_mistake *make;
    const char *cause;
} mistakes[] = {
    {ITA_PART_METHOD, lower, "the method is signed in lower case; it must be in upper case"},
    {ITA_PART_URI, without_slash, "the path lacks the '/' that is added at its end for signing"},
    {ITA_PART_URI, path_as_sent, "the path is signed as it was sent, not encoded anew"},
    {ITA_PART_URI, decoded, "the path is signed without percent-encoding"},
    {ITA_PART_URI, encoded_twice, "the path is percent-encoded twice"},
    {ITA_PART_URI, lower_escapes,
     "percent-encoding has lower-case digits (%2f); they must be upper"},
    {ITA_PART_URI, whole_target, "the query is signed as a part of the path"},
    {ITA_PART_URI, whole_target_with_slash, "the query is signed as a part of the path"},
    {ITA_PART_QUERY, nothing, "the query is left out"},
    {ITA_PART_QUERY, plus_for_space, "a space is written '+'; it must be %20"},
    {ITA_PART_QUERY, decoded, "names and values of the query are not percent-encoded"},
    {ITA_PART_QUERY, encoded_twice, "the query is percent-encoded twice"},
    {ITA_PART_QUERY, lower_escapes,
     "percent-encoding has lower-case digits (%2f); they must be upper"},
    {ITA_PART_QUERY, without_equals, "a parameter without a value lacks its '='"},
    {ITA_PART_QUERY, question_mark, "the '?' is no part of the query"},
    {ITA_PART_QUERY, query_as_sent,
     "the query is signed as it was sent, not sorted and encoded anew"},
    {ITA_PART_HEADER, name_as_sent, "a header's name is not in lower case"},
    {ITA_PART_HEADER, space_before_value, "a space stands between ':' and the value"},
    {ITA_PART_HEADER, space_behind, "white space behind the value is not cut off"},
    {ITA_PART_HEADER, host_without_port,
     "Host is signed without its port, but sent with it: sign what is sent"},
    {ITA_PART_HEADER, host_with_443,
     "Host is signed with the port 443, but sent without: sign what is sent"},
    {ITA_PART_HEADER, host_with_80,
     "Host is signed with the port 80, but sent without: sign what is sent"},
    {ITA_PART_HEADER, lower_value, "the value of a header was turned into lower case"},
    {ITA_PART_NAMES, names_as_sent, "the names of signed headers are not in lower case"},
    {ITA_PART_NAMES, names_unsorted, "the names of signed headers are not sorted"},
    {ITA_PART_NAMES, names_with_comma, "names of signed headers are joined by ',', not by ';'"},
    {ITA_PART_NAMES, names_with_space, "names of signed headers are joined by '; ', not by ';'"},
    {ITA_PART_HASH, hash_of_nothing, "the hash is of an empty body, but a body was sent"},
    {ITA_PART_HASH, hash_without_ending, "the body was hashed without the line end at its end"},
    {ITA_PART_HASH, hash_with_lf, "the body was hashed with one more line feed at its end"},
    {ITA_PART_HASH, hash_with_crlf, "the body was hashed with one more line end (CR LF)"},
    {ITA_PART_HASH, hash_of_lf_lines, "the body was hashed with LF for each CR LF"},
    {ITA_PART_HASH, hash_of_crlf_lines, "the body was hashed with CR LF for each LF"},
    {ITA_PART_HASH, upper, "the hash is in upper-case digits; they must be lower case"},
    {ITA_PART_HASH, hash_in_base64, "the hash is in Base64; it must be hexadecimal"},
    {ITA_PART_HASH, body_itself, "the body itself stands there, not its SHA-256"},
    {ITA_PART_HASH, unsigned_payload,
     "the body is not signed: UNSIGNED-PAYLOAD without the header X-Sdk-Content-Sha256"},
};

static void make(size_t mistake, const struct ita_request *request, struct str ours,
                 struct buf *out)
{
    buf_clear(out);
    mistakes[mistake].make(request, ours, out);
}

/* Room for whatever a mistake makes of a line: a body that is not hashed, or one three times as
 * long. */
static void init_line(struct buf *line, const struct ita_request *request, struct str ours)
{
    buf_init(line, request->body.len + 3 * (ours.len + request->target.len) + ITA_HEAD_MAX);
}

const char *ita_mistake_find(enum ita_part part, const struct ita_request *request, struct str ours,
                             struct str theirs)
{
    struct buf line;
    const char *cause = NULL;
    init_line(&line, request, ours);
    for (size_t i = 0; i < COUNT_OF(mistakes) && cause == NULL; i++) {
        if (mistakes[i].part != part)
            continue;
        make(i, request, ours, &line);
        if (str_is(buf_str(&line), theirs) && !str_is(ours, theirs))
            cause = mistakes[i].cause;
    }
    buf_wipe(&line);
    return cause;
}

/* The canonical request with another text for the line that starts there. */
static bool has_hash(struct str canonical, size_t start, size_t len, struct str line,
                     struct str hash_hex)
{
    char hex[2 * SHA256_SIZE];
    struct buf changed, hash;
    buf_init(&changed, canonical.len + line.len + 1);
    buf_init_fixed(&hash, hex, sizeof(hex));
    buf_append(&changed, str_slice(canonical, 0, start));
    buf_append(&changed, line);
    buf_append(&changed, str_slice(canonical, start + len, canonical.len));
    sha256_hex_append(&hash, buf_str(&changed));
    buf_wipe(&changed);
    return str_is(buf_str(&hash), hash_hex);
}

static size_t count_headers(struct str canonical)
{
    size_t lines = 0;
    for (size_t i = 0; i < canonical.len; i++)
        lines += canonical.ptr[i] == '\n';
    return lines < 5 ? 0 : lines - 5; /* three before them, three behind, no line end at the end */
}

const char *ita_mistake_find_by_hash(const struct ita_request *request, struct str canonical,
                                     struct str hash_hex, enum ita_part *part)
{
    struct str rest = canonical, ours;
    size_t headers = count_headers(canonical), start = 0;
    const char *cause = NULL;
    for (size_t index = 0; cause == NULL && str_next(&rest, '\n', &ours); index++) {
        struct buf line;
        *part = ita_part_of_line(index, headers);
        init_line(&line, request, ours);
        for (size_t i = 0; i < COUNT_OF(mistakes) && cause == NULL; i++) {
            if (mistakes[i].part != *part)
                continue;
            make(i, request, ours, &line);
            if (has_hash(canonical, start, ours.len, buf_str(&line), hash_hex))
                cause = mistakes[i].cause;
        }
        start += ours.len + 1;
        buf_wipe(&line);
    }
    return cause;
}
