#include "net/http_chunks.h"

#include <stdbool.h>
#include <string.h>

enum chunk_state {
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_LAST_CR, /* behind the size line of the last chunk, where trailers could stand */
    CHUNK_LAST_LF,
    CHUNK_TRAILER,
    CHUNK_DONE,
};

/* 4 GiB, over every limit in use; keeps the sum of sizes in size_t. */
enum { CHUNK_DIGITS_MAX = 8 };

static void refuse(struct http_chunks *chunks, int status, const char *reason)
{
    chunks->error_status = status;
    chunks->error_reason = reason;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_tolerant(const struct http_chunks *chunks)
{
    return chunks->rule == HTTP_CHUNKS_TOLERANT;
}

/* One byte of a size line. */
static void read_size(struct http_chunks *chunks, char byte, size_t end_max)
{
    int digit = hex_value(byte);
    if (digit >= 0 && chunks->digits < CHUNK_DIGITS_MAX) {
        chunks->left = chunks->left * 16 + (size_t)digit;
        chunks->digits++;
        chunks->at++;
    } else if (is_tolerant(chunks) && chunks->digits > 0 && memchr("; \t", byte, 3) != NULL) {
        chunks->state = CHUNK_EXTENSION;
    } else if (byte != '\r' || chunks->digits == 0) {
        refuse(chunks, 400, "a chunk size is not 1 to 8 hexadecimal digits and CRLF");
    } else if (chunks->left > end_max - chunks->body_end) {
        refuse(chunks, 413, "the body is larger than this path takes");
    } else {
        chunks->at++;
        chunks->state = CHUNK_SIZE_LF;
    }
}

/* Moves chunk data down to the body read before it. */
static void read_data(struct http_chunks *chunks, char *bytes, size_t len)
{
    size_t here = len - chunks->at < chunks->left ? len - chunks->at : chunks->left;
    memmove(bytes + chunks->body_end, bytes + chunks->at, here);
    chunks->at += here;
    chunks->body_end += here;
    chunks->left -= here;
    if (chunks->left == 0)
        chunks->state = CHUNK_DATA_CR;
}

/* A byte that can only be this one. */
static void take(struct http_chunks *chunks, char byte, char wanted, enum chunk_state next)
{
    if (byte != wanted) {
        refuse(chunks, 400,
               chunks->state == CHUNK_LAST_CR ? "trailers are not accepted"
                                              : "a CRLF of the chunked body is missing");
        return;
    }
    chunks->at++;
    chunks->state = (int)next;
}

/* There is at least one byte to look at. */
static void read_part(struct http_chunks *chunks, size_t end_max, char *bytes, size_t len)
{
    char byte = bytes[chunks->at];
    switch ((enum chunk_state)chunks->state) {
    case CHUNK_SIZE:
        read_size(chunks, byte, end_max);
        break;
    case CHUNK_EXTENSION:
        if (byte == '\r')
            read_size(chunks, byte, end_max);
        else
            chunks->at++;
        break;
    case CHUNK_SIZE_LF:
        take(chunks, byte, '\n', chunks->left > 0 ? CHUNK_DATA : CHUNK_LAST_CR);
        break;
    case CHUNK_DATA:
        read_data(chunks, bytes, len);
        break;
    case CHUNK_DATA_CR:
        take(chunks, byte, '\r', CHUNK_DATA_LF);
        break;
    case CHUNK_DATA_LF:
        take(chunks, byte, '\n', CHUNK_SIZE);
        chunks->digits = 0;
        break;
    case CHUNK_LAST_CR:
        if (byte != '\r' && is_tolerant(chunks))
            chunks->state = CHUNK_TRAILER;
        else
            take(chunks, byte, '\r', CHUNK_LAST_LF);
        break;
    case CHUNK_LAST_LF:
        take(chunks, byte, '\n', CHUNK_DONE);
        break;
    case CHUNK_TRAILER:
        chunks->at++;
        if (byte == '\n')
            chunks->state = CHUNK_LAST_CR;
        break;
    case CHUNK_DONE:
        break;
    }
}

void http_chunks_init(struct http_chunks *chunks, size_t start, enum http_chunks_rule rule)
{
    *chunks = (struct http_chunks){.at = start, .body_end = start, .rule = rule};
}

enum http_read http_chunks_read(struct http_chunks *chunks, size_t end_max, char *bytes,
                                size_t *len)
{
    while (chunks->error_status == 0 && chunks->state != CHUNK_DONE && chunks->at < *len)
        read_part(chunks, end_max, bytes, *len);
    if (chunks->error_status != 0)
        return HTTP_READ_REFUSED;
    if (chunks->state == CHUNK_DONE)
        return HTTP_READ_DONE;
    chunks->at = *len = chunks->body_end;
    return HTTP_READ_MORE;
}
