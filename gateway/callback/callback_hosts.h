#ifndef GATEWAY_CALLBACK_CALLBACK_HOSTS_H
#define GATEWAY_CALLBACK_CALLBACK_HOSTS_H

/* How much is sent to one receiver of callbacks: so many at a time, and so many begun in a second.
 * One that has not answered for a while gets few at a time until it does, so that many dead ones do
 * not take all that there is. Pure: the clock is passed in. */

#include "base/list.h"
#include "base/str.h"

struct callback_hosts;
struct callback_host;

struct callback_hosts_options {
    size_t under_way_max;
    int64_t per_second_max;
};

struct callback_hosts *callback_hosts_create(const struct callback_hosts_options *options);
void callback_hosts_destroy(struct callback_hosts *hosts); /* takes NULL */

/* The receiver of that name, "host:port". Good until callback_hosts_tidy(), and as long as
 * something is under way to it or waits for it. */
struct callback_host *callback_hosts_find(struct callback_hosts *hosts, const char *name);
/* Of what waits until it may be sent there: the caller's. */
struct list *callback_host_waiting(struct callback_host *host);

enum callback_host_answer {
    CALLBACK_HOST_BEGUN, /* callback_host_end() follows */
    CALLBACK_HOST_FULL,  /* until something that is under way ends */
    CALLBACK_HOST_FAST,  /* for some milliseconds */
};
enum callback_host_answer callback_host_begin(struct callback_hosts *hosts,
                                              struct callback_host *host, int64_t now_us);
/* was_answered: in whatever way. */
void callback_host_end(struct callback_host *host, bool was_answered);
/* Something is under way to it. */
bool callback_host_is_busy(const struct callback_host *host);
/* Forgets those with which nothing is left to do. */
void callback_hosts_tidy(struct callback_hosts *hosts, int64_t now_us);

#endif
