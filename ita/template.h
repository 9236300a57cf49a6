#ifndef ITA_TEMPLATE_H
#define ITA_TEMPLATE_H

/* Text with variables in it, "{tenant}:{callSerialNo}", compiled once: what a wire profile is
 * written in. Pure. */

#include "base/buf.h"
#include "base/fault.h"

/* Variable, name. */
#define ITA_VARIABLE_MAP(X)                                                                        \
    X(ITA_VARIABLE_TENANT, "tenant")                                                               \
    X(ITA_VARIABLE_CALL_SERIAL, "callSerialNo")                                                    \
    X(ITA_VARIABLE_APP_KEY, "appKey")                                                              \
    X(ITA_VARIABLE_REQUEST_ID, "requestId")                                                        \
    X(ITA_VARIABLE_SUB_TIME, "subTime")                                                            \
    X(ITA_VARIABLE_CALL_ID, "callID")                                                              \
    X(ITA_VARIABLE_TEL_A, "telA")                                                                  \
    X(ITA_VARIABLE_TEL_B, "telB")                                                                  \
    X(ITA_VARIABLE_TEL_X_MODE, "telXMode")                                                         \
    X(ITA_VARIABLE_TEL_X, "telX")                                                                  \
    X(ITA_VARIABLE_AREA_CODE, "areaCode")                                                          \
    X(ITA_VARIABLE_EXPIRATION, "expiration")                                                       \
    X(ITA_VARIABLE_CALL_RECORDING, "callRecording")                                                \
    X(ITA_VARIABLE_REMARK, "remark")

enum ita_variable {
#define X(name, text) name,
    ITA_VARIABLE_MAP(X)
#undef X
        ITA_VARIABLES
};

/* Of each variable its value, borrowed; ptr NULL: unset. */
struct ita_values {
    struct str of[ITA_VARIABLES];
};

struct ita_piece {
    struct str literal; /* ptr NULL: the variable */
    enum ita_variable variable;
};

struct ita_template {
    struct ita_piece *pieces;
    size_t count;
};

#define ITA_VARIABLE_BIT(variable) (1u << (variable))

/* Keeps pointers into text. `allowed` holds the bits of the variables that have a value where this
 * template is used. A brace that is not part of "{variable}" is refused. */
MUST_CHECK enum status ita_template_parse(struct str text, unsigned allowed,
                                          struct ita_template *out, struct fault *fault);
void ita_template_finish(struct ita_template *self);
/* The bits of the variables in it. */
unsigned ita_template_variables(const struct ita_template *self);

/* True when it is one variable and nothing else, and that has no value. */
bool ita_template_is_unset(const struct ita_template *self, const struct ita_values *values);
/* An unset variable is empty text. */
void ita_template_append(const struct ita_template *self, const struct ita_values *values,
                         struct buf *out);
/* As above, the values percent-encoded, for a path or query. */
void ita_template_append_encoded(const struct ita_template *self, const struct ita_values *values,
                                 struct buf *out);

/* The reverse, for templates of tenant and callSerialNo only: finds their values (empty when the
 * template lacks them) in a text that the template made. A serial is digits, a tenant A-Z a-z 0-9 -
 * _ . ; ERR_INVALID when the text does not fit or fits in two ways. */
MUST_CHECK enum status ita_template_read(const struct ita_template *self, struct str text,
                                         struct str *tenant, struct str *serial);

#endif
