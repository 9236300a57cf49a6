#include "gateway/cli/screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"

enum { DRAWN_MAX = 256 * 1024 };

/* Standard input byte by byte and without echo; Ctrl-C and Ctrl-Z stay signals. */
static void take_terminal(const struct screen *screen)
{
    struct termios modes = screen->modes_before;
    modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    if (screen->has_modes)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    (void)fputs("\x1b[?1049h\x1b[?25l\x1b[H", stdout); /* other screen, no cursor, top left */
    (void)fflush(stdout);
}

static void give_back_terminal(const struct screen *screen)
{
    (void)fputs("\x1b[?25h\x1b[?1049l", stdout);
    (void)fflush(stdout);
    if (screen->has_modes)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &screen->modes_before);
}

enum status screen_enter(struct screen *screen, struct fault *fault)
{
    static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    sigset_t set;
    *screen = (struct screen){.signals = -1};
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        sigaddset(&set, taken[i]);
    (void)sigprocmask(SIG_BLOCK, &set, &screen->mask_before);
    screen->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (screen->signals < 0) {
        (void)sigprocmask(SIG_SETMASK, &screen->mask_before, NULL);
        return fault_set(fault, ERR_IO, "signals: %s", strerror(errno));
    }
    screen->has_modes = tcgetattr(STDIN_FILENO, &screen->modes_before) == 0;
    take_terminal(screen);
    return OK;
}

void screen_leave(struct screen *screen)
{
    give_back_terminal(screen);
    (void)close(screen->signals);
    (void)sigprocmask(SIG_SETMASK, &screen->mask_before, NULL);
}

bool screen_draw(struct str text)
{
    struct buf out;
    struct str line;
    buf_init(&out, DRAWN_MAX);
    buf_append(&out, STR("\x1b[H"));
    while (text.len > 0 && str_next(&text, '\n', &line)) {
        buf_append(&out, line);
        buf_append(&out, STR("\x1b[K\r\n")); /* what stood behind it is gone */
    }
    buf_append(&out, STR("\x1b[J"));
    bool is_written = fwrite(out.ptr, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    buf_finish(&out);
    return is_written;
}

static void stop_and_go_on(struct screen *screen)
{
    give_back_terminal(screen);
    (void)kill(getpid(), SIGSTOP);
    take_terminal(screen);
}

/* False: nothing of interest. */
static bool read_signal(struct screen *screen, enum screen_event *event, int *number)
{
    struct signalfd_siginfo signal;
    if (read(screen->signals, &signal, sizeof(signal)) != (ssize_t)sizeof(signal))
        return false;
    *number = (int)signal.ssi_signo;
    if (*number == SIGTSTP)
        stop_and_go_on(screen);
    *event = *number == SIGWINCH || *number == SIGTSTP ? SCREEN_RESIZED
             : *number == SIGINT                       ? SCREEN_QUIT
                                                       : SCREEN_SIGNAL;
    return true;
}

enum screen_event screen_wait(struct screen *screen, int timeout_ms, int *signal_number)
{
    struct pollfd sources[] = {{screen->signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    nfds_t count = screen->has_modes ? 2 : 1; /* input that is no terminal is nobody's keys */
    enum screen_event event = SCREEN_TIME_OVER;
    char key;
    if (poll(sources, count, timeout_ms) <= 0)
        return SCREEN_TIME_OVER;
    if (sources[0].revents != 0 && read_signal(screen, &event, signal_number))
        return event;
    if (count == 2 && sources[1].revents != 0 &&
        (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))
        return SCREEN_QUIT;
    return SCREEN_RESIZED; /* another key draws anew */
}
