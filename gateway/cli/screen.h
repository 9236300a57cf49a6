#ifndef GATEWAY_CLI_SCREEN_H
#define GATEWAY_CLI_SCREEN_H

/* The whole terminal for a view that is drawn anew in place. What the terminal showed before, its
 * cursor and its modes come back with screen_leave(), which every way out goes through: signals are
 * taken as events while the screen is entered. */

#include <signal.h>
#include <termios.h>

#include "base/fault.h"
#include "base/str.h"

struct screen {
    int signals; /* a descriptor, signalfd(2) */
    sigset_t mask_before;
    struct termios modes_before;
    bool has_modes; /* standard input is a terminal */
};

enum screen_event {
    SCREEN_TIME_OVER,
    SCREEN_RESIZED,
    SCREEN_QUIT,   /* q, Ctrl-C, or standard input has ended */
    SCREEN_SIGNAL, /* one that ends a program; goes to *signal_number */
};

MUST_CHECK enum status screen_enter(struct screen *screen, struct fault *fault);
void screen_leave(struct screen *screen);
/* Lines ended by '\n' from the top on; what stood below is gone. False: it could not be written. */
bool screen_draw(struct str text);
/* For so long. Being stopped (Ctrl-Z) and going on happens within. */
enum screen_event screen_wait(struct screen *screen, int timeout_ms, int *signal_number);

#endif
