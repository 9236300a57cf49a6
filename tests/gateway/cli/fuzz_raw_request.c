/* A request as people paste it: what is read of it lies within the text, and is read the same when
 * it is written out again. */

#include <stdlib.h>

#include "base/mem.h"
#include "gateway/cli/raw_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_true)
{
    if (!is_true)
        abort();
}

static void expect_within(struct str part, struct str text)
{
    expect(part.len == 0 || (part.ptr >= text.ptr && part.ptr + part.len <= text.ptr + text.len));
}

static void write_again(const struct ita_request *request, struct buf *out)
{
    buf_append(out, request->method);
    buf_append_byte(out, ' ');
    buf_append(out, request->target);
    buf_append(out, STR(" HTTP/1.1\r\n"));
    for (size_t i = 0; i < request->header_count; i++) {
        buf_append(out, request->headers[i].name);
        buf_append(out, STR(": "));
        buf_append(out, request->headers[i].value);
        buf_append(out, STR("\r\n"));
    }
    buf_append(out, STR("\r\n"));
    buf_append(out, request->body);
}

static void expect_same(const struct raw_request *a, const struct raw_request *b)
{
    const struct ita_request *x = &a->request, *y = &b->request;
    expect(str_is(x->method, y->method) && str_is(x->target, y->target) &&
           str_is(x->body, y->body) && x->header_count == y->header_count);
    for (size_t i = 0; i < x->header_count; i++)
        expect(str_is(x->headers[i].name, y->headers[i].name) &&
               str_is(x->headers[i].value, y->headers[i].value));
    expect(str_is(a->access_key, b->access_key) && str_is(a->signed_headers, b->signed_headers) &&
           str_is(a->signature, b->signature));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_from(data, size);
    struct raw_request first, again;
    struct fault fault;
    struct buf written;
    if (raw_request_read(text, &first, &fault) != OK)
        return 0;
    const struct str parts[] = {first.request.method, first.request.target, first.request.body,
                                first.access_key,     first.signed_headers, first.signature};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        expect_within(parts[i], text);
    buf_init(&written, 1 << 24);
    write_again(&first.request, &written);
    expect(raw_request_read(buf_str(&written), &again, &fault) == OK);
    expect_same(&first, &again);
    buf_finish(&written);
    return 0;
}
