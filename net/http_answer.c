#include "net/http_answer.h"

#include "base/mem.h"

void http_answer_init(struct http_answer *answer, size_t body_max)
{
    /* All but the headers, which are written before they are read. */
    answer->has_head = false;
    answer->status = 0;
    answer->header_count = 0;
    answer->keeps_connection = false;
    answer->fault = NULL;
    answer->line_start = 0;
    answer->body_left = body_max;
    answer->part = HTTP_ANSWER_HEAD;
    answer->is_http_10 = false;
    buf_init(&answer->head, HTTP_ANSWER_HEAD_MAX);
    /* A piece is added before the chunked coding is removed from it. */
    buf_init(&answer->body, body_max + HTTP_ANSWER_PIECE_MAX);
}

void http_answer_finish(struct http_answer *answer)
{
    buf_finish(&answer->head);
    buf_finish(&answer->body);
}

static enum http_read refuse(struct http_answer *answer, const char *fault)
{
    answer->fault = fault;
    return HTTP_READ_REFUSED;
}

/* --- The head --- */

/* "HTTP/1.1 200 OK"; the reason phrase may be missing. */
static enum http_read read_status_line(struct http_answer *answer, struct str line)
{
    uint64_t status = 0;
    struct str code = str_slice(line, 9, 3);
    bool is_1x = str_starts(line, STR("HTTP/1.0 ")) || str_starts(line, STR("HTTP/1.1 "));
    if (!is_1x || code.len != 3 || str_parse_u64(code, &status) != OK || status < 100 ||
        (line.len > 12 && line.ptr[12] != ' '))
        return refuse(answer, "the answer has a malformed status line");
    if (status == 101)
        return refuse(answer, "the answer switches protocols, which nobody asked for");
    answer->status = (int)status;
    answer->is_http_10 = line.ptr[7] == '0';
    return HTTP_READ_MORE;
}

static enum http_read read_header(struct http_answer *answer, struct str line)
{
    size_t colon = str_find(line, ':');
    /* A line that begins with a space would continue the one before (RFC 9112, section 5.2): nobody
     * sends that any more but to confuse. */
    if (colon == 0 || colon == line.len || line.ptr[0] == ' ' || line.ptr[0] == '\t' ||
        str_find(line, '\0') < line.len || str_find(line, '\r') < line.len)
        return refuse(answer, "the answer has a malformed header");
    if (answer->header_count == HTTP_ANSWER_HEADERS_MAX)
        return refuse(answer, "the answer has too many headers");
    answer->headers[answer->header_count++] = (struct http_header){
        str_slice(line, 0, colon), str_trim(str_slice(line, colon + 1, line.len))};
    return HTTP_READ_MORE;
}

static struct str header(const struct http_answer *answer, struct str name)
{
    return http_headers_find(answer->headers, answer->header_count, name);
}

static bool says_connection(const struct http_answer *answer, struct str wanted)
{
    struct str option, value = header(answer, STR("Connection"));
    while (str_next(&value, ',', &option))
        if (str_is_nocase(str_trim(option), wanted))
            return true;
    return false;
}

/* Where the body ends (RFC 9112, section 6.3). */
static enum http_read begin_body(struct http_answer *answer)
{
    struct str length = header(answer, STR("Content-Length"));
    struct str coding = header(answer, STR("Transfer-Encoding"));
    bool is_bodiless = answer->status == 204 || answer->status == 304;
    if (http_headers_count(answer->headers, answer->header_count, STR("Content-Length")) +
            http_headers_count(answer->headers, answer->header_count, STR("Transfer-Encoding")) >
        1)
        return refuse(answer, "the answer's length is ambiguous");
    answer->keeps_connection = answer->is_http_10 ? says_connection(answer, STR("keep-alive"))
                                                  : !says_connection(answer, STR("close"));
    if (is_bodiless)
        return HTTP_READ_DONE;
    if (coding.ptr != NULL) {
        if (!str_is_nocase(coding, STR("chunked")))
            return refuse(answer, "the answer has a transfer coding that nobody asked for");
        answer->part = HTTP_ANSWER_CHUNKS;
        http_chunks_init(&answer->chunks, 0, HTTP_CHUNKS_TOLERANT);
        return HTTP_READ_MORE;
    }
    if (length.ptr != NULL) {
        if (str_parse_u64(length, &answer->left) != OK)
            return refuse(answer, "the answer has a malformed Content-Length");
        if (answer->left > answer->body_left)
            return refuse(answer, "the answer's body is too long");
        answer->part = HTTP_ANSWER_LENGTH;
        return answer->left == 0 ? HTTP_READ_DONE : HTTP_READ_MORE;
    }
    answer->part = HTTP_ANSWER_UNTIL_CLOSE;
    answer->keeps_connection = false;
    return HTTP_READ_MORE;
}

