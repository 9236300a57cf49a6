#include "mock_ita/signature.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "base/mem.h"

enum {
    QUERY_PAIRS_MAX = 128, /* the ITA's API uses none; a push URL of a person's making may */
};

struct query_pair {
    struct str name, value; /* encoded */
};

/* Decodes once and encodes again, so that every spelling of one text gives the same bytes. */
static enum status append_normal(struct buf *out, struct str text)
{
    struct buf plain;
    buf_init(&plain, text.len + 1);
    enum status status = percent_decode(text, &plain);
    if (status == OK)
        percent_append(out, buf_str(&plain));
    buf_finish(&plain);
    return status;
}

/* Section 4, CanonicalURI. An encoded slash becomes a slash of its own, as the rule decodes before
 * it splits. */
static enum status append_path(struct buf *out, struct str path)
{
    struct buf plain;
    buf_init(&plain, path.len + 1);
    enum status status = OK;
    TRY(percent_decode(path, &plain));
    struct str rest = buf_str(&plain), segment;
    for (bool is_first = true; str_next(&rest, '/', &segment); is_first = false) {
        if (!is_first)
            buf_append_byte(out, '/');
        percent_append(out, segment);
    }
    if (!str_ends(buf_str(&plain), STR("/")))
        buf_append_byte(out, '/');
out:
    buf_finish(&plain);
    return status;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct query_pair *left = a, *right = b;
    int order = str_compare(left->name, right->name);
    return order != 0 ? order : str_compare(left->value, right->value);
}

/* Encodes one "name=value" into `normal`, which must not move while pairs point into it. */
static enum status read_pair(struct str piece, struct buf *normal, struct query_pair *pair)
{
    size_t equals = str_find(piece, '='), start = normal->len;
    enum status status = append_normal(normal, str_slice(piece, 0, equals));
    if (status != OK)
        return status;
    pair->name = str_slice(buf_str(normal), start, normal->len - start);
    start = normal->len;
    status = append_normal(normal, str_slice(piece, equals + 1, piece.len));
    pair->value = str_slice(buf_str(normal), start, normal->len - start);
    return status;
}

/* Section 4, CanonicalQuery. */
static enum status append_query(struct buf *out, struct str query)
{
    struct query_pair pairs[QUERY_PAIRS_MAX] = {0};
    size_t count = 0, size = query.len * 3 + 1; /* every byte at most three */
    char *storage = mem_alloc(size);
    struct buf normal;
    buf_init_fixed(&normal, storage, size);
    enum status status = OK;
    struct str rest = query, piece;
    while (str_next(&rest, '&', &piece)) {
        if (piece.len == 0)
            continue;
        if (count == QUERY_PAIRS_MAX)
            TRY(ERR_TOO_BIG);
        TRY(read_pair(piece, &normal, &pairs[count++]));
    }
    qsort(pairs, count, sizeof(pairs[0]), compare_pairs);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_byte(out, '&');
        buf_append(out, pairs[i].name);
        buf_append_byte(out, '=');
        buf_append(out, pairs[i].value);
    }
out:
    mem_free(storage);
    return status;
}

/* Section 5. */
static enum status append_headers(struct buf *out, const struct mock_signed_request *request)
{
    struct str rest = request->signed_headers, name;
    while (str_next(&rest, ';', &name)) {
        struct str value = http_headers_find(request->headers, request->header_count, name);
        if (value.ptr == NULL)
            return ERR_NOT_FOUND;
        buf_append(out, name);
        buf_append_byte(out, ':');
        buf_append(out, str_trim(value));
        buf_append_byte(out, '\n');
    }
    return OK;
}

enum status mock_signature_canonical(const struct mock_signed_request *request, struct buf *out)
{
    size_t mark = str_find(request->target, '?');
    enum status status = OK;
    buf_append(out, request->method);
    buf_append_byte(out, '\n');
    TRY(append_path(out, str_slice(request->target, 0, mark)));
    buf_append_byte(out, '\n');
    TRY(append_query(out, str_slice(request->target, mark + 1, request->target.len)));
    buf_append_byte(out, '\n');
    TRY(append_headers(out, request));
    buf_append_byte(out, '\n');
    buf_append(out, request->signed_headers);
    buf_append_byte(out, '\n');
    buf_append(out, request->payload_hash);
    if (buf_is_over(out))
        status = ERR_TOO_BIG;
out:
    return status;
}

void mock_signature_append_string_to_sign(struct str sdk_date, struct str canonical,
                                          struct buf *out)
{
    buf_append(out, STR("SDK-HMAC-SHA256\n"));
    buf_append(out, sdk_date);
    buf_append_byte(out, '\n');
    sha256_hex_append(out, canonical);
}

void mock_signature_compute(struct hmac_key *secret_key, struct str sdk_date, struct str canonical,
                            char out[static MOCK_SIGNATURE_LEN])
{
    char storage[MOCK_STRING_TO_SIGN_LEN];
    uint8_t mac[SHA256_SIZE];
    struct buf text, hex;
    buf_init_fixed(&text, storage, sizeof(storage));
    mock_signature_append_string_to_sign(sdk_date, canonical, &text);
    hmac_key_sign(secret_key, buf_str(&text), mac);
    buf_init_fixed(&hex, out, MOCK_SIGNATURE_LEN);
    hex_append(&hex, str_from(mac, sizeof(mac)));
}
