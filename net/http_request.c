#include "net/http_request.h"

#include <string.h>

#include "base/mem.h"

enum { HEADERS_MAX = 64 /* as many as our own server takes */ };

/* A URL in its parts. */
struct url {
    struct str server; /* scheme and authority */
    struct str host;   /* the authority without the scheme's default port, as the Host header has it
                          (RFC 9110, section 7.2; signing.md, section 5) */
    struct str target; /* path and query; may lack the first '/' */
};

/* No control characters, nothing below the smallest, and not the refused one. */
static bool is_clean(struct str s, char smallest, char refused)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.ptr[i];
        if (byte < (unsigned char)smallest || byte == 0x7f || byte == (unsigned char)refused)
            return false;
    }
    return true;
}

/* Letters, digits, and what stands in names, addresses and ports: no user, no escapes. */
static bool is_authority(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alnum && (c == '\0' || strchr("-._~:[]", c) == NULL))
            return false;
    }
    return s.len > 0;
}

/* Visible ASCII without '#': sent as it stands, for signatures are computed over it. */
static bool is_target(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == '#')
            return false;
    return true;
}

static const char *url_split(struct str text, struct url *out)
{
    static const struct {
        struct str scheme, port;
    } schemes[] = {{{"https://", 8}, {":443", 4}}, {{"http://", 7}, {":80", 3}}};
    size_t i = 0;
    while (i < COUNT_OF(schemes) && !str_starts(text, schemes[i].scheme))
        i++;
    if (i == COUNT_OF(schemes))
        return "the URL is not of http or https";
    size_t start = schemes[i].scheme.len, end = start;
    while (end < text.len && strchr("/?#", text.ptr[end]) == NULL)
        end++;
    out->server = str_slice(text, 0, end);
    out->host = str_slice(text, start, end - start);
    out->target = str_slice(text, end, text.len);
    if (out->server.len > HTTP_SERVER_MAX || !is_authority(out->host))
        return "the URL has no valid host";
    if (!is_target(out->target))
        return "the URL has a malformed path or query";
    if (str_ends(out->host, schemes[i].port))
        out->host.len -= schemes[i].port.len;
    return NULL;
}

/* NULL, or why these headers can't be sent. Those that frame the request are written here. */
static const char *headers_check(const struct http_header *headers, size_t count)
{
    if (count > HEADERS_MAX)
        return "the request has too many headers";
    for (size_t i = 0; i < count; i++) {
        struct str name = headers[i].name;
        if (name.len == 0 || !is_clean(name, '!', ':') || !is_clean(headers[i].value, ' ', '\0'))
            return "the request has a malformed header";
        if (str_is_nocase(name, STR("Content-Length")) ||
            str_is_nocase(name, STR("Transfer-Encoding")) || str_is_nocase(name, STR("Expect")))
            return "the request has a header that frames it";
    }
    return NULL;
}

/* NULL, or why not. POST, PUT and PATCH announce even an empty body (RFC 9110, section 8.6). */
static const char *method_check(const char *method, bool *has_body)
{
    static const struct {
        const char *name;
        bool has_body;
    } methods[] = {
        {"GET", false}, {"POST", true}, {"PUT", true}, {"PATCH", true}, {"DELETE", false}};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (strcmp(methods[i].name, method) != 0)
            continue;
        *has_body = methods[i].has_body;
        return NULL;
    }
    return "no such method";
}

static void append_header(struct buf *out, struct str name, struct str value)
{
    buf_append(out, name);
    buf_append(out, value.len > 0 ? STR(": ") : STR(":"));
    buf_append(out, value);
    buf_append(out, STR("\r\n"));
}

static void append_head(const struct http_fetch_request *request, const struct url *url,
                        bool has_body, struct buf *out)
{
    buf_append(out, str_of(request->method));
    buf_append_byte(out, ' ');
    if (!str_starts(url->target, STR("/")))
        buf_append_byte(out, '/');
    buf_append(out, url->target);
    buf_append(out, STR(" HTTP/1.1\r\n"));
    append_header(out, STR("Host"), url->host);
    for (size_t i = 0; i < request->header_count; i++)
        append_header(out, request->headers[i].name, request->headers[i].value);
    if (has_body || request->body.len > 0) {
        buf_append(out, STR("Content-Length: "));
        buf_append_u64(out, request->body.len);
        buf_append(out, STR("\r\n"));
    }
    buf_append(out, STR("\r\n"));
}

const char *http_request_write(const struct http_fetch_request *request, struct buf *server,
                               struct buf *out)
{
    struct url url;
    bool has_body = false;
    const char *refusal = url_split(str_of(request->url), &url);
    if (refusal == NULL)
        refusal = headers_check(request->headers, request->header_count);
    if (refusal == NULL)
        refusal = method_check(request->method, &has_body);
    if (refusal != NULL)
        return refusal;
    append_head(request, &url, has_body, out);
    buf_append(out, request->body);
    buf_append(server, url.server);
    return buf_is_over(out) ? "the request is too long" : NULL;
}
