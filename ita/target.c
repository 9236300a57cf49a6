#include "ita/target.h"

#include "base/encoding.h"
#include "base/mem.h"

/* Decoded, pointing into the storage of its query. */
struct parameter {
    struct str name, value;
};

void ita_target_split(struct str target, struct str *path, struct str *query)
{
    size_t mark = str_find(target, '?');
    *path = str_slice(target, 0, mark);
    *query = str_slice(target, mark + 1, target.len);
}

static bool holds(struct str s, char byte)
{
    return str_find(s, byte) < s.len;
}

/* Such a byte ends or splits a request line, so that no two programs read the same target. */
static bool has_unsendable(struct str raw)
{
    for (size_t i = 0; i < raw.len; i++)
        if ((unsigned char)raw.ptr[i] <= ' ' || raw.ptr[i] == 0x7F || raw.ptr[i] == '#')
            return true;
    return false;
}

/* Only bytes that stay as they are when encoded, so that raw and encoded order are one. */
static bool is_unreserved(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_' || c == '.' || c == '~'))
            return false;
    }
    return true;
}

/* Decodes once. `place` is the word for the fault: path or query. */
static enum status decode(struct str raw, const char *place, struct buf *storage,
                          struct str *decoded, struct fault *fault)
{
    size_t start = storage->len;
    enum status status = percent_decode(raw, storage);
    if (status == ERR_TOO_BIG)
        return fault_set(fault, status, "%s: longer than %d bytes", place, ITA_TARGET_MAX);
    if (status != OK)
        return fault_set(fault, status, "%s: '%%' must be followed by two hexadecimal digits",
                         place);
    *decoded = str_from(storage->ptr + start, storage->len - start);
    if (holds(*decoded, '\0'))
        return fault_set(fault, ERR_INVALID, "%s: holds a NUL byte", place);
    if (!str_is_utf8(*decoded))
        return fault_set(fault, ERR_INVALID, "%s: is not UTF-8", place);
    return OK;
}

static enum status check_raw(struct str raw, const char *place, struct fault *fault)
{
    if (raw.len > ITA_TARGET_MAX)
        return fault_set(fault, ERR_TOO_BIG, "%s: longer than %d bytes", place, ITA_TARGET_MAX);
    if (has_unsendable(raw))
        return fault_set(fault, ERR_INVALID,
                         "%s: holds '#', white space or a control byte; encode it", place);
    return OK;
}

/* As the sender wrote it: after decoding, an encoded '/' can't be told from a real one. */
static bool has_encoded_slash(struct str raw)
{
    for (size_t mark; (mark = str_find(raw, '%')) < raw.len;) {
        raw = str_slice(raw, mark + 1, raw.len);
        if (str_is_nocase(str_slice(raw, 0, 2), STR("2F")))
            return true;
    }
    return false;
}

/* Section 11.7, on the decoded path, which starts with '/'. A '/' at the end is no empty segment:
 * "/a" and "/a/" are one canonical form. */
static enum status check_segments(struct str path, struct fault *fault)
{
    struct str rest = str_slice(path, 1, path.len), segment = {0};
    if (holds(path, '\\'))
        return fault_set(fault, ERR_INVALID, "path: holds a backslash");
    while (str_next(&rest, '/', &segment)) {
        if (segment.len == 0 && rest.ptr != NULL)
            return fault_set(fault, ERR_INVALID, "path: holds an empty segment");
        if (str_is(segment, STR(".")) || str_is(segment, STR("..")))
            return fault_set(fault, ERR_INVALID, "path: holds a dot segment");
    }
    return OK;
}

static enum status check_path(struct str raw, struct str decoded, enum ita_target_rules rules,
                              struct fault *fault)
{
    if (rules == ITA_TARGET_LITERAL)
        return OK;
    if (has_encoded_slash(raw))
        return fault_set(fault, ERR_INVALID, "path: holds an encoded '/'");
    enum status status = check_segments(decoded, fault);
    if (status != OK || rules == ITA_TARGET_UNAMBIGUOUS)
        return status;
    if (holds(decoded, '?') || holds(decoded, '#'))
        return fault_set(fault, ERR_INVALID, "path: holds an encoded '?' or '#'");
    return OK;
}

