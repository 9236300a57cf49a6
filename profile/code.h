#ifndef PROFILE_CODE_H
#define PROFILE_CODE_H

/* The 21 refusal codes of the ITA with the vendor's texts (agent-api.md, section 5). */

#include "base/str.h"

/* Name, digits, text. */
#define ITA_CODE_MAP(X)                                                                            \
    X(INVALID_PARAMETER, "90100100", "Invalid Input Parameter")                                    \
    X(AUTH_FAILED, "90100200", "Auth Failed")                                                      \
    X(BAD_REQUEST, "90100300", "Bad Request")                                                      \
    X(NOT_FOUND, "90100400", "Not found")                                                          \
    X(INTERNAL_ERROR, "90100600", "Internal Server Error")                                         \
    X(INSUFFICIENT_BALANCE, "90102001", "Insufficient Balance")                                    \
    X(REQUEST_RESTRICTION, "90102002", "Request Restriction")                                      \
    X(INSUFFICIENT_PERMISSION, "90104001", "Insufficient Permission")                              \
    X(REQUEST_FORBIDDEN, "90104003", "Request Forbidden")                                          \
    X(SERVICE_UNAVAILABLE, "90104004", "Service Unavailable")                                      \
    X(PROCESS_FAILURE, "90104008", "Service Process Failure")                                      \
    X(TOO_MANY_REQUESTS, "90104029", "Too Many Requests")                                          \
    X(BINDING_EXISTS, "90106001", "Binding relationship already exists")                           \
    X(BINDING_NOT_EXISTS, "90106002", "Binding relationship not exists")                           \
    X(NUMBERS_EXHAUSTED, "90106003", "Insufficient Number resources")                              \
    X(NUMBER_NOT_FOUND, "90106004", "No corresponding number found")                               \
    X(BINDING_INCONSISTENT, "90106005", "Inconsistent binding data")                               \
    X(OTHER_ERROR, "90106006", "Other Error")                                                      \
    X(POLICY_FORBID, "90106010", "Policy Forbid")                                                  \
    X(CALLER_FORBID, "90106011", "Caller Forbid")                                                  \
    X(CALLEE_FORBID, "90106012", "Callee forbid")

/* ITA_CODE_INVALID_PARAMETER is "90100100", and so on. */
#define X(name, digits, text) extern const char ITA_CODE_##name[sizeof(digits)];
ITA_CODE_MAP(X)
#undef X
/* Beside the 21: nothing was refused. */
extern const char ITA_CODE_SUCCESS[2];

/* "Insufficient Number resources" of "90106003"; NULL for a code that is not one of the 21. */
const char *ita_code_text(struct str code);

#endif
