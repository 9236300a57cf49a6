/* sd_notify(3), sd_watchdog_enabled(3) */

#include "gateway/daemon/service.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/test.h"

/* A manager's socket; "" is a name without a file, as the kernel gives it. */
static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address,
                          path[0] == '\0' ? sizeof(sa_family_t) : sizeof(address)),
                     0);
    return fd;
}

static void assert_told(int fd, const char *expected)
{
    char text[64] = "";
    ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
    assert_int_equal(n, expected[0] == '\0' ? -1 : (ssize_t)strlen(expected));
    assert_string_equal(text, expected);
}

static void says_each_state(int fd)
{
    service_notify(SERVICE_READY);
    assert_told(fd, "READY=1");
    service_notify(SERVICE_ALIVE);
    assert_told(fd, "WATCHDOG=1");
    service_notify(SERVICE_STOPPING);
    assert_told(fd, "STOPPING=1");
    assert_told(fd, "");
}

TEST(tells_the_manager_at_a_path)
{
    char folder[] = "/tmp/test_service.XXXXXX", path[64];
    UNUSED(state);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/socket", folder);
    int fd = listen_at(path);
    setenv("NOTIFY_SOCKET", path, 1);
    says_each_state(fd);
    close(fd);
    unlink(path);
    service_notify(SERVICE_READY); /* nobody listens any more: nothing happens */
    rmdir(folder);
}

TEST(tells_the_manager_at_an_abstract_name)
{
    struct sockaddr_un address;
    socklen_t len = sizeof(address);
    char name[64];
    UNUSED(state);
    int fd = listen_at("");
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    int digits = (int)(len - offsetof(struct sockaddr_un, sun_path)) - 1;
    (void)snprintf(name, sizeof(name), "@%.*s", digits, address.sun_path + 1);
    setenv("NOTIFY_SOCKET", name, 1);
    says_each_state(fd);
    close(fd);
}

TEST(is_silent_without_a_manager)
{
    char too_long[200];
    UNUSED(state);
    memset(too_long, 'a', sizeof(too_long) - 1);
    too_long[0] = '/';
    too_long[sizeof(too_long) - 1] = '\0';
    const char *const names[] = {"", "@", "/", "relative", too_long};
    unsetenv("NOTIFY_SOCKET");
    service_notify(SERVICE_READY);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        service_notify(SERVICE_READY);
    }
}

static void assert_watchdog(const char *interval_us, const char *pid, int64_t expected_ms)
{
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    if (interval_us != NULL)
        setenv("WATCHDOG_USEC", interval_us, 1);
    if (pid != NULL)
        setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(service_watchdog_ms(), expected_ms);
}

TEST(reports_within_half_of_what_the_manager_waits)
{
    char pid[24], other_pid[24];
    UNUSED(state);
    (void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    (void)snprintf(other_pid, sizeof(other_pid), "%ld", (long)getpid() + 1);
    assert_watchdog("30000000", NULL, 15000);
    assert_watchdog("30000000", pid, 15000);
    assert_watchdog("1", NULL, 1);
    assert_watchdog(NULL, NULL, 0);
    assert_watchdog("30000000", other_pid, 0); /* meant for another process */
    assert_watchdog("0", NULL, 0);
    assert_watchdog("-5", NULL, 0);
    assert_watchdog("soon", NULL, 0);
    assert_watchdog("", NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_manager_at_a_path),
        cmocka_unit_test(tells_the_manager_at_an_abstract_name),
        cmocka_unit_test(is_silent_without_a_manager),
        cmocka_unit_test(reports_within_half_of_what_the_manager_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
