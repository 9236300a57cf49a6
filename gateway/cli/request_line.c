#include "gateway/cli/request_line.h"

#include <stdio.h>

#include "base/encoding.h"
#include "gateway/cli/command.h"

enum {
    LINE_MAX_BYTES = 17 * 1024 * 1024, /* a body of 12 MB (signing.md, 6) as Base64, and the rest */
    BODY_MAX_BYTES = 12 * 1000 * 1000,
    ANSWER_MAX_BYTES = LINE_MAX_BYTES + 1024 * 1024, /* the id comes back, whatever its length */
};

/* A string member; absent is ptr NULL unless it is required. */
static enum status read_text(const struct json *json, const char *name, bool is_required,
                             struct str *out, struct fault *fault)
{
    const struct json *value = json_get(json, name);
    *out = (struct str){NULL, 0};
    if (value == NULL && !is_required)
        return OK;
    if (!json_is_string(value))
        return fault_set(fault, ERR_INVALID, "%s: must be a string", name);
    *out = json_string(value);
    return OK;
}

enum status request_line_add_header(struct request_line *line, struct str name, struct str value,
                                    struct fault *fault)
{
    size_t *count = &line->request.header_count;
    if (http_headers_count(line->headers, *count, name) > 0)
        return OK;
    if (*count == REQUEST_LINE_HEADERS_MAX)
        return fault_set(fault, ERR_TOO_BIG, "headers: over %d", REQUEST_LINE_HEADERS_MAX);
    line->headers[(*count)++] = (struct http_header){name, value};
    return OK;
}

/* Names that differ in case only are two headers here, for the signer to refuse. */
static enum status read_headers(struct request_line *line, struct fault *fault)
{
    const struct json *headers = json_get(line->json, "headers");
    size_t *count = &line->request.header_count;
    if (headers != NULL && !json_is_object(headers))
        return fault_set(fault, ERR_INVALID, "headers: must be an object");
    for (const struct json *h = json_first(headers); h != NULL; h = json_next(h)) {
        if (!json_is_string(h))
            return fault_set(fault, ERR_INVALID, "headers: every value must be a string");
        if (*count == REQUEST_LINE_HEADERS_MAX)
            return fault_set(fault, ERR_TOO_BIG, "headers: over %d", REQUEST_LINE_HEADERS_MAX);
        line->headers[(*count)++] = (struct http_header){str_of(json_name(h)), json_string(h)};
    }
    return OK;
}

/* "https://host:port/path?query". The host is taken as it stands, with its port and case. */
static enum status read_url(struct request_line *line, struct fault *fault)
{
    struct str url, host;
    enum status status = read_text(line->json, "url", true, &url, fault);
    if (status != OK)
        return status;
    size_t host_len = 0, colon = str_find(url, ':');
    struct str scheme = str_slice(url, 0, colon);
    if ((!str_is_nocase(scheme, STR("http")) && !str_is_nocase(scheme, STR("https"))) ||
        !str_is(str_slice(url, colon, 3), STR("://")))
        return fault_set(fault, ERR_INVALID, "url: must start with http:// or https://");
    url = str_slice(url, colon + 3, url.len);
    while (host_len < url.len && url.ptr[host_len] != '/' && url.ptr[host_len] != '?' &&
           url.ptr[host_len] != '#')
        host_len++;
    host = str_slice(url, 0, host_len);
    for (size_t i = 0; i < host.len; i++)
        if ((unsigned char)host.ptr[i] <= ' ' || host.ptr[i] == '@' || host.ptr[i] == '\\')
            return fault_set(fault, ERR_INVALID, "url: must hold host and port only before '/'");
    if (host.len == 0)
        return fault_set(fault, ERR_INVALID, "url: has no host");
    line->request.target = str_slice(url, host_len, url.len);
    return request_line_add_header(line, STR("Host"), host, fault);
}

static enum status read_body(struct request_line *line, struct fault *fault)
{
    struct str text, base64;
    enum status status;
    TRY(read_text(line->json, "body", false, &text, fault));
    TRY(read_text(line->json, "body_b64", false, &base64, fault));
    if (text.ptr != NULL && base64.ptr != NULL)
        return fault_set(fault, ERR_INVALID, "body and body_b64: only one of them");
    buf_append(&line->body, text);
    if (base64_decode(base64, &line->body) == ERR_SYNTAX)
        return fault_set(fault, ERR_INVALID, "body_b64: must be Base64 (RFC 4648, section 4)");
    if (buf_is_over(&line->body))
        return fault_set(fault, ERR_TOO_BIG, "body: over %d bytes", BODY_MAX_BYTES);
    line->request.body = buf_str(&line->body);
out:
    return status;
}

