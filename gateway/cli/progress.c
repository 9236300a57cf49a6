#include "gateway/cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    BAR_CELLS = 30,
    TERMINAL_MS = 100,    /* between two drawings */
    ELSEWHERE_MS = 10000, /* between two lines of a log */
};

void progress_begin(struct progress *self, const char *what)
{
    *self = (struct progress){.what = what, .is_terminal = isatty(STDERR_FILENO) == 1};
    self->began_ms = clock_mono_ms();
    self->told_ms = self->began_ms;
}

void progress_step(struct progress *self, const char *what)
{
    self->what = what;
    self->began_ms = clock_mono_ms();
}

/* What is left, when it goes on as it went: nothing is said of the first second, which tells
 * little. */
static void print_left(const struct progress *self, int64_t now_ms, int64_t done, int64_t total)
{
    int64_t took_ms = now_ms - self->began_ms;
    if (done <= 0 || took_ms < 1000)
        return;
    double left_s = (double)took_ms * ((double)(total - done) / (double)done) / 1000;
    fprintf(stderr, ", %lld:%02lld left", (long long)left_s / 60, (long long)left_s % 60);
}

static void draw(const struct progress *self, int64_t now_ms, int64_t done, int64_t total)
{
    char bar[BAR_CELLS + 1];
    int filled = total <= 0 ? 0 : (int)((double)done / (double)total * BAR_CELLS);
    for (int i = 0; i < BAR_CELLS; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    if (total > 0)
        fprintf(stderr, "\r\x1b[K%s [%s] %3d %%", self->what, bar,
                (int)((double)done / (double)total * 100));
    else
        fprintf(stderr, "\r\x1b[K%s, %lld s", self->what,
                (long long)(now_ms - self->began_ms) / 1000);
    if (total > 0)
        print_left(self, now_ms, done, total);
    (void)fflush(stderr);
}

void progress_tell(void *progress, int64_t done, int64_t total)
{
    struct progress *self = progress;
    int64_t now_ms = clock_mono_ms();
    if (now_ms - self->told_ms < (self->is_terminal ? TERMINAL_MS : ELSEWHERE_MS))
        return;
    self->told_ms = now_ms;
    self->is_shown = true;
    if (self->is_terminal) {
        draw(self, now_ms, done, total);
        return;
    }
    fprintf(stderr, "%s:", self->what);
    if (total > 0)
        fprintf(stderr, " %d %%", (int)((double)done / (double)total * 100));
    else
        fprintf(stderr, " %lld s", (long long)(now_ms - self->began_ms) / 1000);
    if (total > 0)
        print_left(self, now_ms, done, total);
    fputc('\n', stderr);
}

void progress_end(struct progress *self)
{
    if (self->is_shown && self->is_terminal)
        fputs("\r\x1b[K", stderr);
    (void)fflush(stderr);
    self->is_shown = false;
}
