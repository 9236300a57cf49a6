#include "net/http_response.h"

#include <assert.h>

enum { HEAD_ROOM = 256 }; /* usual length of a head: one allocation for the whole answer */

static bool is_sendable(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' && text.ptr[i] != '\t')
            return false;
    return true;
}

static void write_header(struct str name, struct str value, struct buf *out)
{
    if (!is_sendable(name) || !is_sendable(value))
        return;
    buf_append(out, name);
    buf_append(out, STR(": "));
    buf_append(out, value);
    buf_append(out, STR("\r\n"));
}

static void write_persistence(enum http_persistence persistence, struct buf *out)
{
    switch (persistence) {
    case HTTP_KEEP_ALIVE:
        break;
    case HTTP_KEEP_ALIVE_TOLD:
        write_header(STR("Connection"), STR("keep-alive"), out);
        break;
    case HTTP_CLOSE:
        write_header(STR("Connection"), STR("close"), out);
        break;
    }
}

/* RFC 9110, 8.6 and 15.3.5: neither a length nor a body. */
static bool is_bodiless(const struct http_response *response)
{
    return response->status == 204 || response->status == 304;
}

/* Up to the headers that tell how long the body is. */
static inline void write_start(const struct http_response *response, struct str date,
                               struct buf *out)
{
    assert(response->status >= 200 && response->status <= 599);
    buf_append(out, STR("HTTP/1.1 "));
    buf_append_u64(out, (uint64_t)response->status);
    buf_append_byte(out, ' ');
    buf_append(out, str_of(http_status_text(response->status)));
    buf_append(out, STR("\r\nDate: "));
    buf_append(out, date);
    buf_append(out, STR("\r\n"));
    if (response->content_type != NULL)
        write_header(STR("Content-Type"), str_of(response->content_type), out);
}

static void write_length(uint64_t length, struct buf *out)
{
    buf_append(out, STR("Content-Length: "));
    buf_append_u64(out, length);
    buf_append(out, STR("\r\n"));
}

static inline void write_end(const struct http_response *response,
                             enum http_persistence persistence, struct buf *out)
{
    write_persistence(persistence, out);
    for (size_t i = 0; i < response->header_count; i++)
        write_header(response->headers[i].name, response->headers[i].value, out);
    buf_append(out, STR("\r\n"));
}

void http_response_write(const struct http_response *response, bool is_head,
                         enum http_persistence persistence, struct str date, struct buf *out)
{
    bool has_body = !is_bodiless(response);
    (void)buf_reserve(out, HEAD_ROOM + response->body.len);
    write_start(response, date, out);
    if (has_body)
        write_length(response->body.len, out);
    write_end(response, persistence, out);
    if (has_body && !is_head)
        buf_append(out, response->body);
}

void http_response_write_head(const struct http_response *response, struct http_framing framing,
                              enum http_persistence persistence, struct str date, struct buf *out)
{
    assert(!is_bodiless(response));
    (void)buf_reserve(out, HEAD_ROOM);
    write_start(response, date, out);
    if (framing.coding == HTTP_BY_LENGTH)
        write_length((uint64_t)framing.length, out);
    else if (framing.coding == HTTP_CHUNKED)
        write_header(STR("Transfer-Encoding"), STR("chunked"), out);
    write_end(response, persistence, out);
}
