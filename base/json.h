#ifndef BASE_JSON_H
#define BASE_JSON_H

/* JSON by RFC 8259, read strictly into a tree, which costs one allocation for a usual body.
 * Writing: straight into a buf, no tree. */

#include "base/buf.h"
#include "base/fault.h"

enum {
    JSON_DEPTH_MAX = 32,    /* agent-api.md, section 1 */
    JSON_MEMBERS_MAX = 128, /* of one object: duplicates are found by comparing each with each, at
                               most 3 ms per body */
};

struct json; /* a value; lives as long as its document */

/* Takes any bytes. Refuses: empty text, not UTF-8, a BOM, NUL (raw or \u0000), raw control
 * characters, lone surrogate escapes, duplicate members, trailing bytes, deeper than
 * JSON_DEPTH_MAX, over JSON_MEMBERS_MAX members. On success the caller owns *out and ends it with
 * json_destroy(). */
MUST_CHECK enum status json_parse(struct str text, struct json **out, struct fault *fault);
void json_destroy(struct json *root); /* takes NULL */

/* All take NULL (an absent value) and answer false or NULL. */
bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
bool json_is_string(const struct json *value);
bool json_is_number(const struct json *value);
bool json_is_bool(const struct json *value);
bool json_is_null(const struct json *value);

/* The member of an object, by its exact name; NULL when absent or when value is no object. */
const struct json *json_get(const struct json *object, const char *name);
/* By a path of member names, "/data/callID" (RFC 6901 without escapes or array indexes). "" is the
 * value itself. */
const struct json *json_at(const struct json *value, const char *path);
/* First child of an object or array, and the next sibling: for walking. */
const struct json *json_first(const struct json *value);
const struct json *json_next(const struct json *value);
/* The member name; NULL for array elements and the root. */
const char *json_name(const struct json *value);

/* Borrowed text of a string; empty for anything else. */
struct str json_string(const struct json *value);
/* A string as it stands, or a whole number up to 2^53 as decimal digits, in caller's storage of at
 * least JSON_TEXT_NUMBER_SIZE bytes: numbers arrive both ways (agent-api.md, section 1). */
enum { JSON_TEXT_NUMBER_SIZE = 24 };
MUST_CHECK enum status json_text(const struct json *value,
                                 char number[static JSON_TEXT_NUMBER_SIZE], struct str *out);
/* A whole number from -2^53 to 2^53 (what a double holds exactly), or a string of digits. */
#define JSON_WHOLE_MAX (INT64_C(1) << 53)
MUST_CHECK enum status json_i64(const struct json *value, int64_t *out);
bool json_bool(const struct json *value);     /* false for anything but true */
double json_double(const struct json *value); /* 0 for anything but a number */
/* As it was written; empty for anything but a number. */
struct str json_number(const struct json *value);

/* Writes JSON into a buf. Commas are put by the writer; the caller balances begin and end. A name
 * is a literal that needs no escaping; NULL inside arrays and for the outermost value. */
struct json_writer {
    struct buf *out;
    bool needs_comma;
};

void json_write_init(struct json_writer *w, struct buf *out);
void json_write_object(struct json_writer *w, const char *name);
void json_write_object_end(struct json_writer *w);
void json_write_array(struct json_writer *w, const char *name);
void json_write_array_end(struct json_writer *w);
/* Escapes what JSON demands; bytes that are not UTF-8 become U+FFFD. */
void json_write_str(struct json_writer *w, const char *name, struct str value);
void json_write_text(struct json_writer *w, const char *name, const char *value); /* NULL: null */
void json_write_i64(struct json_writer *w, const char *name, int64_t value);
void json_write_i64_text(struct json_writer *w, const char *name, int64_t value); /* "123" */
void json_write_bool(struct json_writer *w, const char *name, bool value);
void json_write_null(struct json_writer *w, const char *name);
/* Text that is JSON already. */
void json_write_raw(struct json_writer *w, const char *name, struct str json);
/* A parsed value, as compact JSON. */
void json_write_value(struct json_writer *w, const char *name, const struct json *value);

#endif
