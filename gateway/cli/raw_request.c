#include "gateway/cli/raw_request.h"

#include "base/fault.h"

/* The next line, without its end; false when nothing is left. */
static bool next_line(struct str *rest, struct str *line)
{
    if (!str_next(rest, '\n', line))
        return false;
    if (str_ends(*line, STR("\r")))
        line->len--;
    return true;
}

/* "POST /path HTTP/1.1"; the version may be left out. */
static enum status read_request_line(struct str line, struct ita_request *out, struct fault *fault)
{
    struct str rest = line, version;
    if (!str_next(&rest, ' ', &out->method) || !str_next(&rest, ' ', &out->target) ||
        out->method.len == 0 || out->target.len == 0 || out->target.ptr[0] != '/')
        return fault_set(fault, ERR_SYNTAX,
                         "request, line 1: must be METHOD /path?query HTTP/1.1, as it was sent");
    if (str_next(&rest, ' ', &version) && !str_starts(version, STR("HTTP/1.")))
        return fault_set(fault, ERR_SYNTAX,
                         "request, line 1: the target holds a space, or what follows is no "
                         "HTTP/1.1");
    return OK;
}

static enum status read_headers(struct str *rest, struct raw_request *out, struct fault *fault)
{
    struct str line;
    for (int number = 2; next_line(rest, &line) && line.len > 0; number++) {
        size_t colon = str_find(line, ':');
        size_t *count = &out->request.header_count;
        if (colon == 0 || colon == line.len)
            return fault_set(fault, ERR_SYNTAX, "request, line %d: must be a header, Name: value",
                             number);
        if (*count == ITA_SIGNED_HEADERS_MAX)
            return fault_set(fault, ERR_TOO_BIG, "request: over %d headers",
                             ITA_SIGNED_HEADERS_MAX);
        out->headers[(*count)++] = (struct http_header){
            str_slice(line, 0, colon), str_trim(str_slice(line, colon + 1, line.len))};
    }
    return OK;
}

static void read_body(struct str rest, struct raw_request *out)
{
    uint64_t length;
    struct str said =
        http_headers_find(out->headers, out->request.header_count, STR("content-length"));
    out->request.body = rest;
    if (str_parse_u64(said, &length) == OK && length <= rest.len)
        out->request.body = str_slice(rest, 0, (size_t)length);
}

/* "SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=...", in any order: what is wrong with
 * its form, `verify` tells. */
static void read_authorization(struct raw_request *out)
{
    struct str rest =
                   http_headers_find(out->headers, out->request.header_count, STR("authorization")),
               piece;
    rest = str_slice(rest, str_find(rest, ' '), rest.len);
    while (str_next(&rest, ',', &piece)) {
        size_t equals = str_find(piece, '=');
        struct str name = str_trim(str_slice(piece, 0, equals));
        struct str value = str_trim(str_slice(piece, equals + 1, piece.len));
        if (str_is(name, STR("Access")))
            out->access_key = value;
        else if (str_is(name, STR("SignedHeaders")))
            out->signed_headers = value;
        else if (str_is(name, STR("Signature")))
            out->signature = value;
    }
}

enum status raw_request_read(struct str text, struct raw_request *out, struct fault *fault)
{
    struct str line, rest = text;
    enum status status;
    *out = (struct raw_request){.request = {.target_rules = ITA_TARGET_LITERAL}};
    out->request.headers = out->headers;
    if (!next_line(&rest, &line))
        line = (struct str){NULL, 0};
    TRY(read_request_line(line, &out->request, fault));
    TRY(read_headers(&rest, out, fault));
    read_body(rest, out);
    read_authorization(out);
out:
    return status;
}
