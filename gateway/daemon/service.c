#include "gateway/daemon/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

static const char *const texts[] = {
    [SERVICE_READY] = "READY=1",
    [SERVICE_STOPPING] = "STOPPING=1",
    [SERVICE_ALIVE] = "WATCHDOG=1",
};

/* A path, or '@' and the name of an abstract socket. */
static socklen_t read_address(const char *name, struct sockaddr_un *out)
{
    size_t len = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(out->sun_path))
        return 0;
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(out->sun_path, name, len);
    if (name[0] == '@')
        out->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* A manager that has gone is no reason to stop serving: nothing is made of a failure. */
void service_notify(enum service_state state)
{
    struct sockaddr_un address;
    const char *name = getenv("NOTIFY_SOCKET");
    socklen_t len = name == NULL ? 0 : read_address(name, &address);
    if (len == 0)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    struct str text = str_of(texts[state]);
    (void)sendto(fd, text.ptr, text.len, MSG_NOSIGNAL, (const struct sockaddr *)&address, len);
    close(fd);
}

static bool read_number(const char *name, int64_t *out)
{
    const char *text = getenv(name);
    return text != NULL && str_parse_i64(str_of(text), out) == OK;
}

int64_t service_watchdog_ms(void)
{
    enum { US_PER_MS = 1000, SAFETY = 2 };
    int64_t pid, interval_us;
    if (!read_number("WATCHDOG_USEC", &interval_us) || interval_us <= 0)
        return 0;
    if (read_number("WATCHDOG_PID", &pid) && pid != (int64_t)getpid())
        return 0;
    int64_t ms = interval_us / US_PER_MS / SAFETY;
    return ms > 0 ? ms : 1;
}
