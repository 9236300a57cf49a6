#include "net/http_reader.h"

enum head_state {
    HEAD_START,    /* one empty line may stand before the request (RFC 9112, section 2.2) */
    HEAD_START_LF, /* behind the CR of that line */
    HEAD_METHOD,
    HEAD_TARGET,
    HEAD_VERSION,
    HEAD_LINE_LF, /* behind the CR of the request line or of a field */
    HEAD_LINE,    /* at the first byte of a field or of the empty line */
    HEAD_NAME,
    HEAD_VALUE,
    HEAD_LAST_LF, /* behind the CR of the empty line */
    HEAD_DONE,
};

enum { PORT_DIGITS_MAX = 5 };
enum { IS_TOKEN = 1, IS_TARGET = 2, IS_VALUE = 4 };

/* What each ASCII byte may stand in: a token (RFC 9110, 5.6.2), a target (visible, but '#': a
 * fragment is never sent), a field value (visible, space, tab). */
static const uint8_t BYTES[128] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, /* controls, tab */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* controls */
    4, 7, 6, 5, 7, 7, 7, 7, 6, 6, 7, 7, 6, 7, 7, 6, /* space ! " # $ % & ' ( ) * + , - . / */
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, /* 0-9 : ; < = > ? */
    6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, /* @ A-O */
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 7, 7, /* P-Z [ \ ] ^ _ */
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, /* ` a-o */
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 7, 6, 7, 0, /* p-z { | } ~ DEL */
};

static bool byte_is(char byte, int class)
{
    unsigned char code = (unsigned char)byte;
    /* obs-text of RFC 9110, 5.5: a value may hold it, nothing else */
    return code < 128 ? (BYTES[code] & class) != 0 : class == IS_VALUE;
}

static void refuse(struct http_reader *reader, int status, const char *reason)
{
    reader->error_status = status;
    reader->error_reason = reason;
}

static struct str span_text(struct http_span span, const char *bytes)
{
    return str_from(bytes + span.start, span.len);
}

/* From the mark to the byte that is looked at. */
static struct http_span span_taken(const struct http_reader *reader)
{
    return (struct http_span){(uint16_t)reader->mark, (uint16_t)(reader->at - reader->mark)};
}

/* Takes a byte; the next one is the first of an element. */
static void take_byte(struct http_reader *reader, int next_state)
{
    reader->mark = ++reader->at;
    reader->head_state = next_state;
}

static void take_lf(struct http_reader *reader, char byte, int next_state)
{
    if (byte == '\n')
        take_byte(reader, next_state);
    else
        refuse(reader, 400, "a CR stands without its LF");
}

/* Takes what is of the class; true when a byte of another class is reached. */
static bool take_run(struct http_reader *reader, const char *bytes, size_t end, int class)
{
    size_t at = reader->at;
    while (at < end && byte_is(bytes[at], class))
        at++;
    reader->at = at;
    return at < end;
}

static void read_method(struct http_reader *reader, const char *bytes, size_t end)
{
    bool is_at_end = take_run(reader, bytes, end, IS_TOKEN);
    reader->method = span_taken(reader);
    if (reader->method.len > HTTP_METHOD_MAX)
        refuse(reader, 501, "the method is none that this server knows");
    else if (!is_at_end)
        return;
    else if (reader->method.len == 0 || bytes[reader->at] != ' ')
        refuse(reader, 400, "the request line does not begin with a method and one space");
    else
        take_byte(reader, HEAD_TARGET);
}

/* Origin form only (RFC 9112, 3.2.1): the absolute form would be a second place for the host, and
 * only proxies are sent it. */
static void read_target(struct http_reader *reader, const char *bytes, size_t end)
{
    if (bytes[reader->mark] != '/') {
        refuse(reader, 400, "the target does not begin with '/'");
        return;
    }
    bool is_at_end = take_run(reader, bytes, end, IS_TARGET);
    reader->target = span_taken(reader);
    if (reader->target.len > HTTP_TARGET_MAX)
        refuse(reader, 414, "the target is too long");
    else if (!is_at_end)
        return;
    else if (bytes[reader->at] != ' ')
        refuse(reader, 400, "the target is not followed by one space and the version");
    else
        take_byte(reader, HEAD_VERSION);
}

