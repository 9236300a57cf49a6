#include "net/http_query.h"

#include "base/encoding.h"

enum { NAME_MAX_BYTES = 64 }; /* longer than any name in use: it fits into a fault with its rule */

static bool is_text(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == '\x7f')
            return false;
    return str_is_utf8(text);
}

static enum status decode(struct str encoded, struct buf *out)
{
    struct str piece;
    size_t start = out->len;
    for (bool is_first = true; str_next(&encoded, '+', &piece); is_first = false) {
        if (!is_first)
            buf_append_byte(out, ' ');
        enum status status = percent_decode(piece, out);
        if (status != OK)
            return status;
    }
    return is_text(str_slice(buf_str(out), start, out->len)) ? OK : ERR_SYNTAX;
}

/* Takes the next parameter off the query, its name decoded. Empty ones ("a&&b") are passed over.
 * ERR_NOT_FOUND at the end. */
static enum status next(struct str *query, struct buf *name, struct str *value, struct fault *fault)
{
    struct str piece = {NULL, 0};
    while (piece.len == 0)
        if (!str_next(query, '&', &piece))
            return ERR_NOT_FOUND;
    size_t equals = str_find(piece, '=');
    *value = str_slice(piece, equals + 1, piece.len);
    buf_clear(name);
    if (decode(str_slice(piece, 0, equals), name) != OK)
        return fault_set(fault, ERR_SYNTAX, "the query holds a malformed parameter name");
    return OK;
}

enum status http_query_find(struct str query, const char *name, struct buf *value,
                            struct fault *fault)
{
    char storage[NAME_MAX_BYTES];
    struct buf present;
    struct str encoded = {NULL, 0}, found = {NULL, 0};
    size_t times = 0;
    enum status status;
    buf_init_fixed(&present, storage, sizeof(storage));
    while ((status = next(&query, &present, &encoded, fault)) == OK) {
        if (!str_is(buf_str(&present), str_of(name)))
            continue;
        found = encoded;
        times++;
    }
    if (status != ERR_NOT_FOUND || times == 0)
        return status;
    if (times > 1)
        return fault_set(fault, ERR_INVALID, "%s: stands in the query twice", name);
    status = decode(found, value);
    if (status == ERR_TOO_BIG)
        return fault_set(fault, status, "%s: too long", name);
    if (status != OK)
        return fault_set(fault, status, "%s: not percent-encoded UTF-8 text", name);
    return OK;
}

static bool is_one_of(struct str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(name, str_of(names[i])))
            return true;
    return false;
}

/* Names what is known: what was sent instead may be anything. */
static enum status refuse_others(const char *const *names, size_t count, struct fault *fault)
{
    char known[sizeof(fault->text)];
    struct buf list;
    buf_init_fixed(&list, known, sizeof(known));
    if (count > 0)
        buf_append(&list, STR(" but"));
    for (size_t i = 0; i < count; i++)
        buf_format(&list, "%s%s", i > 0 ? ", " : ": ", names[i]);
    return fault_set(fault, ERR_INVALID, "the query may hold nothing%.*s",
                     STR_ARGS(buf_str(&list)));
}

enum status http_query_check(struct str query, const char *const *names, size_t count,
                             struct fault *fault)
{
    char storage[NAME_MAX_BYTES];
    struct buf name;
    struct str value;
    enum status status;
    buf_init_fixed(&name, storage, sizeof(storage));
    while ((status = next(&query, &name, &value, fault)) == OK)
        if (!is_one_of(buf_str(&name), names, count))
            return refuse_others(names, count, fault);
    return status == ERR_NOT_FOUND ? OK : status;
}
