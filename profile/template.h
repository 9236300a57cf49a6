#ifndef PROFILE_TEMPLATE_H
#define PROFILE_TEMPLATE_H

/* Text with variables in it, "{tenant}:{callSerialNo}", compiled once: what a wire profile is
 * written in. Pure. */

#include "base/buf.h"
#include "base/fault.h"

/* Variable, name. */
#define PROFILE_VARIABLE_MAP(X)                                                                    \
    X(PROFILE_VARIABLE_TENANT, "tenant")                                                           \
    X(PROFILE_VARIABLE_CALL_SERIAL, "callSerialNo")                                                \
    X(PROFILE_VARIABLE_APP_KEY, "appKey")                                                          \
    X(PROFILE_VARIABLE_REQUEST_ID, "requestId")                                                    \
    X(PROFILE_VARIABLE_SUB_TIME, "subTime")                                                        \
    X(PROFILE_VARIABLE_CALL_ID, "callID")                                                          \
    X(PROFILE_VARIABLE_TEL_A, "telA")                                                              \
    X(PROFILE_VARIABLE_TEL_B, "telB")                                                              \
    X(PROFILE_VARIABLE_TEL_X_MODE, "telXMode")                                                     \
    X(PROFILE_VARIABLE_TEL_X, "telX")                                                              \
    X(PROFILE_VARIABLE_AREA_CODE, "areaCode")                                                      \
    X(PROFILE_VARIABLE_EXPIRATION, "expiration")                                                   \
    X(PROFILE_VARIABLE_CALL_RECORDING, "callRecording")                                            \
    X(PROFILE_VARIABLE_REMARK, "remark")                                                           \
    X(PROFILE_VARIABLE_TRANS_ID, "transId")                                                        \
    X(PROFILE_VARIABLE_SUB_ID, "subId")                                                            \
    X(PROFILE_VARIABLE_TRACEPARENT, "traceparent") /* of a header, in no template */

enum profile_variable {
#define X(name, text) name,
    PROFILE_VARIABLE_MAP(X)
#undef X
        PROFILE_VARIABLES
};

/* Of each variable its value, borrowed; ptr NULL: unset. */
struct profile_values {
    struct str of[PROFILE_VARIABLES];
};

enum {
    PROFILE_PIECES_MAX = 64, /* of a template: matching goes as deep */
};

struct profile_piece {
    struct str literal; /* ptr NULL: the variable */
    enum profile_variable variable;
};

struct profile_template {
    struct profile_piece *pieces;
    size_t count;
};

#define PROFILE_VARIABLE_BIT(variable) (1u << (variable))

/* Keeps pointers into text. `allowed` holds the bits of the variables that have a value where this
 * template is used. A brace that is not part of "{variable}" is refused. */
MUST_CHECK enum status profile_template_parse(struct str text, unsigned allowed,
                                              struct profile_template *out, struct fault *fault);
void profile_template_finish(struct profile_template *self);
/* The bits of the variables in it. */
unsigned profile_template_variables(const struct profile_template *self);

/* True when it is one variable and nothing else, and that has no value. */
bool profile_template_is_unset(const struct profile_template *self,
                               const struct profile_values *values);
/* An unset variable is empty text. */
void profile_template_append(const struct profile_template *self,
                             const struct profile_values *values, struct buf *out);
/* As above, the values percent-encoded, for a path or query. */
void profile_template_append_encoded(const struct profile_template *self,
                                     const struct profile_values *values, struct buf *out);

/* The text that it was parsed from. */
void profile_template_print(const struct profile_template *self, struct buf *out);
/* "telA" */
const char *profile_variable_name(enum profile_variable variable);

/* Whether the value could be the variable's. */
typedef bool profile_fits(const void *data, enum profile_variable variable, struct str value);
/* The reverse of appending: finds values, borrowed from text, of which the template makes the text
 * and that all fit; a variable that stands in it twice has one value. Returns in how many ways that
 * can be, 2 standing for all above, and the one with the shortest values in front; 0 also for what
 * would take too many tries. Values of variables that the template lacks stay as they are. */
int profile_template_match(const struct profile_template *self, struct str text, profile_fits *fits,
                           const void *data, struct profile_values *values);

/* As above, for templates of tenant and callSerialNo only; a value is empty when the template lacks
 * it. A serial is digits, a tenant A-Z a-z 0-9 - _ . ; ERR_INVALID when the text does not fit or
 * fits in two ways. */
MUST_CHECK enum status profile_template_read(const struct profile_template *self, struct str text,
                                             struct str *tenant, struct str *serial);

#endif
