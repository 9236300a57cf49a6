#include "net/http_answer.h"

void http_answer_init(struct http_answer *answer, size_t body_max)
{
    answer->status = 0;
    answer->is_head_complete = false;
    answer->fault = NULL;
    answer->header_count = 0;
    buf_init(&answer->head, HTTP_ANSWER_HEAD_MAX);
    buf_init(&answer->body, body_max);
}

void http_answer_finish(struct http_answer *answer)
{
    buf_finish(&answer->head);
    buf_finish(&answer->body);
}

static bool refuse(struct http_answer *answer, const char *fault)
{
    answer->fault = fault;
    return false;
}

/* Begins a head. An interim answer (1xx) has one of its own, before that of the final answer. */
static bool take_status_line(struct http_answer *answer, struct str line)
{
    struct str code = str_slice(line, str_find(line, ' ') + 1, 3);
    uint64_t status = 0;
    if (code.len != 3 || str_parse_u64(code, &status) != OK || status < 100)
        return refuse(answer, "the answer has a malformed status line");
    answer->status = (int)status;
    buf_clear(&answer->head);
    return true;
}

static bool take_header(struct http_answer *answer, struct str line)
{
    size_t colon = str_find(line, ':');
    /* A line that begins with a space would continue the one before (RFC 9112, section 5.2): nobody
     * sends that any more but to confuse. */
    if (colon == 0 || colon == line.len || line.ptr[0] == ' ' || line.ptr[0] == '\t')
        return refuse(answer, "the answer has a malformed header");
    if (answer->header_count == HTTP_ANSWER_HEADERS_MAX)
        return refuse(answer, "the answer has too many headers");
    answer->headers[answer->header_count++] = (struct http_header){
        str_slice(line, 0, colon), str_trim(str_slice(line, colon + 1, line.len))};
    return true;
}

/* The head no longer moves, so the headers can point into it. */
static bool complete_head(struct http_answer *answer)
{
    struct str rest = buf_str(&answer->head), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (!take_header(answer, line))
            return false;
    size_t lengths =
        http_headers_count(answer->headers, answer->header_count, STR("Content-Length"));
    size_t codings =
        http_headers_count(answer->headers, answer->header_count, STR("Transfer-Encoding"));
    if (lengths + codings > 1)
        return refuse(answer, "the answer's length is ambiguous"); /* RFC 9112, section 6.3 */
    answer->is_head_complete = true;
    return true;
}

static struct str without_line_end(struct str line)
{
    if (str_ends(line, STR("\n")))
        line.len--;
    if (str_ends(line, STR("\r")))
        line.len--;
    return line;
}

bool http_answer_take_line(struct http_answer *answer, struct str line)
{
    if (answer->is_head_complete)
        return true; /* the trailer of a chunked body, which nobody asked for */
    line = without_line_end(line);
    if (str_starts(line, STR("HTTP/")))
        return take_status_line(answer, line);
    if (line.len == 0)
        return answer->status < 200 || complete_head(answer);
    buf_append(&answer->head, line);
    buf_append_byte(&answer->head, '\n');
    if (buf_is_over(&answer->head))
        return refuse(answer, "the answer's head is too long");
    return true;
}

bool http_answer_take_body(struct http_answer *answer, struct str bytes)
{
    buf_append(&answer->body, bytes);
    if (buf_is_over(&answer->body))
        return refuse(answer, "the answer's body is too long");
    return true;
}
