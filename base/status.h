#ifndef BASE_STATUS_H
#define BASE_STATUS_H

/* What a function that can fail returns. The class says whose matter the failure is, so that HTTP
 * status and retry are decided from the class in one place. Expected failures only: our own
 * mistakes are asserted. */

#define STATUS_MAP(X)                                                                              \
    X(OK, NONE, "ok")                                                                              \
    X(ERR_SYNTAX, CALLER, "malformed")                                                             \
    X(ERR_INVALID, CALLER, "breaks a rule")                                                        \
    X(ERR_TOO_BIG, CALLER, "over a limit")                                                         \
    X(ERR_DENIED, CALLER, "not authorised")                                                        \
    X(ERR_NOT_FOUND, CALLER, "not found")                                                          \
    X(ERR_EXISTS, CALLER, "exists already")                                                        \
    X(ERR_STALE, CALLER, "changed meanwhile")                                                      \
    X(ERR_EXHAUSTED, TEMPORARY, "nothing left")                                                    \
    X(ERR_BUSY, TEMPORARY, "busy")                                                                 \
    X(ERR_TIMEOUT, TEMPORARY, "out of time")                                                       \
    X(ERR_CANCELED, TEMPORARY, "canceled")                                                         \
    X(ERR_IO, OURS, "input or output failed")                                                      \
    X(ERR_CORRUPT, OURS, "stored data damaged")                                                    \
    X(ERR_CRYPTO, OURS, "cryptography failed")

enum status {
#define X(name, class, text) name,
    STATUS_MAP(X)
#undef X
};

enum status_class {
    STATUS_CLASS_NONE,
    STATUS_CLASS_CALLER,    /* the input is at fault; the same input fails again */
    STATUS_CLASS_TEMPORARY, /* may work later */
    STATUS_CLASS_OURS,      /* a fault of this machine or program */
};

#define MUST_CHECK __attribute__((warn_unused_result))

enum status_class status_class(enum status status);
const char *status_text(enum status status);

/* The one control-flow macro: needs a variable `status` and a label `out`. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != OK)                                                                          \
            goto out;                                                                              \
    } while (0)

#endif
