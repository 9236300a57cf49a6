#ifndef TESTS_TEST_H
#define TESTS_TEST_H

/* cmocka with its prerequisites in order, and checks for the project's own types. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"

/* A failure prints both texts. */
#define assert_str(actual, expected)                                                               \
    do {                                                                                           \
        struct str actual_ = (actual), expected_ = str_of(expected);                               \
        if (!str_is(actual_, expected_))                                                           \
            fail_msg("got      %.*s\nexpected %.*s", STR_ARGS(actual_), STR_ARGS(expected_));      \
    } while (0)

#define assert_status(actual, expected)                                                            \
    do {                                                                                           \
        enum status status_ = (actual);                                                            \
        if (status_ != (expected))                                                                 \
            fail_msg("got `%s`, expected `%s`", status_text(status_), status_text(expected));      \
    } while (0)

/* The fault says this, somewhere. */
#define assert_fault(fault, part)                                                                  \
    do {                                                                                           \
        if (strstr((fault).text, (part)) == NULL)                                                  \
            fail_msg("fault is `%s`, expected it to hold `%s`", (fault).text, (part));             \
    } while (0)

#define UNUSED(name) ((void)(name))
#define TEST(name) static void name(void **state)

#endif