/* The head no longer moves, so that the headers can point into it. */
static enum http_read complete_head(struct http_answer *answer)
{
    struct str rest = buf_str(&answer->head), line;
    (void)str_next(&rest, '\n', &line); /* the status line */
    while (str_next(&rest, '\n', &line)) {
        if (str_ends(line, STR("\r")))
            line.len--;
        if (line.len == 0)
            break;
        if (read_header(answer, line) == HTTP_READ_REFUSED)
            return HTTP_READ_REFUSED;
    }
    enum http_read result = begin_body(answer);
    answer->has_head = result != HTTP_READ_REFUSED;
    return result;
}

/* A line of the head, without its end. An interim answer (1xx) has a head of its own, before that
 * of the final one. */
static enum http_read read_line(struct http_answer *answer, struct str line)
{
    if (answer->line_start == 0)
        return read_status_line(answer, line);
    if (line.len > 0)
        return HTTP_READ_MORE;
    if (answer->status >= 200)
        return complete_head(answer);
    buf_clear(&answer->head);
    return HTTP_READ_MORE;
}

/* Takes the bytes up to the end of a line. */
static enum http_read take_line(struct http_answer *answer, struct str *bytes)
{
    struct buf *head = &answer->head;
    size_t end = str_find(*bytes, '\n');
    size_t taken = end < bytes->len ? end + 1 : end;
    buf_append(head, str_slice(*bytes, 0, taken));
    if (buf_is_over(head))
        return refuse(answer, "the answer's head is too long");
    bool is_whole = end < bytes->len;
    *bytes = str_slice(*bytes, taken, bytes->len);
    if (!is_whole)
        return HTTP_READ_MORE;
    struct str line = str_slice(buf_str(head), answer->line_start, head->len);
    line.len--;
    if (str_ends(line, STR("\r")))
        line.len--;
    enum http_read result = read_line(answer, line);
    answer->line_start = head->len;
    return result;
}

/* --- The body --- */

static enum http_read take_chunks(struct http_answer *answer, struct str bytes)
{
    struct buf *body = &answer->body;
    buf_append(body, bytes);
    enum http_read result =
        http_chunks_read(&answer->chunks, answer->body_left, body->ptr, &body->len);
    if (result == HTTP_READ_REFUSED)
        return refuse(answer, answer->chunks.error_status == 413
                                  ? "the answer's body is too long"
                                  : "the answer has a malformed chunk");
    if (result == HTTP_READ_DONE) {
        answer->keeps_connection &= answer->chunks.at == body->len;
        body->len = answer->chunks.body_end;
    }
    return result;
}

static enum http_read take_body(struct http_answer *answer, struct str bytes)
{
    switch (answer->part) {
    case HTTP_ANSWER_CHUNKS:
        return take_chunks(answer, bytes);
    case HTTP_ANSWER_LENGTH:
        buf_append(&answer->body, str_slice(bytes, 0, answer->left));
        answer->keeps_connection &= bytes.len <= answer->left;
        answer->left -= bytes.len < answer->left ? bytes.len : answer->left;
        return answer->left == 0 ? HTTP_READ_DONE : HTTP_READ_MORE;
    case HTTP_ANSWER_HEAD:
    case HTTP_ANSWER_UNTIL_CLOSE:
        break;
    }
    buf_append(&answer->body, bytes);
    if (answer->body.len > answer->body_left)
        return refuse(answer, "the answer's body is too long");
    return HTTP_READ_MORE;
}

enum http_read http_answer_take(struct http_answer *answer, struct str bytes)
{
    enum http_read result = HTTP_READ_MORE;
    while (result == HTTP_READ_MORE && answer->part == HTTP_ANSWER_HEAD && bytes.len > 0)
        result = take_line(answer, &bytes);
    if (result == HTTP_READ_MORE && bytes.len > 0)
        return take_body(answer, bytes);
    answer->keeps_connection &= bytes.len == 0;
    return result;
}

struct str http_answer_take_body(struct http_answer *answer)
{
    struct str body = buf_str(&answer->body);
    answer->body_left -= body.len;
    answer->chunks.at = answer->chunks.body_end = 0;
    buf_clear(&answer->body);
    return body;
}

enum http_read http_answer_end(struct http_answer *answer)
{
    if (answer->part == HTTP_ANSWER_UNTIL_CLOSE)
        return HTTP_READ_DONE;
    return refuse(answer, answer->head.len == 0 ? "the server closed the connection"
                                                : "the answer was cut short");
}