enum status ita_target_append_path(struct str path, enum ita_target_rules rules, struct buf *out,
                                   struct fault *fault)
{
    char bytes[ITA_TARGET_MAX];
    struct buf storage;
    struct str decoded = {0}, segment = {0};
    buf_init_fixed(&storage, bytes, sizeof(bytes));
    if (path.len == 0)
        path = STR("/");
    if (path.ptr[0] != '/')
        return fault_set(fault, ERR_INVALID, "path: must start with '/'");
    enum status status = check_raw(path, "path", fault);
    if (status == OK)
        status = decode(path, "path", &storage, &decoded, fault);
    if (status == OK)
        status = check_path(path, decoded, rules, fault);
    if (status != OK)
        return status;

    bool ends_in_slash = str_ends(decoded, STR("/"));
    struct str rest = str_slice(decoded, 1, decoded.len);
    while (str_next(&rest, '/', &segment)) {
        buf_append_byte(out, '/');
        percent_append(out, segment);
    }
    if (!ends_in_slash)
        buf_append_byte(out, '/');
    return OK;
}

static enum status check_raw_query(struct str raw, enum ita_target_rules rules, struct fault *fault)
{
    if (rules != ITA_TARGET_LITERAL && holds(raw, '\\'))
        return fault_set(fault, ERR_INVALID, "query: holds a raw backslash");
    if (rules != ITA_TARGET_AGREED)
        return OK;
    if (holds(raw, '+') || holds(raw, ';'))
        return fault_set(fault, ERR_INVALID,
                         "query: holds a raw '+' or ';', on which signers differ; encode it");
    return OK;
}

/* Steps 2 and 3 of section 4. */
static enum status split_query(struct str query, enum ita_target_rules rules, struct buf *storage,
                               struct parameter *parameters, size_t *count, struct fault *fault)
{
    struct str rest = query, piece = {0};
    for (*count = 0; str_next(&rest, '&', &piece);) {
        if (piece.len == 0 && rules != ITA_TARGET_AGREED)
            continue;
        if (*count == ITA_PARAMETERS_MAX)
            return fault_set(fault, ERR_TOO_BIG, "query: over %d parameters", ITA_PARAMETERS_MAX);
        struct parameter *parameter = &parameters[(*count)++];
        *parameter = (struct parameter){0};
        size_t equals = str_find(piece, '=');
        enum status status =
            decode(str_slice(piece, 0, equals), "query", storage, &parameter->name, fault);
        if (status == OK)
            status = decode(str_slice(piece, equals + 1, piece.len), "query", storage,
                            &parameter->value, fault);
        if (status != OK)
            return status;
        if (parameter->name.len == 0 && rules != ITA_TARGET_LITERAL)
            return fault_set(fault, ERR_INVALID, "query: a parameter has no name");
        if (rules == ITA_TARGET_AGREED && !is_unreserved(parameter->name))
            return fault_set(fault, ERR_INVALID,
                             "query: a name needs encoding; signers sort such names differently");
    }
    return OK;
}

/* By name, then value, before encoding (section 4.1: seven of ten signers). */
static int compare(const struct parameter *a, const struct parameter *b)
{
    int order = str_compare(a->name, b->name);
    return order != 0 ? order : str_compare(a->value, b->value);
}

/* Insertion: few parameters, mostly in order, and no allocation as in qsort(). */
static void sort(struct parameter *parameters, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct parameter moved = parameters[i];
        size_t at = i;
        for (; at > 0 && compare(&parameters[at - 1], &moved) > 0; at--)
            parameters[at] = parameters[at - 1];
        parameters[at] = moved;
    }
}

/* Of sorted parameters. */
static bool has_repeated_name(const struct parameter *parameters, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (str_is(parameters[i - 1].name, parameters[i].name))
            return true;
    return false;
}

enum status ita_target_append_query(struct str query, enum ita_target_rules rules, struct buf *out,
                                    struct fault *fault)
{
    char bytes[ITA_TARGET_MAX];
    struct buf storage;
    struct parameter parameters[ITA_PARAMETERS_MAX]; /* as many as count says */
    size_t count = 0;
    if (query.len == 0)
        return OK;
    buf_init_fixed(&storage, bytes, sizeof(bytes));
    enum status status = check_raw(query, "query", fault);
    if (status == OK)
        status = check_raw_query(query, rules, fault);
    if (status == OK)
        status = split_query(query, rules, &storage, parameters, &count, fault);
    if (status != OK)
        return status;

    sort(parameters, count);
    if (rules == ITA_TARGET_AGREED && has_repeated_name(parameters, count))
        return fault_set(fault, ERR_INVALID,
                         "query: a name is repeated; signers order its values differently");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_byte(out, '&');
        percent_append(out, parameters[i].name);
        buf_append_byte(out, '=');
        percent_append(out, parameters[i].value);
    }
    return OK;
}