static void read_version(struct http_reader *reader, const char *bytes, size_t end)
{
    static const char FORM[] = "HTTP/0.0\r"; /* 0 stands for any digit */
    for (; reader->at < end; reader->at++) {
        char wanted = FORM[reader->at - reader->mark], byte = bytes[reader->at];
        if (wanted == '0' ? byte < '0' || byte > '9' : byte != wanted) {
            refuse(reader, 400, "the version is not of the form HTTP/1.1");
            return;
        }
        if (wanted == '\r')
            break;
    }
    if (reader->at == end)
        return;
    struct str version = str_from(bytes + reader->at - 3, 3);
    reader->is_http_10 = str_is(version, STR("1.0"));
    if (reader->is_http_10 || str_is(version, STR("1.1")))
        take_byte(reader, HEAD_LINE_LF);
    else
        refuse(reader, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* host [":" port] (RFC 9110, 7.2), with names as DNS and container networks have them: letters,
 * digits, - . _ ~; percent-encoding and the rest of reg-name reach no server in practice. */
static bool is_host(struct str text)
{
    size_t end = 0;
    if (text.len > 0 && text.ptr[0] == '[') {
        for (end = 1; end < text.len && text.ptr[end] != ']'; end++)
            if (!is_hex(text.ptr[end]) && text.ptr[end] != ':' && text.ptr[end] != '.')
                return false;
        if (end == 1 || end == text.len)
            return false;
        end++;
    } else {
        while (end < text.len && (is_alnum(text.ptr[end]) || strchr("-._~", text.ptr[end])))
            end++;
        if (end == 0)
            return false;
    }
    struct str port = str_slice(text, end + 1, text.len);
    return end == text.len ||
           (text.ptr[end] == ':' && str_is_digits(port) && port.len <= PORT_DIGITS_MAX);
}

static void read_host(struct http_reader *reader, struct str value)
{
    if (reader->has_host)
        refuse(reader, 400, "Host stands there twice");
    else if (!is_host(value))
        refuse(reader, 400, "Host is not a host name or address with an optional port");
    reader->has_host = true;
}

/* Refused twice even when equal: no client has reason to, and proxies differ in which one counts.
 */
static void read_content_length(struct http_reader *reader, struct str value)
{
    enum status status = str_parse_u64(value, &reader->content_length);
    if (reader->has_length)
        refuse(reader, 400, "Content-Length stands there twice");
    else if (status == ERR_TOO_BIG)
        refuse(reader, 413, "the body is too large");
    else if (status != OK)
        refuse(reader, 400, "Content-Length is not a decimal number");
    reader->has_length = true;
}

static void read_transfer_encoding(struct http_reader *reader, struct str value)
{
    if (reader->is_chunked)
        refuse(reader, 400, "Transfer-Encoding stands there twice");
    else if (!str_is_nocase(value, STR("chunked")))
        refuse(reader, 501, "the only transfer coding supported is chunked");
    reader->is_chunked = true;
}

static void read_connection(struct http_reader *reader, struct str value)
{
    struct str option;
    while (str_next(&value, ',', &option)) {
        option = str_trim(option);
        reader->is_close_asked |= str_is_nocase(option, STR("close"));
        reader->is_keep_alive_asked |= str_is_nocase(option, STR("keep-alive"));
    }
}

static void read_expect(struct http_reader *reader, struct str value)
{
    if (reader->is_http_10)
        return; /* to be ignored (RFC 9110, 10.1.1) */
    if (!str_is_nocase(value, STR("100-continue")))
        refuse(reader, 417, "the only expectation that can be met is 100-continue");
    reader->expects_continue = true;
}

/* The fields that decide on framing and connection. */
static void read_field(struct http_reader *reader, struct str name, struct str value)
{
    static const struct {
        struct str name;
        void (*read)(struct http_reader *reader, struct str value);
    } FIELDS[] = {
        {{"Host", 4}, read_host},
        {{"Content-Length", 14}, read_content_length},
        {{"Transfer-Encoding", 17}, read_transfer_encoding},
        {{"Connection", 10}, read_connection},
        {{"Expect", 6}, read_expect},
    };
    for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++)
        if (str_is_nocase(name, FIELDS[i].name))
            FIELDS[i].read(reader, value);
}

static void begin_line(struct http_reader *reader, char byte)
{
    if (byte == '\r')
        take_byte(reader, HEAD_LAST_LF);
    else if (byte == ' ' || byte == '\t')
        refuse(reader, 400, "a header line is folded");
    else if (reader->field_count == HTTP_HEADERS_MAX)
        refuse(reader, 431, "there are too many headers");
    else
        reader->head_state = HEAD_NAME;
}

static void read_name(struct http_reader *reader, const char *bytes, size_t end)
{
    if (!take_run(reader, bytes, end, IS_TOKEN))
        return;
    struct http_span name = span_taken(reader);
    if (name.len == 0 || bytes[reader->at] != ':') {
        refuse(reader, 400, "a header has no valid name followed by a colon");
        return;
    }
    reader->fields[reader->field_count].name = name;
    take_byte(reader, HEAD_VALUE);
}

static void read_value(struct http_reader *reader, const char *bytes, size_t end)
{
    if (!take_run(reader, bytes, end, IS_VALUE))
        return;
    if (bytes[reader->at] != '\r') {
        refuse(reader, 400, "a header value holds a control character");
        return;
    }
    struct str value = str_trim(span_text(span_taken(reader), bytes));
    struct http_span *name = &reader->fields[reader->field_count].name;
    reader->fields[reader->field_count].value =
        (struct http_span){(uint16_t)(value.ptr - bytes), (uint16_t)value.len};
    reader->field_count++;
    read_field(reader, span_text(*name, bytes), value);
    take_byte(reader, HEAD_LINE_LF);
}

/* What only the whole head can tell (RFC 9112, 3.2, 6.1, 6.3). */
static void finish_head(struct http_reader *reader)
{
    if (!reader->has_host && !reader->is_http_10)
        refuse(reader, 400, "Host is missing");
    else if (reader->is_chunked && reader->has_length)
        refuse(reader, 400, "there are both Transfer-Encoding and Content-Length");
    else if (reader->is_chunked && reader->is_http_10)
        refuse(reader, 400, "HTTP/1.0 has no Transfer-Encoding");
    reader->head_len = reader->at;
    http_chunks_init(&reader->chunks, reader->head_len, HTTP_CHUNKS_STRICT);
    reader->is_keep_alive =
        !reader->is_close_asked && (!reader->is_http_10 || reader->is_keep_alive_asked);
}

/* Goes on within the state, or into the next one. There is at least one byte to look at. */
static void read_head_part(struct http_reader *reader, const char *bytes, size_t end)
{
    char byte = bytes[reader->at];
    switch ((enum head_state)reader->head_state) {
    case HEAD_START:
        if (byte == '\r')
            take_byte(reader, HEAD_START_LF);
        else
            reader->head_state = HEAD_METHOD;
        break;
    case HEAD_START_LF:
        take_lf(reader, byte, HEAD_METHOD);
        break;
    case HEAD_METHOD:
        read_method(reader, bytes, end);
        break;
    case HEAD_TARGET:
        read_target(reader, bytes, end);
        break;
    case HEAD_VERSION:
        read_version(reader, bytes, end);
        break;
    case HEAD_LINE_LF:
        take_lf(reader, byte, HEAD_LINE);
        break;
    case HEAD_LINE:
        begin_line(reader, byte);
        break;
    case HEAD_NAME:
        read_name(reader, bytes, end);
        break;
    case HEAD_VALUE:
        read_value(reader, bytes, end);
        break;
    case HEAD_LAST_LF:
        take_lf(reader, byte, HEAD_DONE);
        break;
    case HEAD_DONE:
        break;
    }
}

void http_reader_init(struct http_reader *reader)
{
    *reader = (struct http_reader){0};
}

enum http_read http_reader_head(struct http_reader *reader, const char *bytes, size_t len)
{
    size_t end = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;
    while (reader->error_status == 0 && reader->head_state != HEAD_DONE && reader->at < end)
        read_head_part(reader, bytes, end);
    if (reader->error_status == 0 && reader->head_state == HEAD_DONE && reader->head_len == 0)
        finish_head(reader);
    if (reader->error_status == 0 && reader->head_state != HEAD_DONE && reader->at == HTTP_HEAD_MAX)
        refuse(reader, 431, "the request line and headers together are too long");
    if (reader->error_status != 0)
        return HTTP_READ_REFUSED;
    return reader->head_state == HEAD_DONE ? HTTP_READ_DONE : HTTP_READ_MORE;
}

bool http_reader_has_body(const struct http_reader *reader)
{
    return reader->is_chunked || reader->content_length > 0;
}

static enum http_read read_plain_body(struct http_reader *reader, size_t body_max, size_t len)
{
    if (reader->content_length > body_max) {
        refuse(reader, 413, "the body is larger than this path takes");
        return HTTP_READ_REFUSED;
    }
    size_t body_len = (size_t)reader->content_length;
    reader->body_len = len - reader->head_len < body_len ? len - reader->head_len : body_len;
    reader->at = reader->head_len + reader->body_len;
    return reader->body_len == body_len ? HTTP_READ_DONE : HTTP_READ_MORE;
}

static enum http_read read_chunked_body(struct http_reader *reader, size_t body_max, char *bytes,
                                        size_t *len)
{
    struct http_chunks *chunks = &reader->chunks;
    enum http_read result = http_chunks_read(chunks, reader->head_len + body_max, bytes, len);
    if (result == HTTP_READ_REFUSED)
        refuse(reader, chunks->error_status, chunks->error_reason);
    reader->at = chunks->at;
    reader->body_len = chunks->body_end - reader->head_len;
    return result;
}

enum http_read http_reader_body(struct http_reader *reader, size_t body_max, char *bytes,
                                size_t *len)
{
    if (reader->error_status != 0)
        return HTTP_READ_REFUSED;
    enum http_read result = reader->is_chunked ? read_chunked_body(reader, body_max, bytes, len)
                                               : read_plain_body(reader, body_max, *len);
    reader->taken = reader->at;
    return result;
}

void http_reader_request(const struct http_reader *reader, const char *bytes,
                         struct http_header headers[static HTTP_HEADERS_MAX],
                         struct http_request *request)
{
    for (size_t i = 0; i < reader->field_count; i++)
        headers[i] = (struct http_header){span_text(reader->fields[i].name, bytes),
                                          span_text(reader->fields[i].value, bytes)};
    struct str query = span_text(reader->target, bytes);
    request->method = span_text(reader->method, bytes);
    request->target = query;
    (void)str_next(&query, '?', &request->path);
    request->query = query;
    request->headers = headers;
    request->header_count = reader->field_count;
    request->body = str_from(bytes + reader->head_len, reader->body_len);
}
