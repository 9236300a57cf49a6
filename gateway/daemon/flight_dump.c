#include "gateway/daemon/flight_dump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/flight_recorder.h"
#include "base/mem.h"

static const char SUFFIX[] = ".flight-recorder";

enum {
    PATH_MAX_BYTES = 4096,
    PIECE_BYTES = 16 * 1024, /* of one write; fits the stack of a handler */
    /* Of the disk: what all lines take when few of their bytes are escaped. */
    RESERVED_BYTES = FLIGHT_RECORDER_LINES * FLIGHT_RECORDER_LINE_BYTES,
    STACK_BYTES = 64 * 1024,
};

static const struct {
    int number;
    const char *name;
} signals[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGABRT, "SIGABRT"},
    {SIGILL, "SIGILL"},   {SIGFPE, "SIGFPE"},
};

/* Global: a handler is given nothing but the signal's number. */
static struct {
    /* fixed at start */
    int fd; /* -1: there is no file */
    char path[PATH_MAX_BYTES];
    struct sigaction before[COUNT_OF(signals)];
    char stack[STACK_BYTES]; /* for the thread that starts it, should its own be used up */
    /* changes */
    pthread_mutex_t lock;  /* one dump at a time, but for a fatal signal's */
    _Atomic bool is_dying; /* the file is the handler's */
} dump = {.fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER};

/* --- Writing; safe in signal handlers --- */

struct piece {
    bool is_fatal;
    off_t at; /* in the file */
    int error;
    struct buf text;
    char storage[PIECE_BYTES];
};

static void flush(struct piece *piece)
{
    const char *bytes = piece->text.ptr;
    size_t left = piece->text.len;
    while (left > 0 && piece->error == 0 && (piece->is_fatal || !atomic_load(&dump.is_dying))) {
        ssize_t wrote = pwrite(dump.fd, bytes, left, piece->at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            piece->error = wrote < 0 ? errno : EIO;
            break;
        }
        bytes += wrote;
        left -= (size_t)wrote;
        piece->at += wrote;
    }
    buf_clear(&piece->text);
}

static void add_line(void *data, struct str line)
{
    struct piece *piece = data;
    if (line.len + 1 > piece->text.max - piece->text.len)
        flush(piece);
    buf_append(&piece->text, line);
    buf_append_byte(&piece->text, '\n');
}

/* The first line of the file, and what standard error is told of a fatal signal. */
static void append_head(const char *why, struct buf *out)
{
    const struct log_field fields[] = {L_TEXT("why", why),
                                       L_TEXT("version", VERSION),
                                       L_I64("pid", getpid()),
                                       L_TEXT("file", dump.path),
                                       {0}};
    log_line_append_logfmt(
        &(struct log_line){clock_wall_ms(), LOG_ERROR, "flight recorder written", fields}, out);
}

/* The file is cut at the end: until then the blocks that it has serve the new text. */
static int write_file(const char *why, bool is_fatal)
{
    struct piece piece = {.is_fatal = is_fatal};
    buf_init_fixed(&piece.text, piece.storage, sizeof(piece.storage));
    append_head(why, &piece.text);
    buf_append_byte(&piece.text, '\n');
    if (is_fatal)
        flight_recorder_read_in_signal(add_line, &piece);
    else
        flight_recorder_read(add_line, &piece);
    flush(&piece);
    if (ftruncate(dump.fd, piece.at) != 0 && piece.error == 0)
        piece.error = errno;
    return piece.error;
}

/* --- Fatal signals --- */

/* Only as much as it takes at once: its reader may be why we die. */
static void tell_stderr(const char *why)
{
    char storage[PATH_MAX_BYTES + 256];
    struct buf line;
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    buf_init_fixed(&line, storage, sizeof(storage));
    append_head(why, &line);
    buf_append_byte(&line, '\n');
    if (poll(&out, 1, 0) == 1 && write(STDERR_FILENO, line.ptr, line.len) < 0)
        return;
}

/* All signals wait meanwhile, so that a fault in here ends the process at once. Behind it the fault
 * happens again, and what would have been done is done: a core dump shows its place. A signal that
 * somebody has sent does not come again by itself. */
static void on_fatal(int number, siginfo_t *info, void *context)
{
    size_t i = 0;
    (void)context;
    while (signals[i].number != number)
        i++;
    if (atomic_exchange(&dump.is_dying, true))
        for (;;)
            pause(); /* another thread has failed, too, and ends us */
    if (dump.fd >= 0 && write_file(signals[i].name, true) == 0)
        tell_stderr(signals[i].name);
    sigaction(number, &dump.before[i], NULL);
    if (info->si_code <= 0) /* SI_USER and the like: sigaction(2) */
        raise(number);
}

static void catch_signals(void)
{
    const stack_t stack = {.ss_sp = dump.stack, .ss_size = sizeof(dump.stack)};
    struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_ONSTACK | SA_SIGINFO};
    sigfillset(&action.sa_mask);
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i].number, &action, &dump.before[i]);
}

/* --- For others --- */

/* The size stays: it is that of the text of the last fault. */
static void reserve(void)
{
    if (fallocate(dump.fd, FALLOC_FL_KEEP_SIZE, 0, RESERVED_BYTES) != 0)
        return; /* a file system that can't: then a full disk loses the dump */
}

enum status flight_dump_start(const char *database, struct fault *fault)
{
    struct buf path;
    flight_recorder_start();
    buf_init_fixed(&path, dump.path, sizeof(dump.path));
    buf_append(&path, str_of(database));
    buf_append(&path, str_of(SUFFIX));
    if (buf_text(&path) == NULL)
        return fault_set(fault, ERR_TOO_BIG, "%s: the path is too long", database);
    dump.fd = open(dump.path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (dump.fd < 0)
        return fault_set(fault, ERR_IO, "%s: %s", dump.path, strerror(errno));
    if (fchmod(dump.fd, 0600) != 0) /* of a file that somebody has opened up */
        return fault_set(fault, ERR_IO, "%s: %s", dump.path, strerror(errno));
    reserve();
    catch_signals();
    return OK;
}

enum status flight_dump_write(const char *why, struct fault *fault)
{
    if (dump.fd < 0)
        return fault_set(fault, ERR_NOT_FOUND, "there is no file for it");
    pthread_mutex_lock(&dump.lock);
    int error = write_file(why, false);
    reserve();
    pthread_mutex_unlock(&dump.lock);
    return error == 0 ? OK : fault_set(fault, ERR_IO, "%s: %s", dump.path, strerror(error));
}

const char *flight_dump_path(void)
{
    return dump.path;
}

void flight_dump_stop(void)
{
    if (dump.fd < 0)
        return;
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i].number, &dump.before[i], NULL);
    const stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    close(dump.fd);
    dump.fd = -1;
}
