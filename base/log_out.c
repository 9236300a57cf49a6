#include "base/log_out.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"

/* Of standard error. A pipe that has says that it takes PIPE_BUF bytes at once. True, too, where
 * nobody can ever read: the write will tell. */
static bool has_room(int64_t until_ms)
{
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    int64_t wait_ms = until_ms - clock_mono_ms();
    return poll(&room, 1, wait_ms > 0 ? (int)wait_ms : 0) > 0;
}

/* Whole lines, so that those of several writers do not mix. */
static size_t next_piece(const struct log_out *out, size_t start)
{
    size_t most = out->len - start;
    if (most <= PIPE_BUF)
        return most;
    const char *newline = memrchr(out->bytes + start, '\n', PIPE_BUF);
    return newline == NULL ? PIPE_BUF : (size_t)(newline + 1 - (out->bytes + start));
}

static void take_away(struct log_out *out, size_t len)
{
    if (len == 0)
        return;
    out->is_inside = out->bytes[len - 1] != '\n';
    out->len -= len;
    memmove(out->bytes, out->bytes + len, out->len);
}

/* A line that left in part gets its end, or the next would begin in it. */
static void lose_all(struct log_out *out)
{
    bool is_only_end = out->is_inside && out->bytes[0] == '\n';
    for (size_t i = is_only_end ? 1 : 0; i < out->len; i++)
        out->lost += out->bytes[i] == '\n';
    out->len = 0;
    if (out->is_inside)
        out->bytes[out->len++] = '\n';
}

bool log_out_flush(struct log_out *out, int64_t wait_ms)
{
    size_t gone = 0;
    bool goes_on = out->len > 0, has_failed = false;
    int64_t until_ms = goes_on ? clock_mono_ms() + wait_ms : 0;
    while (goes_on && has_room(until_ms)) {
        ssize_t wrote = write(STDERR_FILENO, out->bytes + gone, next_piece(out, gone));
        bool is_full = wrote < 0 && errno == EAGAIN;           /* somebody made it non-blocking */
        has_failed = wrote <= 0 && !is_full && errno != EINTR; /* no disk, no reader */
        gone += wrote > 0 ? (size_t)wrote : 0;
        goes_on = gone < out->len && !is_full && !has_failed;
    }
    take_away(out, gone);
    if (has_failed)
        lose_all(out);
    return gone > 0 && out->len == 0;
}

void log_out_add(struct log_out *out, struct str line)
{
    if (out->len + line.len > sizeof(out->bytes))
        (void)log_out_flush(out, 0);
    if (out->len + line.len > sizeof(out->bytes)) {
        out->lost++;
        return;
    }
    memcpy(out->bytes + out->len, line.ptr, line.len);
    out->len += line.len;
}