static enum status read_date(struct request_line *line, struct fault *fault)
{
    struct str date, name = STR("X-Sdk-Date");
    enum status status = read_text(line->json, "date", false, &date, fault);
    if (status != OK || date.ptr == NULL)
        return status;
    if (http_headers_count(line->headers, line->request.header_count, name) > 0 &&
        !str_is(http_headers_find(line->headers, line->request.header_count, name), date))
        return fault_set(fault, ERR_INVALID, "date: differs from the X-Sdk-Date header");
    return request_line_add_header(line, name, date, fault);
}

static enum status read_line_members(struct request_line *line, struct fault *fault)
{
    enum status status;
    if (!json_is_object(line->json))
        return fault_set(fault, ERR_INVALID, "must be a JSON object");
    line->request.headers = line->headers;
    TRY(read_text(line->json, "method", true, &line->request.method, fault));
    TRY(read_text(line->json, "ak", true, &line->access_key, fault));
    TRY(read_text(line->json, "sk", true, &line->secret_key, fault));
    TRY(read_headers(line, fault));
    TRY(read_url(line, fault));
    TRY(read_body(line, fault));
    TRY(read_date(line, fault));
out:
    return status;
}

/* Without its line feed. A line that is too long is read to its end and left over (buf_is_over). */
static bool read_line(FILE *in, struct buf *line)
{
    int byte;
    buf_clear(line);
    while ((byte = getc_unlocked(in)) != EOF && byte != '\n')
        buf_append_byte(line, (char)byte);
    return byte != EOF || line->len > 0 || buf_is_over(line);
}

static void begin_answer(struct json_writer *writer, struct buf *out, const struct json *id)
{
    buf_clear(out);
    json_write_init(writer, out);
    json_write_object(writer, NULL);
    if (id != NULL)
        json_write_value(writer, "id", id);
    else
        json_write_null(writer, "id");
}

static enum status answer_text(struct request_line *line, struct str text,
                               request_line_answer *answer, const void *data, struct buf *out,
                               bool *is_good, struct fault *fault)
{
    enum status status;
    struct json_writer writer;
    TRY(json_parse(text, &line->json, fault));
    TRY(read_line_members(line, fault));
    begin_answer(&writer, out, json_get(line->json, "id"));
    TRY(answer(data, line, &writer, is_good, fault));
    json_write_object_end(&writer);
out:
    return status;
}

/* Answers one line into out; whether it was good. */
static bool answer_line(const struct buf *text, int64_t number, request_line_answer *answer,
                        const void *data, struct buf *out)
{
    struct request_line line = {0};
    struct fault fault = {0};
    bool is_good = false;
    enum status status;
    buf_init(&line.body, BODY_MAX_BYTES);
    if (buf_is_over(text))
        status = fault_set(&fault, ERR_TOO_BIG, "line: over %d bytes", LINE_MAX_BYTES);
    else
        status = answer_text(&line, buf_str(text), answer, data, out, &is_good, &fault);
    if (status != OK) {
        struct json_writer writer;
        begin_answer(&writer, out, json_get(line.json, "id"));
        json_write_i64(&writer, "line", number);
        json_write_text(&writer, "error", fault.text);
        json_write_object_end(&writer);
    }
    json_destroy(line.json);
    buf_wipe(&line.body);
    return status == OK && is_good;
}

static bool is_blank(const struct buf *line)
{
    for (size_t i = 0; i < line->len; i++)
        if (line->ptr[i] != ' ' && line->ptr[i] != '\t' && line->ptr[i] != '\r')
            return false;
    return !buf_is_over(line);
}

int request_lines_run(const char *command, request_line_answer *answer, const void *data)
{
    struct buf line, out;
    bool are_good = true;
    buf_init(&line, LINE_MAX_BYTES);
    buf_init(&out, ANSWER_MAX_BYTES);
    for (int64_t number = 1; read_line(stdin, &line); number++) {
        if (is_blank(&line))
            continue;
        are_good &= answer_line(&line, number, answer, data, &out);
        buf_append_byte(&out, '\n');
        (void)fwrite(out.ptr, 1, out.len, stdout); /* ferror() is asked below */
        (void)fflush(stdout); /* whoever writes line by line waits for each answer */
    }
    buf_wipe(&line);
    buf_finish(&out);
    if (ferror(stdin))
        return command_failed(command, "standard input can't be read");
    if (ferror(stdout))
        return command_failed(command, "standard output can't be written");
    return are_good ? EXIT_DONE : EXIT_FAILED;
}
